"""reStructuredText: as it is written, but for tables in lists; headings by the lines under them."""

import re

from bifolio.ingest.lines import width
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.plain import parse_text
from bifolio.ingest.readers.rst_tables import with_rows
from bifolio.ingest.tables import plain_tables, with_others

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+")


def parse_rst(data: bytes) -> Parsed:
    """Read reStructuredText; the level of a heading is told by which adornment came first."""
    parsed = parse_text(data)
    text, listed = with_rows(parsed.text)
    lines = text.split("\n")
    levels: list[tuple[str, bool]] = []
    headings, offset = [], 0
    for number, line in enumerate(lines):
        title = line.strip()
        over = _adornment(lines, number - 1, title)
        under = _adornment(lines, number + 1, title)
        before = number == 0 or not lines[number - 1].strip()
        if title and under and (over == under or before) and not _ADORNMENT.fullmatch(title):
            style = (under, over == under)
            if style not in levels:
                levels.append(style)
            headings.append((min(levels.index(style) + 1, 6), " ".join(title.split()), offset))
        offset += len(line) + 1
    title = headings[0][1] if headings else ""
    return Parsed(
        title=title,
        text=text,
        pages=[(1, 0, len(text))],
        headings=headings,
        tables=with_others(listed, plain_tables(text)),
        notes=parsed.notes,
    )


def _adornment(lines: list[str], number: int, title: str) -> str:
    """Give the character of which a line is made that is at least as long as the title."""
    line = lines[number].rstrip() if 0 <= number < len(lines) else ""
    # Chinese titles are often underlined by their number of characters.
    long_enough = len(line) >= min(width(title), max(2, len(title)))
    return line[0] if long_enough and _ADORNMENT.fullmatch(line) else ""
