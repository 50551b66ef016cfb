"""Whether a table holds facts, or only lays a page out."""

from collections.abc import Sequence
from typing import NamedTuple

# So many rows of facts make a table of them.
_LEAST = 2


class RowFacts(NamedTuple):
    """Of a row: its cells that are not empty, their letters, and whether a table stands in one."""

    cells: int
    letters: int
    holds_table: bool


def lays_out(rows: Sequence[RowFacts]) -> bool:
    """Tell whether a table in which others stand is a mere frame around them.

    It is none if there are rows of several cells without a table, and these say more than the rest.
    """
    if not any(row.holds_table for row in rows):
        return False
    plain = [row for row in rows if row.cells > 1 and not row.holds_table]
    said = sum(row.letters for row in plain)
    return len(plain) < _LEAST or 2 * said < sum(row.letters for row in rows)
