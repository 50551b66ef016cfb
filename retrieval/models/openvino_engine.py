"""A model on the CPU by OpenVINO: converted once, kept on disk, several times faster than torch."""

import hashlib
import logging
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from queue import SimpleQueue
from typing import Any, Literal

import numpy as np
from filelock import FileLock
from numpy.typing import NDArray

from bifolio.ingest import BifolioError
from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models.cache import cache_home
from bifolio.retrieval.models.engine import CPU_BATCH
from bifolio.retrieval.models.folder import fingerprint, read_json
from bifolio.retrieval.models.torch_engine import load_model, with_inner

_log = logging.getLogger(__name__)

_IMPORT = threading.Lock()
# Raise it when the same weights would be converted to other numbers.
_CONVERSION = 1
# Batches at once, each by an equal share of the cores. Cores that work on one batch wait for each
# other at every layer, so several batches are done sooner; but a question is a batch by itself.
_STREAMS = 4
# Those that the tests compile so: OpenVINO 2026.4 divides by zero when it does so with ModernBERT,
# which ends the process.
_IN_STREAMS = frozenset({"bert", "roberta", "xlm-roberta"})
_CPU_INFO = Path("/proc/cpuinfo")
# How far a float32 conversion may be from torch, as a share of the largest number or of 1.
_TOLERANCE = 1e-3

Kind = Literal["embedder", "reranker"]
Precision = Literal["bf16", "f32"]


class ConversionFailed(BifolioError):  # noqa: N818 - the name says what is wrong
    """OpenVINO cannot run this model as torch does; torch itself can."""


