"""The golden files: what the reference libraries gave (bench/parity/golden.py writes them)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.retrieval import CrossEncoder, RerankerRecipe, reranker_recipe
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.engine import Engine
from bifolio.retrieval.models.torch_engine import TorchEngine

HERE = Path(__file__).parent
MODELS = HERE / "models"
PEERS = ("bcembedding", "flagembedding", "sentence-transformers")
QUESTION = "How long may nobody enter the engine room?"
FERRY = "The ferry leaves the pier at nine."


@dataclass(frozen=True, kw_only=True)
class Embedded:
    """Texts and the vectors that a library gave them; it put ``prefix`` before each."""

    peer: str
    model: str
    pooling: str
    prefix: str
    texts: Sequence[str]
    vectors: Sequence[Sequence[float]]

    def __str__(self) -> str:
        return "-".join((self.peer, self.model, self.pooling, *["prefix"] * bool(self.prefix)))


@dataclass(frozen=True, kw_only=True)
class Scored:
    """Passages and the scores that a library gave them; ``call`` says how it was asked."""

    peer: str
    model: str
    call: str
    question: str
    passages: Sequence[str]
    scores: Sequence[float]

    def __str__(self) -> str:
        return f"{self.peer}-{self.model}-{self.call}-{len(self.question)}-{len(self.passages)}"

    @property
    def comparable(self) -> bool:
        """Whether the library read all of each passage, and as it stands."""
        return self.call in ("rerank", "compute_score", "predict", "logit", "sigmoid")

    @property
    def probabilities(self) -> Floats:
        """The scores as sigmoids."""
        numbers = np.array(self.scores)
        return (1 / (1 + np.exp(-numbers)) if self.call == "logit" else numbers).astype(np.float32)


def _read(peer: str) -> Any:
    return json.loads((HERE / f"{peer}.json").read_text(encoding="utf-8"))


EMBEDDED = [Embedded(peer=peer, **case) for peer in PEERS for case in _read(peer)["embeddings"]]
SCORED = [Scored(peer=peer, **case) for peer in PEERS for case in _read(peer)["scores"]]
# A text of several windows.
LONG = max((passage for case in SCORED for passage in case.passages), key=len)
# What BCEmbedding does where it may fail: what it gives, or the name of its error.
QUIRKS: Mapping[str, Any] = _read("bcembedding")["quirks"]


def scored(peer: str, model: str, call: str) -> Scored:
    """Give the case of that name with the most passages."""
    cases = [case for case in SCORED if (case.peer, case.model, case.call) == (peer, model, call)]
    return max(cases, key=lambda case: len(case.passages))


def recipe(model: str) -> RerankerRecipe:
    """Give the recipe by which a model of the golden files is run."""
    if model == "starter":
        return reranker_recipe("starter-reranker")
    if model == "gemma":
        return replace(reranker_recipe("bge-reranker-v2-gemma"), source=str(MODELS / model))
    return reranker_recipe(str(MODELS / model))


def reranker(recipe: RerankerRecipe, engine: Engine | None = None) -> CrossEncoder:
    """Give a reranker that computes in 32 bits, by torch unless another engine is given."""
    made = CrossEncoder(recipe)
    if not recipe.prompt:
        made._model.__dict__["engine"] = engine or TorchEngine(Path(recipe.source), "reranker")
    return made
