"""The words of a PDF page, each with its box, as pdfium reads them."""

from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pypdfium2 as pdfium
from numpy.typing import NDArray

from bifolio.ingest.parsed import is_wide
from bifolio.ingest.pdf.abutting import begin_columns
from bifolio.ingest.pdf.boxes import (
    LEAST_HEIGHT,
    OBLIQUE,
    Box,
    Characters,
    Flags,
    Floats,
    Indices,
    letters,
)
from bifolio.ingest.pdf.codes import HYPHEN, as_shown
from bifolio.ingest.pdf.rules import NO_RULES, Drawn, Rules
from bifolio.ingest.pdf.spaced_out import closed_up
from bifolio.ingest.raised import raised

Number = TypeVar("Number", np.float64, np.intp)

# Gaps wider than this, in units of the type's size, may part columns or cells.
GAP = 0.75
# Spaces between words are narrower than that, but in lines that are drawn out to the margin.
SPACE = 0.42
# What stands between words, by code point; the last is for all that are higher.
_OTHER = 0x10000
_PARTS = np.zeros(_OTHER + 1, np.bool_)
_PARTS[[code for code in range(0x3001) if chr(code).isspace()]] = True
_PARTS[[0, 0xFFFF]] = True
# What a note's mark may stand behind, beside letters.
BEFORE_MARK = ".,;:!?)]%”’\"'。，；：！？）」"
_STAMP_SIZE = 6.0
# The first letter that may be wide, see is_wide.
_FIRST_WIDE = 0x1100


