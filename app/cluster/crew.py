"""The processes of a cluster that read and embed, and what happens when one of them dies."""

import threading
import time
from contextlib import suppress
from typing import Any

from bifolio.cluster.errors import ClusterLost
from bifolio.cluster.work import EmbedWorker, maker, read_bytes
from bifolio.ingest import Message, message
from bifolio.retrieval import Embedder

# How often a file is tried whose worker or machine died.
TRIES = 3
_LOOK = 0.2  # seconds
# Seconds until an actor whose process died is given up: its machine may have been the last for it.
_PATIENCE = 300.0


class Crew:
    """The tasks that read and the actors that embed: on each GPU one, or on each machine."""

    def __init__(self, ray: Any, embedder: Embedder) -> None:
        self._ray = ray
        resources = ray.cluster_resources()
        self.readers = max(1, int(resources.get("CPU", 1)))
        gpus = int(resources.get("GPU", 0))
        machines = sum(bool(node["Alive"]) for node in ray.nodes())
        # Actors take no CPU from readers: where all CPUs were actors', no file would be read.
        worker = ray.remote(
            num_cpus=0,
            num_gpus=1 if gpus else 0,
            max_restarts=-1,
            # Ray would try again at once, and all tries would be over before it has started anew.
            max_task_retries=0,
            scheduling_strategy="SPREAD",
        )(EmbedWorker)
        # Held, for an actor that is started again needs it again.
        self._make = ray.put(maker(embedder))
        self._actors = [worker.remote(self._make) for _ in range(gpus or machines)]
        self._read = ray.remote(num_cpus=1, max_retries=TRIES, scheduling_strategy="SPREAD")(
            read_bytes
        )
        self._next = 0
        try:
            self._check(embedder.fingerprint)
        except BaseException:
            self.dismiss()
            raise

    def send(self, data: bytes, path: str) -> tuple[Any, Any]:
        """Send a file out; give the promise of what it becomes, and the actor that has it."""
        return self.embed(self._read.remote(data, path))

    def embed(self, document: Any) -> tuple[Any, Any]:
        """Send out a document, or the promise of one, as :meth:`send` does a file."""
        self._next += 1
        actor = self._actors[self._next % len(self._actors)]
        return actor.embed.remote(document), actor

    def recover(self, actor: Any, stop: threading.Event) -> None:
        """Wait until an actor whose process may have died is back; else go on without it.

        Raises:
            ClusterLost: no other is left.
        """
        if actor not in self._actors or self._is_back(actor, stop):
            return
        self._actors.remove(actor)
        self._ray.kill(actor)
        if not self._actors:
            raise ClusterLost(_gone())

    def _is_back(self, actor: Any, stop: threading.Event) -> bool:
        """Wait for an actor's answer, or until nobody wants it."""
        until, promise = time.monotonic() + _PATIENCE, actor.fingerprint.remote()
        while time.monotonic() < until:
            if self._ray.wait([promise], timeout=_LOOK)[0]:
                with suppress(self._ray.exceptions.RayError):
                    self._ray.get(promise)
                    return True
                if not any(node["Alive"] for node in self._ray.nodes()):
                    raise ClusterLost(_gone())
                time.sleep(_LOOK)
                promise = actor.fingerprint.remote()
            if stop.is_set():
                return True
        return False

    def dismiss(self) -> None:
        """End the actors; nobody waits for them any more."""
        for actor in self._actors:
            with suppress(Exception):
                self._ray.kill(actor)

    def _check(self, wanted: str) -> None:
        """Refuse machines whose model is another one."""
        try:
            found = set(self._ray.get([actor.fingerprint.remote() for actor in self._actors]))
        except self._ray.exceptions.RayError as problem:
            raise ClusterLost(_not_loaded(problem)) from problem
        if found != {wanted}:
            sentence = (
                "a machine of the cluster has other weights or settings of the embedder; give all"
                " of them the same version of bifolio and the same model"
            )
            raise ClusterLost(message("other-weights-there", sentence))


def _not_loaded(problem: Exception) -> Message:
    said = str(problem).strip().splitlines()
    return message(
        "model-not-there",
        "the embedder cannot be loaded on the cluster ({problem}); install the same version of"
        " bifolio and put the model's folder on every machine",
        problem=said[-1][:200] if said else type(problem).__name__,
    )


def _gone() -> Message:
    return message(
        "cluster-gone",
        "the Ray cluster is gone; what was stored stays: start it again and run again to go on",
    )
