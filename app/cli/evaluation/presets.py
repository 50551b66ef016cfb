"""``bifolio eval --preset``: the protocols of published tables."""

import argparse
from collections.abc import Sequence

from bifolio.cli.evaluation.as_text import interval
from bifolio.cli.evaluation.evaluate import Report
from bifolio.cli.options import settings_from
from bifolio.cli.progress import Measuring
from bifolio.evaluation import (
    Cell,
    Question,
    overlapping,
    rag_table,
    read_cases,
    read_contexts,
    read_questions,
    rerank_cases,
    sample,
    whole,
)
from bifolio.evaluation.as_json import figure
from bifolio.evaluation.rag_table import Cut
from bifolio.ingest import BifolioError
from bifolio.library import Library


def preset(options: argparse.Namespace) -> Report:
    """Measure as ``--preset`` says."""
    if options.questions is None:
        raise BifolioError("a preset needs --questions FILE; docs/evaluation.md shows its lines")
    return _llamaindex(options) if options.preset == "llamaindex" else _mteb(options)


def _llamaindex(options: argparse.Namespace) -> Report:
    cut, questions = _chunks(options)
    asked = [question for question in questions if question.answerable]
    if not asked:
        raise BifolioError(f"{options.questions}: no question names where its answer stands")
    with Measuring() as watch:
        cells = list(
            rag_table(
                cut,
                asked,
                settings=settings_from(options),
                embedders=options.embedders,
                rerankers=options.rerankers,
                on_progress=watch.show,
            )
        )
    lines = [
        f"{cell.embedder:28} {cell.reranker or 'none':28} {interval(cell.hit_rate):22}"
        f" {interval(cell.mrr)}"
        for cell in cells
    ]
    head = f"{'embedder':28} {'reranker':28} {'hit rate':22} MRR"
    told = f"{len(asked)} questions; the best 5 of the 10 chunks nearest by vectors."
    return Report(
        json={"preset": "llamaindex", "questions": len(asked), "table": [*map(_cell, cells)]},
        text="\n".join([head, *lines, told]),
    )


def _chunks(options: argparse.Namespace) -> tuple[Cut, Sequence[Question]]:
    """Give what cuts the chunks, and the questions: contexts are whole, documents are cut anew."""
    if options.contexts:
        contexts = read_contexts(options.contexts)
        paths = [context.path for context in contexts]
        questions = read_questions(options.questions, documents=paths, pages=False)
        return lambda _: [whole(context) for context in contexts], sample(questions, options.limit)
    settings = settings_from(options)
    library = Library.open(settings.library, settings=settings, create=False)
    documents = [library.document(entry.path) for entry in library.documents()]
    paths = [document.path for document in documents]
    questions = read_questions(options.questions, documents=paths, pages=True)
    return (
        lambda length: [chunk for text in documents for chunk in overlapping(text, length)],
        sample(questions, options.limit),
    )


def _cell(cell: Cell) -> dict[str, object]:
    return {
        "embedder": cell.embedder,
        "reranker": cell.reranker,
        "hit_rate": figure(cell.hit_rate),
        "mrr": figure(cell.mrr),
    }


def _mteb(options: argparse.Namespace) -> Report:
    cases = sample(read_cases(options.questions), options.limit)
    with Measuring("queries") as watch:
        rows = list(
            rerank_cases(
                cases,
                settings=settings_from(options),
                embedders=options.embedders,
                rerankers=options.rerankers,
                on_progress=watch.show,
            )
        )
    lines = [
        f"{row.kind:9} {row.name:28} {interval(row.map):22} {interval(row.mrr)}" for row in rows
    ]
    return Report(
        json={
            "preset": "mteb-reranking",
            "questions": len(cases),
            "table": [
                {"kind": row.kind, "name": row.name}
                | {"map": figure(row.map), "mrr@10": figure(row.mrr)}
                for row in rows
            ],
        },
        text="\n".join(
            [
                f"{'':9} {'model':28} {'MAP':22} MRR@10",
                *lines,
                f"{len(cases)} queries with positive and negative texts.",
            ]
        ),
    )
