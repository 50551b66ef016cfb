"""The words of a PDF page, each with its box, as pdfium reads them."""

import ctypes
import math
import re
from itertools import pairwise
from typing import Any, NamedTuple

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest.parsed import is_wide

# Ours for a hyphen at the end of a line, be it hard or soft; pdfium has one of the others.
HYPHEN = "\u2010"
_HYPHENS = str.maketrans(dict.fromkeys("\x02\xad\ufffe", HYPHEN))
_WORD = re.compile(r"[^\s\x00\uffff]+")
_BOLD = re.compile(rb"bold|black|heavy|demi", re.IGNORECASE)
_FIXED = re.compile(rb"mono|courier|consol|typewriter|cmtt", re.IGNORECASE)
_FORCE_BOLD, _FIXED_PITCH = 1 << 18, 1
_QUARTER = math.pi / 2
# A word is oblique that is turned further from a quarter than so much of one.
_SKEW = 0.12
OBLIQUE, _STAMP_SIZE = 4, 6.0
# Fonts without a height of their own would make lines without one.
_LEAST_HEIGHT = 1.0

_box_of = pdfium_c.FPDFText_GetLooseCharBox

Box = tuple[float, float, float, float]  # left, top, right, bottom


class Word(NamedTuple):
    """Letters without a gap; places in points, x to the right and y down from the page's corner.

    ``size`` is that of the type, ``order`` the place of the first letter in the file; ``spaced``
    tells whether a space stands before. ``turn`` counts the quarters by which the word is turned;
    its box is told as if it were upright. 4 is a watermark or a stamp set slantwise.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    order: int
    spaced: bool = True
    turn: int = 0


def read_words(page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> list[Word]:
    """Give the words of the page in the order of the file, those written the main way first.

    Letters printed twice at one place, which makes them look bold, are given once. Vertical
    Chinese is given as if it were horizontal: what stands below stands right.
    """
    words = _Collector(text.raw, page.get_bbox()).collect()
    turns = [word.turn for word in words]
    main = max(set(turns), key=turns.count, default=0)
    words.sort(key=lambda word: word.turn != main)
    return _laid_flat(words) if _is_vertical(words) else words


class _Collector:
    """Goes through the characters of one page; every call of pdfium costs, so they are few."""

    def __init__(self, text: Any, box: Box) -> None:
        self.text, self.page = text, box
        self.letters = letters(text)
        self.words: list[Word] = []
        self.rectangle = pdfium_c.FS_RECTF()
        self.turn, self.size, self.height = 0, 0.0, 0.0

    def collect(self) -> list[Word]:
        """Give the words in the order in which the file writes them."""
        letters, end = self.letters, -1
        for found in _WORD.finditer(letters):
            start, stop = found.span()
            # Words that one space parts are written the same way.
            if letters[start - 1] != " ":
                self._turn(start)
            first = last = self._box(start)
            text = found.group()
            doubled = False
            if stop - start > 1:
                last = self._box(stop - 1)
                doubled = text[::2] == text[1::2]
            if abs(first[3] - first[1] - self.height) > 0.01:
                self._measure(first[3] - first[1], start)
            if self.turn == OBLIQUE:
                self._add_oblique(text, first, last, start)
            elif doubled or not self._is_one(first, last, stop - start):
                self._part(start, stop, spaced=start > end)
            else:
                top = first[1] if first[1] < last[1] else last[1]
                self._add(text, (first[0], top, last[2], first[3]), start, spaced=start > end)
            end = stop
        return self.words

    def _is_one(self, first: Box, last: Box, count: int) -> bool:
        """Tell whether all letters between two stand on their line, without a gap."""
        level = abs(first[3] - last[3]) < 0.2 * self.height
        return level and 0 < last[2] - first[0] <= (count + 0.3) * 1.1 * self.height

    def _part(self, start: int, end: int, *, spaced: bool) -> None:
        """Cut what pdfium takes for one word where its letters do not stand side by side."""
        kept: list[str] = []
        place, at = self._box(start), start
        left = place[0] - self.height
        for index in range(start, end):
            letter, box = self.letters[index], self._box(index)
            if kept and letter == kept[-1] and self._is_again(box, left, place):
                continue
            if kept and self._is_apart(box, place):
                self._add("".join(kept), place, at, spaced=spaced)
                kept, spaced = [], False
                self._turn(index)
                box = self._box(index)
                if abs(box[3] - box[1] - self.height) > 0.01:
                    self._measure(box[3] - box[1], index)
            if not kept:
                place, at = box, index
            left = box[0]
            place = (place[0], min(place[1], box[1]), box[2], max(place[3], box[3]))
            kept.append(letter)
        self._add("".join(kept), place, at, spaced=spaced)

    def _is_again(self, box: Box, left: float, place: Box) -> bool:
        level = abs(box[3] - place[3]) < 0.3 * self.height
        return level and abs(box[0] - left) < 0.5 * (box[2] - box[0])

    def _is_apart(self, box: Box, place: Box) -> bool:
        level = abs(box[1] + box[3] - place[1] - place[3]) < 0.6 * self.height
        return not (level and -0.6 * self.height < box[0] - place[2] < 0.25 * self.height)

    def _add(self, text: str, box: Box, order: int, *, spaced: bool) -> None:
        if not text.isalnum():
            text = text.translate(_HYPHENS)
        self.words.append(Word(text, *box, self.size, order, spaced, self.turn))

    def _add_oblique(self, text: str, first: Box, last: Box, order: int) -> None:
        """Add a word of a watermark or a stamp whole; it is larger than it means."""
        box = first[0], min(first[1], last[1]), max(first[2], last[2]), max(first[3], last[3])
        self.words.append(Word(text, *box, _STAMP_SIZE, order, True, OBLIQUE))

    def _turn(self, index: int) -> None:
        quarters = pdfium_c.FPDFText_GetCharAngle(self.text, index) / _QUARTER
        is_oblique = abs(quarters - round(quarters)) > _SKEW
        self.turn = OBLIQUE if is_oblique else round(quarters) % 4

    def _box(self, index: int) -> Box:
        box, (left, bottom, right, top) = self.rectangle, self.page
        _box_of(self.text, index, box)
        if self.turn in (0, OBLIQUE):
            return box.left - left, top - box.top, box.right - left, top - box.bottom
        if self.turn == 1:
            return top - box.top, right - box.right, top - box.bottom, right - box.left
        if self.turn == 2:
            return right - box.right, box.bottom - bottom, right - box.left, box.top - bottom
        return box.bottom - bottom, box.left - left, box.top - bottom, box.right - left

    def _measure(self, height: float, index: int) -> None:
        """Ask for the size of the type: the height of its boxes has changed."""
        self.height = max(height, _LEAST_HEIGHT)
        matrix = pdfium_c.FS_MATRIX()
        size = pdfium_c.FPDFText_GetFontSize(self.text, index)
        if pdfium_c.FPDFText_GetMatrix(self.text, index, matrix):
            size *= math.hypot(matrix.c, matrix.d)
        self.size = round(size, 1) or self.height


def style_of(text: pdfium.PdfTextPage, index: int) -> tuple[bool, bool]:
    """Tell whether the letter at this place in the file is bold, and whether of fixed width."""
    buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    pdfium_c.FPDFText_GetFontInfo(text.raw, index, buffer, len(buffer), flags)
    return (
        bool(_BOLD.search(buffer.value) or flags.value & _FORCE_BOLD),
        bool(_FIXED.search(buffer.value) or flags.value & _FIXED_PITCH),
    )


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


def _is_vertical(words: list[Word]) -> bool:
    """Tell whether most Chinese characters stand below the one before."""
    down = 0
    for before, after in pairwise(words):
        if is_wide(before.text[-1]) and is_wide(after.text[0]):
            beside = min(before.right, after.right) - max(before.left, after.left)
            narrow = min(before.right - before.left, after.right - after.left)
            down += beside > 0.5 * narrow and 0 < after.top - before.top < 2.5 * before.size
    across = sum(len(word.text) - 1 for word in words if is_wide(word.text[0]))
    return down >= 4 and down > across


def _laid_flat(words: list[Word]) -> list[Word]:
    end = max(word.right for word in words)
    return [
        word._replace(
            left=word.top, right=word.bottom, top=end - word.right, bottom=end - word.left
        )
        for word in words
    ]
