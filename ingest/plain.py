"""Text and Markdown files: pages by form feeds, headings and tables from the Markdown grammar."""

import re
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING

from bifolio.ingest.decode import decode
from bifolio.ingest.headings import plain_headings
from bifolio.ingest.message import Message
from bifolio.ingest.parsed import PageFields, Parsed, TableFields, clean
from bifolio.ingest.tables import plain_tables, table, tex_tables, with_others, written_in

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from markdown_it.token import Token

    from bifolio.ingest.headings import Heading
    from bifolio.ingest.pdf.line import Line

# A sheet may be thrown out before the first page, and is behind the last.
_EJECTED = re.compile(r"\A\s*\f|\f\s*\Z")
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---(?:\n|\Z)", re.DOTALL)
_NAMED = re.compile(r"^title:[ \t]*([\"']?)(?P<title>.*?\w.*?)\1[ \t]*$", re.MULTILINE)
# A short line in bold that is no sentence.
_BOLD_TITLE = re.compile(r"(?P<mark>\*\*|__).{0,59}[^\s.,;:!?。，；：！？、…](?P=mark)")
# What some dialects write behind a heading, as its name for links.
_ATTRIBUTES = re.compile(r"\s*\{[#.:][^{}]*\}$")
# In what lines of a page are parted, and what one is high: more than places may differ.
_CELLS = re.compile(r"\s{2,}")
_LINE = 10.0
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


def parse_text(data: bytes, *, paged: bool = True) -> Parsed:
    """Read plain text in whatever encoding it is; without ``paged`` a form feed is a line's end.

    Raises:
        Unreadable: it is no text, or in no known encoding.
    """
    decoded, notes = decode(data)
    sheets = [_shown(sheet) for sheet in _EJECTED.sub("", decoded).split("\f")]
    if paged and len(sheets) > 1:
        text, pages, left_out = _printed(sheets)
    else:
        text = _shown(decoded)
        pages, left_out = [(1, 0, len(text))], 0
    tables = plain_tables(text)
    return Parsed(
        title="",
        text=text,
        pages=pages,
        headings=plain_headings(text, [(start, end) for start, end, *_ in tables]),
        tables=tables,
        left_out=left_out,
        notes=notes,
    )


def _printed(sheets: "Sequence[str]") -> tuple[str, list[PageFields], int]:
    """Join pages to one text, running heads and feet once and page numbers as their labels.

    Give also where the pages stand in it, and how many lines were left out.
    """
    from bifolio.ingest.pdf.running import Sheet, drop_running_lines

    bare = ("\n".join(map(str.rstrip, sheet.split("\n"))) for sheet in sheets)
    written = [sheet.strip("\n").split("\n") for sheet in bare]
    # High enough for the first half of any page to stand at its top, and the other at its foot.
    height = 8 * max(map(len, written))
    cleared = drop_running_lines(
        [Sheet(tuple(_lines(lines, height)), height * _LINE) for lines in written]
    )
    text, pages = "", list[PageFields]()
    for lines, sheet, label in zip(written, cleared.sheets, cleared.labels, strict=True):
        page = _page(lines, sheet.lines)
        if text and page:
            goes_on = text[-1].isalnum() and page.lstrip()[0].islower()
            text += "\n" if goes_on else "\n\n"
        start, text = len(text), text + page
        pages.append((len(pages) + 1, start, len(text), label, "text" if page else "blank"))
    return text, pages, cleared.left_out


def _lines(lines: "Sequence[str]", height: int) -> "Iterator[Line]":
    """Give the lines of a page as those of a PDF are given, ``order`` being their number."""
    from bifolio.ingest.pdf.line import NO_TABLE, Line

    tables = plain_tables("\n".join(lines))
    end = -1
    for number, line in enumerate(lines):
        start, end = end + 1, end + 1 + len(line)
        if not (parts := tuple((part,) for part in _CELLS.split(line.strip()) if part)):
            continue
        top = _LINE * (number if 2 * number < len(lines) else height + number - len(lines))
        inside = [at for at, table in enumerate(tables) if table[0] < end and start < table[1]]
        is_head = any(tables[at][3] and start <= tables[at][2][0][0] < end for at in inside)
        own = inside[0] if inside else NO_TABLE
        place = (0, top, len(line), top + _LINE)
        yield Line(parts, *place, _LINE, number, table=own, is_head=is_head)


def _page(lines: "Sequence[str]", kept: "Sequence[Line]") -> str:
    """Write the lines of a page that were kept, with the empty ones among them."""
    left = {line.order: line for line in kept}
    written = list[str]()
    for number, line in enumerate(lines):
        if number not in left:
            written += [] if line else [line]
        elif left[number].text.split() == line.split():
            written.append(line)
        else:
            # Without the page number that it bore.
            written.append("  ".join(" ".join(part) for part in left[number].parts))
    return "\n".join(written).strip("\n")


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
        headings=_with_bold(headings, tokens, starts),
        tables=with_others(
            in_html,
            [*_tables(tokens, text, starts), *tex_tables(text), *_fenced(tokens, text, starts)],
        ),
        notes=notes,
    )


def _with_bold(
    headings: "Sequence[Heading]", tokens: "Sequence[Token]", starts: "Sequence[int]"
) -> "list[Heading]":
    """Give the headings, and the paragraphs that are bold alone: one level below those above."""
    highest = min((level for level, *_ in headings), default=1)
    found = list(headings)
    for at, (token, inline) in enumerate(pairwise(tokens)):
        # Above another, or a heading, it heads nothing; behind it stands its own end.
        after = tokens[at + 3 : at + 5]
        heads = after and after[0].type != "heading_open" and not _is_bold(*after)
        if heads and token.map and _is_bold(token, inline):
            start = starts[token.map[0]]
            above = [level for level, _, begun in headings if begun < start]
            title = _titled(inline.content.strip()[2:-2])
            found.append((min(above[-1] + 1, 6) if above else highest, title, start))
    return sorted(found, key=itemgetter(2))


def _is_bold(paragraph: "Token", inline: "Token | None" = None) -> bool:
    """Tell whether a paragraph in no list or quote is bold throughout, short, and no sentence."""
    if inline is None or paragraph.type != "paragraph_open" or paragraph.level:
        return False
    pieces = [piece for piece in inline.children or () if piece.type != "text" or piece.content]
    whole = [piece.type for piece in pieces if not piece.level] == ["strong_open", "strong_close"]
    return whole and _BOLD_TITLE.fullmatch(inline.content.strip()) is not None


def _titled(content: str) -> str:
    return _ATTRIBUTES.sub("", " ".join(content.split()))


def _read(data: bytes) -> tuple[str, list[Message]]:
    text, notes = decode(data)
    return _shown(text), notes


def _shown(text: str) -> str:
    # The words for a picture stand beside it.
    return _DATA.sub("", clean(text))


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
