"""A model's files in one folder: what its configuration says, and where its weights are."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from bifolio.ingest import BifolioError, Message, cause, message
from bifolio.retrieval.models.cache import file_hash

_WEIGHTS = ("model.safetensors", "pytorch_model.bin")
# What families call the width of their hidden states, and dense layers that of what they give.
_WIDTHS = ("hidden_size", "d_model", "dim", "out_features")
# These begin to count positions behind the padding id: so much of their table is never used.
_COUNT_BEHIND_PADDING = (
    "camembert",
    "data2vec-text",
    "ibert",
    "longformer",
    "mpnet",
    "roberta",
    "roberta-prelayernorm",
    "xlm-roberta",
    "xlm-roberta-xl",
    "xmod",
)


class ModelUnavailable(BifolioError):  # noqa: N818 - the name says what is wrong
    """A model's files are not at hand, or are not what they should be."""


def read_json(file: Path, kind: type = dict) -> Any:
    """Read one of the model's JSON files, in which an object or whatever ``kind`` says stands.

    Raises:
        ModelUnavailable: it is missing or damaged.
    """
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(content, kind):
            raise TypeError(f"{file} holds no {kind.__name__}")
    except (OSError, TypeError, ValueError) as problem:
        raise ModelUnavailable(damaged(file) if file.is_file() else _missing(file)) from problem
    return content


def width(folder: Path) -> int:
    """Read how wide the hidden states of a model are, or the vectors that a dense layer gives.

    Raises:
        ModelUnavailable: its config.json does not say.
    """
    config = read_json(folder / "config.json")
    for name in _WIDTHS:
        if isinstance(config.get(name), int):
            return int(config[name])
    sentence = "{file} names no hidden_size; give the folder of a text model"
    raise ModelUnavailable(message("no-width", sentence, file=folder / "config.json"))


def positions(folder: Path) -> int | None:
    """Read how many tokens the model has positions for; None if it needs none.

    Raises:
        ModelUnavailable: its config.json is missing or damaged.
    """
    if not (folder / "config.json").is_file() and (folder / "tokenizer.json").is_file():
        return None  # an ONNX file and a tokenizer, nothing else
    config = read_json(folder / "config.json")
    table = config.get("max_position_embeddings")
    if table and config.get("model_type") in _COUNT_BEHIND_PADDING:
        padding = config.get("pad_token_id")
        table -= 2 if padding is None else padding + 1
    return table or None


def weight_files(folder: Path) -> list[Path]:
    """List the files of the model's weights, safetensors where there are any.

    Raises:
        ModelUnavailable: there are none, or one of several is missing.
    """
    for name in _WEIGHTS:
        if (folder / name).is_file():
            return [folder / name]
        index = folder / f"{name}.index.json"
        if index.is_file():
            parts = read_json(index).get("weight_map", {}).values()
            files = [folder / part for part in sorted(set(parts))]
            for file in files:
                if not file.is_file():
                    raise ModelUnavailable(
                        message(
                            "weights-incomplete",
                            "{file}, one of {count} files of weights, is missing; {remedy}",
                            file=file,
                            count=len(files),
                            remedy=fetch_again(folder),
                        )
                    )
            return files
    raise ModelUnavailable(
        message(
            "no-weights",
            "{folder} holds no weights ({first} or {second}); {remedy}",
            folder=folder,
            first=_WEIGHTS[0],
            second=_WEIGHTS[1],
            remedy=fetch_again(folder),
        )
    )


def damaged(file: Path) -> Message:
    """Say that one of the model's files is damaged, and how to get it anew."""
    sentence, remedy = "{file} is damaged; {remedy}", fetch_again(file.parent)
    return message("model-file-damaged", sentence, file=file, remedy=remedy)


def _missing(file: Path) -> Message:
    sentence, remedy = "{file} is missing; {remedy}", fetch_again(file.parent)
    return message("model-file-missing", sentence, file=file, remedy=remedy)


def fetch_again(folder: Path) -> Message:
    """Say how to get a model's files anew."""
    for cached in (folder, *folder.parents):
        if cached.name.startswith("models--"):
            sentence = "delete {folder}, and run again to fetch it from the hub"
            return message("fetch-again", sentence, folder=cached)
    return message("copy-again", "copy the model's files again")


def has_weights(folder: Path) -> bool:
    """Tell whether a folder has the weights of a model, none of them missing."""
    try:
        return bool(weight_files(folder))
    except ModelUnavailable:
        return False


def fingerprint(folder: Path, weights: Sequence[Path] = ()) -> str:
    """Hash what decides a model's numbers: 64 hexadecimal digits.

    ``weights`` are those that are run where they are not the folder's usual ones. They are read
    whole, once: the user's cache folder remembers the hash of each file.

    Raises:
        ModelUnavailable: weights are missing or cannot be read.
    """
    digest = hashlib.sha256()
    files = [folder / name for name in ("config.json", "tokenizer.json")]
    weights = weights or weight_files(folder)
    for file in (*(file for file in files if file.is_file()), *weights):
        try:
            digest.update(f"{file.name} {file_hash(file)}\n".encode())
        except OSError as problem:
            raise ModelUnavailable(
                message(
                    "model-file-unreadable",
                    "{file} cannot be read ({problem}); {remedy}",
                    file=file,
                    problem=cause(problem),
                    remedy=fetch_again(folder),
                )
            ) from problem
    return digest.hexdigest()


def refuse_foreign_code(folder: Path) -> None:
    """Do nothing, unless the model needs program code that comes with it.

    Raises:
        ModelUnavailable: it does.
    """
    config = read_json(folder / "config.json")
    if "auto_map" not in config:
        return
    from transformers import CONFIG_MAPPING

    if config.get("model_type") not in CONFIG_MAPPING:
        raise ModelUnavailable(foreign_code(folder))


def foreign_code(folder: Path) -> Message:
    """Say that the model needs program code that comes with it."""
    return message(
        "foreign-code",
        "{folder} needs program code of its own (trust_remote_code), which Bifolio never runs;"
        " choose another model, such as --models starter",
        folder=folder,
    )


def causes(problem: BaseException | None) -> Iterator[BaseException]:
    """Yield an exception, what it came from, what that came from, and so on."""
    while problem is not None:
        yield problem
        problem = problem.__cause__ or problem.__context__
