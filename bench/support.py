"""Fit the weights by which a sentence is held to a passage of the other language.

    python bench/support.py --dev ../shared/data/dev --sentences 200

Sentences of the first half of the sets that have both languages, each beside the passage that says
it, one that stands next to that, and any other. For each language the weights are the likelihood's,
and the bias is moved to where so many of the true ones fall below the threshold of support as
``--lost`` says. Where the embedder tells what a text states the weights of that are fitted after,
with the faults of planted.py among the false ones. Prints the weights for support.py, and the
shares that they keep.

Then how many telling words in a row statements made of questions and their answers have that their
text has not: the least of which at most 2 % have as many is a detail for details.py.
"""

import argparse
import math
import random
import zlib
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from across import Across, across
from devsets import DEV, rows
from finding import statement
from planted import faults

from bifolio import Passage, Settings
from bifolio.answers.details import detail
from bifolio.answers.sentences import places
from bifolio.answers.support import likeness, stated_by
from bifolio.answers.wording import without_frame
from bifolio.ingest import Chunk, Document, Page
from bifolio.models import Models
from bifolio.retrieval import Judge, language
from bifolio.settings import SUPPORT

# What a sum of weights must be for its score to be the threshold of support.
_BOUND = math.log(SUPPORT / (1 - SUPPORT))
_HALF = 0
_ASKED = ("fairytale_dev_en", "cmrc_dev_zh", "qamr_dev_en")
_ODD = 0.02
_KINDS = ("true ones", "the next passage", "another", "faults")


def main() -> None:
    """Fit and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--sentences", type=int, default=200, help="of each set and language")
    parser.add_argument("--lost", type=float, default=0.03, help="share of true ones")
    parser.add_argument("--models", default="starter")
    options = parser.parse_args()
    judge = Models.open(Settings(models=options.models)).judge
    for name, texts in _texts(options.dev, options.sentences, judge).items():
        for read, kinds in ((0, _KINDS[:3]), (1, _KINDS)):
            given = {kind: [one[read] for one in texts[kind] if len(one) > read] for kind in kinds}
            if given[_KINDS[0]]:
                print(f'"{name}": {_told(given, options.lost)}')
    for name, runs in _runs(options.dev).items():
        least = next(n for n in range(1, 99) if sum(run >= n for run in runs) <= _ODD * len(runs))
        print(f'"{name}": {least}  # of {len(runs)} statements')


def _told(texts: dict[str, list[np.ndarray]], lost: float) -> str:
    """Fit, and give the weights and what of each kind they keep."""
    true, *others = texts.values()
    weights = fitted(true, [one for some in others for one in some], lost)
    kept = {
        kind: np.mean([(best(text, weights) @ weights) >= _BOUND for text in some])
        for kind, some in texts.items()
    }
    shares = ", ".join(f"{share:.3f} of {kind}" for kind, share in kept.items())
    return f"({', '.join(f'{weight:.2f}' for weight in weights)}),  # keeps {shares}"


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


def fitted(true: Sequence[np.ndarray], false: Sequence[np.ndarray], lost: float) -> np.ndarray:
    """Give the weights, with which the share ``lost`` of the true ones is below the bound."""
    # At first the place whose vector is nearest speaks for its text, then the likeliest.
    weights = np.eye(true[0].shape[1])[0]
    labels = np.array([1.0] * len(true) + [0.0] * len(false))
    share = np.where(labels > 0, 0.5 / len(true), 0.5 / len(false))
    for _ in range(4):
        rows = np.array([best(text, weights) for text in [*true, *false]])
        weights = likeliest(rows, labels, share)
    scores = [best(text, weights) @ weights for text in true]
    weights[-1] += _BOUND - np.quantile(scores, lost)
    return weights


def likeliest(rows: np.ndarray, labels: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Fit a logistic regression by Newton's method."""
    solution = np.zeros(rows.shape[1])
    for _ in range(60):
        p = 1 / (1 + np.exp(-rows @ solution))
        curve = (rows * (share * p * (1 - p))[:, None]).T @ rows + 1e-9 * np.eye(rows.shape[1])
        solution = solution + np.linalg.solve(curve, rows.T @ (share * (labels - p)))
    return solution


def best(text: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Give the features of the place of a text that comes nearest to the sentence."""
    found: np.ndarray = text[int(np.argmax(text @ weights))]
    return found


def _texts(
    folder: Path, count: int, judge: Judge
) -> dict[str, dict[str, list[tuple[np.ndarray, ...]]]]:
    """Give the features of sentences of each language beside texts of each kind."""
    groups: dict[tuple[str, str], list[Across]] = defaultdict(list)
    for one in across(folder):
        if one.half == _HALF:
            groups[one.source, language(one.sentence)].append(one)
    chance = random.Random(0)
    found: dict[str, dict[str, list[tuple[np.ndarray, ...]]]] = {}
    for (_, name), some in sorted(groups.items()):
        kept = found.setdefault(name, {kind: [] for kind in _KINDS})
        for one in chance.sample(some, min(count, len(some))):
            other = chance.choice(some)
            for kind, text in zip(_KINDS, (one.passage, one.near, other.passage), strict=False):
                kept[kind].append(features(one.sentence, text, judge))
            kept[_KINDS[3]] += [
                features(fault.text, fault.passage, judge)
                for fault in faults(one.sentence, one.passage, other.sentence, chance)
            ]
    return found


def features(sentence: str, text: str, judge: Judge) -> tuple[np.ndarray, ...]:
    """Give the likeness of the sentence and each place of the text, and a one for the bias.

    Behind it the same with what the likeliest places state, where the embedder tells it.
    """
    document = Document("x", "x", "", text, (Page(1, 0, len(text)),))
    passage = Passage((Chunk(document, 0, len(text)),), 1.0)
    said, texts = without_frame(sentence), [one.judged for one in places([passage])]
    compared = likeness(said, texts, judge)
    stated = stated_by(said, texts, compared, judge)
    every = [compared] if stated is None else [compared, stated.features]
    return tuple(np.c_[one, np.ones(len(one))] for one in every)


if __name__ == "__main__":
    main()
