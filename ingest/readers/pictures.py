"""Pictures of pages: photographs, scans, screenshots."""

import io
from collections.abc import Iterator

import numpy as np

from bifolio.ingest import ocr
from bifolio.ingest.message import message
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.pdf.parse import assemble
from bifolio.ingest.pdf.reading import FileRead
from bifolio.ingest.pdf.scans import read_picture

# The same in memory is four times as many bytes.
MAX_PIXELS = 100_000_000
MAX_FRAMES = 500


def parse_picture(data: bytes) -> Parsed:
    """Read a picture by OCR; each of several in a TIFF is a page.

    Raises:
        Unreadable: OCR is not installed, the picture has too many pixels, or shows no writing.
    """
    if not ocr.is_installed():
        raise Unreadable(ocr.MISSING)
    pages = tuple(read_picture(pixels) for pixels in _frames(data))
    if not any(page.lines for page in pages):
        raise Unreadable(message("no-writing", "no writing was found in the picture"))
    return assemble(FileRead(pages))


def _frames(data: bytes) -> "Iterator[ocr.Pixels]":
    from PIL import Image, ImageOps, ImageSequence, UnidentifiedImageError

    try:
        # Few formats: the others have been a way in for bombs.
        opened = Image.open(io.BytesIO(data), formats=("PNG", "JPEG", "TIFF"))
    except UnidentifiedImageError as problem:
        sentence = "it is not a readable picture; open and save it anew"
        raise Unreadable(message("not-a-picture", sentence)) from problem
    with opened as picture:
        for number, frame in enumerate(ImageSequence.Iterator(picture)):
            if frame.width * frame.height > MAX_PIXELS:
                sentence = "{width} x {height} pixels are too many; make it smaller"
                raise Unreadable(
                    message("too-many-pixels", sentence, width=frame.width, height=frame.height)
                )
            if number >= MAX_FRAMES:
                sentence = "it holds more than {most} pictures; split it"
                raise Unreadable(message("too-many-pictures", sentence, most=MAX_FRAMES))
            upright = ImageOps.exif_transpose(frame).convert("RGBA")
            # What can be seen through is white, as on paper.
            paper = Image.new("RGBA", upright.size, "white")
            paper.alpha_composite(upright)
            yield np.asarray(paper.convert("RGB"), dtype=np.uint8)
