"""Pictures are read where the extra is installed, and named where it is not."""

import importlib.util
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bifolio.ingest import SUFFIXES, UnreadableDocument, formats, ocr, read
from bifolio.ingest.building import Building
from bifolio.ingest.ocr import Line
from bifolio.ingest.parsed import Unreadable
from bifolio.ingest.readers import pictures

NEEDS_OCR = pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")


def picture(*words: tuple[int, int, str], size: tuple[int, int] = (1100, 420)) -> Any:
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
ROWS = [(60, 200, "Name"), (700, 200, "Price"), (60, 280, "Adult"), (700, 280, "5.50")]


@NEEDS_OCR
def test_a_picture_of_a_page_is_read_with_its_table(tmp_path: Path) -> None:
    path = tmp_path / "scan.png"
    path.write_bytes(saved(picture(SENTENCE, *ROWS), "PNG"))

    document = read(path)

    assert document.text == f"{SENTENCE[2]}\n\nName | Price\nAdult | 5.50"
    assert [page.reading for page in document.pages] == ["ocr"]
    assert len(document.tables) == 1
    assert document.notes[0].startswith("page 1 was read by OCR, sure to ")


@NEEDS_OCR
def test_each_picture_of_a_tiff_is_a_page_and_large_and_thin_ones_are_held() -> None:
    thin = picture((10, 2, "thin strip of words"), size=(2900, 46))
    large = picture(SENTENCE).resize((6600, 2520))
    data = saved(thin, "TIFF", save_all=True, append_images=[large])

    parsed = pictures.parse_picture(data)

    assert [parsed.text[page[1] : page[2]] for page in parsed.pages] == [
        "thin strip of words",
        SENTENCE[2],
    ]


@NEEDS_OCR
def test_boxes_are_in_the_pixels_of_the_picture() -> None:
    (line,) = ocr.read_lines(np.asarray(picture(SENTENCE).resize((4400, 1680)), dtype=np.uint8))

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

    with pytest.raises(Unreadable, match="1100 x 420 pixels are too many; make it smaller"):
        pictures.parse_picture(saved(picture(), "PNG"))


def test_without_the_extra_a_picture_is_told_and_not_looked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(ocr, "find_spec", lambda _: None)
    monkeypatch.setattr(formats, "SUFFIXES", SUFFIXES - {".png"})

    with pytest.raises(Unreadable, match=r"pip install 'bifolio\[ocr\]'"):
        pictures.parse_picture(b"\x89PNG\r\n")
    assert "pip install 'bifolio[ocr]'" in formats.other_kind(".png")


def lines(*places: tuple[float, float, float, str]) -> list[Line]:
    return [Line(text, 1.0, left, top, right, top + 20) for left, right, top, text in places]


def appended(monkeypatch: pytest.MonkeyPatch, *places: tuple[float, float, float, str]) -> str:
    monkeypatch.setattr(ocr, "read_lines", lambda _: lines(*places))
    building = Building()
    ocr.append_page(building, np.zeros((1000, 1000, 3), np.uint8))
    return building.parsed().text


def test_lines_close_to_each_other_are_one_paragraph(monkeypatch: pytest.MonkeyPatch) -> None:
    text = appended(monkeypatch, (0, 900, 0, "a"), (0, 900, 25, "b"), (0, 900, 90, "c"))

    assert text == "a\nb\n\nc"


def test_columns_of_prose_are_read_one_after_the_other(monkeypatch: pytest.MonkeyPatch) -> None:
    places = [(x, x + 450, y, f"{x}-{y}") for y in (100, 125) for x in (0, 520)]

    text = appended(monkeypatch, (0, 900, 0, "head"), *places)

    assert text == "head\n\n0-100\n0-125\n\n520-100\n520-125"


def test_pieces_of_one_line_are_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    assert appended(monkeypatch, (0, 100, 0, "one"), (110, 200, 2, "line")) == "one line"
