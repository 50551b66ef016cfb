"""A reranker as LangChain's document compressor, with the arguments of BCEmbedding's."""

from collections.abc import Sequence
from typing import Any, Protocol

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import ConfigDict, PrivateAttr

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


class BifolioReranker(BaseDocumentCompressor):
    """Keeps the ``top_n`` documents that answer best, best first, each with its score.

    The score (0 to 1) stands in ``metadata["relevance_score"]`` of copies; the documents given
    stay as they are. Blank ones come last and score 0. With a ``score_threshold`` only documents
    that reach it are kept. ``scorer`` is one that is open already, such as
    ``library.models.judge``, and goes before the name ``model``.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    top_n: int = 3
    model: str = "starter-reranker"
    device: str | None = None
    score_threshold: float | None = None
    use_fp16: bool = False
    trust_remote_code: bool = False
    scorer: Any = None

    _scorer: Scorer = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Choose what scores."""
        self._scorer = self.scorer or _open(self.model, self.device)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> list[Document]:
        """Score, sort and cut the documents."""
        texts = [document.page_content.replace("\n", " ") for document in documents]
        filled = [place for place, text in enumerate(texts) if text.strip()]
        scores = dict.fromkeys(range(len(texts)), 0.0)
        if filled and query.strip():
            found = self._scorer.scores(query, [texts[place] for place in filled])
            scores |= dict(zip(filled, found.tolist(), strict=True))
        blanks = set(scores) - set(filled)
        order = sorted(scores, key=lambda place: (place in blanks, -scores[place]))
        least = self.score_threshold
        kept = [place for place in order if least is None or scores[place] >= least]
        return [_scored(documents[place], scores[place]) for place in kept[: self.top_n]]


class BCERerank(BifolioReranker):
    """Under BCEmbedding's name, with its model by default."""

    model: str = "maidalun1020/bce-reranker-base_v1"


def _open(name: str, device: str | None) -> Scorer:
    recipe, run = reranker_recipe(name), Run(device=device)
    reranker = CrossEncoder(recipe, run=run)
    if not recipe.leans:
        return reranker
    # Of the recipes only the starter's leans, and on the starter embedder.
    return Judge(ModelEmbedder(EMBEDDERS[0], run=run), reranker)


def _scored(document: Document, score: float) -> Document:
    metadata = {**document.metadata, "relevance_score": score}
    return document.model_copy(update={"metadata": metadata})
