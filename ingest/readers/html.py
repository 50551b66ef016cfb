"""Web pages: what a browser shows of them, in order; nothing that they name is fetched."""

import codecs
import re
from collections.abc import Callable, Iterator, Sequence
from textwrap import dedent

from bifolio.ingest.alternatives import picture
from bifolio.ingest.building import Building, block, one_line
from bifolio.ingest.decode import decode
from bifolio.ingest.frames import RowFacts, lays_out
from bifolio.ingest.markup import Element, attribute, descendants, local, parse_html, printed_page
from bifolio.ingest.merging import Merge, unmerged
from bifolio.ingest.message import Message, message
from bifolio.ingest.numerals import written
from bifolio.ingest.parsed import Parsed, clean
from bifolio.ingest.raised import lowered, raised
from bifolio.ingest.readers.forms import FIELDS, filled
from bifolio.ingest.tables import plain_tables

# What is never shown, or is no text: navigation is the same on every page of a site.
_NOT_SHOWN_NAMES = (
    "script style noscript template svg iframe object embed canvas button head nav"
    " annotation annotation-xml rp rt audio video map datalist"
)
_NOT_SHOWN = frozenset(_NOT_SHOWN_NAMES.split())
# What readers of encyclopedias meet beside each heading, and other pages name so.
_NOT_PRINTED = frozenset(("mw-editsection", "noprint"))
# What begins on a line of its own; all else stands in one.
_BLOCK_NAMES = (
    "html body address article aside blockquote caption center dd details dialog dir div dl dt"
    " fieldset figcaption figure footer form header hgroup hr legend li main menu p search section"
    " summary table tbody td textarea tfoot th thead tr"
)
_BLOCKS = frozenset(_BLOCK_NAMES.split())
# What holds more than a term or its meaning; a term that is not closed holds the next one.
_NO_MEANING = (_BLOCKS | {"ul", "ol", "pre", "h1", "h2", "h3", "h4", "h5", "h6"}) - {"p", "dt"}
_HEADING = re.compile("h([1-6])")
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
_CHARSET = re.compile(rb"<(?:meta|\?xml)[^>]*?(?:charset|encoding)\s*=\s*[\"']?([\w.:-]+)", re.I)
# The encodings that pages mean where they name a part of them.
_WIDER = {"gb2312": "gb18030", "gbk": "gb18030", "iso8859-1": "cp1252", "ascii": "cp1252"}
# What was deleted, or holds no longer, by the meaning of these names.
_STRUCK = frozenset(("del", "s", "strike"))
_SCRIPTS = {"sup": raised, "sub": lowered}
# What elements without a meaning of their own stand for.
_ROLES = {
    **dict.fromkeys(("table", "grid", "treegrid"), "table"),
    **dict.fromkeys(("cell", "gridcell"), "td"),
    **dict.fromkeys(("columnheader", "rowheader"), "th"),
    "rowgroup": "tbody",
    "row": "tr",
    "heading": "h{}",
}
_NUMERALS = {"a": "lowerLetter", "A": "upperLetter", "i": "lowerRoman", "I": "upperRoman"}
_NOTE_MARKS = frozenset(("noteref", "doc-noteref"))
# Stands in a paragraph where a printed page begins.
_PAGE = "\f"
_MAX_SPAN = 100
_MAX_HEADS = 3


def parse_html_page(data: bytes) -> Parsed:
    """Read a web page that was saved: headings, paragraphs, lists and tables."""
    text, notes = decode_page(data)
    building = Building()
    building.notes += notes
    root, cut = parse_html(text)
    title = ""
    if root is not None:
        title = next((shown_text(entry) for entry in descendants(root, "title")), "")
        HtmlWriter(building).write(root)
    if cut:
        sentence = "it is nested too deeply; what stands deeper was left out"
        building.notes.append(message("too-deep-cut", sentence))
    return building.parsed(title=title)


