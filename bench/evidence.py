"""Fits how much a reranker should lean on the recall before it (retrieval/relevance.py).

    python bench/evidence.py --dev ../shared/data/dev --questions 80 --recall 40

Every candidate of a labelled question has three features: the reranker's logit, the inner product
of the vectors, the share of the question's words in the text. Two fits, every set weighing the
same: the weights of the features, so that the right candidates of a question come first
(conditional logit); then scale and bias, so that one half parts right best candidates from wrong
ones and from the best that is left when the right ones are taken out (Platt). To see whether the
weights hold elsewhere, hit@1 and hit@10 of each set are also given with weights fitted on the other
sets alone, and those of sentences of the news, asked across the languages. By these nothing is
fitted: they ask for nothing, and all of their words stand in the text that they are of.

The threshold is the one that tells best between these questions and ones from other sets, which
the contexts cannot answer, a miss on either side counting alike (Youden, 1950): it keeps out what
is beside the point, and leaves to the reader, or to a language model, what is near it. ``sure``,
from which passages are quoted as an answer, tells best between these questions and the same ones
without their right contexts, the near misses. Of several within a hundredth of the best the lowest
is taken, which answers most. The table shows what others would cost.
"""

import argparse
import json
import random
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from devsets import DEV, SETS, news, rows, sample
from measures import mean

from bifolio import Library
from bifolio.evaluation import read_contexts, whole
from bifolio.ingest import Chunk
from bifolio.models import Models
from bifolio.retrieval import CrossEncoder, ModelEmbedder, Retrieval, pair
from bifolio.retrieval.lexicon import shared

THRESHOLDS = [0.02, 0.04, 0.06, 0.08, *(step / 20 for step in range(2, 15))]
NAMES = ("logit", "dense", "lexical", "bias")
FEATURES = 3
NEWS_SETS = {"en->zh ntrex": ("en", "zh"), "zh->en ntrex": ("zh", "en")}
# Just enough to have one solution: the products of some models differ by hundredths alone, and what
# tells by so little needs a large weight.
PENALTY = 1e-6


@dataclass(frozen=True)
class Question:
    """Candidates of one question: features of shape (candidates, 3) and whether each is right."""

    features: np.ndarray
    right: np.ndarray


def main() -> None:
    """Collect, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--questions", type=int, default=80, help="questions a set")
    parser.add_argument("--recall", type=int, default=40)
    parser.add_argument("--models", default="starter")
    # The starter was trained on documentation like d365hr; of hfcourse the crossings are enough.
    left_out = ["d365hr", "hfcourse, "]
    parser.add_argument("--without", nargs="*", default=left_out, help="sets to leave out")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = pair(options.models)
    # As it stands alone, whatever its recipe says now.
    alone = replace(
        chosen.reranker, logit_weight=1.0, dense_weight=0.0, lexical_weight=0.0, bias=0.0
    )
    models = Models(ModelEmbedder(chosen.embedder), CrossEncoder(alone))
    sets, off_topic = {}, {}
    for name, chunks, asked in questioned(options.dev, options.questions, options.without):
        others = strangers(options.dev, name, options.questions // 2)
        found = candidates(chunks, asked + others, models, recall=options.recall)
        everything = [question(retrieval, right) for retrieval, right in found]
        print(name, file=sys.stderr, flush=True)
        sets[name], off_topic[name] = everything[: len(asked)], everything[len(asked) :]
    asking = {name: group for name, group in sets.items() if name not in NEWS_SETS}
    weights = rank_weights(list(asking.values()))
    scale, bias = scale_and_bias(list(asking.values()), weights)
    fitted = dict(
        zip(NAMES, [*(weights * scale).round(3).tolist(), round(float(bias), 3)], strict=True)
    )
    report: dict[str, Any] = {"weights": fitted, "sets": {}}
    for name, group in sets.items():
        elsewhere = rank_weights([group for other, group in asking.items() if other != name])
        report["sets"][name] = {
            "alone": hits(group, np.array([1.0, 0, 0])),
            "fitted": hits(group, weights),
            "fitted on the others": hits(group, elsewhere),
            "thresholds": thresholds(group, off_topic[name], weights * scale, bias),
        }
    for name, against in (("threshold", 2), ("sure", 1)):
        report[name] = lowest({bound: balance(report, bound, against) for bound in THRESHOLDS})
    print(json.dumps(report) if options.json else text(report))


def questioned(
    folder: Path, count: int, without: Sequence[str]
) -> Iterator[tuple[str, list[Chunk], list[dict[str, Any]]]]:
    """Give each set's name, its contexts as chunks, and so many of its questions."""
    for name, contexts, questions in SETS:
        if not any(left in name for left in without):
            texts = read_contexts(folder / f"{contexts}.contexts.jsonl.gz")
            asked = sample(folder / f"{questions}.questions.jsonl.gz", count)
            yield name, [whole(text) for text in texts], asked
    for name, (asked_in, answered_in) in NEWS_SETS.items():
        texts, everything = news(folder, asked_in, answered_in)
        asked = random.Random(0).sample(everything, min(count, len(everything)))
        yield name, [whole(text) for text in texts], asked


def candidates(
    chunks: Sequence[Chunk], asked: Sequence[dict[str, Any]], models: Models, *, recall: int
) -> list[tuple[Retrieval, set[str]]]:
    """Search the chunks for the questions; each comes with the paths of its right contexts."""
    with tempfile.TemporaryDirectory() as folder:
        library = Library(folder, models=models)
        library.add_chunks(chunks)
        return [
            (
                library.retrieve(row["question"], recall=recall, threshold=0.0),
                set(row.get("context_ids") or [row["context_id"]]),
            )
            for row in asked
        ]


