"""Words of a page become pieces of lines: what stands close, and lines drawn out to the margin."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter

from bifolio.ingest.pdf.pieces import BULLETS, Piece, Row, piece_of, rows_of
from bifolio.ingest.pdf.words import GAP, Word

_LETTER_BULLET, _ROUND = "o", "◦"
# In units of the type's size: marks further left are cells.
_FAR_MARK = 4.0
# In the same units: gaps of a line that is drawn out differ by no more, and words of columns by
# less where their gaps are the same.
_EVEN, _UNLIKE = 0.12, 0.5
# So many gaps that are the same tell such a line by themselves; with fewer it begins and ends where
# one near it does, in points and in units of the size.
_SURE, _FEW = 3, 2
_EDGE, _NEAR = 1.0, 2.0


def pieces_of(words: list[Word]) -> list[Piece]:
    """Put words into pieces of lines, from the top of the page to its bottom."""
    rows: list[list[Word]] = []
    for word in words:
        if rows and _goes_on(rows[-1], word):
            rows[-1].append(word)
        else:
            rows.append([word])
    pieces = sorted(map(piece_of, rows), key=attrgetter("bottom", "left"))
    merged = [_merge(row) for row in rows_of(pieces)]
    return sorted(_drawn_out(merged), key=attrgetter("top", "left"))


def _goes_on(row: list[Word], word: Word) -> bool:
    last = row[-1]
    gap = word.left - last.right
    size = word.size if word.size > last.size else last.size
    if word.turn != last.turn or word.apart or not -0.5 * size < gap < GAP * size:
        return False
    if word.bottom == last.bottom:
        return True
    shared = min(word.bottom, last.bottom) - max(word.top, last.top)
    return shared >= 0.5 * min(word.bottom - word.top, last.bottom - last.top)


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
        apart = piece.words[0].apart
        if (
            not apart
            and gap < GAP * min(before.size, piece.size)
            and before.words[0].turn == piece.words[0].turn
        ):
            words = sorted((*before.words, *piece.words), key=lambda word: word.left)
            merged[-1] = piece_of(_once(words))._replace(order=min(before.order, piece.order))
        else:
            merged.append(piece)
    return merged


def _is_mark_of(mark: Piece, item: Piece) -> bool:
    """Tell whether a piece is the bullet of the item at its right, and no cell of its own."""
    if mark.text not in BULLETS and mark.text != _LETTER_BULLET:
        return False
    gap = item.left - mark.right
    worded = any(map(str.isalnum, item.text)) and item.text != _LETTER_BULLET
    return 0 <= gap < _FAR_MARK * item.size and worded


def _with_mark(mark: Piece, item: Piece) -> Piece:
    sign = mark.text if mark.text in BULLETS else _ROUND
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


def _drawn_out(rows: Sequence[Row]) -> Iterator[Piece]:
    """Join the pieces of lines whose words stand far apart so that these end at the margin.

    All gaps of such a line are the same though its words are of many widths; cells begin or end
    below each other.
    """
    for at, row in enumerate(rows):
        near = [
            piece
            for other in (*rows[max(at - 2, 0) : at], *rows[at + 1 : at + 3])
            if len(row) > 1 and abs(other[0].bottom - row[0].bottom) < _NEAR * row[0].size
            for piece in other
        ]
        held: Row = []
        for piece in row:
            held.append(piece)
            if len(held) > 1 and not has_one_gap([word for one in held for word in one.words]):
                # The last may begin a line behind what stands beside it.
                kept = held[-2:] if len(held) == _FEW + 1 else held[-1:]
                yield from _as_line(held[: -len(kept)], near)
                held = kept
        yield from _as_line(held, near)


def _as_line(pieces: Row, near: Sequence[Piece]) -> Row:
    words = [word for piece in pieces for word in piece.words]
    if len(pieces) < 2 or not (_goes_on_small(words) and has_one_gap(words)):
        return pieces
    if is_drawn_out(words) or (_are_unlike(words) and _has_edges(pieces, near)):
        return [piece_of(words)._replace(order=min(piece.order for piece in pieces))]
    return pieces


def is_drawn_out(words: Sequence[Word]) -> bool:
    """Tell whether words of many widths stand apart by the same gaps, as no cells do."""
    if len(words) <= _SURE:
        return False
    return has_one_gap(words) and _goes_on_small(words) and _are_unlike(words)


def _are_unlike(words: Sequence[Word]) -> bool:
    widths = [word.right - word.left for word in words]
    return max(widths) - min(widths) > _UNLIKE * words[0].size


def loose_words(piece: Piece) -> Sequence[Word]:
    """Give the words between which a column may end: all, or one for a line that is drawn out."""
    first, last = piece.words[0], piece.words[-1]
    return [first._replace(right=last.right)] if is_drawn_out(piece.words) else piece.words


def _goes_on_small(words: Sequence[Word]) -> bool:
    """Tell whether most words are those inside of sentences."""
    small = sum(word.text[0].islower() for word in words[1:])
    return len(words) > _FEW and 2 * small >= len(words) - 1


def has_one_gap(words: Sequence[Word]) -> bool:
    """Tell whether the same gap stands between all words, of which none is several."""
    gaps = [two.left - one.right for one, two in pairwise(words)]
    single = all(" " not in word.text for word in words)
    return single and max(gaps) - min(gaps) < _EVEN * words[0].size


def _has_edges(pieces: Row, near: Sequence[Piece]) -> bool:
    """Tell whether a line begins and ends where lines near it do."""
    left = any(abs(piece.left - pieces[0].left) < _EDGE for piece in near)
    return left and any(abs(piece.right - pieces[-1].right) < _EDGE for piece in near)
