"""Org, AsciiDoc and LaTeX: the text as it is written, headings by the marks of each."""

import re
from dataclasses import dataclass, replace

from bifolio.ingest.parsed import Parsed, TableFields
from bifolio.ingest.plain import parse_text
from bifolio.ingest.tables import tex_tables, with_others

_LATEX_LEVELS = {
    name: level
    for level, name in enumerate(
        ("part", "chapter", "section", "subsection", "subsubsection", "paragraph"), 1
    )
}


@dataclass(frozen=True, slots=True)
class _Marks:
    """How headings are marked, by the groups ``mark`` and ``title``, and what names the whole."""

    heading: re.Pattern[str]
    title: re.Pattern[str]


_ORG = _Marks(
    re.compile(
        r"^(?P<mark>\*+) +(?:(?:TODO|DONE) +)?(?:\[#\w\] +)?"
        r"(?P<title>\S.*?)[ \t]*(?::[\w@:]+:[ \t]*)?$",
        re.M,
    ),
    re.compile(r"^#\+title:[ \t]*(.+)$", re.I | re.M),
)
_ASCIIDOC = _Marks(
    re.compile(r"^(?P<mark>={2,6}) +(?P<title>\S.*)$", re.M), re.compile(r"^= +(.+)$", re.M)
)
_LATEX = _Marks(
    re.compile(
        rf"^[ \t]*\\(?P<mark>{'|'.join(_LATEX_LEVELS)})\*?(?:\[[^]\n]*\])?"
        r"\{(?P<title>(?:[^{}\n]|\{[^{}\n]*\})+)\}",
        re.M,
    ),
    re.compile(r"\\title(?:\[[^]\n]*\])?\{((?:[^{}\n]|\{[^{}\n]*\})+)\}"),
)


_BLOCK = re.compile(r"^\|===\n(.*?)^\|===$", re.M | re.S)
_ROW = re.compile(r"^\|.*\S", re.M)


def parse_org(data: bytes) -> Parsed:
    """Read Org: stars mark headings, and a line names the title."""
    return _parse(data, _ORG)


def parse_asciidoc(data: bytes) -> Parsed:
    """Read AsciiDoc: equals signs mark headings, a single one the title."""
    parsed = _parse(data, _ASCIIDOC)
    tables = [found for block in _BLOCK.finditer(parsed.text) if (found := _table(block))]
    return replace(parsed, tables=with_others(tables, parsed.tables))


def _table(block: re.Match[str]) -> TableFields | None:
    """Give the table of a block: a row is as many cells as its first line has, on one or more.

    A blank line parts the head.
    """
    lines = [
        (block.start(1) + row.start(), block.start(1) + row.end())
        for row in _ROW.finditer(block[1])
    ]
    width = block.string.count("|", *lines[0]) if lines else 0
    rows: list[tuple[int, int]] = []
    cells = width
    for start, end in lines:
        if cells == width:
            rows.append((start, end))
            cells = 0
        rows[-1] = rows[-1][0], end
        cells += block.string.count("|", start, end)
    if width < 2 or len(rows) < 2 or cells != width:
        return None
    parted = "\n\n" in block.string[rows[0][1] : rows[1][0]]
    return rows[0][0], rows[-1][1], rows, parted


def parse_latex(data: bytes) -> Parsed:
    """Read LaTeX, its commands with it: quotes stay what the file says."""
    parsed = _parse(data, _LATEX)
    return replace(parsed, tables=with_others(tex_tables(parsed.text), parsed.tables))


def _parse(data: bytes, marks: _Marks) -> Parsed:
    parsed = parse_text(data, paged=False)
    headings = [
        (
            _LATEX_LEVELS.get(found["mark"], min(len(found["mark"]), 6)),
            " ".join(found["title"].split()),
            _line_start(parsed.text, found.start("mark")),
        )
        for found in marks.heading.finditer(parsed.text)
    ]
    named = marks.title.search(parsed.text)
    title = named.group(1).strip() if named else next((title for _, title, _ in headings), "")
    # A file without such marks has headings as plain text has them.
    return replace(parsed, title=title, headings=headings or parsed.headings)


def _line_start(text: str, place: int) -> int:
    """Give where the line of a heading begins: the mark of LaTeX has a backslash before it."""
    start = text.rfind("\n", 0, place) + 1
    return start + len(text[start:place]) - len(text[start:place].lstrip())
