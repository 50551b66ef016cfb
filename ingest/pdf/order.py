"""Pieces of lines are put in the order in which one reads: columns, and what spans them."""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

from bifolio.ingest.parsed import is_wide
from bifolio.ingest.pdf.pieces import BULLETS, Piece, rows_of
from bifolio.ingest.pdf.words import GAP

# No page has more columns inside columns.
MAX_DEPTH = 20
MAX_COLUMNS = 100
# So many pieces and rows tell that a table begins, and cells of so many letters.
_LOOK_AHEAD, _ROWS_AHEAD, _SHORT_CELL = 30, 3, 12
# Points: rows of one table are as level as that.
_LEVEL = 2.0
_CAPTION = re.compile(r"(?:Table|Tab\.|Tabelle|Tableau|Tabla|表)\s?[\dA-Z一二三四五六七八九十]")
_COUNT = re.compile(r"[(（]?[A-Z]{0,3}[.-]?\d[\d.-]{0,9}[)）.、]?")
_PUNCTUATION = re.compile(r"[.!?。！？；;]$")
# A cell with an amount, no line of running text nor one that names its amount itself: "160",
# "9 €", "每月 160 克朗", "2.4 an hour".
_AMOUNT = re.compile(r"(?=.{1,24}$)(?!.*(?::\s|：))\D*\d[^。；;!?！？]*$")


Strip = tuple[float, float]  # left, right
Sides = tuple[list[Piece], list[Piece]]
Section = tuple[int, int, Sides]  # the first piece, the one after the last, and its sides


def blocks_of(pieces: list[Piece], *, depth: int = 0) -> Iterator[list[Piece]]:
    """Yield the pieces in parts that are read one after the other: columns, and what spans them.

    Where pieces stand side by side, as far up and down as an empty strip stays between them,
    there are columns if the file writes one side before the other, or writes line by line what
    reads as running text. Other pieces side by side are left together: they may be a table.
    """
    done = kept = 0
    while (start := _first_pair(pieces, done)) is not None:
        first, done, strips = _band(pieces, start, done)
        sides = _sides(pieces[first:done], strips)
        found = [(first, done, sides)] if sides else _sections(pieces, first, done)
        for begin, end, sides in found if depth < MAX_DEPTH else ():
            above, sides = _of_right(pieces[kept:begin], sides)
            if above:
                yield above
            for side in sides:
                yield from blocks_of(side, depth=depth + 1)
            kept = end
    if kept < len(pieces):
        yield pieces[kept:]


def _of_right(above: list[Piece], sides: Sides) -> tuple[list[Piece], Sides]:
    """Put to the right column what stands above it and is written right before it: its heading."""
    left, right = sides
    start = max(piece.right for piece in left)
    of_right = {piece.order for piece in right}
    written = sorted([*above, *left, *right], key=lambda piece: piece.order)
    for piece, after in reversed(list(pairwise(written))):
        if piece.left > start and after.order in of_right:
            of_right.add(piece.order)
    moved = [piece for piece in above if piece.order in of_right]
    return [piece for piece in above if piece not in moved], (left, [*moved, *right])


def _sides(band: list[Piece], strips: list[Strip]) -> Sides | None:
    """Part a band at the first of the strips where it may be."""
    cuts = [_cut(band, strip) for strip in strips]
    # Tables first: a strip inside one of them may be wider than that between them.
    parted = (cut for test in (_are_tables, _are_columns) for cut in cuts if test(*cut))
    return next(parted, None)


def _sections(pieces: list[Piece], first: int, last: int) -> Iterator[Section]:
    """Yield the parts of a band that stand off from each other and have sides of their own.

    As the blocks of a letter's head, below which a table stands. What has none is parted once more
    where the file goes on below all that it wrote before.
    """
    for begin, end in _parted(pieces, first, last, by_file=False):
        whole = _section(pieces, begin, end) if (begin, end) != (first, last) else None
        if whole:
            yield whole
            continue
        for one, two in _parted(pieces, begin, end, by_file=True):
            alone = (one, two) != (begin, end) and not _is_row(pieces, begin, end, one, two)
            if alone and (part := _section(pieces, one, two)):
                yield part


def _is_row(pieces: list[Piece], first: int, last: int, one: int, two: int) -> bool:
    """Tell whether a part has cells at the places of a row that stands right above or below it."""
    own = pieces[one:two]
    lowest = max(piece.bottom for piece in own)
    above = rows_of(pieces[max(first, one - _LOOK_AHEAD) : one])[-1:]
    below = rows_of(pieces[two : min(last, two + _LOOK_AHEAD)])[:1]
    near = [row for row in above if own[0].top - row[0].bottom < row[0].size]
    near += [row for row in below if row[0].top - lowest < row[0].size]
    places = {round(piece.left) for piece in own}
    return any(len(places & {round(piece.left) for piece in row}) > 1 for row in near)


