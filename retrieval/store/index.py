"""FAISS: the nearest vectors by inner product. A cache; the vectors' home is SQLite."""

import hashlib
import secrets
from collections.abc import Sequence
from importlib import import_module
from io import BufferedReader
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.retrieval.arrays import Flags, Floats, Ids
from bifolio.retrieval.store.files import writing_whole
from bifolio.retrieval.store.segments import Saved

# So many times as many candidates are compared by their own vectors where these are compressed.
_SPARE = 5
# Bytes that are read, hashed or written at once.
_BLOCK = 1 << 20


class DamagedIndex(Exception):  # noqa: N818 - the name says what is wrong
    """The file is not the index that was saved; build it again."""


class Index:
    """Inner-product search over unit vectors; never changed after it is made.

    ``ids`` has shape (n,), ascending; ``exact`` tells that the vectors are kept as they are, so
    that its inner products are right. Those of others are near, and order what is worth looking at.
    """

    def __init__(self, ids: Ids, inner: Any) -> None:
        """Take a FAISS index of the vectors, which it knows by their places in ``ids``."""
        self.ids = ids
        self._inner = inner
        self.exact = hasattr(inner, "get_xb")

    @classmethod
    def of(cls, ids: Ids, vectors: Floats) -> "Index":
        """Make an exact one of vectors of shape (n, dims)."""
        faiss: Any = import_module("faiss")
        flat = faiss.IndexFlatIP(vectors.shape[1])
        flat.add(np.ascontiguousarray(vectors))
        return cls(ids, flat)

    def search(
        self, vector: Floats, count: int, *, among: Flags | None = None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (id, inner product), best first, for a vector of shape (dims,).

        ``among`` of shape (n,) flags the vectors that may be found, all without it.
        """
        count = min(count, len(self.ids) if among is None else int(among.sum()))
        if count == 0:
            return []
        lists = None if self.exact else self._inner.nprobe
        found = self._search(vector, count, self._only(among, lists))
        if lists and len(found) < count:
            # So many were asked for that the nearest lists do not hold them.
            found = self._search(vector, count, self._only(among, self._inner.nlist))
        return found

    def _search(self, vector: Floats, count: int, only: Any) -> list[tuple[int, float]]:
        products, places = self._inner.search(vector[None, :], count, params=only)
        held = (places[0] >= 0) & np.isfinite(products[0])
        ids = self.ids[places[0][held]]
        return list(zip(ids.tolist(), products[0][held].tolist(), strict=True))

    def spare(self, count: int) -> int:
        """Tell how many to ask for, that the ``count`` nearest are among them."""
        return count if self.exact else _SPARE * count

    def candidates(self, vectors: Floats, count: int) -> Ids:
        """Give the ids that a search for ``count`` compares, of shape (vectors, _)."""
        asked = min(self.spare(count), len(self.ids))
        _, places = self._inner.search(vectors, asked)
        return np.where(places < 0, -1, self.ids[places])

    def products(self, vector: Floats, ids: Sequence[int]) -> dict[int, float]:
        """Give the inner product of the vector with those of the ids that an exact one holds."""
        wanted = np.array(ids, np.int64)
        places = np.searchsorted(self.ids, wanted)
        places[places == len(self.ids)] = 0
        held = self.ids[places] == wanted if len(self.ids) else np.zeros(len(wanted), bool)
        return {
            int(id_): float(self._inner.reconstruct(int(place)) @ vector)
            for id_, place in zip(wanted[held], places[held], strict=True)
        }

    def extended(self, ids: Ids, vectors: Floats) -> "Index":
        """Give an exact one that also holds these, whose ids are higher than its own."""
        own = self._inner.reconstruct_n(0, len(self.ids))
        return Index.of(np.concatenate([self.ids, ids]), np.concatenate([own, vectors]))

    def save(self, folder: Path, generation: int) -> Saved:
        """Write the index to a new file of the folder: whole and on disk, or not at all.

        Behind their number and the ids, as int64, stands what FAISS writes.
        """
        faiss: Any = import_module("faiss")
        file = folder / f"index-{generation}-{secrets.token_hex(4)}.faiss"
        digest, size = hashlib.sha256(), 0
        with writing_whole(file) as opened:

            def _take(data: bytes) -> int:
                nonlocal size
                digest.update(data)
                size += len(data)
                return opened.write(data)

            _take(np.int64(len(self.ids)).astype("<i8").tobytes())
            _take(self.ids.astype("<i8").tobytes())
            faiss.write_index(self._inner, faiss.PyCallbackIOWriter(_take, _BLOCK))
        return Saved(file.name, digest.hexdigest(), size)

    @classmethod
    def load(cls, folder: Path, saved: Saved, dims: int) -> "Index":
        """Read a saved index.

        Raises:
            DamagedIndex: it is missing, or any byte of it differs.
        """
        faiss: Any = import_module("faiss")
        # The name comes from the database, but a path is never built from more than a name.
        file = folder / Path(saved.file).name
        try:
            with file.open("rb") as opened:
                _check_hash(opened, saved, file)
                (count,) = np.frombuffer(opened.read(8), "<i8")
                ids = np.frombuffer(opened.read(8 * int(count)), "<i8")
                inner: Any = faiss.read_index(faiss.PyCallbackIOReader(opened.read, _BLOCK))
        # faiss raises RuntimeError where it cannot read on.
        except (OSError, RuntimeError, ValueError) as problem:
            raise DamagedIndex(f"{file.name}: {problem}") from problem
        if inner.d != dims:
            raise DamagedIndex(f"{file.name}: {inner.d} dimensions, not {dims}")
        return cls(ids, inner)

    @staticmethod
    def _only(among: Flags | None, lists: int | None) -> Any:
        """Give the parameters of a search among the flagged vectors, and in so many lists."""
        # Any: the wrappers that faiss puts around its classes take other arguments than declared.
        faiss: Any = import_module("faiss")
        told: dict[str, Any] = {}
        if among is not None:
            told["sel"] = faiss.IDSelectorBitmap(np.packbits(among, bitorder="little"))
        if lists is None:
            return faiss.SearchParameters(**told)
        return faiss.SearchParametersIVF(nprobe=lists, **told)


def _check_hash(opened: BufferedReader, saved: Saved, file: Path) -> None:
    """Read the file through before FAISS does, which trusts whatever it reads.

    Raises:
        DamagedIndex: its bytes are others.
    """
    # The length first: a hash of gigabytes tells the same later.
    if opened.seek(0, 2) != saved.size:
        raise DamagedIndex(f"{file.name}: it is not as long as what was saved")
    opened.seek(0)
    if hashlib.file_digest(opened, "sha256").hexdigest() != saved.sha256:
        raise DamagedIndex(f"{file.name}: its bytes are not those that were saved")
    opened.seek(0)
