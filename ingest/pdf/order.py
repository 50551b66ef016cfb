"""Words of a page become pieces of lines, and these are put in the order in which one reads."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter
from statistics import median
from typing import NamedTuple

from bifolio.ingest.parsed import is_wide
from bifolio.ingest.pdf.words import GAP, Word
from bifolio.ingest.raised import raised

# No page has more columns inside columns.
MAX_DEPTH = 20
MAX_COLUMNS = 100
_BOTTOM, _LEFT = attrgetter("bottom"), attrgetter("left")
# So many pieces and rows tell that a table begins, and cells of so many letters.
_LOOK_AHEAD, _ROWS_AHEAD, _SHORT_CELL = 30, 3, 12
# What stands before an item of a list and never is a word; Word's second bullet is a letter.
_BULLETS = frozenset("•●▪◦∙‣○■□➢✓►▸◆◇❖✔☐☑☒" + "".join(map(chr, range(0xF000, 0xF100))))
_LETTER_BULLET, _ROUND = "o", "◦"
# In units of the type's size: marks further left are cells.
_FAR_MARK = 4.0
_PUNCTUATION = re.compile(r"[.!?。！？；;]$")
# A cell with an amount, no line of running text: "160", "9 €", "每月 160 克朗", "2.4 an hour".
_AMOUNT = re.compile(r"(?=.{1,24}$)\D*\d[^。；;!?！？]*$")


class Piece(NamedTuple):
    """Words that stand side by side on one line; the places are those of Word.

    ``text`` is the words with the spaces between them.
    """

    words: tuple[Word, ...]
    left: float
    top: float
    right: float
    bottom: float
    size: float
    order: int
    text: str


def join_words(words: Sequence[Word]) -> str:
    """Put words of one line together, a space where there is one on the page."""
    parts = [word.text for word in words[:1]]
    for before, after in pairwise(words):
        if _is_raised(before, after):
            parts.append(raised(after.text))
            continue
        wide = is_wide(before.text[-1]) and is_wide(after.text[0])
        gap = 0.5 if wide else 0.2
        if (after.spaced and not wide) or after.left - before.right > gap * after.size:
            parts.append(" ")
        parts.append(after.text)
    return "".join(parts)


def _is_raised(before: Word, after: Word) -> bool:
    """Tell whether a word is a note's mark or a power: smaller, higher, and close behind."""
    if not (after.size < 0.85 * before.size and after.text.isdigit() and before.text[-1].isalnum()):
        return False
    higher = after.bottom < before.bottom - 0.15 * before.size
    return higher and after.left - before.right < 0.2 * before.size


def pieces_of(words: list[Word]) -> list[Piece]:
    """Put words into pieces of lines, from the top of the page to its bottom."""
    rows: list[list[Word]] = []
    for word in words:
        if rows and _goes_on(rows[-1], word):
            rows[-1].append(word)
        else:
            rows.append([word])
    pieces = sorted(map(_piece, rows), key=attrgetter("bottom", "left"))
    merged = [piece for row in rows_of(pieces) for piece in _merge(row)]
    return sorted(merged, key=attrgetter("top", "left"))


def rows_of(pieces: list[Piece]) -> list[list[Piece]]:
    """Put pieces into rows by the line on which they stand, each row from left to right."""
    rows: list[list[Piece]] = []
    bottom = height = -math.inf
    for piece in sorted(pieces, key=_BOTTOM):
        own = piece.bottom - piece.top
        if piece.bottom - bottom <= 0.3 * (own if own < height else height):
            rows[-1].append(piece)
        else:
            rows.append([piece])
            bottom, height = piece.bottom, own
    for row in rows:
        if len(row) > 1:
            row.sort(key=_LEFT)
    return rows


def blocks_of(pieces: list[Piece], *, depth: int = 0) -> Iterator[list[Piece]]:
    """Yield the pieces in parts that are read one after the other: columns, and what spans them.

    Where pieces stand side by side, as far up and down as an empty strip stays between them,
    there are columns if the file writes one side before the other, or writes line by line what
    reads as running text. Other pieces side by side are left together: they may be a table.
    """
    done = kept = 0
    while (start := _first_pair(pieces, done)) is not None:
        first, last, strips = _band(pieces, start, done)
        band = pieces[first:last]
        sides = next(
            (sides for strip in strips if _are_columns(*(sides := _cut(band, strip)))), None
        )
        done = last
        if sides is None or depth == MAX_DEPTH:
            continue
        if first > kept:
            yield pieces[kept:first]
        for side in sides:
            yield from blocks_of(side, depth=depth + 1)
        kept = last
    if kept < len(pieces):
        yield pieces[kept:]


