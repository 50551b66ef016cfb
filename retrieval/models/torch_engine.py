"""A model by torch, on a GPU if there is one; and the loading of any model into torch."""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Literal

from bifolio.ingest import message
from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models.eight_bits import is_packed
from bifolio.retrieval.models.engine import ANYWHERE, CPU_BATCH, GPU_BATCH, Run
from bifolio.retrieval.models.folder import (
    ModelUnavailable,
    foreign_code,
    read_json,
    weight_files,
)
from bifolio.retrieval.models.loading import check, read_tensors, why

# Of these the encoder alone is an embedder.
_ENCODER_DECODERS = ("t5", "mt5", "umt5")
# So the weights of a classifier begin that an embedder has none of.
_HEADS = ("classifier.", "score.")
_KINDS = {
    "embedder": message("embedder", "embedder"),
    "reranker": message("reranker", "reranker"),
    "decoder": message("decoder", "decoder"),
}


class TorchEngine:
    """A model of ``transformers``, on the GPU if there is one.

    ``inner`` is the layer of an embedder whose states stand before the last ones, in one row.

    Raises:
        ModelUnavailable: the folder's weights are missing, damaged, or of another kind of model.
    """

    streams = 1
    pools = False

    def __init__(
        self,
        folder: Path,
        kind: Literal["embedder", "reranker", "decoder"],
        run: Run = ANYWHERE,
        *,
        inner: int | None = None,
    ) -> None:
        import torch

        self._torch = torch
        gpu = run.device != "cpu" and torch.cuda.is_available()
        self._device = (run.device or "cuda") if gpu else "cpu"
        self.batch_tokens = GPU_BATCH if gpu else CPU_BATCH
        dtype = torch.bfloat16 if gpu and not run.exact else torch.float32
        self.name = f"torch {self._device} {str(dtype).removeprefix('torch.')}"
        self._model = with_inner(load_model(folder, kind, dtype), inner).to(self._device)

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
            message(
                "weights-missing",
                "{folder} is no {kind}: it has no weights for {name}; choose another",
                folder=folder,
                kind=_KINDS[kind],
                name=missing[0],
            )
        )
    if kind == "embedder" and any(name.startswith(_HEADS) for name in found["unexpected_keys"]):
        sentence = "{folder} is no embedder but a reranker; give it by --reranker"
        raise ModelUnavailable(message("embedder-is-reranker", sentence, folder=folder))
    if kind == "reranker" and model.config.num_labels != 1:
        raise ModelUnavailable(
            message(
                "not-a-reranker",
                "{folder} is no reranker: it gives {count} numbers a pair, not one; choose another",
                folder=folder,
                count=model.config.num_labels,
            )
        )
    return model.eval()


def with_inner(model: Any, inner: int | None) -> Any:
    """Let an encoder give a layer's states before the last ones: (rows, tokens, 2 * width)."""
    if inner is not None:
        model.config.output_hidden_states = True
        model.register_forward_hook(partial(_joined, inner))
    return model


def _joined(inner: int, _: Any, __: Any, output: Any) -> Any:
    import torch

    states = [output.hidden_states[inner], output.last_hidden_state]
    return type(output)(last_hidden_state=torch.cat(states, dim=-1))


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
            if is_packed(weight_files(folder)[0]):
                load = _unpacked(folder, auto)
            else:
                load = partial(auto.from_pretrained, folder, trust_remote_code=False)
            model, found = load(local_files_only=True, dtype=dtype, output_loading_info=True)
    except ModelUnavailable:
        raise
    except Exception as problem:
        raise ModelUnavailable(why(folder, problem)) from problem
    return model, found


def _unpacked(folder: Path, auto: Any) -> Callable[..., Any]:
    """Give what loads a model whose weights stand in no file as transformers reads them."""
    import torch
    import transformers

    config = transformers.AutoConfig.from_pretrained(
        folder, local_files_only=True, trust_remote_code=False
    )
    with torch.device("meta"):  # only its class is wanted
        architecture: Any = type(auto.from_config(config))
    weights: dict[str, Any] = {}
    for file in weight_files(folder):
        weights |= read_tensors(file)
    return partial(architecture.from_pretrained, None, config=config, state_dict=weights)


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
