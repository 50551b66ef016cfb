"""What became of one question: what each stage found, which scores, which citations."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from bifolio.evaluation.questions import Question
from bifolio.retrieval import Threshold

Stage = Literal["dense", "lexical", "hybrid", "rerank"]
STAGES: tuple[Stage, ...] = get_args(Stage)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ranked:
    """What one stage found for one question.

    ``right`` says of the best ten, best first, whether they are; ``milliseconds`` is what the
    search took up to and with this stage.
    """

    right: tuple[bool, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """The reranked scores of one question, each the best of its kind; 0 if there is none.

    ``elsewhere`` is the best in documents that hold no answer: what the question would score if
    its documents were not there. ``right_kept`` tells that a right one is among those that are
    kept if the threshold lets it pass; ``threshold`` is the one that was in force.
    """

    best: float
    right: float
    elsewhere: float
    right_kept: bool
    threshold: Threshold

    @property
    def passes(self) -> bool:
        """Whether anything reaches the threshold."""
        return self.threshold.passes(self.best)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """The citations of one answer: how many there are, and which stand on a right page."""

    right: tuple[bool, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of one question; ``marks`` and ``cited`` are there if those stages ran."""

    question: Question
    stages: Mapping[Stage, Ranked]
    marks: Marks | None = None
    cited: Cited | None = None
