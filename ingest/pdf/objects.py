"""What a page holds besides the letters that pdfium gives of it."""

import ctypes
from itertools import repeat

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest.pdf.quick import address_of, quick

# Points under which pdfium takes text for none.
_NO_WIDTH = 0.01

_POINTER, _INT = ctypes.c_void_p, ctypes.c_int
_object_of = quick(pdfium_c.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
_type_of = quick(pdfium_c.FPDFPageObj_GetType, _INT, _POINTER)
_bounds_of = quick(pdfium_c.FPDFPageObj_GetBounds, _INT, *5 * (_POINTER,))
_font_of = quick(pdfium_c.FPDFTextObj_GetFont, _POINTER, _POINTER)
_is_embedded = quick(pdfium_c.FPDFFont_GetIsEmbedded, _INT, _POINTER)
_note_of = quick(pdfium_c.FPDFPage_GetAnnot, _POINTER, _POINTER, _INT)
_kind_of = quick(pdfium_c.FPDFAnnot_GetSubtype, _INT, _POINTER)
_close_note = quick(pdfium_c.FPDFPage_CloseAnnot, None, _POINTER)


def has_passed_over(page: pdfium.PdfPage) -> bool:
    """Tell whether pdfium has passed over text.

    It does over a single Chinese character, and over all that is written from top to bottom,
    where the file does not hold the font and the machine has none for it.
    """
    count = pdfium_c.FPDFPage_CountObjects(page.raw)
    held = list(map(_object_of, repeat(address_of(page.raw)), range(count)))
    texts = [one for one in held if _type_of(one) == pdfium_c.FPDF_PAGEOBJ_TEXT]
    fonts = list(map(_font_of, texts))
    missing = {font for font in {*fonts} if font and not _is_embedded(font)}
    return bool(missing) and any(
        _is_narrow(one) for one, font in zip(texts, fonts, strict=True) if font in missing
    )


def _is_narrow(shown: int) -> bool:
    sides = (ctypes.c_float * 4)()  # left, bottom, right, top
    start = ctypes.addressof(sides)
    _bounds_of(shown, *range(start, start + ctypes.sizeof(sides), ctypes.sizeof(ctypes.c_float)))
    return bool(sides[2] - sides[0] < _NO_WIDTH)


def has_notes(page: pdfium.PdfPage) -> bool:
    """Tell whether something other than links lies upon the page."""
    handle = address_of(page.raw)
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw)):
        note = _note_of(handle, number)
        kind = _kind_of(note)
        _close_note(note)
        if kind not in (pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP):
            return True
    return False
