"""One line of a page, or one row of a table: what all later steps work on."""

from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import count
from operator import attrgetter
from typing import NamedTuple

from bifolio.ingest.pdf.joining import pieces_of
from bifolio.ingest.pdf.lineless import take_lineless
from bifolio.ingest.pdf.margins import with_initials
from bifolio.ingest.pdf.order import blocks_of
from bifolio.ingest.pdf.pieces import Piece, rows_of
from bifolio.ingest.pdf.ruled import Ruled, take_tables
from bifolio.ingest.pdf.rules import NO_RULES, Rules
from bifolio.ingest.pdf.signs import with_signs
from bifolio.ingest.pdf.tables import Grid, find_tables, without_leaders
from bifolio.ingest.pdf.tight import part_tight
from bifolio.ingest.pdf.words import Word

NO_TABLE = -1


class _Fields(NamedTuple):
    """Parts of a line or cells of a row, from left to right, and the place; see Word.

    A cell may hold several lines. ``block`` and ``table`` number the column and the table of the
    page to which it belongs; ``order`` and ``last`` are the places of its first and its last word
    in the file. ``is_fixed`` tells of type whose letters are all of one width, ``is_entry`` of a
    line that ends in a page number, as in a table of contents, ``is_turned`` of one that is written
    another way than most, and ``is_running`` of one that stands on several pages and is kept once.
    """

    parts: tuple[tuple[str, ...], ...]
    left: float
    top: float
    right: float
    bottom: float
    size: float
    order: int = 0
    last: int = 0
    block: int = 0
    table: int = NO_TABLE
    is_head: bool = False
    is_bold: bool = False
    is_fixed: bool = False
    is_entry: bool = False
    is_turned: bool = False
    is_running: bool = False


class Line(_Fields):
    """A line of a page, as its fields say, and its text."""

    @cached_property
    def text(self) -> str:
        """The parts with a space between them."""
        if len(self.parts) == 1 and len(self.parts[0]) == 1:
            return self.parts[0][0]
        return " ".join(" ".join(part) for part in self.parts)


def lines_of(words: list[Word], rules: Rules = NO_RULES) -> list[Line]:
    """Put the words of a page into lines, and these into the order in which one reads them.

    ``rules`` are the lines that are drawn on the page, see Rules.
    """
    lines: list[Line] = []
    main = words[0].turn if words else 0
    for turned in (False, True):
        chosen = [word for word in words if (word.turn != main) is turned]
        first = lines[-1].block + 1 if lines else 0
        found = _lines(chosen, first, NO_RULES if turned else rules)
        lines.extend(line._replace(is_turned=turned) if turned else line for line in found)
    return lines


def _lines(words: list[Word], first_block: int, rules: Rules) -> Iterator[Line]:
    """Give the lines of words that are turned the same way; a ruled table is moved as one piece."""
    words, ruled = take_tables(with_initials(words), rules)
    pieces, lineless = take_lineless(pieces_of(words))
    tables = {_whole(table): table for table in (*ruled, *lineless)}
    pieces = sorted([*pieces, *tables], key=attrgetter("top", "left"))
    numbers = count()
    for block, own in enumerate(blocks_of(pieces), start=first_block):
        for rows in _parted(rows_of(own), tables):
            if isinstance(rows, Piece):
                yield from _ruled(tables[rows], block, block * 1000 + next(numbers))
                continue
            for row in find_tables(part_tight(with_signs(rows))):
                if isinstance(row, Grid):
                    yield from _rows(row, block, block * 1000 + next(numbers))
                else:
                    yield from _line(row, block)


def _whole(table: Ruled) -> Piece:
    """Give all of a table as one piece."""
    pieces = [*table.titles, *(piece for row in table.rows for piece in row.pieces)]
    first = min(pieces, key=attrgetter("order"))
    return Piece(first.words, *_around(pieces), first.size, first.order, first.text)


def _parted(
    rows: list[list[Piece]], tables: Mapping[Piece, Ruled]
) -> Iterator[list[list[Piece]] | Piece]:
    """Yield rows that follow each other, and the ruled tables between them."""
    held: list[list[Piece]] = []
    for row in rows:
        found = [piece for piece in row if piece in tables] if tables else []
        others = [piece for piece in row if piece not in found]
        if others:
            held.append(others)
        if found:
            yield held
            held = []
            yield from found
    yield held


def _line(row: list[Piece], block: int) -> Iterator[Line]:
    texts = [without_leaders(piece.text) for piece in row]
    parts = tuple((bare,) for text, _ in texts if (bare := text.strip()))
    if parts:
        yield Line(
            parts,
            *_around(row),
            max(row, key=lambda piece: piece.right - piece.left).size,
            row[0].order,
            row[-1].words[-1].last,
            block,
            is_entry=any(leaders for _, leaders in texts)
            or (len(row) > 1 and parts[-1][0].isdigit()),
        )


def _ruled(table: Ruled, block: int, number: int) -> Iterator[Line]:
    for title in rows_of(table.titles):
        yield from _line(title, block)
    for row, (cells, pieces) in enumerate(table.rows):
        yield Line(
            cells,
            *_around(pieces),
            pieces[0].size,
            pieces[0].order,
            pieces[-1].words[-1].last,
            block,
            number,
            table.has_head and row == 0,
        )


def _around(pieces: list[Piece]) -> tuple[float, float, float, float]:
    """Give the box that holds all pieces."""
    if len(pieces) == 1:
        return pieces[0].left, pieces[0].top, pieces[0].right, pieces[0].bottom
    return (
        min(piece.left for piece in pieces),
        min(piece.top for piece in pieces),
        max(piece.right for piece in pieces),
        max(piece.bottom for piece in pieces),
    )


def _rows(grid: Grid, block: int, table: int) -> Iterator[Line]:
    for number, cells in enumerate(grid.rows):
        pieces = [piece for cell in cells for piece in cell]
        yield Line(
            tuple(tuple(_text(piece) for piece in cell) for cell in cells),
            *_around(pieces),
            pieces[0].size,
            pieces[0].order,
            pieces[-1].words[-1].last,
            block,
            table,
            grid.has_head and number == 0,
        )


def _text(piece: Piece) -> str:
    return without_leaders(piece.text)[0].strip()
