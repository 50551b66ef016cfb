"""The threshold of a library, chosen on its own questions and judged on others.

The rule: the largest threshold at which a wanted share of right passages, 95 of 100, still passes.
It needs no guess at how many questions will have no answer, as F1 would, and holds for a reranker
that tells right from wrong badly: that one gets a low threshold, and the report says what still
passes it. Each question is judged by a threshold that was chosen on the other half of them.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bifolio.evaluation.measures import TAILS, Bootstrap, Figure, Numbers
from bifolio.evaluation.outcome import Marks
from bifolio.evaluation.questions import Question
from bifolio.evaluation.running import OnProgress, run
from bifolio.ingest import BifolioError
from bifolio.library import Library
from bifolio.retrieval import DEFAULT_OPTIONS, SearchOptions, Threshold

WANTED = 0.95
SHARES = (0.99, 0.95, 0.9, 0.8, 0.6)
# Below so many, another sample of questions may give quite another threshold.
FEW = 100
_LEAST = 4
_STEPS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scored:
    """What a threshold can be judged by: reranked scores between 0 and 1.

    One number an answerable question: ``right`` is its best right one, 0 where none was recalled,
    ``best`` the best of all, ``kept`` is 1 if the right one is among those that are kept when it
    passes. ``wrong`` is the best one of each question without an answer.
    """

    right: Numbers
    best: Numbers
    kept: Numbers
    wrong: Numbers
    made_up: bool  # no question was without an answer: the answers' documents were thought away

    @property
    def found(self) -> Numbers:
        """The right scores of the questions whose right place was recalled."""
        return self.right[self.right > 0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What a threshold does: shares from 0 to 1, None where there are no such questions."""

    threshold: float
    right_kept: float | None
    wrong_refused: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalibrationReport:
    """A threshold that was chosen, and how it fares on questions that it was not chosen on.

    95 of 100 bootstrap samples of the questions give one from ``low`` to ``high``. ``recall`` is
    the share of right passages that pass it, ``precision`` the share of answerable questions with a
    right passage among those that get any, ``refused`` the share of questions without an answer
    that get none. ``before`` was in force until now, ``others`` would be chosen for other shares.
    """

    threshold: float
    low: float
    high: float
    wanted: float
    before: Threshold
    recall: Figure
    precision: Figure | None
    refused: Figure | None
    scored: Scored
    others: tuple[Point, ...]

    @property
    def questions(self) -> int:
        """How many questions it was chosen on: those whose right place was recalled."""
        return len(self.scored.found)

    @property
    def rule(self) -> str:
        """How it was chosen."""
        return f"the largest threshold that {self.wanted:.0%} of the right passages reach"


def calibrate(
    library: Library,
    questions: Sequence[Question],
    *,
    wanted: float = WANTED,
    options: SearchOptions = DEFAULT_OPTIONS,
    on_progress: OnProgress | None = None,
) -> CalibrationReport:
    """Choose the library's threshold on these questions; nothing is stored.

    ``Library.set_threshold`` stores it. Without unanswerable questions each question is also
    asked as if the documents that answer it were not there.

    Raises:
        BifolioError: there are too few questions whose right place the search finds.
    """
    outcomes = run(library, questions, stages=["rerank"], options=options, on_progress=on_progress)
    marked = [(outcome.question, outcome.marks) for outcome in outcomes if outcome.marks]
    scored = collect(marked)
    if len(scored.found) < _LEAST:
        raise BifolioError(
            f"{len(scored.found)} questions have a right page that the search finds; a threshold"
            f" needs {_LEAST}, better {FEW}: add questions, or calibrate without any"
        )
    marks = marked[0][1]
    held_out = _held_out(scored, wanted)
    low, high = _interval(scored.found, wanted)
    return CalibrationReport(
        threshold=choose(scored.found, wanted),
        low=low,
        high=high,
        wanted=wanted,
        before=marks.threshold,
        recall=held_out.recall,
        precision=held_out.precision,
        refused=held_out.refused,
        scored=scored,
        others=tuple(at(scored, choose(scored.found, share)) for share in SHARES),
    )


def collect(marked: Sequence[tuple[Question, Marks]]) -> Scored:
    """Sort the scores of questions by what a threshold should do to them."""
    answerable = [marks for question, marks in marked if question.answerable]
    wrong = [marks.best for question, marks in marked if not question.answerable]
    # A library of one document has nothing left without it.
    elsewhere = [marks.elsewhere for marks in answerable if marks.elsewhere > 0]
    return Scored(
        right=np.array([marks.right for marks in answerable]),
        best=np.array([marks.best for marks in answerable]),
        kept=np.array([marks.right_kept for marks in answerable], np.float64),
        wrong=np.array(wrong or elsewhere),
        made_up=bool(elsewhere) and not wrong,
    )


def choose(right: Numbers, wanted: float) -> float:
    """Give the largest threshold that at least the wanted share of the scores reaches."""
    lost = min(math.floor(round((1 - wanted) * len(right), 9)), len(right) - 1)
    # Rounded down, so that the score itself reaches it.
    return math.floor(float(np.sort(right)[lost]) * _STEPS) / _STEPS


def at(scored: Scored, threshold: float) -> Point:
    """Give what a threshold does to the questions."""
    refused = scored.wrong < threshold
    return Point(
        threshold=threshold,
        right_kept=float((scored.found >= threshold).mean()) if len(scored.found) else None,
        wrong_refused=float(refused.mean()) if len(refused) else None,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _HeldOut:
    recall: Figure
    precision: Figure | None
    refused: Figure | None


def _interval(right: Numbers, wanted: float) -> tuple[float, float]:
    """Give where 95 of 100 samples of the scores would put the threshold."""
    draws = Bootstrap(len(right)).draws.astype(np.int64)
    low, high = np.percentile([choose(np.repeat(right, drawn), wanted) for drawn in draws], TAILS)
    return float(low), float(high)


def _held_out(scored: Scored, wanted: float) -> _HeldOut:
    """Judge each question by the threshold of the half that it is not in."""
    found = scored.right > 0
    halves = np.empty(len(found), np.int64)
    # The found ones are parted alone, so that neither half is left without any.
    for group in (found, ~found):
        halves[group] = np.random.default_rng(0).permutation(int(group.sum())) % 2
    chosen = np.array([choose(scored.right[found & (halves != half)], wanted) for half in (0, 1)])
    bound = chosen[halves]
    passes, answered = scored.right >= bound, scored.best >= bound
    # The rule does not look at the wrong ones, so either half's threshold will do.
    refused = scored.wrong < chosen[np.arange(len(scored.wrong)) % 2]
    bootstrap = Bootstrap(len(found))
    return _HeldOut(
        recall=Bootstrap(int(found.sum())).figure(passes[found]),
        precision=bootstrap.share(passes * scored.kept, answered),
        refused=Bootstrap(len(refused)).figure(refused) if len(refused) else None,
    )
