"""A threshold without any questions: above what unrelated texts score."""

import random
from dataclasses import dataclass

import numpy as np

from bifolio.answers.sentences import sentences
from bifolio.evaluation.running import OnProgress
from bifolio.ingest import BifolioError, Chunk
from bifolio.library import Library
from bifolio.retrieval import Passage, Threshold

# Of 100 pairs of a text and a chunk of another document, one may pass.
PASSING = 0.01
TEXTS = 60
_PARTNERS = 10
_STEPS = 10_000
_LONGEST = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A threshold above 99 of 100 of the scores of unrelated texts; ``pairs`` counts those."""

    threshold: float
    pairs: int
    before: Threshold

    @property
    def rule(self) -> str:
        """How it was chosen."""
        return f"{1 - PASSING:.0%} of unrelated texts score less"


def estimate(library: Library, *, on_progress: OnProgress | None = None) -> Estimate:
    """Score headings and sentences of the library against chunks of other documents.

    Raises:
        BifolioError: the library holds fewer than two documents.
    """
    chunks = library.sample(TEXTS * _PARTNERS)
    if len({chunk.document.path for chunk in chunks}) < 2:
        raise BifolioError(
            f"{library.folder} needs two documents at least to calibrate without questions; add"
            " some, or give --questions FILE"
        )
    chance = random.Random(0)  # noqa: S311 - no secret
    scores: list[float] = []
    for done, chunk in enumerate(chunks[:TEXTS], start=1):
        others = [other.searched for other in chunks if other.document.path != chunk.document.path]
        partners = chance.sample(others, min(_PARTNERS, len(others)))
        scores += library.models.judge.scores(_topic(chunk), partners).tolist()
        if on_progress:
            on_progress(done, min(TEXTS, len(chunks)))
    return Estimate(
        threshold=float(np.ceil(np.quantile(scores, 1 - PASSING) * _STEPS) / _STEPS),
        pairs=len(scores),
        before=library.threshold,
    )


def _topic(chunk: Chunk) -> str:
    """Give what a question about the chunk might say: its first sentence, or its heading."""
    return sentences(Passage((chunk,), 0.0))[0].text[:_LONGEST]
