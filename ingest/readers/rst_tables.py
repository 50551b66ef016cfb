"""Tables that reStructuredText writes as lists or as comma-separated values become rows."""

import csv
import re
from collections.abc import Iterator
from textwrap import dedent

from bifolio.ingest.building import Building
from bifolio.ingest.parsed import TableFields

_DIRECTIVE = re.compile(
    r"^(?P<indent>[ \t]*)\.\. (?P<kind>list-table|csv-table)::[ \t]*(?P<title>.*)\n"
    r"(?P<body>(?:(?P=indent)[ \t]+\S.*(?:\n|\Z)|[ \t]*\n)*)",
    re.MULTILINE,
)
_OPTION = re.compile(r"[ \t]+:(?P<name>[\w-]+):[ \t]*(?P<value>.*)")
_ROW, _CELL = (
    re.compile(r"^[*+-] +[*+-](?= |$)", re.MULTILINE),
    re.compile(r"^  +[*+-](?= |$)", re.M),
)


def with_rows(text: str) -> tuple[str, list[TableFields]]:
    """Write such tables as rows of one line each, and give also where they stand then."""
    parts: list[str] = []
    tables: list[TableFields] = []
    done = length = 0
    for found in _DIRECTIVE.finditer(text):
        building = Building()
        building.paragraph(found["title"])
        rows, heads = _rows(found["kind"], found["body"])
        if not any(map(any, rows)):
            continue
        building.table(rows, has_head=heads > 0)
        written = building.parsed()
        parts += [text[done : found.start()], written.text, "\n\n"]
        length += len(parts[-3])
        tables += [
            (start + length, end + length, [(a + length, b + length) for a, b in spans], head)
            for start, end, spans, head in written.tables
        ]
        done, length = found.end(), length + len(written.text) + 2
    return "".join((*parts, text[done:])), tables


def _rows(kind: str, body: str) -> tuple[list[list[str]], int]:
    """Give the rows, and how many of them name the columns."""
    lines = body.split("\n")
    options: dict[str, str] = {}
    while lines and (option := _OPTION.fullmatch(lines[0])):
        options[option["name"]] = option["value"]
        lines.pop(0)
    content = dedent("\n".join(lines)).strip("\n")
    heads = (
        int(options.get("header-rows", "0")[:3])
        if options.get("header-rows", "").isdecimal()
        else 0
    )
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
