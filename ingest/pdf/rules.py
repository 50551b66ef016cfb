"""The straight lines that are drawn on a page: what parts the cells of many tables."""

import ctypes
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest.pdf.boxes import Box, Floats, upright
from bifolio.ingest.pdf.quick import address_of, quick

# Points: thicker is no line but an area, shorter a sign.
_THICK, _SHORT = 4.0, 4.0
# Points: an area that is narrower is no cell, and one that is taller no row.
_WIDE, _TALL = 20.0, 200.0
# Points by which lines may miss each other, and the ends of one that is drawn in parts.
NEAR = 3.0
# More are a drawing.
MOST = 4000
_MOST_POINTS = 20_000

_POINTER, _INT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_float
_object_of = quick(pdfium_c.FPDFPage_GetObject, _POINTER, _POINTER, _INT)
_type_of = quick(pdfium_c.FPDFPageObj_GetType, _INT, _POINTER)
_bounds_of = quick(pdfium_c.FPDFPageObj_GetBounds, _INT, *5 * (_POINTER,))
_mode_of = quick(pdfium_c.FPDFPath_GetDrawMode, _INT, *3 * (_POINTER,))
_count_of = quick(pdfium_c.FPDFPath_CountSegments, _INT, _POINTER)
_matrix_of = quick(pdfium_c.FPDFPageObj_GetMatrix, _INT, _POINTER, _POINTER)
_segment_of = quick(pdfium_c.FPDFPath_GetPathSegment, _POINTER, _POINTER, _INT)
_point_of = quick(pdfium_c.FPDFPathSegment_GetPoint, _INT, *3 * (_POINTER,))
_kind_of = quick(pdfium_c.FPDFPathSegment_GetType, _INT, _POINTER)


class Rule(NamedTuple):
    """A line across or down the page: where it stands, and from where to where it goes, in points.

    One across stands at a height, y, and goes from left to right; one down from top to bottom.
    """

    place: float
    start: float
    end: float


class Rules(NamedTuple):
    """The lines across and down a page, each in the order of their places; see Word.

    ``edges`` are those of areas that are filled, such as every second row of some tables.
    """

    across: Sequence[Rule]
    down: Sequence[Rule]
    edges: Sequence[Rule] = ()


NO_RULES = Rules((), ())


class Drawn:
    """The lines of one page as the file draws them."""

    def __init__(self, page: pdfium.PdfPage) -> None:
        self._page = page.get_bbox()
        areas: list[Box] = []
        self._boxes = _array([*_drawn(page, areas)])
        self._edges = _array(
            [
                edge
                for left, top, right, bottom in areas
                for edge in ((left, top, right, top), (left, bottom, right, bottom))
            ]
        )

    def turned(self, turn: int) -> Rules:
        """Give the lines as they stand beside words that are turned so far; see Word.

        Where all go down there are none: they part no cells.
        """
        across, down = self._parted(self._boxes, turn)
        edges, _ = self._parted(self._edges, turn)
        return Rules(across, down, edges) if across or edges else NO_RULES

    def _parted(self, boxes: Floats, turn: int) -> tuple[list[Rule], list[Rule]]:
        """Give the lines across and those down."""
        left, top, right, bottom = upright(boxes, np.full(len(boxes), turn), self._page).T
        flat = bottom - top <= right - left
        return (
            _merged((top + bottom)[flat] / 2, left[flat], right[flat]),
            _merged((left + right)[~flat] / 2, top[~flat], bottom[~flat]),
        )


def _array(boxes: list[Box]) -> Floats:
    return np.asarray(boxes if len(boxes) <= MOST else [], np.float64).reshape(-1, 4)


def _merged(places: Floats, starts: Floats, ends: Floats) -> list[Rule]:
    """Put together what is drawn in parts, or twice side by side."""
    merged: list[Rule] = []
    lines = sorted(map(Rule, places.tolist(), starts.tolist(), ends.tolist()))
    for group in _near(lines):
        place = sum(line.place for line in group) / len(group)
        _, start, end = group[0]
        for _, begins, ends_at in group:
            if begins > end + NEAR:
                merged.append(Rule(place, start, end))
                start, end = begins, ends_at
            end = max(end, ends_at)
        merged.append(Rule(place, start, end))
    return [rule for rule in merged if rule.end - rule.start >= _SHORT]


def _near(lines: Iterable[Rule]) -> Iterator[list[Rule]]:
    """Yield groups of lines at about one place, each in the order of their starts."""
    group: list[Rule] = []
    for line in lines:
        if group and line.place - group[0].place > NEAR:
            yield sorted(group, key=lambda one: one.start)
            group = []
        group.append(line)
    if group:
        yield sorted(group, key=lambda one: one.start)


def _drawn(page: pdfium.PdfPage, areas: list[Box]) -> Iterator[Box]:
    """Yield the lines as boxes: left, top, right, bottom, with y up; add areas to ``areas``."""
    handle, left = address_of(page.raw), _MOST_POINTS
    sides = (_FLOAT * 4)()
    start = ctypes.addressof(sides)
    ends = range(start, start + ctypes.sizeof(sides), ctypes.sizeof(_FLOAT))
    for number in range(pdfium_c.FPDFPage_CountObjects(page.raw)):
        shown = _object_of(handle, number)
        if _type_of(shown) != pdfium_c.FPDF_PAGEOBJ_PATH or not _bounds_of(shown, *ends):
            continue
        box = (sides[0], sides[3], sides[2], sides[1])
        if _is_thin(box):
            yield box
        elif _is_stroked(shown) and left > 0:
            left -= _count_of(shown)
            yield from _sides(shown)
        elif box[2] - box[0] >= _WIDE and box[1] - box[3] <= _TALL:
            areas.append(box)


def _is_thin(box: Box) -> bool:
    return min(box[2] - box[0], box[1] - box[3]) <= _THICK


def _is_stroked(shown: Any) -> bool:
    fill, stroke = _INT(), _INT()
    _mode_of(shown, ctypes.addressof(fill), ctypes.addressof(stroke))
    return bool(stroke.value)


def _sides(shown: Any) -> Iterator[Box]:
    """Yield the straight parts of what is drawn in one go: a frame, or all lines of a table."""
    matrix = (_FLOAT * 6)()
    _matrix_of(shown, ctypes.addressof(matrix))
    a, b, c, d, e, f = matrix
    x, y = _FLOAT(), _FLOAT()
    points: list[tuple[float, float, int]] = []
    for number in range(min(_count_of(shown), _MOST_POINTS)):
        segment = _segment_of(shown, number)
        _point_of(segment, ctypes.addressof(x), ctypes.addressof(y))
        at = (a * x.value + c * y.value + e, b * x.value + d * y.value + f)
        points.append((*at, _kind_of(segment)))
    for one, two in pairwise(points):
        box = (min(one[0], two[0]), max(one[1], two[1]), max(one[0], two[0]), min(one[1], two[1]))
        if two[2] == pdfium_c.FPDF_SEGMENT_LINETO and _is_thin(box):
            yield box