def _goes_on(row: list[Word], word: Word) -> bool:
    last = row[-1]
    gap = word.left - last.right
    size = word.size if word.size > last.size else last.size
    if word.turn != last.turn or not -0.5 * size < gap < GAP * size:
        return False
    if word.bottom == last.bottom:
        return True
    shared = min(word.bottom, last.bottom) - max(word.top, last.top)
    return shared >= 0.5 * min(word.bottom - word.top, last.bottom - last.top)


def _piece(words: Sequence[Word]) -> Piece:
    main = longest = words[0]
    if len(words) == 1:
        sides = main.left, main.top, main.right, main.bottom
        return Piece((main,), *sides, main.size, main.order, main.text)
    for word in words:
        # The line stands where its largest words do: others may be raised or lowered.
        if word.bottom - word.top > main.bottom - main.top + 0.01:
            main = word
        if len(word.text) > len(longest.text):
            longest = word
    return Piece(
        tuple(words),
        words[0].left,
        main.top,
        words[-1].right,
        main.bottom,
        longest.size,
        words[0].order,
        join_words(words),
    )


def _merge(row: list[Piece]) -> list[Piece]:
    """Join the pieces of a row that the file wrote apart; what was printed twice is kept once."""
    if len(row) == 1:
        return row
    merged = row[:1]
    for piece in row[1:]:
        before = merged[-1]
        if _is_same(before, piece):
            continue
        if _is_mark_of(before, piece):
            merged[-1] = _with_mark(before, piece)
            continue
        gap = piece.left - before.right
        if gap < GAP * min(before.size, piece.size) and before.words[0].turn == piece.words[0].turn:
            words = sorted((*before.words, *piece.words), key=lambda word: word.left)
            merged[-1] = _piece(_once(words))._replace(order=min(before.order, piece.order))
        else:
            merged.append(piece)
    return merged


def _is_mark_of(mark: Piece, item: Piece) -> bool:
    """Tell whether a piece is the bullet of the item at its right, and no cell of its own."""
    if mark.text not in _BULLETS and mark.text != _LETTER_BULLET:
        return False
    gap = item.left - mark.right
    worded = any(map(str.isalnum, item.text)) and item.text != _LETTER_BULLET
    return 0 <= gap < _FAR_MARK * item.size and worded


def _with_mark(mark: Piece, item: Piece) -> Piece:
    sign = mark.text if mark.text in _BULLETS else _ROUND
    words = (mark.words[0]._replace(text=sign), *item.words)
    text = f"{sign} {item.text}"
    return item._replace(words=words, left=mark.left, order=mark.order, text=text)


def _once(words: list[Word]) -> list[Word]:
    kept = words[:1]
    for word in words[1:]:
        tolerance = 0.2 * word.size
        if not any(
            word.text == before.text
            and abs(word.left - before.left) < tolerance
            and abs(word.bottom - before.bottom) < tolerance
            for before in kept[-2:]
        ):
            kept.append(word)
    return kept


def _is_same(one: Piece, two: Piece) -> bool:
    near = abs(one.left - two.left) < 0.2 * one.size and abs(one.bottom - two.bottom) < (
        0.2 * one.size
    )
    return near and [word.text for word in one.words] == [word.text for word in two.words]


def _first_pair(pieces: list[Piece], start: int) -> int | None:
    """Find the first piece that has another beside it."""
    for index in range(start, len(pieces)):
        piece = pieces[index]
        for other in pieces[index + 1 :]:
            shared = min(piece.bottom, other.bottom) - other.top
            if shared <= 0:
                break
            least = min(piece.bottom - piece.top, other.bottom - other.top)
            gap = max(piece.left, other.left) - min(piece.right, other.right)
            if shared >= 0.3 * least and gap >= GAP * min(piece.size, other.size):
                return index
    return None


def _band(pieces: list[Piece], start: int, done: int) -> tuple[int, int, list[tuple[float, float]]]:
    """Give the range of the pieces around ``start`` that leave strips empty, and these strips.

    The strips are (left, right), the widest first.
    """
    covered = [(pieces[start].left, pieces[start].right)]
    last, least = start + 1, GAP * pieces[start].size
    lowest = pieces[start].bottom
    while last < len(pieces):
        if pieces[last].top - lowest > 1.5 * pieces[last].size and _is_grid(pieces, last):
            break
        lowest = max(lowest, pieces[last].bottom)
        wider = _cover(covered, pieces[last], least)
        joined = len(wider) < 2 and (len(covered) > 1 or last > start + 1)
        if joined or len(wider) > MAX_COLUMNS:
            break
        covered, last = wider, last + 1
    first = start
    while first > done and pieces[first].top - pieces[first - 1].bottom < pieces[first].size:
        above = pieces[first - 1]
        wider = _cover(covered, above, least)
        if len(wider) < len(covered) or above.size > 1.1 * pieces[start].size:
            break
        covered, first = wider, first - 1
    last = _without_tail(pieces, first, last)
    strips = [(one[1], two[0]) for one, two in pairwise(covered)]
    return first, last, sorted(strips, key=lambda strip: strip[0] - strip[1])


