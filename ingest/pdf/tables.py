"""Rows of a page whose pieces stand in columns are a table."""

import re
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from bifolio.ingest.pdf.order import Piece

# The dots that lead the eye from an entry of a table of contents to its page.
LEADERS = re.compile(r"\s*(?:[.·․‥…]\s*){4,}")

Row = list[Piece]
Stretch = tuple[float, float]  # left, right

_NUMBER = re.compile(r"[-–—\s]*(?:\d{1,4}|[ivxlc]+)[-–—\s]*", re.IGNORECASE)
# Rows further apart than so many times the usual belong to two tables.
_FAR = 2.6


class Grid(NamedTuple):
    """A table: for each row its pieces by column, which are empty where a cell is."""

    rows: list[list[list[Piece]]]
    has_head: bool


def find_tables(rows: list[Row]) -> Iterator[Row | Grid]:
    """Yield the rows in their order, with those that make a table put together."""
    at = 0
    while at < len(rows):
        last, columns = _reach(rows, at)
        grid = _grid(rows[at:last], columns) if last - at > 1 else None
        if grid is None:
            yield rows[at]
            at += 1
        else:
            yield grid
            at = last


def is_entry(row: Row) -> bool:
    """Tell whether dots lead the eye from the words of a row to a page number."""
    return any(LEADERS.search(piece.text) for piece in row)


def cell_text(pieces: list[Piece]) -> str:
    """Give the words of a cell, all its lines in one."""
    return " ".join(piece.text for piece in pieces)


def _reach(rows: list[Row], first: int) -> tuple[int, list[Stretch]]:
    """Give the row after the last that stands in the same columns, and the columns."""
    if len(rows[first]) < 2 or is_entry(rows[first]):
        return first + 1, []
    columns = [(piece.left, piece.right) for piece in rows[first]]
    last, pitch = first + 1, 0.0
    while last < len(rows):
        above, row = rows[last - 1], rows[last]
        step = row[0].bottom - above[0].bottom
        usual = max(pitch, 1.6 * row[0].size)
        if step > _FAR * usual or abs(row[0].size - above[0].size) > 0.35 * row[0].size:
            break
        wider = _fit(columns, row)
        # A line that stands off is a heading, and a second head is that of another table.
        # The entries of a table of contents are lines.
        if is_entry(row):
            break
        stands_off = len(row) == 1 and pitch and step > 1.2 * pitch
        if wider is None or stands_off or _texts(row) == _texts(rows[first]):
            break
        columns, pitch = wider, max(pitch, step) if len(row) > 1 else pitch
        last += 1
    # Single pieces below a table are text, unless they go on a cell of its last row.
    while last - first > 1 and len(rows[last - 1]) == 1:
        is_page_number = last == len(rows) and _NUMBER.fullmatch(rows[last - 1][0].text)
        if not is_page_number and _continues(rows, last - 1, columns):
            break
        last -= 1
    return last, columns


def _fit(columns: list[Stretch], row: Row) -> list[Stretch] | None:
    """Widen the columns by a row; None if a piece of it spans two of them or two are in one."""
    wider, taken = list(columns), set()
    for piece in row:
        hit = [
            n for n, (left, right) in enumerate(wider) if piece.left < right and piece.right > left
        ]
        if len(hit) > 1 or (hit and hit[0] in taken):
            return None
        if hit:
            left, right = wider[hit[0]]
            wider[hit[0]] = (min(left, piece.left), max(right, piece.right))
            taken.add(hit[0])
        elif len(row) < 2:
            return None
        else:
            wider.append((piece.left, piece.right))
            taken.add(len(wider) - 1)
    return wider if len(row) > 1 or taken else None


def _overlap(piece: Piece, stretch: Stretch) -> float:
    return min(piece.right, stretch[1]) - max(piece.left, stretch[0])


def _texts(row: Row) -> list[str]:
    return [piece.text for piece in row]


