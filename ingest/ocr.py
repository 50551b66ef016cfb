"""Text of pictures, English and Chinese, by RapidOCR on OpenVINO: ``pip install 'bifolio[ocr]'``.

All of it runs in the child process, under its cap: OpenVINO's memory grows with each new shape.
"""

import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bifolio.ingest.building import Building

MISSING = "it has to be read by OCR, which is not installed; pip install 'bifolio[ocr]'"

Pixels = NDArray[np.uint8]  # (height, width, 3), red green blue

# An A4 page at 170 dpi: small print is still read.
MAX_SIDE = 2000
# The detector widens the short side to 736 pixels; a thin picture would grow out of all bounds.
_MAX_RATIO = 3
# A gap of so many heights of a letter parts two cells of a row.
_CELL_GAP = 1.5
# What stands side by side and is so wide, as a share of the page, is two columns of prose.
_COLUMN = 0.3


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text in a picture: ``score`` from 0 to 1, its box in pixels from the top left."""

    text: str
    score: float
    left: float
    top: float
    right: float
    bottom: float


def is_installed() -> bool:
    """Tell whether pictures can be read."""
    return find_spec("rapidocr") is not None and find_spec("openvino") is not None


def read_lines(pixels: Pixels) -> list[Line]:
    """Give the lines of a picture, from top to bottom.

    A picture larger than ``MAX_SIDE`` is made smaller first; boxes are in its own pixels.
    """
    framed, scale = _framed(pixels)
    # The library takes the channels as OpenCV orders them.
    found = _engine()(np.ascontiguousarray(framed[:, :, ::-1]))
    if found.txts is None:
        return []
    lines = [
        Line(text, float(score), *(box.min(axis=0) * scale), *(box.max(axis=0) * scale))
        for text, score, box in zip(found.txts, found.scores, found.boxes, strict=True)
    ]
    return sorted(lines, key=lambda line: (line.top, line.left))


def append_page(building: Building, pixels: Pixels) -> float:
    """Append what a picture of a page says: paragraphs, and rows of tables.

    Gives how sure the lines are, from 0 to 1, the long ones counting more; 0 without any.
    """
    lines = read_lines(pixels)
    rows = _rows(lines)
    while rows:
        count = next((at for at, row in enumerate(rows) if len(row) < 2), len(rows))
        if count > 1:
            _append_aligned(building, rows[:count], pixels.shape[1])
        else:
            count = next((at for at, row in enumerate(rows) if at and len(row) > 1), len(rows))
            _append_prose(building, [line for row in rows[:count] for line in row])
        rows = rows[count:]
    letters = sum(len(line.text) for line in lines)
    return sum(line.score * len(line.text) for line in lines) / letters if letters else 0.0


def _append_aligned(building: Building, rows: list[list[Line]], width: int) -> None:
    """Append rows of several cells: a table, or columns of prose side by side."""
    widths = sorted(line.right - line.left for row in rows for line in row)
    if widths[len(widths) // 2] < _COLUMN * width:
        building.table([[line.text for line in row] for row in rows])
        return
    middle = width / 2
    lines = [line for row in rows for line in row]
    _append_prose(building, [line for line in lines if line.left < middle])
    _append_prose(building, [line for line in lines if line.left >= middle])


def _append_prose(building: Building, lines: list[Line]) -> None:
    """Append lines as paragraphs: a gap wider than most of a line's height parts two."""
    paragraph: list[str] = []
    bottom = float("inf")
    for line in lines:
        if line.top - bottom > 0.8 * (line.bottom - line.top):
            building.paragraph("\n".join(paragraph))
            paragraph = []
        paragraph.append(line.text)
        bottom = line.bottom
    building.paragraph("\n".join(paragraph))


def _rows(lines: list[Line]) -> list[list[Line]]:
    """Put what stands side by side into rows; pieces of one line that nearly touch are joined."""
    rows: list[list[Line]] = []
    for line in lines:
        middle = (line.top + line.bottom) / 2
        if rows and rows[-1][0].top < middle < rows[-1][0].bottom:
            rows[-1].append(line)
        else:
            rows.append([line])
    return [_joined(sorted(row, key=lambda line: line.left)) for row in rows]


def _joined(row: list[Line]) -> list[Line]:
    cells = row[:1]
    for line in row[1:]:
        last = cells[-1]
        if line.left - last.right > _CELL_GAP * (line.bottom - line.top):
            cells.append(line)
            continue
        cells[-1] = Line(
            text=f"{last.text} {line.text}",
            score=min(last.score, line.score),
            left=last.left,
            top=min(last.top, line.top),
            right=line.right,
            bottom=max(last.bottom, line.bottom),
        )
    return cells


def _framed(pixels: Pixels) -> tuple[Pixels, float]:
    """Make a picture small enough and not too thin; give also the size of its pixels."""
    from PIL import Image

    height, width = pixels.shape[:2]
    scale = max(1.0, max(height, width) / MAX_SIDE)
    if scale > 1:
        size = (max(1, round(width / scale)), max(1, round(height / scale)))
        pixels = np.asarray(Image.fromarray(pixels).resize(size), dtype=np.uint8)
        height, width = pixels.shape[:2]
    short = max(height, width) // _MAX_RATIO
    framed = np.full((max(height, short), max(width, short), 3), 255, np.uint8)
    framed[:height, :width] = pixels
    return framed, scale


@cache
def _engine() -> Any:
    # OpenVINO would report its import to its makers, unasked.
    modules: dict[str, Any] = sys.modules
    modules["openvino_telemetry"] = None
    import rapidocr

    # Named, so that none is looked for in the network.
    models = Path(rapidocr.__file__).parent / "models"
    openvino = rapidocr.EngineType.OPENVINO
    return rapidocr.RapidOCR(
        params={
            "Global.log_level": "critical",
            # It turns lines over that stand upright.
            "Global.use_cls": False,
            "Global.max_side_len": MAX_SIDE,
            "Det.engine_type": openvino,
            "Det.model_path": str(models / "PP-OCRv6_det_small.onnx"),
            "Rec.engine_type": openvino,
            "Rec.model_path": str(models / "PP-OCRv6_rec_small.onnx"),
            # Several files are read at once.
            "EngineConfig.openvino.inference_num_threads": 2,
        }
    )