def _is_grid(pieces: list[Piece], first: int) -> bool:
    """Tell whether rows of three short cells or more begin there, level with each other."""
    rows = rows_of(pieces[first : first + _LOOK_AHEAD])[:_ROWS_AHEAD]
    cells = [piece for row in rows for piece in row]
    full = sum(len(row) > 2 for row in rows)
    return full == _ROWS_AHEAD and median(len(piece.text) for piece in cells) <= _SHORT_CELL


def _without_tail(pieces: list[Piece], first: int, last: int) -> int:
    """Leave out what stands below both columns, by a gap or larger type, and beside nothing."""
    lowest = pieces[first].bottom
    for index in range(first + 1, last):
        piece = pieces[index]
        below = piece.top - lowest
        stands_off = below > 1.2 * piece.size or (
            below > 0.5 * piece.size and piece.size > 1.1 * pieces[index - 1].size
        )
        if stands_off and _first_pair(pieces[index:last], 0) is None:
            return index
        lowest = max(lowest, piece.bottom)
    return last


def _cover(
    covered: list[tuple[float, float]], piece: Piece, least: float
) -> list[tuple[float, float]]:
    """Add a piece to the covered stretches; those closer than ``least`` become one."""
    merged: list[tuple[float, float]] = []
    for left, right in sorted([*covered, (piece.left, piece.right)]):
        if merged and left - merged[-1][1] < least:
            merged[-1] = (merged[-1][0], max(right, merged[-1][1]))
        else:
            merged.append((left, right))
    return merged


def _cut(band: list[Piece], strip: tuple[float, float]) -> tuple[list[Piece], list[Piece]]:
    middle = (strip[0] + strip[1]) / 2
    return (
        [piece for piece in band if piece.right <= middle],
        [piece for piece in band if piece.right > middle],
    )


def _are_columns(left: list[Piece], right: list[Piece]) -> bool:
    counts = len(rows_of(left)), len(rows_of(right))
    lines = max(counts)
    if not left or not right:
        return False
    in_file = sorted([*((p.order, 0) for p in left), *((p.order, 1) for p in right)])
    switches = sum(one[1] != two[1] for one, two in pairwise(in_file))
    if min(counts) >= 2 and _is_list(left) and _is_list(right):
        return True
    if min(counts) < 2:
        return switches == 1 and _is_margin_note(left, right)
    if _is_table(left, right):
        return False
    if switches <= max(1, 0.15 * lines):
        return True
    prose = _reads_on(left) and _reads_on(right)
    return prose and (switches >= 0.6 * lines or switches <= 0.3 * lines)


def _is_list(side: list[Piece]) -> bool:
    """Tell whether most lines of a side begin with a bullet."""
    rows = rows_of(side)
    return 2 * sum(row[0].text[0] in _BULLETS for row in rows) > len(rows)


def _is_margin_note(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether one line stands beside the middle of a paragraph."""
    one, many = sorted((left, right), key=len)
    rows = rows_of(many)
    if len(one) != 1 or len(rows) < 4:
        return False
    return rows[0][0].bottom + 1 < one[0].bottom < rows[-1][0].bottom - 1


def _is_table(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether the rows of both sides belong together, whichever side is written first.

    Amounts that end the rows on the right stand level with what they are of on the left.
    """
    places = [piece.bottom for piece in left]
    level = sum(any(abs(piece.bottom - place) < 1 for place in places) for piece in right)
    rows = rows_of(right)
    amounts = sum(bool(_AMOUNT.match(row[-1].text)) for row in rows)
    return level >= 0.8 * len(right) and amounts >= 0.6 * len(rows)


def _reads_on(side: list[Piece]) -> bool:
    """Tell whether most lines fill their column and are broken inside sentences."""
    rows = rows_of(side)
    if len(rows) < 3:
        return False
    width = max(piece.right for piece in side) - min(piece.left for piece in side)
    filled = [row for row in rows if row[-1].right - row[0].left >= 0.7 * width]
    texts = [" ".join(piece.text for piece in row) for row in rows]
    wide = sum(map(is_wide, "".join(texts))) > 0.3 * len("".join(texts))
    if len(filled) < 0.5 * len(rows) or median(map(len, texts)) < (6 if wide else 12):
        return False
    if wide:
        return sum(bool(_PUNCTUATION.search(text)) for text in texts) < 0.5 * len(texts)
    return sum(text[:1].islower() for text in texts) >= 0.3 * len(texts)
