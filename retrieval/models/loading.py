"""Weights as numbers: what is looked at before they are read, and why reading them failed."""

import errno
import pickle
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bifolio.ingest import Message, message
from bifolio.retrieval.models import eight_bits
from bifolio.retrieval.models.folder import (
    ModelUnavailable,
    causes,
    damaged,
    fetch_again,
    refuse_foreign_code,
    weight_files,
)

_LFS_POINTER = b"version https://git-lfs"


def check(folder: Path) -> None:
    """Do nothing, unless something is seen to be wrong with a model's files without reading them.

    Raises:
        ModelUnavailable: weights are missing or cut off, or the model needs code of its own.
    """
    refuse_foreign_code(folder)
    for file in weight_files(folder):
        refuse_pointer(file)
        if file.suffix == ".safetensors":
            _check_safetensors(file)


def refuse_pointer(file: Path) -> None:
    """Do nothing, unless a file only points to weights that git keeps elsewhere.

    Raises:
        ModelUnavailable: it does.
    """
    with file.open("rb") as opened:
        if opened.read(len(_LFS_POINTER)) != _LFS_POINTER:
            return
    raise ModelUnavailable(
        message(
            "git-lfs-pointer",
            "{file} only points to weights in git's large file storage; run `git lfs pull` in its"
            " folder",
            file=file,
        )
    )


def read_weights(file: Path) -> dict[str, NDArray[np.float32]]:
    """Read all tensors of a file by name, as ``read_tensors`` does."""
    return {name: tensor.float().numpy() for name, tensor in read_tensors(file).items()}


def read_tensors(file: Path) -> dict[str, Any]:
    """Read all torch tensors of a file by name; of a pickle nothing but tensors is read.

    Raises:
        ModelUnavailable: the file is damaged, or a pickle that holds code.
    """
    import torch
    from safetensors.torch import load_file

    try:
        if eight_bits.is_packed(file):
            return eight_bits.read(file)
        if file.suffix == ".safetensors":
            return load_file(file)
        tensors: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except ModelUnavailable:
        raise
    except Exception as problem:
        raise ModelUnavailable(why(file.parent, problem)) from problem
    return tensors


def why(folder: Path, problem: Exception) -> Message:
    """Say in one sentence why a model's weights could not be read, and what to do."""
    files = weight_files(folder)
    weights = files[0] if len(files) == 1 else folder
    chain = list(causes(problem))
    told = " ".join(" ".join(map(str, chain)).split())
    if any(isinstance(cause, pickle.UnpicklingError) for cause in chain) and "GLOBAL" in told:
        return message(
            "pickle-with-code",
            "{file} is a pickle that holds more than weights, which might run code, and so is"
            " not loaded; take a copy of the model with model.safetensors",
            file=weights,
        )
    if (
        isinstance(problem, (pickle.UnpicklingError, EOFError))
        or getattr(problem, "errno", None) == errno.EINVAL
        or "corrupted" in told
    ):
        return damaged(weights)
    remedy = fetch_again(folder)
    if "ignore_mismatched_sizes" in told:
        sentence = "{folder} has a config.json and weights of different models; {remedy}"
        return message("mixed-models", sentence, folder=folder, remedy=remedy)
    sentence = "{folder} could not be loaded: {problem}; {remedy}, or choose another"
    return message("not-loaded", sentence, folder=folder, problem=told[:200], remedy=remedy)


def _check_safetensors(file: Path) -> None:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="numpy"):
            pass
    except (SafetensorError, OSError) as problem:
        raise ModelUnavailable(
            message(
                "weights-damaged",
                "{file} is damaged ({problem}); {remedy}",
                file=file,
                problem=str(problem),
                remedy=fetch_again(file.parent),
            )
        ) from problem
