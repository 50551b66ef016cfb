"""What a question and a write cost in a large library, without the models.

    python bench/large.py --chunks 200000 --texts ../shared/data/train/heading_passage.jsonl.gz

Builds a library of shuffled sentences, half of them Chinese, with vectors that lie as those of
texts do, through the store's own writer, in a folder that stays; or measures one that is there.
"""

import argparse
import gzip
import json
import random
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from clusters import clustered, questions
from samples import sentences

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import DEFAULT_OPTIONS, LANGUAGES, Fingerprint, Reader, Store
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.recall import recall
from bifolio.retrieval.words import words

_A_DOCUMENT, _A_CHUNK = 500, 3  # chunks, sentences
_ENDS = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])")
_SENTENCES = 50_000
_FREQUENT = ("What is the way to do this and that with it?", "如何在系统中使用这个功能进行设置？")
_ADDED = 1000
# Seconds by the clock, and of the thread that asks.
Taken = tuple[float, float]


def main() -> None:
    """Build and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--library", type=Path, default=Path("large-library"))
    add("--chunks", type=int, default=20_000)
    add("--dims", type=int, default=384)
    add("--texts", type=Path, help="lines of JSON with a lang and a passage; default: sample_docs")
    add("--questions", type=int, default=50)
    options = parser.parse_args()
    fingerprint = Fingerprint("clusters", "clusters/1", options.dims, "bench")
    pool = list(_pool(options.texts))
    _fill(Store(options.library, fingerprint), pool, options.chunks)
    with Store(options.library, fingerprint).writing():
        pass  # What is due is built when the writer ends, in a library of an older version too.
    # In a process of its own, which has not built anything: its memory is that of a search.
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
        alone.submit(_measure, options.library, fingerprint, pool, options.questions).result()


def _pool(texts: Path | None) -> Iterator[list[str]]:
    if texts is None:
        yield from (list(part) for part in sentences().values())
        return
    found: dict[str, list[str]] = {"en": [], "zh": []}
    with gzip.open(texts, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if len(found[row["lang"]]) < _SENTENCES:
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
                chunks = _document(f"{chance.random()}", pool, len(some), chance)
                writer.put(chunks[0].document, chunks, some)
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


def _measure(folder: Path, fingerprint: Fingerprint, pool: list[list[str]], count: int) -> None:
    chance = random.Random(1)
    asked = [chance.choice(chance.choice(pool))[:120] for _ in range(count)]
    vectors = questions(next(clustered(count, fingerprint.dims, seed=0)), count)
    before = _resident()
    store = Store(folder, fingerprint)
    _report("opened, first question", [_timed(store, _whole(asked[0], vectors[0]))])
    for name, texts in (("sentences", asked), ("frequent words", [*_FREQUENT] * count)):
        both = list(zip(texts, vectors, strict=False))
        _report(f"{name}: recall", [_timed(store, _whole(text, one)) for text, one in both])
        _report(f"{name}: words alone", [_timed(store, _words(text)) for text, _ in both])
    _report("vectors alone", [_timed(store, _dense(one)) for one in vectors])
    print(f"resident: {_resident():.0f} MB at most, {before:.0f} MB before")
    _report(f"{_ADDED} chunks added", [_add(store, pool)])
    _report("first question after that", [_timed(store, _whole(asked[0], vectors[0]))])
    _report("and removed", [_remove(store)])
    _report("first question after that", [_timed(store, _whole(asked[0], vectors[0]))])
    _report("documents listed", [_timed(store, Reader.entries)])


def _whole(question: str, vector: Floats) -> Callable[[Reader], object]:
    return lambda view: recall(question, vector, view, DEFAULT_OPTIONS)


def _words(question: str) -> Callable[[Reader], object]:
    return lambda view: [view.lexical(words(question), 100, language=one) for one in LANGUAGES]


def _dense(vector: Floats) -> Callable[[Reader], object]:
    return lambda view: [view.dense(vector, 100, language=one) for one in LANGUAGES]


def _timed(store: Store, ask: Callable[[Reader], object]) -> Taken:
    began, own = time.perf_counter(), time.thread_time()
    with store.reading() as view:
        ask(view)
    return time.perf_counter() - began, time.thread_time() - own


def _add(store: Store, pool: list[list[str]]) -> Taken:
    chunks = _document("added", pool, _ADDED, random.Random(2))
    rows = next(clustered(_ADDED, store.fingerprint.dims, seed=3))
    began, own = time.perf_counter(), time.thread_time()
    with store.writing() as writer:
        writer.put(chunks[0].document, chunks, rows)
    return time.perf_counter() - began, time.thread_time() - own


def _remove(store: Store) -> Taken:
    began, own = time.perf_counter(), time.thread_time()
    with store.writing() as writer:
        writer.remove("added")
    return time.perf_counter() - began, time.thread_time() - own


def _report(label: str, taken: list[Taken]) -> None:
    walls, own = 1000 * np.array(taken).T
    said = f"{label}: {np.median(walls):.1f} ms"
    said += f", p95 {np.percentile(walls, 95):.1f} ms" if len(taken) > 1 else ""
    # On a machine that others use too the clock tells their work as well.
    said += f" ({np.median(own):.1f} ms of a core"
    said += f", p95 {np.percentile(own, 95):.1f} ms)" if len(taken) > 1 else ")"
    print(said, flush=True)


def _resident() -> float:
    # Not getrusage: Linux counts what a process held before it became this program, so that one
    # started by a process which has built a library begins with all of that.
    status = Path("/proc/self/status").read_text()
    return int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1024


if __name__ == "__main__":
    main()
