"""The command ``bifolio calibrate``: a threshold is chosen, explained and stored."""

import argparse
import textwrap
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bifolio.cli.evaluation.as_text import percent
from bifolio.cli.evaluation.evaluate import Report
from bifolio.cli.options import settings_from
from bifolio.cli.progress import Measuring
from bifolio.evaluation import (
    FEW,
    CalibrationReport,
    Estimate,
    calibrate,
    estimate,
    read_questions,
    sample,
)
from bifolio.evaluation.as_json import figure
from bifolio.ingest import BifolioError
from bifolio.library import Library
from bifolio.retrieval import SearchOptions, Threshold

_WIDTH = 96
# Worse than a coin: most questions without an answer get passages all the same.
_POOR = 0.5


def calibration(options: argparse.Namespace) -> Report:
    """Do what ``bifolio calibrate`` was asked for."""
    settings = settings_from(options)
    library = Library.open(settings.library, settings=settings, create=False)
    if options.forget:
        return _forget(library)
    if options.questions is None:
        with Measuring("texts") as watch:
            return _estimated(library, estimate(library, on_progress=watch.show), options)
    paths = [entry.path for entry in library.documents()]
    questions = read_questions(options.questions, documents=paths, pages=True)
    with Measuring() as watch:
        done = calibrate(
            library,
            sample(questions, options.limit),
            wanted=options.wanted,
            options=SearchOptions(recall=options.recall),
            on_progress=watch.show,
        )
    return _calibrated(library, done, options)


def _forget(library: Library) -> Report:
    stored = library.calibration
    if stored is None:
        raise BifolioError(f"{library.folder} was never calibrated; there is nothing to forget")
    library.forget_threshold()
    return Report(
        json={"forgotten": stored.threshold},
        text=f"The threshold {stored.threshold:g}, {stored.source}, is forgotten; the reranker's"
        " own is in force again.",
    )


def _calibrated(library: Library, done: CalibrationReport, options: argparse.Namespace) -> Report:
    if not options.dry_run:
        library.set_threshold(done.threshold, questions=done.questions, rule=done.rule)
    warnings = [*_warnings(done)]
    text = [
        _in_force(done.threshold, done.before, options)
        + f" With other questions like these it would lie between {done.low:g} and {done.high:g}.",
        f"The rule: {done.rule}, over the {done.questions} questions whose right page the search"
        " found at all.",
        "How it does, each question judged by a threshold that was chosen without it:",
        "\n".join(_figures(done)),
        "What other thresholds would do to the same questions, chosen by --wanted:",
        "\n".join(_others(done)),
        *(f"Beware: {warning}" for warning in warnings),
        _stored(library, options),
    ]
    return Report(json=_json(done, warnings, options), text=_wrapped(text))


def _estimated(library: Library, done: Estimate, options: argparse.Namespace) -> Report:
    if not options.dry_run:
        library.set_threshold(done.threshold, questions=0, rule=done.rule)
    text = [
        _in_force(done.threshold, done.before, options),
        "The rule, for want of questions: 99 of 100 sentences of one document score less against a"
        f" passage of another ({done.pairs} pairs were scored). It keeps out what is beside the"
        " point. How many right passages it keeps out too, nobody has measured: twenty questions"
        " of your own in a file, given by --questions, make a better threshold.",
        _stored(library, options),
    ]
    json: dict[str, Any] = {
        "threshold": done.threshold,
        "before": done.before.value,
        "before_source": str(done.before.source),
        "rule": done.rule,
        "questions": 0,
        "pairs": done.pairs,
        "stored": not options.dry_run,
    }
    return Report(json=json, text=_wrapped(text))


def _in_force(threshold: float, before: Threshold, options: argparse.Namespace) -> str:
    now = "would be" if options.dry_run else "is now"
    until = "there was none" if before.value is None else f"it was {before.value:g}"
    return f"The threshold {now} {threshold:g}; until now {until} ({before.source})."


def _figures(done: CalibrationReport) -> Iterator[str]:
    scored = done.scored
    yield f"  right passages that pass: {percent(done.recall)} of {done.questions}"
    if done.refused:
        without = "questions without an answer"
        if scored.made_up:
            without = "questions whose document was taken away"
        yield f"  {without}, refused: {percent(done.refused)} of {len(scored.wrong)}"
    if done.precision:
        yield (
            "  of the answerable questions that get passages, those with a right one among them:"
            f" {percent(done.precision)}"
        )


def _others(done: CalibrationReport) -> Iterator[str]:
    for point in done.others:
        refused = "" if point.wrong_refused is None else f", refuses {point.wrong_refused:.0%}"
        yield f"  {point.threshold:.4f} keeps {point.right_kept:.0%} of the right{refused}"


def _warnings(done: CalibrationReport) -> Iterator[str]:
    if done.questions < FEW:
        yield (
            f"{done.questions} questions are few; from {FEW} on the threshold hardly depends on"
            " which ones they are."
        )
    if done.refused and done.refused.value < _POOR:
        yield (
            f"only {done.refused.value:.0%} of the questions without an answer are refused:"
            " this reranker scores wrong passages like right ones. A stronger pair of models"
            " parts them better, and a language model can still say that the passages do not"
            " answer."
        )
    if done.scored.made_up:
        yield (
            "no question in the file is without an answer, so each was also asked as if its"
            " document were not there; if two documents say the same, that counts as a mistake."
            ' Some questions with "document": null make the figures surer.'
        )


def _stored(library: Library, options: argparse.Namespace) -> str:
    if options.dry_run:
        return "Nothing was stored; without --dry-run it is."
    return (
        f"Stored in {library.folder} for these models only. `bifolio calibrate --forget` takes it"
        " out; `--threshold X` overrules it for one question."
    )


def _json(
    done: CalibrationReport, warnings: list[str], options: argparse.Namespace
) -> dict[str, Any]:
    return {
        "threshold": done.threshold,
        "interval": [done.low, done.high],
        "before": done.before.value,
        "before_source": str(done.before.source),
        "rule": done.rule,
        "questions": done.questions,
        "not_found": len(done.scored.right) - done.questions,
        "unanswerable": len(done.scored.wrong),
        "made_up": done.scored.made_up,
        "recall": figure(done.recall),
        "precision": figure(done.precision),
        "refused": figure(done.refused),
        "others": [asdict(point) for point in done.others],
        "warnings": warnings,
        "stored": not options.dry_run,
    }


def _wrapped(paragraphs: list[str]) -> str:
    return "\n".join(
        part if part.startswith("  ") else textwrap.fill(part, _WIDTH) for part in paragraphs
    )
