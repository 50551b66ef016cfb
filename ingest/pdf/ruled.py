"""Tables whose cells are parted by drawn lines: what stands between the same lines is one cell."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from bifolio.ingest.building import one_line
from bifolio.ingest.merging import Merge, unmerged
from bifolio.ingest.pdf.heads import has_head
from bifolio.ingest.pdf.joining import pieces_of
from bifolio.ingest.pdf.level import level_tables
from bifolio.ingest.pdf.pieces import Piece, first_word, rows_of
from bifolio.ingest.pdf.rules import NEAR, Rule, Rules
from bifolio.ingest.pdf.tables import without_leaders
from bifolio.ingest.pdf.words import Word
from bifolio.ingest.pdf.wrapped import is_amount

# More lines of either kind are a drawing.
_MOST_LINES = 400
# Cells of more lines than this part a page, unless so many rows have none.
_TALLEST, _PLAIN = 15, 2
# Points: lines closer than that have no cell between them.
_NARROW = 4.0
# In units of the type's size: cells keep no more free at their sides; and the share of their lines
# that are full where they were broken to fit.
_MARGIN, _MOSTLY = 0.8, 0.7
# And the share of a column's width that no line leaves free which was broken to fit.
_ROOMY = 0.25
# Lines of a cell are no further apart than so many times those of another.
_APART = 1.6

Place = tuple[int, int]  # row, column
Held = dict[Place, list[Piece]]


class RuledRow(NamedTuple):
    """A row: the lines of each cell, and the pieces that stand in it and in no row before."""

    cells: tuple[tuple[str, ...], ...]
    pieces: list[Piece]


class Ruled(NamedTuple):
    """A table, or a frame around the rows that name it (``titles``), which stand above it."""

    titles: list[Piece]
    rows: list[RuledRow]
    has_head: bool


class _Part(NamedTuple):
    """A row of words: the number of that between lines, and what it holds in each column."""

    number: int
    held: dict[int, list[Piece]]


class _Cells(NamedTuple):
    """Where the lines of one table stand, and for each of its places that of its cell.

    ``is_level`` tells that only the lines between its rows are drawn.
    """

    tops: list[float]
    lefts: list[float]
    homes: dict[Place, Place]
    is_level: bool = False

    def of(self, word: Word) -> Place | None:
        """Give the cell in which a word stands, None if it stands outside."""
        row = bisect_right(self.tops, (word.top + word.bottom) / 2) - 1
        return self.homes.get((row, self.column((word.left + word.right) / 2)))

    def column(self, place: float) -> int:
        """Give the column that lies there."""
        return bisect_right(self.lefts, place) - 1

    def sides(self, row: int, column: int) -> tuple[float, float]:
        """Give where a cell begins and ends, from left to right."""
        home = self.homes[row, column]
        last = column
        while self.homes.get((row, last + 1)) == home:
            last += 1
        return self.lefts[column], self.lefts[last + 1]


def take_tables(words: list[Word], rules: Rules) -> tuple[list[Word], list[Ruled]]:
    """Give the words that stand in no table, and the tables."""
    tables = []
    connected = list(_connected(rules))
    met = {one for across, _ in connected for one in across}
    free = [one for one in rules.across if one not in met][:_MOST_LINES]
    given = ((True, lines) for lines in level_tables(free, rules.edges, words))
    for is_level, lines in chain(((False, lines) for lines in connected), given):
        cells = _cells(*lines)
        if cells is None:
            continue
        cells = cells._replace(is_level=is_level)
        inside: dict[Place, list[Word]] = defaultdict(list)
        outside: list[Word] = []
        for word in words:
            place = cells.of(word)
            (outside if place is None else inside[place]).append(word)
        if table := _table(*_unspanned(cells, inside)):
            tables.append(table)
            words = outside
    return words, tables


def _connected(rules: Rules) -> Iterator[tuple[list[Rule], list[Rule]]]:
    """Yield the lines that cross or touch each other, those across and those down."""
    across, down, _ = rules
    if max(len(across), len(down)) > _MOST_LINES:
        return
    groups: list[tuple[set[int], set[int]]] = []
    for number, one in enumerate(down):
        met = {at for at, other in enumerate(across) if _touch(other, one)}
        joined = [group for group in groups if group[0] & met]
        groups = [group for group in groups if not group[0] & met]
        groups.append(
            (met.union(*(group[0] for group in joined)), {number}.union(*(g[1] for g in joined)))
        )
    for flat, upright in groups:
        if len(flat) > 1 and upright:
            yield [across[at] for at in sorted(flat)], [down[at] for at in sorted(upright)]


def _touch(across: Rule, down: Rule) -> bool:
    return (
        across.start - NEAR <= down.place <= across.end + NEAR
        and down.start - NEAR <= across.place <= down.end + NEAR
    )


def _cells(across: Sequence[Rule], down: Sequence[Rule]) -> _Cells | None:
    """Find the cells between the lines; what is open at a side ends where the lines do."""
    tops = _edges([rule.place for rule in across], down)
    lefts = _edges([rule.place for rule in down], across)
    if len(tops) < 3 or len(lefts) < 3:
        return None
    homes: dict[Place, Place] = {}
    for row in range(len(tops) - 1):
        for column in range(len(lefts) - 1):
            middle = (lefts[column] + lefts[column + 1]) / 2
            height = (tops[row] + tops[row + 1]) / 2
            home = (row, column)
            if column and not _is_drawn(down, lefts[column], height):
                home = homes[row, column - 1]
            elif row and not _is_drawn(across, tops[row], middle):
                home = homes[row - 1, column]
            homes[row, column] = home
    return _Cells(tops, lefts, homes)


def _edges(places: Iterable[float], others: Sequence[Rule]) -> list[float]:
    """Give where cells begin and end: at the lines, and at the ends of those that cross them."""
    kept: list[float] = []
    ends = min(rule.start for rule in others), max(rule.end for rule in others)
    for place in sorted((*places, *ends)):
        if not kept or place - kept[-1] > _NARROW:
            kept.append(place)
    return kept


def _is_drawn(rules: Sequence[Rule], place: float, at: float) -> bool:
    near = (rule for rule in rules if abs(rule.place - place) <= _NARROW)
    return any(rule.start <= at <= rule.end for rule in near)


def _unspanned(
    cells: _Cells, inside: dict[Place, list[Word]]
) -> tuple[_Cells, dict[Place, list[Word]]]:
    """Part rows beside which no line down is drawn, if what they hold stands in the columns.

    Some styles draw such lines in every second row alone.
    """
    homes, held = dict(cells.homes), dict(inside)
    spans: dict[Place, list[Place]] = defaultdict(list)
    for place, home in cells.homes.items():
        spans[home].append(place)
    for home, places in spans.items():
        if home not in held or len(places) < 2 or any(row != home[0] for row, _ in places):
            continue
        own: dict[Place, list[Word]] = defaultdict(list)
        for piece in pieces_of(held[home]):
            first, last = (cells.column(x) for x in (piece.left, piece.right))
            if first != last:
                break
            own[home[0], first].extend(piece.words)
        else:
            if len(own) > 1:
                del held[home]
                held.update(own)
                homes.update({place: place for place in places})
    return cells._replace(homes=homes), held


def _table(cells: _Cells, inside: dict[Place, list[Word]]) -> Ruled | None:
    held = {place: pieces_of(words) for place, words in inside.items()}
    rows = sorted({row for row, _ in held})
    columns = sorted({column for _, column in held})
    lines = {place: rows_of(pieces) for place, pieces in held.items()}
    if _parts_page(lines) or _has_other_columns(lines.values()):
        return None
    titles: list[Piece] = []
    while rows and (title := _title(cells, held, rows[0])):
        titles += title
        rows.pop(0)
    parted = [part for row in rows for part in _parted(row, held, columns, cells)]
    if sum(len(part.held) > 1 for part in parted) < 2:
        return None
    if cells.is_level and any(_holds_several(part, cells) for part in parted):
        return None
    return Ruled(titles, *_rows(parted, cells, columns))


def _holds_several(part: _Part, cells: _Cells) -> bool:
    """Tell whether what stands between two lines may be several rows that nothing tells apart."""
    own = [(pieces, *cells.sides(part.number, at)) for at, pieces in part.held.items()]
    named = len(rows_of(part.held[min(part.held)])) > 1
    return (named and not _are_wrapped(own)) or any(_holds_amounts(one) for one, *_ in own)


def _parts_page(cells: Mapping[Place, Sequence[Sequence[Piece]]]) -> bool:
    """Tell whether the lines part a page into columns of text, and no table into cells."""
    tall = {row for (row, _), lines in cells.items() if len(lines) > _TALLEST}
    plain = Counter(row for row, _ in cells if row not in tall)
    return bool(tall) and sum(count > 1 for count in plain.values()) < _PLAIN


def _has_other_columns(cells: Collection[Sequence[Sequence[Piece]]]) -> bool:
    """Tell whether many cells hold columns between which no line is drawn."""
    wide = sum(any(len(line) > 1 for line in cell) for cell in cells)
    return wide > 0.3 * len(cells)


def _title(cells: _Cells, held: Held, row: int) -> list[Piece]:
    """Give what stands in a row that is one cell from side to side."""
    home = cells.homes[row, 0]
    across = {cells.homes[row, column] for column in range(len(cells.lefts) - 1)}
    return held.get(home, []) if across == {home} else []


def _parted(number: int, held: Held, columns: Sequence[int], cells: _Cells) -> list[_Part]:
    """Give the rows that stand between two lines: one, or several between which none is drawn.

    These are told by their first cells, each of which stands level with most of its row's others,
    and by their lines, which had room for the next one's first word.
    """
    own = {column: held[number, column] for column in columns if (number, column) in held}
    lines = rows_of([piece for pieces in own.values() for piece in pieces])
    first = own[min(own)]
    opens = [line for line in lines if any(piece in first for piece in line)]
    # The names of what is filled in below them are set smaller.
    sizes = [line[0].size for line in opens]
    alike = max(sizes) < 1.1 * min(sizes)
    level = alike and all(len(line) >= 0.6 * len(own) for line in opens)
    if len(own) < 2 or not level or len(opens) < (2 if len(own) > 2 else 3) or opens[0] != lines[0]:
        return [_Part(number, own)]
    if _are_wrapped([(pieces, *cells.sides(number, at)) for at, pieces in own.items()]):
        return [_Part(number, own)]
    starts = [lines.index(line) for line in opens]
    parts = []
    for start, end in pairwise((*starts, len(lines))):
        taken = [piece for line in lines[start:end] for piece in line]
        kept = {at: [one for one in pieces if one in taken] for at, pieces in own.items()}
        parts.append(_Part(number, {at: pieces for at, pieces in kept.items() if pieces}))
    return parts


def _are_wrapped(cells: Sequence[tuple[list[Piece], float, float]]) -> bool:
    """Tell whether the lines of cells, each with its left and right side, were broken to fit.

    Then most have no room for the first word of the next one, and some of these go on in small
    letters, or in letters that know no capitals. An amount below another is in another row. Only
    where the first cell has a line may a row begin.
    """
    own = [pieces for pieces, *_ in cells]
    if any(map(_holds_amounts, own)) or _stands_apart(own):
        return False
    begun = [piece.bottom for piece in own[0]]
    found = [list(_breaks(*cell, begun)) for cell in cells]
    every = list(chain.from_iterable(found))
    if not any(goes_on for _, goes_on in every) or any(room > _ROOMY for room, _ in every):
        return False
    return sum(room <= 0 for room, _ in every) >= _MOSTLY * len(every)


def _breaks(
    pieces: list[Piece], left: float, right: float, begun: Sequence[float]
) -> Iterator[tuple[float, bool]]:
    """Yield of each line of a cell that stands level with one of the first cell's how it follows.

    What room the line above it had beside its first word, as a share of the column's width, and
    whether it goes on in small letters.
    """
    margin = min(min(piece.left for piece in pieces) - left, _MARGIN * pieces[0].size)
    for (*_, one), (two, *_) in pairwise(rows_of(pieces)):
        if any(abs(two.bottom - bottom) < 0.3 * two.size for bottom in begun):
            word = 0.3 * two.size + first_word(two.text, two.right - two.left, two.size)
            room = (right - margin - one.right - word) / (right - left)
            yield room, two.text[0].isalpha() and not two.text[0].isupper()


def _stands_apart(cells: Sequence[list[Piece]]) -> bool:
    """Tell whether lines of the first cell are further apart than those of the others."""
    first, *others = (
        [two[0].bottom - one[0].bottom for one, two in pairwise(rows_of(pieces))]
        for pieces in cells
    )
    steps = list(chain.from_iterable(others))
    return bool(first and steps) and max(first) > _APART * min(steps)


def _holds_amounts(pieces: list[Piece]) -> bool:
    """Tell whether an amount stands below another."""
    lines = pairwise(rows_of(pieces))
    return any(is_amount(one[-1].text) and is_amount(two[0].text) for one, two in lines)


def _rows(
    parted: Sequence[_Part], cells: _Cells, columns: Sequence[int]
) -> tuple[list[RuledRow], bool]:
    texts = [
        ["\n".join(map(_text, part.held.get(column, []))) for column in columns] for part in parted
    ]
    numbers = [part.number for part in parted]
    merges = list(_merges(cells, numbers, columns))
    shown, known = unmerged(texts, merges)
    # What spans the first rows names them, no columns.
    spans_first = any(row == 0 and high > 1 for row, _, high, _ in merges)
    head = not spans_first and has_head([[one_line(cell) for cell in row] for row in shown])
    found = []
    for part, row in zip(parted[len(texts) - len(shown) :], shown, strict=True):
        pieces = [piece for own in part.held.values() for piece in own]
        found.append(RuledRow(tuple(tuple(cell.split("\n")) for cell in row), pieces))
    return found, head if known is None else known


def _text(piece: Piece) -> str:
    return without_leaders(piece.text)[0].strip()


def _merges(cells: _Cells, rows: Sequence[int], columns: Sequence[int]) -> Iterator[Merge]:
    """Yield the cells that span others, told in rows and columns that hold something."""
    spans: dict[Place, list[Place]] = defaultdict(list)
    for row, row_number in enumerate(rows):
        for column, column_number in enumerate(columns):
            spans[cells.homes[row_number, column_number]].append((row, column))
    for (row_number, column_number), places in spans.items():
        (row, column), (last_row, last_column) = min(places), max(places)
        spanned = {rows[at] for at, _ in places}, {columns[at] for _, at in places}
        is_home = (rows[row], columns[column]) == (row_number, column_number)
        if is_home and max(map(len, spanned)) > 1:
            yield row, column, last_row - row + 1, last_column - column + 1
