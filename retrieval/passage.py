"""Hits, and the passages that neighbouring hits become."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bifolio.ingest import Chunk, Document, Message, message
from bifolio.retrieval.store.searchable import Span

UNDECIDED = message("undecided", "not decided yet")


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

    span: Span
    scores: Scores
    kept: bool = False
    reason: Message = UNDECIDED

    @property
    def score(self) -> float:
        """The score of the last stage that saw the chunk."""
        scores = self.scores
        return next(s for s in (scores.relevance, scores.fused, 0.0) if s is not None)


@dataclass(frozen=True, slots=True)
class Passage:
    """Neighbouring chunks of one document, read as one text.

    ``score`` is the best of theirs, ``best`` the place of the chunk that has it; ``library`` is the
    folder of the library that the document is in, empty where it was found in none.
    """

    chunks: tuple[Chunk, ...]
    score: float
    best: int = 0
    library: str = ""

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


def gather(hits: Iterable[Hit], chunks: Mapping[int, Chunk]) -> tuple[Passage, ...]:
    """Merge neighbouring chunks into passages, the passage with the best hit first.

    ``chunks`` are those of the hits, by id.
    """
    groups: list[list[Hit]] = []
    for hit in sorted(hits, key=lambda hit: (hit.span.library, hit.span.path, hit.span.start)):
        before = groups[-1][-1].span if groups else None
        if (
            before
            and before.library == hit.span.library
            and _touch(chunks[before.id], chunks[hit.span.id])
        ):
            groups[-1].append(hit)
        else:
            groups.append([hit])
    passages = [_passage(group, chunks) for group in groups]
    return tuple(sorted(passages, key=lambda passage: -passage.score))


def _passage(group: Sequence[Hit], chunks: Mapping[int, Chunk]) -> Passage:
    scores = [hit.score for hit in group]
    best = max(scores)
    return Passage(
        tuple(chunks[hit.span.id] for hit in group),
        best,
        scores.index(best),
        library=group[0].span.library,
    )


def fill(
    passages: Sequence[Passage], count: Callable[[str], int], budget: int
) -> tuple[Passage, ...]:
    """Take passages, best first, while their tokens fit the budget; skip those that do not.

    The best one is never skipped: where it alone exceeds the budget it is cut, around its best
    chunk. ``count`` counts the tokens of a text.
    """
    taken: list[Passage] = []
    left = budget
    for passage in passages:
        if not taken and count(passage.text) > left:
            passage = _cut(passage, count, left)
        length = count(passage.text)
        if not taken or length <= left:
            taken.append(passage)
            left -= length
    return tuple(taken)


def _cut(passage: Passage, count: Callable[[str], int], budget: int) -> Passage:
    """Give as much of a passage as the budget holds: its best chunk, and neighbours that fit."""
    first = last = passage.best
    for _ in passage.chunks:
        for wider in ((first, last + 1), (first - 1, last)):
            if wider[0] >= 0 and wider[1] < len(passage.chunks):
                chunks = passage.chunks[wider[0] : wider[1] + 1]
                if count(replace(passage, chunks=chunks).text) <= budget:
                    first, last = wider
                    break
    chunks = passage.chunks[first : last + 1]
    chosen = replace(passage, chunks=chunks, best=passage.best - first)
    if count(chosen.text) <= budget:
        return chosen
    chunk = chosen.chunks[0]
    # The longest beginning of the chunk that fits; one character at least.
    longest = bisect_right(
        range(1, len(chunk.text)), budget, key=lambda length: count(chunk.text[:length])
    )
    cut = replace(chunk, end=chunk.start + max(1, longest))
    return replace(passage, chunks=(cut,), best=0)


def _touch(before: Chunk, after: Chunk) -> bool:
    document = before.document
    if document.path != after.document.path:
        return False
    return not document.text[before.end : after.start].strip()
