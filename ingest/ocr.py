"""Text of pictures, English and Chinese, by RapidOCR on OpenVINO: ``pip install 'bifolio[ocr]'``.

All of it runs in the child process, under its cap: OpenVINO's memory grows with each new shape.
"""

import sys
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bifolio.ingest.message import message

if TYPE_CHECKING:
    # Most files are read without it, and importing it would take a quarter of the time.
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]  # (height, width, 3), red green blue

MISSING = message(
    "ocr-missing", "it has to be read by OCR, which is not installed; pip install 'bifolio[ocr]'"
)

# An A4 page at 170 dpi: small print is still read.
MAX_SIDE = 2000
# The detector widens the short side to 736 pixels; a thin picture would grow out of all bounds.
_MAX_RATIO = 3


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


def read_lines(pixels: "Pixels") -> list[Line]:
    """Give the lines of a picture, from top to bottom.

    A picture larger than ``MAX_SIDE`` is made smaller first; boxes are in its own pixels.
    """
    import numpy as np

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


def _framed(pixels: "Pixels") -> "tuple[Pixels, float]":
    """Make a picture small enough and not too thin; give also the size of its pixels."""
    import numpy as np
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
