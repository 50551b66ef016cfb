"""How readers put a document together: blocks are appended, and their offsets are kept."""

import re
from collections.abc import Collection, Iterable, Sequence

from bifolio.ingest.message import Message
from bifolio.ingest.parsed import PageFields, Parsed, TableFields, clean, is_label

PARAGRAPH = "\n\n"
LINE = "\n"
CELLS = " | "
BULLET = "-"
_NUMBER = re.compile(r"[-+(]?[\d.,\s%€$£¥元万亿/:-]*\d[\d.,\s%€$£¥元万亿/:)-]*")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_YEAR = re.compile(r"(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?年?度?")


class Building:
    """The text of a document that grows block by block, with its pages, headings and tables.

    Paragraphs, tables and pages are parted by an empty line, so that nothing runs on from one into
    the next. A document without pages of its own is one page.
    """

    def __init__(self) -> None:
        self.notes: list[Message] = []
        self.left_out = 0
        self._parts: list[str] = []
        self._length = 0
        self._pages: list[tuple[int, str, str]] = []
        self._headings: list[tuple[int, str, int]] = []
        self._tables: list[TableFields] = []
        self._item_ended = False

    def page(self, label: str = "", *, reading: str = "text", apart: bool = True) -> None:
        """Begin a page; with ``apart`` false it may begin inside a paragraph.

        One that stays without text is ``empty``; with ``reading`` as ``blank`` nothing is missed.
        """
        if self._length:
            self._pages = self._pages or [(0, "", "text")]
            if apart:
                self._append(PARAGRAPH)
        self._pages.append((self._length, one_line(label)[:80], reading))
        self._item_ended = False

    def heading(self, level: int, text: str) -> None:
        """Append a heading, as a line of its own."""
        if title := one_line(text):
            self._open()
            self._headings.append((min(max(level, 1), 6), title, self._length))
            self._append(title)

    def paragraph(self, text: str) -> None:
        """Append a paragraph; line breaks inside it are kept."""
        if text := block(text):
            self._open()
            self._append(text)

    def item(self, text: str, *, mark: str = BULLET, depth: int = 0) -> None:
        """Append an item of a list, a line of its own that begins with its mark."""
        if text := block(text):
            # A number at the start of a line may belong to the line before; a dash cannot.
            self._open(LINE if self._item_ended and mark == BULLET else PARAGRAPH)
            self._append("  " * depth + f"{mark} {text}".strip())
            self._item_ended = mark == BULLET

    def table(
        self,
        rows: Iterable[Sequence[str]],
        *,
        has_head: bool | None = None,
        page_rows: Collection[int] = (),
    ) -> None:
        """Append a table, a row a line and its cells parted by ``|``; empty rows are left out.

        Whether the first row names the columns is guessed if it is not said. What has but one
        column or one cell is a list of paragraphs that was only laid out as a table. With each of
        ``page_rows``, counted from 0, a page begins.
        """
        cleaned = [[one_line(cell) for cell in row] for row in rows]
        if all(len(cells) - cells.count("") <= 1 for cells in cleaned):
            for number, cells in enumerate(cleaned):
                if number in page_rows:
                    self.page()
                self.paragraph("".join(cells))
            return
        while has_head is None and not page_rows and _is_title(cleaned):
            self.paragraph("".join(cleaned.pop(0)))
        self._open()
        start, lines = self._length, []
        spans: list[tuple[int, int]] = []
        for number, cells in enumerate(cleaned):
            if spans and any(cells):
                self._append(LINE)
            if number in page_rows:
                self.page(apart=False)
            if not any(cells):
                continue
            lines.append(cells)
            begin = self._length
            self._append(CELLS.join(cells).rstrip(" |"))
            spans.append((begin, self._length))
        guessed = looks_like_head(lines) and not _is_form(lines)
        known = guessed if has_head is None else has_head and len(lines) > 1
        self._tables.append((start, self._length, spans, known))

    @property
    def has_pages(self) -> bool:
        """Whether a page was begun, so that what is no part of it must begin another."""
        return bool(self._pages)

    def parsed_block(self, parsed: Parsed, *, pages_of: str = "") -> None:
        """Append what another reader made of a part of the file, with its headings and tables.

        With ``pages_of``, the name of a file, its pages after the first are pages here too.
        """
        text = parsed.text.rstrip()
        if not text.strip():
            return
        self._open()
        shift = self._length
        self._append(text)
        for page in parsed.pages[1:] if pages_of else ():
            reading = page[4] if len(page) > 3 else "text"
            self._pages.append((page[1] + shift, page_label(pages_of, page), reading))
        self._headings += [(level, title, at + shift) for level, title, at in parsed.headings]
        self._tables += [
            (start + shift, end + shift, [(a + shift, b + shift) for a, b in rows], head)
            for start, end, rows, head in parsed.tables
        ]
        self.notes += parsed.notes
        self.left_out += parsed.left_out

    def raw(self, text: str) -> None:
        """Append text right behind what stands there: a paragraph goes on over a page's end."""
        if text:
            self._append(text)

    def parsed(self, *, title: str = "", by_heading: bool = True) -> Parsed:
        """Give all of it as a parser hands it back; the first top heading may stand in for a title.

        Without either the file's name is the title.
        """
        named = one_line(title)[:200]
        if not named and by_heading and self._headings:
            named = min(self._headings, key=lambda heading: (heading[0], heading[2]))[1]
        return Parsed(
            title=named,
            text="".join(self._parts),
            pages=self._page_spans(),
            headings=self._headings,
            tables=self._tables,
            left_out=self.left_out,
            notes=self.notes,
        )

    def _page_spans(self) -> list[PageFields]:
        text = "".join(self._parts)
        starts = self._pages or [(0, "", "text")]
        ends = [start for start, _, _ in starts[1:]] + [len(text)]
        pages: list[PageFields] = []
        for (start, label, reading), end in zip(starts, ends, strict=True):
            shown = len(text[start:end].rstrip())
            if reading in ("text", "blank"):
                reading = "text" if shown else "empty" if reading == "text" else "blank"
            pages.append((len(pages) + 1, start, start + shown, label, reading))
        return pages

    def _open(self, gap: str = PARAGRAPH) -> None:
        """Part the next block from the one before, if one stands on this page."""
        if self._length > (self._pages[-1][0] if self._pages else 0):
            self._append(gap)
        self._item_ended = False

    def _append(self, text: str) -> None:
        self._parts.append(text)
        self._length += len(text)


