"""Vectors that lie as those of real texts do: topics in topics, more along some directions."""

from collections.abc import Iterator

import numpy as np

from bifolio.retrieval.arrays import Floats

# As the starter's vectors of 12,000 passages lie: 64 of 384 directions hold 0.6 of the variance,
# the nearest of another passage has a product of 0.6, a question's best passage one of 0.55.
_DECAY = 70
_TEXTS_A_TOPIC = 60
_TOPICS_A_FIELD = 40
_BATCH = 50_000


def clustered(count: int, dims: int, *, seed: int = 0) -> Iterator[Floats]:
    """Yield so many unit vectors of shape (_, dims), some thousands at once."""
    chance = np.random.default_rng(seed)
    topics = max(1, count // _TEXTS_A_TOPIC)
    fields = _drawn(max(1, topics // _TOPICS_A_FIELD), dims, chance)
    centres = fields[chance.integers(0, len(fields), topics)] + _drawn(topics, dims, chance)
    for start in range(0, count, _BATCH):
        size = min(_BATCH, count - start)
        own = centres[chance.integers(0, topics, size)]
        yield unit(own + np.float32(0.9) * _drawn(size, dims, chance))


def questions(texts: Floats, count: int, *, seed: int = 1) -> Floats:
    """Give unit vectors near some of the texts, with products of about 0.7 with them."""
    chance = np.random.default_rng(seed)
    own = texts[chance.integers(0, len(texts), count)]
    return unit(own + unit(_drawn(count, texts.shape[1], chance)))


def unit(vectors: Floats) -> Floats:
    """Give the vectors at a length of 1."""
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def _drawn(count: int, dims: int, chance: np.random.Generator) -> Floats:
    spread = np.exp(-np.arange(dims) / (2 * _DECAY * dims / 384)).astype(np.float32)
    return chance.standard_normal((count, dims), np.float32) * spread
