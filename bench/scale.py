"""What one core does, and what follows from it for many: a plan for millions of pages.

    python bench/scale.py measure [--seconds 20]
    python bench/scale.py plan --pages 10000000 --hours 24 --read 12 --embed 9 --write 300 \\
        --core-hour 0.04 --gigabyte-month 0.10
    python bench/scale.py load --rate 2 --seconds 30
    python bench/scale.py queue --rate 20 --mean 0.25 --deviation 0.1 --servers 16

``measure`` counts pages and chunks a second of one core's time, so that others on the machine do
not count, and rows a second of the clock. ``plan`` multiplies: its prices are arguments, since
nobody's are ours. ``load`` asks at random times whether or not the last answer is there, as people
do; ``queue`` says what waiting adds where as many are asked as a machine takes at once.
"""

import json
import math
import random
import resource
import statistics
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path

import numpy as np
from samples import ROOT, documents

from bifolio import Library, Models, Settings
from bifolio.ingest import Chunk, Document, Page, read, split
from bifolio.ingest.children import end_server
from bifolio.retrieval import Fingerprint, open_store
from bifolio.storing import CHUNK_TOKENS

_DIMS = 384
# Bytes in Milvus for a chunk: HNSW with M 32 over float32, its words, and BM25's lists.
_LINKS, _WORDS = 2 * 32 * 4, 2500


@dataclass(frozen=True, slots=True)
class Plan:
    """Machines and money for one ingestion, and gigabytes for as long as it is kept."""

    core_hours: float
    machines: int
    cost: float
    chunks: int
    memory_gb: float
    database_gb: float
    monthly: float


def plan(options: Namespace) -> Plan:
    """Say what so many pages need, from what one core does in a second."""
    chunks = math.ceil(options.pages * options.chunks_a_page)
    seconds = options.pages / options.read + chunks / options.embed
    core_hours = seconds / 3600
    # One process writes: it must keep up with all that read and embed.
    writing = chunks / options.write / 3600
    hours = max(options.hours, writing)
    memory = chunks * (4 * options.dims + _LINKS + _WORDS) / 1e9
    database = chunks * (4 * options.dims + 2 * options.characters) / 1e9
    return Plan(
        core_hours=core_hours,
        machines=math.ceil(core_hours / hours / options.cores),
        cost=core_hours * options.core_hour,
        chunks=chunks,
        memory_gb=memory,
        database_gb=database,
        monthly=(memory + database) * options.gigabyte_month,
    )


def waiting(*, rate: float, mean: float, deviation: float, servers: int) -> tuple[float, float]:
    """Give the load of each server, and the 95th percentile of seconds that a question waits.

    Erlang's C with the correction of Allen and Cunneen for service times that are not exponential;
    infinite where more is asked than can be answered.
    """
    offered = rate * mean
    load = offered / servers
    if load >= 1:
        return load, math.inf
    term = total = 1.0
    for number in range(1, servers):
        term *= offered / number
        total += term
    last = term * offered / servers / (1 - load)
    waits = last / (total + last)
    variability = (1 + (deviation / mean) ** 2) / 2
    typical = mean * variability / (servers * (1 - load))
    return load, typical * math.log(waits / 0.05) if waits > 0.05 else 0.0


def measure(options: Namespace) -> dict[str, float]:
    """Count what one core reads and embeds in a second of its time, and what is written."""
    return {
        "pages read a core second": _reading(options.seconds),
        "chunks embedded a core second": _embedding(options.seconds),
        "rows written a second, folder": _writing("library", options.seconds),
        "rows written a second, Milvus Lite and SQLite": _writing("milvus", options.seconds),
    }


def load(library: Library, questions: list[str], *, rate: float, seconds: float) -> list[float]:
    """Ask at random times for so many seconds, and give how long each answer took to come."""
    chance = random.Random(0)
    took: list[float] = []

    def ask(question: str, due: float) -> None:
        library.retrieve(question)
        took.append(time.monotonic() - due)

    began = due = time.monotonic()
    with ThreadPoolExecutor(64) as pool:
        for question in cycle(questions):
            due += chance.expovariate(rate)
            if due - began > seconds:
                break
            time.sleep(max(0.0, due - time.monotonic()))
            pool.submit(ask, question, due)
    return sorted(took)


def _reading(seconds: float) -> float:
    files = sorted((ROOT / "sample_docs").iterdir())
    pages, began = 0, time.monotonic()
    before = _children()
    for file in cycle(files):
        pages += len(read(file).pages)
        if time.monotonic() - began > seconds:
            return pages / (_children() - before)
    raise AssertionError


