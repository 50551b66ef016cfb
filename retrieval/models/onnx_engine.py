"""A model that was published as ONNX, on the CPU by OpenVINO, which reads such files itself."""

from collections.abc import Sequence
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.ingest import message
from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models.engine import CPU_BATCH
from bifolio.retrieval.models.folder import ModelUnavailable, fingerprint
from bifolio.retrieval.models.onnx_files import all_parts
from bifolio.retrieval.models.openvino_engine import (
    Kind,
    Precision,
    Requests,
    converted,
    import_openvino,
    own_precision,
    run_settings,
)

# What exporters call hidden states, vectors of whole texts, and scores.
_HIDDEN = ("last_hidden_state", "token_embeddings", "hidden_states")
_POOLED = ("sentence_embedding", "text_embeds", "embeddings")
_SCORES = ("logits", "scores", "score")
_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class OnnxEngine:
    """A model's ONNX file; inputs and outputs are known by name, else by shape.

    The first use converts it into the user's cache folder, as OpenVinoEngine does. ``pools`` tells
    that the file gives vectors of whole texts, pooled in it.

    Raises:
        ModelUnavailable: OpenVINO cannot run it, or it is of another kind of model.
        ImportError: OpenVINO is not installed.
    """

    def __init__(
        self, folder: Path, file: Path, kind: Kind, *, precision: Precision | None = None
    ) -> None:
        core = import_openvino().Core()
        precision = precision or own_precision(core)
        self.name = f"openvino cpu {precision}, {file.name}"
        self.batch_tokens = CPU_BATCH
        parts = all_parts(file)
        names = (kind, "onnx", fingerprint(folder, parts)[:32])
        try:
            model = converted(folder, names, precision, partial(_read, file, kind))
            compiled = core.compile_model(model, "CPU", run_settings(core, precision))
        except RuntimeError as problem:
            raise _not_run(file, problem) from problem
        self.pools = kind == "embedder" and len(compiled.outputs[0].partial_shape) == 2
        self._file = file
        self._takes = {_name(port): port for port in compiled.inputs}
        self._requests = Requests(compiled)
        self.streams = self._requests.count

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch: see ``Engine``; a model that pools does so by itself."""
        given = dict(zip(_INPUTS, (ids, mask, types), strict=True))
        taken = {
            port: given[name].astype(port.element_type.to_dtype(), copy=False)
            for name, port in self._takes.items()
        }
        with self._requests.free() as request:
            try:
                numbers = np.array(request.infer(taken)[0], np.float32)
            except RuntimeError as problem:
                raise _not_run(self._file, problem) from problem
        if numbers.ndim == 1:
            numbers = numbers[:, None]
        if weights is None or numbers.ndim == 2:
            return numbers
        pooled: Floats = np.matmul(weights[:, None], numbers)[:, 0]
        return pooled


@lru_cache(maxsize=8)
def onnx_width(file: Path) -> int:
    """Read from an ONNX file alone how long the vectors are that it gives.

    Raises:
        ModelUnavailable: it cannot be read, or does not say.
    """
    try:
        size = _read(file, "embedder").outputs[0].partial_shape[-1]
    except RuntimeError as problem:
        raise _not_run(file, problem) from problem
    if size.is_dynamic:
        sentence = "{file} does not say how long its vectors are; put the model's config.json by it"
        raise ModelUnavailable(message("onnx-no-width", sentence, file=file))
    return int(size.get_length())


def _read(file: Path, kind: Kind) -> Any:
    """Read a file and leave of its outputs the one that is wanted."""
    openvino = import_openvino()
    all_parts(file)
    model = openvino.Core().read_model(file)
    unknown = [_name(port) for port in model.inputs if _name(port) not in _INPUTS]
    if unknown:
        sentence = "{file} wants {names}, which Bifolio does not give; choose another file of it"
        raise ModelUnavailable(
            message("onnx-inputs", sentence, file=file, names=", ".join(unknown))
        )
    model.reshape({port: [-1, -1] for port in model.inputs})
    wanted = _wanted(model, file, kind)
    return openvino.Model([wanted.node.input_value(0)], model.get_parameters(), kind)


def _wanted(model: Any, file: Path, kind: Kind) -> Any:
    found = _output(model, kind)
    last = found.partial_shape[-1] if found and len(found.partial_shape) > 1 else None
    single = last is not None and last.is_static and last.get_length() == 1
    several = last is not None and last.is_static and last.get_length() > 1
    if found is None or (single and kind == "embedder") or (several and kind == "reranker"):
        shapes = ", ".join(f"{_name(port)} {port.partial_shape}" for port in model.outputs)
        raise ModelUnavailable(_other_kind(file, kind, shapes))
    return found


def _other_kind(file: Path, kind: Kind, shapes: str) -> Any:
    if kind == "embedder":
        sentence = "{file} is no embedder: it gives {shapes}; choose another, or give it elsewhere"
        return message("onnx-no-embedder", sentence, file=file, shapes=shapes)
    sentence = "{file} is no reranker: it gives {shapes}, not one score a pair; choose another"
    return message("onnx-no-reranker", sentence, file=file, shapes=shapes)


def _output(model: Any, kind: Kind) -> Any:
    """Find the output by its usual name, else the only one of its rank."""
    ranks = {port: len(port.partial_shape) for port in model.outputs}
    kinds: tuple[tuple[Sequence[str], Sequence[int]], ...]
    kinds = ((_SCORES, (1, 2)),) if kind == "reranker" else ((_HIDDEN, (3,)), (_POOLED, (2,)))
    for usual, wanted in kinds:
        fitting = [port for port, rank in ranks.items() if rank in wanted]
        for name in usual:
            for port in fitting:
                if name in port.names:
                    return port
        if len(fitting) == 1 or (fitting and 3 in wanted):
            return fitting[0]
    return None


def _name(port: Any) -> str:
    """Give a port's name; TensorFlow's exporter ends each in ``:0``."""
    return str(port.any_name).removesuffix(":0") if port.names else "an unnamed input"


def _not_run(file: Path, problem: Exception) -> ModelUnavailable:
    told = " ".join(str(problem).split())[-200:]
    sentence = (
        "{file} cannot be run by OpenVINO ({problem}); take another file of the model, such as"
        " model.safetensors or model.onnx"
    )
    return ModelUnavailable(message("onnx-not-run", sentence, file=file, problem=told))