class Word(NamedTuple):
    """Letters without a gap, or words that a space parts; places in points from the page's corner.

    x goes to the right and y down. ``size`` is that of the type, ``order`` and ``last`` the places
    in the file of the first letter and of that of its last word; ``spaced`` tells whether a space
    stands before. ``turn`` counts the quarters by which the word is turned; its box is told as if
    it were upright. 4 is a watermark or a stamp set slantwise. ``apart`` tells of one that begins a
    column, however close the word before is.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    size: float
    order: int
    last: int
    spaced: bool = True
    turn: int = 0
    apart: bool = False


def read_words(page: pdfium.PdfPage, text: pdfium.PdfTextPage) -> tuple[list[Word], Rules]:
    """Give the words of the page in the order of the file, those written the main way first.

    With them come the lines that are drawn on the page, as they stand beside these.

    Letters printed twice at one place, which makes them look bold, are given once. Vertical
    Chinese is given as if it were horizontal: what stands below stands right.
    """
    drawn = Drawn(page)
    collector = _Collector(text.raw, page.get_bbox(), drawn)
    words = list(closed_up(list(collector.collect()), collector.letters_of))
    turns = [word.turn for word in words]
    main = max(set(turns), key=turns.count, default=0)
    words.sort(key=lambda word: word.turn != main)
    return (_laid_flat(words), NO_RULES) if _is_vertical(words) else (words, drawn.turned(main))


class _Spans(NamedTuple):
    """The words of a page as arrays of one length; ``first`` and ``last`` are boxes of letters.

    ``starts`` and ``stops`` are places in the file, ``heights`` are those of the first letters.
    """

    starts: Indices
    stops: Indices
    turns: Indices
    first: Floats
    last: Floats
    heights: Floats
    tops: Floats
    sizes: Floats


class _Collector:
    """Puts the characters of one page together."""

    def __init__(self, text: Any, box: Box, drawn: Drawn) -> None:
        self.drawn = drawn
        self.letters = as_shown(letters(text))
        self.characters = Characters(text, box)
        codes = np.frombuffer(self.letters.encode("utf-32-le", "surrogatepass"), np.uint32)
        # A place before the first and one after the last, for those who look beside a word.
        self.codes = np.concatenate((codes, np.zeros(1, np.uint32)))

    def collect(self) -> Iterator[Word]:
        """Yield the words in the order in which the file writes them."""
        starts, stops = self._found()
        if not len(starts):
            return
        spans = self._measured(starts, stops)
        whole = self._whole(spans)
        begins = begin_columns(spans.first, spans.last, spans.sizes, self._text_of(spans))
        opens = np.flatnonzero(~self._goes_on(spans, whole) | begins)
        ends = np.append(opens[1:], len(starts)) - 1
        tallest = _tallest(spans, opens)
        lefts, tops = spans.first[opens, 0].tolist(), spans.tops[tallest].tolist()
        rights, bottoms = spans.last[ends, 2].tolist(), spans.first[tallest, 3].tolist()
        boxes = zip(lefts, tops, rights, bottoms, strict=True)
        spaced = [True, *self._spaced(stops[ends[:-1]], starts[opens[1:]]).tolist()]
        sizes, turns = spans.sizes[opens].tolist(), spans.turns[opens].tolist()
        firsts, are_whole = starts[opens].tolist(), whole[opens].tolist()
        lasts, stops_of = starts[ends].tolist(), stops[ends].tolist()
        apart = begins[opens].tolist()
        places = zip(firsts, lasts, stops_of, opens.tolist(), spaced, apart, strict=True)
        for place, box, size, turn, is_whole in zip(
            places, boxes, sizes, turns, are_whole, strict=True
        ):
            start, last, stop, number, is_spaced, is_apart = place
            if turn == OBLIQUE:
                yield self._oblique(spans, number)
            elif is_whole:
                text = self.letters[start:stop]
                yield Word(text, *box, size, start, last, is_spaced, turn, is_apart)
            else:
                yield from self._parted(start, stop, turn, size)

    def letters_of(self, word: Word) -> list[tuple[str, int, Box]]:
        """Give the letters of a word with their places; none if it is not as the file has it."""
        start, stop = word.order, word.order + len(word.text)
        if self.letters[start:stop] != word.text:
            return []
        boxes = self._boxes(start, stop, word.turn)
        placed = zip(word.text, range(start, stop), boxes, strict=True)
        return [one for one in placed if one[0] != " "]

    def _text_of(self, spans: _Spans) -> Callable[[int], str]:
        return lambda at: self.letters[spans.starts[at] : spans.stops[at]]

    def _found(self) -> tuple[Indices, Indices]:
        """Give where words start and where they stop."""
        parts = _PARTS[np.minimum(self.codes, _OTHER)]
        edges = np.flatnonzero(parts[1:] != parts[:-1]) + 1
        if not parts[0]:
            edges = np.concatenate(([0], edges))
        # pdfium puts the halves of a word together that a hyphen parts at the end of a line.
        cuts = np.flatnonzero(self.codes[:-1] == ord(HYPHEN)) + 1
        edges = np.concatenate((edges, np.repeat(cuts[~parts[cuts]], 2)))
        edges.sort()
        return edges[::2], edges[1::2]

    def _spaced(self, stops: Indices, starts: Indices) -> Flags:
        """Tell whether something stands between words, other than a mere end of a line.

        On some pages pdfium ends one between any two letters that are written by themselves.
        """
        ended = (starts - stops == 2) & (self.codes[stops] == ord("\r"))
        spaced: Flags = (starts > stops) & ~ended
        return spaced

    def _measured(self, starts: Indices, stops: Indices) -> _Spans:
        # Words that one space parts are written the same way.
        opens = self.codes[starts - 1] != ord(" ")
        opens[0] = True
        turns = _filled(self.characters.turns(starts[opens]), opens)
        several = np.flatnonzero(stops - starts > 1)
        indices = np.concatenate((starts, stops[several] - 1))
        boxes = self.characters.boxes(indices, np.concatenate((turns, turns[several])))
        first = boxes[: len(starts)]
        last = first.copy()
        last[several] = boxes[len(starts) :]
        heights = first[:, 3] - first[:, 1]
        # The size of the type is the same as long as the boxes are of one height.
        changes = np.ones(len(starts), np.bool_)
        changes[1:] = np.abs(heights[1:] - heights[:-1]) > 0.01
        sizes = _filled(self.characters.sizes(starts[changes], heights[changes]), changes)
        tops = np.minimum(first[:, 1], last[:, 1])
        return _Spans(starts, stops, turns, first, last, heights, tops, sizes)

    def _whole(self, spans: _Spans) -> Flags:
        """Tell of each word whether its letters stand on one line, without a gap or a second print.

        What pdfium takes for one word may be none.
        """
        first, last, count = spans.first, spans.last, spans.stops - spans.starts
        height = np.maximum(spans.heights, LEAST_HEIGHT)
        width = last[:, 2] - first[:, 0]
        level = np.abs(first[:, 3] - last[:, 3]) < 0.2 * height
        whole: Flags = level & (width > 0) & (width <= (count + 0.3) * 1.1 * height)
        twins = (count > 1) & (self.codes[spans.starts] == self.codes[spans.starts + 1])
        for place in np.flatnonzero(twins & whole).tolist():
            text = self.letters[spans.starts[place] : spans.stops[place]]
            whole[place] = text[::2] != text[1::2]
        return whole

    def _goes_on(self, spans: _Spans, whole: Flags) -> Flags:
        """Tell of each word whether it stands one space behind the last, in the same type."""
        starts, stops, turns, first, last, _, tops, sizes = spans
        gap = first[1:, 0] - last[:-1, 2]
        spaced = (starts[1:] - stops[:-1] == 1) & (self.codes[stops[:-1]] == ord(" "))
        beside = spaced & (gap >= 0) & (gap < SPACE * sizes[1:])
        alike = (turns[1:] == turns[:-1]) & (turns[1:] != OBLIQUE) & (sizes[1:] == sizes[:-1])
        bottoms = first[:, 3]
        shared = np.minimum(bottoms[1:], bottoms[:-1]) - np.maximum(tops[1:], tops[:-1])
        heights = bottoms - tops
        level = shared >= 0.5 * np.minimum(heights[1:], heights[:-1])
        before, after = self.codes[stops[:-1] - 1], self.codes[starts[1:]]
        narrow = (before < _FIRST_WIDE) & (after < _FIRST_WIDE)
        joined = beside & alike & level & narrow & whole[1:] & whole[:-1]
        self._part(joined, spans)
        goes_on = np.zeros(len(starts), np.bool_)
        goes_on[1:] = joined
        return goes_on

    def _part(self, joined: Flags, spans: _Spans) -> None:
        """Keep words apart between which a line down the page is drawn."""
        for turn in {*spans.turns.tolist()} - {OBLIQUE}:
            down = self.drawn.turned(turn).down
            if not down:
                continue
            places = [rule.place for rule in down]
            first = np.searchsorted(places, spans.last[:-1, 2] - 1)
            behind = np.searchsorted(places, spans.first[1:, 0] + 1)
            for pair in np.flatnonzero(joined & (behind > first) & (spans.turns[1:] == turn)):
                height = (spans.first[pair + 1, 1] + spans.first[pair + 1, 3]) / 2
                parts = down[first[pair] : behind[pair]]
                joined[pair] = not any(rule.start <= height <= rule.end for rule in parts)

    def _oblique(self, spans: _Spans, at: int) -> Word:
        """Give a word of a watermark or a stamp whole; it is larger than it means."""
        start, stop = int(spans.starts[at]), int(spans.stops[at])
        first, last = spans.first[at].tolist(), spans.last[at].tolist()
        box = first[0], min(first[1], last[1]), max(first[2], last[2]), max(first[3], last[3])
        return Word(self.letters[start:stop], *box, _STAMP_SIZE, start, start, True, OBLIQUE)

    def _parted(self, start: int, stop: int, turn: int, size: float) -> Iterator[Word]:
        """Cut what pdfium takes for one word where its letters do not stand side by side."""
        boxes = self._boxes(start, stop, turn)
        place, at, kept, spaced = boxes[0], start, "", True
        height = max(place[3] - place[1], LEAST_HEIGHT)
        left = place[0] - height
        for index in range(start, stop):
            letter, box = self.letters[index], boxes[index - start]
            if kept and letter == kept[-1] and _is_again(box, left, place, height):
                continue
            if kept and _is_apart(box, place, height):
                yield Word(kept, *place, size, at, at, spaced, turn)
                kept, spaced = "", False
                turned, size = self.characters.style(index, box[3] - box[1])
                if turned != turn:
                    turn, boxes[index - start :] = turned, self._boxes(index, stop, turned)
                    box = boxes[index - start]
                height = max(box[3] - box[1], LEAST_HEIGHT)
            if (
                kept
                and (kept[-1].isalnum() or kept[-1] in BEFORE_MARK)
                and _is_raised(box, boxes[at - start])
            ):
                letter = raised(letter)
            if not kept:
                place, at = box, index
            left = box[0]
            place = (place[0], min(place[1], box[1]), box[2], max(place[3], box[3]))
            kept += letter
        yield Word(kept, *place, size, at, at, spaced, turn)

    def _boxes(self, start: int, stop: int, turn: int) -> list[Box]:
        indices = np.arange(start, stop)
        found = self.characters.boxes(indices, np.full(len(indices), turn))
        return [(left, top, right, bottom) for left, top, right, bottom in found.tolist()]


def _filled(values: NDArray[Number], changes: Flags) -> NDArray[Number]:
    """Give for each place the value of the last change before it; the first place is one."""
    filled: NDArray[Number] = values[np.cumsum(changes) - 1]
    return filled


def _tallest(spans: _Spans, opens: Indices) -> Indices:
    """Give the first of the tallest words of each run: the line stands where that does."""
    heights = spans.first[:, 3] - spans.tops
    tallest = np.maximum.reduceat(heights, opens)
    changes = np.zeros(len(heights), np.bool_)
    changes[opens] = True
    near = np.flatnonzero(heights >= _filled(tallest, changes) - 0.01)
    return near[np.searchsorted(near, opens)]


def _is_again(box: Box, left: float, place: Box, height: float) -> bool:
    level = abs(box[3] - place[3]) < 0.3 * height
    return level and abs(box[0] - left) < 0.5 * (box[2] - box[0])


def _is_raised(box: Box, first: Box) -> bool:
    """Tell whether a letter is smaller than the first of its word and stands higher."""
    height = first[3] - first[1]
    return box[3] - box[1] < 0.85 * height and box[3] < first[3] - 0.15 * height


def _is_apart(box: Box, place: Box, height: float) -> bool:
    level = abs(box[1] + box[3] - place[1] - place[3]) < 0.6 * height
    return not (level and -0.6 * height < box[0] - place[2] < 0.25 * height)


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
