"""The forty questions about sample_docs, asked of a library in a folder and of one on Milvus.

    python bench/same_passages.py [--address milvus://host:19530/name]

Prints each question whose passages differ, and the time that recall takes in both. Without an
address Milvus Lite runs in this process.
"""

import json
import statistics
import sys
import tempfile
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from samples import ROOT

from bifolio import Library, Models, Settings
from bifolio.retrieval import Retrieval


def main() -> int:
    """Ask both, and give 1 if any passages differ."""
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--address", help="of a library that is not there yet")
    options = parser.parse_args()
    lines = (ROOT / "tests/questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        models = Models.open(Settings())
        places = [f"{folder}/library", options.address or f"milvus+file:{folder}/lite"]
        libraries = [Library.open(place, models=models) for place in places]
        for library in libraries:
            library.add(ROOT / "sample_docs")
        found = [[library.retrieve(question) for question in questions] for library in libraries]
        for library in libraries:
            library.close()
    differing = [
        question
        for question, *both in zip(questions, *found, strict=True)
        if _shown(both[0]) != _shown(both[1])
    ]
    for question in differing:
        print(f"other passages: {question}")
    told = ", ".join(f"{_recall(each):.1f} ms" for each in found)
    print(f"{len(questions) - len(differing)} of {len(questions)} with the same passages")
    print(f"recall, median (folder, Milvus): {told}")
    return 1 if differing else 0


def _shown(found: Retrieval) -> list[tuple[str, int, int]]:
    passages = found.passages or found.near
    return [
        (Path(passage.document.path).name, passage.start, passage.end)
        for passage in passages
        if passage
    ]


def _recall(found: Sequence[Retrieval]) -> float:
    steps = [step for each in found for step in each.trace.steps if step.name == "recall"]
    return statistics.median(step.milliseconds for step in steps)


if __name__ == "__main__":
    sys.exit(main())
