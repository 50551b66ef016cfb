"""Rows of cells as sheets and value files hold them: several tables, titles between them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from bifolio.ingest.building import Building, is_number, looks_like_head, one_line
from bifolio.ingest.merging import Merge, unmerged

Row = Sequence[str]
Block = tuple[int, list[list[str]]]  # the number of its first row, and the rows
Stretch = tuple[int, int]  # the first column, and the one after the last

# So many empty columns part tables; one may part the columns of one.
_GAP = 2
# More stand beside each other on no sheet that somebody reads.
_MOST = 10
# Of two tables one ends so many rows above the other; fewer may be cells that are empty.
_SHORTER = 2


def append_rows(building: Building, rows: Iterable[Row], merges: Iterable[Merge] = ()) -> None:
    """Append the rows of a sheet: each block between empty rows is a table, or several in a row.

    A row of one cell above a wider one is a title, not the head of the table. ``merges`` are the
    cells that span others.
    """
    spans = sorted(merges)
    for start, block in _whole(_blocks(rows)):
        first = next((at for at, row in enumerate(block) if _filled(row) > 1), len(block))
        for row in block[:first]:
            building.paragraph("".join(row))
        rest, start = block[first:], start + first
        own = spans[bisect_left(spans, (start,)) : bisect_left(spans, (start + len(rest),))]
        own = [(row - start, column, high, wide) for row, column, high, wide in own]
        tables = _beside(rest)
        # Further in than the first column, or several.
        if any(left for left, _ in tables):
            for left, right in tables:
                inside = [
                    (row, column - left, high, min(wide, right - column))
                    for row, column, high, wide in own
                    if left <= column < right
                ]
                append_rows(building, (row[left:right] for row in rest), inside)
        elif rest:
            shown, known = unmerged(rest, own)
            building.table(shown, has_head=known or looks_like_head(shown))


def _whole(blocks: Iterable[Block]) -> Iterator[Block]:
    """Join to each block those that only go on with its table behind an empty row."""
    held: Block | None = None
    for start, block in blocks:
        if held and _goes_on(held[1], block):
            held[1].extend([[]] * (start - held[0] - len(held[1])) + block)
            continue
        if held:
            yield held
        held = start, block
    if held:
        yield held


def _goes_on(above: Sequence[Row], block: Sequence[Row]) -> bool:
    """Tell whether rows have words and figures in the columns that have them above."""
    first = next((at for at, row in enumerate(above) if _filled(row) > 1), len(above))
    one, two = ([bool(cell) + is_number(cell) for cell in row] for row in (above[-1], block[0]))
    return one == two and max(one) > 1 and _filled(above[-1]) > 1 and looks_like_head(above[first:])


def _blocks(rows: Iterable[Row]) -> Iterator[Block]:
    """Yield the rows between empty ones, and the number of the first of them."""
    block: list[list[str]] = []
    number = -1
    for number, row in enumerate(rows):
        cells = [one_line(cell) for cell in row]
        if any(cells):
            block.append(cells)
        elif block:
            yield number - len(block), block
            block = []
    if block:
        yield number + 1 - len(block), block


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _beside(rows: Sequence[Row]) -> list[Stretch]:
    """Give the columns of each of the tables that stand beside each other, parted by empty ones."""
    width = max(map(len, rows), default=0)
    is_filled = [any(column < len(row) and row[column] for row in rows) for column in range(width)]
    groups = [list(columns) for _, columns in groupby(range(width), is_filled.__getitem__)]
    stretches = [(group[0], group[-1] + 1) for group in groups if is_filled[group[0]]]
    if len(stretches) > _MOST:
        return [(0, width)]
    tables: list[Stretch] = []
    for stretch in stretches:
        if tables and not _are_two(tables[-1], stretch, rows):
            stretch = tables.pop()[0], stretch[1]
        tables.append(stretch)
    return tables


def _are_two(one: Stretch, two: Stretch, rows: Sequence[Row]) -> bool:
    """Tell whether both are tables, whose rows have nothing to do with each other.

    Each names its rows itself, and they are not the same rows: they begin or end elsewhere, both
    have a title or the same head, or more than one empty column stands between them.
    """
    parts = [[row[slice(*stretch)] for row in rows] for stretch in (one, two)]
    if not all(map(_names_rows, parts)):
        return False
    numbers = [[at for at, row in enumerate(part) if any(row)] for part in parts]
    (first, *_, last), (other_first, *_, other_last) = numbers
    heads = [part[own[0]] for part, own in zip(parts, numbers, strict=True)]
    return (
        two[0] - one[1] >= _GAP
        or first != other_first
        or abs(last - other_last) >= _SHORTER
        or heads[0][0] == heads[1][0]
        or all(_filled(head) == 1 for head in heads)
    )


def _names_rows(part: Sequence[Row]) -> bool:
    """Tell whether there are rows of several cells, of which most begin with a name."""
    below = [row for row in part if any(row)][1:]
    names = [row[0] for row in below if _filled(row) > 1]
    return bool(names) and 2 * sum(bool(one) and not is_number(one) for one in names) > len(names)