def _parted(
    pieces: list[Piece], first: int, last: int, *, by_file: bool
) -> Iterator[tuple[int, int]]:
    """Yield the ranges between the pieces that stand off from those above, or come behind them."""
    starts, lowest, written = [first], pieces[first].bottom, pieces[first].order
    for index in range(first + 1, last):
        piece = pieces[index]
        gap = piece.top - lowest
        if (gap >= 0 and piece.order > written) if by_file else _stands_off(pieces, index, gap):
            starts.append(index)
        lowest, written = max(lowest, piece.bottom), max(written, piece.order)
    return pairwise((*starts, last))


def _section(pieces: list[Piece], begin: int, end: int) -> Section | None:
    if begin and pieces[begin - 1].bottom > pieces[begin].top:
        # The rest of its first row belongs to the band before.
        return None
    if pieces[end - 1].top < pieces[begin].bottom:
        # One row has no columns.
        return None
    section = pieces[begin:end]
    sides = _sides(section, _strips(section))
    return (begin, end, sides) if sides else None


def _stands_off(pieces: list[Piece], index: int, gap: float) -> bool:
    """Tell whether a piece stands off from those above, by the gap between them or larger type."""
    piece, before = pieces[index], pieces[index - 1]
    is_larger = piece.size > 1.1 * before.size
    return gap > 1.2 * piece.size or (is_larger and gap > 0.5 * piece.size)


def _strips(band: list[Piece]) -> list[Strip]:
    """Give the strips that pieces leave empty from top to bottom, the widest first."""
    covered: list[Strip] = []
    for piece in band:
        covered = _cover(covered, piece, GAP * band[0].size)
    strips = [(one[1], two[0]) for one, two in pairwise(covered)]
    return sorted(strips, key=lambda strip: strip[0] - strip[1])


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


def _band(pieces: list[Piece], start: int, done: int) -> tuple[int, int, list[Strip]]:
    """Give the range of the pieces around ``start`` that leave strips empty, and these strips.

    The strips are (left, right), the widest first.
    """
    covered = [(pieces[start].left, pieces[start].right)]
    last, least = start + 1, GAP * pieces[start].size
    lowest = pieces[start].bottom
    while last < len(pieces):
        stands_off = pieces[last].top - lowest > 1.5 * pieces[last].size
        if stands_off and not _are_captions(pieces[start:last]) and _is_grid(pieces, last):
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
    """Leave out what stands below both columns, by a gap or larger type, and beside nothing.

    What the file writes before the end of the other column is the rest of its own.
    """
    lowest, written = pieces[first].bottom, pieces[first].order
    for index in range(first + 1, last):
        piece = pieces[index]
        stands_off = _stands_off(pieces, index, piece.top - lowest)
        is_last = stands_off and min(one.order for one in pieces[index:last]) > written
        if is_last and _first_pair(pieces[index:last], 0) is None:
            return index
        lowest, written = max(lowest, piece.bottom), max(written, piece.order)
    return last


def _cover(covered: list[Strip], piece: Piece, least: float) -> list[Strip]:
    """Add a piece to the covered stretches; those closer than ``least`` become one."""
    merged: list[Strip] = []
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
    if not left or not right:
        return False
    counts = _count_beside(left, right), _count_beside(right, left)
    lines = max(len(rows_of(left)), len(rows_of(right)))
    switches = _switches(left, right)
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


def _count_beside(side: list[Piece], other: list[Piece]) -> int:
    """Count the rows of a side that stand beside the other one, neither above nor below it."""
    top, bottom = min(piece.top for piece in other), max(piece.bottom for piece in other)
    return sum(row[0].bottom > top and row[0].top < bottom for row in rows_of(side))


def _switches(left: list[Piece], right: list[Piece]) -> int:
    """Count how often the file goes from one side to the other."""
    in_file = sorted([*((p.order, 0) for p in left), *((p.order, 1) for p in right)])
    return sum(one[1] != two[1] for one, two in pairwise(in_file))


