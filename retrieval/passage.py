"""Hits, and the passages that neighbouring hits become."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bifolio.ingest import Chunk, Document


@dataclass(frozen=True, slots=True)
class Scores:
    """What each stage said of a chunk; None where the stage did not see it.

    ``dense`` is an inner product of unit vectors, ``lexical`` BM25, ``fused`` a sum of reciprocal
    ranks, ``rerank`` the reranker's sigmoid between 0 and 1, ``relevance`` that sigmoid with what
    the embedder knows, the same for a reranker that needs no help.
    """

    dense: float | None = None
    lexical: float | None = None
    fused: float | None = None
    rerank: float | None = None
    relevance: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A chunk that was recalled; ``reason`` says why it was kept or dropped."""

    chunk: Chunk
    scores: Scores
    kept: bool = False
    reason: str = ""

    @property
    def score(self) -> float:
        """The score of the last stage that saw the chunk."""
        scores = self.scores
        return next(s for s in (scores.relevance, scores.fused, 0.0) if s is not None)


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring chunks of one document, read as one text; ``score`` is the best of theirs."""

    chunks: tuple[Chunk, ...]
    score: float

    @property
    def document(self) -> Document:
        """The document it is from."""
        return self.chunks[0].document

    @property
    def start(self) -> int:
        """The offset of its first character in the document's text."""
        return self.chunks[0].start

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.chunks[-1].end

    @property
    def text(self) -> str:
        """Its words, as they stand in the document."""
        return self.document.text[self.start : self.end]

    @property
    def pages(self) -> tuple[int, int]:
        """The numbers of its first and its last page."""
        return self.document.pages_of(self.start, self.end)


def gather(hits: Iterable[Hit]) -> tuple[Passage, ...]:
    """Merge neighbouring chunks into passages, the passage with the best hit first."""
    hits = sorted(hits, key=lambda hit: (hit.chunk.document.path, hit.chunk.start))
    groups: list[list[Hit]] = []
    for hit in hits:
        if groups and _touch(groups[-1][-1].chunk, hit.chunk):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    passages = [
        Passage(tuple(hit.chunk for hit in group), max(hit.score for hit in group))
        for group in groups
    ]
    return tuple(sorted(passages, key=lambda passage: -passage.score))


def fill(passages: Sequence[Passage], lengths: Sequence[int], budget: int) -> tuple[Passage, ...]:
    """Take passages, best first, while their lengths fit the budget; skip those that do not."""
    taken, left = [], budget
    for passage, length in zip(passages, lengths, strict=True):
        if length <= left:
            taken.append(passage)
            left -= length
    return tuple(taken)


def _touch(before: Chunk, after: Chunk) -> bool:
    document = before.document
    if document.path != after.document.path:
        return False
    return not document.text[before.end : after.start].strip()
