"""On a cluster whose processes and machines die, each file is stored once, and as it is here."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Library, Models, Progress
from bifolio.cluster import ClusterLost, RayEngine
from bifolio.cluster.session import PATIENT
from bifolio.ingest import Stopped

SUBJECTS = ("ferry", "price", "crew", "engine", "fire", "refund", "渡轮", "票价")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Run two nodes on this machine, with one CPU each."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        # Its workers import the doubles.
        patch.setenv("PYTHONPATH", str(Path(__file__).parent))
        # No clock: a busy machine is no failure.
        for name, value in PATIENT.items():
            patch.setenv(name, value)
        patch.setenv("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
        from ray.cluster_utils import Cluster

        options = {"num_cpus": 1, "object_store_memory": 80_000_000}
        # Ray takes 127.0.0.1 for the name of the machine and would look for it elsewhere.
        local = {"node_ip_address": "127.0.0.2", "include_dashboard": False}
        nodes = Cluster(initialize_head=True, head_node_args=options | local)
        nodes.add_node(**options, node_ip_address="127.0.0.2")
        yield nodes
        nodes.shutdown()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder of sixteen files, one of which cannot be read."""
    folder = tmp_path / "documents"
    folder.mkdir()
    for number in range(15):
        text = f"# Part {number}\n\n{SUBJECTS[number % len(SUBJECTS)]} number {number}\n"
        (folder / f"{number:02}.md").write_text(text, encoding="utf-8")
    (folder / "damaged.pdf").write_bytes(b"%PDF-1.4 no more")
    return folder


def library(place: Path, embedder: WordEmbedder | None = None) -> Library:
    return Library(place, models=Models(embedder or WordEmbedder(), OverlapReranker()))


def held(library: Library) -> dict[str, tuple[str, list[tuple[int, int]], list[list[float]]]]:
    """Give each document's text, the places of its chunks, and their vectors."""
    axes = np.eye(library.models.embedder.dims, dtype=np.float32)
    found = {}
    with library.store.reading() as view:
        chunks = view.chunks(ids := view.ids())
        columns = [view.products(axis, ids) for axis in axes]
    for place, id_ in enumerate(ids):
        chunk = chunks[id_]
        _, spans, vectors = found.setdefault(chunk.document.path, (chunk.document.text, [], []))
        spans.append((chunk.start, chunk.end))
        vectors.append([column[place] for column in columns])
    return found


def kill_workers(named: str, count: int, stop: threading.Event) -> list[int]:
    """Kill so many of Ray's processes that are at such work."""
    killed: list[int] = []
    while len(killed) < count and not stop.is_set():
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                said = (entry / "cmdline").read_bytes()
            except OSError:
                continue
            if said.startswith(f"ray::{named}".encode()) and int(entry.name) not in killed:
                os.kill(int(entry.name), signal.SIGKILL)
                killed.append(int(entry.name))
                break
        time.sleep(0.05)
    return killed


class Slow(WordEmbedder):
    """Gives a test the time to kill who embeds."""

    def embed_passages(self, texts: Any) -> Any:
        time.sleep(0.2)
        return super().embed_passages(texts)


def test_killed_workers_and_a_lost_machine_lose_and_double_nothing(
    cluster: Any, folder: Path, tmp_path: Path
) -> None:
    here, there = library(tmp_path / "here"), library(tmp_path / "there", Slow())
    expected = here.add(folder)
    told: list[Progress] = []
    stop = threading.Event()
    killed: list[int] = []

    def harm() -> None:
        killed.extend(kill_workers("read_bytes", 2, stop))
        killed.extend(kill_workers("EmbedWorker", 1, stop))
        cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)

    harming = threading.Thread(target=harm)
    harming.start()
    try:
        report = there.add(folder, engine=RayEngine(cluster.address), on_progress=told.append)
    finally:
        stop.set()
        harming.join()

    assert len(killed) == 3
    # First what says why a file is not there.
    assert [str(one.reason) for one in report.skipped] == [
        str(one.reason) for one in expected.skipped
    ]
    assert sorted(one.path for one in report.added) == sorted(one.path for one in expected.added)
    assert held(there) == held(here)
    assert there.store.check(whole=True) == ()
    assert [progress.done for progress in told] == sorted(progress.done for progress in told)
    assert told[-1].chunks == 15
    again = there.add(folder, engine=RayEngine(cluster.address))
    assert (again.unchanged, again.added) == (15, ())
    # Ray can make a process ignore how its children end.
    assert subprocess.run(["false"], check=False).returncode == 1


def test_it_ends_within_a_moment_when_it_is_stopped_and_goes_on_later(
    cluster: Any, folder: Path, tmp_path: Path
) -> None:
    there = library(tmp_path / "there", Slow())
    stop = threading.Event()
    stopped: list[float] = []

    def end() -> None:
        stopped.append(time.monotonic())
        stop.set()

    threading.Timer(2, end).start()
    with pytest.raises(Stopped):
        there.add(folder, engine=RayEngine(cluster.address), stop=stop)
    assert time.monotonic() - stopped[0] < 20

    rest = there.add(folder, engine=RayEngine(cluster.address))

    assert len(there.documents()) == 15
    assert len(rest.added) + rest.unchanged == 15


def test_a_cluster_that_is_not_there_is_told_in_a_sentence(folder: Path, tmp_path: Path) -> None:
    there = library(tmp_path / "there")

    with pytest.raises(ClusterLost, match=r"no Ray cluster .* `ray start --head`"):
        there.add(folder, engine=RayEngine("127.0.0.1:1"))

    assert there.documents() == []
