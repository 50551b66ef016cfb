"""Document, page, heading, table, chunk: every place is a span of the one text of its document."""

from bisect import bisect_right
from dataclasses import dataclass, field

from bifolio.ingest.message import Message
from bifolio.ingest.simplified import simplified

# What stands above a table and ends so is a sentence of its own; a caption has so many characters.
_STATED = (".", "!", "?", "。", "！", "？")
_CAPTION = 200


@dataclass(frozen=True, slots=True)
class Page:
    """One page: ``number`` counts from 1; ``start`` and ``end`` are offsets in the text.

    ``label`` is the page number as it is printed, empty where none is known. ``reading`` tells how
    the page was read: ``text``, ``ocr``, ``form`` (there is only a form that cannot be shown),
    ``failed`` (it is damaged), ``empty`` (something stands there, but no text) or ``blank``.
    """

    number: int
    start: int
    end: int
    label: str = ""
    reading: str = "text"


@dataclass(frozen=True, slots=True)
class Heading:
    """One heading: ``level`` 1 is the highest; ``start`` is its offset in the document's text."""

    level: int
    title: str
    start: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table: offsets of the whole and of each row, which is one line, its cells parted by |.

    ``rows`` are (start, end) in text order; with ``has_head`` the first names the columns.
    """

    start: int
    end: int
    rows: tuple[tuple[int, int], ...]
    has_head: bool


@dataclass(frozen=True, slots=True)
class Document:
    """A file that was read: its pages joined to one text, in which all offsets count characters.

    ``path`` is the name under which a library knows the file, ``sha256`` the hash of the bytes
    that were read. ``pages`` follow each other without overlap; ``headings`` and ``tables`` stand
    in text order. ``left_out`` counts lines of the file that are not in the text: page numbers, and
    running heads and feet after their first time. ``notes`` say what a user should know of how the
    file was read. ``parser`` names the reader and its version: ``pdf/2``.
    """

    path: str
    title: str
    sha256: str
    text: str = field(repr=False)
    pages: tuple[Page, ...] = field(repr=False)
    headings: tuple[Heading, ...] = field(default=(), repr=False)
    tables: tuple[Table, ...] = field(default=(), repr=False)
    left_out: int = 0
    notes: tuple[Message, ...] = field(default=(), repr=False)
    parser: str = ""

    def pages_of(self, start: int, end: int) -> tuple[int, int]:
        """Give the numbers of the first and the last page that the span touches."""
        starts = [page.start for page in self.pages]
        first = max(0, bisect_right(starts, start) - 1)
        last = max(first, bisect_right(starts, max(start, end - 1)) - 1)
        return self.pages[first].number, self.pages[last].number

    def labels_of(self, start: int, end: int) -> tuple[str, str]:
        """Give the printed numbers of the first and the last page of the span, "" where none is."""
        printed = {page.number: page.label for page in self.pages}
        first, last = self.pages_of(start, end)
        return printed[first], printed[last]

    def heading_path(self, offset: int) -> tuple[str, ...]:
        """Give the titles of the headings above the offset, highest level first."""
        path: list[Heading] = []
        for heading in self.headings:
            if heading.start > offset:
                break
            path = [above for above in path if above.level < heading.level] + [heading]
        return tuple(heading.title for heading in path)

    def table_head(self, offset: int) -> str:
        """Give the line that names the columns of the row at the offset; empty if none does.

        The head has none of its own.
        """
        place = bisect_right(self.tables, offset, key=lambda table: table.start) - 1
        if place < 0 or offset >= self.tables[place].end or not self.tables[place].has_head:
            return ""
        start, end = self.tables[place].rows[0]
        return self.text[start:end] if offset >= end else ""

    def table_caption(self, offset: int) -> tuple[int, int] | None:
        """Give the span of the line above the table at the offset, if it states nothing."""
        place = bisect_right(self.tables, offset, key=lambda table: table.start) - 1
        if place < 0 or offset >= self.tables[place].end:
            return None
        end = len(self.text[: self.tables[place].start].rstrip())
        start = self.text.rfind("\n", 0, end) + 1
        is_row = place > 0 and start < self.tables[place - 1].end
        if is_row or end - start > _CAPTION or self.text.endswith(_STATED, start, end):
            return None
        return (start, end) if start < end else None

    @property
    def empty_pages(self) -> tuple[int, ...]:
        """The numbers of the pages on which something stands, but no text was found."""
        return tuple(
            page.number
            for page in self.pages
            if page.reading not in ("failed", "form", "blank")
            and not self.text[page.start : page.end].strip()
        )

    @property
    def failed_pages(self) -> tuple[int, ...]:
        """The numbers of the pages that could not be read because they are damaged."""
        return tuple(page.number for page in self.pages if page.reading == "failed")


@dataclass(frozen=True, slots=True)
class Chunk:
    """A span of a document's text, ``document.text[start:end]``, in characters."""

    document: Document
    start: int
    end: int

    @property
    def text(self) -> str:
        """The words of the span, as they stand in the document."""
        return self.document.text[self.start : self.end]

    @property
    def pages(self) -> tuple[int, int]:
        """The numbers of the first and the last page of the span."""
        return self.document.pages_of(self.start, self.end)

    @property
    def context(self) -> str:
        """Where the chunk stands: the document's title and the headings above, joined by ``>``.

        A chunk that begins inside a table has the table's head on a second line. Models read the
        context before the text, so that "It is 30 days" is found under "Notice period"; it is never
        part of what is quoted.
        """
        headings = self.document.heading_path(self.start)
        if headings and headings[0] == self.document.title:
            headings = headings[1:]
        head = self.document.table_head(self.start)
        return " > ".join((self.document.title, *headings)) + (f"\n{head}" if head else "")

    @property
    def searched(self) -> str:
        """What is embedded, indexed by words and reranked: the context, then the text.

        Chinese in simplified characters, so that either kind of question finds it.
        """
        return simplified(f"{self.context}\n{self.text}")
