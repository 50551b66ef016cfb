"""Rows of cells as sheets and value files hold them: several tables, titles between them."""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence

from bifolio.ingest.building import Building, looks_like_head, one_line
from bifolio.ingest.merging import Merge, unmerged

Row = Sequence[str]


def append_rows(building: Building, rows: Iterable[Row], merges: Iterable[Merge] = ()) -> None:
    """Append the rows of a sheet: each block between empty rows is a table.

    A row of one cell above a wider one is a title, not the head of the table. ``merges`` are the
    cells that span others.
    """
    spans = sorted(merges)
    for start, block in _blocks(rows):
        first = next((at for at, row in enumerate(block) if _filled(row) > 1), len(block))
        for row in block[:first]:
            building.paragraph("".join(row))
        rest, start = block[first:], start + first
        if rest:
            own = spans[bisect_left(spans, (start,)) : bisect_left(spans, (start + len(rest),))]
            shown, known = unmerged(
                rest, [(row - start, column, high, wide) for row, column, high, wide in own]
            )
            building.table(shown, has_head=known or looks_like_head(shown))


def _blocks(rows: Iterable[Row]) -> Iterator[tuple[int, list[list[str]]]]:
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
