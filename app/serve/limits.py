"""How much the server takes on: sizes, rates, and how many at once."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType

from bifolio.ingest import message
from bifolio.serve.problems import Refused

MB = 1_000_000
# Addresses whose rate is remembered.
_REMEMBERED = 10_000
# Of a minute's requests, so many may come at once.
_BURST = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What is refused beyond.

    ``upload`` and ``body`` are bytes of a request with files and of any other; ``held`` are bytes
    of files that wait to be read. ``answers`` and ``searches`` run at once while ``waiting`` of
    each stand in line. ``rate`` are requests a minute from one address, 0 for any number. A body
    that stops coming is waited for ``patience`` seconds, running work at the end ``grace``.
    """

    upload: int = 100 * MB
    body: int = 8 * MB
    held: int = 400 * MB
    answers: int = 4
    searches: int = 32
    pictures: int = 2
    waiting: int = 64
    rate: int = 0
    patience: float = 30.0
    grace: float = 30.0


class Gate:
    """Lets so many in at once; as many again as ``waiting`` stand in line, the rest is refused."""

    def __init__(self, at_once: int, waiting: int) -> None:
        self._turn = asyncio.Semaphore(at_once)
        self._most = waiting
        self.waiting = 0
        self.running = 0

    async def enter(self) -> None:
        """Wait for a turn.

        Raises:
            Refused: too many wait already.
        """
        if self._turn.locked() and self.waiting >= self._most:
            sentence = "{count} requests wait already; ask again in a while"
            told = message("too-many-at-once", sentence, count=self.waiting)
            raise Refused(429, told, wait=2.0)
        self.waiting += 1
        try:
            await self._turn.acquire()
        finally:
            self.waiting -= 1
        self.running += 1

    def leave(self) -> None:
        """Let the next one in."""
        self.running -= 1
        self._turn.release()

    async def __aenter__(self) -> None:
        """Wait for a turn."""
        await self.enter()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        """Let the next one in."""
        self.leave()


class Rate:
    """So many requests a minute from one address: a bucket that fills up steadily."""

    def __init__(self, a_minute: int, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._each = 60.0 / a_minute if a_minute else 0.0
        self._most = max(1.0, a_minute * _BURST)
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def wait(self, address: str) -> float:
        """Count a request; give 0, or in how many seconds one will be taken."""
        if not self._each:
            return 0.0
        left, since = self._left.pop(address, (self._most, self._clock()))
        now = self._clock()
        left = min(self._most, left + (now - since) / self._each)
        taken = left >= 1.0
        self._left[address] = (left - 1.0 if taken else left, now)
        while len(self._left) > _REMEMBERED:
            del self._left[next(iter(self._left))]
        return 0.0 if taken else (1.0 - left) * self._each
