"""A reranker reads question and passage together and gives one score."""

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Protocol

import numpy as np

from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.decoder import Decoder
from bifolio.retrieval.models.engine import ANYWHERE, Engine, Run, run_all
from bifolio.retrieval.models.folder import fingerprint, positions
from bifolio.retrieval.models.hub import locate
from bifolio.retrieval.models.model import Model
from bifolio.retrieval.models.onnx_files import all_parts, onnx_file
from bifolio.retrieval.models.recipe import RerankerRecipe
from bifolio.retrieval.models.tokens import Encoded, PairTokens, windows

# So many tokens are left to the passage, however long the question is (BCEmbedding fails there).
_LEAST_ROOM = 101


class Reranker(Protocol):
    """Scores passages for a question, float32 of shape (passages,) between 0 and 1.

    ``fingerprint`` changes whenever the same passage may get another score.
    """

    name: str
    recipe: RerankerRecipe

    @property
    def fingerprint(self) -> str:
        """Model, weights, engine, and what the recipe makes of the logit."""

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Score each passage, in the caller's order."""


class PairModel(Protocol):
    """What lays out a question and a passage, and what gives the logit."""

    @property
    def tokens(self) -> PairTokens:
        """The tokenizer."""

    @property
    def engine(self) -> Engine:
        """What runs the model."""

    @property
    def is_loaded(self) -> bool:
        """Whether the engine was needed before."""


class CrossEncoder:
    """A sequence classifier with one logit, or a language model that answers Yes or No.

    The score is the sigmoid of the logit, whatever the model's own files make of it. A passage
    longer than the model can read is cut into overlapping windows, and the best of them is its
    score (BCEmbedding, ``RerankerModel.rerank``). Blank passages score 0; equal passages are scored
    once.

    The first call raises ModelUnavailable if the recipe's files are not at hand or damaged.
    """

    def __init__(self, recipe: RerankerRecipe, *, run: Run = ANYWHERE) -> None:
        self.recipe = recipe
        self._run = run
        self.name = recipe.name

    @cached_property
    def fingerprint(self) -> str:
        """Model, weights, engine and precision, and what the recipe makes of the logit."""
        recipe = self.recipe
        reads = (recipe.max_tokens, recipe.overlap, recipe.prompt)
        weighs = (recipe.logit_weight, recipe.dense_weight, recipe.lexical_weight, recipe.bias)
        made = hashlib.sha256(repr((reads, weighs)).encode()).hexdigest()[:16]
        weights = all_parts(self._onnx) if self._onnx else ()
        files = fingerprint(self._folder, weights)[:16]
        return f"{self.name}/{files}/{self._model.engine.name}/{made}"

    @property
    def is_converted(self) -> bool:
        """Whether it can be loaded at once: see ``Model``."""
        return not isinstance(self._model, Model) or self._model.is_converted

    @property
    def is_loaded(self) -> bool:
        """Whether the weights were needed before."""
        return "_model" in vars(self) and self._model.is_loaded

    def load(self) -> None:
        """Load the tokenizer and the weights, as the first question does."""
        _ = self._model.tokens, self._model.engine

    @property
    def engine_name(self) -> str:
        """By what engine, and how exactly, it runs."""
        return self._model.engine.name

    # Looked for when first needed: ingestion and listing need no reranker.
    @cached_property
    def _folder(self) -> Path:
        return locate(self.recipe.source)

    @cached_property
    def _onnx(self) -> Path | None:
        return onnx_file(self.recipe.source, self._folder)

    @cached_property
    def _model(self) -> PairModel:
        if self.recipe.prompt and not self._onnx:
            return Decoder(self._folder, self.recipe.prompt)
        return Model(self._folder, "reranker", self._run, onnx=self._onnx)

    @cached_property
    def _limit(self) -> int:
        """How many tokens of question and passage the model reads at once."""
        most = self.recipe.max_tokens
        return min(most, positions(self._folder) or most) - self._model.tokens.pair_extra

    def scores(self, question: str, passages: Sequence[str]) -> Floats:
        """Score each passage, in the caller's order: float32 of shape (passages,)."""
        unique = {passage: place for place, passage in enumerate(dict.fromkeys(passages))}
        inputs, owners = self._windows(question, list(unique))
        best = np.zeros(len(unique), np.float32)
        for places, logits in run_all(self._model.engine, inputs, pad=self._model.tokens.pad):
            scores = 1 / (1 + np.exp(-logits[:, 0].astype(np.float64)))
            np.maximum.at(best, [owners[place] for place in places], scores)
        return best[[unique[passage] for passage in passages]]

    def _windows(self, question: str, passages: list[str]) -> tuple[list[Encoded], list[int]]:
        tokens = self._model.tokens
        asked, read = tokens.read(question, passages)
        asked = asked[: max(self._limit - _LEAST_ROOM, self._limit // 4)]
        room = self._limit - len(asked)
        overlap = min(self.recipe.overlap, room // 4)
        inputs, owners = [], []
        for owner, (passage, ids) in enumerate(zip(passages, read, strict=True)):
            if not ids or not passage.strip():
                continue
            first, *rest = windows(ids, room, overlap)
            cut = [first, *(tokens.lead + window for window in rest)]
            inputs += [tokens.pair(asked, window) for window in cut]
            owners += [owner] * len(cut)
        return inputs, owners
