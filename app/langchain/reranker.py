"""A reranker as LangChain's document compressor, with the arguments of BCEmbedding's."""

from collections.abc import Sequence

from langchain_core.callbacks import Callbacks
from langchain_core.documents import BaseDocumentCompressor, Document

from bifolio.scoring import NamedReranker


class BifolioReranker(NamedReranker, BaseDocumentCompressor):
    """Keeps the ``top_n`` documents that answer best, best first, each with its score.

    The score (0 to 1) stands in ``metadata["relevance_score"]`` of copies; the documents given
    stay as they are. Blank ones come last and score 0. With a ``score_threshold`` only documents
    that reach it are kept. ``scorer`` is one that is open already, such as
    ``library.models.judge``, and goes before the name ``model``.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    top_n: int = 3

    def compress_documents(
        self, documents: Sequence[Document], query: str, callbacks: Callbacks = None
    ) -> list[Document]:
        """Score, sort and cut the documents."""
        texts = [document.page_content for document in documents]
        return [_scored(documents[place], score) for place, score in self.best(query, texts)]


class BCERerank(BifolioReranker):
    """Under BCEmbedding's name, with its model by default."""

    model: str = "maidalun1020/bce-reranker-base_v1"


def _scored(document: Document, score: float) -> Document:
    metadata = {**document.metadata, "relevance_score": score}
    return document.model_copy(update={"metadata": metadata})
