"""The reranking task of MTEB and C-MTEB: texts of a query that are right or wrong, ordered.

A line is ``{"query", "positive": [...], "negative": [...]}``; MAP over all texts of a line, MRR
over the best ten (mteb 1.1, RerankingEvaluator).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.evaluation.measures import Bootstrap, Figure, average_precision, reciprocal_rank
from bifolio.evaluation.questions import BadEvaluationFile, rows
from bifolio.evaluation.running import OnProgress
from bifolio.models import Models
from bifolio.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A query with texts that answer it and texts that do not."""

    query: str
    positive: tuple[str, ...]
    negative: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One model: its MAP and its MRR over the best ten."""

    kind: str  # "embedder" or "reranker"
    name: str
    map: Figure
    mrr: Figure


def read_cases(path: Path) -> list[Case]:
    """Read the lines; those without a positive or without a negative say nothing and are left out.

    Raises:
        BadEvaluationFile: a line is none of these, or none of them says anything.
    """
    cases = [_case(where, row) for where, row in rows(path)]
    telling = [case for case in cases if case.positive and case.negative]
    if not telling:
        raise BadEvaluationFile(f"{path}: no line has both a positive and a negative text")
    return telling


def rerank_cases(
    cases: Sequence[Case],
    *,
    settings: Settings,
    embedders: Sequence[str | None],
    rerankers: Sequence[str | None],
    on_progress: OnProgress | None = None,
) -> Iterator[Row]:
    """Yield a row for each embedder, by inner product, and each reranker, by its own score.

    None in place of a name is what the settings choose.
    """
    for embedder in embedders:
        chosen = replace(settings, embedder=embedder or settings.embedder)
        yield _row("embedder", cases, chosen, on_progress)
    for reranker in rerankers:
        chosen = replace(settings, reranker=reranker or settings.reranker)
        yield _row("reranker", cases, chosen, on_progress)


def _row(
    kind: str, cases: Sequence[Case], settings: Settings, on_progress: OnProgress | None
) -> Row:
    models = Models.open(settings)
    orders = []
    for done, case in enumerate(cases, start=1):
        # Wrong ones first: of equal scores none is gained.
        texts = [*case.negative, *case.positive]
        scores = _scores(kind, models, case.query, texts)
        best_first = np.argsort(-scores, kind="stable")
        orders.append([int(place) >= len(case.negative) for place in best_first])
        if on_progress:
            on_progress(done, len(cases))
    bootstrap = Bootstrap(len(cases))
    precision = bootstrap.figure([average_precision(right, sum(right)) for right in orders])
    mrr = bootstrap.figure([reciprocal_rank(right) for right in orders])
    name = models.embedder.name if kind == "embedder" else models.reranker.name
    return Row(kind=kind, name=name, map=precision, mrr=mrr)


def _scores(kind: str, models: Models, query: str, texts: Sequence[str]) -> Any:
    if kind == "reranker":
        return models.reranker.scores(query, texts)
    return models.embedder.embed_passages(texts) @ models.embedder.embed_queries([query])[0]


def _case(where: str, row: dict[str, Any]) -> Case:
    query, positive, negative = (row.get(name) for name in ("query", "positive", "negative"))
    for name, texts in (("positive", positive), ("negative", negative)):
        if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
            raise BadEvaluationFile(f'{where}: {name} is no list of texts; write ["...", "..."]')
    if not isinstance(query, str) or not query.strip():
        raise BadEvaluationFile(f"{where}: query is missing or empty; give each line one")
    return Case(query=query, positive=tuple(positive or ()), negative=tuple(negative or ()))
