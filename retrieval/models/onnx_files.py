"""ONNX files: which one of a folder is meant, and what files each of them names beside itself.

Source: ``onnx.proto3`` for the numbers of the fields.
"""

import mmap
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from bifolio.ingest import message
from bifolio.retrieval.models.folder import ModelUnavailable, damaged, fetch_again, has_weights
from bifolio.retrieval.models.loading import refuse_pointer

SUFFIX = ".onnx"
# Where publishers put the one that others are made from.
USUAL = ("onnx/model.onnx", "model.onnx")
_DESCRIBES = ("config.json", "tokenizer.json", "tokenizer_config.json", "sentencepiece.bpe.model")
# Which fields of each kind of message lead to a tensor, and to what kind they lead.
_WAYS: dict[str, dict[int, str]] = {
    "model": {7: "graph", 25: "function"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "function": {7: "node"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {13: "entry"},
}
_GROUPS = (3, 4)  # wire types that nobody writes any more


def without_file(name: str) -> str:
    """Give the model folder or hub id of a name that goes on to an ONNX file in it."""
    if not name.endswith(SUFFIX):
        return name
    file = Path(name)
    if file.is_file():
        return str(_folder_of(file))
    return "/".join(name.split("/")[:2])


def file_on_hub(source: str) -> str | None:
    """Give the ONNX file that a hub id goes on to, by its path in the repository."""
    named = source.endswith(SUFFIX) and re.fullmatch(r"[\w.-]+/[\w.-]+/(.+)", source)
    return named[1] if named else None


def onnx_file(source: str, folder: Path) -> Path | None:
    """Give the ONNX file that a source names, or that its folder has in place of other weights.

    Raises:
        ModelUnavailable: it is missing, or there are several and none is the usual one.
    """
    if source.endswith(SUFFIX):
        file = Path(source)
        return file if file.is_file() else _existing(folder / (file_on_hub(source) or source))
    if has_weights(folder):
        return None
    for name in USUAL:
        if (folder / name).is_file():
            return folder / name
    found = sorted([*folder.glob("*.onnx"), *folder.glob("onnx/*.onnx")])
    if len(found) > 1:
        sentence = "{folder} holds several ONNX files ({names}); give one of them by its path"
        names = ", ".join(str(file.relative_to(folder)) for file in found)
        raise ModelUnavailable(message("onnx-several", sentence, folder=folder, names=names))
    return found[0] if found else None


def all_parts(file: Path) -> list[Path]:
    """Give an ONNX file and those beside it in which it keeps tensors.

    Raises:
        ModelUnavailable: it is damaged or a pointer, or names a file that is missing or elsewhere.
    """
    refuse_pointer(file)
    parts = [file]
    for location in sorted(_locations(file)):
        path = PurePosixPath(location)
        if path.is_absolute() or ".." in path.parts or re.search(r"[\\:\0]", location):
            sentence = "{file} keeps weights outside its own folder ({place}), which is not read"
            raise ModelUnavailable(message("onnx-outside", sentence, file=file, place=location))
        parts.append(_existing(file.parent / path))
    return parts


def _folder_of(file: Path) -> Path:
    """Give the model folder that an ONNX file is in, perhaps one below it."""
    folders = (file.absolute().parent, file.absolute().parent.parent)
    described = (one for one in folders if any((one / name).is_file() for name in _DESCRIBES))
    return next(described, folders[0])


def _existing(file: Path) -> Path:
    if file.is_file():
        return file
    sentence, remedy = "there is no {file}; {remedy}", fetch_again(file.parent)
    raise ModelUnavailable(message("onnx-missing", sentence, file=file, remedy=remedy))


def _locations(file: Path) -> set[str]:
    """Read under which names tensors are kept outside of an ONNX file."""
    try:
        with file.open("rb") as opened, mmap.mmap(opened.fileno(), 0, prot=mmap.PROT_READ) as data:
            entries = [dict(_entry(data, *span)) for span in _spans(data, "model", 0, len(data))]
        return {entry[2].decode() for entry in entries if entry.get(1) == b"location"}
    except (OSError, ValueError, IndexError, RecursionError) as problem:
        raise ModelUnavailable(damaged(file)) from problem


def _spans(data: mmap.mmap, kind: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where entries about tensors kept elsewhere stand; tensors' own bytes are skipped."""
    for number, first, last in _fields(data, start, end):
        inside = _WAYS[kind].get(number)
        if inside == "entry":
            yield first, last
        elif inside:
            yield from _spans(data, inside, first, last)


def _entry(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, bytes]]:
    for number, first, last in _fields(data, start, end):
        yield number, data[first:last]


def _fields(data: mmap.mmap, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield number, start and end of each field of a message in protobuf's wire format."""
    at = start
    while at < end:
        tag, at = _varint(data, at)
        wire = tag & 7
        if wire == 0:
            first, (_, at) = at, _varint(data, at)
        elif wire == 2:
            length, first = _varint(data, at)
            at = first + length
        elif wire in _GROUPS or wire > 5:
            raise ValueError(f"wire type {wire}")
        else:
            first, at = at, at + (8 if wire == 1 else 4)
        if at > end:
            raise ValueError("a field goes beyond its message")
        if wire == 2:
            yield tag >> 3, first, at


def _varint(data: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    raise ValueError("a number without end")
