"""Compressed indexes: lists of near vectors, of which a question reads the nearest few."""

import math
import sqlite3
from bisect import bisect_left
from importlib import import_module
from typing import Any

import numpy as np

from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.segments import Range
from bifolio.retrieval.store.vectors import batches, by_id, ids_of

# Half a byte for each two numbers of a vector, compared many at once: 0.11 GB a million of 384, and
# four times as fast as a byte for each number, at the same recall (bench/index.py compares).
_PAIRS, _BYTES = "PQ{}x4fs", "SQ8"
# Vectors that the centre of each list is learned from, and in how many rounds; more change little.
_LEARNED_FROM = 48
_ROUNDS = 8
# Questions by which it is found how many lists are to be read, and what they must find.
_QUESTIONS = 100
_NEAREST = 100
_RECALL = 0.99


class _Truth:
    """The nearest of some questions, gathered from batches of vectors."""

    def __init__(self, questions: Floats) -> None:
        self.questions = questions
        self._ids = np.empty((len(questions), 0), np.int64)
        self._products = np.empty((len(questions), 0), np.float32)

    def add(self, ids: Ids, vectors: Floats) -> None:
        """Compare some more vectors, shape (n, dims), with the questions."""
        products = np.concatenate([self._products, self.questions @ vectors.T], axis=1)
        ids = np.concatenate([self._ids, np.broadcast_to(ids, (len(self._ids), len(ids)))], axis=1)
        best = np.argsort(-products, axis=1)[:, :_NEAREST]
        self._ids = np.take_along_axis(ids, best, axis=1)
        self._products = np.take_along_axis(products, best, axis=1)

    def recall(self, index: Index) -> float:
        """Tell which share of them an index finds, among as many candidates as a search asks."""
        found = index.candidates(self.questions, _NEAREST)
        shares = [
            len(np.intersect1d(own, truth)) / len(truth)
            for own, truth in zip(found, self._ids, strict=True)
        ]
        return float(np.mean(shares))


def compressed_index(connection: sqlite3.Connection, range_: Range, dims: int) -> Index:
    """Build the index of a range's chunks, with some thousands of their vectors in memory at once.

    A question will read as many lists as it takes to find 0.99 of the 100 nearest, measured with
    questions that are made of the vectors.
    """
    faiss: Any = import_module("faiss")
    chance = np.random.default_rng(0)
    ids = ids_of(connection, range_)
    lists = lists_for(len(ids))
    sample = _sample(connection, ids, _LEARNED_FROM * lists, dims, chance)
    kind = _BYTES if dims % 2 else _PAIRS.format(dims // 2)
    inner = faiss.index_factory(dims, f"IVF{lists},{kind}", faiss.METRIC_INNER_PRODUCT)
    inner.cp.niter = _ROUNDS
    for one in (inner.cp, *([] if dims % 2 else [inner.pq.cp])):
        one.min_points_per_centroid = 1  # FAISS warns of less than its default.
    inner.train(sample)
    truth = _Truth(_questions(sample, chance))
    for some, vectors in batches(connection, range_, dims):
        inner.add(vectors)
        truth.add(some, vectors)
    index = Index(ids, inner)

    def _found(lists_read: int) -> float:
        inner.nprobe = lists_read
        return truth.recall(index)

    # All lists are read if fewer do not find enough.
    inner.nprobe = 1 + bisect_left(range(1, lists), _RECALL, key=_found)
    return index


def lists_for(count: int) -> int:
    """Give the number of lists: a power of two near the square root of so many vectors."""
    return 1 << round(math.log2(max(1, count)) / 2)


def _sample(
    connection: sqlite3.Connection,
    ids: Ids,
    count: int,
    dims: int,
    chance: np.random.Generator,
) -> Floats:
    drawn = np.sort(chance.choice(ids, min(count, len(ids)), replace=False))
    found = np.empty((len(drawn), dims), np.float32)
    place = 0
    for start in range(0, len(drawn), 1000):
        for _, vector in by_id(connection, drawn[start : start + 1000].tolist(), dims):
            found[place] = vector
            place += 1
    return found[:place]


def _questions(sample: Floats, chance: np.random.Generator) -> Floats:
    """Make questions: what is asked lies off the texts, here between two of them."""
    one, other = chance.integers(0, len(sample), (2, _QUESTIONS))
    between = sample[one] + sample[other]
    length = np.linalg.norm(between, axis=1, keepdims=True)
    return np.asarray(between / np.maximum(length, 1e-9), np.float32)
