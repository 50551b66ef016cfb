"""Tables that reStructuredText writes as lists or as comma-separated values become rows."""

import csv
import re
from collections.abc import Iterator
from textwrap import dedent

from bifolio.ingest.building import Building
from bifolio.ingest.parsed import Parsed, TableFields
from bifolio.ingest.tables import written_in

_DIRECTIVE = re.compile(
    r"^(?P<indent>[ \t]*)\.\. (?P<kind>list-table|csv-table)::[ \t]*(?P<title>.*)\n"
    r"(?P<body>(?:(?P=indent)[ \t]+\S.*(?:\n|\Z)|[ \t]*\n)*)",
    re.MULTILINE,
)
_OPTION = re.compile(r"[ \t]+:(?P<name>[\w-]+):[ \t]*(?P<value>.*)")
_ROW = re.compile(r"^[*+-] +[*+-](?= |$)", re.MULTILINE)
_CELL = re.compile(r"^  +[*+-](?= |$)", re.MULTILINE)


def with_rows(text: str) -> tuple[str, list[TableFields]]:
    """Write such tables as rows of one line each, and give also where they stand then."""
    return written_in(text, _read(text), behind="\n\n")


def _read(text: str) -> Iterator[tuple[tuple[int, int], Parsed]]:
    for found in _DIRECTIVE.finditer(text):
        building = Building()
        building.paragraph(found["title"])
        rows, heads = _rows(found["kind"], found["body"])
        if any(map(any, rows)):
            building.table(rows, has_head=heads > 0)
            yield found.span(), building.parsed()


def _rows(kind: str, body: str) -> tuple[list[list[str]], int]:
    """Give the rows, and how many of them name the columns."""
    lines = body.split("\n")
    options: dict[str, str] = {}
    while lines and (option := _OPTION.fullmatch(lines[0])):
        options[option["name"]] = option["value"]
        lines.pop(0)
    content = dedent("\n".join(lines)).strip("\n")
    counted = options.get("header-rows", "")
    heads = int(counted[:3]) if counted.isdecimal() else 0
    if kind == "list-table":
        return list(_listed(content)), heads
    named = [options["header"]] if "header" in options else []
    values = csv.reader([*named, *filter(str.strip, content.split("\n"))], skipinitialspace=True)
    try:
        return list(values), heads + len(named)
    except csv.Error:
        # A cell that is too long to be one.
        return [], 0


def _listed(content: str) -> Iterator[list[str]]:
    starts = [found.start() for found in _ROW.finditer(content)]
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        row = f"  {content[start + 2 : end]}"
        yield [" ".join(cell.split()) for cell in _CELL.split(row)[1:]]
