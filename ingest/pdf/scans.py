"""Pages that are only a picture: their writing by OCR, put in order like that of any other page."""

import time
from dataclasses import replace
from statistics import median

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest import ocr
from bifolio.ingest.message import Message, message
from bifolio.ingest.pdf.line import lines_of
from bifolio.ingest.pdf.reading import PageRead
from bifolio.ingest.pdf.words import Word

# Of the clock of the child so much is left for all else.
SECONDS = 480
_DOTS_PER_POINT = 200 / 72
# A line this much higher than most is set in larger type; less tells nothing in a picture.
_LARGE = 1.4


class Scanner:
    """Reads pages without text as long as there is time, and remembers which it did not."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._end = time.monotonic() + seconds
        self._left: list[int] = []

    @property
    def notes(self) -> tuple[Message, ...]:
        """Which pages were not read for lack of time."""
        if not self._left:
            return ()
        first, last = self._left[0] + 1, self._left[-1] + 1
        sentence = "OCR took too long: pages from {first} to {last} lack text; split the file"
        return (message("ocr-too-slow", sentence, first=first, last=last),)

    def read(self, document: pdfium.PdfDocument, index: int, read: PageRead) -> PageRead:
        """Give the page with the writing in its picture, if nothing else was found on it."""
        if read.reading != "empty" or not ocr.is_installed():
            return read
        page = document[index]
        try:
            if not pdfium_c.FPDFPage_CountObjects(page.raw):
                return read
            if time.monotonic() > self._end:
                self._left.append(index)
                return read
            scale = min(_DOTS_PER_POINT, ocr.MAX_SIDE / max(page.get_size()))
            pixels = page.render(scale=scale, rev_byteorder=True).to_numpy()[:, :, :3]
            return replace(read_picture(pixels, scale=scale), notes=read.notes, label=read.label)
        finally:
            page.close()


def read_picture(pixels: "ocr.Pixels", *, scale: float = _DOTS_PER_POINT) -> PageRead:
    """Read the picture of a page, of ``scale`` pixels a point."""
    found = ocr.read_lines(pixels)
    height = pixels.shape[0] / scale
    if not found:
        return PageRead(height=height, reading="empty")
    usual = median(line.bottom - line.top for line in found)
    words = [_word(line, order, usual, scale) for order, line in enumerate(found)]
    letters = sum(len(line.text) for line in found)
    sure = sum(line.score * len(line.text) for line in found) / max(1, letters)
    return PageRead(tuple(lines_of(words)), height=height, reading="ocr", sure=sure)


def _word(line: ocr.Line, order: int, usual: float, scale: float) -> Word:
    """Take a line for one word: what stands between its letters is known."""
    own = line.bottom - line.top
    size = own if own > _LARGE * usual else usual
    box = (line.left / scale, line.top / scale, line.right / scale, line.bottom / scale)
    return Word(line.text, *box, size=0.8 * size / scale, order=order, last=order)
