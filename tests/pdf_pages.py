"""PDF files of known words at known places, for the tests of reading them."""

import io
import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import pypdf
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

Size = tuple[float, float]
A4: Size = (595, 842)


class Shown(NamedTuple):
    """Words at a place: points from the left and from the top; ``turn`` as a matrix of PDF.

    The fonts are F (Helvetica), B (its bold), M (Courier), G (Chinese), V (Chinese, written from
    top to bottom), and N (Chinese that is not in the file).
    """

    left: float
    top: float
    text: str
    size: float = 11
    turn: str = "1 0 0 1"
    font: str = "F"


def page_bytes(*pages: Sequence[Shown], size: Size = A4, rotate: int = 0, drawn: str = "") -> bytes:
    """Write one page a sequence, each with its words in the order that is given.

    ``drawn`` is what else is drawn on each of them, in the commands of PDF.
    """
    shared = [*_fonts(pages), *_embedded(pages)]
    first = len(shared) + 3
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{first + 2 * n} 0 R' for n in range(len(pages)))}]"
        f" /Count {len(pages)} >>",
        *shared,
    ]
    fonts = " ".join(f"/{name} {number} 0 R" for number, name in enumerate("FBMNGV", start=3))
    for number, page in enumerate(pages):
        content = "\n".join((drawn, *(_drawn(shown, size[1]) for shown in page)))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Rotate {rotate}"
            f" /Resources << /Font << {fonts} >> >> /Contents {first + 1 + 2 * number} 0 R >>"
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n{content}\nendstream")
    return _file(objects)


def lines(
    texts: Sequence[str], *, left: float = 60, top: float = 60, step: float = 14, size: float = 11
) -> list[Shown]:
    """Place texts one below the other."""
    return [Shown(left, top + step * n, text, size) for n, text in enumerate(texts)]


def with_annotations(data: bytes, *annotations: dict[str, str]) -> bytes:
    """Lay annotations upon the first page; names start with a slash, all else is text."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    entries = ArrayObject()
    for annotation in annotations:
        entry = DictionaryObject({NameObject("/Type"): NameObject("/Annot")})
        for key, value in annotation.items():
            named = value.startswith("/")
            entry[NameObject(key)] = NameObject(value) if named else TextStringObject(value)
        entry[NameObject("/Rect")] = ArrayObject(map(FloatObject, (100, 700, 200, 720)))
        entries.append(writer._add_object(entry))
    writer.pages[0][NameObject("/Annots")] = entries
    return written(writer)


def written(writer: pypdf.PdfWriter) -> bytes:
    """Give the bytes of a file."""
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def _drawn(shown: Shown, height: float) -> str:
    if shown.font in "NGV":
        text = f"<{shown.text.encode('utf-16-be').hex()}>"
    else:
        text = "(" + re.sub(r"([()\\])", r"\\\1", shown.text) + ")"
        text = text.encode("cp1252").decode("latin-1")
    place = f"{shown.turn} {shown.left} {height - shown.top}"
    return f"BT /{shown.font} {shown.size} Tf {place} Tm {text} Tj ET"


def _file(objects: Sequence[str]) -> bytes:
    text, places = "%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        places.append(len(text))
        text += f"{number} 0 obj\n{body}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    count = len(objects) + 1
    return (
        f"{text}xref\n0 {count}\n0000000000 65535 f \n{table}trailer\n"
        f"<< /Size {count} /Root 1 0 R >>\nstartxref\n{len(text)}\n%%EOF\n"
    ).encode("latin-1")


def _fonts(pages: Sequence[Sequence[Shown]]) -> list[str]:
    return [
        *(
            f"<< /Type /Font /Subtype /Type1 /BaseFont /{name} /Encoding /WinAnsiEncoding >>"
            for name in ("Helvetica", "Helvetica-Bold", "Courier")
        ),
        _composed("STSong-Light", "/UniGB-UCS2-H", "/CIDFontType0", "GB1", ""),
        *(
            _composed("Boxes", f"/Identity-{way}", "/CIDFontType2", "Identity", _OWN)
            for way in "HV"
        ),
    ]


# The objects that follow the two of the document and the six fonts.
_OWN = "/CIDToGIDMap 9 0 R /FontDescriptor 10 0 R"


def _composed(name: str, encoding: str, kind: str, ordering: str, more: str) -> str:
    mapping = "/ToUnicode 12 0 R" if more else ""
    return (
        f"<< /Type /Font /Subtype /Type0 /BaseFont /{name} /Encoding {encoding} {mapping}"
        f" /DescendantFonts [<< /Type /Font /Subtype {kind} /BaseFont /{name} /DW 1000 {more}"
        f" /CIDSystemInfo << /Registry (Adobe) /Ordering ({ordering}) /Supplement 0 >> >>] >>"
    )


def _embedded(pages: Sequence[Sequence[Shown]]) -> list[str]:
    """Give the parts of a font whose every letter is a box; its codes are those of Unicode."""
    used = sorted({letter for page in pages for shown in page for letter in shown.text})
    glyphs = bytearray(2 * 0x10000)
    for number, letter in enumerate(used, start=1):
        glyphs[2 * ord(letter) : 2 * ord(letter) + 2] = number.to_bytes(2, "big")
    pairs = "\n".join(f"<{ord(letter):04x}> <{ord(letter):04x}>" for letter in used[:100])
    mapping = (
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapType 2 def\n"
        "1 begincodespacerange <0000> <ffff> endcodespacerange\n"
        f"{min(len(used), 100)} beginbfchar\n{pairs}\nendbfchar\n"
        "endcmap end end"
    )
    return [
        _stream(bytes(glyphs)),
        "<< /Type /FontDescriptor /FontName /Boxes /Flags 4 /FontBBox [0 -120 1000 880]"
        " /Ascent 880 /Descent -120 /CapHeight 880 /ItalicAngle 0 /StemV 80 /FontFile2 11 0 R >>",
        _stream(_boxes(len(used))),
        _stream(mapping.encode()),
    ]


def _stream(data: bytes) -> str:
    return f"<< /Length {len(data)} >>\nstream\n{data.decode('latin-1')}\nendstream"


@cache
def _boxes(count: int) -> bytes:
    names = [".notdef", *(f"box{number}" for number in range(count))]
    pen = TTGlyphPen(None)
    pen.moveTo((50, -80))
    for corner in ((50, 840), (950, 840), (950, -80)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder(names)
    builder.setupCharacterMap({})
    builder.setupGlyf(dict.fromkeys(names, box))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 50)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupPost()
    buffer = io.BytesIO()
    builder.save(buffer)
    return buffer.getvalue()
