"""Columns that stand closer than words of a piece may: known by what stays empty in all rows."""

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from bifolio.ingest.pdf.joining import has_one_gap, is_drawn_out, loose_words
from bifolio.ingest.pdf.pieces import BULLETS, Piece, piece_of
from bifolio.ingest.pdf.tables import is_entry
from bifolio.ingest.pdf.words import SPACE, Word

Row = list[Piece]
Strip = tuple[float, float]  # left, right

# So many rows tell of a column.
_LEAST = 3
# In units of the type's size: what is left of a strip, and how far rows may be apart.
_NARROW, _STEP = 0.25, 2.6
# Spaces that are as wide as letters differ from them by no more, in the same units.
_SAME = 0.03


def part_tight(rows: list[Row]) -> list[Row]:
    """Cut pieces where a strip between columns runs through them.

    It does if a column holds figures, or if most rows have it between two pieces. Text that is set
    tight in no columns stays as it is.
    """
    if not any(_has_room(piece) for row in rows for piece in row):
        return rows
    parted: list[Row] = []
    words = [_words(row) for row in rows]
    at = 0
    while at < len(rows):
        # The dots of a table of contents stand below each other, and are no columns.
        last, strips = (at + 1, []) if is_entry(rows[at]) else _reach(rows, words, at)
        if last - at < _LEAST or _is_fixed(rows[at:last]):
            strips = []
        elif not _hold_figures(rows[at:last], strips):
            strips = [strip for strip in strips if _is_open(strip, rows[at:last])]
        if strips:
            parted += [_cut(row, strips) for row in rows[at:last]]
            at = last
        else:
            parted.append(rows[at])
            at += 1
    return parted


def _has_room(piece: Piece) -> bool:
    """Tell whether words of a piece stand further apart than a space is wide."""
    words = piece.words
    return len(words) > 1 and any(
        two.left - one.right >= SPACE * one.size for one, two in pairwise(words)
    )


def _reach(rows: list[Row], words_of: list[list[Word]], first: int) -> tuple[int, list[Strip]]:
    """Give the row after the last through which strips run, and these."""
    size = median(word.size for word in words_of[first])
    strips = [
        (one.right, two.left)
        for one, two in pairwise(word for piece in rows[first] for word in loose_words(piece))
        if two.left - one.right >= SPACE * size and one.text not in BULLETS
    ]
    last, least = first + 1, _NARROW * size
    while strips and last < len(rows):
        row, above, words = rows[last], rows[last - 1], words_of[last]
        left = [part for strip in strips if (part := _left_of(strip, words, least))]
        far = row[0].bottom - above[0].bottom > _STEP * size
        cut_off = last - first >= _LEAST and len(left) < len(strips)
        other = is_entry(row) or abs(row[0].size - size) > 0.2 * size
        if not left or far or cut_off or other:
            break
        strips, last = left, last + 1
    return last, strips


def _words(row: Row) -> list[Word]:
    return [word for piece in row for word in piece.words]


def _left_of(strip: Strip, words: list[Word], least: float) -> Strip | None:
    """Give the widest part of a strip that the words of a row leave empty."""
    start, end = strip
    inside = [(word.left, word.right) for word in words if word.right > start and word.left < end]
    edges = [(start, start), *inside, (end, end)]
    parts = [(one[1], two[0]) for one, two in pairwise(edges)]
    left, right = max(parts, key=lambda part: part[1] - part[0])
    return (left, right) if right - left >= least else None


def _is_fixed(rows: Sequence[Row]) -> bool:
    """Tell whether spaces are as wide as letters, as in type that has but one width."""
    words = [word for row in rows for word in _words(row)]
    width = median((word.right - word.left) / len(word.text) / word.size for word in words)
    pairs = [pair for row in rows for piece in row for pair in pairwise(piece.words)]
    gaps = [(two.left - one.right) / two.size for one, two in pairs]
    return 2 * sum(abs(gap - width) < _SAME for gap in gaps) > len(gaps)


def _is_open(strip: Strip, rows: Sequence[Row]) -> bool:
    """Tell whether most of the rows have a strip between two of their pieces."""
    middle = (strip[0] + strip[1]) / 2
    gaps = (pair for row in rows for pair in pairwise(row))
    return 2 * sum(one.right <= middle <= two.left for one, two in gaps) > len(rows)


def _hold_figures(rows: Sequence[Row], strips: Sequence[Strip]) -> bool:
    """Tell whether most cells of a column but the first are figures.

    Not in lines that are drawn out to the margin.
    """
    if 2 * sum(map(_is_drawn_out, rows)) >= len(rows):
        return False
    words = [word for row in rows for word in _words(row)]
    cells = [_cut(row, strips) for row in rows]
    for left, right in pairwise([*(start for start, _ in strips), max(w.right for w in words)]):
        own = [piece.text for row in cells for piece in row if left <= piece.left < right]
        if len(own) >= _LEAST and sum(map(_is_figure, own)) >= 0.6 * len(own):
            return True
    return False


def _is_drawn_out(row: Row) -> bool:
    words = _words(row)
    return len(words) > 2 and has_one_gap(words)


def _is_figure(text: str) -> bool:
    return any(map(str.isdigit, text)) and not any(map(str.isalpha, text))


def _cut(row: Row, strips: Sequence[Strip]) -> Row:
    """Cut the pieces of a row at the strips."""
    cut: Row = []
    for piece in row:
        if is_drawn_out(piece.words):
            cut.append(piece)
            continue
        groups = [[piece.words[0]]]
        for one, two in pairwise(piece.words):
            parts = any(one.right <= start and end <= two.left for start, end in strips)
            if parts and one.text not in BULLETS:
                groups.append([two])
            else:
                groups[-1].append(two)
        cut += [piece] if len(groups) == 1 else map(piece_of, groups)
    return cut
