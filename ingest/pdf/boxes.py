"""The characters of a PDF page and their boxes: pdfium writes those of a page into arrays."""

import ctypes
import math
from collections import deque
from itertools import repeat
from typing import Any

import numpy as np
import pypdfium2.raw as pdfium_c
from numpy.typing import NDArray

from bifolio.ingest.pdf.quick import address_of, quick

Floats = NDArray[np.float64]
Indices = NDArray[np.intp]
Flags = NDArray[np.bool_]
Box = tuple[float, float, float, float]  # left, top, right, bottom

# A word is oblique that is turned further from a quarter than so much of one.
_SKEW = 0.12
OBLIQUE = 4
_QUARTER = math.pi / 2
# Fonts without a height of their own would make lines without one.
LEAST_HEIGHT = 1.0


_PLACE = (ctypes.c_void_p, ctypes.c_int)
_box_of = quick(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, *_PLACE, ctypes.c_void_p)
_angle_of = quick(pdfium_c.FPDFText_GetCharAngle, ctypes.c_float, *_PLACE)
_size_of = quick(pdfium_c.FPDFText_GetFontSize, ctypes.c_double, *_PLACE)
_matrix_of = quick(pdfium_c.FPDFText_GetMatrix, ctypes.c_int, *_PLACE, ctypes.c_void_p)


class Characters:
    """The characters of one page; places in points, x right and y down from its upper left corner.

    ``page`` is the box of the page as pdfium tells it: left, bottom, right, top.
    """

    def __init__(self, text: Any, page: Box) -> None:
        self._page = page
        self._address = address_of(text)

    def boxes(self, indices: Indices, turns: Indices) -> Floats:
        """Give the boxes, (count, 4), as if those turned by quarters were upright; see Box."""
        found = np.zeros((len(indices), 4), np.float32)
        deque(map(_box_of, repeat(self._address), indices.tolist(), _rows_of(found)), maxlen=0)
        return upright(found.astype(np.float64), turns, self._page)

    def turns(self, indices: Indices) -> Indices:
        """Tell by how many quarters each is turned; OBLIQUE is none of these."""
        angles = list(map(_angle_of, repeat(self._address), indices.tolist()))
        quarters = np.asarray(angles, np.float64) / _QUARTER
        near = np.rint(quarters)
        is_oblique = np.abs(quarters - near) > _SKEW
        return np.where(is_oblique, OBLIQUE, near % 4).astype(np.intp)

    def sizes(self, indices: Indices, heights: Floats) -> Floats:
        """Give the size of the type of characters whose boxes are so high."""
        asked, handle = indices.tolist(), repeat(self._address)
        matrices = np.zeros((len(asked), 6), np.float32)
        told = np.asarray(list(map(_matrix_of, handle, asked, _rows_of(matrices))), np.bool_)
        set_in = np.asarray(list(map(_size_of, handle, asked)), np.float64)
        scale = np.hypot(matrices[:, 2], matrices[:, 3]).astype(np.float64)
        sizes: Floats = np.where(told, set_in * scale, set_in).round(1)
        return np.where(sizes > 0, sizes, np.maximum(heights, LEAST_HEIGHT))

    def style(self, index: int, height: float) -> tuple[int, float]:
        """Give the turn and the size of one character, see ``turns`` and ``sizes``."""
        quarters = _angle_of(self._address, index) / _QUARTER
        near = round(quarters)
        turn = OBLIQUE if abs(quarters - near) > _SKEW else near % 4
        matrix = (ctypes.c_float * 6)()
        size = _size_of(self._address, index)
        if _matrix_of(self._address, index, ctypes.addressof(matrix)):
            size *= math.hypot(matrix[2], matrix[3])
        return turn, round(size, 1) or max(height, LEAST_HEIGHT)


def upright(places: Floats, turns: Indices, page: Box) -> Floats:
    """Give boxes (left, top, right, bottom) with y up, (count, 4), as if they were upright.

    ``turns`` tells by how many quarters each is turned, ``page`` is as in Characters.
    """
    left, bottom, right, top = page
    told = (places - (left, top, left, top)) * (1.0, -1.0, 1.0, -1.0)
    if not np.any(turns % OBLIQUE):
        return told
    x0, y1, x1, y0 = places.T
    for turn, turned in (
        (1, (top - y1, right - x1, top - y0, right - x0)),
        (2, (right - x1, y0 - bottom, right - x0, y1 - bottom)),
        (3, (y0 - bottom, x0 - left, y1 - bottom, x1 - left)),
    ):
        told[turns == turn] = np.stack(turned, axis=1)[turns == turn]
    return told


def _rows_of(array: NDArray[np.float32]) -> range:
    """Give the addresses of the rows, into which pdfium may write."""
    start = array.ctypes.data
    return range(start, start + array.nbytes, array.itemsize * array.shape[1])


def letters(text: Any) -> str:
    """Give one letter for each character that pdfium counts."""
    count = pdfium_c.FPDFText_CountChars(text)
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium_c.FPDFText_GetText(text, 0, count, buffer) if count > 0 else 0
    letters = bytes(buffer)[: 2 * count].decode("utf-16-le", errors="replace")
    if written == count + 1 and len(letters) == count:
        return letters
    codes = (pdfium_c.FPDFText_GetUnicode(text, index) for index in range(count))
    return "".join(chr(code) if code < 0x110000 else "\ufffd" for code in codes)
