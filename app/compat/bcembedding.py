"""BCEmbedding's two classes. Source: BCEmbedding 0.1.5, ``models``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bifolio.compat.opening import (
    Devices,
    ModelName,
    Pair,
    as_pairs,
    as_tensor,
    as_texts,
    best_first,
    open_embedder,
    open_reranker,
    sigmoid,
)
from bifolio.retrieval.arrays import Floats


class EmbeddingModel:
    """BCEmbedding's embedder.

    Raises:
        UnknownModel: no model has that name.
        ModelUnavailable: its files are not at hand.
    """

    def __init__(
        self,
        model_name_or_path: ModelName = "maidalun1020/bce-embedding-base_v1",
        pooler: str = "cls",
        use_fp16: bool = False,
        device: Devices = None,
        *,
        trust_remote_code: bool = False,
    ) -> None:
        # Code that comes with a model is never run, whatever is said here.
        del trust_remote_code
        self.model_name_or_path = str(model_name_or_path)
        self._embedder = open_embedder(
            model_name_or_path, pooling=pooler, device=device, half=use_fp16
        )

    def encode(
        self,
        sentences: str | Sequence[str],
        batch_size: int = 256,
        max_length: int = 512,
        normalize_to_unit: bool = True,
        return_numpy: bool = True,
        enable_tqdm: bool = True,
        query_instruction: str = "",
        **_options: Any,
    ) -> Any:
        """Embed texts: float32 of shape (texts, dims), one text too; none give (0, dims).

        Batches are chosen by length, whatever ``batch_size`` says.
        """
        del batch_size, enable_tqdm
        texts, _ = as_texts(sentences)
        vectors = self._embedder.encode(
            texts, prefix=query_instruction, max_tokens=max_length, unit=normalize_to_unit
        )
        return vectors if return_numpy else as_tensor(vectors)


class RerankerModel:
    """BCEmbedding's reranker; scores are sigmoids.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    def __init__(
        self,
        model_name_or_path: ModelName = "maidalun1020/bce-reranker-base_v1",
        use_fp16: bool = False,
        device: Devices = None,
        *,
        max_length: int = 512,
        overlap_tokens: int = 80,
        trust_remote_code: bool = False,
    ) -> None:
        del trust_remote_code
        self.model_name_or_path = str(model_name_or_path)
        self._reranker = open_reranker(model_name_or_path, device=device, half=use_fp16)
        recipe = self._reranker.recipe
        self._reranker.recipe = replace(recipe, max_tokens=max_length, overlap=overlap_tokens)

    def compute_score(
        self,
        sentence_pairs: Pair | Sequence[Pair],
        batch_size: int = 256,
        max_length: int = 512,
        enable_tqdm: bool = True,
        **_options: Any,
    ) -> list[float] | float:
        """Score pairs, the longer text of each cut where both do not fit; of one pair, a number."""
        del batch_size, enable_tqdm
        pairs, _ = as_pairs(sentence_pairs)
        logits = self._reranker.logits(pairs, max_tokens=max_length, cut="longest_first")
        scores: list[float] = sigmoid(logits).tolist()
        return scores[0] if len(scores) == 1 else scores

    def rerank(
        self, query: str, passages: Sequence[str], batch_size: int = 256, **_options: Any
    ) -> dict[str, list[Any]]:
        """Sort passages by score, long ones read by windows; empty ones are left out.

        The three keys are always there: ``rerank_passages``, ``rerank_scores``, and
        ``rerank_ids``, which count in the caller's list.
        """
        del batch_size
        places = [place for place, text in enumerate(passages) if isinstance(text, str) and text]
        if not query:
            places = []
        scores: Floats = self._reranker.scores(query, [passages[place] for place in places])
        order = best_first(scores.tolist())
        return {
            "rerank_passages": [passages[places[rank]] for rank in order],
            "rerank_scores": [float(scores[rank]) for rank in order],
            "rerank_ids": [places[rank] for rank in order],
        }
