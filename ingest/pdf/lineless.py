"""Tables without lines whose broken cells are set to the middle or the bottom of their rows."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from bifolio.ingest.pdf.heads import has_head
from bifolio.ingest.pdf.pieces import Piece, Row, rows_of
from bifolio.ingest.pdf.ruled import Ruled, RuledRow

# So many heads of a page are tried, and lines below each.
_MOST_HEADS, _MOST_LINES = 40, 200
# A table has a head and so many rows.
_ROWS = 2
# In units of the type's size: what stands further below is another thing, columns leave so much
# free, lines are so far apart at least, and cells begin so far from each other in a row whose
# cells are not set to its top.
_FAR, _FREE, _LINE, _TOP = 1.5, 0.3, 0.8, 0.3
# Lines of one cell are no further apart than so many times the least way between lines.
_CLOSE = 1.12
# So many cells begin or end where those above do.
_SHARED = 2
# Points by which the middles, or the lower ends, of the cells of one row differ.
_NEAR = 1.2


class _Cell(NamedTuple):
    """The lines of a cell, of a column that is counted from the left."""

    column: int
    lines: list[Row]

    @property
    def top(self) -> float:
        """Where its first line begins, in points from the top of the page."""
        return self.lines[0][0].top

    @property
    def bottom(self) -> float:
        """Where its last line ends, in the same points."""
        return self.lines[-1][0].bottom

    @property
    def middle(self) -> float:
        """Half the way between the two."""
        return (self.top + self.bottom) / 2


_Group = list[_Cell]  # the cells of one row


def take_lineless(pieces: list[Piece]) -> tuple[list[Piece], list[Ruled]]:
    """Give the pieces that stand in no such table, and the tables."""
    rows = rows_of(pieces)
    tables: list[Ruled] = []
    broken = [at for at, row in enumerate(rows[:-1]) if len(rows[at + 1]) < len(row) > 1]
    lowest = 0.0
    for at in sorted({_first(rows, at) for at in broken[:_MOST_HEADS]}):
        if rows[at][0].top >= lowest and (groups := _groups(rows, at)):
            tables.append(_ruled(groups, len(rows[at])))
            lowest = max(cell.bottom for cell in groups[-1])
    taken = {id(piece) for table in tables for row in table.rows for piece in row.pieces}
    return [piece for piece in pieces if id(piece) not in taken], tables


def _first(rows: Sequence[Row], at: int) -> int:
    """Give the first of the rows right above that have cells at the places of this one."""
    while at and len(rows[at - 1]) > 1:
        one, two = rows[at - 1], rows[at]
        edges = {round(piece.left) for piece in one}, {round(piece.right) for piece in one}
        shared = sum(
            round(piece.left) in edges[0] or round(piece.right) in edges[1] for piece in two
        )
        if shared < _SHARED or two[0].top - one[0].bottom > _FAR * two[0].size:
            break
        at -= 1
    return at


def _groups(rows: Sequence[Row], at: int) -> list[_Group]:
    """Give the rows of the table below a head, with it; none if there is no such table."""
    head = rows[at]
    columns: list[Row] = [[piece] for piece in head]
    lowest = head[0].bottom
    for row in rows[at + 1 : at + _MOST_LINES]:
        places = [_column(piece, head) for piece in row]
        if row[0].top - lowest > _FAR * head[0].size or None in places:
            break
        lowest = max(lowest, row[0].bottom)
        for place, piece in zip(places, row, strict=True):
            columns[place or 0].append(piece)
    cells = list(_cells(columns))
    found = (_grouped(cells, key) for key in (lambda one: one.middle, lambda one: one.bottom))
    return next((groups for groups in found if _are_rows(groups, len(head))), [])


def _column(piece: Piece, head: Row) -> int | None:
    """Give the column of a piece below the names of columns; None if it stands in none."""
    if abs(piece.size - head[0].size) > 0.15 * head[0].size:
        return None
    for place, name in enumerate(head):
        if abs(piece.right - name.right) < 1 and piece.left > head[max(place - 1, 0)].left:
            return place
    below = [place for place, name in enumerate(head) if name.left <= piece.left + 0.5]
    if not below:
        return None
    after = head[below[-1] + 1].left if below[-1] + 1 < len(head) else float("inf")
    return below[-1] if piece.right < after - _FREE * piece.size else None


def _cells(columns: Sequence[Row]) -> Iterator[_Cell]:
    lines = [rows_of(pieces) for pieces in columns]
    steps = [two[0].bottom - one[0].bottom for own in lines for one, two in pairwise(own)]
    leading = min((step for step in steps if step > _LINE * columns[0][0].size), default=0.0)
    for place, own in enumerate(lines):
        held = own[:1]
        for one, two in pairwise(own):
            if two[0].bottom - one[0].bottom > _CLOSE * leading:
                yield _Cell(place, held)
                held = []
            held.append(two)
        yield _Cell(place, held)


def _grouped(cells: Sequence[_Cell], key: Callable[[_Cell], float]) -> list[_Group]:
    groups: list[_Group] = []
    for cell in sorted(cells, key=key):
        if groups and key(cell) - key(groups[-1][0]) < _NEAR:
            groups[-1].append(cell)
        else:
            groups.append([cell])
    # What stands alone at the end is text below the table.
    while groups and len(groups[-1]) < 2:
        groups.pop()
    return groups


def _are_rows(groups: Sequence[_Group], width: int) -> bool:
    """Tell whether groups are a head and rows, of which one is not set to its top."""
    if len(groups) <= _ROWS or len(groups[0]) != width:
        return False
    if any(len({cell.column for cell in own}) < len(own) or len(own) < 2 for own in groups):
        return False
    size = groups[0][0].lines[0][0].size
    if any(
        max(cell.bottom for cell in one) > min(cell.top for cell in two) + 0.5
        for one, two in pairwise(groups)
    ):
        return False
    tops = ([cell.top for cell in own] for own in groups)
    return any(max(own) - min(own) > _TOP * size for own in tops)


def _ruled(groups: Sequence[_Group], width: int) -> Ruled:
    rows = []
    for own in groups:
        cells: list[tuple[str, ...]] = [("",)] * width
        for cell in own:
            cells[cell.column] = tuple(" ".join(one.text for one in line) for line in cell.lines)
        ordered = sorted(own, key=lambda cell: cell.column)
        pieces = [piece for cell in ordered for line in cell.lines for piece in line]
        rows.append(RuledRow(tuple(cells), pieces))
    return Ruled([], rows, has_head([[" ".join(cell) for cell in row.cells] for row in rows]))
