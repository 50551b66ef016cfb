"""A number that a table has in another row, or another column, than those that a claim is about."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

from bifolio.answers.dates import clocks, days, weekdays
from bifolio.answers.guards import Finding
from bifolio.answers.quantities import quantities
from bifolio.answers.ranges import held, range_of
from bifolio.answers.sentences import cells_of, places
from bifolio.answers.wording import denies, without_frame
from bifolio.ingest import Table
from bifolio.ingest.sentences import one_line
from bifolio.ingest.simplified import simplified
from bifolio.retrieval import Passage
from bifolio.retrieval.codes import codes
from bifolio.retrieval.normal import normal
from bifolio.retrieval.telling import stems, telling

# A number of fewer figures is no row's name.
_YEAR = 3
# Of fewer characters a name may be a part of anything.
_SHORTEST = 2
_EXACT = 6

Value = tuple[str, float | str | tuple[int | None, ...]]


@dataclass(frozen=True, slots=True)
class _Grid:
    """A table's rows of cells below its head, and the words that tell rows and columns apart."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def of_row(self, row: int) -> set[Value]:
        """Give the values of a row."""
        return set(chain.from_iterable(_values(cell) for cell in self.rows[row]))

    def cell(self, row: int, column: int) -> str:
        """Give a cell; a row may be shorter than its table is wide."""
        cells = self.rows[row]
        return cells[column] if column < len(cells) else ""


def from_other_row(
    claim: str, passages: Sequence[Passage], *, question: str = "", context: str = ""
) -> tuple[Finding, ...]:
    """Find numbers, dates and codes of a claim that only other rows or columns than its own have.

    Nothing is found for a claim that names no row, or for a number that stands elsewhere in the
    passages or in the ``context``: headings, the question. A quantity of the claim, or if it has
    none of the ``question``, names the row in whose range it lies.
    """
    mine = _placed(claim)
    if not mine:
        return ()
    grids = [_grid(one, table) for one in passages for table in _within(one)]
    prose = _values("\n".join([context, *(_prose(passage) for passage in passages)]))
    found: list[Finding] = []
    for grid in grids:
        named, meant = _rows_meant(grid, claim, question)
        if not named:
            continue
        others = [one.of_row(row) for one in grids if one is not grid for row in _all(one)]
        known = prose.union(_values(" ".join(grid.head)), *others)
        for words, value in mine:
            if value in known:
                continue
            if not any(value in grid.of_row(row) for row in meant):
                columns = [column for row in _all(grid) for column in _columns(grid, row, value)]
            else:
                columns = _other_columns(grid, named[0], claim, value)
            if columns:
                found.append(Finding("number", words, grid.cell(named[0], columns[0])))
    return tuple(dict.fromkeys(found))


def is_row(claim: str, passages: Sequence[Passage]) -> bool:
    """Tell whether a row and its head have every word that tells, and none of them a "not" more."""
    plain = without_frame(claim)
    told = set(telling(plain))
    rows = (one.judged for one in places(passages) if one.head)
    return bool(told) and any(told <= stems(row) and denies(plain) == denies(row) for row in rows)


def _rows_meant(grid: _Grid, claim: str, question: str) -> tuple[list[int], list[int]]:
    """Give the rows that a claim names, and all those that may be meant."""
    firsts = [row[0] if row else "" for row in grid.rows]
    ranges = [range_of(first, grid.head[0] if grid.head else "") for first in firsts]
    inside = held(ranges, claim, question)
    if inside is None:
        return _told_apart([_name(row) for row in grid.rows], claim)
    return [inside], [inside]


def _other_columns(grid: _Grid, row: int, claim: str, value: Value) -> list[int]:
    """Give the columns of a row that have the value, if the claim names another of their kind."""
    named, meant = _told_apart(grid.head, claim)
    holding = _columns(grid, row, value)
    if not named or set(holding) & set(meant) or value in _values(_name(grid.rows[row])):
        return []
    kinds = [_kinds(grid.cell(row, column)) for column in (named[0], *holding)]
    return [named[0]] if holding and all(one == kinds[0] for one in kinds) else []


