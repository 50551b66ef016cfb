"""Rows of a page whose pieces stand in columns are a table."""

import re
from collections.abc import Iterator
from itertools import chain, pairwise
from statistics import median
from typing import NamedTuple

from bifolio.ingest.pdf.heads import below_heads, has_head, named_head, titled_sides, without_groups
from bifolio.ingest.pdf.order import MAX_COLUMNS
from bifolio.ingest.pdf.pieces import Piece, Row, Stretch, cell_text, overlap
from bifolio.ingest.pdf.wrapped import (
    continues,
    ends_name,
    has_alike_below,
    homes_of,
    is_amount,
    is_continuation,
)

# The dots that lead the eye from an entry of a table of contents to its page.
LEADERS = re.compile(r"\s*(?:[.·․‥…]\s*){4,}")
_OTHER_DOTS = re.compile("[·․‥…]")

_NUMBER = re.compile(r"[-–—\s]*(?:\d{1,4}|[ivxlc]+)[-–—\s]*", re.IGNORECASE)
# Below so many rows it is known which columns there are.
_KNOWN = 12
# Rows further apart than so many times the usual belong to two tables.
_FAR = 2.6
# In units of the type's size: names of groups stand no further above those of their columns.
_NEAR = 2.5
# In letters; cells are seldom wider.
_LINE_OF_TEXT = 48
_COUNT = re.compile(r"\d{1,4}")
_MARK = re.compile(
    r"[(（\[]?(?:\d{1,3}(?:\.\d{1,3})*|[A-Za-z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})[.)、）．\]]"
    r"|第[一二三四五六七八九十百\d]{1,4}[章节條条款]|\d{1,2}(?:\.\d{1,2}){1,3}|[-–—•●▪◦*·∙‣○■□➢✓►▸o]|[①-⑳]"
)


class Grid(NamedTuple):
    """A table: for each row its pieces by column, which are empty where a cell is."""

    rows: list[list[list[Piece]]]
    has_head: bool


def find_tables(rows: list[Row]) -> Iterator[Row | Grid]:
    """Yield the rows in their order, with those that make a table put together."""
    at = 0
    while at < len(rows):
        if len(rows[at]) == 1:
            yield rows[at]
            at += 1
            continue
        last, columns = _reach(rows, at)
        grid = _grid(rows[at:last], columns) if last - at > 1 else None
        if grid is None and (spanned := _spanned(rows, at) or _titled(rows, at)):
            last, grid = spanned
        if grid is None:
            yield rows[at]
            at += 1
        else:
            yield from _sides(grid)
            at = last


def _sides(grid: Grid) -> Iterator[Row | Grid]:
    """Yield a table, or those that stand side by side in it, each behind its title."""
    starts = titled_sides(grid.rows)
    for start, end in pairwise((*starts, len(grid.rows[0]))):
        yield grid.rows[0][start]
        own = [row[start:end] for row in grid.rows[1:] if any(row[start:end])]
        yield Grid(own, has_head([[cell_text(cell) for cell in row] for row in own]))
    if not starts:
        yield grid


def is_entry(row: Row) -> bool:
    """Tell whether dots lead the eye from the words of a row to a page number."""
    return any(without_leaders(piece.text)[1] for piece in row)


def without_leaders(text: str) -> tuple[str, bool]:
    """Give the text without such dots, and whether there were any."""
    if text.count(".") < 4 and not _OTHER_DOTS.search(text):
        return text, False
    bare, count = LEADERS.subn(" ", text)
    return bare, count > 0


def _reach(rows: list[Row], first: int) -> tuple[int, list[Stretch]]:
    """Give the row after the last that stands in the same columns, and the columns."""
    if len(rows[first]) > MAX_COLUMNS or is_entry(rows[first]):
        return first + 1, []
    columns = [(piece.left, piece.right) for piece in rows[first]]
    last, pitch = first + 1, 0.0
    while last < len(rows):
        above, row = rows[last - 1], rows[last]
        step = row[0].bottom - above[0].bottom
        usual = max(pitch, 1.6 * row[0].size)
        if step > _FAR * usual or abs(row[0].size - above[0].size) > 0.35 * row[0].size:
            break
        if last == first + 1 and _is_running(rows, first):
            break
        wider = _fit(columns, row, rows[first:last]) if len(row) <= MAX_COLUMNS else None
        # A line that stands off is a heading, a second head is that of another table, and the
        # entries of a table of contents are lines.
        stands_off = len(row) == 1 and pitch and step > 1.2 * pitch
        if (
            wider is None
            or len(wider) > MAX_COLUMNS
            or stands_off
            or is_entry(row)
            or _is_of_other(wider, columns, rows[first:last])
            or [piece.text for piece in row] == [piece.text for piece in rows[first]]
        ):
            break
        columns, pitch = wider, max(pitch, step) if len(row) > 1 else pitch
        last += 1
    # Single pieces below a table are text, unless they go on a cell of its last row.
    full = max(index for index in range(first, last) if len(rows[index]) > 1) + 1
    for index in range(full, last):
        is_page_number = index + 1 == len(rows) and _NUMBER.fullmatch(rows[index][0].text)
        if is_page_number or not continues(rows, index, columns):
            return index, columns
    return last, columns


