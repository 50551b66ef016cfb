"""Vectors as SQLite keeps them: in batches, by id, and searched where no index holds them."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter

import numpy as np

from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.store.segments import Range

# Vectors that are in memory at once: 13 MB at 384 dimensions.
_BATCH = 8192


def batches(
    connection: sqlite3.Connection, range_: Range, dims: int
) -> Iterator[tuple[Ids, Floats]]:
    """Yield (ids, vectors) of a range's chunks in the order of their ids, some thousands each."""
    rows = connection.execute(
        "SELECT id, vector FROM chunks WHERE language = ? AND id > ? AND id <= ? ORDER BY id",
        (range_.language, range_.after, range_.last),
    )
    while batch := rows.fetchmany(_BATCH):
        yield np.array([id_ for id_, _ in batch], np.int64), _stacked(batch, dims)


def all_of(connection: sqlite3.Connection, range_: Range, dims: int) -> tuple[Ids, Floats]:
    """Give the ids and vectors of a range's chunks."""
    ids, vectors = np.empty(0, np.int64), np.empty((0, dims), np.float32)
    # Room for all of them first: joined in the end they would stand in memory twice.
    if range_.chunks:
        ids, vectors = np.empty(range_.chunks, np.int64), np.empty((range_.chunks, dims), "f4")
    end = 0
    for some, rows in batches(connection, range_, dims):
        start, end = end, end + len(some)
        ids[start:end], vectors[start:end] = some, rows
    return ids[:end], vectors[:end]


def ids_of(connection: sqlite3.Connection, range_: Range) -> Ids:
    """Give the ids of a range's chunks, ascending; no vector is read."""
    rows = connection.execute(
        "SELECT id FROM chunks WHERE language = ? AND id > ? AND id <= ? ORDER BY id",
        (range_.language, range_.after, range_.last),
    )
    return np.fromiter((id_ for (id_,) in rows), np.int64)


def by_id(
    connection: sqlite3.Connection, ids: Sequence[int], dims: int
) -> Iterator[tuple[int, Floats]]:
    """Yield (id, vector of shape (dims,)) for the chunks with those ids."""
    for id_, vector in _rows(connection, ids):
        yield id_, _floats(vector, dims)


def products(
    connection: sqlite3.Connection, vector: Floats, ids: Sequence[int]
) -> dict[int, float]:
    """Give the inner product of the vector with that of each of the chunks."""
    found = list(_rows(connection, ids))
    values = _stacked(found, len(vector)) @ vector if found else np.empty(0, np.float32)
    return dict(zip((id_ for id_, _ in found), values.tolist(), strict=True))


def scanned(
    connection: sqlite3.Connection, range_: Range, vector: Floats, count: int
) -> list[tuple[int, float]]:
    """Give the ``count`` nearest (id, inner product) of a range by reading all of its vectors."""
    found: list[tuple[int, float]] = []
    for ids, vectors in batches(connection, range_, len(vector)):
        values = vectors @ vector
        best = np.argsort(-values, kind="stable")[:count]
        some = zip(ids[best].tolist(), values[best].tolist(), strict=True)
        found = nearest([*found, *some], count)
    return found


def nearest(found: Iterable[tuple[int, float]], count: int) -> list[tuple[int, float]]:
    """Give the ``count`` with the highest inner products; the earlier ones among equals."""
    return sorted(found, key=itemgetter(1), reverse=True)[:count]


def _rows(connection: sqlite3.Connection, ids: Sequence[int]) -> Iterator[tuple[int, bytes]]:
    return connection.execute(
        "SELECT id, vector FROM chunks WHERE id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(ids)),),
    )


def _stacked(batch: Sequence[tuple[int, bytes]], dims: int) -> Floats:
    _, vectors = zip(*batch, strict=True)
    if set(map(len, vectors)) == {4 * dims}:
        return np.frombuffer(b"".join(vectors), "<f4").reshape(len(batch), dims)
    return np.stack([_floats(vector, dims) for _, vector in batch])


def _floats(vector: bytes, dims: int) -> Floats:
    # What is damaged is found by no question, and told by `check`.
    whole = len(vector) == 4 * dims
    return np.frombuffer(vector, "<f4") if whole else np.zeros(dims, np.float32)
