"""The record of one search: what came in at each stage, what was dropped, and why."""

import time
from dataclasses import dataclass

from bifolio.retrieval.passage import Hit, Passage


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: how many chunks came out of it, and in how many milliseconds."""

    name: str
    count: int
    milliseconds: float
    detail: str = ""


class Stopwatch:
    """Collects steps; each takes the time since the one before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._last = time.perf_counter()

    def lap(self, name: str, count: int, detail: str = "") -> None:
        """Note that a stage has ended."""
        now = time.perf_counter()
        self.steps.append(Step(name, count, (now - self._last) * 1000, detail))
        self._last = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Every decision of one search; ``hits`` are all candidates, the kept ones first.

    ``threshold`` stands in the space that ``score_space`` names; None means that every score
    passes. ``keep`` is how many chunks are kept at most; ``reranker`` is the name of the model that
    gave the scores, empty where the ranks decided.
    """

    question: str
    steps: tuple[Step, ...] = ()
    hits: tuple[Hit, ...] = ()
    threshold: float | None
    threshold_source: str
    score_space: str
    keep: int
    reranker: str = ""

    @property
    def rule(self) -> str:
        """Say in a sentence which threshold is in force and where it comes from."""
        if not self.reranker:
            return f"no threshold without a reranker: the best {self.keep} by rank are kept"
        if self.threshold is None:
            return (
                f"{self.reranker} has no threshold yet ({self.threshold_source}): the best"
                f" {self.keep} are kept, whatever they score"
            )
        return (
            f"threshold {self.threshold:g} ({self.threshold_source}): the best {self.keep} that"
            " reach it are kept"
        )


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages for a question, best first, and how they were found.

    ``nearest`` is the best passage when none passed the threshold: to be shown as such, not to
    be answered from.
    """

    passages: tuple[Passage, ...]
    nearest: Passage | None
    trace: Trace