def _continues(rows: list[Row], at: int, columns: list[Stretch]) -> bool:
    """Tell whether a single piece goes on the cell above it: closer than rows are."""
    steps = [
        rows[index][0].bottom - rows[index - 1][0].bottom
        for index in range(max(1, at - 6), at)
        if len(rows[index]) > 1
    ]
    step = rows[at][0].bottom - rows[at - 1][0].bottom
    in_first = rows[at][0].left < columns[0][1]
    if not steps:
        return not in_first
    return step < 0.9 * median(steps) or (not in_first and step <= 1.05 * median(steps))


def _grid(rows: list[Row], columns: list[Stretch]) -> Grid | None:
    columns = sorted(columns)
    full = [row for row in rows if len(row) > 1]
    if len(full) < 2 or (len(columns) == 2 and len(full) < 3 and not _is_tight(full)):
        return None
    if not _are_aligned(full, columns) or _is_prose(full):
        return None
    cells: list[list[list[Piece]]] = []
    for index, row in enumerate(rows):
        placed = _place(row, columns)
        if cells and _is_continuation(rows, index, placed):
            for cell, more in zip(cells[-1], placed, strict=True):
                cell.extend(more)
        else:
            cells.append(placed)
    if len(cells) < 2:
        return None
    return Grid(cells, _has_head(cells))


def _is_tight(rows: list[Row]) -> bool:
    """Tell whether two rows of two pieces start at the very same places."""
    one, two = rows[0], rows[-1]
    return len(one) == len(two) and all(
        abs(a.left - b.left) < 1 or abs(a.right - b.right) < 1
        for a, b in zip(one, two, strict=True)
    )


def _place(row: Row, columns: list[Stretch]) -> list[list[Piece]]:
    placed: list[list[Piece]] = [[] for _ in columns]
    for piece in row:
        shares = [_overlap(piece, stretch) for stretch in columns]
        placed[shares.index(max(shares))].append(piece)
    return placed


def _is_continuation(rows: list[Row], index: int, placed: list[list[Piece]]) -> bool:
    """Tell whether a row holds further lines of the cells above."""
    if not placed[0]:
        step = rows[index][0].bottom - rows[index - 1][0].bottom
        return step < 1.7 * rows[index][0].size
    if all(placed):
        return False
    steps = [two[0].bottom - one[0].bottom for one, two in pairwise(rows)]
    step = rows[index][0].bottom - rows[index - 1][0].bottom
    return step < 0.85 * max(steps) and step < 1.5 * rows[index][0].size


def _are_aligned(rows: list[Row], columns: list[Stretch]) -> bool:
    """Tell whether the cells of most columns share their left or right edges or their middles."""
    aligned = 0
    for left, right in columns:
        cells = [
            piece for row in rows for piece in row if left <= piece.left and piece.right <= right
        ]
        ends = (
            [piece.left for piece in cells],
            [piece.right for piece in cells],
            [(piece.left + piece.right) / 2 for piece in cells],
        )
        near = 0.4 * median(piece.size for piece in cells) if cells else 0.0
        best = max((sum(abs(x - median(end)) <= near for x in end) for end in ends), default=0)
        aligned += len(cells) >= 2 and best >= 0.6 * len(cells)
    return aligned >= max(2, 0.6 * len(columns))


def _is_prose(rows: list[Row]) -> bool:
    """Tell whether the gaps are those of justified text: most rows go on in small letters."""
    later = [piece.text for row in rows for piece in row[1:]]
    small = sum(text[:1].islower() for text in later)
    return len(rows[0]) == 2 and small > 0.7 * len(later) and median(map(len, later)) > 25


def _has_head(cells: list[list[list[Piece]]]) -> bool:
    """Tell whether the first row names the columns: words over numbers, or as many as any."""
    first, others = cells[0], cells[1:]
    if not all(first[1:]):
        return False
    if any(character.isdigit() for text in map(cell_text, first) for character in text):
        return False
    numbers = sum(
        any(any(map(str.isdigit, cell_text(row[column]))) for row in others)
        for column in range(1, len(first))
    )
    return numbers > 0 or (len(first) > 2 and len(others) > 1)
