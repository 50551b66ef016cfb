"""Reading by pdfium: fast, and it knows the place of every letter."""

import ctypes
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest.parsed import Unreadable, clean, is_wide
from bifolio.ingest.pdf.line import NO_TABLE, Line, lines_of
from bifolio.ingest.pdf.reading import FileRead, PageRead
from bifolio.ingest.pdf.scans import Scanner
from bifolio.ingest.pdf.second import Second
from bifolio.ingest.pdf.words import read_words, style_of
from bifolio.ingest.reasons import LOCKED

# Deeper outlines are loops or jokes.
MAX_OUTLINE = 10
# Points under which pdfium takes text for none.
_NO_WIDTH = 0.01


class NotForPdfium(Exception):  # noqa: N818 - the name says what is wrong
    """pdfium cannot open the file; another library may."""


def read_first(data: bytes) -> FileRead:
    """Read a PDF by pdfium, and by pypdf what lies upon its pages: forms and notes.

    Raises:
        NotForPdfium: if it is damaged, or encrypted in a way that pdfium does not know.
        Unreadable: if it needs a password.
    """
    second = Second(data)
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        if problem.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise Unreadable(LOCKED) from problem
        raise NotForPdfium(str(problem)) from problem
    try:
        if not len(document):
            raise NotForPdfium("it has no pages")
        scanner = Scanner()
        pages = tuple(
            scanner.read(document, index, _read_page(document, index, second))
            for index in range(len(document))
        )
        title = document.get_metadata_value("Title")
        return FileRead(pages, clean(title).strip(), tuple(_outline(document)), scanner.notes)
    finally:
        document.close()


def _read_page(document: pdfium.PdfDocument, index: int, second: Second) -> PageRead:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return second.page(index)
    try:
        lines = _lines(page)
        letters = sum(len(line.text) for line in lines)
        if not lines and not pdfium_c.FPDFPage_CountObjects(page.raw):
            # pdfium says nothing of a damaged page: it takes it for an empty one.
            read = second.page(index)
        elif _lacks_letters(page, lines) and (other := second.page(index)).letters > letters:
            read = replace(other, label=document.get_page_label(index))
        else:
            left, _, _, top = page.get_bbox()
            notes = second.notes(index, lines, (left, top)) if _has_notes(page) else ()
            height = max(page.get_size())
            reading = "text" if lines else "empty"
            read = PageRead(lines, notes, height, document.get_page_label(index), reading)
    except pdfium.PdfiumError:
        read = second.page(index)
    finally:
        page.close()
    return read


def _lines(page: pdfium.PdfPage) -> tuple[Line, ...]:
    text = page.get_textpage()
    try:
        return tuple(_styled(line, text) for line in lines_of(read_words(page, text)))
    finally:
        text.close()


def _styled(line: Line, text: pdfium.PdfTextPage) -> Line:
    if line.table != NO_TABLE:
        return line
    bold, fixed = style_of(text, line.order)
    if not (bold or fixed):
        return line
    all_bold, all_fixed = style_of(text, line.last)
    return line._replace(is_bold=bold and all_bold, is_fixed=fixed and all_fixed)


def _lacks_letters(page: pdfium.PdfPage, lines: tuple[Line, ...]) -> bool:
    """Tell whether pdfium has passed over text.

    It does over a single Chinese character, and over all that is written from top to bottom,
    where the file does not hold the font and the machine has none for it.
    """
    if lines and not any(is_wide(line.text[0]) or is_wide(line.text[-1]) for line in lines):
        return False
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    for number in range(pdfium_c.FPDFPage_CountObjects(page.raw)):
        shown = pdfium_c.FPDFPage_GetObject(page.raw, number)
        if pdfium_c.FPDFPageObj_GetType(shown) == pdfium_c.FPDF_PAGEOBJ_TEXT:
            pdfium_c.FPDFPageObj_GetBounds(shown, left, bottom, right, top)
            narrow = right.value - left.value < _NO_WIDTH
            font = pdfium_c.FPDFTextObj_GetFont(shown) if narrow else None
            if font and not pdfium_c.FPDFFont_GetIsEmbedded(font):
                return True
    return False


def _has_notes(page: pdfium.PdfPage) -> bool:
    """Tell whether something other than links lies upon the page."""
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page.raw)):
        note = pdfium_c.FPDFPage_GetAnnot(page.raw, number)
        kind = pdfium_c.FPDFAnnot_GetSubtype(note)
        pdfium_c.FPDFPage_CloseAnnot(note)
        if kind not in (pdfium_c.FPDF_ANNOT_LINK, pdfium_c.FPDF_ANNOT_POPUP):
            return True
    return False


def _outline(document: pdfium.PdfDocument) -> list[tuple[int, int, str]]:
    entries = []
    for entry in document.get_toc(max_depth=MAX_OUTLINE):
        place = entry.get_dest()
        index = place.get_index() if place else None
        if index is not None:
            entries.append((index, entry.level + 1, clean(entry.get_title()).strip()))
    return entries
