"""FAISS: the nearest vectors by inner product. A cache; the vectors' home is SQLite."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from bifolio.retrieval.arrays import Flags, Floats, Ids
from bifolio.retrieval.store.files import write_whole


class DamagedIndex(Exception):  # noqa: N818 - the name says what is wrong
    """The file is not the index that was saved; build it again."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved index file and the hash of its bytes, since FAISS does not notice damage."""

    file: str
    sha256: str


class Index:
    """Exact inner-product search over unit vectors; never changed after it is made.

    ``ids`` has shape (n,), ascending; ``vectors`` float32 of shape (n, dims).
    """

    def __init__(self, ids: Ids, vectors: Floats) -> None:
        import faiss

        self.ids = ids
        self._flat: Any = faiss.IndexFlatIP(vectors.shape[1])
        self._flat.add(np.ascontiguousarray(vectors))

    def search(
        self, vector: Floats, count: int, *, among: Flags | None = None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (id, inner product), best first, for a vector of shape (dims,).

        ``among`` of shape (n,) flags the vectors that may be found, all without it.
        """
        count = min(count, len(self.ids) if among is None else int(among.sum()))
        if count == 0:
            return []
        options = None if among is None else _only(among)
        products, places = self._flat.search(vector[None, :], count, params=options)
        return [
            (int(self.ids[place]), float(product))
            for place, product in zip(places[0], products[0], strict=True)
            if place >= 0 and np.isfinite(product)
        ]

    def products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Give the inner product of each id's vector with the given one of shape (dims,)."""
        places = np.searchsorted(self.ids, np.array(ids, np.int64))
        return [float(self._flat.reconstruct(int(place)) @ vector) for place in places]

    def updated(self, kept: Ids, new_ids: Ids, new_vectors: Floats) -> "Index":
        """Give an index with only the ``kept`` ids of this one, and the new ones behind them."""
        places = np.flatnonzero(np.isin(self.ids, kept))
        vectors = self._flat.reconstruct_n(0, len(self.ids))[places]
        ids = np.concatenate([self.ids[places], new_ids])
        # New ids are the larger ones but for a reader whose view is older than this index.
        order = np.argsort(ids)
        return Index(ids[order], np.concatenate([vectors, new_vectors])[order])

    def save(self, folder: Path, generation: int) -> Saved:
        """Write the index to a new file of the folder: whole and on disk, or not at all."""
        import faiss

        mapped = faiss.IndexIDMap2(faiss.IndexFlatIP(self._flat.d))
        mapped.add_with_ids(self._flat.reconstruct_n(0, len(self.ids)), self.ids)
        data = faiss.serialize_index(mapped).tobytes()
        file = folder / f"index-{generation}-{secrets.token_hex(4)}.faiss"
        write_whole(file, data)
        return Saved(file.name, hashlib.sha256(data).hexdigest())

    @classmethod
    def load(cls, folder: Path, saved: Saved, dims: int) -> "Index":
        """Read a saved index.

        Raises:
            DamagedIndex: it is missing, or any byte of it differs.
        """
        import faiss

        # The name comes from the database, but a path is never built from more than a name.
        file = folder / Path(saved.file).name
        try:
            data = file.read_bytes()
        except (OSError, ValueError) as problem:
            raise DamagedIndex(f"{file.name}: {problem}") from problem
        if hashlib.sha256(data).hexdigest() != saved.sha256:
            raise DamagedIndex(f"{file.name}: its bytes are not those that were saved")
        mapped: Any = faiss.deserialize_index(np.frombuffer(data, np.uint8))
        if mapped.d != dims:
            raise DamagedIndex(f"{file.name}: {mapped.d} dimensions, not {dims}")
        flat = faiss.downcast_index(mapped.index)
        return cls(faiss.vector_to_array(mapped.id_map), flat.reconstruct_n(0, flat.ntotal))


def _only(among: Flags) -> Any:
    """Give the search parameters that pass over every vector whose flag is not set."""
    # Any: the wrappers that faiss puts around its classes take other arguments than these declare.
    faiss: Any = import_module("faiss")
    bits = np.packbits(among, bitorder="little")
    return faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
