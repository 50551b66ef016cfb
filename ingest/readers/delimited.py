"""Files of values parted by commas, tabs or semicolons: one table, or several."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import chain, islice

from bifolio.ingest.building import Building, looks_like_head
from bifolio.ingest.decode import decode
from bifolio.ingest.grid import append_rows
from bifolio.ingest.parsed import Parsed, clean

# Commas last: they also stand inside of numbers and words.
_DELIMITERS = "\t;|,"
_SAMPLE_ROWS = 100
# So many make a table below lines that are none of its rows.
_FEWEST_ROWS = 3
# Excel's word for the delimiter, above the values.
_NAMED = re.compile(r"\A\s*\"?sep=[,;|\t]\"?[ \t]*\n", re.IGNORECASE)


def parse_delimited(data: bytes) -> Parsed:
    """Read CSV or TSV in whatever encoding; the delimiter is the one that gives even rows."""
    text, notes = decode(data)
    text = _NAMED.sub("", clean(text))
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    building = Building()
    building.notes += notes
    rows = _rows(text, find_delimiter(text))
    first = list(islice(rows, _SAMPLE_ROWS))
    facts = _facts_above(first)
    append_rows(building, first[: facts.start])
    for number in facts:
        append_rows(building, [first[number]])
    append_rows(building, chain(first[facts.stop :], rows))
    return building.parsed()


def _facts_above(rows: Sequence[Sequence[str]]) -> range:
    """Give the numbers of the rows right above the names of the columns that say what it is about.

    They have one cell, or a name and its value, and are parted from the table by no empty row.
    """
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    wide = Counter(count for count in filled if count > 2)
    begin = filled.index(wide.most_common(1)[0][0]) if wide else 0
    start = begin
    # What stands further right is of a table beside another.
    while start and rows[start - 1] and rows[start - 1][0].strip():
        if any(map(str.strip, rows[start - 1][2:])):
            break
        start -= 1
    apart = start < begin and looks_like_head(rows[begin:])
    return range(start, begin) if apart else range(0)


def find_delimiter(text: str) -> str:
    """Give the delimiter by which most of the first rows have the same number of cells.

    Lines above them may have fewer, if they are no more. The standard library's sniffer guesses
    from single characters, and takes a letter where there is one column.
    """
    sample = "\n".join(text.split("\n", _SAMPLE_ROWS)[:_SAMPLE_ROWS])

    def _evenness(delimiter: str) -> float:
        widths = [len(row) for row in _rows(sample, delimiter) if row]
        wide = Counter(width for width in widths if width > 1)
        if not wide:
            return 0.0
        width, count = wide.most_common(1)[0]
        above = widths.index(width)
        below = Counter(widths[above:])
        is_usual = count == max(Counter(widths).values()) or count >= max(above, _FEWEST_ROWS)
        return count / below.total() if is_usual and count == max(below.values()) else 0.0

    return max(_DELIMITERS, key=_evenness)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
