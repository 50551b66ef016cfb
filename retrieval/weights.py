"""Where a model's files are: a local folder, or the hub's cache after a download."""

import hashlib
import json
from pathlib import Path

from bifolio.ingest import BifolioError

_SMALL_FILES = ["*.json", "*.txt", "*.model"]
_SAMPLE = 1 << 20


class ModelUnavailable(BifolioError):  # noqa: N818 - the name says what is wrong
    """A model's files are not at hand, or are not what they should be."""


def locate(source: str) -> Path:
    """Give the folder with the model's files, fetching them from the hub where need be.

    Raises:
        ModelUnavailable: with what to do about it.
    """
    folder = Path(source)
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelUnavailable(
                f"{source} holds no config.json; give a Hugging Face model folder"
            )
        return folder
    if source.startswith((".", "/", "~")) or source.count("/") != 1:
        raise ModelUnavailable(f"there is no model folder {source}; check the name")
    return at_hand(source) or _download(source)


def at_hand(source: str) -> Path | None:
    """Give the folder with the model's files if no download is needed for it."""
    if Path(source).is_dir():
        return Path(source)
    from huggingface_hub import try_to_load_from_cache

    config = try_to_load_from_cache(source, "config.json")
    if not isinstance(config, str):
        return None
    folder = Path(config).parent
    return folder if _weight_files(folder) else None


def dims(folder: Path) -> int:
    """Read how long the model's vectors are.

    Raises:
        ModelUnavailable: its config.json does not say.
    """
    try:
        return int(json.loads((folder / "config.json").read_text(encoding="utf-8"))["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ModelUnavailable(
            f"{folder / 'config.json'} names no hidden_size; fetch the model again"
        ) from problem


def fingerprint(folder: Path) -> str:
    """Hash what decides a model's numbers: 64 hexadecimal digits.

    Of the weights themselves only the size and both ends are read, so that gigabytes cost no
    second at every start; files of different training differ there.
    """
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*.json")):
        if file.name in ("config.json", "tokenizer.json"):
            digest.update(file.name.encode() + file.read_bytes())
    for file in _weight_files(folder):
        size = file.stat().st_size
        digest.update(f"{file.name}{size}".encode())
        with file.open("rb") as weights:
            digest.update(weights.read(_SAMPLE))
            weights.seek(max(0, size - _SAMPLE))
            digest.update(weights.read(_SAMPLE))
    return digest.hexdigest()


def _weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors")) or sorted(folder.glob("pytorch_model*.bin"))


def _download(source: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import GatedRepoError, RepositoryNotFoundError

    try:
        folder = Path(snapshot_download(source, allow_patterns=[*_SMALL_FILES, "*.safetensors"]))
        if not _weight_files(folder):
            patterns = [*_SMALL_FILES, "pytorch_model*.bin"]
            folder = Path(snapshot_download(source, allow_patterns=patterns))
    except GatedRepoError as problem:
        raise ModelUnavailable(
            f"{source} is gated: accept its terms on its page and set HF_TOKEN, give a folder with"
            " its files, or use --models bge-zh"
        ) from problem
    except RepositoryNotFoundError as problem:
        raise ModelUnavailable(f"the hub has no model {source}; check the name") from problem
    except Exception as problem:
        raise ModelUnavailable(
            f"{source} could not be fetched from the hub ({type(problem).__name__}); check the"
            " network, give a folder with its files, or use --models starter"
        ) from problem
    return folder