def strangers(folder: Path, name: str, count: int) -> list[dict[str, object]]:
    """Draw questions of all sets about something else than this one's."""
    others = sorted({asked for _, _, asked in SETS if asked.split("_")[0] not in name})
    drawn = [row for other in others for row in rows(folder / f"{other}.questions.jsonl.gz")]
    chosen = random.Random(1).sample(drawn, count)
    return [{**row, "context_ids": ["none"]} for row in chosen]


def question(found: Retrieval, right: set[str]) -> Question:
    """Turn the hits of one search into examples."""
    rows = []
    for hit in found.trace.hits:
        score = min(max(hit.scores.rerank or 0.0, 1e-6), 1 - 1e-6)
        words = shared(found.trace.question, hit.span.searched)
        rows.append([np.log(score / (1 - score)), hit.scores.dense or 0.0, words])
    labels = [hit.span.path in right for hit in found.trace.hits]
    return Question(np.array(rows), np.array(labels))


def rank_weights(groups: list[list[Question]]) -> np.ndarray:
    """Fit the weights of the features by Newton's method on the conditional likelihood."""
    weights = np.zeros(FEATURES)
    for _ in range(60):
        slope, curve = -PENALTY * weights, PENALTY * np.eye(FEATURES)
        for group in groups:
            answered = [asked for asked in group if asked.right.any()]
            for asked in answered:
                share = softmax(asked.features @ weights)
                right = share * asked.right / (share * asked.right).sum()
                expected = share @ asked.features
                spread = asked.features.T @ (asked.features * share[:, None])
                slope += (right @ asked.features - expected) / len(answered) / len(groups)
                curve += (spread - np.outer(expected, expected)) / len(answered) / len(groups)
        weights = weights + np.linalg.solve(curve, slope)
    return weights


def scale_and_bias(groups: list[list[Question]], weights: np.ndarray) -> np.ndarray:
    """Fit (scale, bias) on the best candidate of each question, with and without the right ones."""
    rows, labels, shares = [], [], []
    for group in groups:
        for asked in group:
            scores = asked.features @ weights
            rows += [scores.max(), scores[~asked.right].max(initial=-20.0)]
            labels += [float(asked.right[scores.argmax()]), 0.0]
            shares += [1 / len(group)] * 2
    x, y, share = np.c_[rows, np.ones(len(rows))], np.array(labels), np.array(shares)
    solution = np.zeros(2)
    for _ in range(60):
        p = sigmoid(x @ solution)
        curve = (x * (share * p * (1 - p))[:, None]).T @ x + 1e-9 * np.eye(2)
        solution = solution + np.linalg.solve(curve, x.T @ (share * (y - p)))
    return solution


def softmax(scores: np.ndarray) -> np.ndarray:
    """Give the scores as shares of 1."""
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


def sigmoid(logits: np.ndarray) -> np.ndarray:
    """Give the logits as scores between 0 and 1."""
    return 1 / (1 + np.exp(-logits))


def hits(group: list[Question], weights: np.ndarray) -> dict[str, float]:
    """Give hit@1 and hit@10 of the order by these weights."""
    ranks = []
    for asked in group:
        order = np.argsort(-(asked.features @ weights), kind="stable")
        places = np.flatnonzero(asked.right[order])
        ranks.append(int(places[0]) if len(places) else 9999)
    return {"hit@1": mean(rank < 1 for rank in ranks), "hit@10": mean(rank < 10 for rank in ranks)}


def best_score(asked: Question, weights: np.ndarray, bias: float) -> float:
    """Give the score of the best candidate; 0 if there is none."""
    return float(sigmoid(asked.features @ weights + bias).max(initial=0.0))


def thresholds(
    group: list[Question], off_topic: list[Question], weights: np.ndarray, bias: float
) -> dict[str, list[float]]:
    """Give the shares answered: as asked, with the right contexts left out, and off topic."""
    without = [Question(asked.features[~asked.right], asked.right[~asked.right]) for asked in group]
    scores = [
        [best_score(asked, weights, bias) for asked in asked_]
        for asked_ in (group, without, off_topic)
    ]
    return {
        f"{bound:.2f}": [mean(score >= bound for score in row) for row in scores]
        for bound in THRESHOLDS
    }


def balance(report: dict, bound: float, against: int) -> float:  # type: ignore[type-arg]
    """Give what is answered as asked less what is answered in that column, over the sets."""
    told = [found for name, found in report["sets"].items() if name not in NEWS_SETS]
    shares = [found["thresholds"][f"{bound:.2f}"] for found in told]
    return mean(row[0] - row[against] for row in shares)


def lowest(balances: dict[float, float]) -> float:
    """Give the lowest threshold whose balance is within a hundredth of the best."""
    best = max(balances.values())
    return min(bound for bound, own in balances.items() if own >= best - 0.01)


def text(report: dict) -> str:  # type: ignore[type-arg]
    """Lay the report out for reading."""
    lines = [f"weights: {report['weights']}", "hit@1/hit@10: alone, fitted, fitted on the others"]
    for name, done in report["sets"].items():
        cells = [f"{done[key]['hit@1']:.3f}/{done[key]['hit@10']:.3f}" for key in list(done)[:3]]
        lines.append(f"  {name:16} " + "  ".join(cells))
    lines.append(f"threshold: {report['threshold']}, sure: {report['sure']}")
    lines.append("answered / with the right contexts left out / off topic, by threshold")
    for bound in (f"{threshold:.2f}" for threshold in THRESHOLDS):
        cells = [
            "{:.2f}/{:.2f}/{:.2f}".format(*s["thresholds"][bound]) for s in report["sets"].values()
        ]
        lines.append(f"  {bound}  " + "  ".join(cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
