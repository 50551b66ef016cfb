"""The lines of all pages become one text, with the places of its pages, tables and headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from bifolio.ingest.parsed import TableFields, clean
from bifolio.ingest.pdf.codes import HYPHEN
from bifolio.ingest.pdf.hyphens import Vocabulary
from bifolio.ingest.pdf.layout import close_gaps
from bifolio.ingest.pdf.line import NO_TABLE, Line
from bifolio.ingest.pdf.paragraphs import breaks, is_typewritten

CELL = " | "
# What a note at the foot of a page begins with.
_NOTE = re.compile(r"(?:\d{1,3}|[*†‡§]+|[①-⑳])[\s).]*\S|[a-z][\s).]+\S|注\s?\d")
_CAPTION = re.compile(r"(?:F(?:ig|IG)(?:ure|URE|\.)|T(?:able|ABLE)|[图圖表])\s?(?:\d|[A-Z]\b)")
_ENDED = re.compile(r"[.!?:;。！？：；…][\"'”’」』）)\]]*$")
# Letters; what is set in further stands at the right.
_MOST_INDENT = 40
_BULLETS = "•●▪◦-–—"


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
    written = _with_asides_in_front([_paragraphs(lines, vocabulary) for lines in pages])
    for number, page in enumerate(written):
        start = offset
        for text, line in page:
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
            if self._ends_row_before(row):
                # A page ended inside the row.
                self.found[-1][-1] = replace(self.found[-1][-1], end=row.end)
            elif self._goes_on(row):
                self.found[-1].append(row)
            else:
                self.found.append([row])
                self.heads.append(text if row.line.is_head else "")
        if not row.line.is_running:
            self.last = row

    def _ends_row_before(self, row: Paragraph) -> bool:
        """Tell whether a row is what is left of the last one of the page before."""
        first, *others = row.line.parts
        rest = not any(first) and not all(map(any, others))
        last = self.last
        return rest and last is not None and last.page < row.page and self._goes_on(row)

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


Part = tuple[str, Line]  # a paragraph or a row, and its first line
Written = list[Part]


def _with_asides_in_front(pages: list[Written]) -> list[Written]:
    """Put what stands inside a paragraph before it: notes, running lines, figures and tables.

    So the sentence stays whole, and a heading above what it heads. What stands inside at the top of
    a page follows the paragraph that ends there.
    """
    for page, after in pairwise([*pages, []]):
        for end in range(1, len(page)):
            _put_in_front(page, end, page[end])
        first = 0
        while first + 1 < len(after) and _is_aside(after[first]):
            first += 1
        if after and page:
            _put_in_front(page, len(page), after[first])
            if _is_inside(after[:first], page[-1], after[first]):
                after[: first + 1] = [after[first], *after[:first]]
    return pages


def _put_in_front(page: Written, end: int, after: Part) -> None:
    first = end
    while after[1].table == NO_TABLE and first > 1:
        if not (_is_aside(page[first - 1]) or _is_note(page[first - 1], page[first - 2])):
            break
        first -= 1
    if _is_inside(page[first:end], page[first - 1], after):
        page[first - 1 : end] = [*page[first:end], page[first - 1]]


def _is_aside(paragraph: Part) -> bool:
    text, line = paragraph
    return line.is_running or line.table != NO_TABLE or bool(_CAPTION.match(text))


def _is_inside(asides: Written, paragraph: Part, after: Part) -> bool:
    """Tell whether paragraphs only interrupt one that goes on behind them."""
    if not asides or not _stays_open(paragraph, after):
        return False
    if after[0][0].islower() and any(_CAPTION.match(text) for text, _ in asides):
        return True
    return all(
        line.is_running or (line.size < 0.95 * after[1].size and _NOTE.match(text))
        for text, line in asides
    )


def _is_note(paragraph: Part, above: Part) -> bool:
    """Tell whether a paragraph is a note, or the last of several: set smaller, with a mark."""
    (text, line), (text_above, line_above) = paragraph, above
    smaller = line.size < 0.93 * line_above.size or _NOTE.match(text_above)
    return bool(smaller and _NOTE.match(text)) and line.table == NO_TABLE


def _stays_open(paragraph: Part, after: Part) -> bool:
    (text, line), (following, next_line) = paragraph, after
    in_table = line.table != NO_TABLE or next_line.table != NO_TABLE
    # Between two headings stand entries, as in a table of contents.
    are_headings = line.is_bold and next_line.is_bold
    alike = line.size > 0.95 * next_line.size
    ended = _ENDED.search(text) or following[:1] in _BULLETS
    return alike and not (in_table or ended or are_headings)


def _paragraphs(lines: Sequence[Line], vocabulary: Vocabulary) -> list[tuple[str, Line]]:
    paragraphs: list[tuple[str, Line]] = []
    held: list[Line] = []
    indents = _indents(lines) if not is_typewritten(lines) else {}
    for line, ends in zip(lines, breaks(lines), strict=True):
        held.append(line)
        if ends:
            if text := _written(held, vocabulary):
                paragraphs.append((" " * indents.get(held[0], 0) + text, held[0]))
            held = []
    return paragraphs


def _indents(lines: Sequence[Line]) -> dict[Line, int]:
    """Count the letters by which each line of a program is set in."""
    indents = {}
    for place, group in groupby(lines, lambda line: (line.is_fixed, line.block, line.table)):
        run = [line for line in group if line.text]
        if not run or place[0] is False or place[2] != NO_TABLE:
            continue
        left = min(line.left for line in run)
        letter = median((line.right - line.left) / len(line.text) for line in run)
        for line in run:
            set_in = round((line.left - left) / letter) if letter > 0 else 0
            indents[line] = min(set_in, _MOST_INDENT)
    return indents


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
