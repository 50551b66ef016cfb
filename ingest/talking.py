"""A child, as the process that asked for it knows it: what is written to it and heard from it."""

import selectors
import signal
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from bifolio.ingest.errors import Stopped
from bifolio.ingest.fork_server import Request
from bifolio.ingest.server_handle import ServerHandle, hang_up

# Seconds between two looks whether to stop.
_LOOK = 0.2
_PIECE = 1 << 16


class TooSlow(Exception):  # noqa: N818 - the name says what is wrong
    """The child was not done in time; it is killed."""


class ServerLost(Exception):  # noqa: N818 - the name says what is wrong
    """The server went away, and the child with it."""


@dataclass(frozen=True, slots=True)
class Done:
    """How a child ended: its exit code, or the negative number of the signal that killed it.

    One that has answered and stays is done with code 0, too.
    """

    code: int
    output: bytes
    errors: bytes

    @property
    def is_answer(self) -> bool:
        """Whether a whole line was written."""
        return self.output.endswith(b"\n")


@dataclass(frozen=True, slots=True)
class Talk:
    """What to write to a child, and until when to wait, by the monotonic clock.

    With ``for_line`` the talk is over when the child has written a line, and its input stays open;
    else when the child has ended.
    """

    given: bytes
    until: float
    stopped: Callable[[], bool]
    for_line: bool = False


class Child:
    """A child that the server forked for a request.

    Raises:
        ServerLost: it could not be asked.
    """

    def __init__(self, request: Request, server: ServerHandle) -> None:
        self.request = request
        with ExitStack() as stack:
            pairs = [socket.socketpair() for _ in range(4)]
            for end in (one for pair in pairs for one in pair):
                stack.enter_context(end)
            try:
                self.ready = server.send(request, [theirs for _, theirs in pairs])
            except OSError as problem:
                raise ServerLost from problem
            for ours, theirs in pairs:
                theirs.close()
                ours.setblocking(False)
            stack.pop_all()
        waits, entry, output, errors = (ours for ours, _ in pairs)
        self._ends = entry, waits, output, errors

    def close(self) -> None:
        """Have nothing more to do with it: the server kills a child for which nobody waits."""
        for end in self._ends:
            hang_up(end)
        self.leave()

    def leave(self) -> None:
        """Let go of it without a word: after a fork it is another process's."""
        for end in self._ends:
            end.close()

    def talk(self, talk: Talk) -> Done:
        """Write and read until the talk is over, or the child has said more than it may.

        Raises:
            TooSlow: it was not over in time.
            Stopped: ``talk.stopped`` said so.
            ServerLost: nobody can tell how the child ended.
        """
        exchange = _Exchange(talk, self._ends, self.request.memory_mb << 20)
        exchange.hold()
        code, output, errors = map(bytes, exchange.heard)
        if exchange.is_cut:
            return Done(-signal.SIGKILL, b"", b"")
        if exchange.is_answered:
            return Done(0, output, errors)
        if not code:
            raise ServerLost
        return Done(int(code), output, errors)


class _Exchange:
    """What goes to a child and what comes from it: first how it ended, by the server."""

    def __init__(self, talk: Talk, ends: Sequence[socket.socket], limit: int) -> None:
        self._talk, self._limit = talk, limit
        self._left = memoryview(talk.given)
        self._entry, *self._ends = ends
        self.heard = tuple(bytearray() for _ in self._ends)
        self.is_cut = False

    @property
    def is_answered(self) -> bool:
        """Whether there is the line for which it waits."""
        return self._talk.for_line and self.heard[1].endswith(b"\n")

    @property
    def _is_over(self) -> bool:
        return self.is_cut or self.is_answered

    def hold(self) -> None:
        """Write and read until it is over."""
        until, stopped = self._talk.until, self._talk.stopped
        with selectors.DefaultSelector() as selector:
            for end, heard in zip(self._ends, self.heard, strict=True):
                selector.register(end, selectors.EVENT_READ, partial(self._read, end, heard))
            if not self._write():
                selector.register(self._entry, selectors.EVENT_WRITE, self._write)
            while not self._is_over and self._ends[0] in selector.get_map():
                events = selector.select(max(0.0, min(_LOOK, until - time.monotonic())))
                if stopped():
                    raise Stopped
                if time.monotonic() >= until:
                    raise TooSlow
                for key, _ in events:
                    if key.data():
                        selector.unregister(key.fileobj)
        # If it has ended, all that it said is here.
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
        if not self._talk.for_line:
            hang_up(self._entry)
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
