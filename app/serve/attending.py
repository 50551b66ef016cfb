"""Work for a client that may hang up: then nobody goes on with it."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TypeVar

from anyio import CapacityLimiter, to_thread
from fastapi import Request

from bifolio.batching import wanted_until
from bifolio.ingest import Stopped
from bifolio.serve.limits import Gate

Given = TypeVar("Given")


async def attend(request: Request, work: Callable[[], Given], gate: Gate) -> Given:
    """Do the work in a thread when it is its turn, and give what it gives.

    Raises:
        Refused: too many wait already.
        Stopped: the client has gone.
    """
    gone = threading.Event()

    async def _work() -> Given:
        async with gate:
            # The gate counts; anyio's own limit of threads must not come before it.
            return await to_thread.run_sync(_wanted, limiter=CapacityLimiter(1))

    def _wanted() -> Given:
        with wanted_until(gone):
            return work()

    return await while_there(request, _work(), gone)


async def while_there(request: Request, work: Awaitable[Given], gone: threading.Event) -> Given:
    """Wait for work while the client is there; where that ends otherwise, ``gone`` is set.

    Raises:
        Stopped: the client has gone.
    """
    working = asyncio.ensure_future(work)
    leaving = asyncio.ensure_future(_hung_up(request))
    try:
        await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            raise Stopped
        return working.result()
    except BaseException:
        gone.set()
        working.add_done_callback(_seen)
        working.cancel()
        raise
    finally:
        leaving.cancel()
        with suppress(asyncio.CancelledError):
            await leaving


def _seen(done: "asyncio.Future[Given]") -> None:
    """Look at how it ended, or asyncio complains that nobody did."""
    if not done.cancelled():
        done.exception()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        continue
