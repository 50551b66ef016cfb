"""What a search needs from a store, whatever keeps the vectors and the words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from bifolio.ingest import Chunk
from bifolio.ingest.simplified import simplified
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.words import Language, language


@dataclass(frozen=True, slots=True)
class Span:
    """A chunk by itself, without the rest of its document: cheap to read by the hundred.

    ``id`` is the chunk's among what was searched, ``library`` the folder of the library that it is
    in; ``start`` and ``end`` count characters of the document's text, ``pages`` are the numbers of
    the first and the last page; ``context`` is what is searched before the text.
    """

    id: int
    path: str
    title: str
    start: int
    end: int
    pages: tuple[int, int]
    language: Language
    context: str
    text: str
    library: str = ""

    @classmethod
    def of(cls, chunk: Chunk, id_: int) -> "Span":
        """Give the span of a chunk whose document is at hand."""
        document = chunk.document
        return cls(
            id=id_,
            path=document.path,
            title=document.title,
            start=chunk.start,
            end=chunk.end,
            pages=chunk.pages,
            language=language(chunk.text),
            context=chunk.context,
            text=chunk.text,
        )

    @property
    def searched(self) -> str:
        """What is embedded, indexed by words and reranked, as ``Chunk.searched``."""
        return simplified(f"{self.context}\n{self.text}")


class Recallable(Protocol):
    """Chunks, of one library or several, that a question's vector and words find."""

    def languages(self) -> Mapping[Language, int]:
        """Count the chunks of each language."""
        ...

    def dense(
        self, vector: Floats, count: int, *, language: Language | None = None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, inner product), best first, of one language or all."""
        ...

    def lexical(
        self, words: Sequence[str], count: int, *, language: Language | None = None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, score) with any of the words, the highest first."""
        ...

    def products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Give the inner product of each chunk's vector with the given one."""
        ...

    def spans(self, ids: Sequence[int]) -> Mapping[int, Span]:
        """Give the chunks with those ids without their documents."""
        ...

    def chunks(self, ids: Sequence[int]) -> Mapping[int, Chunk]:
        """Give the chunks with those ids; chunks of one document share it."""
        ...


class Searchable(Recallable, Protocol):
    """One committed state of a library: ids, scores and texts that belong together."""

    def ids(self) -> list[int]:
        """Give the ids of all chunks, ascending."""
        ...

    def calibration(self) -> Calibration | None:
        """Give the threshold that the library's own questions gave, if they did."""
        ...
