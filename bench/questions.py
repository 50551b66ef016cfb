"""The forty questions about sample_docs, measured by ``bifolio eval``.

    python bench/questions.py [--models NAME] [any option of bifolio eval]

Ingests sample_docs into a library of its own, which is gone afterwards.
"""

import os
import sys
import tempfile
from argparse import ArgumentParser
from contextlib import redirect_stdout
from pathlib import Path

from samples import ROOT

from bifolio.cli import commands

QUESTIONS = ROOT / "tests/questions.jsonl"


def main() -> int:
    """Ingest, then measure; give the exit code."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--models", default=os.environ.get("BIFOLIO_MODELS", "starter"))
    options, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as folder:
        here = ["--library", str(Path(folder) / "library"), "--models", options.models]
        with redirect_stdout(sys.stderr):
            commands.main(["ingest", *here, str(ROOT / "sample_docs")])
        return commands.main(["eval", *here, "--questions", str(QUESTIONS), *rest])


if __name__ == "__main__":
    sys.exit(main())
