"""A reranker as LlamaIndex's node postprocessor, with the arguments of BCEmbedding's."""

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle

from bifolio.ingest import message
from bifolio.retrieval import BadOption
from bifolio.scoring import NamedReranker


class BifolioRerank(NamedReranker, BaseNodePostprocessor):
    """Keeps the ``top_n`` nodes that answer best, best first, each with its score.

    The score (0 to 1) stands in ``score`` of copies; the nodes given stay as they are. What is
    read is a node's text with the metadata that it gives to embedders. Blank ones come last and
    score 0. With a ``score_threshold`` only nodes that reach it are kept. ``scorer`` is one that is
    open already, such as ``library.models.judge``, and goes before the name ``model``.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    top_n: int = 5

    @classmethod
    def class_name(cls) -> str:
        """Give the name under which it is written down."""
        return cls.__name__

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            sentence = "a question is needed to rerank nodes; give query_str or query_bundle"
            raise BadOption(message("no-question", sentence))
        texts = [node.node.get_content(metadata_mode=MetadataMode.EMBED) for node in nodes]
        best = self.best(query_bundle.query_str, texts)
        return [nodes[place].model_copy(update={"score": score}) for place, score in best]


class BCERerank(BifolioRerank):
    """Under BCEmbedding's name, with its model by default."""

    model: str = "maidalun1020/bce-reranker-base_v1"
