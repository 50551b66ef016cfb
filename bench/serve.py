"""Requests a second and latencies of `bifolio serve`, with and without batches.

    python bench/serve.py [--clients 1 8 20] [--seconds 2] [--rounds 4] [--models starter]

Serves the starter models (or others) on loopback in a process of its own, and lets clients, each a
thread with a connection, ask for embeddings and rerankings as fast as they are answered, some
seconds the one way and then the other, for some rounds, so that both find the machine as busy with
other work. Prints p50 and p95 of the latency, what a request took of a core (which other work does
not change much), and the largest difference of any number between the two. The texts are passages
of sample_docs.

infinity-emb (0.0.78) is no peer here: it wants numpy below 2 and, with torch, sentence-transformers
below 4, so that it does not install beside our numpy 2 and transformers 5.
"""

import argparse
import json
import multiprocessing
import os
import platform
import statistics
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

Request = tuple[str, dict[str, object]]

SAMPLES = Path(__file__).parents[1] / "sample_docs"


@dataclass(frozen=True, slots=True)
class Measured:
    """What came of one load."""

    requests: int
    seconds: float
    latencies: Sequence[float]
    core_seconds: float

    def __str__(self) -> str:
        """Say it in a line."""
        ordered = sorted(self.latencies)
        p95 = ordered[int(len(ordered) * 0.95)]
        rate = self.requests / self.seconds
        middle = statistics.median(ordered)
        core = self.core_seconds / self.requests
        return (
            f"{rate:7.1f} requests/s  p50 {middle * 1e3:7.0f} ms  p95 {p95 * 1e3:7.0f} ms"
            f"  core {core * 1e3:7.1f} ms"
        )


def main() -> None:
    """Measure both ways."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--clients", type=int, nargs="+", default=[1, 8, 20])
    parser.add_argument("--seconds", type=float, default=2.0, help="of one round")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--models", default="starter")
    options = parser.parse_args()
    texts = passages()
    loads = loads_of(texts)
    answers: dict[bool, list[list[float]]] = {}
    print(f"{options.models}; {machine()}", flush=True)
    with (
        served(options.models, batched=False) as alone,
        served(options.models, batched=True) as batches,
    ):
        urls = {False: alone, True: batches}
        for batched, (url, _) in urls.items():
            answers[batched] = [
                numbers(ask(url, load(n))) for load in loads.values() for n in range(8)
            ]
        for name, load in loads.items():
            for clients in options.clients:
                found: dict[bool, list[Measured]] = {False: [], True: []}
                for _ in range(options.rounds):
                    for batched, server in urls.items():
                        one = measure(server, load, clients=clients, seconds=options.seconds)
                        found[batched].append(one)
                for batched, rounds in found.items():
                    way = "batches" if batched else "alone"
                    print(f"{name:18} {clients:3} clients {way:8} {together(rounds)}", flush=True)
    print(machine())
    pairs = zip(answers[False], answers[True], strict=True)
    apart = [abs(a - b) for one, other in pairs for a, b in zip(one, other, strict=True)]
    print(f"largest difference of any number: {max(apart):g}")


def loads_of(texts: Sequence[str]) -> dict[str, Callable[[int], Request]]:
    """Give what is asked for, each load a function from a number to a request."""

    def _some(number: int) -> list[str]:
        return [texts[(number + k) % len(texts)] for k in range(8)]

    def _question(number: int) -> str:
        return texts[number % len(texts)][:40]

    return {
        "embed a question": lambda n: ("/v1/embeddings", {"input": _question(n)}),
        "embed 8 passages": lambda n: ("/v1/embeddings", {"input": _some(n)}),
        "rerank 8 passages": lambda n: (
            "/rerank",
            {"query": _question(n), "documents": _some(n)},
        ),
    }


def machine() -> str:
    """Say on what is measured, and how busy it is with other things."""
    cpus = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if "model name" in line]
    kind = cpus[0].partition(":")[2].strip() if cpus else platform.processor()
    return f"{len(os.sched_getaffinity(0))} cores ({kind}), load {os.getloadavg()[0]:.1f}"


def passages() -> list[str]:
    """Give the paragraphs of the sample documents that are plain text."""
    found = []
    for file in sorted([*SAMPLES.glob("*.md"), *SAMPLES.glob("*.txt")]):
        for block in file.read_text(encoding="utf-8").split("\n\n"):
            if len(block) > 60:
                found.append(" ".join(block.split())[:400])
    return found


def measure(
    server: tuple[str, int], load: Callable[[int], Request], *, clients: int, seconds: float
) -> Measured:
    """Let so many clients ask for so long."""
    url, process = server
    latencies: list[float] = []
    lock = threading.Lock()
    numbers = iter(range(10**9))
    ends = time.monotonic() + seconds

    def _client() -> None:
        while time.monotonic() < ends:
            with lock:
                number = next(numbers)
            began = time.monotonic()
            ask(url, load(number))
            with lock:
                latencies.append(time.monotonic() - began)

    began, spent = time.monotonic(), core_seconds(process)
    threads = [threading.Thread(target=_client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    spent = core_seconds(process) - spent
    return Measured(len(latencies), time.monotonic() - began, latencies, spent)


def core_seconds(process: int) -> float:
    """Give what a process has taken of all cores until now."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def together(rounds: Sequence[Measured]) -> Measured:
    """Give what came of several rounds as of one."""
    return Measured(
        sum(one.requests for one in rounds),
        sum(one.seconds for one in rounds),
        [latency for one in rounds for latency in one.latencies],
        sum(one.core_seconds for one in rounds),
    )


def ask(url: str, request: Request) -> dict[str, object]:
    """Ask one thing."""
    path, body = request
    asked = urllib.request.Request(
        url + path, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(asked, timeout=120) as response:
        given: dict[str, object] = json.load(response)
        return given


def numbers(given: dict[str, object]) -> list[float]:
    """Give all numbers of an answer that a model made, rankings by place."""
    if "data" in given:
        return [number for one in given["data"] for number in one["embedding"]]  # type: ignore[attr-defined]
    ranked = sorted(given["results"], key=lambda one: one["index"])  # type: ignore[call-overload]
    return [one["relevance_score"] for one in ranked]


@contextmanager
def served(models: str, *, batched: bool) -> Iterator[tuple[str, int]]:
    """Serve an empty library in a process of its own, and give its address and the process."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(models, batched, theirs), daemon=True)
    process.start()
    try:
        yield ours.recv(), process.pid or 0
    finally:
        process.terminate()
        process.join()


def _serve(models: str, batched: bool, pipe: Connection) -> None:
    import tempfile

    from bifolio.batching import Batching
    from bifolio.listening import listen
    from bifolio.retrieval import ANYWHERE
    from bifolio.serve import Limits, Rules, Service, server_of
    from bifolio.settings import Settings

    if not batched:
        Batching.run = property(lambda self: ANYWHERE)  # type: ignore[assignment]
    with tempfile.TemporaryDirectory() as folder, listen("127.0.0.1", 0) as listening:
        service = Service.open(
            {"x": Path(folder)},
            Rules(limits=Limits(searches=64, waiting=1000)),
            settings=lambda folder: Settings(library=folder, models=models),
            create=True,
        )
        service.warm()
        pipe.send(f"http://127.0.0.1:{listening.getsockname()[1]}")
        server_of(service).run(sockets=[listening])


if __name__ == "__main__":
    main()