def decode_page(data: bytes) -> tuple[str, list[Message]]:
    """Decode a page: by its bytes if they are UTF-8, then by the encoding that it names.

    The second tells what of it could not be read.
    """
    try:
        return data.decode("utf-8-sig"), []
    except UnicodeDecodeError:
        named = _CHARSET.search(data[:4096])
    try:
        codec = codecs.lookup(named.group(1).decode()).name if named else ""
        return data.decode(_WIDER.get(codec, codec)), []
    except (LookupError, UnicodeDecodeError):
        return decode(data)


class HtmlWriter:
    """Appends what an element shows to a building, block by block."""

    def __init__(self, building: Building) -> None:
        self._building = building
        self._inline: list[str] = []
        self._labels: list[str] = []
        self._pictures = set[str]()
        self._mark: str | None = None
        self._depth = -1

    def write(self, element: Element) -> None:
        """Append the element and all in it."""
        for power in element.iter("{*}msup", "{*}msub", "msup", "msub"):
            if len(power) > 1:
                power[1].tag = local(power)[1:]
        for fraction in element.iter("{*}mfrac", "mfrac"):
            if len(fraction) > 1:
                fraction[0].tail = "/"
        for entry in element.iter("{*}div", "{*}span", "{*}p", "div", "span", "p"):
            if role := _ROLES.get(entry.get("role", "")):
                entry.tag = role.format(min(_integer(entry.get("aria-level", ""), 2), 6))
        self._walk(element)
        self._flush()

    def _walk(self, element: Element) -> None:
        name = local(element)
        if not is_shown(element):
            self._leave_out(element, name)
        elif found := _HEADING.fullmatch(name):
            self._flush()
            self._pages_in(element)
            self._building.heading(int(found.group(1)), shown_text(element))
        elif name == "table" and not _is_layout(element):
            self._flush()
            self._table(element)
        elif name == "br":
            self._inline.append("\n")
        elif name in ("img", *FIELDS):
            self._say(element, name)
        elif set_off := _script(element):
            self._inline.append(set_off("".join(_shown(element))))
        elif name == "pre":
            self._flush()
            self._preformatted(element)
        elif name in ("ul", "ol"):
            self._list(element)
        elif name == "dl" and (rows := _meanings(element)):
            self._flush()
            self._building.table(rows, has_head=False)
            self._pages_in(element)
        else:
            self._children(element, inline=name not in _BLOCKS)

    def _leave_out(self, element: Element, name: str) -> None:
        """Count what was struck out, and the lines of navigation; a page begins without text."""
        if (label := printed_page(element)) is not None:
            self._page(label)
        elif name in _STRUCK:
            self._building.left_out += 1
        elif _is_navigation(element):
            self._building.left_out += sum(1 for text in element.itertext() if text.strip())

    def _say(self, element: Element, name: str) -> None:
        """Append what was filled in, or the words for a picture once: it may be a sign of lines."""
        said = filled(element) if name in FIELDS else _words_for(element)
        if said and (name in FIELDS or said not in self._pictures):
            self._pictures.add(said)
            self._inline.append(f" {said} ")

    def _preformatted(self, element: Element) -> None:
        """Append lines as they are written: programs, and tables that blanks part."""
        lines = clean("".join(element.itertext())).split("\n")
        text = dedent("\n".join(map(str.rstrip, lines))).strip("\n")
        self._building.parsed_block(Parsed("", text, [], [], plain_tables(text)))

    def _children(self, element: Element, *, inline: bool) -> None:
        if not inline:
            self._flush()
        self._inline.append(_spaced(element.text))
        for child in element:
            self._walk(child)
            self._inline.append(_spaced(child.tail))
        if not inline:
            self._flush()

    def _list(self, element: Element) -> None:
        self._flush()
        self._depth += 1
        number = _integer(attribute(element, "start"), 1)
        for child in element:
            if local(child) != "li":
                self._walk(child)
                continue
            if not is_shown(child):
                continue
            number = _integer(attribute(child, "value"), number)
            shown = written(number, _NUMERALS.get(attribute(element, "type"), "decimal"))
            self._mark = f"{shown}." if local(element) == "ol" else "-"
            self._children(child, inline=False)
            self._mark = None
            number += 1
        self._depth -= 1

    def _table(self, table: Element) -> None:
        for caption in descendants(table, "caption"):
            self._building.paragraph(shown_text(caption))
        lines = [row for row in _rows_of(table) if is_shown(row)]
        cells = [[cell for cell in row if local(cell) in ("td", "th")] for row in lines]
        rows, merges = spread(cells)
        rows, has_head = unmerged(rows, merges, heads=_heads(lines, cells))
        self._building.table(rows, has_head=has_head)
        self._pages_in(table)

    def _page(self, label: str) -> None:
        """Begin a printed page, within a paragraph if that was begun."""
        if "".join(self._inline).strip():
            self._inline.append(_PAGE)
            self._labels.append(label)
        else:
            self._building.page(label, reading="blank")

    def _pages_in(self, element: Element) -> None:
        """Begin the pages of a block that is not parted: behind it, or before if it is a title."""
        for entry in element.iterdescendants("{*}*"):
            if (label := printed_page(entry)) is not None:
                self._building.page(label, reading="blank")

    def _flush(self) -> None:
        text, self._inline = "".join(self._inline), []
        if not text.strip():
            return
        text, *pieces = text.split(_PAGE)
        if self._mark is None:
            self._building.paragraph(text)
        else:
            self._building.item(text, mark=self._mark, depth=self._depth)
            self._mark = None
        for piece in pieces:
            self._building.raw(" " if text[-1:].isspace() or piece[:1].isspace() else "")
            self._building.page(self._labels.pop(0), reading="blank", apart=not piece.strip())
            self._building.raw(block(piece))
            text = piece


