"""Which engine runs a model on this machine."""

import logging
from functools import cached_property
from pathlib import Path
from typing import Literal

from bifolio.retrieval.models.engine import Engine
from bifolio.retrieval.models.tokens import Tokens
from bifolio.retrieval.models.torch_engine import TorchEngine

_log = logging.getLogger(__name__)


class Model:
    """The tokenizer and the engine of one model folder, each loaded when first needed.

    Listing a library, or finding that nothing changed, needs neither.
    """

    def __init__(self, folder: Path, kind: Literal["embedder", "reranker"]) -> None:
        self._folder = folder
        self._kind = kind

    @cached_property
    def tokens(self) -> Tokens:
        """The tokenizer."""
        return Tokens(self._folder)

    @cached_property
    def engine(self) -> Engine:
        """What runs the model."""
        return load_engine(self._folder, self._kind)


def load_engine(folder: Path, kind: Literal["embedder", "reranker"]) -> Engine:
    """Load a model: by torch where it can use an NVIDIA GPU, else by OpenVINO, else by torch.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """
    if _has_gpu():
        return TorchEngine(folder, kind)
    try:
        from bifolio.retrieval.models.openvino_engine import ConversionFailed, OpenVinoEngine
    except ImportError as problem:
        _log.warning("OpenVINO is missing (%s): torch runs the models, only slower", problem)
        return TorchEngine(folder, kind)
    try:
        return OpenVinoEngine(folder, kind)
    except (ConversionFailed, ImportError) as problem:
        _log.warning("%s; torch runs it, several times slower", problem)
        return TorchEngine(folder, kind)


def _has_gpu(device: Path = Path("/dev/nvidiactl")) -> bool:
    """Tell whether torch can use a GPU: a device in the machine may be hidden, or torch without.

    Asking torch would take a second of every start on machines that have no such device.
    """
    if not device.exists():
        return False
    import torch

    return torch.cuda.is_available()
