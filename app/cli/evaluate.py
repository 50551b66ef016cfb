"""The command ``bifolio eval``: which evaluation is wanted, and what it prints."""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from bifolio.cli import evaluate_json, evaluate_text
from bifolio.cli.as_text import ProgressBar
from bifolio.cli.options import settings_from
from bifolio.evaluation import (
    Question,
    evaluate,
    library_of,
    plot,
    read_contexts,
    read_questions,
    sample,
)
from bifolio.ingest import BifolioError
from bifolio.library import Library
from bifolio.settings import Settings

# The first question waits for the models, so the time is told after some more.
_TOLD_AFTER = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a command prints: for scripts, and for people."""

    json: dict[str, Any]
    text: str


def evaluation(options: argparse.Namespace) -> Report:
    """Do what ``bifolio eval`` was asked for."""
    with measured_library(options, settings_from(options)) as (library, questions):
        with Watch() as watch:
            done = evaluate(
                library,
                questions,
                stages=options.stages,
                recall=options.recall,
                keep=options.keep,
                threshold=options.threshold,
                citations=options.contexts is None and "rerank" in options.stages,
                on_progress=watch.show,
            )
        if options.plot:
            plot(done, options.plot, title=f"{library.embedder_name} + {library.reranker_name}")
        return Report(
            json=evaluate_json.evaluation(done, library, options),
            text=evaluate_text.evaluation(done, library, options),
        )


@contextmanager
def measured_library(
    options: argparse.Namespace, settings: Settings
) -> Iterator[tuple[Library, Sequence[Question]]]:
    """Give the library to measure, of contexts or the one there is, and the questions for it."""
    if options.questions is None:
        raise BifolioError("eval needs --questions FILE; docs/evaluation.md shows what is in it")
    if options.contexts is None:
        library = Library.open(settings.library, settings=settings, create=False)
        paths = [entry.path for entry in library.documents()]
        questions = read_questions(options.questions, documents=paths, pages=True)
        yield library, sample(questions, options.limit)
        return
    contexts = read_contexts(options.contexts)
    paths = [document.path for document in contexts]
    questions = read_questions(options.questions, documents=paths, pages=False)
    with (
        ProgressBar(quiet="json" in options) as bar,
        library_of(contexts, settings=settings, on_progress=bar.show) as library,
    ):
        yield library, sample(questions, options.limit)


class Watch:
    """Shows on standard error how far a measurement is, and says early how long it will take."""

    def __init__(self, things: str = "questions") -> None:
        self._things = things
        self._began = time.monotonic()
        self._bar: Any = None

    def show(self, done: int, total: int) -> None:
        """Move the bar; after some questions say when the last will be done."""
        from tqdm import tqdm

        if self._bar is None:
            # disable=None: no bar where nobody watches.
            self._bar = tqdm(total=total, disable=None)
        if done == 1:
            self._began = time.monotonic()
        if done == _TOLD_AFTER < total:
            each = (time.monotonic() - self._began) / (done - 1)
            left = evaluate_text.duration(each * (total - done))
            self._bar.write(f"bifolio: {total} {self._things}, about {left}", file=sys.stderr)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Self:
        """Begin; the bar comes with the first question."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End the bar."""
        if self._bar is not None:
            self._bar.close()
