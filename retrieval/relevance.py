"""One score for a question and a text: the reranker's, with the evidence of both recall legs."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bifolio.ingest.simplified import simplified
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.lexicon import shared
from bifolio.retrieval.models.embedder import Embedder, ModelEmbedder
from bifolio.retrieval.models.recipe import RerankerRecipe
from bifolio.retrieval.models.reranker import Reranker

# Scores of exactly 0 or 1 have no logit.
_EDGE = 1e-6


def relevance(
    question: str,
    texts: Sequence[str],
    *,
    rerank: Floats,
    products: Floats,
    recipe: RerankerRecipe,
) -> Floats:
    """Add evidence to the reranker's scores: float32 of shape (texts,), between 0 and 1.

    The sigmoid of its logit, plus the inner product of the vectors and the share of the
    question's words in the text, each with the recipe's weight. A strong reranker stands alone:
    its recipe has no weights, and its scores come back unchanged.
    """
    if not recipe.leans:
        return rerank
    odds = np.clip(rerank.astype(np.float64), _EDGE, 1 - _EDGE)
    shares = np.array([shared(question, text) for text in texts])
    logits = recipe.logit_weight * np.log(odds / (1 - odds)) + recipe.bias
    logits += recipe.dense_weight * products + recipe.lexical_weight * shares
    scores: Floats = (1 / (1 + np.exp(-logits))).astype(np.float32)
    return scores


@dataclass(frozen=True, slots=True)
class Judge:
    """Scores texts that are in no index, such as sentences: float32 of shape (texts,), 0 to 1.

    ``kept`` holds the vectors of texts that were embedded before, where they are to be kept.
    """

    embedder: Embedder
    reranker: Reranker
    kept: dict[str, Floats] | None = field(default=None, repr=False, compare=False)

    def remembering(self) -> "Judge":
        """Give a judge for one answer, whose sentences are compared several times.

        It embeds each text once, and keeps the vectors as long as it lives.
        """
        return replace(self, kept={})

    def nearest(self, question: str, texts: Sequence[str], count: int) -> list[int]:
        """Give the places of the ``count`` texts whose vectors are nearest, in the texts' order.

        Recall before reranking, as in the search.
        """
        if len(texts) <= count:
            return list(range(len(texts)))
        products = self.products(question, texts)
        return sorted(np.argsort(-products, kind="stable")[:count].tolist())

    def scores(self, question: str, texts: Sequence[str]) -> Floats:
        """Score each text for the question, in the caller's order."""
        question, texts = simplified(question), list(map(simplified, texts))
        rerank, recipe = self.reranker.scores(question, texts), self.reranker.recipe
        if not recipe.leans or not texts:
            return rerank
        products = self.products(question, texts)
        return relevance(question, texts, rerank=rerank, products=products, recipe=recipe)

    def products(self, question: str, texts: Sequence[str]) -> Floats:
        """Give the inner product of each text's vector with the question's: float32, (texts,)."""
        question, texts = simplified(question), list(map(simplified, texts))
        asked = self.embedder.embed_queries([question])[0]
        products: Floats = self._vectors(texts) @ asked
        return products

    def entailed(self, said: str, texts: Sequence[str]) -> Floats | None:
        """Give the logit that each text states what is said in the other language: (texts,).

        None where the embedder has no head for it.
        """
        if not isinstance(self.embedder, ModelEmbedder):
            return None
        return self.embedder.entailed(simplified(said), list(map(simplified, texts)))

    def _vectors(self, texts: list[str]) -> Floats:
        if self.kept is None or not texts:
            return self.embedder.embed_passages(texts)
        new = [text for text in dict.fromkeys(texts) if text not in self.kept]
        if new:
            self.kept.update(zip(new, self.embedder.embed_passages(new), strict=True))
        return np.stack([self.kept[text] for text in texts])
