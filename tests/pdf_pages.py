"""PDF files of known words at known places, for the tests of reading them."""

import io
import re
from collections.abc import Sequence
from typing import NamedTuple

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, TextStringObject

Size = tuple[float, float]
A4: Size = (595, 842)


class Shown(NamedTuple):
    """Words at a place: points from the left and from the top; ``turn`` as a matrix of PDF."""

    left: float
    top: float
    text: str
    size: float = 11
    turn: str = "1 0 0 1"
    bold: bool = False


def page_bytes(*pages: Sequence[Shown], size: Size = A4, rotate: int = 0) -> bytes:
    """Write one page a sequence, each with its words in the order that is given."""
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{' '.join(f'{5 + 2 * n} 0 R' for n in range(len(pages)))}]"
        f" /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica-Bold /Encoding /WinAnsiEncoding >>",
    ]
    for number, page in enumerate(pages):
        content = "\n".join(_drawn(shown, size[1]) for shown in page)
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {size[0]} {size[1]}] /Rotate {rotate}"
            f" /Resources << /Font << /F 3 0 R /B 4 0 R >> >> /Contents {6 + 2 * number} 0 R >>"
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
    escaped = re.sub(r"([()\\])", r"\\\1", shown.text)
    font = "B" if shown.bold else "F"
    place = f"{shown.turn} {shown.left} {height - shown.top}"
    return f"BT /{font} {shown.size} Tf {place} Tm ({escaped}) Tj ET"


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
    ).encode("cp1252")
