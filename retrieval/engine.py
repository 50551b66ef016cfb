"""The one seam to the library that runs a model: arrays of ids in, an array of numbers out."""

import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from bifolio.retrieval.loading import check, why
from bifolio.retrieval.tokens import Encoded
from bifolio.retrieval.weights import ModelUnavailable, foreign_code, read_json

Ids = NDArray[np.int64]
Floats = NDArray[np.float32]

# Tokens in a batch, padding included. A CPU runs small batches as fast as large ones, and less is
# padded in them (bench/latency.py); a GPU wants to be filled.
CPU_BATCH = 1024
GPU_BATCH = 65536

# Of these the encoder alone is an embedder.
_ENCODER_DECODERS = ("t5", "mt5", "umt5")
# So the weights of a classifier begin that an embedder has none of.
_HEADS = ("classifier.", "score.")


class Engine(Protocol):
    """Runs one model.

    ``name`` says with what library and precision, for traces; ``batch_tokens`` is how many tokens,
    padding included, it likes to be given at once. ``run`` takes three arrays of shape
    (rows, tokens) and gives float32: hidden states (rows, tokens, width) of an embedder, logits
    (rows, labels) of a reranker. With ``weights`` (rows, tokens), float32, it gives of each row the
    weighted sum of its hidden states (rows, width): less to carry away from a GPU.
    """

    name: str
    batch_tokens: int

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Rows of about equal length, padded: ``places`` says which of the inputs they are."""

    places: list[int]
    ids: Ids
    mask: Ids
    types: Ids


def batches(inputs: Sequence[Encoded], *, pad: int, tokens: int = CPU_BATCH) -> Iterator[Batch]:
    """Sort the inputs by length and yield batches of at most ``tokens``, the longest first."""
    order = sorted(range(len(inputs)), key=lambda place: -len(inputs[place]))
    while order:
        width = len(inputs[order[0]])
        rows = max(1, tokens // width)
        yield _pad([(place, inputs[place]) for place in order[:rows]], width, pad)
        order = order[rows:]


def _pad(rows: list[tuple[int, Encoded]], width: int, pad: int) -> Batch:
    shape = (len(rows), width)
    ids, mask, types = np.full(shape, pad), np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    for row, (_, encoded) in enumerate(rows):
        ids[row, : len(encoded)] = encoded.ids
        types[row, : len(encoded)] = encoded.types
        mask[row, : len(encoded)] = 1
    return Batch([place for place, _ in rows], ids, mask, types)


class TorchEngine:
    """A model of ``transformers``, on the GPU if there is one.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """

    def __init__(self, folder: Path, kind: Literal["embedder", "reranker", "decoder"]) -> None:
        import torch

        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        self.batch_tokens = GPU_BATCH if self._device == "cuda" else CPU_BATCH
        dtype = torch.bfloat16 if self._device == "cuda" else torch.float32
        self.name = f"torch {self._device} {str(dtype).removeprefix('torch.')}"
        self._model = load_model(folder, kind, dtype).to(self._device)

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch: see ``Engine``."""
        torch = self._torch
        inputs = {"input_ids": ids, "attention_mask": mask}
        if getattr(self._model.config, "type_vocab_size", 0) > 1:
            inputs["token_type_ids"] = types
        with torch.inference_mode():
            tensors = {name: torch.from_numpy(value) for name, value in inputs.items()}
            output = self._model(
                **{name: value.to(self._device) for name, value in tensors.items()}
            )
            numbers = output.last_hidden_state if "last_hidden_state" in output else output.logits
            numbers = numbers.float()
            if weights is not None:
                shares = torch.from_numpy(weights).to(self._device)
                numbers = torch.bmm(shares[:, None], numbers)[:, 0]
        result: Floats = numbers.cpu().numpy()
        return result


def load_model(folder: Path, kind: Literal["embedder", "reranker", "decoder"], dtype: Any) -> Any:
    """Load the torch module of a model folder, ready to run.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """
    check(folder)
    model, found = _from_pretrained(folder, kind, dtype)
    missing = [name for name in found["missing_keys"] if not name.startswith("pooler.")]
    if missing and "auto_map" in read_json(folder / "config.json"):
        # A known architecture in name, but changed by code that comes with it.
        raise ModelUnavailable(foreign_code(folder))
    if missing:
        raise ModelUnavailable(
            f"{folder} is no {kind}: it has no weights for {missing[0]}; choose another"
        )
    if kind == "embedder" and any(name.startswith(_HEADS) for name in found["unexpected_keys"]):
        raise ModelUnavailable(f"{folder} is no embedder but a reranker; give it by --reranker")
    if kind == "reranker" and model.config.num_labels != 1:
        raise ModelUnavailable(
            f"{folder} is no reranker: it gives {model.config.num_labels} numbers a pair, not one;"
            " choose another"
        )
    return model.eval()


def _from_pretrained(folder: Path, kind: str, dtype: Any) -> tuple[Any, Any]:
    import transformers

    auto: Any = transformers.AutoModel
    if kind == "reranker":
        auto = transformers.AutoModelForSequenceClassification
    elif kind == "decoder":
        auto = transformers.AutoModelForCausalLM
    elif read_json(folder / "config.json").get("model_type") in _ENCODER_DECODERS:
        auto = transformers.AutoModelForTextEncoding
    try:
        with _quietly(), warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)
            model, found = auto.from_pretrained(
                folder,
                local_files_only=True,
                trust_remote_code=False,
                dtype=dtype,
                output_loading_info=True,
            )
    except Exception as problem:
        raise ModelUnavailable(why(folder, problem)) from problem
    return model, found


@contextmanager
def _quietly() -> Iterator[None]:
    """Let transformers say nothing; the progress of later downloads is shown again."""
    import transformers
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled

    talk: Any = transformers.utils.logging
    shown = not are_progress_bars_disabled()
    talk.disable_progress_bar()
    talk.set_verbosity_error()
    try:
        yield
    finally:
        if shown:
            talk.enable_progress_bar()
