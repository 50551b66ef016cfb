"""A cross-encoder reads question and passage together and gives one score."""

from collections.abc import Sequence
from functools import cached_property
from typing import Protocol

import numpy as np

from bifolio.retrieval.engine import Floats, batches
from bifolio.retrieval.engines import Model
from bifolio.retrieval.hub import locate
from bifolio.retrieval.recipe import RerankerRecipe
from bifolio.retrieval.tokens import Encoded, windows

# So many tokens are left to the passage, however long the question is.
_LEAST_ROOM = 101


class Reranker(Protocol):
    """Scores passages for a question, float32 of shape (passages,) between 0 and 1."""

    name: str
    recipe: RerankerRecipe

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Score each passage, in the caller's order."""


class CrossEncoder:
    """A sequence classifier with one logit; the score is its sigmoid.

    A passage longer than the model can read is cut into overlapping windows, and the best of
    them is its score (BCEmbedding, ``RerankerModel.rerank``). Blank passages score 0; equal
    passages are scored once.

    The first call raises ModelUnavailable if the recipe's files are not at hand or damaged.
    """

    def __init__(self, recipe: RerankerRecipe) -> None:
        self.recipe = recipe
        self.name = recipe.name

    # Looked for when first needed: ingestion and listing need no reranker.
    @cached_property
    def _model(self) -> Model:
        return Model(locate(self.recipe.source), "reranker")

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Score each passage, in the caller's order: float32 of shape (passages,)."""
        unique = {passage: place for place, passage in enumerate(dict.fromkeys(passages))}
        inputs, owners = self._windows(question, list(unique))
        best = np.zeros(len(unique), np.float32)
        engine, pad = self._model.engine, self._model.tokens.pad
        for batch in batches(inputs, pad=pad, tokens=engine.batch_tokens):
            logits = engine.run(batch.ids, batch.mask, batch.types)[:, 0]
            scores = 1 / (1 + np.exp(-logits.astype(np.float64)))
            np.maximum.at(best, [owners[place] for place in batch.places], scores)
        return best[[unique[passage] for passage in passages]]

    def _windows(self, question: str, passages: list[str]) -> tuple[list[Encoded], list[int]]:
        asked, *read = self._model.tokens.ids([question, *passages])
        limit = self.recipe.max_tokens - self._model.tokens.pair_extra
        asked = asked[: limit - _LEAST_ROOM]
        room = limit - len(asked)
        overlap = min(self.recipe.overlap, room // 4)
        inputs, owners = [], []
        for owner, ids in enumerate(read):
            cut = windows(ids, room, overlap) if ids else []
            inputs += [self._model.tokens.pair(asked, window) for window in cut]
            owners += [owner] * len(cut)
        return inputs, owners
