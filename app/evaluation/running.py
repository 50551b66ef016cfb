"""Labelled questions are put to a library; what each stage of its search finds gets figures."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from bifolio.answers.answer import Answer
from bifolio.evaluation.measures import DEPTH
from bifolio.evaluation.outcome import STAGES, Cited, Marks, Outcome, Ranked, Stage
from bifolio.evaluation.questions import Question
from bifolio.evaluation.report import Evaluation, summarise
from bifolio.ingest import BifolioError, Chunk, Document
from bifolio.ingest_report import OnProgress as OnAdded
from bifolio.library import Library
from bifolio.retrieval import DEFAULT_OPTIONS, Leg, SearchOptions, Trace
from bifolio.settings import Settings

OnProgress = Callable[[int, int], object]  # questions done, questions in all

_LEGS: Mapping[Stage, tuple[Leg, ...]] = {"dense": ("dense",), "lexical": ("lexical",)}


def whole(document: Document) -> Chunk:
    """Give the document as one chunk."""
    return Chunk(document, 0, len(document.text))


@contextmanager
def library_of(
    chunks: Sequence[Chunk],
    *,
    settings: Settings | None = None,
    on_progress: OnAdded | None = None,
) -> Iterator[Library]:
    """Give a library of these chunks that is gone when the block ends."""
    with TemporaryDirectory() as folder:
        library = Library.open(folder, settings=settings)
        library.add_chunks(chunks, on_progress=on_progress)
        yield library


def evaluate(
    library: Library,
    questions: Sequence[Question],
    *,
    stages: Sequence[Stage] = STAGES,
    options: SearchOptions = DEFAULT_OPTIONS,
    citations: bool = False,
    on_progress: OnProgress | None = None,
) -> Evaluation:
    """Search the library for each question at each stage, and average what was found.

    ``citations`` also answers each question in quotes and looks where the quotes stand, which
    takes the rerank stage. ``on_progress`` is called with (questions done, questions in all).

    Raises:
        BifolioError: none of the questions is answerable.
    """
    if not any(question.answerable for question in questions):
        raise BifolioError("no question names where its answer stands; add some that do")
    began = time.monotonic()
    outcomes = run(
        library,
        questions,
        stages=stages,
        options=options,
        citations=citations,
        on_progress=on_progress,
    )
    chunks = sum(entry.chunks for entry in library.documents())
    return summarise(outcomes, chunks=chunks, seconds=time.monotonic() - began)


def run(
    library: Library,
    questions: Sequence[Question],
    *,
    stages: Sequence[Stage] = STAGES,
    options: SearchOptions = DEFAULT_OPTIONS,
    citations: bool = False,
    on_progress: OnProgress | None = None,
) -> list[Outcome]:
    """Search for each question, once a stage; with ``citations`` also answer it in quotes.

    Each stage is a search of the application: "dense" by vectors alone, "lexical" by words alone,
    "hybrid" by the legs of the ``options``, "rerank" what "hybrid" found, reranked.
    """
    outcomes = []
    for done, question in enumerate(questions, start=1):
        traces: dict[Stage, Trace] = {}
        cited = None
        if citations:
            answer = library.ask(
                question.text, history=question.history, mode="quotes", options=options
            )
            traces["rerank"], cited = answer.trace, _cited(question, answer)
        for stage in stages:
            if stage not in traces:
                traces[stage] = library.retrieve(
                    question.asked,
                    options=options,
                    legs=_LEGS.get(stage, options.legs),
                    rerank=stage == "rerank",
                ).trace
        outcomes.append(_outcome(question, traces, cited, options.keep))
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
        right=tuple(question.is_right(hit.span) for hit in trace.hits[:DEPTH]),
        milliseconds=sum(step.milliseconds for step in trace.steps if step.name not in left_out),
    )


def _marks(question: Question, trace: Trace, keep: int) -> Marks:
    flags = [question.is_right(hit.span) for hit in trace.hits]
    right = (hit.score for hit, is_right in zip(trace.hits, flags, strict=True) if is_right)
    elsewhere = (
        hit.score
        for hit in trace.hits
        if not any(place.is_in(hit.span.path) for place in question.right)
    )
    return Marks(
        best=max((hit.score for hit in trace.hits), default=0.0),
        right=max(right, default=0.0),
        elsewhere=max(elsewhere, default=0.0),
        right_kept=any(flags[:keep]),
        threshold=trace.threshold,
    )


def _cited(question: Question, answer: Answer) -> Cited:
    return Cited(
        right=tuple(
            any(place.holds(cited.document.path, cited.pages) for place in question.right)
            for cited in answer.citations
        )
    )
