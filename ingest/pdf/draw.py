"""The work of the child that draws one page, see ``fork_server``.

Reads a line of JSON and the bytes of the file from standard input; writes a line of JSON and the
picture, or ``{"error": reason}``, to standard output.
"""

import io
import json
import sys
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest.pdf.boxes import letters
from bifolio.ingest.pdf.places import areas_of, find_letters

_DOTS_PER_POINT = 150 / 72
_LONGEST_SIDE = 2400
_QUALITY = 82


def main() -> None:
    """Draw the page that standard input asks for."""
    asked = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    output = sys.stdout.buffer
    try:
        reply, picture = draw(data, **asked)
    except pdfium.PdfiumError as problem:
        secret = problem.err_code == pdfium_c.FPDF_ERR_PASSWORD
        reason = "it needs a password" if secret else f"it is damaged ({problem})"
        reply, picture = {"error": reason}, b""
    output.write(json.dumps(reply).encode() + b"\n" + picture)


def draw(data: bytes, index: int, text: str, start: int, end: int) -> tuple[dict[str, Any], bytes]:
    """Draw a page, and tell where the letters ``text[start:end]`` of its text stand."""
    document = pdfium.PdfDocument(data)
    # What is typed into a form belongs to the page as people see it.
    document.init_forms()
    page = document[index]
    scale = min(_DOTS_PER_POINT, _LONGEST_SIDE / max(*page.get_size(), 1.0))
    drawn = page.render(scale=scale, may_draw_forms=True).to_pil().convert("RGB")
    written = io.BytesIO()
    drawn.save(written, "WEBP", quality=_QUALITY, method=2)
    marked = []
    if end > start:
        read = page.get_textpage()
        found = find_letters(letters(read.raw), text, start, end)
        marked = areas_of(page, read, found)
    reply = {"width": drawn.width, "height": drawn.height, "marked": marked}
    return reply, written.getvalue()