def is_shown(element: Element) -> bool:
    """Tell whether a browser would show the element."""
    return (
        local(element) not in (_NOT_SHOWN | _STRUCK)
        and isinstance(element.tag, str)
        and not _is_navigation(element)
        and "hidden" not in element.attrib
        and element.get("aria-hidden") != "true"
        and not _HIDDEN.search(element.get("style", ""))
        and not _is_sign(element)
        and printed_page(element) is None
    )


def _is_sign(element: Element) -> bool:
    """Tell whether an element is a mere sign that links to its own page: ¶ behind a heading."""
    if local(element) != "a" or not attribute(element, "href").startswith("#") or len(element):
        return False
    return not any(map(str.isalnum, element.text or ""))


def _is_navigation(element: Element) -> bool:
    """Tell whether an element leads elsewhere, and is left out where a page is printed."""
    return (
        local(element) == "nav"
        or element.get("role") == "navigation"
        or not _NOT_PRINTED.isdisjoint((element.get("class") or "").split())
    )


def shown_text(element: Element) -> str:
    """Give what an element shows, on one line."""
    return one_line("".join(_shown(element)))


def spread(rows: Sequence[Sequence[Element]]) -> tuple[list[list[str]], list[Merge]]:
    """Give the texts of the cells, empty where one spans others, and which do."""
    grid: list[list[str]] = []
    merges: list[Merge] = []
    below: dict[int, int] = {}
    for number, row in enumerate(rows):
        texts: list[str] = []
        taken, below = below, {column: left - 1 for column, left in below.items() if left > 1}
        for cell in row:
            while len(texts) in taken:
                texts.append("")
            wide = min(_integer(attribute(cell, "colspan"), 1), _MAX_SPAN)
            high = min(_integer(attribute(cell, "rowspan"), 1), len(rows))
            if wide > 1 or high > 1:
                merges.append((number, len(texts), high, wide))
            for column in range(len(texts), len(texts) + wide):
                if high > 1:
                    below[column] = high - 1
            texts += [shown_text(cell), *[""] * (wide - 1)]
        grid.append(texts)
    return grid, merges


