"""An actor of a cluster that died is waited for, and left behind when it does not come back."""

import threading
from types import SimpleNamespace
from typing import Any

import pytest
from conftest import WordEmbedder

from bifolio.cluster import ClusterLost, crew
from bifolio.cluster.crew import Crew


class LostError(Exception):
    """What Ray raises for an actor that is being started again."""


class Actor:
    """Answers, once it has failed so many times."""

    def __init__(self) -> None:
        self.failures = 0
        self.asked = 0
        self.fingerprint = self.embed = SimpleNamespace(remote=self._promise)

    def _promise(self, *_: Any) -> "Actor":
        self.asked += 1
        return self


class Ray:
    """So much of Ray as a crew calls; a promise is its actor."""

    exceptions = SimpleNamespace(RayError=LostError)

    def __init__(self, machines: int) -> None:
        self.machines, self.made, self.killed = [{"Alive": True}] * machines, [], []

    def cluster_resources(self) -> dict[str, float]:
        return {"CPU": 2.0}

    def nodes(self) -> list[dict[str, bool]]:
        return self.machines

    def put(self, value: Any) -> Any:
        return value

    def remote(self, **_: Any) -> Any:
        return lambda _work: SimpleNamespace(remote=self._make)

    def _make(self, *_: Any) -> Actor:
        self.made.append(Actor())
        return self.made[-1]

    def wait(self, promises: list[Actor], **_: Any) -> tuple[list[Actor], list[Actor]]:
        return promises, []

    def get(self, promise: Any) -> Any:
        if isinstance(promise, list):
            return [WordEmbedder().fingerprint] * len(promise)
        if promise.failures:
            promise.failures -= 1
            raise LostError
        return ""

    def kill(self, actor: Actor) -> None:
        self.killed.append(actor)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(crew, "_LOOK", 0.0)


def test_an_actor_that_starts_again_is_waited_for() -> None:
    ray = Ray(machines=1)
    ours = Crew(ray, WordEmbedder())
    (actor,) = ray.made
    actor.failures, actor.asked = 5, 0

    ours.recover(actor, threading.Event())

    assert (actor.failures, actor.asked, ray.killed) == (0, 6, [])


def test_without_an_actor_that_stays_away_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(crew, "_PATIENCE", 0.0)
    ray = Ray(machines=2)
    ours = Crew(ray, WordEmbedder())
    first, second = ray.made

    ours.recover(first, threading.Event())

    assert ray.killed == [first]
    assert {ours.embed(None)[1] for _ in range(4)} == {second}
    # Of the other files that it had, each is told at once.
    ours.recover(first, threading.Event())
    with pytest.raises(ClusterLost, match="the Ray cluster is gone"):
        ours.recover(second, threading.Event())


def test_a_cluster_without_machines_is_told_at_once() -> None:
    ray = Ray(machines=1)
    ours = Crew(ray, WordEmbedder())
    ray.machines = []
    ray.made[0].failures = 1

    with pytest.raises(ClusterLost, match="the Ray cluster is gone"):
        ours.recover(ray.made[0], threading.Event())


def test_who_stops_waits_for_no_actor() -> None:
    ray = Ray(machines=1)
    ours = Crew(ray, WordEmbedder())
    ray.made[0].failures = 10**9
    stop = threading.Event()
    stop.set()

    ours.recover(ray.made[0], stop)

    assert ray.killed == []
