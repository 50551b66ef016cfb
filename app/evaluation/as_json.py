"""The JSON that ``bifolio eval`` prints."""

import argparse
from collections.abc import Mapping
from typing import Any

from bifolio.evaluation import (
    AbstainReport,
    CitationReport,
    Evaluation,
    Figure,
    Stage,
    StageReport,
)
from bifolio.library import Library

Json = dict[str, Any]
_DIGITS = 4


def evaluation(done: Evaluation, library: Library, options: argparse.Namespace) -> Json:
    """Give what ``eval`` prints; ``contexts`` counts the chunks of a library."""
    return {
        "stages": _stages(done.stages),
        "questions": done.questions,
        "contexts": done.chunks,
        "seconds": round(done.seconds, 3),
        "models": {
            "embedder": library.models.embedder.name,
            "reranker": library.models.reranker.name,
        },
        "recall": options.recall,
        "abstain": _abstain(done.abstain),
        "citations": _citations(done.citations),
        "directions": {
            direction: {
                "questions": part.questions,
                "stages": _stages(part.stages),
                "abstain": _abstain(part.abstain),
                "citations": _citations(part.citations),
            }
            for direction, part in done.directions.items()
        },
    }


def figure(given: Figure | None) -> Json | None:
    """Give a figure with its interval."""
    if given is None:
        return None
    return {"value": _round(given.value), "interval": [_round(given.low), _round(given.high)]}


def stage_report(report: StageReport) -> Json:
    """Give the figures of a stage, their intervals and the latency."""
    return {
        **{name: _round(given.value) for name, given in report.figures.items()},
        "intervals": {
            name: [_round(given.low), _round(given.high)] for name, given in report.figures.items()
        },
        "latency_ms": round(report.milliseconds, 1),
    }


def _stages(stages: Mapping[Stage, StageReport]) -> Json:
    return {stage: stage_report(report) for stage, report in stages.items()}


def _abstain(report: AbstainReport | None) -> Json | None:
    if report is None:
        return None
    return {
        "threshold": report.threshold.value,
        "threshold_source": str(report.threshold.source),
        "answerable": report.answerable,
        "unanswerable": report.unanswerable,
        "wrongly_abstained": figure(report.wrongly),
        "rightly_abstained": figure(report.rightly),
        "accuracy": figure(report.accuracy),
    }


def _citations(report: CitationReport | None) -> Json | None:
    if report is None:
        return None
    return {
        "precision": figure(report.precision),
        "right_page_cited": figure(report.right_page),
        "right_page_first": figure(report.right_page_first),
    }


def _round(number: float) -> float:
    return round(number, _DIGITS)
