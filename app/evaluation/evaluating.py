"""Labelled questions are put to a library, and the stages of its search get figures."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from tempfile import TemporaryDirectory

from bifolio.adding import OnProgress as OnAdded
from bifolio.evaluation.questions import Question
from bifolio.evaluation.report import Evaluation, summarise
from bifolio.evaluation.running import STAGES, OnProgress, Stage, run
from bifolio.ingest import BifolioError, Chunk, Document
from bifolio.library import Library
from bifolio.retrieval import KEEP, RECALL
from bifolio.settings import Settings


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
    recall: int = RECALL,
    keep: int = KEEP,
    threshold: float | None = None,
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
        recall=recall,
        keep=keep,
        threshold=threshold,
        citations=citations,
        on_progress=on_progress,
    )
    chunks = sum(entry.chunks for entry in library.documents())
    return summarise(outcomes, chunks=chunks, seconds=time.monotonic() - began)
