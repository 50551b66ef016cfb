"""What can be quoted of a passage: its sentences, rows, items and headings, questions answered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from bifolio.ingest.document import Document
from bifolio.ingest.sentences import is_heading, sentences_of
from bifolio.retrieval import Passage

_ASKS = re.compile(r"[?？][\"'”’」』）)*_\s]*$")
# An answer of so few characters goes on with the sentence after it: "No. Dogs stay outside."
_SHORT = 24


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a passage's document: ``document.text[start:end]``.

    A ``topic`` names what is said elsewhere: a heading, a question without its answer, the head or
    the caption of a table.
    """

    passage: Passage
    start: int
    end: int
    topic: bool = False

    @property
    def text(self) -> str:
        """Its words, as they stand in the document."""
        return self.passage.document.text[self.start : self.end]

    @property
    def head(self) -> str:
        """The line that names the columns, if it is a row of a table."""
        return self.passage.document.table_head(self.start)

    @property
    def judged(self) -> str:
        """What is compared with a question: a row's head, then its words."""
        return f"{self.head}\n{self.text}" if self.head else self.text


def sentences(passage: Passage) -> list[Sentence]:
    """Give what can be quoted, in text order: a question stands together with its answer.

    Everything that holds a letter or a figure is in one of them.
    """
    document = passage.document
    spans = [
        (start, end)
        for start, end in sentences_of(document, passage.start, passage.end)
        if any(map(str.isalnum, document.text[start:end]))
    ]
    found: list[Sentence] = []
    place = 0
    while place < len(spans):
        start, end = spans[place]
        last = place
        if _ASKS.search(document.text, start, end):
            last = _answered(document, spans, place)
            topic = last == place
        else:
            topic = is_heading(document, start, end) or _is_above_rows(document, start, end)
        found.append(Sentence(passage, start, spans[last][1], topic))
        place = last + 1
    return found or [Sentence(passage, passage.start, passage.end)]


def _answered(document: Document, spans: list[tuple[int, int]], place: int) -> int:
    """Give the place of the last sentence of the answer to the question at ``place``."""
    last = place
    for start, end in spans[place + 1 : place + 3]:
        before = document.text[spans[last][1] : start]
        if (
            _ASKS.search(document.text, start, end)
            or is_heading(document, start, end)
            or document.table_head(start)
            or (last > place and before.count("\n") > 1)
        ):
            break
        last += 1
        if end - start > _SHORT:
            break
    return last


def _is_above_rows(document: Document, start: int, end: int) -> bool:
    """Tell a table's caption and its head."""
    tables = (table for table in document.tables if end <= table.start or start == table.start)
    table = next(tables, None)
    if table is None:
        return False
    caption = document.table_caption(table.start)
    return (table.has_head and start == table.start) or bool(caption and caption[0] <= start)


def cells_of(row: str) -> tuple[str, ...]:
    """Give the cells of a row of a table, as it is written."""
    return tuple(cell.strip() for cell in row.strip().strip("|").split("|"))


def places(passages: Sequence[Passage]) -> Iterator[Sentence]:
    """Yield the sentences that say something, and two that follow each other as one."""
    for passage in passages:
        whole = sentences(passage)
        yield from (one for one in whole if not one.topic)
        for one, two in pairwise(whole):
            if not (one.head or two.head or one.topic or two.topic):
                yield Sentence(passage, one.start, two.end)