def _children() -> float:
    # What the process spent that forks them is known when it has ended.
    end_server()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _embedding(seconds: float) -> float:
    embedder = Models.open(Settings()).embedder
    chunks = [
        chunk.searched
        for document in documents()
        for chunk in split(document, size=CHUNK_TOKENS, length=embedder.count)
    ]
    embedder.embed_passages(chunks[:4])
    done, began, before = 0, time.monotonic(), time.process_time()
    while time.monotonic() - began < seconds:
        # No two alike: equal texts are embedded once.
        embedder.embed_passages([f"{done} {chunk}" for chunk in chunks])
        done += len(chunks)
    return done / (time.process_time() - before)


def _writing(kind: str, seconds: float) -> float:
    chance = np.random.default_rng(0)
    text = "The ferry leaves at nine and the crew rings the bell. " * 30
    with tempfile.TemporaryDirectory() as folder:
        place = f"{folder}/library" if kind == "library" else f"milvus+file:{folder}/library"
        store = open_store(place, Fingerprint("bench", "bench", _DIMS, "bench"))
        done, began = 0, time.monotonic()
        with store.writing() as writer:
            while time.monotonic() - began < seconds:
                whole = f"{text}\n" * 32
                document = Document(f"{done}", "t", f"{done}", whole, (Page(1, 0, len(whole)),))
                step = len(text) + 1
                chunks = [Chunk(document, n * step, n * step + len(text)) for n in range(32)]
                vectors = chance.normal(size=(32, _DIMS)).astype(np.float32)
                vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
                writer.put_many([(document, chunks, vectors)])
                done += 32
        took = time.monotonic() - began
        store.close()
    return done / took


def _measure(options: Namespace) -> None:
    for what, figure in measure(options).items():
        print(f"{what:48} {figure:8.1f}")


def _plan(options: Namespace) -> None:
    made = plan(options)
    print(f"{made.chunks:,} chunks; {made.core_hours:,.0f} core hours, {made.cost:,.0f} of money")
    print(f"{made.machines} machines of {options.cores} cores for {options.hours:g} hours")
    print(f"Milvus {made.memory_gb:,.0f} GB of memory, the database {made.database_gb:,.0f} GB")
    print(f"{made.monthly:,.0f} of money a month to keep it")


def _load(options: Namespace) -> None:
    lines = (ROOT / "tests/questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    with tempfile.TemporaryDirectory() as folder:
        place = options.library or str(Path(folder) / "library")
        with Library.open(place) as library:
            if not library.documents():
                library.add(ROOT / "sample_docs")
            library.retrieve(questions[0])
            took = load(library, questions, rate=options.rate, seconds=options.seconds)
    p95 = took[int(0.95 * len(took))]
    told = f"median {statistics.median(took):.3f} s, p95 {p95:.3f} s"
    print(f"{len(took)} questions at {options.rate:g} a second: {told}")


def _queue(options: Namespace) -> None:
    given = {name: getattr(options, name) for name in ("rate", "mean", "deviation", "servers")}
    busy, waits = waiting(**given)
    print(f"each of {options.servers} busy {busy:.0%} of the time; p95 of waiting {waits:.3f} s")


def main() -> int:
    """Do what is asked."""
    parser = ArgumentParser(description=__doc__)
    doing = parser.add_subparsers(required=True)
    measuring = doing.add_parser("measure")
    measuring.add_argument("--seconds", type=float, default=20)
    measuring.set_defaults(do=_measure)
    planning = doing.add_parser("plan")
    for name, default in (
        *(("pages", 10_000_000), ("hours", 24), ("read", 0), ("embed", 0), ("write", 0)),
        *(("chunks-a-page", 2.5), ("characters", 1500), ("dims", _DIMS), ("cores", 32)),
        *(("core-hour", 0), ("gigabyte-month", 0)),
    ):
        planning.add_argument(
            f"--{name}", type=float, default=default or None, required=not default
        )
    planning.set_defaults(do=_plan)
    loading = doing.add_parser("load")
    loading.add_argument("--rate", type=float, default=1)
    loading.add_argument("--seconds", type=float, default=30)
    loading.add_argument("--library", help="a folder or an address; else sample_docs in a new one")
    loading.set_defaults(do=_load)
    queueing = doing.add_parser("queue")
    for name in ("rate", "mean", "deviation"):
        queueing.add_argument(f"--{name}", type=float, required=True)
    queueing.add_argument("--servers", type=int, required=True)
    queueing.set_defaults(do=_queue)
    options = parser.parse_args()
    options.do(options)
    return 0


if __name__ == "__main__":
    sys.exit(main())
