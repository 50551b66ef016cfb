"""Files of values parted by commas, tabs or semicolons: one table, or several."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator

from bifolio.ingest.building import Building
from bifolio.ingest.decode import decode
from bifolio.ingest.grid import append_rows
from bifolio.ingest.parsed import Parsed, clean

# Commas last: they also stand inside of numbers and words.
_DELIMITERS = "\t;|,"
_SAMPLE_ROWS = 100
# Excel's word for the delimiter, above the values.
_NAMED = re.compile(r"\A\s*\"?sep=[,;|\t]\"?[ \t]*\n", re.IGNORECASE)


def parse_delimited(data: bytes) -> Parsed:
    """Read CSV or TSV in whatever encoding; the delimiter is the one that gives even rows."""
    text, notes = decode(data)
    text = _NAMED.sub("", clean(text))
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    building = Building()
    building.notes += notes
    append_rows(building, _rows(text, find_delimiter(text)))
    return building.parsed()


def find_delimiter(text: str) -> str:
    """Give the delimiter by which most of the first rows have the same number of cells.

    The standard library's sniffer guesses from single characters, and takes a letter where there
    is one column.
    """
    sample = "\n".join(text.split("\n", _SAMPLE_ROWS)[:_SAMPLE_ROWS])

    def _evenness(delimiter: str) -> float:
        widths = Counter(len(row) for row in _rows(sample, delimiter) if row)
        (width, count), *_ = widths.most_common(1) or [(1, 0)]
        return count / widths.total() if width > 1 else 0.0

    return max(_DELIMITERS, key=_evenness)


def _rows(text: str, delimiter: str) -> Iterator[list[str]]:
    return csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, skipinitialspace=True)
