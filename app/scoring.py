"""A reranker under the names of other libraries' classes: opened by name, blank texts last."""

from collections.abc import Sequence
from typing import Any, Protocol

from pydantic import BaseModel, ConfigDict, PrivateAttr

from bifolio.retrieval import (
    EMBEDDERS,
    CrossEncoder,
    Judge,
    ModelEmbedder,
    Run,
    reranker_recipe,
)
from bifolio.retrieval.arrays import Floats


class Scorer(Protocol):
    """What scores texts for a question: a Reranker, or a Judge."""

    def scores(self, question: str, texts: Sequence[str], /) -> Floats:
        """Score each text, from 0 to 1, in the caller's order."""


class NamedReranker(BaseModel):
    """What BCEmbedding's rerankers for other libraries take.

    ``scorer`` is one that is open already, such as ``library.models.judge``, and goes before the
    name ``model``. The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    top_n: int
    model: str = "starter-reranker"
    device: str | None = None
    score_threshold: float | None = None
    use_fp16: bool = False
    trust_remote_code: bool = False
    scorer: Any = None

    _scorer: Scorer = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Choose what scores."""
        super().model_post_init(context)
        self._scorer = self.scorer or open_scorer(self.model, self.device)

    def best(self, question: str, texts: Sequence[str]) -> list[tuple[int, float]]:
        """Give the places and scores of the ``top_n`` texts that answer best, best first."""
        return ranked(self._scorer, question, texts, least=self.score_threshold)[: self.top_n]


def open_scorer(name: str, device: str | None) -> Scorer:
    """Open a reranker by its name; its files are looked for when it is first asked.

    Raises:
        UnknownModel: no model has that name.
    """
    recipe, run = reranker_recipe(name), Run(device=device)
    reranker = CrossEncoder(recipe, run=run)
    if not recipe.leans:
        return reranker
    # Of the recipes only the starter's leans, and on the starter embedder.
    return Judge(ModelEmbedder(EMBEDDERS[0], run=run), reranker)


def ranked(
    scorer: Scorer, question: str, texts: Sequence[str], *, least: float | None = None
) -> list[tuple[int, float]]:
    """Give the place and the score of each text, best first; those below ``least`` are left out.

    Line breaks are read as spaces, as BCEmbedding does; blank texts come last and score 0.
    """
    texts = [text.replace("\n", " ") for text in texts]
    filled = [place for place, text in enumerate(texts) if text.strip()]
    scores = dict.fromkeys(range(len(texts)), 0.0)
    if filled and question.strip():
        found = scorer.scores(question, [texts[place] for place in filled])
        scores |= dict(zip(filled, found.tolist(), strict=True))
    blanks = set(scores) - set(filled)
    order = sorted(scores, key=lambda place: (place in blanks, -scores[place]))
    return [(place, scores[place]) for place in order if least is None or scores[place] >= least]
