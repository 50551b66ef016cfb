"""``bifolio eval --compare A B``: two configurations on the same questions."""

import argparse
from dataclasses import asdict

from bifolio.cli.evaluation.as_text import legend, table
from bifolio.cli.evaluation.evaluate import Report, measured_library
from bifolio.cli.options import settings_from
from bifolio.cli.progress import Measuring
from bifolio.cli.search_options import search_options
from bifolio.evaluation import (
    Comparison,
    Configuration,
    Difference,
    Evaluation,
    compare,
    configuration,
    evaluate,
)
from bifolio.evaluation.as_json import stage_report
from bifolio.ingest import BifolioError


def comparison(options: argparse.Namespace) -> Report:
    """Measure both configurations and compare them."""
    if options.plot:
        raise BifolioError("--plot pictures one configuration; leave out --plot or --compare")
    settings = settings_from(options)
    first, second = (
        configuration(text, settings=settings, options=search_options(options))
        for text in options.compare
    )
    one, other = _measured(first, options), _measured(second, options)
    compared = compare(one.outcomes, other.outcomes, (first, second))
    sides = ((first, one), (second, other))
    return Report(
        json={
            "configurations": [
                {"name": side.name, "stage": side.stage, "recall": side.options.recall}
                | stage_report(done.stages[side.stage])
                for side, done in sides
            ],
            "differences": {name: asdict(told) for name, told in compared.differences.items()},
            "questions": compared.questions,
            "better": compared.better,
            "worse": compared.worse,
            "verdict": compared.verdict,
        },
        text=_text(compared, sides, options),
    )


def _measured(side: Configuration, options: argparse.Namespace) -> Evaluation:
    with measured_library(options, side.settings) as (library, questions), Measuring() as watch:
        return evaluate(
            library,
            questions,
            stages=[side.stage],
            options=side.options,
            on_progress=watch.show,
        )


def _text(
    compared: Comparison,
    sides: tuple[tuple[Configuration, Evaluation], ...],
    options: argparse.Namespace,
) -> str:
    rows = {side.name: done.stages[side.stage] for side, done in sides}
    first, second = compared.names
    alike = compared.questions - compared.better - compared.worse
    lines = [f"{name:8} {_difference(told)}" for name, told in compared.differences.items()]
    return "\n\n".join(
        [
            table(rows),
            f"{second}, less {first}:\n" + "\n".join(lines),
            f"{compared.verdict}\n{second} ranks the right one higher at {compared.better}"
            f" questions, lower at {compared.worse}, alike at {alike}.",
            legend(options),
        ]
    )


def _difference(told: Difference) -> str:
    return f"{told.value:+.3f} ({told.low:+.3f} to {told.high:+.3f}), p = {told.p:.2g}"
