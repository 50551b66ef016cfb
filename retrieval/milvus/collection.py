"""The collection of a library in Milvus: vectors and words by chunk id. A cache, as FAISS is.

What it says is only believed as far as the documents' database knows the ids. Its scores are ranks:
servers and Milvus Lite give them other signs.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np

from bifolio.ingest import Message, message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.milvus.address import Address
from bifolio.retrieval.milvus.client import connect, disconnect, reason
from bifolio.retrieval.store.errors import LibraryMismatch, StoreError
from bifolio.retrieval.words import Language

# What a search of Milvus gives at most.
MOST = 16_384
# Seconds: asking, and writing or making.
_ASK, _WRITE = 10.0, 120.0
# Rows a request: 500 of 1,024 dimensions and long words are under 10 MB, and Milvus takes 64.
_ROWS = 500
_RANGES = 100
# As in SQLite's full-text index.
_BM25 = {"bm25_k1": 1.2, "bm25_b": 0.75}
_HNSW = {"M": 32, "efConstruction": 200}
# The library's own name stands in that of a function: Lite forgets a collection's description.
_OURS = "bifolio_"


@dataclass(frozen=True, slots=True)
class Row:
    """A chunk as Milvus holds it: ``words`` are terms of milvus/terms.py, ``vector`` (dims,)."""

    id: int
    language: Language
    vector: Floats
    words: str


class Collection:
    """A connection to the collection of a library. Any thread may use it.

    ``library`` is the random name of the library whose chunks it holds.

    Raises:
        StoreError: Milvus cannot be reached, or the client is not installed.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._name = address.name
        self._client: Any = connect(address)
        self._lite = address.scheme == "milvus+file"

    def close(self) -> None:
        """Let go of the connection."""
        if self._client is not None:
            disconnect(self._client, self._address)
            self._client = None

    def library(self) -> str | None:
        """Tell which library's chunks the collection holds; None if there is no collection.

        Raises:
            LibraryMismatch: it is none of ours.
        """
        with self._told():
            if not self._client.has_collection(self._name, timeout=_ASK):
                return None
            held = self._client.describe_collection(self._name, timeout=_ASK)
        names = [str(function["name"]) for function in held.get("functions", ())]
        if not names or not names[0].startswith(_OURS):
            sentence = "{address}: the collection {name} is not Bifolio's; choose another name"
            raise LibraryMismatch(
                message("not-our-collection", sentence, address=self._address, name=self._name)
            )
        return names[0].removeprefix(_OURS)

    def create(self, library: str, dims: int) -> None:
        """Make the collection, empty, in place of one that is there."""
        milvus = import_module("pymilvus")
        kinds = milvus.DataType
        schema = self._client.create_schema(auto_id=False)
        schema.add_field("id", kinds.INT64, is_primary=True)
        schema.add_field("language", kinds.VARCHAR, max_length=8)
        schema.add_field("vector", kinds.FLOAT_VECTOR, dim=dims)
        schema.add_field("words", kinds.VARCHAR, max_length=65_535, enable_analyzer=True)
        schema.add_field("terms", kinds.SPARSE_FLOAT_VECTOR)
        bm25 = milvus.FunctionType.BM25
        schema.add_function(
            milvus.Function(
                name=f"{_OURS}{library}",
                function_type=bm25,
                input_field_names=["words"],
                output_field_names=["terms"],
            )
        )
        index = self._client.prepare_index_params()
        # Lite is for trials: exact, and so as the library of a folder.
        kind, parameters = ("FLAT", {}) if self._lite else ("HNSW", _HNSW)
        index.add_index("vector", index_type=kind, metric_type="IP", params=parameters)
        index.add_index(
            "terms", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=_BM25
        )
        with self._told():
            if self._client.has_collection(self._name, timeout=_ASK):
                self._client.drop_collection(self._name, timeout=_WRITE)
            self._client.create_collection(
                self._name, schema=schema, index_params=index, timeout=_WRITE
            )

    def load(self) -> None:
        """Let the collection be searched: Lite does not remember that it was."""
        with self._told():
            self._client.load_collection(self._name, timeout=_WRITE)

    def put(self, rows: Sequence[Row]) -> None:
        """Store chunks in place of those of the same ids."""
        for start in range(0, len(rows), _ROWS):
            data = [
                {
                    "id": row.id,
                    "language": row.language,
                    "vector": row.vector.tolist(),
                    "words": row.words,
                }
                for row in rows[start : start + _ROWS]
            ]
            with self._told():
                self._client.upsert(self._name, data, timeout=_WRITE)

    def delete(self, ranges: Sequence[tuple[int, int]]) -> None:
        """Take out the chunks whose ids are in one of the ranges; some may not be there."""
        for start in range(0, len(ranges), _RANGES):
            part = ranges[start : start + _RANGES]
            wanted = " or ".join(f"(id >= {first} and id <= {last})" for first, last in part)
            with self._told():
                self._client.delete(self._name, filter=wanted, timeout=_WRITE)

    def dense(
        self, vector: Floats, count: int, language: Language | None, *, strong: bool
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, inner product), best first."""
        depth = {} if self._lite else {"ef": max(128, min(MOST, 2 * count))}
        found = self._search(
            vector.astype(np.float32).tolist(), "vector", "IP", count, language, depth, strong
        )
        return [(id_, score) for id_, score in found if np.isfinite(score)]

    def lexical(
        self, asked: str, count: int, language: Language | None, *, strong: bool
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, score) with any of the terms, the highest first."""
        found = self._search(asked, "terms", "BM25", count, language, {}, strong)
        # Of equal scores the lower id is first, as in SQLite's index. Lite's are negative.
        return sorted(
            ((id_, abs(score)) for id_, score in found), key=lambda hit: (-hit[1], hit[0])
        )

    def ids(self) -> list[int]:
        """Give the ids of all chunks, ascending; for checks, since it reads every one."""
        found: list[int] = []
        with self._told():
            last = -1
            while True:
                rows = self._client.query(
                    self._name,
                    filter=f"id > {last}",
                    output_fields=["id"],
                    limit=MOST,
                    consistency_level="Strong",
                    timeout=_WRITE,
                )
                if not rows:
                    return found
                got = sorted(row["id"] for row in rows)
                found += got
                last = got[-1]

    def count(self) -> int:
        """Count the chunks."""
        with self._told():
            rows = self._client.query(
                self._name,
                filter="",
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=_WRITE,
            )
        return int(rows[0]["count(*)"])

    def _search(
        self,
        asked: object,
        field: str,
        metric: str,
        count: int,
        language: Language | None,
        parameters: dict[str, int],
        strong: bool,
    ) -> list[tuple[int, float]]:
        with self._told():
            (found,) = self._client.search(
                self._name,
                data=[asked],
                anns_field=field,
                limit=count,
                filter=f'language == "{language}"' if language else "",
                output_fields=["id"],
                search_params={"metric_type": metric, "params": parameters},
                consistency_level="Strong" if strong else "Bounded",
                timeout=_ASK,
            )
        return [(int(hit["id"]), float(hit["distance"])) for hit in found]

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say in a sentence what Milvus complains of."""
        milvus = import_module("pymilvus")
        try:
            yield
        except milvus.MilvusException as problem:
            raise StoreError(_failed(self._address, problem)) from problem


class Freshness:
    """Tells whether a search must wait for the newest writes, which costs a tick of Milvus's clock.

    What was written before the library's generation was seen last, so many seconds ago, is in
    whatever Milvus may still show to one that does not wait.
    """

    def __init__(self, seconds: float = 15.0) -> None:
        self._seconds = seconds
        self._seen: tuple[int, float] = (-1, 0.0)

    def strong(self, generation: int) -> bool:
        """Note the generation that is read now, and tell whether its writes may be so new."""
        known, since = self._seen
        if generation != known:
            self._seen = (generation, since) = (generation, time.monotonic())
        return time.monotonic() - since < self._seconds


def _failed(address: Address, problem: Exception) -> Message:
    return message(
        "milvus-failed",
        "{address}: Milvus failed ({problem}); nothing is lost: start it again, then go on",
        address=address,
        problem=reason(problem, address),
    )
