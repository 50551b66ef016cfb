"""What reads a hostile file runs in a child with a clock and a memory cap; see ``fork_server``."""

import atexit
import json
import os
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from threading import Lock

from bifolio.ingest.fork_server import Request
from bifolio.ingest.server_handle import ServerHandle
from bifolio.ingest.talking import Child, Done, ServerLost, Talk, TooSlow

__all__ = ["Done", "TooSlow", "ask_child", "end_server", "run_child", "server_id"]

# A child that dies with its server is not to blame for it, unless that happens each time.
_TRIALS = 4
# So many children without work are kept for what comes next.
_MOST_IDLE = 8


def run_child(
    request: Request,
    *,
    until: float,
    given: bytes = b"",
    stopped: Callable[[], bool] = lambda: False,
) -> Done:
    """Run a child to its end; ``given`` is its standard input. Any thread may call it.

    ``until`` is a time of the monotonic clock.

    Raises:
        TooSlow: it was not done until then.
        Stopped: ``stopped`` said so.
    """
    talk = Talk(given, until, stopped)
    for _ in range(_TRIALS):
        with suppress(ServerLost), closing(Child(request, _server)) as child:
            return child.talk(talk)
    return Done(1, b"", b"")


def ask_child(
    request: Request, *, until: float, stopped: Callable[[], bool] = lambda: False
) -> Done:
    """Let a child that stays do the work, see ``staying``: its output is the line that this gives.

    It may have done other work before. That it ends is held against this one only if it was its
    first; else a new child is asked, within the same time. The rest is as in :func:`run_child`.
    """
    talk = Talk(json.dumps(request.arguments).encode() + b"\n", until, stopped, for_line=True)
    staying = Request(
        "bifolio.ingest.staying:serve",
        (request.work,),
        request.memory_mb,
        (request.work.partition(":")[0], *request.ready),
    )
    if used := _idle.take(staying):
        with suppress(ServerLost):
            done = _answer(used, talk)
            if done.is_answer:
                return done
    for _ in range(_TRIALS):
        with suppress(ServerLost):
            return _answer(Child(staying, _server), talk)
    return Done(1, b"", b"")


def _answer(child: Child, talk: Talk) -> Done:
    """Let a child answer; one that did stays for others."""
    with ExitStack() as stack:
        stack.callback(child.close)
        done = child.talk(talk)
        if done.is_answer:
            stack.pop_all()
            _idle.put(child)
    return done


class _Idle:
    """Children that have answered and wait for more work; they go by themselves after a while."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._children: deque[Child] = deque()
        os.register_at_fork(after_in_child=self._leave)

    def take(self, request: Request) -> Child | None:
        """Take one that the same was asked of, and that finds ready what this needs."""
        asked = request.work, request.arguments, request.memory_mb
        with self._lock:
            for child in self._children:
                own = child.request
                if (own.work, own.arguments, own.memory_mb) == asked and child.ready.issuperset(
                    request.ready
                ):
                    self._children.remove(child)
                    return child
        return None

    def put(self, child: Child) -> None:
        """Keep one, and no more than a few."""
        with self._lock:
            self._children.append(child)
            if len(self._children) > _MOST_IDLE:
                self._children.popleft().close()

    def end(self) -> None:
        """Let all of them go."""
        with self._lock:
            while self._children:
                self._children.pop().close()

    def _leave(self) -> None:
        """In a fork of this process: they are another's."""
        for child in self._children:
            child.leave()
        self._lock, self._children = Lock(), deque()


_server = ServerHandle()
_idle = _Idle()


def server_id() -> int | None:
    """Give the id of the server's process, if there is one."""
    return _server.id


@atexit.register
def end_server() -> None:
    """Let the server of this process go, with its children; the next child starts another."""
    _idle.end()
    _server.end()