def _shown(element: Element) -> Iterator[str]:
    yield _spaced(element.text)
    for child in element:
        if local(child) in FIELDS and is_shown(child):
            yield f" {filled(child)} "
        elif is_shown(child):
            between = " " if local(child) in (*_BLOCKS, "br", "ul", "ol", "pre") else ""
            yield between
            yield f" {_words_for(child)} " if local(child) == "img" else ""
            set_off = _script(child)
            yield from [set_off("".join(_shown(child)))] if set_off else _shown(child)
            yield between
        yield _spaced(child.tail)


def _script(element: Element) -> Callable[[str], str] | None:
    """Tell how what stands higher or lower is written; the mark of a note does in books."""
    said = (attribute(element, "type"), element.get("epub:type"), element.get("role"))
    return raised if _NOTE_MARKS.intersection(said) else _SCRIPTS.get(local(element))


def _words_for(image: Element) -> str:
    """Give the words for a picture that its caption does not say as well."""
    said = picture(attribute(image, "alt"))
    figure = next(image.iterancestors("{*}figure", "figure"), None)
    captions = {picture(shown_text(one)) for one in descendants(figure, "figcaption")}
    return "" if said in captions else said


def _is_layout(table: Element) -> bool:
    """Tell whether a table only lays the page out: it says so, or holds headings or most of it."""
    if table.get("role") in ("presentation", "none"):
        return True
    if next(descendants(table, "h1", "h2", "h3", "h4"), None) is not None:
        return True
    if next(descendants(table, "table"), None) is None:
        return False
    if any(local(cell) == "th" for row in _rows_of(table) for cell in row):
        return False
    return lays_out([_facts(row) for row in _rows_of(table)])


def _facts(row: Element) -> RowFacts:
    texts = [text for cell in row if (text := shown_text(cell).strip())]
    holds_table = next(descendants(row, "table"), None) is not None
    return RowFacts(len(texts), sum(map(len, texts)), holds_table)


def _meanings(element: Element) -> list[list[str]]:
    """Give terms with what is said of each, as rows of a table; none if they are no such pairs.

    Such as questions, which are answered in paragraphs, or what holds blocks of its own.
    """
    rows: list[list[str]] = []
    for part in element:
        for entry in part if local(part) == "div" else (part,):
            if not is_shown(entry):
                continue
            inside = next(descendants(entry, *_NO_MEANING), None)
            if local(entry) not in ("dt", "dd") or inside is not None:
                return []
            text = shown_text(entry)
            if local(entry) == "dd" and rows:
                rows[-1][1] = f"{rows[-1][1]} {text}".strip()
            elif rows and not rows[-1][1]:
                rows[-1][0] += f", {text}"
            else:
                rows.append([text, ""])
    return [] if any(term.endswith(("?", "？")) for term, _ in rows) else rows


def _rows_of(table: Element) -> Iterator[Element]:
    for child in table:
        if local(child) == "tr":
            yield child
        elif local(child) in ("thead", "tbody", "tfoot"):
            yield from (row for row in child if local(row) == "tr")


def _heads(rows: Sequence[Element], cells: Sequence[Sequence[Element]]) -> int | None:
    """Count the rows that name the columns; None where the page does not say."""
    if not rows:
        return 0
    heads = [
        local(row.getparent()) == "thead" or all(local(cell) == "th" for cell in row_cells)
        for row, row_cells in zip(rows, cells, strict=True)
    ]
    count = heads.index(False) if False in heads else 1
    if count:
        return min(count, _MAX_HEADS)
    # The heads stand at the left: a row names one thing and its values.
    return 0 if all(row and local(row[0]) == "th" for row in cells) else None


def _spaced(text: str | None) -> str:
    return re.sub(r"\s+", " ", text or "")


def _integer(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text[:6]) > 0 else default
