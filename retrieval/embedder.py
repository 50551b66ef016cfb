"""Texts become unit vectors."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from bifolio.retrieval.engine import Floats, batches
from bifolio.retrieval.engines import Model
from bifolio.retrieval.recipe import EmbedderRecipe
from bifolio.retrieval.tokens import windows
from bifolio.retrieval.weights import dims, fingerprint, locate

_OVERLAP = 64


class Embedder(Protocol):
    """Turns texts into unit vectors, float32 of shape (texts, dims), in the caller's order.

    ``fingerprint`` changes whenever the same text would get another vector.
    """

    name: str
    dims: int
    fingerprint: str

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed what is asked."""

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed what is searched."""

    def count(self, text: str) -> int:
        """Count the tokens of a text."""


class ModelEmbedder:
    """An encoder with CLS or mean pooling.

    A text longer than the model can read is cut into overlapping windows, and their mean is its
    vector; equal texts are embedded once.

    Raises:
        ModelUnavailable: the recipe's files are not at hand or damaged.
    """

    def __init__(self, recipe: EmbedderRecipe) -> None:
        folder = locate(recipe.source)
        self.recipe = recipe
        self.name = recipe.name
        self.fingerprint = _fingerprint(recipe, folder)
        self.dims = dims(folder)
        self._model = Model(folder, "embedder")

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        """Embed questions, with the recipe's query prefix."""
        return self._embed([self.recipe.query_prefix + text for text in texts])

    def embed_passages(self, texts: Sequence[str]) -> Floats:
        """Embed passages, with the recipe's passage prefix."""
        return self._embed([self.recipe.passage_prefix + text for text in texts])

    def count(self, text: str) -> int:
        """Count the tokens of a text, without special ones."""
        return self._model.tokens.count(text)

    def _embed(self, texts: Sequence[str]) -> Floats:
        unique = {text: place for place, text in enumerate(dict.fromkeys(texts))}
        vectors = self._run(list(unique))
        return vectors[[unique[text] for text in texts]]

    def _run(self, texts: list[str]) -> Floats:
        room = self.recipe.max_tokens - self._model.tokens.single_extra
        inputs, owners = [], []
        for owner, ids in enumerate(self._model.tokens.ids(texts)):
            cut = windows(ids, room, _OVERLAP)
            inputs += [self._model.tokens.single(window) for window in cut]
            owners += [owner] * len(cut)
        sums = np.zeros((len(texts), self.dims), np.float32)
        engine, pad = self._model.engine, self._model.tokens.pad
        for batch in batches(inputs, pad=pad, tokens=engine.batch_tokens):
            hidden = engine.run(batch.ids, batch.mask, batch.types)
            pooled = _unit(self._pool(hidden, batch.mask))
            np.add.at(sums, [owners[place] for place in batch.places], pooled)
        return _unit(sums)

    def _pool(self, hidden: Floats, mask: np.ndarray) -> Floats:
        if self.recipe.pooling == "cls":
            return hidden[:, 0]
        weights = mask[:, :, None].astype(np.float32)
        pooled: Floats = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
        return pooled


def _unit(vectors: Floats) -> Floats:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(lengths, 1e-12)
    return unit


def _fingerprint(recipe: EmbedderRecipe, folder: Path) -> str:
    parts = (recipe.pooling, recipe.query_prefix, recipe.passage_prefix, str(recipe.max_tokens))
    return "/".join((recipe.name, fingerprint(folder)[:16], *parts))
