"""What the three libraries' classes share: opening a model, and the forms that texts come in."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.ingest import message
from bifolio.retrieval import (
    BadOption,
    EmbedderOptions,
    PublishedEmbedder,
    PublishedReranker,
    Run,
    embedder_recipe,
    has_gpu,
    reranker_recipe,
)
from bifolio.retrieval.arrays import Floats

ModelName = str | Path
Devices = str | int | Sequence[str] | Sequence[int] | None
Pair = Sequence[str]


def open_embedder(
    model: ModelName, *, pooling: str | None, device: Devices, half: bool
) -> PublishedEmbedder:
    """Open an embedder.

    Raises:
        UnknownModel: no model has that name.
        ModelUnavailable: its files are not at hand.
    """
    options = EmbedderOptions(pooling=pooling)
    return PublishedEmbedder(embedder_recipe(str(model)), options, run=_run(device, half))


def open_reranker(model: ModelName, *, device: Devices, half: bool) -> PublishedReranker:
    """Open a reranker; its files are looked for when it is first asked.

    Raises:
        UnknownModel: no model has that name.
    """
    return PublishedReranker(reranker_recipe(str(model)), run=_run(device, half))


def _run(device: Devices, half: bool) -> Run:
    first = device[0] if isinstance(device, list | tuple) and device else device
    if isinstance(first, int):
        first = f"cuda:{first}"
    # On a CPU all three libraries compute in 32 bits; other devices are not told from a GPU.
    name = str(first) if first in ("cpu", "mps") or str(first).startswith("cuda") else None
    on_cpu = name in ("cpu", "mps")
    return Run(device="cpu" if on_cpu else name, exact=on_cpu or not half or not has_gpu())


def as_texts(texts: str | Sequence[str]) -> tuple[list[str], bool]:
    """Give the texts as a list, and whether it was one alone.

    Raises:
        BadOption: one of them is no text.
    """
    alone = isinstance(texts, str)
    listed = [texts] if isinstance(texts, str) else list(texts)
    for place, text in enumerate(listed):
        if not isinstance(text, str):
            kind = type(text).__name__
            sentence = "text {place} is a {kind}, not a str; give texts"
            raise BadOption(message("not-a-text", sentence, place=place, kind=kind))
    return listed, alone


def as_pairs(pairs: Pair | Sequence[Pair]) -> tuple[list[tuple[str, str]], bool]:
    """Give the pairs as a list, and whether it was one alone.

    Raises:
        BadOption: one of them is no pair of texts.
    """
    alone = bool(len(pairs)) and isinstance(pairs[0], str)
    listed: list[Any] = [pairs] if alone else list(pairs)
    for place, pair in enumerate(listed):
        texts = isinstance(pair, list | tuple) and all(isinstance(text, str) for text in pair)
        if not texts or len(pair) != 2:
            sentence = "pair {place} is not two texts; give [question, passage]"
            raise BadOption(message("not-a-pair", sentence, place=place))
    return [(question, passage) for question, passage in listed], alone


def sigmoid(logits: Floats) -> Floats:
    """Give the sigmoid of each number."""
    scores: Floats = (1 / (1 + np.exp(-logits.astype(np.float64)))).astype(np.float32)
    return scores


def as_tensor(numbers: Floats) -> Any:
    """Give the numbers as a torch tensor."""
    import torch

    return torch.from_numpy(np.ascontiguousarray(numbers))


def best_first(scores: Sequence[float]) -> list[int]:
    """Give the places of the scores, best first; equal ones keep their order."""
    return sorted(range(len(scores)), key=lambda place: -_number(scores[place]))


def _number(score: float) -> float:
    return -math.inf if math.isnan(score) else score
