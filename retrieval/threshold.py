"""The least score that a passage needs, and where it comes from: chosen once for each search."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bifolio.ingest import Message, message
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.models.recipe import RerankerRecipe


@dataclass(frozen=True, slots=True, kw_only=True)
class Threshold:
    """A score, in the space in which it stands, and its source.

    ``value`` None lets every score pass; ``space`` says what a score is, ``source`` who chose the
    value, or why there is none. From ``sure`` on a passage answers rather than comes near; a value
    that somebody chose is trusted alone.
    """

    value: float | None
    space: Message
    source: Message
    sure: float | None = None

    def passes(self, score: float) -> bool:
        """Tell whether a score reaches it; what is no number never does."""
        return self.value is None or score >= self.value

    def is_sure(self, score: float) -> bool:
        """Tell whether a passage with this score may be quoted as the answer."""
        return self.sure is None or score >= self.sure


# Without a reranker the ranks decide.
BY_RANK = Threshold(
    value=None,
    space=message("fused-ranks", "fused reciprocal ranks"),
    source=message("no-reranker", "no threshold without a reranker"),
)


def own_threshold(recipe: RerankerRecipe) -> Threshold:
    """Give the threshold of a reranker itself, in its own space."""
    return Threshold(
        value=recipe.threshold,
        space=recipe.score_space,
        source=recipe.threshold_source,
        sure=recipe.sure,
    )


def strictest(thresholds: Iterable[Threshold]) -> Threshold:
    """Give the one that lets the least pass: what several libraries find is judged by one.

    Of several of that value, the first.
    """
    return max(thresholds, key=lambda one: -math.inf if one.value is None else one.value)


def choose_threshold(
    recipe: RerankerRecipe | None,
    *,
    asked: float | None = None,
    calibration: Calibration | None = None,
    in_use: str = "",
) -> Threshold:
    """Choose the threshold that is in force.

    The one ``asked`` for goes before the one that the library was calibrated to, and that before
    the reranker's own. ``in_use`` says which models are, as the calibration does: with others its
    scores mean nothing, and the source tells so.
    """
    if recipe is None:
        return BY_RANK
    own = own_threshold(recipe)
    if asked is not None:
        chosen = message("asked", "asked for")
        return replace(own, value=asked, source=chosen, sure=None)
    if calibration is None:
        return own
    if calibration.fits == in_use:
        value = calibration.threshold
        return replace(own, value=value, source=calibration.source, sure=None)
    outdated = message(
        "calibration-outdated",
        "{own}; not {threshold:g}, which was {calibrated} with another state of {reranker}: run"
        " `bifolio calibrate` again",
        own=own.source,
        threshold=calibration.threshold,
        calibrated=calibration.source,
        reranker=calibration.reranker,
    )
    return replace(own, source=outdated)
