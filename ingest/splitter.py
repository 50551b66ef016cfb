"""A document becomes chunks that end where a section, a paragraph or a sentence ends."""

import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TypeVar

from bifolio.ingest.document import Chunk, Document
from bifolio.ingest.errors import Stopped, UnreadableDocument
from bifolio.ingest.message import message
from bifolio.ingest.sentences import sentences_in, units_in, wholes_of

# Changed whenever chunks of the same text would come out differently: libraries store it.
SPLITTER_VERSION = 6

# A document takes milliseconds; one that is made to take longer must not hold up all others.
SECONDS = 60.0

# No language packs more characters into a token.
_CHARACTERS = 10

# These end a sentence less than a full stop does.
_SEMICOLONS = ";；"
# Where a sentence, or a row, that is longer than a chunk is cut; tried in this order.
SEPARATORS = [r"(?<=[；;，,、|\t])", r"\s+", ""]


Item = TypeVar("Item")


def split(
    document: Document,
    *,
    size: int = 400,
    length: Callable[[str], int],
    seconds: float = SECONDS,
    stopped: Callable[[], bool] = lambda: False,
) -> list[Chunk]:
    """Cut the document's text into chunks of at most ``size``, as ``length`` measures a text.

    A chunk starts with a section where it can: a new heading opens a new chunk unless the one
    before is still shorter than a quarter of ``size``. A row of a table is never cut unless it is
    longer than ``size`` by itself, and a chunk that begins inside a table leaves room for its head.
    Chunks neither overlap nor leave out anything but white space. A text never measures less than a
    tenth of its characters: some tokenizers read a thousand letters without a space as one token. A
    single character longer than ``size`` stays a chunk of its own.

    Raises:
        UnreadableDocument: it took more than ``seconds``.
        Stopped: ``stopped`` said so.
    """
    measure = cache(lambda text: max(length(text), -(-len(text) // _CHARACTERS)))
    cutter = _Cutter(document, size, measure, _Clock(document.path, seconds, stopped))
    chunks: list[Chunk] = []
    start = end = 0
    # The parts of a text measure no less than the whole, which so need not be measured often.
    bound = 0
    for piece_start, piece_end, opens_section in cutter.pieces():
        piece = cutter.length(piece_start, piece_end)
        room = cutter.room(start)
        too_long = bound + piece > room and measure(document.text[start:piece_end]) > room
        enough = opens_section and bound >= size // 4
        enough = enough and measure(document.text[start:end]) >= size // 4
        if end > start and (too_long or enough):
            chunks.append(Chunk(document, start, end))
            start, bound = piece_start, 0
        end, bound = piece_end, bound + piece
    chunks.append(Chunk(document, start, end))
    return [trimmed for chunk in chunks if (trimmed := _trim(chunk)).end > trimmed.start]


class _Clock:
    """Ends the work on a document when its time is over, or when that is asked for."""

    def __init__(self, path: str, seconds: float, stopped: Callable[[], bool]) -> None:
        self._path, self._seconds, self._stopped = path, seconds, stopped
        self._end = time.monotonic() + seconds

    def watch(self, items: Iterable[Item]) -> Iterator[Item]:
        """Yield the items as long as there is time."""
        for item in items:
            self.look()
            yield item

    def look(self) -> None:
        """End the work if it must end."""
        if self._stopped():
            raise Stopped
        if time.monotonic() > self._end:
            told = message(
                "splitting-too-slow",
                "cutting its text into passages took over {seconds:.0f} s and was stopped; split"
                " the file or simplify it",
                seconds=self._seconds,
            )
            raise UnreadableDocument(self._path, told)


@dataclass(frozen=True, slots=True)
class _Cutter:
    """Cuts a document into pieces no longer than ``size``, at the coarsest places that do."""

    document: Document
    size: int
    measure: Callable[[str], int]
    clock: _Clock

    def room(self, start: int) -> int:
        """Say how long a chunk may be that begins there: the head of its table is read with it."""
        head = self.document.table_head(start)
        return max(self.size // 2, self.size - self.measure(head)) if head else self.size

    def pieces(self) -> Iterator[tuple[int, int, bool]]:
        """Yield spans that cover the text, and whether each opens a section."""
        text = self.document.text
        sections = sorted({0, *(heading.start for heading in self.document.headings), len(text)})
        levels = self._levels()
        for start, end in pairwise(sections):
            for first, last in self.clock.watch(self._pieces(start, end, levels)):
                yield first, last, first == start

    def _levels(self) -> list[list[int]]:
        """Give where paragraphs, units and sentences begin, each in text order."""
        text = self.document.text
        wholes = wholes_of(self.document, 0, len(text))
        units = list(self.clock.watch(units_in(text, 0, len(text), wholes)))
        sentences = list(self.clock.watch(sentences_in(text, units, wholes)))
        paragraphs = [
            after[0] for before, after in pairwise(units) if "\n\n" in text[before[1] : after[0]]
        ]
        parts = [
            *sentences[:1],
            *(
                after
                for before, after in pairwise(sentences)
                if text[before[1] - 1] not in _SEMICOLONS
            ),
        ]
        return [paragraphs, *(_starts(text, spans) for spans in (units, parts, sentences))]

    def _pieces(
        self, start: int, end: int, levels: Sequence[Sequence[int]]
    ) -> Iterator[tuple[int, int]]:
        """Yield spans that cover this one, cut at the first of the levels as far as that goes."""
        length = self.length(start, end)
        if length <= self.room(start):
            yield start, end
            return
        if not levels:
            yield from self._fragments(start, end)
            return
        places, *finer = levels
        inside = places[bisect_right(places, start) : bisect_left(places, end)]
        held, held_length = start, 0
        for first, last in self.clock.watch(pairwise([start, *inside, end])):
            length = self.length(first, last)
            # The parts of a text measure no less than the whole.
            if held_length + length > self.room(held) and held < first:
                yield held, first
                held, held_length = first, 0
            if length > self.room(first):
                yield from self._pieces(first, last, finer)
                held, held_length = last, 0
            else:
                held_length += length
        if held < end:
            yield held, end

    def _fragments(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        from langchain_text_splitters import RecursiveCharacterTextSplitter

        splitter = RecursiveCharacterTextSplitter(
            chunk_size=self.room(start),
            chunk_overlap=0,
            length_function=self._length_of,
            separators=SEPARATORS,
            is_separator_regex=True,
            keep_separator="end",
            strip_whitespace=False,
        )
        # The pieces join to exactly the text, so their offsets are sums of lengths.
        for piece in splitter.split_text(self.document.text[start:end]):
            yield start, start + len(piece)
            start += len(piece)

    def _length_of(self, text: str) -> int:
        # Never 0: the splitter would take what has no length into the next piece once more.
        self.clock.look()
        return self.measure(text) or len(text[:1])

    def length(self, start: int, end: int) -> int:
        """Measure a part of the text."""
        if end - start > _CHARACTERS * self.size:
            # Too long in any case: models count slowly.
            return -(-(end - start) // _CHARACTERS)
        return self.measure(self.document.text[start:end])


def _starts(text: str, spans: Sequence[tuple[int, int]]) -> list[int]:
    """Give where the spans begin; what holds neither letter nor figure stays with what is before.

    Such as the rule below the head of a table.
    """
    return [start for start, end in spans if any(map(str.isalnum, text[start:end]))]


def _trim(chunk: Chunk) -> Chunk:
    """Leave out the white space at both ends."""
    text = chunk.text
    start = chunk.start + len(text) - len(text.lstrip())
    return Chunk(chunk.document, start, max(start, chunk.start + len(text.rstrip())))