def _columns(grid: _Grid, row: int, value: Value) -> list[int]:
    return [place for place, cell in enumerate(grid.rows[row]) if value in _values(cell)]


def _all(grid: _Grid) -> range:
    return range(len(grid.rows))


def _told_apart(names: Sequence[str], claim: str) -> tuple[list[int], list[int]]:
    """Give the places whose names the claim says, and all those that may be meant.

    A name is said word for word; else by a word that no other has and half of its words, or by all
    of them where that word is a number.
    """
    plain = one_line(simplified(claim)).casefold()
    exact = [place for place, name in enumerate(names) if _is_in(one_line(name).casefold(), plain)]
    said = stems(plain)
    words = [frozenset(_words(name)) for name in names]
    often = Counter(word for name in words for word in name)
    named, meant = [], []
    for place, name in enumerate(words):
        own = {word for word in name & said if often[word] == 1}
        if not own:
            continue
        meant.append(place)
        is_word = not all(word.isdigit() for word in own) and 2 * len(name & said) >= len(name)
        if is_word or name <= said:
            named.append(place)
    return exact or named, exact + meant


def _is_in(name: str, claim: str) -> bool:
    """Tell whether the name is there, not as a part of another word or number."""
    found = re.search(rf"(?<![^\W_\u4e00-\u9fff]){re.escape(simplified(name))}(?![a-z0-9])", claim)
    return len(name) >= _SHORTEST and found is not None


def _name(cells: Sequence[str]) -> str:
    """Give the first cell that has words: what the row is about; or a range, or a year."""
    if cells and range_of(cells[0]):
        return cells[0]
    for cell in cells:
        if any(not word.isdigit() for word in _words(cell)):
            return cell
    first = cells[0] if cells else ""
    return first if first.isdigit() and len(first) >= _YEAR else ""


def _words(cell: str) -> list[str]:
    return telling(simplified(cell))


def _kinds(cell: str) -> set[str]:
    return {kind for kind, _ in _values(cell)} | {one.measure for one in quantities(cell)}


def _values(text: str) -> set[Value]:
    return {value for _, value in _placed(text)}


def _placed(text: str) -> list[tuple[str, Value]]:
    """Give the numbers, times, dates and codes of a text, each with its words."""
    times, dates = clocks(text), days(text)
    taken = [
        *((one.start, one.end) for one in times),
        *(one.span() for code in codes(text) for one in re.finditer(re.escape(code), text)),
        *((one.start, one.end) for one in dates),
        *((one.start, one.end) for one in weekdays(text)),
    ]
    found: list[tuple[str, Value]] = [(code, ("code", normal(code))) for code in codes(text)]
    found += [(text[one.start : one.end].strip(), ("time", one.minutes)) for one in times]
    found += [
        (text[one.start : one.end].strip(), ("date", (one.year, one.month, one.day)))
        for one in dates
        if not one.swapped
    ]
    for one in quantities(text):
        if one.digits and not any(start <= one.start < end for start, end in taken):
            words = text[one.start : one.end].strip()
            found.append((words, ("number", round(one.value, _EXACT))))
    return found


def _within(passage: Passage) -> Iterator[Table]:
    for table in passage.document.tables:
        if table.start < passage.end and passage.start < table.end:
            yield table


def _prose(passage: Passage) -> str:
    """Give what stands in a passage outside its tables."""
    text, pieces, last = passage.document.text, [], passage.start
    for table in _within(passage):
        pieces.append(text[last : max(last, table.start)])
        last = max(last, table.end)
    return "\n".join([*pieces, text[last : passage.end]])


def _grid(passage: Passage, table: Table) -> _Grid:
    """Give the rows of a table that stand in a passage, which may be a few of thousands."""
    text = passage.document.text
    rows = table.rows[1:] if table.has_head else table.rows
    inside = [row for row in rows if row[0] < passage.end and passage.start < row[1]]
    head = cells_of(text[slice(*table.rows[0])]) if table.has_head else ()
    return _Grid(head, tuple(cells_of(text[slice(*row)]) for row in inside))
