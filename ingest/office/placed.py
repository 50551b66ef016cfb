"""In which order the boxes of a slide are read: rows from the top, columns from the left."""

from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

# Gaps nearly as wide as the widest count like it, and rows come before columns.
_ALIKE = 0.6
# So many rows of so short texts side by side belong together like those of a table.
_ROWS, _SHORT = 3, 30
# More boxes are a drawing.
_MOST = 300
# The share of a box that lies upon another.
_UPON = 0.9

Side = tuple[int, int]  # the places in Box of the lower and the upper end
_ACROSS: Side = (0, 2)
_DOWN: Side = (1, 3)


class Box(NamedTuple):
    """Where a box stands, in any unit: x goes to the right and y down."""

    left: float
    top: float
    right: float
    bottom: float


class Placed(NamedTuple):
    """A box, which may not be known, and how many letters stand in it."""

    box: Box | None
    letters: int


def reading_order(placed: Sequence[Placed]) -> list[int]:
    """Give the numbers of boxes as they are read: what a wide gap parts, one after the other.

    One whose place is not known is read behind the one before it in the file; so are all where
    nobody could see an order among so many.
    """
    if len(placed) > _MOST:
        return list(range(len(placed)))
    boxes: list[Box] = []
    for box, _ in placed:
        boxes.append(box or (boxes[-1] if boxes else Box(0, 0, 0, 0)))
    page = _Page(boxes, [letters <= _SHORT for _, letters in placed])
    return page.ordered(list(range(len(boxes))))


class _Page:
    def __init__(self, boxes: Sequence[Box], short: Sequence[bool]) -> None:
        self._boxes = boxes
        self._short = short

    def ordered(self, numbers: list[int]) -> list[int]:
        """Part boxes where the widest gap is; what lies below others is read before them.

        Those that overlap, so that nothing parts them, stay in the order of the file.
        """
        below: list[int] = []
        while len(numbers) > 1:
            rows, gap_down = self._parted(numbers, _DOWN)
            columns, gap_across = self._parted(numbers, _ACROSS)
            if len(rows) > 1 or len(columns) > 1:
                by_rows = gap_down >= _ALIKE * gap_across or self._is_grid(numbers)
                parts = rows if by_rows else columns
                return below + [number for part in parts for number in self.ordered(part)]
            largest = max(numbers, key=lambda number: _area(self._boxes[number]))
            others = [number for number in numbers if number != largest]
            if not any(self._lies_upon(number, largest) for number in others):
                break
            below.append(largest)
            numbers = others
        return below + numbers

    def _parted(
        self, numbers: Sequence[int], side: Side, share: float = _ALIKE
    ) -> tuple[list[list[int]], float]:
        """Give the parts between the widest gaps, and how wide these are; -1 if there is none."""
        start_of, end_of = itemgetter(side[0]), itemgetter(side[1])
        in_order = sorted(numbers, key=lambda number: start_of(self._boxes[number]))
        gaps = [0.0]
        reach = end_of(self._boxes[in_order[0]])
        for number in in_order[1:]:
            gaps.append(start_of(self._boxes[number]) - reach)
            reach = max(reach, end_of(self._boxes[number]))
        widest = max(gaps[1:])
        if widest < 0:
            return [in_order], -1.0
        parts: list[list[int]] = []
        for number, gap in zip(in_order, gaps, strict=True):
            if not parts or gap >= share * widest:
                parts.append([])
            parts[-1].append(number)
        # In the order of the file, where nothing else tells.
        return [sorted(part) for part in parts], widest

    def _is_grid(self, numbers: Sequence[int]) -> bool:
        """Tell whether short texts stand in rows, each with as many of them as the others."""
        rows, _ = self._parted(numbers, _DOWN, 0.0)
        short = all(self._short[number] for number in numbers)
        return short and len(rows) >= _ROWS and len({*map(len, rows)}) == 1

    def _lies_upon(self, number: int, other: int) -> bool:
        upper, lower = self._boxes[number], self._boxes[other]
        wide = min(upper.right, lower.right) - max(upper.left, lower.left)
        high = min(upper.bottom, lower.bottom) - max(upper.top, lower.top)
        return min(wide, high) >= 0 and wide * high >= _UPON * _area(upper)


def _area(box: Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)