def _is_of_other(wider: list[Stretch], columns: list[Stretch], above: list[Row]) -> bool:
    """Tell whether a row has several columns more than rows that all fill theirs."""
    full = len(above) > 1 and all(len(row) == len(columns) for row in above)
    return full and len(wider) > len(columns) + 1


def _is_running(rows: list[Row], at: int) -> bool:
    """Tell whether a row stands off from wider ones that are closer: the head of a page."""
    if at + 2 >= len(rows) or len(rows[at]) >= len(rows[at + 1]):
        return False
    step, usual = (rows[n + 1][0].bottom - rows[n][0].bottom for n in (at, at + 1))
    return step > _NEAR * rows[at + 1][0].size and step > 1.5 * usual


def _titled(rows: list[Row], at: int) -> tuple[int, Grid] | None:
    """Give tables side by side as one below their titles, which are set larger."""
    titles = rows[at]
    if at + 3 >= len(rows) or not 1 < len(titles) < len(rows[at + 1]):
        return None
    if rows[at + 1][0].bottom - titles[0].bottom > _NEAR * titles[0].size:
        return None
    last, columns = _reach(rows, at + 1)
    below = _grid(rows[at + 1 : last], columns)
    if below is None or len(below.rows[0]) != len(columns):
        return None
    grid = Grid([_place(titles, sorted(columns)), *below.rows], has_head=False)
    return (last, grid) if titled_sides(grid.rows) else None


def _fit(columns: list[Stretch], row: Row, above: list[Row]) -> list[Stretch] | None:
    """Widen the columns by a row; None if a piece of it spans two of them or two are in one.

    Two that no row ``above`` fills both are one, as those of a dash and of a figure far from it.
    """
    wider, taken = list(columns), set()
    for number, piece in enumerate(row):
        hit = [n for n, stretch in enumerate(wider) if overlap(piece, stretch) > 0]
        if len(hit) > 1:
            joined = _joined(columns, piece, above)
            return _fit(joined, row, above) if joined else None
        # Two pieces may be one cell, in which a space is wide.
        if hit and hit[0] in taken and piece.left - row[number - 1].right > 1.2 * piece.size:
            return None
        if hit:
            left, right = wider[hit[0]]
            wider[hit[0]] = (min(left, piece.left), max(right, piece.right))
            taken.add(hit[0])
        elif len(row) < 2 and not _is_first_label(piece, columns, above):
            return None
        else:
            wider.append((piece.left, piece.right))
            taken.add(len(wider) - 1)
    return wider if len(row) > 1 or taken else None


def _is_first_label(piece: Piece, columns: list[Stretch], above: list[Row]) -> bool:
    """Tell whether a piece names the first rows, below a head that leaves their column empty."""
    return len(above) == 1 and piece.right < min(left for left, _ in columns)


def _joined(columns: list[Stretch], piece: Piece, above: list[Row]) -> list[Stretch]:
    """Join the columns that a piece spans; none are given if a row above fills several of them."""
    hit = [stretch for stretch in columns if overlap(piece, stretch) > 0]
    if len(above) > _KNOWN or len(hit) < 2 or any(_fills_several(row, hit) for row in above):
        return []
    whole = min(left for left, _ in hit), max(right for _, right in hit)
    return [*(stretch for stretch in columns if stretch not in hit), whole]


def _fills_several(row: Row, columns: list[Stretch]) -> bool:
    filled = (any(overlap(piece, stretch) > 0 for piece in row) for stretch in columns)
    return sum(filled) > 1


