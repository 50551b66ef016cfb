"""The forty questions about sample_docs: is the right page among the citations?

    python bench/questions.py

Ingests sample_docs into a library of its own and asks every question of tests/questions.jsonl in
quotes mode. Prints, for each direction, how often a citation stands on a right page of the right
document, how often the first one does, and how often the answer abstains; --json one object.
"""

import argparse
import json
import tempfile
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import PurePath
from typing import Any

from samples import ROOT

from bifolio import Answer, Library


@dataclass
class Tally:
    """Counts of one direction."""

    questions: int = 0
    right_page_cited: int = 0
    right_page_first: int = 0
    right_page_kept: int = 0
    abstained: int = 0


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", default="starter")
    parser.add_argument("--verbose", action="store_true", help="show every question")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    lines = (ROOT / "tests/questions.jsonl").read_text(encoding="utf-8").splitlines()
    tallies: dict[str, Tally] = defaultdict(Tally)
    with tempfile.TemporaryDirectory() as folder:
        library = Library.open(folder, models=options.models)
        library.add(ROOT / "sample_docs")
        for line in lines:
            row = json.loads(line)
            answer = library.ask(row["question"], mode="quotes")
            count(tallies[row["direction"]], answer, row)
            if options.verbose:
                show(answer, row)
    if options.json:
        print(json.dumps({direction: asdict(tally) for direction, tally in tallies.items()}))
        return
    for direction, tally in tallies.items():
        print(f"{direction:6} " + "  ".join(f"{key} {n}" for key, n in asdict(tally).items()))


def count(tally: Tally, answer: Answer, row: dict[str, Any]) -> None:
    """Add one answer to its direction."""
    tally.questions += 1
    tally.abstained += answer.abstained
    if row["document"] is None:
        return
    cited = [is_right(citation.document.path, citation.pages, row) for citation in answer.citations]
    kept = [is_right(passage.document.path, passage.pages, row) for passage in answer.passages]
    tally.right_page_cited += any(cited)
    tally.right_page_first += bool(cited and cited[0])
    tally.right_page_kept += any(kept)


def is_right(path: str, pages: tuple[int, int], row: dict[str, Any]) -> bool:
    """Tell whether a span touches a right page of the right document."""
    touched = range(pages[0], pages[1] + 1)
    return PurePath(path).name == row["document"] and any(page in touched for page in row["pages"])


def show(answer: Answer, row: dict[str, Any]) -> None:
    """Print one question with what came."""
    best = answer.trace.hits[0].score if answer.trace.hits else 0.0
    print(f"{row['id']} {row['direction']} best {best:.3f} {row['question']}")
    print(f"    wanted {row['document']} {row['pages']} {row['answer']}")
    print(f"    {answer.text!r}")


if __name__ == "__main__":
    main()
