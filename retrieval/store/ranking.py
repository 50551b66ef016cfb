"""Chunks ranked by BM25 as FTS5 computes it, from lists in memory, and no more read than it takes.

The words that tell most are read first; once no chunk without them can be among the best, the
others are looked up for those alone that still can (Turtle and Flood, 1995: MaxScore).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.arrays import Flags, Floats
from bifolio.retrieval.store.postings import Listed

# FTS5's own.
_K, _B = 1.2, 0.75
# Numbers of 32 bits are added: a chunk is left aside only when it is worse by more than rounding.
_ROUNDING = 1.00001
_ABOVE = float(np.finfo(np.float32).tiny)
# One chunk in so many may be left for looking up; to add whole lists is faster for more of them, as
# it is than to look whether lists of fewer are needed.
_FEW = 16


@dataclass(frozen=True, slots=True, eq=False)
class Weighed:
    """A term, where it stands, and what it adds at most to a chunk's score."""

    listed: Listed
    weight: float
    bound: float

    @classmethod
    def of(cls, listed: Listed, rarity: float, least: float) -> "Weighed":
        """Weigh a term by its rarity, among chunks of which the shortest has that norm."""
        weight = rarity * (_K + 1)
        return cls(listed, weight, weight * listed.most / (listed.most + least) * _ROUNDING)

    def add_to(self, scores: Floats, norms: Floats) -> None:
        """Add what the term adds, to the scores of all chunks."""
        times, places = self.listed.times.astype(np.float32), self.listed.places
        if places is None:
            scores += np.float32(self.weight) * (times / (times + norms))
        else:
            scores[places] += np.float32(self.weight) * (times / (times + norms[places]))

    def of_places(self, places: NDArray[np.intp], norms: Floats) -> Floats:
        """Give what the term adds to the scores of the chunks at those places, ascending."""
        listed, own = self.listed.times, self.listed.places
        if own is None:
            times = listed[places].astype(np.float32)
        else:
            found = np.minimum(np.searchsorted(own, places), len(own) - 1)
            times = np.where(own[found] == places, listed[found], 0).astype(np.float32)
        return np.asarray(np.float32(self.weight) * (times / (times + norms[places])), np.float32)


def norms_of(lengths: NDArray[np.int32], average: float) -> Floats:
    """Give how much each chunk's length, in words, counts against it."""
    return (_K * (1 - _B) + _K * _B / max(average, 1e-9) * lengths).astype(np.float32)


def best(
    weighed: Sequence[Weighed], norms: Floats, alive: Flags | None, count: int
) -> tuple[NDArray[np.intp], Floats]:
    """Give at most ``count`` places with the highest scores above 0, ascending, and the scores."""
    order = sorted(weighed, key=lambda one: -one.bound)
    # What the terms from each one on may add.
    rest: list[float] = [*accumulate((one.bound for one in reversed(order)), initial=0.0)][::-1]
    scores: Floats = np.zeros(len(norms), np.float32)
    if alive is not None:
        scores[~alive] = -np.inf
    done, lowest = 0, 0.0
    for done, one in enumerate(order):
        # To look at all scores takes as long as to add a list of some length.
        if _FEW * one.listed.count > len(scores) and rest[done] < float(scores.max()):
            lowest = _lowest(scores, count, lowest)
            if rest[done] < lowest and _FEW * np.sum(scores >= lowest - rest[done]) < len(scores):
                break
        one.add_to(scores, norms)
    else:
        done = len(order)
    places = np.flatnonzero(scores >= max(lowest - rest[done], _ABOVE))
    found = scores[places]
    for one in order[done:]:
        found += one.of_places(places, norms)
    return _highest(places, found, count)


def _lowest(scores: Floats, count: int, known: float) -> float:
    """Give the lowest of the ``count`` highest scores, which is at least the known one."""
    high = scores[scores >= known] if known else scores[scores > 0]
    return float(np.partition(high, -count)[-count]) if len(high) >= count else known


def _highest(
    places: NDArray[np.intp], scores: Floats, count: int
) -> tuple[NDArray[np.intp], Floats]:
    """Give the ``count`` highest, and among equals the first."""
    if len(places) <= count:
        return places, scores
    lowest = np.partition(scores, -count)[-count]
    above = scores > lowest
    equal = np.flatnonzero(scores == lowest)[: count - int(above.sum())]
    above[equal] = True
    return places[above], scores[above]