def _are_tables(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether two tables stand side by side, or one that is folded.

    Rows of one table would be level, and written side after side only if each column is; so its
    halves are two tables if they are not, or if the same head or a caption stands above both.
    """
    sides = rows_of(left), rows_of(right)
    full = [[row for row in rows if len(row) > 1] for rows in sides]
    if any(len(some) < max(2, 0.5 * len(rows)) for some, rows in zip(full, sides, strict=True)):
        return False
    if _are_captions([rows[0][0] for rows in sides]) or _is_one_head(*(some[0] for some in full)):
        return True
    if _switches(left, right) == 1 and any(map(_is_by_rows, full)):
        return True
    fewer, more = sorted(full, key=len)
    places = [row[0].bottom for row in more]
    inside = [row[0].bottom for row in fewer if places[0] <= row[0].bottom <= places[-1]]
    level = _count_level(inside, places, _LEVEL)
    return len(inside) > 2 and level < 0.5 * len(inside)


def _count_level(bottoms: list[float], places: list[float], least: float) -> int:
    """Count the lines that stand closer than ``least`` to one of the places, which are sorted."""
    first = (bisect_right(places, bottom - least) for bottom in bottoms)
    return sum(
        at < len(places) and places[at] < bottom + least
        for bottom, at in zip(bottoms, first, strict=True)
    )


def _are_captions(pieces: list[Piece]) -> bool:
    return all(_CAPTION.match(piece.text) for piece in pieces)


def _is_one_head(one: list[Piece], two: list[Piece]) -> bool:
    """Tell whether a row says again what the other says, once or several times."""
    short, long = sorted(([piece.text for piece in row] for row in (one, two)), key=len)
    times, rest = divmod(len(long), len(short))
    return not rest and long == short * times and not any(map(str.isdigit, "".join(short)))


def _is_by_rows(rows: list[list[Piece]]) -> bool:
    """Tell whether the file writes most cells right behind the one at their left."""
    places = sorted(piece.order for row in rows for piece in row)
    behind = dict(pairwise(places))
    pairs = [(one.order, two.order) for row in rows for one, two in pairwise(row)]
    return sum(behind.get(one) == two for one, two in pairs) >= 0.6 * len(pairs)


def _is_list(side: list[Piece]) -> bool:
    """Tell whether most lines of a side begin with a bullet."""
    rows = rows_of(side)
    return 2 * sum(row[0].text[0] in BULLETS for row in rows) > len(rows)


def _is_margin_note(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether one line stands beside the middle of a paragraph."""
    one, many = sorted((left, right), key=len)
    rows = rows_of(many)
    if len(one) != 1 or len(rows) < 4:
        return False
    return rows[0][0].bottom + 1 < one[0].bottom < rows[-1][0].bottom - 1


def _is_table(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether the rows of both sides belong together, whichever side is written first.

    Amounts that end the rows on the right stand level with what they are of on the left, or numbers
    and nothing else on the left level with what they count.
    """
    bottoms, places = (sorted(piece.bottom for piece in side) for side in (right, left))
    if all(_COUNT.fullmatch(piece.text) for piece in left):
        return _count_level(places, bottoms, 1) == len(left)
    level = _count_level(bottoms, places, 1)
    rows = rows_of(right)
    amounts = sum(bool(_AMOUNT.match(row[-1].text)) for row in rows)
    return level >= 0.8 * len(right) and amounts >= 0.6 * len(rows)


def _reads_on(side: list[Piece]) -> bool:
    """Tell whether most lines fill their column, or columns, and are broken inside sentences."""
    rows = rows_of(side)
    strips = sorted(_strips(side))
    if len(rows) > 2 and strips:
        left, right = _cut(side, strips[0])
        return _reads_on(left) and _reads_on(right) and not _begin_together(left, right)
    if len(rows) < 3:
        return False
    width = max(piece.right for piece in side) - min(piece.left for piece in side)
    # A row of several pieces is more likely one of a table.
    filled = [row for row in rows if len(row) == 1 and row[0].right - row[0].left >= 0.7 * width]
    texts = [" ".join(piece.text for piece in row) for row in rows]
    wide = sum(map(is_wide, "".join(texts))) > 0.3 * len("".join(texts))
    if len(filled) < 0.5 * len(rows) or median(map(len, texts)) < (6 if wide else 12):
        return False
    if wide:
        return sum(bool(_PUNCTUATION.search(text)) for text in texts) < 0.5 * len(texts)
    return sum(text[:1].islower() for text in texts) >= 0.3 * len(texts)


def _begin_together(left: list[Piece], right: list[Piece]) -> bool:
    """Tell whether something new begins on both sides of a line, or one leaves lines empty.

    So do the rows of a table whose cells are broken, and columns do not.
    """
    sides = [{round(row[0].bottom): row for row in rows_of(side)} for side in (left, right)]
    level = sorted(sides[0].keys() & sides[1].keys())
    if len(level) < 0.8 * max(map(len, sides)):
        return True
    return any(
        not any(_goes_on(side[at], side[above]) for side in sides) for above, at in pairwise(level)
    )


def _goes_on(row: list[Piece], above: list[Piece]) -> bool:
    """Tell whether a line goes on with the sentence of the one above."""
    first, width = row[0].text[:1], above[-1].right - above[0].left
    is_full = row[-1].right - row[0].left < width + row[0].size
    return first.islower() or (is_wide(first) and is_full)
