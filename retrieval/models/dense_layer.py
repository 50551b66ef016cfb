"""A dense layer that some embedders have after their pooling."""

from pathlib import Path

import numpy as np

from bifolio.ingest import message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.folder import ModelUnavailable, fetch_again, read_json, weight_files
from bifolio.retrieval.models.loading import read_weights

_ACTIVATIONS = ("Identity", "Tanh")


class Dense:
    """A layer of sentence-transformers: a matrix, a bias or none, and tanh or nothing.

    Raises:
        ModelUnavailable: its files are missing, damaged, or of another activation.
    """

    def __init__(self, folder: Path) -> None:
        name = read_json(folder / "config.json").get("activation_function", "Tanh")
        activation = name.rpartition(".")[2]
        if activation not in _ACTIVATIONS:
            raise ModelUnavailable(
                message(
                    "unknown-activation",
                    "{folder} has the activation {activation}, which Bifolio does not run; choose"
                    " another embedder",
                    folder=folder,
                    activation=activation,
                )
            )
        self._tanh = activation == "Tanh"
        (file,) = weight_files(folder)
        numbers = read_weights(file)
        if "linear.weight" not in numbers:
            sentence, remedy = "{file} holds no dense layer; {remedy}", fetch_again(folder)
            raise ModelUnavailable(message("no-dense-layer", sentence, file=file, remedy=remedy))
        self._weights: Floats = numbers["linear.weight"]
        self._bias: Floats | None = numbers.get("linear.bias")

    def __call__(self, vectors: Floats) -> Floats:
        """Give vectors of shape (rows, out) for such of shape (rows, in)."""
        moved = vectors @ self._weights.T
        if self._bias is not None:
            moved += self._bias
        result: Floats = np.tanh(moved) if self._tanh else moved
        return result
