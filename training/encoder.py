"""The embedder in training: mean-pooled, with unit vectors."""

import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize
from transformers import AutoModel

from training.batches import Row, Texts, longest_first, padded, tokenizer_of

Floats = NDArray[np.float32]
# What the backbone was trained with; the application reads them from the model's folder.
QUERY, PASSAGE = "query: ", "passage: "

_TIMED = 256  # rows and columns of the matrices that are multiplied


def device() -> torch.device:
    """Give the GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@lru_cache(maxsize=1)
def number_type() -> torch.dtype:
    """Give the type in which products are done: bf16 on a GPU, on a CPU the faster one.

    With AVX2 alone bf16 takes 80 times as long as float32; where a CPU has it, a third and less.
    """
    if device().type == "cuda":
        return torch.bfloat16
    return min((torch.bfloat16, torch.float32), key=_seconds)


def _seconds(dtype: torch.dtype) -> float:
    matrix = torch.ones(_TIMED, _TIMED, dtype=dtype)
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        matrix @ matrix
        taken.append(time.perf_counter() - started)
    return min(taken)


def products() -> torch.autocast:
    """Let the products within the block be done in the device's number type."""
    dtype = number_type()
    return torch.autocast(device().type, torch.bfloat16, enabled=dtype == torch.bfloat16)


def load(folder: Path) -> Any:
    """Load an encoder onto the device, in float32."""
    model = AutoModel.from_pretrained(
        folder,
        local_files_only=True,
        add_pooling_layer=False,
        dtype=torch.float32,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
        attn_implementation=attention(),
    )
    return model.to(device())


def attention() -> str:
    """Name the kind of attention to train with: on a CPU the fused one's way back is slow."""
    return "sdpa" if device().type == "cuda" else "eager"


def vectors(model: Any, rows: Sequence[Row]) -> torch.Tensor:
    """Give the unit vectors of a batch: float32 of shape (rows, width)."""
    inputs = padded(rows, device())
    with products():
        hidden = model(**inputs).last_hidden_state
    weights = inputs["attention_mask"].unsqueeze(-1).float()
    return normalize((hidden.float() * weights).sum(1) / weights.sum(1), dim=1)


@torch.inference_mode()
def embed(
    model: Any, folder: Path, texts: Sequence[str], *, prefix: str, longest: int = 512
) -> Floats:
    """Embed many texts, in the caller's order: float32 of shape (texts, width)."""
    model.eval()
    model.set_attn_implementation("sdpa")  # slow on its way back alone
    rows = Texts(tokenizer_of(folder), [prefix + text for text in texts], longest).rows
    found = np.zeros((len(rows), model.config.hidden_size), np.float32)
    for batch in longest_first(rows, 131_072 if device().type == "cuda" else 8192):
        found[batch] = vectors(model, [rows[place] for place in batch]).cpu().numpy()
    model.train()
    model.set_attn_implementation(attention())
    return found