def page_label(name: str, page: PageFields) -> str:
    """Name a page of a file that is a part of another, as the page of both."""
    printed = page[3] if len(page) > 3 else ""
    return f"{name[:50]}: {printed[:25] or page[0]}"


def one_line(text: str) -> str:
    """Clean a text and write it on one line."""
    return " ".join(clean(text).split())


def block(text: str) -> str:
    """Clean a text of several lines; no line of it is empty."""
    lines = (" ".join(line.split()) for line in clean(text).split("\n"))
    return "\n".join(line for line in lines if line)


def is_number(cell: str) -> bool:
    """Tell whether a cell holds a value that is counted or measured, or a date, but no year."""
    return _NUMBER.fullmatch(cell) is not None and not _YEAR.fullmatch(cell)


def looks_like_head(lines: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first of the rows names the columns: no cell of it is a value.

    A date names its column if none stands below it.
    """
    if len(lines) < 2:
        return False
    first = [(place, cell) for place, cell in enumerate(lines[0]) if cell]
    return len(first) > 1 and not any(
        is_label(cell) or (is_number(cell) and not _is_date_above(lines, place))
        for place, cell in first
    )


def _is_date_above(lines: Sequence[Sequence[str]], place: int) -> bool:
    dates = [bool(_DATE.fullmatch(row[place])) for row in lines if place < len(row)]
    return place > 0 and dates[0] and not any(dates[1:])


def _is_title(lines: Sequence[Sequence[str]]) -> bool:
    """Tell whether the first row is a title: one cell, and below it the names of all columns."""
    filled = [sum(map(bool, row)) for row in lines]
    return (
        filled[:1] == [1]
        and bool(lines[0][0])
        and looks_like_head(lines[1:])
        and min(filled[1], 2) == 2
    )


def _is_form(lines: Sequence[Sequence[str]]) -> bool:
    """Tell whether rows of two cells are names and their values, of which none heads the others.

    Then not all that stands on the right is counted or measured.
    """
    names = [row[0] for row in lines]
    if max(map(len, lines)) != 2 or len(set(names)) < len(names):
        return False
    values = [row[1] for row in lines[1:] if len(row) > 1 and row[1]]
    return 3 * sum(map(is_number, values)) < 2 * len(values)
