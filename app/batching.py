"""Requests that wait for a model at the same time run through it together.

Nobody waits for company: what comes while the model is at work is run together when it is free, so
a request that is alone is as fast as ever. Only rows of the same padded length are put together:
what a row gives then does not depend on its neighbours, to the bit on a CPU.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field

import numpy as np

from bifolio.ingest import Stopped
from bifolio.retrieval import Engine, Run
from bifolio.retrieval.arrays import Floats, Ids

_gone: ContextVar[threading.Event | None] = ContextVar("gone", default=None)


@contextmanager
def wanted_until(gone: threading.Event) -> Iterator[None]:
    """Let what this thread asks of the models end with Stopped once the event is set."""
    token = _gone.set(gone)
    try:
        yield
    finally:
        _gone.reset(token)


def check_wanted() -> None:
    """End what nobody waits for any more.

    Raises:
        Stopped: nobody does.
    """
    gone = _gone.get()
    if gone and gone.is_set():
        raise Stopped


@dataclass(slots=True, eq=False)
class _Asked:
    """What one thread wants run, and what came of it."""

    ids: Ids
    mask: Ids
    types: Ids
    weights: Floats | None
    gone: threading.Event | None
    numbers: Floats | None = None
    problem: BaseException | None = None
    ended: bool = False

    def fits(self, other: "_Asked") -> bool:
        """Tell whether both may be rows of one batch."""
        same = self.ids.shape[1] == other.ids.shape[1]
        return same and (self.weights is None) == (other.weights is None)


class Together:
    """An engine that threads share: whoever has it next runs what the others wait for, too."""

    def __init__(self, engine: Engine, *, tally: "Batching") -> None:
        self._engine, self._tally = engine, tally
        self.name = engine.name
        self.batch_tokens = engine.batch_tokens
        self.streams = engine.streams
        self.pools = engine.pools
        # Told whenever a run has ended; its lock guards what follows.
        self._changed = threading.Condition()
        self._waiting: list[_Asked] = []
        self._running = 0

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        """Run the model over one batch: see ``Engine``.

        Raises:
            Stopped: nobody waits for it any more.
        """
        asked = _Asked(ids, mask, types, weights, _gone.get())
        with self._changed:
            self._waiting.append(asked)
        while chosen := self._turn(asked):
            try:
                self._run(chosen)
            finally:
                with self._changed:
                    self._running -= 1
                    self._changed.notify_all()
        if asked.problem:
            raise asked.problem
        assert asked.numbers is not None  # noqa: S101 - what ended has one of the two
        return asked.numbers

    def _turn(self, asked: _Asked) -> list[_Asked]:
        """Wait until the engine is free and give what it is to run; nothing if this has ended.

        That is the oldest, whoever's it is: this one may be run by another thread meanwhile.
        """
        with self._changed:
            while not asked.ended:
                if asked in self._waiting and self._running < self.streams:
                    if chosen := self._next():
                        self._running += 1
                        return chosen
                    self._changed.notify_all()
                else:
                    self._changed.wait()
        return []

    def _next(self) -> list[_Asked]:
        """Take the oldest that is still wanted, and what fits to it."""
        for one in [one for one in self._waiting if one.gone and one.gone.is_set()]:
            self._waiting.remove(one)
            one.problem, one.ended = Stopped(), True
        chosen: list[_Asked] = []
        tokens = 0
        for one in self._waiting:
            if chosen and not (one.fits(chosen[0]) and tokens + one.ids.size <= self.batch_tokens):
                continue
            chosen.append(one)
            tokens += one.ids.size
        self._waiting = [one for one in self._waiting if one not in chosen]
        return chosen

    def _run(self, chosen: list[_Asked]) -> None:
        try:
            self._run_all(chosen)
        except Exception as problem:
            if len(chosen) == 1:
                chosen[0].problem = problem
            else:
                # The fault of one of them is not that of the others.
                for one in chosen:
                    self._run([one])
        finally:
            for one in chosen:
                one.ended = True

    def _run_all(self, chosen: list[_Asked]) -> None:
        ids, mask, types = (
            np.concatenate([getattr(one, name) for one in chosen])
            for name in ("ids", "mask", "types")
        )
        given = [one.weights for one in chosen if one.weights is not None]
        numbers = self._engine.run(ids, mask, types, np.concatenate(given) if given else None)
        self._tally.count(len(chosen), len(ids))
        start = 0
        for one in chosen:
            # A copy: an engine may use its own array again.
            one.numbers = numbers[start : start + len(one.ids)].copy()
            start += len(one.ids)


@dataclass(slots=True)
class Batching:
    """How often models ran, for how many callers, with how many rows in all."""

    runs: int = 0
    callers: int = 0
    rows: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def run(self) -> Run:
        """How models are to run to be shared."""
        return Run(wrap=lambda engine: Together(engine, tally=self))

    def count(self, callers: int, rows: int) -> None:
        """Note one run."""
        with self._lock:
            self.runs += 1
            self.callers += callers
            self.rows += rows
