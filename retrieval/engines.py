"""Which engine runs a model on this machine."""

import logging
from pathlib import Path
from typing import Literal

from bifolio.retrieval.engine import Engine, TorchEngine

_log = logging.getLogger(__name__)


def load_engine(folder: Path, kind: Literal["embedder", "reranker"]) -> Engine:
    """Load a model: by torch where there is an NVIDIA GPU, else by OpenVINO, else by torch.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """
    # Asking torch would take a second of every start on machines without a GPU.
    if Path("/dev/nvidiactl").exists():
        return TorchEngine(folder, kind)
    try:
        from bifolio.retrieval.openvino_engine import ConversionFailed, OpenVinoEngine
    except ImportError as problem:
        _log.warning("OpenVINO is missing (%s): torch runs the models, only slower", problem)
        return TorchEngine(folder, kind)
    try:
        return OpenVinoEngine(folder, kind)
    except (ConversionFailed, ImportError) as problem:
        _log.warning("%s; torch runs it, several times slower", problem)
        return TorchEngine(folder, kind)
