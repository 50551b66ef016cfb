"""A vector store's folder: vectors as numbers, documents as JSON. Nothing in it is run.

``<name>.npy`` holds the vectors, ``<name>.jsonl`` a first line about the store, then a document a
line, in the order of the vectors.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.ingest import BifolioError, message
from bifolio.langchain.strategy import DistanceStrategy, read_strategy
from bifolio.retrieval import BadOption
from bifolio.retrieval.arrays import Floats

_FORM = "bifolio vector store/1"


class NotReadable(BifolioError):  # noqa: N818 - the name says what is wrong
    """A vector store's folder is missing, damaged, or holds more than a store's."""


@dataclass(frozen=True, slots=True)
class Row:
    """One document of a store."""

    id: str
    text: str
    metadata: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Saved:
    """All that a store is: ``vectors`` are float32 of shape (rows, dims)."""

    rows: list[Row]
    vectors: Floats
    strategy: DistanceStrategy = field(default=DistanceStrategy.EUCLIDEAN_DISTANCE)
    fingerprint: str = ""


def not_readable(file: Path, why: str) -> NotReadable:
    """Say of a file why it is not read."""
    sentence = "{file} is not read as a vector store: {why}"
    return NotReadable(message("store-not-readable", sentence, file=file, why=why))


def write(saved: Saved, folder: Path, name: str) -> None:
    """Write a store, each file at once.

    Raises:
        BadOption: metadata hold what JSON cannot, or the name is no file's.
    """
    vectors, documents = _files(folder, name)
    lines = [_line(row) for row in saved.rows]
    folder.mkdir(parents=True, exist_ok=True)
    scratch = vectors.with_suffix(".tmp")
    with scratch.open("wb") as opened:
        np.save(opened, saved.vectors, allow_pickle=False)
    head = {
        "form": _FORM,
        "distance_strategy": str(saved.strategy),
        "embeddings": saved.fingerprint,
        "sha256": _digest(scratch),
    }
    scratch.replace(vectors)
    text = "".join(f"{line}\n" for line in (json.dumps(head), *lines))
    scratch.write_text(text, encoding="utf-8")
    scratch.replace(documents)


def is_saved(folder: Path, name: str) -> bool:
    """Tell whether a store was saved there."""
    return all(file.is_file() for file in _files(folder, name))


def read(folder: Path, name: str) -> Saved:
    """Read a store.

    Raises:
        NotReadable: it is missing or damaged.
    """
    vectors, documents = _files(folder, name)
    try:
        head, *lines = documents.read_text(encoding="utf-8").splitlines()
        told = json.loads(head)
        if told["form"] != _FORM:
            raise not_readable(documents, f"its form is {told['form']!r}, not {_FORM!r}")
        if told["sha256"] != _digest(vectors):
            raise not_readable(vectors, "it is not the file that was saved; save the store again")
        rows = [Row(**json.loads(line)) for line in lines]
        numbers = np.load(vectors, allow_pickle=False)
        if numbers.shape[:1] != (len(rows),) or numbers.dtype != np.float32:
            raise not_readable(documents, "it has not one document a vector; save the store again")
        strategy = read_strategy(told["distance_strategy"])
        return Saved(rows, numbers, strategy, told["embeddings"])
    except (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, BadOption) as gone:
        why = f"it is missing or damaged ({type(gone).__name__}); save the store again"
        raise not_readable(documents, why) from gone


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    if not name or Path(name).name != name or name in (".", ".."):
        sentence = "index_name {name!r} is no file name; give one such as 'index'"
        raise BadOption(message("bad-index-name", sentence, name=name))
    return folder / f"{name}.npy", folder / f"{name}.jsonl"


def _line(row: Row) -> str:
    try:
        # JSON's own line breaks are escaped; these others would cut a line in two.
        return json.dumps(asdict(row), ensure_ascii=True, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as problem:
        sentence = "the metadata of document {id} cannot be saved as JSON ({problem})"
        raise BadOption(
            message("metadata-not-json", sentence, id=row.id, problem=str(problem))
        ) from problem


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
