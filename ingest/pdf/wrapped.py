"""Cells of several lines: what goes on with a cell above, or stands around the rest of its row."""

import re
from collections.abc import Sequence
from statistics import median

from bifolio.ingest.pdf.pieces import Piece, Row, Stretch, cell_text, first_word, overlap

# Lines closer than so many times their size stand beside each other in their cells; those of one
# cell begin or end no further from each other.
_HALF, _EDGE = 0.8, 0.3
_AMOUNT = re.compile(r"[^\w\s]?\s?[-+]?\d[\d.,\s]*\s?[^\w\s]?(?:[A-Z]{3})?")


def is_amount(text: str) -> bool:
    """Tell whether a text is a number, perhaps with the sign of what it counts."""
    return bool(_AMOUNT.fullmatch(text))


def continues(rows: list[Row], at: int, columns: list[Stretch]) -> bool:
    """Tell whether a single piece goes on the cell above it: closer than rows are."""
    if _is_rest(rows[at - 1][0], rows[at][0], columns[0][1]):
        return True
    if not _is_below(rows[at][0], [piece for row in rows[max(0, at - 6) : at] for piece in row]):
        return False
    below = [index for index in range(max(1, at - 6), at) if len(rows[index]) > 1]
    steps = [rows[index][0].bottom - rows[index - 1][0].bottom for index in below]
    # Half a line is the way to a cell that is set to the middle, and not to the next row.
    steps = [step for step in steps if step > _HALF * rows[at][0].size]
    step = rows[at][0].bottom - rows[at - 1][0].bottom
    in_first = rows[at][0].left < columns[0][1]
    if not steps:
        return not in_first
    return step < 0.9 * median(steps) or (not in_first and step <= 1.05 * median(steps))


def _is_below(line: Piece, above: Sequence[Piece]) -> bool:
    """Tell whether a line begins or ends where the cell does that it may go on, or is set in."""
    over = [piece for piece in above if overlap(piece, (line.left, line.right)) > 0]
    if not over:
        return True
    cell, near = over[-1], _EDGE * line.size
    middle = abs(cell.left + cell.right - line.left - line.right) < 2 * near
    return middle or line.left > cell.left - near or abs(cell.right - line.right) < near


def is_continuation(row: list[list[Piece]], step: float, *, size: float, pitch: float) -> bool:
    """Tell whether a row holds further lines of the cells above: it is closer than rows are."""
    if all(row):
        return False
    if not row[0]:
        return step < 1.7 * size
    return step < 0.9 * pitch and step < 1.5 * size


def ends_name(above: list[list[Piece]], row: list[list[Piece]], right: float) -> bool:
    """Tell whether a row holds but the rest of the name above, for which there was no room."""
    if not (above[0] and row[0]) or any(row[1:]) or not any(above[1:]):
        return False
    return _is_rest(above[0][-1], row[0][0], right)


def _is_rest(line: Piece, rest: Piece, right: float) -> bool:
    """Tell whether a line goes on with one that reaches so far right that it had no room there."""
    if line.text[-1] in ".:;" or not rest.text[0].islower() or abs(rest.left - line.left) > 1:
        return False
    return right - line.right < first_word(rest.text, rest.right - rest.left, rest.size)


def has_alike_below(above: list[list[Piece]], row: list[list[Piece]]) -> bool:
    """Tell whether an amount stands below another, or a sign below the same.

    That is a row, no further line of a cell.
    """
    texts = [
        (cell_text(one), cell_text(two)) for one, two in zip(above, row, strict=True) if one and two
    ]
    return any(one == two or (is_amount(one) and is_amount(two)) for one, two in texts)


def homes_of(rows: list[Row], placed: list[list[list[Piece]]]) -> dict[int, int]:
    """Tell to which row the lines of a tall cell belong that is set to the middle of its row.

    Such a cell has as many lines above the row's other cells as below, half a line off.
    """
    homes: dict[int, int] = {}
    for index in range(1, len(rows) - 1):
        size = rows[index][0].size
        step, below = (
            rows[number][0].bottom - rows[number - 1][0].bottom for number in (index, index + 1)
        )
        if step > _HALF * size or abs(step - below) > 0.2 * size:
            continue
        for column, cell in enumerate(placed[index]):
            reach = 0
            while (
                not cell
                and _is_lone(placed, index - reach - 1, column, homes)
                and (_is_lone(placed, index + reach + 1, column, homes))
            ):
                reach += 1
            if reach:
                homes.update(dict.fromkeys(range(index - reach, index + reach + 1), index))
                break
    return homes


def _is_lone(
    placed: list[list[list[Piece]]], index: int, column: int, homes: dict[int, int]
) -> bool:
    """Tell whether a row holds nothing but a line of this column, and has no home yet."""
    if not 0 <= index < len(placed) or index in homes:
        return False
    return [number for number, cell in enumerate(placed[index]) if cell] == [column]
