"""Indexes of vectors side by side: time to build, size, time of a question, recall@100.

    python bench/index.py --count 100000 --dims 384

The vectors lie as those of texts do (bench/clusters.py), or are the rows of a .npy file with one
for each text (--texts), moved a little towards others until there are enough; the questions lie
near them, or are the rows of another file (--asked). What is compressed gives five times as many
candidates, which are compared by the vectors themselves, as the store does; the lists that are read
are the fewest that find 0.99. Times are seconds of one core, so that others at work on the machine
count less; --threads asks so many questions at once, by the clock.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from clusters import clustered, questions, unit

from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.store.compressed import lists_for

_NEAREST, _SPARE, _BATCH = 100, 5, 50_000
Search = Callable[[Floats, int], Ids]


def main() -> None:
    """Build each kind and print a line of figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--count", type=int, default=10_000)
    add("--dims", type=int, default=384)
    add("--questions", type=int, default=100)
    add("--threads", type=int, default=1)
    add("--texts", type=Path)
    add("--asked", type=Path)
    add("--kinds", nargs="*", help="FAISS factory strings, with {} for the lists; or usearch")
    options = parser.parse_args()
    vectors = _vectors(options)
    asked = questions(vectors, options.questions)
    if options.asked:
        asked = np.load(options.asked, allow_pickle=False)[: options.questions]
    truth = _nearest(vectors, asked)
    dims = vectors.shape[1]
    kinds = ["Flat", f"IVF{{}},PQ{dims // 2}x4fs", "IVF{},SQ8", "HNSW16,SQ8", "usearch"]
    print(f"{len(vectors)} vectors of {dims}, {len(asked)} questions")
    for kind in options.kinds or kinds:
        with suppress(ImportError):
            _measure(kind.format(lists_for(len(vectors))), vectors, asked, truth, options.threads)


def _vectors(options: argparse.Namespace) -> Floats:
    if not options.texts:
        return np.concatenate(list(clustered(options.count, options.dims)))
    texts = np.load(options.texts, allow_pickle=False)
    chance = np.random.default_rng(0)
    return np.concatenate(list(_moved(texts, options.count, chance)))


def _moved(texts: Floats, count: int, chance: np.random.Generator) -> Iterator[Floats]:
    for start in range(0, count, _BATCH):
        own, one, other = chance.integers(0, len(texts), (3, min(_BATCH, count - start)))
        yield unit(texts[own] + np.float32(0.4) * (texts[one] - texts[other]))


def _nearest(vectors: Floats, asked: Floats) -> Ids:
    parts = [asked @ vectors[start : start + _BATCH].T for start in range(0, len(vectors), _BATCH)]
    return np.argsort(-np.concatenate(parts, axis=1), axis=1)[:, :_NEAREST]


def _measure(kind: str, vectors: Floats, asked: Floats, truth: Ids, threads: int) -> None:
    began = time.process_time()
    index, search = _usearch(vectors) if kind == "usearch" else _faiss(kind, vectors)
    built = time.process_time() - began
    spare = 1 if kind in ("Flat", "usearch") else _SPARE
    lists = getattr(index, "nlist", 0)
    for read in dict.fromkeys([lists >> step for step in (6, 5, 4, 3, 2, 1, 0)]) if lists else [0]:
        if lists:
            index.nprobe = read
        recall = _recall(search, vectors, asked, truth, spare)
        if not lists or recall >= 0.99 or read == lists:
            break
    taken = [_seconds(partial(_best, search, vectors, one, spare)) for one in asked]
    p50, p95 = 1000 * np.percentile(taken, [50, 95])
    told = f"{kind:20} built {built:.0f} s, {_bytes(index) / len(vectors):.0f} bytes a vector"
    told += f", recall {recall:.4f}" + (f" by {read} of {lists} lists" if lists else "")
    print(f"{told}, {p50:.2f} ms, p95 {p95:.2f} ms", flush=True)
    if threads > 1:
        began = time.perf_counter()
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(lambda one: _best(search, vectors, one, spare), asked))
        rate = len(asked) / (time.perf_counter() - began)
        print(f"{'':20} {rate:.0f} questions a second by {threads} threads", flush=True)


def _faiss(kind: str, vectors: Floats) -> tuple[Any, Search]:
    faiss: Any = import_module("faiss")
    index = faiss.index_factory(vectors.shape[1], kind, faiss.METRIC_INNER_PRODUCT)
    if hasattr(index, "cp"):
        index.cp.niter = 8
    if hasattr(index, "hnsw"):
        index.hnsw.efSearch = 400
    chance = np.random.default_rng(0)
    index.train(vectors[chance.permutation(len(vectors))[: 48 * getattr(index, "nlist", 100)]])
    index.add(vectors)
    faiss.omp_set_num_threads(1)
    return index, lambda asked, count: index.search(asked, count)[1]


def _usearch(vectors: Floats) -> tuple[Any, Search]:
    usearch: Any = import_module("usearch.index")
    index = usearch.Index(ndim=vectors.shape[1], metric="ip", dtype="i8", expansion_search=400)
    index.add(np.arange(len(vectors)), vectors)
    return index, lambda asked, count: np.atleast_2d(index.search(asked, count).keys)


def _best(search: Search, vectors: Floats, one: Floats, spare: int) -> Ids:
    """Give the nearest of the candidates by their own vectors."""
    (places,) = search(one[None, :], spare * _NEAREST)
    places = places[places >= 0]
    return places[np.argsort(-(vectors[places] @ one))[:_NEAREST]]


def _recall(search: Search, vectors: Floats, asked: Floats, truth: Ids, spare: int) -> float:
    shares = [
        len(np.intersect1d(_best(search, vectors, one, spare), best)) / len(best)
        for one, best in zip(asked, truth, strict=True)
    ]
    return float(np.mean(shares))


def _seconds(ask: Callable[[], object]) -> float:
    began = time.thread_time()
    ask()
    return time.thread_time() - began


def _bytes(index: Any) -> int:
    if hasattr(index, "memory_usage"):
        return int(index.memory_usage)
    return int(import_module("faiss").serialize_index(index).nbytes)


if __name__ == "__main__":
    main()
