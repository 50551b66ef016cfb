"""Which engine runs a model on this machine."""

import logging
from functools import cached_property
from pathlib import Path
from typing import Literal

from bifolio.ingest import message
from bifolio.retrieval.models.engine import ANYWHERE, Engine, Run
from bifolio.retrieval.models.folder import ModelUnavailable
from bifolio.retrieval.models.tokens import Tokens
from bifolio.retrieval.models.torch_engine import TorchEngine

_log = logging.getLogger(__name__)


class Model:
    """The tokenizer and the engine of one model folder, each loaded when first needed.

    Listing a library, or finding that nothing changed, needs neither. ``inner`` is the layer of an
    embedder whose states stand before the last ones.
    """

    def __init__(
        self,
        folder: Path,
        kind: Literal["embedder", "reranker"],
        run: Run = ANYWHERE,
        *,
        onnx: Path | None = None,
        inner: int | None = None,
    ) -> None:
        self._folder = folder
        self._kind = kind
        self._run = run
        self._onnx = onnx
        self._inner = inner

    @cached_property
    def tokens(self) -> Tokens:
        """The tokenizer."""
        return Tokens(self._folder)

    @property
    def is_converted(self) -> bool:
        """Whether the engine loads at once, with nothing to be converted by torch before."""
        if self._onnx or (self._run.device != "cpu" and has_gpu()):
            return True
        try:
            from bifolio.retrieval.models.openvino_engine import is_kept

            return is_kept(self._folder, self._kind, self._inner)
        except (ImportError, OSError):
            return True  # torch runs it, or converts it at every start

    @property
    def is_loaded(self) -> bool:
        """Whether the engine was needed before."""
        return "engine" in vars(self)

    @cached_property
    def engine(self) -> Engine:
        """What runs the model."""
        if self._onnx:
            engine = _onnx_engine(self._folder, self._onnx, self._kind, self._run)
        else:
            engine = load_engine(self._folder, self._kind, self._run, self._inner)
        return self._run.wrap(engine) if self._run.wrap else engine


def load_engine(
    folder: Path,
    kind: Literal["embedder", "reranker"],
    run: Run = ANYWHERE,
    inner: int | None = None,
) -> Engine:
    """Load a model: by torch where it can use an NVIDIA GPU, else by OpenVINO, else by torch.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """
    on_cpu = run.device == "cpu"
    if not on_cpu and has_gpu():
        return TorchEngine(folder, kind, run, inner=inner)
    try:
        from bifolio.retrieval.models.openvino_engine import ConversionFailed, OpenVinoEngine
    except ImportError as problem:
        _log.warning("OpenVINO is missing (%s): torch runs the models, only slower", problem)
        return TorchEngine(folder, kind, run, inner=inner)
    try:
        precision: Literal["f32"] | None = "f32" if run.exact else None
        return OpenVinoEngine(folder, kind, precision=precision, inner=inner)
    except (ConversionFailed, ImportError) as problem:
        _log.warning("%s; torch runs it, several times slower", problem)
        return TorchEngine(folder, kind, run, inner=inner)


def _onnx_engine(
    folder: Path, file: Path, kind: Literal["embedder", "reranker"], run: Run
) -> Engine:
    try:
        from bifolio.retrieval.models.onnx_engine import OnnxEngine

        return OnnxEngine(folder, file, kind, precision="f32" if run.exact else None)
    except ImportError as problem:
        sentence = (
            "{file} is run by OpenVINO, which is not installed; take the model's"
            " model.safetensors, which torch runs"
        )
        raise ModelUnavailable(message("onnx-no-openvino", sentence, file=file)) from problem


def has_gpu(device: Path = Path("/dev/nvidiactl")) -> bool:
    """Tell whether torch can use a GPU: a device in the machine may be hidden, or torch without.

    Asking torch would take a second of every start on machines that have no such device.
    """
    if not device.exists():
        return False
    import torch

    return torch.cuda.is_available()
