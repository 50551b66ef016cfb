"""The head of a GGUF file: what kind of model it is, and whether the file is whole.

The library that runs such files takes the process down with it where one ends too early, so this is
asked before.
"""

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# https://github.com/ggml-org/ggml/blob/master/docs/gguf.md: value type -> struct's sign.
_PLAIN = dict(enumerate("BbHhIif?")) | {10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
# Tensor type -> (numbers in a block, bytes of a block).
_BLOCKS = {0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34)}
_BLOCKS |= {10: (256, 84), 11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210)}
_BLOCKS |= {30: (1, 2)}
# More than any model has, so that a broken count does not read without end.
_MOST = 1 << 24
_ALIGNMENT = 32


@dataclass(frozen=True, slots=True)
class GgufHead:
    """The kind of a model, and the tokens that it reads at once where the file tells."""

    architecture: str
    window: int | None


class NotGguf(ValueError):  # noqa: N818 - the name says what is wrong
    """The file is no GGUF, or not all of one; the message goes on after its name."""


def gguf_head(file: Path) -> GgufHead:
    """Read the head of a file.

    Raises:
        NotGguf: it is none, or it ends too early.
        OSError: it cannot be read.
    """
    with file.open("rb") as stream:
        if stream.read(4) != b"GGUF":
            raise NotGguf("is no GGUF file")
        try:
            return _head(stream, file.stat().st_size)
        except (struct.error, UnicodeDecodeError, KeyError, OverflowError) as problem:
            raise NotGguf("ends too early, or is damaged; fetch it again") from problem


def _head(stream: BinaryIO, size: int) -> GgufHead:
    version, tensors, pairs = _read(stream, "<IQQ")
    if not 2 <= version <= 3 or max(tensors, pairs) > _MOST:
        raise NotGguf(f"has the format's version {version}, which is not known")
    facts: dict[str, object] = {}
    for _ in range(pairs):
        name = _string(stream)
        facts[name] = _value(stream, _read(stream, "<I")[0])
    end = 0
    for _ in range(tensors):
        _string(stream)
        (dimensions,) = _read(stream, "<I")
        shape = _read(stream, f"<{dimensions}Q")
        kind, offset = _read(stream, "<IQ")
        end = max(end, offset + _bytes(shape, kind))
    aligned = facts.get("general.alignment")
    alignment = aligned if isinstance(aligned, int) and aligned > 0 else _ALIGNMENT
    start = -(-stream.tell() // alignment) * alignment
    if not tensors or start + end > size:
        raise NotGguf("ends too early; fetch it again")
    architecture = str(facts.get("general.architecture", ""))
    window = facts.get(f"{architecture}.context_length")
    return GgufHead(architecture, window if isinstance(window, int) and window > 0 else None)


def _bytes(shape: tuple[int, ...], kind: int) -> int:
    count = 1
    for length in shape:
        count *= length
    numbers, length = _BLOCKS.get(kind, (1, 0))
    return -(-count // numbers) * length


def _value(stream: BinaryIO, kind: int) -> object:
    """Read a value; of an array only its end is looked for."""
    if kind == _STRING:
        return _string(stream)
    if kind != _ARRAY:
        return _read(stream, f"<{_PLAIN[kind]}")[0]
    inner, count = _read(stream, "<IQ")
    if inner in _PLAIN:
        stream.seek(count * struct.calcsize(f"<{_PLAIN[inner]}"), 1)
        return None
    if count > _MOST:
        raise OverflowError
    for _ in range(count):
        _value(stream, inner)
    return None


def _string(stream: BinaryIO) -> str:
    (length,) = _read(stream, "<Q")
    if length > _MOST:
        raise OverflowError
    return _whole(stream, length).decode(errors="replace")


def _read(stream: BinaryIO, form: str) -> tuple[int, ...]:
    return struct.unpack(form, _whole(stream, struct.calcsize(form)))


def _whole(stream: BinaryIO, length: int) -> bytes:
    found = stream.read(length)
    if len(found) < length:
        raise struct.error
    return found
