"""What is kept of an answer: all that a reader is shown of it, without the documents themselves."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, count
from typing import Literal

from bifolio.answers.answer import Answer, Citation
from bifolio.answers.citing import Mark
from bifolio.answers.disagreeing import Disagreement, Side
from bifolio.ingest import Message
from bifolio.retrieval import Hit, Passage, Step, Trace

State = Literal["waiting", "done", "stopped", "failed"]

# Characters of a passage on each side of what is quoted from it.
_AROUND = 400
# The first marker of the sides of a disagreement; those below are of the next ones.
_AGAINST = -100
# So many of the best hits are told.
_LOOKED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Quoted words and where they stand: ``text[start:end]`` of the document with that hash.

    ``before`` and ``after`` are what stands around the quote in its passage; ``cut`` tells for each
    whether there was more. ``head`` names the columns of a quoted row of a table. A passage that
    came close has a ``marker`` of 0 or less, and as its quote what may answer in it; so has a side
    of a disagreement. One that is ``found`` was cited by the program, not by the language model.
    ``library`` is the folder of another library than the one that keeps the conversation;
    ``outdated`` tells why its document is no longer as it was, told anew each time that it is
    shown.
    """

    marker: int
    path: str
    title: str
    sha256: str
    start: int
    end: int
    pages: tuple[int, int]
    quote: str
    before: str = ""
    after: str = ""
    cut: tuple[bool, bool] = (False, False)
    head: str = ""
    in_table: bool = False
    section: str = ""
    score: float = 0.0
    supported: bool = True
    found: bool = False
    library: str = ""
    outdated: Message | None = None


@dataclass(frozen=True, slots=True)
class Doubt:
    """A sentence of an answer, ``text[start:end]``, that its sources do not support, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True)
class Looked:
    """A chunk that was looked at for an answer: its scores, and what became of it."""

    path: str
    pages: tuple[int, int]
    dense: float | None
    lexical: float | None
    score: float
    kept: bool
    reason: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """How an answer was found: the steps, the threshold, and the best of ``total`` hits."""

    steps: tuple[Step, ...]
    looked: tuple[Looked, ...]
    total: int
    threshold: float | None
    threshold_source: Message
    space: Message
    keep: int
    reranker: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer as it is shown and kept; its fields are those of Answer.

    ``libraries`` are the folders of the other libraries that were asked.
    """

    text: str
    mode: str
    model: str | None
    abstained: bool
    notice: Message | None
    sources: tuple[Source, ...]
    shown: tuple[Source, ...]
    doubts: tuple[Doubt, ...]
    marks: tuple[Mark, ...]
    searched: Searched
    disagreements: tuple[tuple[Source, Source], ...] = ()
    libraries: tuple[str, ...] = ()

    @property
    def every_source(self) -> Iterator[Source]:
        """Yield all that it shows: what it cites, what came close, what disagrees."""
        return chain(self.sources, self.shown, *self.disagreements)

    def with_sources(self, change: Callable[[Source], Source]) -> "Reply":
        """Give it with each source changed."""
        return replace(
            self,
            sources=tuple(map(change, self.sources)),
            shown=tuple(map(change, self.shown)),
            disagreements=tuple((change(one), change(other)) for one, other in self.disagreements),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and what came of it; ``thumb`` is 1 for good, -1 for bad, 0 for nothing said.

    ``partial`` is as much of an answer as had come when it was stopped.
    """

    id: int
    question: str
    state: State = "waiting"
    reply: Reply | None = None
    problem: Message | None = None
    partial: str = ""
    thumb: int = 0
    note: str = ""
    asked: str = ""


def reply_of(answer: Answer, *, home: str = "") -> Reply:
    """Take of an answer what is kept; ``home`` is the folder of the library that keeps it."""
    doubts = (c for c in answer.claims if not c.supported)
    reply = Reply(
        text=answer.text,
        mode=answer.mode,
        model=answer.model,
        abstained=answer.abstained,
        notice=answer.notice,
        sources=tuple(source_of(citation) for citation in answer.citations),
        shown=tuple(map(_near, count(), answer.pointed)),
        doubts=tuple(Doubt(claim.start, claim.end, claim.reason) for claim in doubts),
        marks=answer.marks,
        searched=searched_of(answer.trace),
        disagreements=tuple(map(_sides, count(), answer.disagreements)),
        libraries=tuple(one for one in answer.trace.libraries if one != home),
    )
    # A library may be moved, and knows its own conversations then.
    return reply.with_sources(
        lambda source: replace(source, library="") if source.library == home else source
    )


def source_of(citation: Citation) -> Source:
    """Take of a citation what is kept."""
    source = _source(
        citation.passage,
        citation.start,
        citation.end,
        marker=citation.marker,
        score=citation.score,
        supported=citation.supported,
    )
    return replace(source, found=citation.found)


def _sides(place: int, found: Disagreement) -> tuple[Source, Source]:
    # Markers of their own, below those of passages that came close.
    first, second = (
        _source(side.passage, side.start, side.end, marker=marker, score=0.0, supported=True)
        for marker, side in enumerate((found.one, found.other), start=_AGAINST - 2 * place - 1)
    )
    return first, second


def _near(number: int, side: Side) -> Source:
    score = side.passage.score
    return _source(side.passage, side.start, side.end, marker=-number, score=score, supported=True)


def _source(
    passage: Passage, start: int, end: int, *, marker: int, score: float, supported: bool
) -> Source:
    document, text = passage.document, passage.document.text
    first, last = max(passage.start, start - _AROUND), min(passage.end, end + _AROUND)
    return Source(
        marker=marker,
        path=document.path,
        title=document.title,
        sha256=document.sha256,
        start=start,
        end=end,
        pages=document.pages_of(start, end),
        quote=text[start:end],
        before=text[first:start],
        after=text[end:last],
        cut=(first > passage.start, last < passage.end),
        head=document.table_head(start),
        in_table=any(table.start <= start < table.end for table in document.tables),
        section=" › ".join(document.heading_path(start)),
        score=score,
        supported=supported,
        library=passage.library,
    )


def searched_of(trace: Trace) -> Searched:
    """Take of a trace what is kept."""
    return Searched(
        steps=trace.steps,
        looked=tuple(_looked(hit) for hit in trace.hits[:_LOOKED]),
        total=len(trace.hits),
        threshold=trace.threshold.value,
        threshold_source=trace.threshold.source,
        space=trace.threshold.space,
        keep=trace.keep,
        reranker=trace.reranker,
    )


def _looked(hit: Hit) -> Looked:
    return Looked(
        path=hit.span.path,
        pages=hit.span.pages,
        dense=hit.scores.dense,
        lexical=hit.scores.lexical,
        score=hit.score,
        kept=hit.kept,
        reason=hit.reason,
    )
