"""Columns that stand closer than words do: figures set to the right, and what is set left of them.

Spreadsheets are printed so: "10" and "on request" are two cells without a line between them.
"""

import re
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

# Points: edges of one column differ by less.
_NEAR = 0.35
# So many words end there, and begin behind it; and so many of the first are figures.
_LEAST, _BEHIND, _FIGURES = 3, 2, 0.6
# In units of the type's size: words are level, and figures set to the right begin anywhere.
_LEVEL, _SPREAD = 0.3, 0.3
# And, as a share of it, letters of one width differ by no more.
_SAME = 0.04
_FIGURE = re.compile(r"[-–+(]?[$€£¥]?\d(?:[\d.,]*\d)?(?:%|\))?")
_MARK = re.compile(r"\(?\d{1,3}\)")


def is_figure(text: str) -> bool:
    """Tell whether a word is a number, and no mark of a list."""
    return bool(_FIGURE.fullmatch(text)) and not _MARK.fullmatch(text)


def begin_columns(
    first: Floats, last: Floats, size: Floats, text_of: Callable[[int], str]
) -> Flags:
    """Tell of each word whether it begins a column right behind one of figures.

    ``first`` and ``last`` are the boxes of its first and last letters, (count, 4), and ``size`` is
    that of the type, (count,); ``text_of`` tells one by its place.
    """
    lefts, rights, bottoms = first[:, 0], last[:, 2], first[:, 3]
    begin = np.zeros(len(lefts), np.bool_)
    gaps = lefts[1:] - rights[:-1]
    level = np.abs(bottoms[1:] - bottoms[:-1]) < _LEVEL * size[1:]
    pairs = np.flatnonzero(level & (gaps > 0) & (gaps < size[1:]))
    pairs = pairs[_count(rights, rights[pairs]) >= _LEAST]
    pairs = pairs[_count(lefts, lefts[pairs + 1]) >= _BEHIND]
    tried: set[tuple[int, int]] = set()
    for pair in pairs.tolist():
        ends, starts = rights[pair], lefts[pair + 1]
        key = round(float(ends)), round(float(starts))
        if begin[pair + 1] or key in tried or not is_figure(text_of(pair)):
            continue
        tried.add(key)
        inside = _around(lefts, rights, bottoms, (ends + starts) / 2, bottoms[pair])
        figures = np.flatnonzero(inside & (np.abs(rights - ends) < _NEAR))
        behind = inside & (np.abs(lefts - starts) < _NEAR)
        if (
            len(figures) >= _LEAST
            and np.count_nonzero(behind) >= _BEHIND
            and np.ptp(lefts[figures]) > _SPREAD * size[pair]
            and sum(is_figure(text_of(at)) for at in figures.tolist()) >= _FIGURES * len(figures)
            and not _are_fixed(
                [
                    (rights[at] - lefts[at]) / len(text_of(at))
                    for at in np.flatnonzero(behind).tolist()
                ],
                starts - ends,
            )
        ):
            begin |= behind
    return begin


def _are_fixed(widths: list[float], gap: float) -> bool:
    """Tell whether the gap is spaces of type whose letters are all ``widths`` wide.

    Programs, and what they print, end anywhere.
    """
    spaces = gap / widths[0]
    return max(widths) - min(widths) < _SAME * max(widths) and abs(spaces - round(spaces)) < _SAME


def _count(places: Floats, wanted: Floats) -> NDArray[np.intp]:
    """Count the places that are near each of those wanted."""
    sorted_ = np.sort(places)
    low, high = (np.searchsorted(sorted_, wanted + near) for near in (-_NEAR, _NEAR))
    return high - low


def _around(lefts: Floats, rights: Floats, bottoms: Floats, middle: float, level: float) -> Flags:
    """Tell which words stand above and below a place before one crosses the line through it."""
    crossing = bottoms[(lefts < middle) & (rights > middle)]
    above = np.max(crossing[crossing < level], initial=-np.inf)
    below = np.min(crossing[crossing > level], initial=np.inf)
    inside: Flags = (bottoms > above) & (bottoms < below)
    return inside
