"""Models as the libraries of their authors run them: what is too long is cut, not read by windows.

Sources: BCEmbedding (``EmbeddingModel.encode``, ``RerankerModel.compute_score``), FlagEmbedding
(``FlagModel``, ``FlagReranker``, ``FlagLLMReranker``), sentence-transformers
(``CrossEncoder.predict``).
"""

from collections.abc import Sequence
from os.path import commonprefix
from typing import Literal

import numpy as np

from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.decoder import PromptTokens
from bifolio.retrieval.models.embedder import ModelEmbedder
from bifolio.retrieval.models.engine import run_all
from bifolio.retrieval.models.reranker import CrossEncoder
from bifolio.retrieval.models.tokens import Encoded

Cut = Literal["longest_first", "only_second", "each"]

# FlagEmbedding leaves a quarter of its tokens to the passage.
_QUESTION_SHARE = 0.75


class PublishedEmbedder(ModelEmbedder):
    """An embedder that can also be asked for what the other libraries give."""

    @property
    def normalizes(self) -> bool:
        """Whether the model's folder says that its vectors have length 1."""
        return self._declared.normalizes

    def embed(self, texts: Sequence[str], *, prefix: str) -> Floats:
        """Embed texts behind a prefix, long ones by windows: unit vectors, (texts, dims)."""
        return self._embed(prefix, texts)

    def encode(
        self, texts: Sequence[str], *, prefix: str, max_tokens: int | None = None, unit: bool
    ) -> Floats:
        """Embed at most the first tokens of each text: float32 of shape (texts, dims).

        ``max_tokens`` counts special tokens and the prefix too; unless ``unit``, the vectors have
        the lengths that the model gives them.
        """
        tokens = self._model.tokens
        most = min(max_tokens or self.recipe.max_tokens, self.recipe.max_tokens)
        room = max(1, most - tokens.single_extra)
        prefix_ids = tokens.ids([prefix])[0]
        read = [ids[:room] for ids in tokens.ids([prefix + text for text in texts])]
        heads = [len(commonprefix([prefix_ids, ids])) for ids in read]  # noqa: RUF071 - by ids
        vectors = np.zeros((len(read), self.dims), np.float32)
        inputs = [tokens.single(ids) for ids in read]
        for places, pooled in self._pooled(inputs, heads):
            vectors[places] = pooled
        if unit:
            vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
        return vectors


class PublishedReranker(CrossEncoder):
    """A reranker that can also be asked for the logits that the other libraries give."""

    def logits(
        self, pairs: Sequence[tuple[str, str]], *, max_tokens: int | None = None, cut: Cut
    ) -> Floats:
        """Give the logit of each pair, float32 of shape (pairs,), of what fits the model.

        "longest_first" cuts the longer of the two texts, as tokenizers do; "only_second" cuts the
        question at three quarters and then the passage alone; "each" cuts both so, each by itself,
        and counts no instruction.
        """
        model = self._model
        if cut == "each":
            return self._logits_of_each(pairs, max_tokens or self.recipe.max_tokens)
        most = self._limit + model.tokens.pair_extra
        most = min(max_tokens or self.recipe.max_tokens, most)
        inputs = []
        for question, passages in _by_question(pairs):
            first, rest = model.tokens.read(question, passages)
            for ids in rest:
                kept = _kept(len(first), len(ids), most, model.tokens.pair_extra, cut)
                inputs.append(model.tokens.pair(first[: kept[0]], ids[: kept[1]]))
        return self._run_inputs(inputs)

    def _logits_of_each(self, pairs: Sequence[tuple[str, str]], most: int) -> Floats:
        tokens, inputs = self._model.tokens, []
        spare = tokens.spare if isinstance(tokens, PromptTokens) else 0
        room = min(most + spare, self._limit)
        for question, passages in _by_question(pairs):
            first, rest = tokens.read(question, passages)
            first = first[: int(most * _QUESTION_SHARE)]
            kept = max(0, min(most, room - len(first)))
            inputs += [tokens.pair(first, ids[:kept]) for ids in rest]
        return self._run_inputs(inputs)

    def _run_inputs(self, inputs: list[Encoded]) -> Floats:
        model = self._model
        found = np.zeros(len(inputs), np.float32)
        for places, logits in run_all(model.engine, inputs, pad=model.tokens.pad):
            found[places] = logits[:, 0]
        return found


def _by_question(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, list[str]]]:
    """Join neighbouring pairs of one question, which then is tokenized once."""
    joined: list[tuple[str, list[str]]] = []
    for question, passage in pairs:
        if not joined or joined[-1][0] != question:
            joined.append((question, []))
        joined[-1][1].append(passage)
    return joined


def _kept(first: int, second: int, most: int, extra: int, cut: Cut) -> tuple[int, int]:
    """Say how many tokens of a question and of a passage are read.

    Source: tokenizers, ``truncate_encodings``; FlagEmbedding, ``FlagReranker``.
    """
    room = most - extra
    if cut == "only_second":
        first = min(first, int(most * _QUESTION_SHARE))
        return first, max(0, min(second, room - first))
    if first + second <= room:
        return first, second
    short, long = sorted((first, second))
    long = short if short > room else max(short, room - short)
    if short + long > room:
        short, long = room // 2, room // 2 + room % 2
    return (short, long) if first <= second else (long, short)
