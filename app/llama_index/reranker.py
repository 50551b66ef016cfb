"""A reranker as LlamaIndex's node postprocessor, with the arguments of BCEmbedding's."""

from typing import Any

from llama_index.core.postprocessor.types import BaseNodePostprocessor
from llama_index.core.schema import MetadataMode, NodeWithScore, QueryBundle
from pydantic import ConfigDict, PrivateAttr

from bifolio.ingest import message
from bifolio.retrieval import BadOption
from bifolio.scoring import Scorer, open_scorer, ranked


class BifolioRerank(BaseNodePostprocessor):
    """Keeps the ``top_n`` nodes that answer best, best first, each with its score.

    The score (0 to 1) stands in ``score`` of copies; the nodes given stay as they are. What is
    read is a node's text with the metadata that it gives to embedders. Blank ones come last and
    score 0. With a ``score_threshold`` only nodes that reach it are kept. ``scorer`` is one that is
    open already, such as ``library.models.judge``, and goes before the name ``model``.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    top_n: int = 5
    model: str = "starter-reranker"
    device: str | None = None
    score_threshold: float | None = None
    use_fp16: bool = False
    trust_remote_code: bool = False
    scorer: Any = None

    _scorer: Scorer = PrivateAttr()

    @classmethod
    def class_name(cls) -> str:
        """Give the name under which it is written down."""
        return cls.__name__

    def model_post_init(self, context: Any, /) -> None:
        """Choose what scores."""
        super().model_post_init(context)
        self._scorer = self.scorer or open_scorer(self.model, self.device)

    def _postprocess_nodes(
        self, nodes: list[NodeWithScore], query_bundle: QueryBundle | None = None
    ) -> list[NodeWithScore]:
        if query_bundle is None:
            sentence = "a question is needed to rerank nodes; give query_str or query_bundle"
            raise BadOption(message("no-question", sentence))
        texts = [node.node.get_content(metadata_mode=MetadataMode.EMBED) for node in nodes]
        kept = ranked(self._scorer, query_bundle.query_str, texts, least=self.score_threshold)
        return [
            nodes[place].model_copy(update={"score": score}) for place, score in kept[: self.top_n]
        ]


class BCERerank(BifolioRerank):
    """Under BCEmbedding's name, with its model by default."""

    model: str = "maidalun1020/bce-reranker-base_v1"
