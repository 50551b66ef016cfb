"""Questions are put to a library; what each stage of its own search finds becomes outcomes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from bifolio.answer import Answer
from bifolio.evaluation.measures import DEPTH
from bifolio.evaluation.questions import Question
from bifolio.library import Library
from bifolio.retrieval import KEEP, LEGS, RECALL, Leg, Trace

Stage = Literal["dense", "lexical", "hybrid", "rerank"]
STAGES: tuple[Stage, ...] = get_args(Stage)
OnProgress = Callable[[int, int], object]  # questions done, questions in all

_LEGS: Mapping[Stage, tuple[Leg, ...]] = {"dense": ("dense",), "lexical": ("lexical",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What one stage found for one question.

    ``right`` says of the best ten, best first, whether they are; ``milliseconds`` is what the
    search took up to and with this stage.
    """

    right: tuple[bool, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The reranked scores of one question, each the best of its kind; 0 if there is none.

    ``elsewhere`` is the best in documents that hold no answer: what the question would score if
    its documents were not there. ``right_kept`` tells that a right one is among those that are
    kept if the threshold lets it pass; ``threshold`` is the one that was in force.
    """

    best: float
    right: float
    elsewhere: float
    right_kept: bool
    threshold: float | None
    threshold_source: str

    def passes(self, threshold: float | None) -> bool:
        """Tell whether anything reaches the threshold."""
        return threshold is None or self.best >= threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The citations of one answer: how many there are, and which stand on a right page."""

    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one question; ``marks`` and ``cited`` are there if those stages ran."""

    question: Question
    stages: Mapping[Stage, Ranked]
    marks: Marks | None = None
    cited: Cited | None = None


def run(
    library: Library,
    questions: Sequence[Question],
    *,
    stages: Sequence[Stage] = STAGES,
    recall: int = RECALL,
    keep: int = KEEP,
    threshold: float | None = None,
    legs: Sequence[Leg] = LEGS,
    citations: bool = False,
    on_progress: OnProgress | None = None,
) -> list[Outcome]:
    """Search for each question, once a stage; with ``citations`` also answer it in quotes.

    Each stage is a search of the application: "dense" by vectors alone, "lexical" by words alone,
    "hybrid" by ``legs``, "rerank" what "hybrid" found, reranked.
    """
    outcomes = []
    for done, question in enumerate(questions, start=1):
        traces: dict[Stage, Trace] = {}
        cited = None
        if citations:
            answer = library.ask(
                question.text, mode="quotes", recall=recall, keep=keep, threshold=threshold
            )
            traces["rerank"], cited = answer.trace, _cited(question, answer)
        for stage in stages:
            if stage not in traces:
                traces[stage] = library.retrieve(
                    question.text,
                    legs=_LEGS.get(stage, legs),
                    rerank=stage == "rerank",
                    recall=recall,
                    keep=keep,
                    threshold=threshold,
                ).trace
        outcomes.append(_outcome(question, traces, cited, keep))
        if on_progress:
            on_progress(done, len(questions))
    return outcomes


def _outcome(
    question: Question, traces: Mapping[Stage, Trace], cited: Cited | None, keep: int
) -> Outcome:
    reranked = traces.get("rerank")
    return Outcome(
        question=question,
        stages={
            stage: _ranked(question, stage, traces[stage]) for stage in STAGES if stage in traces
        },
        marks=_marks(question, reranked, keep) if reranked else None,
        cited=cited,
    )


def _ranked(question: Question, stage: Stage, trace: Trace) -> Ranked:
    # A search by words makes a vector that it does not need; an answer is no part of a search.
    left_out = {"answer"} | ({"embed"} if stage == "lexical" else set())
    return Ranked(
        right=tuple(question.is_right(hit.chunk) for hit in trace.hits[:DEPTH]),
        milliseconds=sum(step.milliseconds for step in trace.steps if step.name not in left_out),
    )


def _marks(question: Question, trace: Trace, keep: int) -> Marks:
    flags = [question.is_right(hit.chunk) for hit in trace.hits]
    right = (hit.score for hit, is_right in zip(trace.hits, flags, strict=True) if is_right)
    elsewhere = (
        hit.score
        for hit in trace.hits
        if not any(place.is_in(hit.chunk.document) for place in question.right)
    )
    return Marks(
        best=max((hit.score for hit in trace.hits), default=0.0),
        right=max(right, default=0.0),
        elsewhere=max(elsewhere, default=0.0),
        right_kept=any(flags[:keep]),
        threshold=trace.threshold,
        threshold_source=trace.threshold_source,
    )


def _cited(question: Question, answer: Answer) -> Cited:
    return Cited(
        right=tuple(
            any(place.holds(cited.document, cited.pages) for place in question.right)
            for cited in answer.citations
        )
    )
