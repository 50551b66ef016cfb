"""What the head of a GGUF file says of the model in it: the kind, and how much it reads at once.

The layout is that of ggml's docs/gguf.md: counts and lengths are 64-bit little-endian numbers.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

# (struct format) of each type of value but text (8) and list (9).
_NUMBERS = ("B", "b", "H", "h", "I", "i", "f", "?", "", "", "Q", "q", "d")
_TEXT, _LIST = 8, 9
# A head is some megabytes of vocabulary; what claims more is damaged.
_MOST_ENTRIES, _MOST_TEXT, _MOST_LIST = 10_000, 1 << 20, 1 << 22


@dataclass(frozen=True, slots=True)
class Head:
    """The kind of model, such as ``qwen2``, and the tokens it reads and writes at once, if told."""

    architecture: str
    window: int | None


def read_head(file: Path) -> Head:
    """Read the head of a GGUF file.

    Raises:
        ValueError: it is none, or is damaged.
        OSError: it cannot be read.
    """
    found: dict[str, object] = {}
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise ValueError("it is no GGUF file")
        try:
            for key, value in _entries(opened):
                found[key] = value
                architecture = found.get("general.architecture")
                if f"{architecture}.context_length" in found:
                    break
        except (struct.error, UnicodeDecodeError, OverflowError) as problem:
            raise ValueError("its head is damaged") from problem
    architecture = str(found.get("general.architecture", ""))
    window = found.get(f"{architecture}.context_length")
    return Head(architecture, window if isinstance(window, int) and window > 0 else None)


def _entries(opened: BinaryIO) -> Iterator[tuple[str, object]]:
    _version, _tensors, count = _unpack(opened, "IQQ")
    for _ in range(_bounded(count, _MOST_ENTRIES)):
        key = _text(opened)
        (kind,) = _unpack(opened, "I")
        yield key, _value(opened, kind)


def _value(opened: BinaryIO, kind: int) -> object:
    if kind == _TEXT:
        return _text(opened)
    if kind == _LIST:
        kind, count = _unpack(opened, "IQ")
        for _ in range(_bounded(count, _MOST_LIST)):
            _value(opened, kind)
        return None
    if kind >= len(_NUMBERS):
        raise ValueError("its head is damaged")
    return _unpack(opened, _NUMBERS[kind])[0]


def _text(opened: BinaryIO) -> str:
    (length,) = _unpack(opened, "Q")
    return opened.read(_bounded(length, _MOST_TEXT)).decode("utf-8", errors="replace")


def _unpack(opened: BinaryIO, layout: str) -> tuple[int, ...]:
    layout = f"<{layout}"
    return struct.unpack(layout, opened.read(struct.calcsize(layout)))


def _bounded(number: int, most: int) -> int:
    if number > most:
        raise ValueError("its head is damaged")
    return number
