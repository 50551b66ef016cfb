"""Cells that span rows or columns: each row says by itself what it belongs to."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

from bifolio.ingest.building import is_number

# The row and the column of the cell that is shown, and how many of each it spans.
Merge = tuple[int, int, int, int]

# A longer text is a remark on the rows beside it, no name of theirs.
_LONGEST_NAME = 80


def unmerged(
    rows: Iterable[Sequence[str]], merges: Sequence[Merge], *, heads: int | None = None
) -> tuple[list[list[str]], bool | None]:
    """Give the rows with what spans several of them in each, and whether the first is a head.

    ``heads`` is how many rows name the columns, None if the file does not say; several become one,
    "2023 | | 2024" above "Q1 | Q2 | Q1" the row "2023 Q1 | 2023 Q2 | 2024 Q1". None stands for not
    known in the answer, too.
    """
    grid = [list(row) for row in rows]
    for row, column, high, _ in merges:
        name = _cell(grid, row, column)
        for below in grid[row + 1 : row + high]:
            below += [""] * (column + 1 - len(below))
            if not below[column] and len(name) <= _LONGEST_NAME:
                below[column] = name
    count = heads if heads is not None else 2 * _has_two_heads(grid, merges)
    if not count:
        return grid, None if heads is None else False
    if count == 1 or count >= len(grid):
        return grid, True
    return [_one_head(grid[:count], merges), *grid[count:]], True


def _has_two_heads(grid: Sequence[Sequence[str]], merges: Sequence[Merge]) -> bool:
    """Tell whether the first row heads groups of columns, which the second one names.

    The first column has no group: its place is empty, or its name spans both rows.
    """
    if len(grid) < 3:
        return False
    grouped = any(row == 0 and column and wide > 1 for row, column, _, wide in merges)
    alone = not _cell(grid, 0, 0) or any(m[:2] == (0, 0) and m[2] == 2 for m in merges)
    names = [cell for cell in grid[1] if cell]
    return grouped and alone and len(names) > 1 and not any(map(is_number, names))


def _one_head(heads: Sequence[Sequence[str]], merges: Sequence[Merge]) -> list[str]:
    shown = [[*row, *[""] * (max(map(len, heads)) - len(row))] for row in heads]
    for row, column, _, wide in merges:
        if row < len(shown):
            name = _cell(shown, row, column)
            for place in range(column, min(column + wide, len(shown[row]))):
                shown[row][place] = name
    columns = ([name for name in column if name] for column in zip(*shown, strict=True))
    return [
        " ".join(names[:1] + [two for one, two in pairwise(names) if one != two])
        for names in columns
    ]


def _cell(grid: Sequence[Sequence[str]], row: int, column: int) -> str:
    return grid[row][column] if row < len(grid) and column < len(grid[row]) else ""
