"""Words of a page become pieces of lines, and these rows."""

import math
from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from bifolio.ingest.parsed import is_wide
from bifolio.ingest.pdf.words import BEFORE_MARK, Word
from bifolio.ingest.raised import raised

_BOTTOM, _LEFT = attrgetter("bottom"), attrgetter("left")
# What stands before an item of a list and never is a word; Word's second bullet is a letter.
BULLETS = frozenset("•●▪◦∙‣○■□➢✓►▸◆◇❖✔☐☑☒" + "".join(map(chr, range(0xF000, 0xF100))))


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


Row = list[Piece]  # from left to right
Stretch = tuple[float, float]  # left, right


def overlap(piece: Piece, stretch: Stretch) -> float:
    """Give how much of a stretch a piece covers, in points; less than nothing is their gap."""
    return min(piece.right, stretch[1]) - max(piece.left, stretch[0])


def cell_text(pieces: list[Piece]) -> str:
    """Give the words of a cell, all its lines in one."""
    return " ".join(piece.text for piece in pieces)


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
    if not (after.size < 0.85 * before.size and after.text.isdigit()):
        return False
    if not (before.text[-1].isalnum() or before.text[-1] in BEFORE_MARK):
        return False
    higher = after.bottom < before.bottom - 0.15 * before.size
    return higher and after.left - before.right < 0.2 * before.size


def first_word(text: str, width: float, size: float) -> float:
    """Give about how wide the first word of a line is that is so wide, in points."""
    if is_wide(text[0]):
        return size * (1.6 if len(text) > 1 and not text[1].isalnum() else 0.8)
    return width * len(text.split(maxsplit=1)[0]) / len(text)


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


def piece_of(words: Sequence[Word]) -> Piece:
    """Make one piece of words that stand side by side."""
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
