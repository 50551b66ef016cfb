"""Fits how much a reranker should lean on the recall before it (retrieval/relevance.py).

    python bench/evidence.py --dev ../shared/data/dev --questions 60 --recall 40

Every candidate of a labelled question is one example: the reranker's logit, the inner product of
the vectors, the share of the question's words in the text, and whether it is right. A logistic
regression, every set weighing the same, gives the weights for the recipe. To see whether they
hold elsewhere, hit@1 and hit@10 of each set are also given with weights fitted on the other
sets alone. The last table says what each threshold would do.
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from dev import SETS, THRESHOLDS, candidates, mean

from bifolio.retrieval import CrossEncoder, ModelEmbedder, Retrieval, pair
from bifolio.retrieval.lexical import shared

NAMES = ("logit", "dense", "lexical", "bias")


@dataclass(frozen=True)
class Question:
    """Candidates of one question: features of shape (candidates, 4) and whether each is right."""

    features: np.ndarray
    right: np.ndarray


def main() -> None:
    """Collect, fit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--questions", type=int, default=60, help="questions a set")
    parser.add_argument("--recall", type=int, default=40)
    parser.add_argument("--models", default="starter")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = pair(options.models)
    # As it stands alone, whatever its recipe says now.
    alone = replace(
        chosen.reranker, logit_weight=1.0, dense_weight=0.0, lexical_weight=0.0, bias=0.0
    )
    embedder, reranker = ModelEmbedder(chosen.embedder), CrossEncoder(alone)
    sets = {}
    for name, contexts, questions in SETS:
        found = candidates(
            options.dev, contexts, questions, embedder, reranker, options.questions, options.recall
        )
        sets[name] = [question(retrieval, right) for retrieval, right in found]
    everything = fit([asked for group in sets.values() for asked in [group]])
    report = {"weights": dict(zip(NAMES, everything.round(3).tolist(), strict=True)), "sets": {}}
    for name, group in sets.items():
        others = fit([questions for other, questions in sets.items() if other != name])
        report["sets"][name] = {
            "alone": hits(group, np.array([1.0, 0, 0, 0])),
            "fitted": hits(group, everything),
            "fitted on the others": hits(group, others),
            "thresholds": thresholds(group, everything),
        }
    print(json.dumps(report) if options.json else text(report))


def question(found: Retrieval, right: set[str]) -> Question:
    """Turn the hits of one search into examples."""
    rows = []
    for hit in found.trace.hits:
        score = min(max(hit.scores.rerank or 0.0, 1e-6), 1 - 1e-6)
        words = shared(found.trace.question, f"{hit.chunk.context}\n{hit.chunk.text}")
        rows.append([np.log(score / (1 - score)), hit.scores.dense or 0.0, words, 1.0])
    labels = [hit.chunk.document.path in right for hit in found.trace.hits]
    return Question(np.array(rows), np.array(labels))


def fit(groups: list[list[Question]]) -> np.ndarray:
    """Fit a logistic regression by Newton's method; every group has the same total weight."""
    x = np.concatenate([asked.features for group in groups for asked in group])
    y = np.concatenate([asked.right for group in groups for asked in group]).astype(float)
    sizes = [sum(len(asked.right) for asked in group) for group in groups]
    weight = np.concatenate([np.full(size, 1 / size) for size in sizes]) / len(groups)
    solution = np.zeros(x.shape[1])
    for _ in range(50):
        p = 1 / (1 + np.exp(-x @ solution))
        slope = x.T @ (weight * (y - p)) - 1e-6 * solution
        curve = (x * (weight * p * (1 - p))[:, None]).T @ x + 1e-6 * np.eye(x.shape[1])
        solution = solution + np.linalg.solve(curve, slope)
    return solution


def hits(group: list[Question], weights: np.ndarray) -> dict[str, float]:
    """Give hit@1 and hit@10 of the order by these weights."""
    ranks = []
    for asked in group:
        order = np.argsort(-(asked.features @ weights), kind="stable")
        places = np.flatnonzero(asked.right[order])
        ranks.append(int(places[0]) if len(places) else 9999)
    return {"hit@1": mean(rank < 1 for rank in ranks), "hit@10": mean(rank < 10 for rank in ranks)}


def thresholds(group: list[Question], weights: np.ndarray) -> dict[str, tuple[float, float]]:
    """Give the share answered, with the right contexts there and with them left out."""
    best, without = [], []
    for asked in group:
        scores = 1 / (1 + np.exp(-asked.features @ weights))
        best.append(scores.max(initial=0.0))
        without.append(scores[~asked.right].max(initial=0.0))
    return {
        f"{bound:.2f}": (mean(s >= bound for s in best), mean(s >= bound for s in without))
        for bound in THRESHOLDS
    }


def text(report: dict) -> str:  # type: ignore[type-arg]
    """Lay the report out for reading."""
    lines = [f"weights: {report['weights']}", "hit@1/hit@10: alone, fitted, fitted on the others"]
    for name, done in report["sets"].items():
        cells = [f"{done[key]['hit@1']:.3f}/{done[key]['hit@10']:.3f}" for key in list(done)[:3]]
        lines.append(f"  {name:16} " + "  ".join(cells))
    lines.append("share answered / answered with the right contexts left out, by threshold")
    for bound in (f"{threshold:.2f}" for threshold in THRESHOLDS):
        cells = ["{:.2f}/{:.2f}".format(*s["thresholds"][bound]) for s in report["sets"].values()]
        lines.append(f"  {bound}  " + "  ".join(cells))
    return "\n".join(lines)


if __name__ == "__main__":
    main()
