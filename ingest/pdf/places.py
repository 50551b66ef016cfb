"""Where quoted words stand on a page: found by their letters, told as areas of its picture."""

import ctypes
import re
import unicodedata
from collections.abc import Iterable, Sequence

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

# The text of a document is not that of the file: hyphens are joined, cells parted by bars, columns
# and running heads put in order. Letters and digits are the same in both.
_PIECE = re.compile(r"[A-Za-z0-9]+|[^\W_]|[^\S\n]|\n|.", re.DOTALL)
# So few letters are looked for only beside what was found before.
_FEW = 4
_BESIDE = 60
# Sides are told in so many parts of the page.
_PARTS = 100_000

Letters = tuple[str, list[int]]
Area = tuple[float, float, float, float]


def only_letters(text: str) -> Letters:
    """Give the letters and digits of a text in one form, and the place that each stands at."""
    kept: list[str] = []
    places: list[int] = []
    for place, sign in enumerate(text):
        for letter in unicodedata.normalize("NFKC", sign).casefold():
            if letter.isalnum():
                kept.append(letter)
                places.append(place)
    return "".join(kept), places


def find_letters(on_page: str, text: str, start: int, end: int) -> list[int]:
    """Give the places in ``on_page`` of the letters of ``text[start:end]``, as many as are found.

    ``text`` is what was read of the page; of words that it holds several times it tells which.
    """
    page, places = only_letters(on_page)
    before, _ = only_letters(text[:start])
    quote, _ = only_letters(text[start:end])
    spans = _whole(page, quote, before) or _in_pieces(page, text[start:end], len(before))
    return [places[index] for first, last in spans for index in range(first, last)]


def _whole(page: str, quote: str, before: str) -> list[tuple[int, int]]:
    """Find the quote in one piece: as many times as it stands before, so many are passed over."""
    found = _all(page, quote)
    if not found:
        return []
    place = found[min(len(_all(before, quote)), len(found) - 1)]
    return [(place, place + len(quote))]


def _in_pieces(page: str, quote: str, near: int) -> list[tuple[int, int]]:
    """Find the quote line by line and cell by cell, and what is not found so by halves of it."""
    spans: list[tuple[int, int]] = []
    for piece in re.split(r"[\n|]+", quote):
        for span in _halves(page, _PIECE.findall(piece), near):
            spans.append(span)
            near = span[1]
    return spans


def _halves(page: str, words: Sequence[str], near: int) -> list[tuple[int, int]]:
    wanted, _ = only_letters("".join(words))
    if not wanted:
        return []
    found = _all(page, wanted)
    if found:
        place = min(found, key=lambda place: abs(place - near))
        few = len(wanted) < _FEW and abs(place - near) > _BESIDE
        return [] if few else [(place, place + len(wanted))]
    if len(words) < 2 or len(wanted) < _FEW:
        return []
    middle = len(words) // 2
    spans = _halves(page, words[:middle], near)
    return spans + _halves(page, words[middle:], spans[-1][1] if spans else near)


def _all(page: str, wanted: str) -> list[int]:
    places = []
    place = page.find(wanted) if wanted else -1
    while place >= 0:
        places.append(place)
        place = page.find(wanted, place + len(wanted))
    return places


def areas_of(page: pdfium.PdfPage, text: pdfium.PdfTextPage, found: Iterable[int]) -> list[Area]:
    """Give the areas, a line each, that the letters at these places cover: shares of the page."""
    areas: list[Area] = []
    for index in found:
        area = _on_picture(page, text.get_charbox(index, loose=True))
        if areas and _is_beside(areas[-1], area):
            one = areas[-1]
            areas[-1] = (
                min(one[0], area[0]),
                min(one[1], area[1]),
                max(one[2], area[2]),
                max(one[3], area[3]),
            )
        else:
            areas.append(area)
    return areas


def _is_beside(one: Area, other: Area) -> bool:
    """Tell whether a letter goes on a line: level with it, and no gap of a column between."""
    height = max(one[3] - one[1], other[3] - other[1])
    level = min(one[3], other[3]) - max(one[1], other[1]) > 0.5 * height
    # Shares of the height and of the width are not the same; pages are not so far from square.
    return level and -0.5 * height < other[0] - one[2] < 2.5 * height


def _on_picture(page: pdfium.PdfPage, box: tuple[float, float, float, float]) -> Area:
    """Turn a box in points into shares of the picture, however the page is turned or cropped."""
    x, y = ctypes.c_int(), ctypes.c_int()
    corners = []
    for across, up in ((box[0], box[1]), (box[2], box[3])):
        pdfium_c.FPDF_PageToDevice(page.raw, 0, 0, _PARTS, _PARTS, 0, across, up, x, y)
        corners.append((x.value / _PARTS, y.value / _PARTS))
    (left, bottom), (right, top) = corners
    return min(left, right), min(top, bottom), max(left, right), max(top, bottom)
