"""``bifolio eval --generate N``: questions are written to a file, to be measured with later."""

import argparse
import json
import sys
from contextlib import ExitStack
from typing import Any, TextIO

from bifolio.cli.evaluation.evaluate import Report
from bifolio.cli.options import settings_from
from bifolio.cli.progress import Measuring
from bifolio.evaluation import Generated, generate
from bifolio.ingest import BifolioError
from bifolio.library import Library


def generation(options: argparse.Namespace) -> Report:
    """Write questions to --out as they come; without it they are what is printed."""
    if options.out and options.out.exists():
        raise BifolioError(f"{options.out} is there already; give another --out")
    settings = settings_from(options)
    library = Library.open(settings.library, settings=settings, create=False)
    made: list[dict[str, Any]] = []
    with ExitStack() as stack:
        watch = stack.enter_context(Measuring())
        out: TextIO | None = None
        questions = generate(library, options.generate, other_language=options.other_language)
        for number, question in enumerate(questions, start=1):
            if number == 1 and options.out:
                out = stack.enter_context(_opened(options))
            made.append(_row(number, question))
            if out:
                print(json.dumps(made[-1], ensure_ascii=False), file=out, flush=True)
            watch.show(number, options.generate)
    if not made:
        raise BifolioError(
            f"no chunk of {library.folder} gave a question; see what the model replies"
        )
    if len(made) < options.generate:
        short = f"bifolio: {len(made)} questions, not {options.generate}"
        print(f"{short}: no more chunks gave one", file=sys.stderr)
    lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in made)
    told = f"{len(made)} questions in {options.out}; read them before you trust figures from them"
    return Report(
        json={"questions": made, "out": str(options.out) if options.out else None},
        text=told if options.out else lines,
    )


def _opened(options: argparse.Namespace) -> TextIO:
    try:
        opened: TextIO = options.out.open("x", encoding="utf-8")
    except OSError as problem:
        raise BifolioError(f"{options.out}: {problem.strerror}; give another --out") from problem
    return opened


def _row(number: int, question: Generated) -> dict[str, Any]:
    return {
        "id": f"g{number:03}",
        "question": question.question,
        "direction": question.direction,
        "document": question.document,
        "pages": list(question.pages),
        "context_id": question.context_id,
        "start": question.start,
        "end": question.end,
        "text": question.text,
        "model": question.model,
    }
