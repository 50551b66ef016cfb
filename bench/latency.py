"""How long a question takes: warm in one process, and cold as a command.

    python bench/latency.py --runs 5

Warm: a library of some 120 chunks of nearly 400 tokens (sentences of sample_docs in random order),
of which 100, then 50 are reranked for each question; median of the runs after one that is not
counted, stage by stage. Cold: `bifolio ask` on sample_docs in a new process each time, with the
converted models already in the cache; how long its imports take, those on the way included; and
how long a new process takes to its first vector and first score. Prints medians, and the numbers
that this CPU computes in; --json one object.
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

from measures import script_seconds
from samples import ROOT, passage, sentences

from bifolio import Library
from bifolio.retrieval import CrossEncoder, ModelEmbedder, pair

CHARACTERS = 210_000
RECALLS = (100, 50)
QUESTIONS = [
    "How long may a crossing be delayed before I get my money back?",
    "Who gives the order to release the carbon dioxide?",
    "员工每年有多少天年假？",
]
# Without the imports that every command shares: they are in the figure before.
LOAD = """
import time
from bifolio.retrieval import CrossEncoder, ModelEmbedder, pair
start = time.perf_counter()
starter = pair("starter")
ModelEmbedder(starter.embedder).embed_queries(["a question"])
CrossEncoder(starter.reranker).scores("a question", ["a passage"])
print(time.perf_counter() - start)
"""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        library = filled(folder)
        warmed = {f"warm, {recall}": warm(library, recall, options.runs) for recall in RECALLS}
        report = {**warmed, "cold": cold(folder, options.runs)}
    if options.json:
        print(json.dumps(report))
        return
    for name, figures in report.items():
        print(f"{name}: " + ", ".join(f"{key} {value}" for key, value in figures.items()))


def filled(folder: Path) -> Library:
    """Make a library of more long chunks than are reranked."""
    source = folder / "long.txt"
    chance = random.Random(0)
    text = passage(sentences()["en"], CHARACTERS, length=len, chance=chance)
    source.write_text(text, encoding="utf-8")
    library = Library.open(folder / "warm")
    library.add(source)
    return library


def warm(library: Library, recall: int, runs: int) -> dict[str, Any]:
    """Ask in one process; milliseconds."""
    timings: dict[str, list[float]] = {}
    for run in range(runs + 1):
        question = QUESTIONS[run % len(QUESTIONS)]
        answer = library.ask(question, mode="quotes", recall=recall, threshold=0.0)
        if run == 0:
            continue
        for step in answer.trace.steps:
            timings.setdefault(step.name, []).append(step.milliseconds)
    texts = [hit.span.text for hit in answer.trace.hits]
    count = ModelEmbedder(pair("starter").embedder).count
    medians = {name: round(statistics.median(values)) for name, values in timings.items()}
    return {
        "engine": CrossEncoder(pair("starter").reranker).engine_name,
        "candidates": len(texts),
        "tokens a candidate": round(statistics.mean(map(count, texts))),
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
        "its imports s": round(statistics.median(imports(ask) for _ in range(runs)), 2),
        "load models s": round(script_seconds(LOAD, repeats=runs), 2),
        "bifolio list s": median_wall([*command, "list"], runs),
        "import bifolio s": median_wall([sys.executable, "-c", "import bifolio"], runs),
    }


def imports(command: list[str]) -> float:
    """Give the seconds that a Python command spends importing."""
    timed = [command[0], "-X", "importtime", *command[1:]]
    lines = subprocess.run(timed, capture_output=True, text=True, check=False).stderr.splitlines()
    # import time: microseconds itself | microseconds with what it imports | name
    told = [line.removeprefix("import time:").split("|") for line in lines if line.count("|") == 2]
    return sum(int(own) for own, _, _ in told if own.strip().isdigit()) / 1e6


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


if __name__ == "__main__":
    main()
