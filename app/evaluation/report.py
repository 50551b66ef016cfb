"""What an evaluation found: figures a stage, abstaining, citations, each with its interval."""

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bifolio.evaluation.measures import Bootstrap, Figure, hit, ndcg, reciprocal_rank
from bifolio.evaluation.outcome import Outcome, Ranked, Stage
from bifolio.evaluation.questions import Question
from bifolio.retrieval import Threshold

HITS = (1, 5, 10)
FIGURES = (*(f"hit@{depth}" for depth in HITS), "mrr@10", "ndcg@10")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageReport:
    """One stage: its figures by name ("hit@1", "mrr@10", ...), and the median time in ms."""

    figures: Mapping[str, Figure]
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AbstainReport:
    """How often nothing reached the threshold: wrongly, and rightly; None without such questions.

    ``accuracy`` is the share of all questions that were rightly answered or rightly refused.
    """

    threshold: Threshold
    answerable: int
    unanswerable: int
    wrongly: Figure | None
    rightly: Figure | None
    accuracy: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationReport:
    """The citations of the answerable questions; None where there are no citations.

    ``precision`` is the share of citations that stand on a right page; ``right_page`` the share of
    questions with one such citation, ``right_page_first`` with that one first.
    """

    precision: Figure | None
    right_page: Figure
    right_page_first: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """The figures over all answerable questions, and those of each direction if several are named.

    ``chunks`` is how many were searched; ``outcomes`` holds what became of each question.
    """

    stages: Mapping[Stage, StageReport]
    abstain: AbstainReport | None
    citations: CitationReport | None
    directions: Mapping[str, "Evaluation"]
    questions: int
    chunks: int
    seconds: float
    outcomes: tuple[Outcome, ...]


def summarise(outcomes: Sequence[Outcome], *, chunks: int, seconds: float) -> Evaluation:
    """Average the outcomes of a run over ``chunks`` that took so many ``seconds``."""
    groups: dict[str, list[Outcome]] = {}
    for outcome in outcomes:
        if outcome.question.answerable and outcome.question.direction:
            groups.setdefault(outcome.question.direction, []).append(outcome)
    directions = {name: _summary(group, chunks, seconds) for name, group in groups.items()}
    return replace(_summary(outcomes, chunks, seconds), directions=directions)


def values(question: Question, ranked: Ranked) -> dict[str, float]:
    """Give every figure of one question at one stage.

    nDCG needs to know how many are right in all, which nobody knows of the chunks of a page.
    """
    figures = {f"hit@{depth}": hit(ranked.right, depth) for depth in HITS}
    figures["mrr@10"] = reciprocal_rank(ranked.right)
    if all(place.pages is None for place in question.right):
        figures["ndcg@10"] = ndcg(ranked.right, len(question.right))
    return figures


def figures(outcomes: Sequence[Outcome], stage: Stage) -> dict[str, list[float]]:
    """Give the figures of one stage by name, one value an answerable question."""
    columns: dict[str, list[float]] = {}
    rows = [values(o.question, o.stages[stage]) for o in outcomes if o.question.answerable]
    for name in set.intersection(*(set(row) for row in rows)) if rows else ():
        columns[name] = [row[name] for row in rows]
    return {name: columns[name] for name in FIGURES if name in columns}


def _summary(outcomes: Sequence[Outcome], chunks: int, seconds: float) -> Evaluation:
    answerable = [outcome for outcome in outcomes if outcome.question.answerable]
    bootstrap = Bootstrap(len(answerable))
    return Evaluation(
        stages={stage: _stage(outcomes, stage, bootstrap) for stage in outcomes[0].stages},
        abstain=_abstain(outcomes) if outcomes[0].marks else None,
        citations=_citations(answerable, bootstrap) if outcomes[0].cited else None,
        directions={},
        questions=len(outcomes),
        chunks=chunks,
        seconds=seconds,
        outcomes=tuple(outcomes),
    )


def _stage(outcomes: Sequence[Outcome], stage: Stage, bootstrap: Bootstrap) -> StageReport:
    averaged = {name: bootstrap.figure(column) for name, column in figures(outcomes, stage).items()}
    return StageReport(
        figures={name: figure for name, figure in averaged.items() if figure},
        milliseconds=statistics.median(outcome.stages[stage].milliseconds for outcome in outcomes),
    )


def _abstain(outcomes: Sequence[Outcome]) -> AbstainReport:
    marks = [outcome.marks for outcome in outcomes if outcome.marks]
    answerable = [float(outcome.question.answerable) for outcome in outcomes]
    unanswerable = [1 - is_ for is_ in answerable]
    abstained = [float(not mark.passes) for mark in marks]
    right = [float(pair[0] != pair[1]) for pair in zip(abstained, answerable, strict=True)]
    bootstrap = Bootstrap(len(outcomes))
    return AbstainReport(
        threshold=marks[0].threshold,
        answerable=int(sum(answerable)),
        unanswerable=int(sum(unanswerable)),
        wrongly=bootstrap.share(abstained, answerable),
        rightly=bootstrap.share(abstained, unanswerable),
        accuracy=bootstrap.figure(right),
    )


def _citations(answerable: Sequence[Outcome], bootstrap: Bootstrap) -> CitationReport:
    cited = [outcome.cited.right for outcome in answerable if outcome.cited]
    counts = [len(right) for right in cited]
    precisions = [sum(right) / max(1, len(right)) for right in cited]
    return CitationReport(
        # Weighed by their number: the share of all citations.
        precision=bootstrap.share(precisions, counts),
        right_page=bootstrap.figure([any(right) for right in cited]),
        right_page_first=bootstrap.figure([any(right[:1]) for right in cited]),
    )
