"""How long a question takes: warm in one process, and cold as a command.

    python bench/latency.py --runs 5

Warm: a library of 120 chunks of about 400 tokens (sentences of sample_docs in random order), so
that 100 full candidates are reranked for each question; median of the runs after one that is not
counted, stage by stage. Cold: `bifolio ask` on sample_docs in a new process each time, with the
converted models already in the cache. Prints medians; --json one object.
"""

import argparse
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bifolio import Library
from bifolio.ingest import read

ROOT = Path(__file__).parent.parent
CHUNKS = 120
QUESTIONS = [
    "How long may a crossing be delayed before I get my money back?",
    "Who gives the order to release the carbon dioxide?",
    "员工每年有多少天年假？",
]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        report = {
            "warm": warm(Path(folder), options.runs),
            "cold": cold(Path(folder), options.runs),
        }
    if options.json:
        print(json.dumps(report))
        return
    for name, figures in report.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))


def warm(folder: Path, runs: int) -> dict[str, Any]:
    """Ask in one process; milliseconds."""
    source = folder / "long.txt"
    source.write_text(shuffled(CHUNKS), encoding="utf-8")
    library = Library.open(folder / "warm")
    library.add(source)
    timings: dict[str, list[float]] = {}
    for run in range(runs + 1):
        answer = library.ask(QUESTIONS[run % len(QUESTIONS)], mode="quotes", threshold=0.0)
        if run == 0:
            continue
        for step in answer.trace.steps:
            timings.setdefault(step.name, []).append(step.milliseconds)
    hits = answer.trace.hits
    medians = {name: round(statistics.median(values)) for name, values in timings.items()}
    return {
        "candidates": len(hits),
        "characters a candidate": round(statistics.mean(len(hit.chunk.text) for hit in hits)),
        **{f"{name} ms": value for name, value in medians.items()},
        "total ms": round(statistics.median(map(sum, zip(*timings.values(), strict=True)))),
    }


def cold(folder: Path, runs: int) -> dict[str, Any]:
    """Ask by the command; seconds of wall clock."""
    Library.open(folder / "cold").add(ROOT / "sample_docs")
    command = [sys.executable, "-m", "bifolio.cli", "--library", str(folder / "cold")]
    ask = [*command, "ask", "--json", QUESTIONS[0]]
    return {
        "bifolio ask s": median_wall(ask, runs),
        "bifolio list s": median_wall([*command, "list"], runs),
        "import bifolio s": median_wall([sys.executable, "-c", "import bifolio"], runs),
    }


def median_wall(command: list[str], runs: int) -> float:
    """Give the median wall-clock seconds of a command."""
    walls = []
    for _ in range(runs):
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        if done.returncode not in (0, 4):
            raise RuntimeError(done.stderr.decode())
        walls.append(time.perf_counter() - began)
    return round(statistics.median(walls), 2)


def shuffled(chunks: int) -> str:
    """Write paragraphs of English sentences of the samples, each about one chunk long."""
    chance = random.Random(0)
    manuals = [read(path) for path in sorted((ROOT / "sample_docs").glob("*.pdf"))]
    text = " ".join(
        manual.text for manual in manuals if manual.text.isascii() or "the" in manual.text
    )
    sentences = [part.strip() + "." for part in text.replace("\n", " ").split(". ") if part.strip()]
    paragraphs = []
    for _ in range(chunks):
        paragraph = ""
        while len(paragraph) < 1750:
            paragraph += chance.choice(sentences) + " "
        paragraphs.append(paragraph.strip())
    return "\n\n".join(paragraphs)


if __name__ == "__main__":
    main()
