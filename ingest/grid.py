"""Rows of cells as sheets and value files hold them: several tables, titles between them."""

from collections.abc import Iterable, Iterator, Sequence

from bifolio.ingest.building import Building, looks_like_head, one_line

Row = Sequence[str]


def append_rows(building: Building, rows: Iterable[Row]) -> None:
    """Append the rows of a sheet: each block between empty rows is a table.

    A row of one cell above a wider one is a title, not the head of the table.
    """
    for block in _blocks(rows):
        first = next((at for at, row in enumerate(block) if _filled(row) > 1), len(block))
        for row in block[:first]:
            building.paragraph("".join(row))
        if rest := block[first:]:
            building.table(rest, has_head=looks_like_head(rest))


def _blocks(rows: Iterable[Row]) -> Iterator[list[list[str]]]:
    block: list[list[str]] = []
    for row in rows:
        cells = [one_line(cell) for cell in row]
        if any(cells):
            block.append(cells)
        elif block:
            yield block
            block = []
    if block:
        yield block


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)
