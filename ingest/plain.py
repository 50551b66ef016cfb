"""Text and Markdown files: one page, headings and tables from the Markdown grammar."""

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from bifolio.ingest.decode import decode
from bifolio.ingest.headings import plain_headings
from bifolio.ingest.message import Message
from bifolio.ingest.parsed import Parsed, TableFields, clean
from bifolio.ingest.tables import plain_tables, table, tex_tables, with_others, written_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---(?:\n|\Z)", re.DOTALL)
_NAMED = re.compile(r"^title:[ \t]*([\"']?)(?P<title>.*?\w.*?)\1[ \t]*$", re.MULTILINE)
# What some dialects write behind a heading, as its name for links.
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}$")
# A table, in which no other stands.
_HTML_TABLE = re.compile(
    r"(?:(?<=\n)|\A)[ \t]*<table\b(?:(?!<table\b).)*?</table\s*>", re.IGNORECASE | re.DOTALL
)
# A picture, or a font, that stands in the text itself. Its lines may be broken, each being full of
# it, and no line behind it is taken for its last.
_BYTES = r"[\w+/%-]"
_DATA = re.compile(
    r"data:[\w.+-]+/[\w.+-]+(?:;[\w.+-]+=[\w.+-]+)*(?:"
    rf";base64,\s?(?:{_BYTES}{{40,}}+[ \t]*\n[ \t]*(?={_BYTES}+=*[ \t]*(?:[\"')>\n]|\Z)))*"
    rf"{_BYTES}*=*"
    r"|,(?:%[0-9A-Fa-f]{2}|[^\s\"'()<>])+)"
)


def get_ready() -> None:
    """Load the grammar of Markdown, which takes longer than reading a file by it."""
    parse_markdown(b"# |")


def parse_text(data: bytes) -> Parsed:
    """Read plain text in whatever encoding it is.

    Raises:
        Unreadable: it is no text, or in no known encoding.
    """
    text, notes = _read(data)
    tables = plain_tables(text)
    return Parsed(
        title="",
        text=text,
        pages=[(1, 0, len(text))],
        headings=plain_headings(text, [(start, end) for start, end, *_ in tables]),
        tables=tables,
        notes=notes,
    )


def parse_markdown(data: bytes) -> Parsed:
    """Read Markdown; the text stays as written, but for tables in HTML: a row of these is a line.

    Its title is what stands in front of it, or the first top heading.

    Raises:
        Unreadable: it is no text, or in no known encoding.
    """
    from markdown_it import MarkdownIt

    text, notes = _read(data)
    text, in_html = written_in(text, _read_html_tables(text))
    starts = [0]
    # Not splitlines, which also splits where Markdown does not.
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    # Front matter would read as a heading underlined with its own end.
    front = _FRONT_MATTER.match(text)
    before = front.group() if front else ""
    named = _NAMED.search(before)
    body = "\n" * before.count("\n") + text[len(before) :]
    tokens = MarkdownIt().enable("table").parse(body)
    headings = [
        (int(token.tag[1]), title, starts[token.map[0]])
        for token, inline in pairwise(tokens)
        if token.type == "heading_open" and token.map and (title := _titled(inline.content))
    ]
    first = next((title for level, title, _ in headings if level == 1), "")
    return Parsed(
        title=" ".join(named["title"].split())[:200] if named else first,
        text=text,
        pages=[(1, 0, len(text))],
        headings=headings,
        tables=with_others(
            in_html,
            [*_tables(tokens, text, starts), *tex_tables(text), *_fenced(tokens, text, starts)],
        ),
        notes=notes,
    )


def _titled(content: str) -> str:
    return _ATTRIBUTES.sub("", " ".join(content.split()))


def _read(data: bytes) -> tuple[str, list[Message]]:
    text, notes = decode(data)
    # The words for the picture stand beside it.
    return _DATA.sub("", clean(text)), notes


def _read_html_tables(text: str) -> "Iterator[tuple[tuple[int, int], Parsed]]":
    """Read the tables in HTML that begin a line; what is fenced off as code stays."""
    from markdown_it import MarkdownIt

    from bifolio.ingest.building import Building
    from bifolio.ingest.markup import parse_html
    from bifolio.ingest.readers.html import HtmlWriter

    if "<table" not in text.lower():
        return
    fenced = {
        line
        for token in MarkdownIt().parse(text)
        if token.type == "fence" and token.map
        for line in range(*token.map)
    }
    line = counted = 0
    for found in _HTML_TABLE.finditer(text):
        line += text.count("\n", counted, found.start())
        counted = found.start()
        root, _ = parse_html(found[0])
        if line not in fenced and root is not None:
            building = Building()
            HtmlWriter(building).write(root)
            yield found.span(), building.parsed()


def _tables(tokens: "Sequence[Token]", text: str, starts: "Sequence[int]") -> list[TableFields]:
    """Give the tables of the grammar, each row the whole of its line."""
    tables: list[TableFields] = []
    rows: list[tuple[int, int]] = []
    for token in tokens:
        if token.type == "tr_open" and token.map:
            first, last = starts[token.map[0]], starts[token.map[0] + 1] - 1
            line = text[first:last]
            rows.append((first + len(line) - len(line.lstrip()), first + len(line.rstrip())))
        elif token.type == "table_close":
            if rows:
                tables.append(table(rows, [], has_head=True))
            rows = []
    return tables


def _fenced(
    tokens: "Sequence[Token]", text: str, starts: "Sequence[int]"
) -> "Iterator[TableFields]":
    """Yield the tables inside what is fenced off as code, where Markdown sees none."""
    for token in tokens:
        if token.type != "fence" or not token.map:
            continue
        shift = starts[token.map[0] + 1]
        for start, end, rows, headed in plain_tables(text[shift : starts[token.map[1] - 1]]):
            spans = [(first + shift, last + shift) for first, last in rows]
            yield start + shift, end + shift, spans, headed
