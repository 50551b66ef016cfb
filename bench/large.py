"""What a question and a write cost in a large library, without the models.

    python bench/large.py --chunks 200000 --texts ../shared/data/train/heading_passage.jsonl.gz

Builds a library of shuffled sentences, half of them Chinese, with vectors that lie as those of texts
do, through the store's own writer, in a folder that stays (--library); or measures one that is there.
"""

import argparse
import gzip
import json
import random
import re
import resource
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from clusters import clustered, unit
from samples import sentences

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import DEFAULT_OPTIONS, Fingerprint, Store
from bifolio.retrieval.recall import recall

_A_DOCUMENT, _A_CHUNK = 500, 3  # chunks, sentences
_ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
FREQUENT = ("What is the way to do this and that with it?", "如何在系统中使用这个功能进行设置？")


def main() -> None:
    """Build and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--library", type=Path, default=Path("/tmp/bifolio-large"))
    add("--chunks", type=int, default=20_000)
    add("--dims", type=int, default=384)
    add("--texts", type=Path, help="lines of JSON with a lang and a passage; default: sample_docs")
    add("--questions", type=int, default=50)
    options = parser.parse_args()
    store = Store(options.library, Fingerprint("random", "random/1", options.dims, "bench"))
    pool = list(_pool(options.texts))
    _fill(store, pool, options.chunks)
    _measure(options.library, options.dims, pool, options.questions)


def _pool(texts: Path | None) -> Iterator[list[str]]:
    if texts is None:
        yield from (list(part) for part in sentences().values())
        return
    found: dict[str, list[str]] = {"en": [], "zh": []}
    with gzip.open(texts, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if len(found[row["lang"]]) < 100_000:
                found[row["lang"]] += filter(None, _ENDS.split(row["passage"][:1000]))
    yield from found.values()


def _fill(store: Store, pool: list[list[str]], count: int) -> None:
    with store.reading() as view:
        done = sum(view.languages().values())
    if done >= count:
        return
    began, chance = time.perf_counter(), random.Random(done)
    with store.writing() as writer:
        for rows in clustered(count - done, store.fingerprint.dims, seed=done):
            for start in range(0, len(rows), _A_DOCUMENT):
                some = rows[start : start + _A_DOCUMENT]
                chunks = _document(f"{done + start}-{chance.random()}", pool, len(some), chance)
                writer.put(chunks[0].document, chunks, some)
            print(f"{time.perf_counter() - began:.0f} s", flush=True)
    print(f"built {count - done} chunks in {time.perf_counter() - began:.0f} s")


def _document(name: str, pool: list[list[str]], count: int, chance: random.Random) -> list[Chunk]:
    part = chance.choice(pool)
    texts = [" ".join(chance.choices(part, k=_A_CHUNK)) for _ in range(count)]
    text = "\n".join(texts)
    document = Document(name, "", name, text, (Page(1, 0, len(text)),))
    chunks, start = [], 0
    for one in texts:
        chunks.append(Chunk(document, start, start + len(one)))
        start += len(one) + 1
    return chunks


def _measure(folder: Path, dims: int, pool: list[list[str]], count: int) -> None:
    chance = random.Random(1)
    asked = [chance.choice(chance.choice(pool))[:120] for _ in range(count)]
    made = unit(np.random.default_rng(0).standard_normal((count, dims), np.float32))
    fingerprint = Fingerprint("random", "random/1", dims, "bench")
    before = _resident()
    began = time.perf_counter()
    store = Store(folder, fingerprint)
    with store.reading() as view:
        view.dense(made[0], 100)
    print(f"opened, first vectors found after {time.perf_counter() - began:.2f} s")
    with store.reading() as view:
        near = [_near(view, vector, seed) for seed, vector in enumerate(made)]
    for name, questions in (("sentences", asked), ("frequent", FREQUENT)):
        _report(f"recall, {name}", [_timed(store, q, v) for q, v in zip(questions, near)])
        _report(f"  words, {name}", [_words(store, question) for question in questions])
    _report("  vectors", [_dense(store, vector) for vector in near])
    print(f"resident {_resident() - before:.0f} MB more than before")
    _report("add 1,000", [_add(store, pool, dims)])
    _report("first question after it", [_timed(store, asked[0], near[0])])
    began = time.perf_counter()
    with store.writing() as writer:
        writer.remove("added")
    print(f"remove 1,000: {1000 * (time.perf_counter() - began):.0f} ms")
    _report("first question after it", [_timed(store, asked[0], near[0])])
    began = time.perf_counter()
    with store.reading() as view:
        entries = view.entries()
    print(f"list {len(entries)} documents: {1000 * (time.perf_counter() - began):.0f} ms")


def _near(view, vector, seed):  # type: ignore[no-untyped-def]
    return vector


def _timed(store: Store, question: str, vector) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    with store.reading() as view:
        recall(question, vector, view, DEFAULT_OPTIONS)
    return time.perf_counter() - began


def _words(store: Store, question: str) -> float:
    from bifolio.retrieval.words import words

    began = time.perf_counter()
    with store.reading() as view:
        for language in ("en", "zh"):
            view.lexical(words(question), 100, language=language)
    return time.perf_counter() - began


def _dense(store: Store, vector) -> float:  # type: ignore[no-untyped-def]
    began = time.perf_counter()
    with store.reading() as view:
        for language in ("en", "zh"):
            view.dense(vector, 100, language=language)
    return time.perf_counter() - began


def _add(store: Store, pool: list[list[str]], dims: int) -> float:
    chunks = _document("added", pool, 1000, random.Random(2))
    rows = next(clustered(1000, dims, seed=3))
    began = time.perf_counter()
    with store.writing() as writer:
        writer.put(chunks[0].document, chunks, rows)
    return time.perf_counter() - began


def _report(label: str, seconds: list[float]) -> None:
    p50, p95 = np.percentile(1000 * np.array(seconds), [50, 95])
    print(f"{label}: p50 {p50:.1f} ms, p95 {p95:.1f} ms")


def _resident() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
