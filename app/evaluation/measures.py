"""Figures of ranked lists, and how far they would move with other questions.

Written here since they are few lines: ir_measures brings pytrec_eval, which brings scipy, and
both order by score again what a search has ordered already.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Numbers = NDArray[np.float64]

DEPTH = 10
_ROUNDS = 1000
TAILS = (2.5, 97.5)


@dataclass(frozen=True, slots=True)
class Figure:
    """A mean over questions; 95 of 100 bootstrap samples lie from ``low`` to ``high``."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Difference:
    """How much better a second list of figures is than the first, question by question.

    ``p`` is the two-sided chance of such a difference among configurations that are alike.
    """

    value: float
    low: float
    high: float
    p: float


def hit(right: Sequence[bool], depth: int) -> float:
    """Give 1 if one of the best ``depth`` is right, else 0."""
    return float(any(right[:depth]))


def reciprocal_rank(right: Sequence[bool], depth: int = DEPTH) -> float:
    """Give 1 over the rank of the first right one among the best ``depth``; 0 without one."""
    return next((1 / rank for rank, is_ in enumerate(right[:depth], start=1) if is_), 0.0)


def ndcg(right: Sequence[bool], total: int, depth: int = DEPTH) -> float:
    """Give the discounted gain of the best ``depth``, as a share of the best order's.

    ``total`` counts what is right in all (Jarvelin and Kekalainen, TOIS 2002; gains of 0 and 1).
    """
    gain = sum(1 / math.log2(rank + 1) for rank, is_ in enumerate(right[:depth], 1) if is_)
    best = sum(1 / math.log2(rank + 1) for rank in range(1, min(total, depth) + 1))
    return gain / best if best else 0.0


def average_precision(right: Sequence[bool], total: int) -> float:
    """Give the mean of the precision at each right one; those not in the list count as 0."""
    found = np.flatnonzero(right)
    precisions = np.arange(1, len(found) + 1) / (found + 1)
    return float(precisions.sum() / total) if total else 0.0


class Bootstrap:
    """Draws the questions again and again, with replacement; always the same draws.

    One object serves all figures of the same questions, so that they are drawn alike.
    """

    def __init__(self, questions: int, *, rounds: int = _ROUNDS, seed: int = 0) -> None:
        self._questions = questions
        chance = np.random.default_rng(seed)
        shares = np.full(questions, 1 / questions)
        # (rounds, questions): how often each question was drawn.
        self.draws = chance.multinomial(questions, shares, size=rounds).astype(np.float32)

    def figure(self, values: ArrayLike) -> Figure:
        """Give the mean of the values, one a question."""
        given = np.asarray(values, np.float64)
        means = self.draws @ given / self._questions
        return _figure(float(given.mean()), means)

    def share(self, values: ArrayLike, weights: ArrayLike) -> Figure | None:
        """Give the mean of the values by weight; None where nothing weighs."""
        weight = np.asarray(weights, np.float64)
        summed = np.asarray(values, np.float64) * weight
        if not weight.sum():
            return None
        sizes = self.draws @ weight
        means = (self.draws @ summed)[sizes > 0] / sizes[sizes > 0]
        return _figure(float(summed.sum() / weight.sum()), means)

    def difference(self, first: ArrayLike, second: ArrayLike) -> Difference:
        """Compare two lists of values, one a question.

        The interval is that of the paired bootstrap, p that of the randomisation test (Smucker,
        Allan and Carterette, CIKM 2007).
        """
        gains = np.asarray(second, np.float64) - np.asarray(first, np.float64)
        means = self.draws @ gains / self._questions
        low, high = np.percentile(means, TAILS)
        # Were the two alike, each gain might as well have been a loss. The bootstrap's own p would
        # call one question's gain certain.
        signs = np.random.default_rng(0).choice([-1.0, 1.0], size=self.draws.shape)
        as_far = np.abs(signs @ gains) >= abs(gains.sum()) - 1e-9
        p = (1 + float(as_far.sum())) / (1 + len(as_far))
        return Difference(float(gains.mean()), float(low), float(high), p)


def _figure(value: float, means: Numbers) -> Figure:
    low, high = np.percentile(means, TAILS)
    return Figure(value, float(low), float(high))
