"""Sheets with a cell far away from the others, which would fill the memory with empty ones."""

import io
import re
import zipfile

from bifolio.ingest.archive import Archive
from bifolio.ingest.message import message
from bifolio.ingest.parsed import Unreadable

# Cells between the first and the last: some 100 MB in memory.
MAX_CELLS = 3_000_000

_CELL = re.compile(rb"(<(?:\w+:)?c\s(?:[^>]*?\s)?r=\")([A-Z]{1,4})(\d{1,8})(\")")
_ROW = re.compile(rb"(<(?:\w+:)?row\s(?:[^>]*?\s)?r=\")(\d{1,8})(\")")
_DIMENSION = re.compile(rb"<(?:\w+:)?dimension\s[^>]*/>")


def compact(data: bytes, archive: Archive) -> bytes:
    """Give the workbook with the empty stretches between far cells closed, if there are any.

    Raises:
        Unreadable: a sheet holds too many cells even so.
    """
    changed: dict[str, bytes] = {}
    for name in archive.names:
        if name.startswith("xl/worksheets/") and name.endswith(".xml"):
            sheet = archive.read(name)
            closed = _closed(sheet, name)
            if closed is not sheet:
                changed[name] = closed
    if not changed:
        return data
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as written:
        for name in archive.names:
            written.writestr(name, changed.get(name) or archive.read(name))
    return buffer.getvalue()


def _closed(sheet: bytes, name: str) -> bytes:
    rows, columns = set(), set()
    for found in _CELL.finditer(sheet):
        rows.add(int(found[3]))
        columns.add(_number(found[2]))
    if not rows or _extent(rows) * _extent(columns) <= MAX_CELLS:
        return sheet
    row_of, column_of = _ranks(rows), _ranks(columns)
    if max(row_of.values()) * max(column_of.values()) > MAX_CELLS:
        raise Unreadable(
            message(
                "sheet-too-large",
                "its sheet {name} spans {rows} rows and {columns} columns; split it, or save it as"
                " .csv",
                name=name.rpartition("/")[2],
                rows=_extent(rows),
                columns=_extent(columns),
            )
        )
    sheet = _DIMENSION.sub(b"", sheet)
    sheet = _ROW.sub(lambda found: b"%b%d%b" % (found[1], _rank(row_of, found[2]), found[3]), sheet)
    return _CELL.sub(
        lambda found: (
            b"%b%b%d%b"
            % (found[1], _letters(column_of[_number(found[2])]), row_of[int(found[3])], found[4])
        ),
        sheet,
    )


def _rank(row_of: dict[int, int], number: bytes) -> int:
    """Give the new number of a row; one without cells moves behind all others."""
    return row_of.get(int(number), max(row_of.values()) + 1)


def _extent(numbers: set[int]) -> int:
    return max(numbers) - min(numbers) + 1


def _ranks(numbers: set[int]) -> dict[int, int]:
    """Number anew, with one left out wherever one or more were."""
    ranks: dict[int, int] = {}
    rank, previous = 0, 0
    for number in sorted(numbers):
        rank += 1 if number == previous + 1 else 2
        ranks[number], previous = rank, number
    return ranks


def _number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _letters(number: int) -> bytes:
    letters = b""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = bytes([65 + rest]) + letters
    return letters
