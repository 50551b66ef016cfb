"""A reranker as LangChain's document compressor, with the arguments of BCEmbedding's."""

from collections.abc import Sequence
from typing import Any

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document
from pydantic import ConfigDict, PrivateAttr

from bifolio.scoring import Scorer, open_scorer, ranked


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
        self._scorer = self.scorer or open_scorer(self.model, self.device)

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> list[Document]:
        """Score, sort and cut the documents."""
        texts = [document.page_content for document in documents]
        kept = ranked(self._scorer, query, texts, least=self.score_threshold)
        return [_scored(documents[place], score) for place, score in kept[: self.top_n]]


class BCERerank(BifolioReranker):
    """Under BCEmbedding's name, with its model by default."""

    model: str = "maidalun1020/bce-reranker-base_v1"


def _scored(document: Document, score: float) -> Document:
    metadata = {**document.metadata, "relevance_score": score}
    return document.model_copy(update={"metadata": metadata})