class OpenVinoEngine:
    """A model of ``transformers``, on the CPU.

    The first use converts the model (seconds, with torch) into the user's cache folder,
    ``$XDG_CACHE_HOME/bifolio``; later ones load it from there in a fraction of a second and
    import neither torch nor transformers. Threads may share an engine; each that asks while all its
    streams are busy waits for the next that is free.

    ``precision`` is by default what the CPU is fastest in: see :func:`own_precision`. There is no
    int8, which moves scores four times as far as bf16 does: docs/design.md has the figures.
    ``inner`` is the layer of an embedder whose states stand before the last ones, in one row.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
        ConversionFailed: OpenVINO gives other numbers than torch, or none.
        ImportError: OpenVINO is not installed.
    """

    pools = False

    def __init__(
        self,
        folder: Path,
        kind: Kind,
        *,
        precision: Precision | None = None,
        inner: int | None = None,
    ) -> None:
        core = import_openvino().Core()
        precision = precision or own_precision(core)
        self.name = f"openvino cpu {precision}"
        self.batch_tokens = CPU_BATCH
        names = _names(folder, kind, inner)
        streams = _STREAMS if _family(folder) in _IN_STREAMS else 1
        try:
            model = converted(folder, names, precision, partial(_convert, folder, kind, inner))
            compiled = core.compile_model(model, "CPU", run_settings(core, precision, streams))
        except RuntimeError as problem:
            raise ConversionFailed(f"OpenVINO cannot run {folder}: {problem}") from problem
        self._takes = {port.any_name for port in compiled.inputs}
        self._requests = Requests(compiled)
        self.streams = self._requests.count

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch: see ``Engine``."""
        given = {"input_ids": ids, "attention_mask": mask, "token_type_ids": types}
        taken = {name: value for name, value in given.items() if name in self._takes}
        with self._requests.free() as request:
            numbers: Floats = request.infer(taken, share_inputs=True)[0]
        return numbers if weights is None else np.matmul(weights[:, None], numbers)[:, 0]


class Requests:
    """What runs a compiled model: ``count`` batches at once, each asked by a thread."""

    def __init__(self, compiled: Any) -> None:
        self.count = int(compiled.get_property("OPTIMAL_NUMBER_OF_INFER_REQUESTS"))
        self._free: SimpleQueue[Any] = SimpleQueue()
        for _ in range(self.count):
            self._free.put(compiled.create_infer_request())

    @contextmanager
    def free(self) -> Iterator[Any]:
        """Give one that nobody else uses meanwhile."""
        request = self._free.get()
        try:
            yield request
        finally:
            self._free.put(request)


def run_settings(core: Any, precision: Precision, streams: int = 1) -> dict[str, Any]:
    """Say how a model is to be compiled that runs so many batches at once, or one a core."""
    _, cores = core.get_property("CPU", "RANGE_FOR_STREAMS")
    return {
        "NUM_STREAMS": min(streams, cores),
        # What is bound to a core waits for it while others are free.
        "ENABLE_CPU_PINNING": False,
        "INFERENCE_PRECISION_HINT": precision,
    }


def import_openvino(name: str = "openvino") -> Any:
    """Import OpenVINO or what builds on it, but not its telemetry: that reports every import.

    Any thread may call it.

    Raises:
        ImportError: it is not installed.
    """
    with _IMPORT:
        found = _imported(name)
        # It looks for numpy when it is first given arrays. Two threads that do so at once wait for
        # ever: the one has its lock and wants the interpreter's, the other one the other way round.
        import_module("openvino").Type.f32.to_dtype()
    return found


def _imported(name: str) -> Any:
    modules: dict[str, Any] = sys.modules
    if name in modules:
        return import_module(name)
    before = modules.get("openvino_telemetry")
    modules["openvino_telemetry"] = None
    try:
        return import_module(name)
    finally:
        modules.pop("openvino_telemetry", None)
        if before is not None:
            modules["openvino_telemetry"] = before


def own_precision(core: Any) -> Precision:
    """Give the precision that this machine's CPU computes in fastest.

    bf16 where it has tiles for it (AMX): with AVX-512 alone OpenVINO 2026.4 takes 1.4 times as long
    as in f32. On another system than Linux OpenVINO alone is asked.
    """
    flags = _cpu_flags()
    able = core.get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return "bf16" if "BF16" in able and (not flags or "amx_bf16" in flags) else "f32"


def _cpu_flags() -> frozenset[str]:
    try:
        lines = _CPU_INFO.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    told = next((line for line in lines if line.startswith("flags")), "")
    return frozenset(told.partition(":")[2].split())


def converted(
    folder: Path, names: Sequence[str], precision: Precision, convert: Callable[[], Any]
) -> Any:
    """Give the path of the converted model, or the model itself where no cache can be written.

    ``names`` tell it from all others; ``convert`` makes it where it is not kept yet.
    """
    # bf16 reads no more of a weight than 16 bits hold.
    half = precision == "bf16"
    stored = "fp16" if half else "fp32"
    names = (*names, stored, version("openvino"), str(_CONVERSION))
    try:
        home = cache_home()
        place = home / "-".join(names)
        if _intact(place):
            return place / "model.xml"
        with FileLock(home / f"{place.name}.lock"):
            if not _intact(place):
                _keep(convert(), place, half=half)
    except OSError as problem:
        _log.warning("%s is converted at every start: no cache can be kept (%s)", folder, problem)
        return convert()
    return place / "model.xml"


def is_kept(folder: Path, kind: Kind, inner: int | None = None) -> bool:
    """Tell whether this OpenVINO has converted the model before, in whichever precision."""
    names = "-".join([*_names(folder, kind, inner), "*", version("openvino"), str(_CONVERSION)])
    return any((place / "sha256").exists() for place in cache_home().glob(names))


def _keep(model: Any, place: Path, *, half: bool) -> None:
    """Write the model beside its place, then move it there whole."""
    with tempfile.TemporaryDirectory(dir=place.parent) as scratch:
        written = Path(scratch) / "model"
        written.mkdir()
        try:
            import_openvino().save_model(model, written / "model.xml", compress_to_fp16=half)
        except RuntimeError as problem:
            raise OSError(f"the converted model was not written: {problem}") from problem
        (written / "sha256").write_text(_digest(written), encoding="ascii")
        if place.exists():
            shutil.rmtree(place)
        written.rename(place)


def _intact(place: Path) -> bool:
    try:
        return (place / "sha256").read_text(encoding="ascii") == _digest(place)
    except (OSError, ValueError):
        return False


def _digest(place: Path) -> str:
    parts = []
    for name in ("model.xml", "model.bin"):
        with (place / name).open("rb") as file:
            parts.append(hashlib.file_digest(file, "sha256").hexdigest())
    return " ".join(parts)


def _names(folder: Path, kind: Kind, inner: int | None) -> tuple[str, str]:
    return (kind if inner is None else f"{kind}{inner}", fingerprint(folder)[:32])


def _convert(folder: Path, kind: Kind, inner: int | None) -> Any:
    import torch

    torch_model = with_inner(load_model(folder, kind, torch.float32), inner)
    try:
        with warnings.catch_warnings(), torch.inference_mode():
            warnings.simplefilter("ignore")
            model = _trace(torch_model, kind)
            example = _example(torch_model.config, rows=3, tokens=24)
            tensors = {name: torch.from_numpy(value) for name, value in example.items()}
            expected = torch_model(**tensors)[0].numpy()
        if _difference(model, example, expected) > _TOLERANCE:
            raise ConversionFailed(f"OpenVINO gives other numbers than torch for {folder}")
        if kind == "reranker":
            shorter = model.clone()
            if _keep_first_token(shorter) and _difference(shorter, example, expected) < _TOLERANCE:
                model = shorter
    except ConversionFailed:
        raise
    except Exception as problem:
        reason = " ".join(str(problem).split())[:200]
        raise ConversionFailed(f"OpenVINO cannot convert {folder}: {reason}") from problem
    return model


def _example(config: Any, *, rows: int, tokens: int) -> dict[str, NDArray[np.int64]]:
    """Give random inputs of one shape whose rows but the first end in padding."""
    ids = np.random.default_rng(0).integers(0, config.vocab_size, (rows, tokens))
    mask = np.ones_like(ids)
    for row in range(1, rows):
        mask[row, tokens - 2 * row :] = 0
    ids[mask == 0] = config.pad_token_id or 0
    inputs = {"input_ids": ids, "attention_mask": mask}
    if getattr(config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = (np.arange(tokens) >= tokens // 2) * mask
    return inputs


def _family(folder: Path) -> str:
    return str(read_json(folder / "config.json").get("model_type"))


def _trace(torch_model: Any, kind: Kind) -> Any:
    import torch

    openvino = import_openvino()
    example = _example(torch_model.config, rows=2, tokens=8)
    tensors = {name: torch.from_numpy(value) for name, value in example.items()}
    model = openvino.convert_model(torch_model, example_input=tensors)
    wanted = model.output("logits" if kind == "reranker" else "last_hidden_state")
    # An encoder's pooler is left out: its weights may not even have been in the file.
    return openvino.Model([wanted.node.input_value(0)], model.get_parameters(), kind)


def _difference(model: Any, example: dict[str, NDArray[np.int64]], expected: Floats) -> float:
    """Say how far the model is from what is expected, as a share of the largest number or 1."""
    settings = {"INFERENCE_PRECISION_HINT": "f32"}
    numbers = import_openvino().Core().compile_model(model, "CPU", settings)(example)[0]
    return float(np.abs(numbers - expected).max() / max(1.0, np.abs(expected).max()))


def _keep_first_token(model: Any) -> bool:
    """Let the last layer of a classifier, which reads the first token alone, compute no other.

    The last attention gets one query, and the sum after it one row of what came in; what follows
    works on each token by itself. False if the model is built in another way.
    """
    ops = import_openvino().opset13

    attention = [
        node
        for node in model.get_ordered_ops()
        if node.get_type_name() == "ScaledDotProductAttention"
    ]
    if not attention:
        return False
    ends = [attention[-1].input(0)]
    node = attention[-1]
    while len(ends) < 3:
        targets = list(node.output(0).get_target_inputs())
        if len(targets) != 1:
            return False
        node = targets[0].get_node()
        others = [port for port in node.inputs() if port.get_index() != targets[0].get_index()]
        if node.get_type_name() == "MatMul":
            ends.append(targets[0])  # one row already: this only tells OpenVINO so
        elif node.get_type_name() == "Add" and not _constant(others[0].get_source_output().node):
            ends.append(others[0])
    for end, axis in zip(ends, (2, 1, 1), strict=True):
        first = ops.gather(end.get_source_output(), ops.constant([0]), ops.constant(axis))
        end.replace_source_output(first.output(0))
    model.validate_nodes_and_infer_types()
    return True


def _constant(node: Any) -> Any:
    """Give the constant that the node is, or is a conversion of; else None."""
    while node.get_type_name() == "Convert":
        node = node.input_value(0).node
    return node if node.get_type_name() == "Constant" else None
