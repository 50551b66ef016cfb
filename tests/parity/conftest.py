"""The golden files were made on a CPU in 32 bits, and so is what is compared with them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from parity.golden import MODELS
from safetensors.numpy import load_file, save_file

from bifolio.retrieval.models.recipe import STARTER


@pytest.fixture(scope="module", autouse=True)
def _no_gpu() -> Iterator[None]:
    """Keep torch off a GPU, where it computes in 16 bits."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cuda, "is_available", lambda: False)
        yield


@pytest.fixture(scope="session")
def encoders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The golden files' encoders: the tiny classifiers without their heads, and the starter."""
    made = {"starter": STARTER / "embedder"}
    for name in ("xlm-r", "bert"):
        folder = tmp_path_factory.mktemp("encoders") / name
        shutil.copytree(MODELS / name, folder)
        weights = load_file(folder / "model.safetensors")
        kept = {key: value for key, value in weights.items() if not key.startswith("classifier.")}
        save_file(kept, folder / "model.safetensors", {"format": "pt"})
        made[name] = folder
    return made
