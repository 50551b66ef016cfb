"""What the writing side of a cluster does with what comes back, by a double of Ray."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Library, Models
from bifolio.cluster import ClusterLost, RayEngine, crew, engine
from bifolio.cluster.crew import Crew


class RayError(Exception):
    pass


class RayTaskError(RayError):
    cause = None


class FakeRay:
    """Does at once what it is given; the first ``deaths`` promises of embedding are broken.

    So are the first ``away`` answers of an actor that is asked whether it is back.
    """

    exceptions = SimpleNamespace(RayError=RayError, RayTaskError=RayTaskError)

    def __init__(self, deaths: int = 0, *, away: int = 0, machines: int = 1) -> None:
        self.deaths, self.away = deaths, away
        self.machines = [{"Alive": True}] * machines
        self.actors: list[Any] = []
        self.killed: list[Any] = []

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def nodes(self) -> list[dict[str, bool]]:
        return self.machines

    def put(self, value: Any) -> Any:
        return value

    def remote(self, **_: Any) -> Any:
        def wrapped(made: Any) -> Any:
            if isinstance(made, type):
                return SimpleNamespace(remote=lambda *given: self._actor(made(*given)))
            return SimpleNamespace(remote=lambda *given: Promise(lambda: made(*given)))

        return wrapped

    def wait(self, references: Any, **_: Any) -> tuple[list[Any], list[Any]]:
        return list(references)[:1], []

    def get(self, reference: Any) -> Any:
        if isinstance(reference, list):
            return [one.value() for one in reference]
        if self.deaths and reference.embeds:
            self.deaths -= 1
            raise RayError("the worker died")
        if self.away and not reference.embeds:
            self.away -= 1
            raise RayError("the actor is temporarily unavailable")
        return reference.value()

    def kill(self, actor: Any) -> None:
        self.killed.append(actor)

    def cancel(self, _: Any, **__: Any) -> None: ...

    def _actor(self, one: Any) -> Any:
        def embed(read: Any) -> Any:
            def made() -> Any:
                return one.embed(read.value() if isinstance(read, Promise) else read)

            return Promise(made, embeds=True)

        self.actors.append(
            SimpleNamespace(
                embed=SimpleNamespace(remote=embed),
                fingerprint=SimpleNamespace(remote=lambda: Promise(one.fingerprint)),
            )
        )
        return self.actors[-1]


class Promise:
    def __init__(self, value: Any, *, embeds: bool = False) -> None:
        self.value, self.embeds = value, embeds


def add(monkeypatch: pytest.MonkeyPatch, library: Library, folder: Path, ray: FakeRay) -> Any:
    @contextmanager
    def connected(_: str | None) -> Iterator[FakeRay]:
        yield ray

    monkeypatch.setattr(engine, "connected", connected)
    return library.add(folder, engine=RayEngine())


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_LOOK", 0.0)


def texts(library: Library) -> dict[str, str]:
    return {one.path: library.document(one.path).text for one in library.documents()}


@pytest.mark.parametrize("deaths", [0, 1, 2])
def test_what_dies_is_sent_out_again_and_stored_once(
    library: Library,
    documents: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    deaths: int,
) -> None:
    (documents / "damaged.pdf").write_bytes(b"%PDF-1.4 no more")
    plain = Library(tmp_path / "plain", models=Models(WordEmbedder(), OverlapReranker()))
    expected = plain.add(documents)

    report = add(monkeypatch, library, documents, FakeRay(deaths))

    assert texts(library) == texts(plain)
    assert {one.path for one in report.added} == {one.path for one in expected.added}
    assert report.skipped == expected.skipped


def test_a_file_whose_workers_always_die_is_skipped_and_tried_again_next_time(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = add(monkeypatch, library, documents, FakeRay(deaths=10**6))

    assert len(report.skipped) == 3
    assert "died 3 times" in str(report.skipped[0].reason)
    assert len(add(monkeypatch, library, documents, FakeRay()).added) == 3


def test_an_actor_that_starts_again_is_waited_for() -> None:
    ray = FakeRay(away=5)

    Crew(ray, WordEmbedder()).recover(ray.actors[0], threading.Event())

    assert (ray.away, ray.killed) == (0, [])


def test_without_an_actor_that_stays_away_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew, "_PATIENCE", 0.0)
    ray = FakeRay(machines=2)
    ours = Crew(ray, WordEmbedder())
    first, second = ray.actors

    ours.recover(first, threading.Event())

    assert ray.killed == [first]
    assert all(ours.embed(None)[1] is second for _ in range(4))
    # Of the other files that it had, each is told at once.
    ours.recover(first, threading.Event())
    with pytest.raises(ClusterLost, match="the Ray cluster is gone"):
        ours.recover(second, threading.Event())


def test_a_cluster_without_machines_is_told_at_once() -> None:
    ray = FakeRay(away=1)
    ours = Crew(ray, WordEmbedder())
    ray.machines = []

    with pytest.raises(ClusterLost, match="the Ray cluster is gone"):
        ours.recover(ray.actors[0], threading.Event())


def test_who_stops_waits_for_no_actor() -> None:
    ray = FakeRay(away=10**9)
    stop = threading.Event()
    stop.set()

    Crew(ray, WordEmbedder()).recover(ray.actors[0], stop)

    assert ray.killed == []
