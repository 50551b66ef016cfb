"""What ``bifolio eval`` prints for people."""

import argparse
from collections.abc import Mapping

from bifolio.evaluation import AbstainReport, CitationReport, Evaluation, Figure, Stage, StageReport
from bifolio.library import Library

_CELL = 15


def evaluation(done: Evaluation, library: Library, options: argparse.Namespace) -> str:
    """Lay out the figures, and say what they mean."""
    models = library.models
    things = "chunks" if options.contexts is None else "contexts"
    blocks = [
        f"{done.questions} questions over {done.chunks} {things} in {duration(done.seconds)},"
        f" {models.embedder.name} + {models.reranker.name}, recall {options.recall}",
        table(done.stages),
    ]
    if len(done.directions) > 1:
        last = [*done.stages][-1]
        parts = {
            f"{direction} ({part.questions})": part.stages[last]
            for direction, part in done.directions.items()
        }
        blocks.append(f"{last}, by direction\n{table(parts)}")
    if done.citations:
        blocks.append(_citations(done.citations, done.directions))
    if done.abstain:
        blocks.append(_abstain(done.abstain))
    blocks.append(legend(options))
    return "\n\n".join(blocks)


def duration(seconds: float) -> str:
    """Give a time as people say it."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def interval(figure: Figure) -> str:
    """Give a figure with its interval, to three digits."""
    return f"{figure.value:.3f} ({figure.low:.3f}-{figure.high:.3f})"


def percent(figure: Figure) -> str:
    """Give a share with its interval, if the questions differ at all."""
    interval = f" ({figure.low:.0%} to {figure.high:.0%})" * (figure.low < figure.high)
    return f"{figure.value:.0%}{interval}"


def table(rows: Mapping[str, StageReport] | Mapping[Stage, StageReport]) -> str:
    """Lay out the figures, a row each, with their intervals."""
    names = [*next(iter(rows.values())).figures]
    wide = max(map(len, rows)) + 2
    lines = [" " * wide + "".join(f"{name:{_CELL}}" for name in names) + "      ms"]
    for name, report in rows.items():
        cells = "".join(f"{_cell(report.figures[figure]):{_CELL}}" for figure in names)
        lines.append(f"{name:{wide}}{cells}{report.milliseconds:8.1f}")
    return "\n".join(lines)


def _cell(figure: Figure) -> str:
    return f"{figure.value:.3f} {_short(figure.low)}-{_short(figure.high)}"


def _short(share: float) -> str:
    return f"{share:.2f}".removeprefix("0") if share < 0.995 else "1.0"


def _citations(report: CitationReport, directions: Mapping[str, Evaluation]) -> str:
    lines = []
    if report.precision:
        lines.append(f"citations on a right page: {percent(report.precision)} of all citations")
    lines.append(
        f"answers that cite a right page: {percent(report.right_page)}, and cite it first:"
        f" {percent(report.right_page_first)}"
    )
    if len(directions) > 1:
        shares = [
            f"{name} {part.citations.right_page.value:.0%}"
            for name, part in directions.items()
            if part.citations
        ]
        lines.append(f"  that cite a right page, by direction: {', '.join(shares)}")
    return "\n".join(lines)


def _abstain(report: AbstainReport) -> str:
    value, source = report.threshold.value, report.threshold.source
    if value is None:
        return f"nothing is refused: the reranker has no threshold ({source})"
    lines = [f"threshold {value:g} ({source})"]
    if report.wrongly:
        shares = f"{percent(report.wrongly)} of {report.answerable}"
        lines.append(f"  answerable questions refused, wrongly: {shares}")
    if report.rightly:
        shares = f"{percent(report.rightly)} of {report.unanswerable}"
        lines.append(f"  unanswerable questions refused, rightly: {shares}")
    return "\n".join(lines)


def legend(options: argparse.Namespace) -> str:
    """Say what the figures mean."""
    right = "a right page" if options.contexts is None else "a right context"
    return (
        f"hit@k: how often {right} is among the best k. mrr@10: 1 over the rank of the first, 0"
        " beyond 10.\nBeside each figure: where 95 of 100 other samples of such questions would"
        " put it. ms: the median\nsearch, up to and with the stage."
    )
