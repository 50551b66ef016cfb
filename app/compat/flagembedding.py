"""FlagEmbedding's classes. Source: FlagEmbedding 1.4, ``inference/embedder``, ``reranker``."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, ClassVar

from bifolio.compat.opening import (
    Devices,
    ModelName,
    Pair,
    as_pairs,
    as_tensor,
    as_texts,
    open_embedder,
    open_reranker,
    sigmoid,
)
from bifolio.retrieval import Cut, reranker_recipe


class FlagModel:
    """FlagEmbedding's embedder.

    Raises:
        UnknownModel: no model has that name.
        ModelUnavailable: its files are not at hand.
    """

    def __init__(
        self,
        model_name_or_path: ModelName,
        pooling_method: str = "cls",
        normalize_embeddings: bool = True,
        query_instruction_for_retrieval: str | None = None,
        use_fp16: bool = True,
        *,
        query_instruction_format: str = "{}{}",
        devices: Devices = None,
        batch_size: int = 256,
        query_max_length: int = 512,
        passage_max_length: int = 512,
        convert_to_numpy: bool = True,
        trust_remote_code: bool = False,
    ) -> None:
        # Batches are chosen by length; code that comes with a model is never run.
        del batch_size, trust_remote_code
        self._embedder = open_embedder(
            model_name_or_path, pooling=pooling_method, device=devices, half=use_fp16
        )
        self.query_instruction_for_retrieval = query_instruction_for_retrieval
        self.query_instruction_format = query_instruction_format
        self.normalize_embeddings = normalize_embeddings
        self._query_length = query_max_length
        self._passage_length = passage_max_length
        self._as_numpy = convert_to_numpy

    def encode_queries(
        self,
        queries: str | Sequence[str],
        batch_size: int | None = None,
        max_length: int | None = None,
        convert_to_numpy: bool | None = None,
    ) -> Any:
        """Embed questions behind the instruction: float32 (texts, dims); of one text, (dims,)."""
        instruction = self.query_instruction_for_retrieval
        texts, alone = as_texts(queries)
        prefix = ""
        if instruction is not None and self.query_instruction_format == "{}{}":
            prefix = instruction
        elif instruction is not None:
            texts = [self.query_instruction_format.format(instruction, text) for text in texts]
        limit = max_length or self._query_length
        return self._encode(texts, alone, prefix, limit, convert_to_numpy)

    def encode_corpus(
        self,
        corpus: str | Sequence[str],
        batch_size: int | None = None,
        max_length: int | None = None,
        convert_to_numpy: bool | None = None,
    ) -> Any:
        """Embed passages: float32 of shape (texts, dims); of one text, (dims,)."""
        texts, alone = as_texts(corpus)
        return self._encode(texts, alone, "", max_length or self._passage_length, convert_to_numpy)

    def encode(
        self,
        sentences: str | Sequence[str],
        batch_size: int | None = None,
        max_length: int | None = None,
        convert_to_numpy: bool | None = None,
    ) -> Any:
        """Embed texts without an instruction: as ``encode_corpus``."""
        return self.encode_corpus(sentences, batch_size, max_length, convert_to_numpy)

    def _encode(
        self, texts: list[str], alone: bool, prefix: str, limit: int, as_numpy: bool | None
    ) -> Any:
        unit = self.normalize_embeddings
        vectors = self._embedder.encode(texts, prefix=prefix, max_tokens=limit, unit=unit)
        chosen = vectors[0] if alone else vectors
        return chosen if (self._as_numpy if as_numpy is None else as_numpy) else as_tensor(chosen)


class FlagReranker:
    """FlagEmbedding's reranker; scores are logits unless they are normalized.

    The first call raises ModelUnavailable if the model's files are not at hand.

    Raises:
        UnknownModel: no model has that name.
    """

    _cut: ClassVar[Cut] = "only_second"

    def __init__(
        self,
        model_name_or_path: ModelName,
        use_fp16: bool = False,
        *,
        devices: Devices = None,
        batch_size: int = 128,
        max_length: int = 512,
        normalize: bool = False,
        trust_remote_code: bool = False,
    ) -> None:
        del batch_size, trust_remote_code
        self._reranker = open_reranker(model_name_or_path, device=devices, half=use_fp16)
        self._max_length = max_length
        self._normalize = normalize

    def compute_score(
        self,
        sentence_pairs: Pair | Sequence[Pair],
        batch_size: int | None = None,
        max_length: int | None = None,
        normalize: bool | None = None,
    ) -> list[float]:
        """Score pairs, the passage of each cut where both do not fit: always a list."""
        pairs, _ = as_pairs(sentence_pairs)
        limit = max_length or self._max_length
        logits = self._reranker.logits(pairs, max_tokens=limit, cut=self._cut)
        wanted = self._normalize if normalize is None else normalize
        scores: list[float] = (sigmoid(logits) if wanted else logits).tolist()
        return scores


class FlagLLMReranker(FlagReranker):
    """FlagEmbedding's reranker that is a language model, such as bge-reranker-v2-gemma.

    A folder of any other name is asked as that model is.
    """

    _cut: ClassVar[Cut] = "each"

    def __init__(
        self, model_name_or_path: ModelName, use_fp16: bool = False, **options: Any
    ) -> None:
        super().__init__(model_name_or_path, use_fp16, **options)
        recipe, known = self._reranker.recipe, reranker_recipe("bge-reranker-v2-gemma")
        if not recipe.prompt:
            known = replace(known, name=recipe.name, source=recipe.source)
            self._reranker.recipe = known
