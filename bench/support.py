"""Fit the lines by which a sentence is held to a passage of the other language.

    python bench/support.py --dev ../shared/data/dev --sentences 200

Sentences of the first half of the sets that have both languages, each beside the passage that says
it, one that stands next to that, and any other. For each language the steepness is the
likelihood's, and the line is moved to where so many of the true ones fall below the threshold of
support as ``--lost`` says. Prints the lines for support.py, and the shares that they keep.

Then how many telling words in a row statements made of questions and their answers have that their
text has not: the least of which at most 2 % have as many is a detail for details.py.
"""

import argparse
import math
import random
import zlib
from collections import defaultdict
from pathlib import Path

import numpy as np
from across import Across, across
from devsets import DEV, rows
from finding import statement

from bifolio import Passage, Settings
from bifolio.answers.details import detail
from bifolio.answers.sentences import places
from bifolio.answers.wording import without_frame
from bifolio.ingest import Chunk, Document, Page
from bifolio.models import Models
from bifolio.retrieval import Judge, language
from bifolio.settings import SUPPORT

_HALF = 0
_ASKED = ("fairytale_dev_en", "cmrc_dev_zh", "qamr_dev_en")
_ODD = 0.02


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--sentences", type=int, default=200, help="of each set and language")
    parser.add_argument("--lost", type=float, default=0.03, help="share of true ones")
    parser.add_argument("--models", default="starter")
    options = parser.parse_args()
    judge = Models.open(Settings(models=options.models)).judge
    for name, (true, near, other) in _products(options.dev, options.sentences, judge).items():
        steep, bound = line(true, near + other, options.lost)
        # Where the score is one half, so that it is SUPPORT at the bound.
        middle = bound - math.log(SUPPORT / (1 - SUPPORT)) / steep
        kept = [float(np.mean(np.array(some) >= bound)) for some in (true, near, other)]
        print(
            f'"{name}": ({steep:.1f}, {middle:.3f}),  # of {len(true)} true ones are kept', end=""
        )
        print(f" {kept[0]:.3f}, of the next passage {kept[1]:.3f}, of another {kept[2]:.3f}")
    for name, runs in _runs(options.dev).items():
        least = next(n for n in range(1, 99) if sum(run >= n for run in runs) <= _ODD * len(runs))
        print(f'"{name}": {least}  # of {len(runs)} statements')


def _runs(folder: Path) -> dict[str, list[int]]:
    """Give the longest run of unknown words of each statement that repeats what else it says."""
    found: dict[str, list[int]] = {}
    for name in _ASKED:
        texts = {
            one["context_id"]: one["text"] for one in rows(folder / f"{name}.contexts.jsonl.gz")
        }
        for row in rows(folder / f"{name}.questions.jsonl.gz"):
            text = texts[row["context_id"]]
            if zlib.crc32(text.encode()) % 2 != _HALF:
                continue
            for answer in row["answers"][:2]:
                if said := statement(row["question"], answer):
                    found.setdefault(language(said), []).append(detail(said, text))
    return found


def line(true: list[float], false: list[float], lost: float) -> tuple[float, float]:
    """Give the steepness, and the product below which the share ``lost`` of the true ones is."""
    x = np.array([*true, *false])
    rows = np.c_[x, np.ones(len(x))]
    labels = np.array([1.0] * len(true) + [0.0] * len(false))
    share = np.array([0.5 / len(true)] * len(true) + [0.5 / len(false)] * len(false))
    solution = np.zeros(2)
    for _ in range(60):
        p = 1 / (1 + np.exp(-rows @ solution))
        curve = (rows * (share * p * (1 - p))[:, None]).T @ rows + 1e-9 * np.eye(2)
        solution = solution + np.linalg.solve(curve, rows.T @ (share * (labels - p)))
    return float(solution[0]), float(np.quantile(true, lost))


def _products(
    folder: Path, count: int, judge: Judge
) -> dict[str, tuple[list[float], list[float], list[float]]]:
    groups: dict[tuple[str, str], list[Across]] = defaultdict(list)
    for one in across(folder):
        if one.half == _HALF:
            groups[one.source, language(one.sentence)].append(one)
    chance = random.Random(0)
    found: dict[str, tuple[list[float], list[float], list[float]]] = {}
    for (_, name), some in sorted(groups.items()):
        kept = found.setdefault(name, ([], [], []))
        for one in chance.sample(some, min(count, len(some))):
            other = chance.choice(some)
            for products, text in zip(kept, (one.passage, one.near, other.passage), strict=True):
                products.append(nearest(one.sentence, text, judge))
    return found


def nearest(sentence: str, text: str, judge: Judge) -> float:
    """Give the product of the sentence and what comes nearest to it in the text."""
    document = Document("x", "x", "", text, (Page(1, 0, len(text)),))
    passage = Passage((Chunk(document, 0, len(text)),), 1.0)
    texts = [place.judged for place in places([passage])]
    return float(max(judge.products(without_frame(sentence), texts), default=0.0))


if __name__ == "__main__":
    main()
