"""The lines of all pages become one text, with the places of its pages, tables and headings."""

from collections.abc import Sequence
from dataclasses import dataclass

from bifolio.ingest.parsed import TableFields, clean
from bifolio.ingest.pdf.hyphens import Vocabulary
from bifolio.ingest.pdf.layout import close_gaps
from bifolio.ingest.pdf.line import NO_TABLE, Line
from bifolio.ingest.pdf.paragraphs import breaks
from bifolio.ingest.pdf.words import HYPHEN

CELL = " | "


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph, a heading or a row of a table: its first line, and where it stands.

    ``start`` and ``end`` are offsets in the text of the whole document.
    """

    line: Line
    page: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Joined:
    """The text of all pages; ``pages`` are its spans, ``tables`` as in Parsed."""

    text: str
    pages: list[tuple[int, int]]
    paragraphs: list[Paragraph]
    tables: list[TableFields]
    left_out: int


def join_pages(
    pages: Sequence[Sequence[Line]], notes: Sequence[Sequence[str]], vocabulary: Vocabulary
) -> Joined:
    """Join the lines of each page to paragraphs and these to one text, one line each.

    ``notes`` are further lines of each page, put after its text. A table that goes on on the next
    page stays one table, and the head it repeats there is left out.
    """
    parts: list[str] = []
    spans, paragraphs = [], []
    tables = _Tables()
    offset = 0
    for number, lines in enumerate(pages):
        start = offset
        for text, line in _paragraphs(lines, vocabulary):
            if tables.repeats_head(line, text, number):
                continue
            parts.append(text)
            paragraphs.append(Paragraph(line, number, offset, offset + len(text)))
            tables.add(paragraphs[-1], text)
            offset += len(text) + 1
        for note in notes[number]:
            parts.append(note)
            offset += len(note) + 1
        if offset == start:
            parts.append("")
            offset += 1
        spans.append((start, offset - 1))
    return Joined("\n".join(parts), spans, paragraphs, tables.finished(), tables.left_out)


class _Tables:
    """Collects rows into tables, across pages where one goes on."""

    def __init__(self) -> None:
        self.found: list[list[Paragraph]] = []
        self.heads: list[str] = []
        self.last: Paragraph | None = None
        self.left_out = 0

    def repeats_head(self, line: Line, text: str, page: int) -> bool:
        """Tell whether a line is the head of the table that goes on from the page before."""
        last = self.last
        repeats = bool(
            line.is_head
            and last is not None
            and last.line.table != NO_TABLE
            and last.page < page
            and self.heads[-1] == text
        )
        self.left_out += repeats
        return repeats

    def add(self, row: Paragraph, text: str) -> None:
        """Take the next paragraph of the document, which may be a row."""
        if row.line.table != NO_TABLE:
            if self._goes_on(row):
                self.found[-1].append(row)
            else:
                self.found.append([row])
                self.heads.append(text if row.line.is_head else "")
        self.last = row

    def _goes_on(self, row: Paragraph) -> bool:
        last = self.last
        if last is None or last.line.table == NO_TABLE:
            return False
        if (last.page, last.line.table) == (row.page, row.line.table):
            return True
        same = len(last.line.parts) == len(row.line.parts)
        return last.page < row.page and same and not row.line.is_head

    def finished(self) -> list[TableFields]:
        """Give the tables as Parsed holds them."""
        return [
            (
                rows[0].start,
                rows[-1].end,
                [(row.start, row.end) for row in rows],
                rows[0].line.is_head,
            )
            for rows in self.found
            if len(rows) > 1
        ]


def _paragraphs(lines: Sequence[Line], vocabulary: Vocabulary) -> list[tuple[str, Line]]:
    paragraphs: list[tuple[str, Line]] = []
    held: list[Line] = []
    for line, ends in zip(lines, breaks(lines), strict=True):
        held.append(line)
        if ends:
            if text := _written(held, vocabulary):
                paragraphs.append((text, held[0]))
            held = []
    return paragraphs


def _written(lines: list[Line], vocabulary: Vocabulary) -> str:
    if lines[0].table != NO_TABLE:
        cells = (_joined(list(cell), vocabulary).replace("|", "¦") for cell in lines[0].parts)
        return CELL.join(cells).strip()
    return _joined([line.text for line in lines], vocabulary)


def _joined(texts: list[str], vocabulary: Vocabulary) -> str:
    whole = ""
    for text in texts:
        whole = vocabulary.join(whole, text)
    if whole.endswith(HYPHEN):
        whole = whole[:-1] + "-"
    return close_gaps(" ".join(clean(whole).split()))
