"""What is set beside the lines of a text and would break them: their numbers, large initials."""

from collections.abc import Sequence
from itertools import pairwise
from operator import attrgetter
from statistics import median

from bifolio.ingest.pdf.pieces import piece_of, rows_of
from bifolio.ingest.pdf.words import GAP, Word

# Lines are counted by so many, and fewer numbers may be anything.
_STEPS = (1, 2, 5, 10)
_FEWEST = 3
# So many lines go on in small letters, and have no gap as rows of a table do.
_SMALL, _WHOLE = 0.25, 0.8
# In letters: shorter lines that are counted one by one may be the items of a list.
_LONG = 48
# Letters beside a large initial are at most so large.
_INITIAL = 0.6
_TOP, _LEFT = attrgetter("top"), attrgetter("left")


def without_line_numbers(words: list[Word]) -> tuple[list[Word], int]:
    """Leave out the numbers that count the lines of a page, in its margin or between columns.

    Gives also how many there were.
    """
    numbers = [word for word in words if word.text.isdecimal() and len(word.text) < 5]
    columns: list[list[Word]] = []
    right = 0.0
    for number in sorted(numbers, key=_LEFT):
        if not columns or number.left > right:
            columns.append([])
        right = max(right, number.right) if columns[-1] else number.right
        columns[-1].append(number)
    counting = {
        number
        for column in columns
        if len(column) >= _FEWEST and _count_lines(sorted(column, key=_TOP), words)
        for number in column
    }
    return [word for word in words if word not in counting], len(counting)


def _count_lines(column: Sequence[Word], words: Sequence[Word]) -> bool:
    """Tell whether numbers below each other count the lines beside them, and stand alone."""
    steps = {int(two.text) - int(one.text) for one, two in pairwise(column)}
    step = max(steps)
    if len(steps) > 1 or step not in _STEPS:
        return False
    left, right = min(one.left for one in column), max(one.right for one in column)
    level = [one for one in words if column[0].top < one.bottom and one.top < column[-1].bottom]
    own = set(column)
    rest = [one for one in level if one not in own]
    text = [one for one in rest if one.left > right] or rest
    rows = rows_of([piece_of([one]) for one in text])
    count = step * (len(column) - 1) + 1
    is_free = all(one.left > right or one.right < left for one in rest)
    if not is_free or not 0.9 * count <= len(rows) <= 1.1 * count:
        return False
    small = sum(row[0].text[0].islower() for row in rows)
    whole = sum(
        all(two.left - one.right < GAP * one.size for one, two in pairwise(row)) for row in rows
    )
    length = median(sum(len(one.text) for one in row) for row in rows)
    is_prose = small >= _SMALL * len(rows) and whole >= _WHOLE * len(rows)
    return is_prose and (step > 1 or length >= _LONG)


def with_initials(words: list[Word]) -> list[Word]:
    """Join the large initials of paragraphs, which are as high as several lines, to their words."""
    usual = median(word.size for word in words) if words else 0.0
    large_ones = [word for word in words if _INITIAL * word.size > usual]
    for large in (word for word in large_ones if len(word.text) == 1 and word.text.isupper()):
        beside = [
            word
            for word in words
            if word.size < _INITIAL * large.size
            and large.top < (word.top + word.bottom) / 2 < large.bottom
            and -0.5 * word.size < word.left - large.right < 1.5 * word.size
        ]
        first = min(beside, key=_TOP, default=None)
        if first is None or len({round(word.bottom) for word in beside}) < 2:
            continue
        if first.text[0].islower() or first.text.isupper():
            whole = first._replace(text=large.text + first.text, order=large.order)
            words = [whole if word is first else word for word in words if word is not large]
    return words
