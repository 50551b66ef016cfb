"""Quality of the stages on the development sets: ``bifolio eval`` on each of them.

    python bench/dev.py --dev ../shared/data/dev --questions 100 --stages dense,lexical,hybrid

Prints a table, with the mean over the sets; --json one object.
"""

import argparse
import json
from pathlib import Path

from devsets import DEV, SETS, labelled
from measures import mean

from bifolio import Settings
from bifolio.cli.types import some_of
from bifolio.evaluation import STAGES, evaluate, library_of
from bifolio.retrieval import SearchOptions

FIGURES = ("hit@1", "hit@10", "mrr@10")
Stages = dict[str, dict[str, float]]


def main() -> None:
    """Run the sets and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--questions", type=int, default=100, help="questions a set")
    parser.add_argument("--recall", type=int, default=100)
    parser.add_argument("--models", default="starter")
    parser.add_argument("--stages", type=some_of(STAGES), default=STAGES)
    parser.add_argument("--sets", nargs="*", help="only the sets whose name holds one of these")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report: dict[str, Stages] = {}
    for name, contexts, questions in SETS:
        if options.sets and not any(part in name for part in options.sets):
            continue
        report[name] = measured(contexts, questions, options)
        if not options.json:
            show(name, report[name])
    report["mean"] = {
        stage: {
            figure: mean(stages[stage][figure] for stages in report.values()) for figure in FIGURES
        }
        for stage in options.stages
    }
    if options.json:
        print(json.dumps(report))
    else:
        show("mean", report["mean"])


def measured(contexts: str, questions: str, options: argparse.Namespace) -> Stages:
    """Give the figures of each stage on one set."""
    pool, asked = labelled(options.dev, contexts, questions, count=options.questions)
    with library_of(pool, settings=Settings(models=options.models)) as library:
        done = evaluate(
            library, asked, stages=options.stages, options=SearchOptions(recall=options.recall)
        )
    return {
        stage: {figure: round(told.figures[figure].value, 4) for figure in FIGURES}
        for stage, told in done.stages.items()
    }


def show(name: str, stages: Stages) -> None:
    """Print one set: hit@1, hit@10 and MRR@10 of each stage."""
    cells = [
        f"{stage} " + "/".join(f"{figures[figure]:.3f}" for figure in FIGURES)
        for stage, figures in stages.items()
    ]
    print(f"{name:16} " + "  ".join(cells), flush=True)


if __name__ == "__main__":
    main()
