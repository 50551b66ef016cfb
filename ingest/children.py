"""What reads a hostile file runs in a child with a clock and a memory cap; see ``fork_server``."""

import atexit
import json
import os
import selectors
import signal
import socket
import subprocess  # nosec B404 - runs only our own module
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from dataclasses import asdict, dataclass
from functools import partial
from typing import NamedTuple

from bifolio.ingest.errors import Stopped
from bifolio.ingest.fork_server import HEAD, Request

# What Python itself needs. Keys and passwords stand in the rest, which a hostile file may reach.
ENVIRONMENT = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"),
    }
)

# The library behind numpy starts threads when it is loaded, which do not live through a fork.
_NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Seconds between two looks whether to stop.
_LOOK = 0.2
# A child that dies with its server is not to blame for it, unless that happens each time.
_TRIALS = 4
# Seconds in which a server is gone when nobody asks it any more.
_PATIENCE = 2.0
_PIECE = 1 << 16


class TooSlow(Exception):  # noqa: N818 - the name says what is wrong
    """The child was not done in time; it is killed."""


class _ServerLost(Exception):  # noqa: N818 - the name says what is wrong
    """The server went away with the child."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a child ended: its exit code, or the negative number of the signal that killed it."""

    code: int
    output: bytes
    errors: bytes


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
    for _ in range(_TRIALS):
        with suppress(_ServerLost):
            return _run(request, until, given, stopped)
    return Done(1, b"", b"")


def _run(request: Request, until: float, given: bytes, stopped: Callable[[], bool]) -> Done:
    with ExitStack() as stack:
        pairs = [socket.socketpair() for _ in range(4)]
        for end in (one for pair in pairs for one in pair):
            stack.enter_context(end)
        try:
            _server.send(request, [theirs for _, theirs in pairs])
        except OSError as problem:
            raise _ServerLost from problem
        for ours, theirs in pairs:
            # However this ends: the server kills a child for which nobody waits.
            stack.callback(_hang_up, ours)
            theirs.close()
        waits, entry, output, errors = (ours for ours, _ in pairs)
        talk = _Talk(entry, given, request.memory_mb << 20, waits, output, errors)
        talk.hold(until, stopped)
    code, *said = (bytes(heard) for heard in talk.heard)
    if talk.is_cut:
        return Done(-signal.SIGKILL, b"", b"")
    if not code:
        raise _ServerLost
    return Done(int(code), *said)


def _hang_up(end: socket.socket) -> None:
    # Closing it is not enough: a process that was forked meanwhile may hold it too.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)


class _Talk:
    """What goes to a child and what comes from it: first how it ended, by the server."""

    def __init__(
        self, entry: socket.socket, given: bytes, limit: int, *ends: socket.socket
    ) -> None:
        self._entry, self._left, self._limit = entry, memoryview(given), limit
        self._ends = ends
        self.heard = tuple(bytearray() for _ in ends)
        self.is_cut = False
        for end in (entry, *ends):
            end.setblocking(False)

    def hold(self, until: float, stopped: Callable[[], bool]) -> None:
        """Write and read until the child has ended, or has said more than it may."""
        with selectors.DefaultSelector() as selector:
            for end, heard in zip(self._ends, self.heard, strict=True):
                selector.register(end, selectors.EVENT_READ, partial(self._read, end, heard))
            if not self._write():
                selector.register(self._entry, selectors.EVENT_WRITE, self._write)
            while not self.is_cut and self._ends[0] in selector.get_map():
                events = selector.select(max(0.0, min(_LOOK, until - time.monotonic())))
                if stopped():
                    raise Stopped
                if time.monotonic() >= until:
                    raise TooSlow
                for key, _ in events:
                    if key.data():
                        selector.unregister(key.fileobj)
        # It has ended, so all that it said is here.
        for end, heard in zip(self._ends, self.heard, strict=True):
            while not self._read(end, heard):
                pass

    def _write(self) -> bool:
        """Write what can be taken; tell whether that was all."""
        try:
            while self._left:
                self._left = self._left[self._entry.send(self._left[:_PIECE]) :]
        except BlockingIOError:
            return False
        except OSError:
            # The child reads no more; how it ended tells why.
            pass
        _hang_up(self._entry)
        return True

    def _read(self, end: socket.socket, heard: bytearray) -> bool:
        """Take what there is; tell whether that was all."""
        try:
            piece = end.recv(_PIECE)
        except OSError:
            return True
        heard += piece
        self.is_cut = len(heard) > self._limit
        return not piece or self.is_cut


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    control: socket.socket


class _ServerHandle:
    """The server of this process: started when first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: _Running | None = None
        os.register_at_fork(after_in_child=self._leave)
        atexit.register(self.end)

    @property
    def id(self) -> int | None:
        """The id of its process."""
        return self._running and self._running.process.pid

    def send(self, request: Request, ends: Sequence[socket.socket]) -> None:
        """Hand a request to the server, with the far ends of what the child needs.

        Raises:
            OSError: it is gone.
        """
        body = json.dumps(asdict(request)).encode()
        with self._lock:
            self._running = self._running or _start()
            control = self._running.control
            try:
                socket.send_fds(control, [HEAD.pack(len(body))], [end.fileno() for end in ends])
                control.sendall(body)
            except OSError:
                self._end()
                raise

    def end(self) -> None:
        """Let the server go, and wait until it is gone."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._running is None:
            return
        process, control = self._running
        self._running = None
        _hang_up(control)
        control.close()
        with suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
        process.kill()
        process.wait()

    def _leave(self) -> None:
        """In a fork of this process: the server is another's, who would not be seen to end."""
        if self._running is not None:
            self._running.control.close()
            # It is no child of ours to wait for.
            self._running.process.returncode = 0
        self._lock, self._running = threading.Lock(), None


def _start() -> _Running:
    ours, theirs = socket.socketpair()
    with theirs:
        # -P: the folder a user stands in must not supply modules.
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "bifolio.ingest.fork_server"],
            stdin=theirs.fileno(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env=child_environment(),
        )
    return _Running(process, ours)


_server = _ServerHandle()


def server_id() -> int | None:
    """Give the id of the server's process, if there is one."""
    return _server.id


def end_server() -> None:
    """Let the server of this process go; the next child starts another."""
    _server.end()


def child_environment() -> dict[str, str]:
    """Give what a process that reads a file may know of this one's environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or name.startswith("LC_")
    }
    return kept | _NO_THREADS
