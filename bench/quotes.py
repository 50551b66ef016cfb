"""The answering sentence comes first: quotes mode on the answers of the development sets.

    python bench/quotes.py --dev ../shared/data/dev --questions 150 [--half 1] [--show 5]

Each question is asked of its own text, as if the search had found it and nothing else. ``first``
is the share whose first quoted sentence holds an answer, ``any`` that of all quotes, ``judge`` what
the sentence with the judge's best score would give, ``chance`` a sentence drawn at random, ``of
text`` how much of its text the first quote is. Texts of one sentence are left out. The weights of
evidence.py were fitted on half 0; half 1 is the figure.
"""

import argparse
import json
import re
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from devsets import DEV, rows

from bifolio import Passage, Settings
from bifolio.answers.quotes import quote
from bifolio.answers.sentences import sentences
from bifolio.ingest import Chunk, Document, Page
from bifolio.models import Models

SETS = ("fairytale_dev_en", "cmrc_dev_zh", "qamr_dev_en")


def main() -> None:
    """Ask and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--questions", type=int, default=150, help="of each set")
    parser.add_argument("--half", type=int, choices=(0, 1), default=1)
    parser.add_argument("--models", default="starter")
    parser.add_argument("--show", type=int, default=0, help="so many mistakes of each set")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    models = Models.open(Settings(models=options.models))
    told: dict[str, dict[str, float]] = {}
    for name in SETS:
        marks: dict[str, list[float]] = defaultdict(list)
        for row, text in _questions(options.dev, name, options.half, options.questions):
            shown = _asked(row, text, models, marks)
            if shown and options.show > 0:
                options.show -= 1
                print(f"{row['question']}\n    wanted {row['answers']}\n    quoted {shown}")
        if marks:
            told[name] = {mark: sum(some) / len(some) for mark, some in marks.items()}
            told[name]["questions"] = len(marks["first"])
    if options.json:
        print(json.dumps(told))
        return
    columns = ("first", "any", "judge", "chance", "of text")
    print(f"{'set':20}{'questions':>10}" + "".join(f"{mark:>9}" for mark in columns))
    for name, one in told.items():
        shares = "".join(f"{one[mark]:9.3f}" for mark in columns)
        print(f"{name:20}{one['questions']:>10.0f}{shares}")


def _questions(folder: Path, name: str, half: int, count: int) -> Iterator[tuple[Any, str]]:
    texts = {row["context_id"]: row["text"] for row in rows(folder / f"{name}.contexts.jsonl.gz")}
    found = [
        row
        for row in rows(folder / f"{name}.questions.jsonl.gz")
        # By the text: no two questions of one text are in different halves.
        if row["answers"] and zlib.crc32(texts[row["context_id"]].encode()) % 2 == half
    ]
    found.sort(key=lambda row: zlib.crc32(row["id"].encode()))
    for row in found[:count]:
        yield row, texts[row["context_id"]]


def _asked(row: Any, text: str, models: Models, marks: dict[str, list[float]]) -> str:
    """Ask one question; give the first quote if it holds no answer."""
    passage = Passage(
        (Chunk(Document("x", "x", "", text, (Page(1, 0, len(text)),)), 0, len(text)),), 1.0
    )
    every = [one.judged for one in sentences(passage)]
    right = [_holds(one, row["answers"]) for one in every]
    if len(every) < 2 or not any(right):
        return ""
    _, citations = quote(row["question"], [passage], models.judge)
    held = [_holds(cited.quote, row["answers"]) for cited in citations]
    marks["first"].append(held[0])
    marks["any"].append(any(held))
    marks["of text"].append(len(citations[0].quote) / len(text))
    marks["judge"].append(right[int(models.judge.scores(row["question"], every).argmax())])
    marks["chance"].append(sum(right) / len(right))
    return "" if held[0] else citations[0].quote


def _holds(text: str, answers: list[str]) -> bool:
    return any(_plain(answer) in _plain(text) for answer in answers)


def _plain(text: str) -> str:
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).casefold()


if __name__ == "__main__":
    main()
