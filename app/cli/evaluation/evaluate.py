"""The command ``bifolio eval``: which evaluation is wanted, and what it prints."""

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bifolio.cli.evaluation import as_text
from bifolio.cli.options import settings_from
from bifolio.cli.progress import Ingesting, Measuring
from bifolio.cli.search_options import search_options
from bifolio.evaluation import (
    Question,
    as_json,
    evaluate,
    library_of,
    plot,
    read_contexts,
    read_questions,
    sample,
    whole,
)
from bifolio.ingest import BifolioError
from bifolio.library import Library
from bifolio.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What a command prints: for scripts, and for people."""

    json: dict[str, Any]
    text: str


def evaluation(options: argparse.Namespace) -> Report:
    """Do what ``bifolio eval`` was asked for."""
    with measured_library(options, settings_from(options)) as (library, questions):
        with Measuring() as watch:
            done = evaluate(
                library,
                questions,
                stages=options.stages,
                options=search_options(options),
                citations=options.contexts is None and "rerank" in options.stages,
                on_progress=watch.show,
            )
        if options.plot:
            models = library.models
            title = f"{models.embedder.name} + {models.reranker.name}"
            plot(done, options.plot, title=title)
        return Report(
            json=as_json.evaluation(done, library, options),
            text=as_text.evaluation(done, library, options),
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
        Ingesting(quiet="json" in options) as bar,
        library_of([*map(whole, contexts)], settings=settings, on_progress=bar.show) as library,
    ):
        yield library, sample(questions, options.limit)
