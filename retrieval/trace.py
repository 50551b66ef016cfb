"""The record of one search: what came in at each stage, what was dropped, and why."""

import time
from dataclasses import dataclass

from bifolio.ingest import Message
from bifolio.retrieval.codes import holds_named
from bifolio.retrieval.passage import Hit, Passage
from bifolio.retrieval.threshold import Threshold


@dataclass(frozen=True, slots=True)
class Step:
    """One stage: how many chunks came out of it, and in how many milliseconds."""

    name: str
    count: int
    milliseconds: float
    detail: Message | None = None


class Stopwatch:
    """Collects steps; each takes the time since the one before."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self._last = time.perf_counter()

    def lap(self, name: str, count: int, detail: Message | None = None) -> None:
        """Note that a stage has ended."""
        now = time.perf_counter()
        self.steps.append(Step(name, count, (now - self._last) * 1000, detail))
        self._last = now


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Every decision of one search; ``hits`` are all candidates, the kept ones first.

    ``keep`` is how many chunks are kept at most; ``reranker`` is the name of the model that gave
    the scores, empty where the ranks decided; ``libraries`` are the folders of those searched.
    """

    question: str
    steps: tuple[Step, ...]
    hits: tuple[Hit, ...]
    threshold: Threshold
    keep: int
    reranker: str = ""
    libraries: tuple[str, ...] = ()

    @property
    def rule(self) -> Message:
        """Say in a sentence which threshold is in force and where it comes from."""
        facts = {
            "keep": self.keep,
            "reranker": self.reranker,
            "threshold": self.threshold.value,
            "source": self.threshold.source,
        }
        if not self.reranker:
            return Message(
                "rule-by-rank",
                "no threshold without a reranker: the best {keep} by rank are kept",
                facts,
            )
        if self.threshold.value is None:
            return Message(
                "rule-without-threshold",
                "{reranker} has no threshold yet ({source}): the best {keep} are kept, whatever"
                " they score",
                facts,
            )
        return Message(
            "rule",
            "threshold {threshold:g} ({source}): the best {keep} that reach it are kept",
            facts,
        )


# Of the best hits below the threshold so many are looked at, and may be shown.
MOST_NEAR = 5


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The passages for a question, best first, and how they were found.

    ``near`` are the passages of the best hits when none surely answers, whether or not they passed
    the threshold: to be shown as such, not to be quoted as an answer. Then ``chance`` is the inner
    product that a question about anything reaches in these libraries.
    """

    passages: tuple[Passage, ...]
    near: tuple[Passage, ...]
    trace: Trace
    chance: float = -1.0

    @property
    def nearest(self) -> Passage | None:
        """The best of them, if any."""
        return next(iter(self.near), None)

    @property
    def is_sure(self) -> bool:
        """Whether a passage answers rather than comes near, by its score or by what it names."""
        kept = (hit.span.searched for hit in self.trace.hits if hit.kept)
        if any(holds_named(self.trace.question, text) for text in kept):
            return True
        return any(self.trace.threshold.is_sure(passage.score) for passage in self.passages)