def _grid(rows: list[Row], columns: list[Stretch]) -> Grid | None:
    columns = sorted(columns)
    if parted := without_groups(rows, columns):
        return _grouped(_grid(rows[1:], parted), rows[0], parted)
    columns = below_heads(rows, columns)
    full = [row for row in rows if len(row) > 1]
    if len(full) < 2 or (len(columns) == 2 and len(full) < 3 and not _is_tight(full)):
        return None
    if not _are_aligned(full, columns) or _is_prose(full) or _is_list(full):
        return None
    cells: list[list[list[Piece]]] = []
    placed = [_place(row, columns) for row in rows]
    pitch, homes = _pitch(rows, placed), homes_of(rows, placed)
    for index, row in enumerate(placed):
        if homes.get(index, index) != index:
            continue
        step = rows[index][0].bottom - rows[index - 1][0].bottom if index else 0.0
        if index in homes:
            members = [placed[number] for number in sorted(homes) if homes[number] == index]
            cells.append([list(chain.from_iterable(cell)) for cell in zip(*members, strict=True)])
        elif (
            cells
            and not has_alike_below(cells[-1], row)
            and (
                is_continuation(row, step, size=rows[index][0].size, pitch=pitch)
                or ends_name(cells[-1], row, columns[0][1])
            )
        ):
            for cell, more in zip(cells[-1], row, strict=True):
                cell.extend(more)
        else:
            cells.append(row)
    cells = list(_with_whole_names(cells))
    if len(cells) < 2 or _is_numbered_prose(cells):
        return None
    return Grid(cells, has_head([[cell_text(cell) for cell in row] for row in cells]))


def _with_whole_names(rows: list[list[list[Piece]]]) -> Iterator[list[list[Piece]]]:
    """Join a name whose first line stands above its row, the values being level with the last."""
    above: list[list[Piece]] = []
    for row in rows:
        valued = any(is_amount(cell_text(cell)) for cell in row[1:])
        if above and valued and row[0] and row[0][0].text[:1].islower():
            row = [[*above[0], *row[0]], *row[1:]]
        elif above:
            yield above
        above = row if row[0] and not any(row[1:]) else []
        if not above:
            yield row
    if above:
        yield above


def _grouped(below: Grid | None, groups: Row, columns: list[Stretch]) -> Grid | None:
    if below is None or len(below.rows[0]) != len(columns):
        return None
    return Grid([named_head(below.rows[0], groups, columns), *below.rows[1:]], has_head=True)


def _spanned(rows: list[Row], at: int) -> tuple[int, Grid] | None:
    """Give the table below a row that names groups of its columns, each set across its own."""
    groups = rows[at]
    if at + 2 >= len(rows) or not 1 < len(groups) < len(rows[at + 1]):
        return None
    last, columns = _reach(rows, at + 1)
    own = [{n for n, one in enumerate(columns) if overlap(piece, one) > 0} for piece in groups]
    apart = len(set().union(*own)) == sum(map(len, own))
    if not apart or any(len(columns_of) < 2 for columns_of in own):
        return None
    step = rows[at + 1][0].bottom - groups[0].bottom
    if step > _NEAR * groups[0].size or groups[0].left <= min(columns)[1]:
        # A running head, or a line of text.
        return None
    grid = _grid(rows[at + 1 : last], columns)
    grouped = _grouped(grid, groups, sorted(columns))
    return (last, grouped) if grid and grid.has_head and grouped else None


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
        shares = [overlap(piece, stretch) for stretch in columns]
        placed[shares.index(max(shares))].append(piece)
    return placed


def _pitch(rows: list[Row], placed: list[list[list[Piece]]]) -> float:
    """Give how far rows are apart at least: the smallest step to a row that fills all columns."""
    steps = [two[0].bottom - one[0].bottom for one, two in pairwise(rows)]
    # The first may stand further below, as the names of the columns are set off.
    inner = list(zip(steps, placed[1:], strict=True))[len(steps) > 1 :]
    full = [step for step, row in inner if all(row)]
    return min(full, default=max(step for step, _ in inner))


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


def _is_numbered_prose(rows: list[list[list[Piece]]]) -> bool:
    """Tell whether numbers that count on stand before paragraphs, or before the heads of some."""
    numbers = [cell_text(row[0]) for row in rows if row[0]]
    if len(rows[0]) != 2 or not all(map(_COUNT.fullmatch, numbers)):
        return False
    counts_on = all(int(two) == int(one) + 1 for one, two in pairwise(numbers))
    return counts_on and sum(len(cell_text(row[1])) for row in rows) > _LINE_OF_TEXT * len(rows)


def _is_list(rows: list[Row]) -> bool:
    """Tell whether the first of two columns holds nothing but the marks of a list's items."""
    if max(map(len, rows)) != 2:
        return False
    marked = [row for row in rows if _MARK.fullmatch(row[0].text.strip())]
    texts = [row[1].text for row in marked]
    return len(marked) >= 0.8 * len(rows) and sum(
        any(map(str.isalpha, text)) and not _NUMBER.fullmatch(text) for text in texts
    ) >= 0.8 * len(texts)
