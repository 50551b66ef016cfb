"""What the benches share: timing, how far two rankings differ, and how figures are printed."""

import os
import statistics
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from devsets import Case

from bifolio.retrieval import CrossEncoder
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.engine import Engine

_TOP = 10


@dataclass(frozen=True, kw_only=True)
class Fidelity:
    """How OpenVINO's ranking differs from that of torch in float32, means over the questions."""

    questions: int
    candidates: int
    top10_overlap: float
    kendall_tau: float
    largest_score_difference: float
    torch_hit_at_1: float
    openvino_hit_at_1: float
    torch_mrr_at_10: float
    openvino_mrr_at_10: float


def fidelity(torch: Sequence[Floats], openvino: Sequence[Floats], gold: Sequence[int]) -> Fidelity:
    """Compare the scores of each question's candidates; ``gold`` says which of them is right."""
    pairs = list(zip(torch, openvino, strict=True))
    ranks = [
        [rank(scores, right) for scores, right in zip(part, gold, strict=True)]
        for part in (torch, openvino)
    ]
    hits = [mean(place == 0 for place in part) for part in ranks]
    mrr = [mean(1 / (place + 1) if place < _TOP else 0 for place in part) for part in ranks]
    return Fidelity(
        questions=len(pairs),
        candidates=max(map(len, torch)),
        top10_overlap=mean(top10_overlap(*pair) for pair in pairs),
        kendall_tau=mean(kendall_tau(*pair) for pair in pairs),
        largest_score_difference=max(largest_difference(*pair) for pair in pairs),
        torch_hit_at_1=hits[0],
        openvino_hit_at_1=hits[1],
        torch_mrr_at_10=mrr[0],
        openvino_mrr_at_10=mrr[1],
    )


def reranker_fidelity(
    reranker: CrossEncoder, torch: Engine, openvino: Engine, cases: Sequence[Case]
) -> Fidelity | None:
    """Score the candidates of each case by both engines; None where there are no cases."""
    if not cases:
        return None
    scores: list[list[Floats]] = []
    for engine in (torch, openvino):
        # Where the cached property keeps it: users have no need of a door for this.
        vars(reranker._model)["engine"] = engine
        scores.append([reranker.scores(case.question, case.passages) for case in cases])
    ours, others = scores
    return fidelity(ours, others, gold=[case.gold for case in cases])


def rank(scores: Floats, right: int) -> int:
    """Count the candidates with a higher score than the right one: 0 is best."""
    return int((scores > scores[right]).sum())


def top10_overlap(one: Floats, other: Floats) -> float:
    """Give the share of the best ten by one that are among the best ten by the other."""
    best = [set(np.argsort(-scores, kind="stable")[:_TOP].tolist()) for scores in (one, other)]
    return len(best[0] & best[1]) / len(best[0])


def kendall_tau(one: Floats, other: Floats) -> float:
    """Give the share of pairs in the same order less that of pairs in opposite orders (tau a)."""
    upper = np.triu_indices(len(one), 1)
    signs = [np.sign(scores[upper[0]] - scores[upper[1]]) for scores in (one, other)]
    return float((signs[0] * signs[1]).mean())


def largest_difference(one: Floats, other: Floats) -> float:
    """Give the largest difference of two numbers at the same place."""
    return float(np.abs(one - other).max())


def mean(values: Iterable[float]) -> float:
    """Average."""
    return statistics.mean(map(float, values))


def script_seconds(
    script: str, *arguments: str, repeats: int = 1, environment: Mapping[str, str] | None = None
) -> float:
    """Run a script that prints seconds in fresh interpreters, and give the median."""
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    given = {**os.environ, **(environment or {})}
    walls = []
    for _ in range(repeats):
        said = subprocess.run(command, env=given, check=True, stdout=subprocess.PIPE, text=True)
        walls.append(float(said.stdout))
    return statistics.median(walls)


def show(part: Any) -> None:
    """Print the figures of a dataclass under its name."""
    print(f"\n{type(part).__name__}")
    for name, value in asdict(part).items():
        print(f"  {name.replace('_', ' '):28}{round(value, 4):>10}")
