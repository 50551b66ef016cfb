"""A model's files come from a local folder, from the hub's cache, or from the hub."""

import errno
import logging
from collections.abc import Callable, Sequence
from pathlib import Path

from bifolio.ingest import Message, message
from bifolio.retrieval.models.folder import (
    ModelUnavailable,
    causes,
    has_weights,
    read_json,
    refuse_foreign_code,
)
from bifolio.retrieval.models.onnx_files import USUAL, file_on_hub, onnx_file, without_file

_log = logging.getLogger(__name__)

# All that describes a model; the weights are chosen by what it says.
_SMALL_FILES = ("*.json", "*.txt", "*.model")
_WEIGHTS = ("model*.safetensors", "pytorch_model*.bin")
_DENSE_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
_ONNX = [f"{name}*" for name in USUAL]
_OTHER_FORMATS = ("onnx/*", "openvino/*", "coreml/*")


def locate(source: str, *, check: Callable[[Path], object] | None = None) -> Path:
    """Give the folder with the model's files, fetching them from the hub where need be.

    ``check`` is given the folder before the weights are fetched into it, and may raise.

    Raises:
        ModelUnavailable: with what to do about it.
    """
    folder = Path(without_file(source))
    if folder.is_dir():
        alone = (folder / "tokenizer.json").is_file() and onnx_file(source, folder)
        if not ((folder / "config.json").is_file() or alone):
            sentence = "{folder} holds no config.json; give a Hugging Face model folder"
            raise ModelUnavailable(message("not-a-model-folder", sentence, folder=source))
        return folder
    if source.startswith((".", "/", "~")) or str(folder).count("/") != 1:
        sentence = "there is no model folder {folder}; check the name"
        raise ModelUnavailable(message("no-model-folder", sentence, folder=source))
    return at_hand(source) or _download(source, check)


def at_hand(source: str) -> Path | None:
    """Give the folder with the model's files if no download is needed for it."""
    model = without_file(source)
    return Path(model) if Path(model).is_dir() else in_cache(source)


def in_cache(source: str) -> Path | None:
    """Give the folder with a model's files in the hub's cache; None where it is not there whole.

    A folder of this machine that bears the name goes before the hub's, so there is none then.
    """
    from huggingface_hub import try_to_load_from_cache

    model, file = without_file(source), file_on_hub(source)
    if Path(model).exists():
        return None

    config = try_to_load_from_cache(model, "config.json")
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    return folder if _has_model(folder, file) else None


def _has_model(folder: Path, file: str | None) -> bool:
    """Tell whether weights are there; those in the ONNX file where one is asked for."""
    if file:
        return (folder / file).is_file()
    return has_weights(folder) or any((folder / name).is_file() for name in USUAL)


def _download(source: str, check: Callable[[Path], object] | None) -> Path:
    from huggingface_hub import constants

    _log.warning("fetching %s from %s", source, constants.ENDPOINT)
    source, file = without_file(source), file_on_hub(source)
    folder = _fetch(source)
    if not (folder / "config.json").is_file():
        sentence = "{model} has no config.json on the hub; choose a model of transformers"
        raise ModelUnavailable(message("not-for-transformers", sentence, model=source))
    refuse_foreign_code(folder)
    if check:
        check(folder)
    # Of the kinds of weights one is enough, safetensors before pickles.
    dense = [f"{path}/{kind}" for path in _module_paths(folder) for kind in _DENSE_WEIGHTS]
    kinds = ([f"{file}*"],) if file else (*([kind] for kind in _WEIGHTS), _ONNX)
    for kind in kinds:
        folder = _fetch(source, *kind, *dense)
        if _has_model(folder, file):
            return folder
    raise ModelUnavailable(
        message(
            "no-weights-on-hub",
            "{model} has no weights on the hub that Bifolio reads ({kinds}); choose another model",
            model=source,
            kinds=file or ", ".join((*_WEIGHTS, *USUAL)),
        )
    )


def _module_paths(folder: Path) -> list[str]:
    file = folder / "modules.json"
    modules = read_json(file, list) if file.is_file() else []
    return [module["path"] for module in modules if module.get("path")]


def _fetch(source: str, *patterns: str) -> Path:
    from huggingface_hub import snapshot_download

    named = any(pattern.startswith("onnx/") for pattern in patterns)
    others = [kind for kind in _OTHER_FORMATS if not (named and kind == "onnx/*")]
    try:
        folder = snapshot_download(
            source, allow_patterns=[*_SMALL_FILES, *patterns], ignore_patterns=others
        )
    except Exception as problem:
        raise ModelUnavailable(_why(source, problem)) from problem
    return Path(folder)


def _why(source: str, problem: BaseException) -> Message:
    """Say in one sentence why a download failed, and what to do."""
    from huggingface_hub import constants, errors

    chain = list(causes(problem))
    status = {getattr(getattr(cause, "response", None), "status_code", 0) for cause in chain}
    unknown = errors.RepositoryNotFoundError
    if isinstance(problem, errors.GatedRepoError) or (
        status & {401, 403} and not isinstance(problem, unknown)
    ):
        return message(
            "gated-model",
            "{model} is gated: accept its terms at {hub}/{model} and set a valid HF_TOKEN, give a"
            " folder with its files (from ModelScope, for one), or use --models bge-zh",
            model=source,
            hub=constants.ENDPOINT,
        )
    if isinstance(problem, (unknown, errors.HFValidationError)):
        sentence = "the hub has no model {model} to show; check the name, or set HF_TOKEN"
        return message("not-on-hub", sentence, model=source)
    if any(isinstance(cause, errors.OfflineModeIsEnabled) for cause in chain):
        return message(
            "hub-offline",
            "{model} is not in {cache} and HF_HUB_OFFLINE forbids to fetch it; unset that, or give"
            " a folder with its files",
            model=source,
            cache=constants.HF_HUB_CACHE,
        )
    return _why_not_stored(source, chain) or message(
        "hub-failed",
        "{model} could not be fetched from {hub} ({problem}); check the network, give a folder"
        " with its files, or use --models starter",
        model=source,
        hub=constants.ENDPOINT,
        problem=type(problem).__name__,
    )


def _why_not_stored(source: str, chain: Sequence[BaseException]) -> Message | None:
    """Say what keeps a model from the disk, if that is what went wrong."""
    from huggingface_hub import constants

    numbers = {getattr(cause, "errno", None) for cause in chain}
    cache = constants.HF_HUB_CACHE
    if numbers & {errno.ENOSPC, errno.EDQUOT}:
        sentence = "{model} does not fit on the disk of {cache}; make room there or set HF_HOME"
        return message("hub-disk-full", sentence, model=source, cache=cache)
    if numbers & {errno.EACCES, errno.EPERM, errno.EROFS}:
        sentence = "{model} cannot be written to {cache}; set HF_HOME to a folder of your own"
        return message("hub-cache-read-only", sentence, model=source, cache=cache)
    return None
