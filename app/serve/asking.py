"""An answer that is made in a thread of its own, for a client that may hang up."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from bifolio.answers.answer import Answer
from bifolio.answers.drafting import Event
from bifolio.batching import wanted_until
from bifolio.ingest import Stopped
from bifolio.serve.limits import Gate

# So often a silent stream says that it is alive: proxies and clients give up sooner.
_ALIVE_SECONDS = 10.0
ALIVE = ": still at it\n\n"
# How OpenAPI says that a route may answer with a stream.
STREAM: dict[int | str, dict[str, Any]] = {200: {"content": {"text/event-stream": {}}}}


@dataclass(slots=True)
class Asked:
    """One question on its way.

    The gate's place is kept until the thread has ended: a language model that is asked goes on
    until its next word, though the client has gone.
    """

    stream: Callable[[], Iterator[Event]]
    gate: Gate
    gone: threading.Event = field(default_factory=threading.Event)
    _inbox: "asyncio.Queue[Event | Exception]" = field(default_factory=asyncio.Queue)

    async def start(self) -> None:
        """Begin when it is its turn.

        Raises:
            Refused: too many wait already.
        """
        await self.gate.enter()
        loop = asyncio.get_running_loop()
        threading.Thread(target=self._run, args=(loop,), name="answer", daemon=True).start()

    def leave(self) -> None:
        """Stop it; nobody listens any more."""
        self.gone.set()

    async def first(self) -> Event:
        """Begin, and wait for the first event: what cannot be asked fails before it."""
        await self.start()
        return await self._next()

    async def whole(self) -> Answer:
        """Begin, and wait for the whole answer."""
        async for event in self.events(await self.first()):
            if isinstance(event, Answer):
                return event
        raise Stopped

    async def events(self, first: Event) -> AsyncIterator[Event]:
        """Yield what comes, up to the answer.

        Raises:
            BifolioError: what the library raised.
            Stopped: it has been left.
        """
        event = first
        while not isinstance(event, Answer):
            yield event
            event = await self._next()
        yield event

    async def _next(self) -> Event:
        got = await self._inbox.get()
        if isinstance(got, Exception):
            raise got
        return got

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        def _call(call: Callable[..., object], *given: Any) -> None:
            # After the loop has been closed nobody is left to be told.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(call, *given)

        try:
            with wanted_until(self.gone), contextlib.closing(_closable(self.stream())) as events:
                for event in events:
                    if self.gone.is_set():
                        break
                    _call(self._inbox.put_nowait, event)
        except Exception as problem:
            _call(self._inbox.put_nowait, problem)
        finally:
            # An answer ends it; behind that nobody looks.
            _call(self._inbox.put_nowait, Stopped())
            _call(self.gate.leave)


def _closable(events: Iterator[Event]) -> Any:
    return events if hasattr(events, "close") else (event for event in events)


class EventStream(StreamingResponse):
    """Server-sent events of a question; when they end, for whatever reason, it is left."""

    def __init__(self, lines: AsyncIterator[str], asked: Asked) -> None:
        # Proxies that gather what they pass on are told not to.
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        super().__init__(_alive(lines), media_type="text/event-stream", headers=headers)
        self._asked = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send them."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._asked.leave()


async def _alive(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """Pass the lines on, and say something while none comes."""
    coming: asyncio.Task[str] | None = None
    try:
        while True:
            coming = coming or asyncio.ensure_future(anext(lines, ""))
            done, _ = await asyncio.wait({coming}, timeout=_ALIVE_SECONDS)
            if not done:
                yield ALIVE
                continue
            line, coming = coming.result(), None
            if not line:
                return
            yield line
    finally:
        if coming:
            coming.cancel()
