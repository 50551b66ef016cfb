"""Pictures are read where the extra is installed, and named where it is not."""

import importlib.util
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pypdf
import pytest

from bifolio.ingest import SUFFIXES, UnreadableDocument, formats, ocr, read
from bifolio.ingest.parsed import Unreadable
from bifolio.ingest.pdf import scans
from bifolio.ingest.pdf.parse import parse_pdf
from bifolio.ingest.readers import pictures

MakePdf = Callable[..., bytes]
NEEDS_OCR = pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")


def picture(*words: tuple[int, int, str], size: tuple[int, int] = (1100, 480)) -> Any:
    """Draw words at places, in the one font that comes with Pillow."""
    from PIL import Image, ImageDraw, ImageFont

    image = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(image)
    for left, top, text in words:
        draw.text((left, top), text, font=ImageFont.load_default(36), fill="black")
    return image


def saved(image: Any, kind: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


SENTENCE = (60, 40, "The ferry leaves the north pier at nine.")
CELLS = (("Name", "Price"), ("Adult", "5.50"), ("Senior", "3.25"), ("Child", "2.00"))
ROWS = [
    (60 + 640 * column, 180 + 70 * row, text)
    for row, cells in enumerate(CELLS)
    for column, text in enumerate(cells)
]
LINES = [SENTENCE[2], *(" | ".join(cells) for cells in CELLS)]


@NEEDS_OCR
def test_a_picture_of_a_page_is_read_with_its_table(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(saved(picture(SENTENCE, *ROWS), "PNG"))

    document = read(path)

    assert document.text == "\n".join(LINES)
    assert [page.reading for page in document.pages] == ["ocr"]
    assert len(document.tables) == 1
    assert str(document.notes[0]).startswith("1 of its 1 pages were read by OCR")


@NEEDS_OCR
def test_each_picture_of_a_tiff_is_a_page_and_large_and_thin_ones_are_held() -> None:
    thin = picture((10, 2, "thin strip of words"), size=(2900, 46))
    large = picture(SENTENCE).resize((6600, 2880))
    data = saved(thin, "TIFF", save_all=True, append_images=[large])

    parsed = pictures.parse_picture(data)

    assert [parsed.text[page[1] : page[2]] for page in parsed.pages] == [
        "thin strip of words",
        SENTENCE[2],
    ]


@NEEDS_OCR
def test_boxes_are_in_the_pixels_of_the_picture() -> None:
    (line,) = ocr.read_lines(np.asarray(picture(SENTENCE).resize((4400, 1920)), dtype=np.uint8))

    assert line.text == SENTENCE[2]
    assert 200 < line.left < 260
    assert 150 < line.top < 220
    assert line.score > 0.9


@NEEDS_OCR
def test_a_picture_without_writing_is_told(tmp_path: Path) -> None:
    path = tmp_path / "white.jpg"
    path.write_bytes(saved(picture(), "JPEG"))

    with pytest.raises(UnreadableDocument, match="no writing was found in the picture"):
        read(path)


def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(pictures, "MAX_PIXELS", 1000)

    with pytest.raises(Unreadable, match="1100 x 480 pixels are too many; make it smaller"):
        pictures.parse_picture(saved(picture(), "PNG"))


def test_without_the_extra_a_picture_is_told_and_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(ocr, "find_spec", lambda _: None)
    monkeypatch.setattr(formats, "SUFFIXES", SUFFIXES - {".png"})

    with pytest.raises(Unreadable, match=r"pip install 'bifolio\[ocr\]'"):
        pictures.parse_picture(b"\x89PNG\r\n")
    assert "pip install 'bifolio[ocr]'" in str(formats.other_kind(".png"))


@NEEDS_OCR
def test_a_scanned_page_of_a_pdf_is_read_between_pages_of_text(
    tmp_path: Path, make_pdf: MakePdf
) -> None:
    scan = pypdf.PdfReader(io.BytesIO(saved(picture(SENTENCE, *ROWS), "PDF")))
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(make_pdf("first words", "", "third words")))
    writer.insert_page(scan.pages[0], 1)
    path = tmp_path / "a.pdf"
    writer.write(path)

    document = read(path)

    shown = [document.text[page.start : page.end] for page in document.pages]
    assert [shown[0], *shown[2:]] == ["first words", "", "third words"]
    assert shown[1].split("\n") == LINES
    assert [page.reading for page in document.pages] == ["text", "ocr", "empty", "text"]
    assert str(document.notes[0]).startswith("1 of its 4 pages were read by OCR; the least sure of")


@NEEDS_OCR
def test_pages_for_which_there_is_no_time_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "SECONDS", -1)
    monkeypatch.setattr(scans.Scanner.__init__, "__defaults__", (-1,))

    parsed = parse_pdf(saved(picture(SENTENCE), "PDF"))

    assert [*map(str, parsed.notes)] == [
        "OCR took too long: pages from 1 to 1 lack text; split the file"
    ]
