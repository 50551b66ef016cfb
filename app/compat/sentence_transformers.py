"""The two classes of sentence-transformers. Source: sentence-transformers 5.2 and 6.2."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

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


class SentenceTransformer:
    """An embedder, pooled as its folder or recipe says; vectors of length 1 if it says so.

    Raises:
        UnknownModel: no model has that name, or nothing says how it pools.
        ModelUnavailable: its files are not at hand.
    """

    def __init__(
        self,
        model_name_or_path: ModelName,
        *,
        device: Devices = None,
        prompts: dict[str, str] | None = None,
        trust_remote_code: bool = False,
    ) -> None:
        del trust_remote_code
        self._embedder = open_embedder(model_name_or_path, pooling=None, device=device, half=False)
        recipe = self._embedder.recipe
        own = {"query": recipe.query_prefix, "document": recipe.passage_prefix}
        self.prompts = {**own, **(prompts or {})}
        self.max_seq_length = recipe.max_tokens

    def get_sentence_embedding_dimension(self) -> int:
        """Say how long the vectors are."""
        return self._embedder.dims

    def encode(
        self,
        sentences: str | Sequence[str],
        prompt_name: str | None = None,
        prompt: str | None = None,
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
        normalize_embeddings: bool = False,
    ) -> Any:
        """Embed texts: float32 of shape (texts, dims); of one text, (dims,)."""
        del batch_size, show_progress_bar
        texts, alone = as_texts(sentences)
        prefix = prompt if prompt is not None else self.prompts.get(prompt_name or "", "")
        unit = normalize_embeddings or self._embedder.normalizes
        vectors = self._embedder.encode(
            texts, prefix=prefix, max_tokens=self.max_seq_length, unit=unit
        )
        chosen = vectors[0] if alone else vectors
        return as_tensor(chosen) if convert_to_tensor or not convert_to_numpy else chosen


class CrossEncoder:
    """A reranker; scores are sigmoids, unless another activation is asked for.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    def __init__(
        self,
        model_name_or_path: ModelName,
        num_labels: int | None = None,
        max_length: int | None = 512,
        activation_fn: Callable[[Any], Any] | None = None,
        device: Devices = None,
        *,
        trust_remote_code: bool = False,
    ) -> None:
        # One logit is all that Bifolio runs; code that comes with a model is never run.
        del num_labels, trust_remote_code
        self._reranker = open_reranker(model_name_or_path, device=device, half=False)
        self.max_length = max_length
        self._activation = activation_fn

    def predict(
        self,
        sentences: Pair | Sequence[Pair],
        batch_size: int = 32,
        show_progress_bar: bool | None = None,
        activation_fn: Callable[[Any], Any] | None = None,
        convert_to_numpy: bool = True,
        convert_to_tensor: bool = False,
    ) -> Any:
        """Score pairs, the longer text of each cut where both do not fit: float32 (pairs,)."""
        del batch_size, show_progress_bar
        pairs, alone = as_pairs(sentences)
        logits = self._reranker.logits(pairs, max_tokens=self.max_length, cut="longest_first")
        scores = self._activated(logits, activation_fn or self._activation)
        if convert_to_tensor:
            return as_tensor(scores)[0] if alone else as_tensor(scores)
        if not convert_to_numpy:
            return list(as_tensor(scores))
        return scores[0] if alone else scores

    def rank(
        self,
        query: str,
        documents: Sequence[str],
        top_k: int | None = None,
        return_documents: bool = False,
        **options: Any,
    ) -> list[dict[str, Any]]:
        """Sort documents by score: ``corpus_id`` (in the caller's list), ``score``, ``text``."""
        pairs = [(query, document) for document in documents]
        scores = self.predict(pairs, **options) if pairs else np.zeros(0, np.float32)
        rows = []
        for place in best_first(np.asarray(scores).tolist())[:top_k]:
            row: dict[str, Any] = {"corpus_id": place, "score": scores[place]}
            rows.append(row | ({"text": documents[place]} if return_documents else {}))
        return rows

    @staticmethod
    def _activated(logits: Floats, activation: Callable[[Any], Any] | None) -> Floats:
        if activation is None:
            return sigmoid(logits)
        scores: Floats = np.asarray(activation(as_tensor(logits)), np.float32)
        return scores
