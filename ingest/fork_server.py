"""The process that is ready to parse: it forks children that do, and parses nothing itself.

``python -m bifolio.ingest.fork_server`` takes requests over the socket that is its standard input,
see ``children``. So a child that a file has killed is replaced in some milliseconds, where a new
interpreter takes half a second. It ends with the process that started it, however that ends, or
after a time without work; its children end with it.
"""

import ctypes
import gc
import json
import os
import resource
import selectors
import signal
import socket
import struct
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from typing import Any, NoReturn

# Seconds without work after which it goes.
_IDLE = 300.0
_PR_SET_PDEATHSIG = 1
_DESCRIPTORS = 4
_MOST_DESCRIPTORS = 1 << 20
# The length of a request, before it.
HEAD = struct.Struct("!I")


@dataclass(frozen=True, slots=True)
class Request:
    """What a child shall do: call ``work``, a "module:function", with ``arguments``.

    ``memory_mb`` is its cap; ``ready`` names more modules that it and its successors need.
    """

    work: str
    arguments: tuple[str, ...]
    memory_mb: int
    ready: tuple[str, ...] = ()


def main() -> None:
    """Serve until nobody is there to ask."""
    # Ctrl-C in a terminal comes to all its processes; the one that asks decides.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir("/")
    control = socket.socket(fileno=0)
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        server = _Server(control, woken, selector)
        try:
            while server.serve():
                pass
        finally:
            server.end()


class _Server:
    """Forks children, kills those for which nobody waits, and tells how each ended."""

    def __init__(
        self, control: socket.socket, woken: int, selector: selectors.BaseSelector
    ) -> None:
        self._control, self._woken, self._selector = control, woken, selector
        # Who waits for a child, by its id.
        self._waiting: dict[int, socket.socket] = {}

    def serve(self) -> bool:
        """Do what there is to do; tell whether to go on."""
        events = self._selector.select(None if self._waiting else _IDLE)
        for key, _ in events:
            if key.fileobj is self._control:
                if not self._accept():
                    return False
            elif key.fileobj == self._woken:
                os.read(self._woken, 4096)
                self._reap()
            elif key.data in self._waiting:
                # Not yet reaped, so the id is still its own.
                os.kill(key.data, signal.SIGKILL)
                self._selector.unregister(key.fileobj)
        return bool(events or self._waiting)

    def end(self) -> None:
        """Kill what is left, and leave no zombie to a machine whose first process reaps none."""
        for child in self._waiting:
            os.kill(child, signal.SIGKILL)
        for child in self._waiting:
            os.waitpid(child, 0)

    def _accept(self) -> bool:
        received = _receive(self._control)
        if received is None:
            return False
        request, (waits, given, output, errors) = received
        for module in (request.work.partition(":")[0], *request.ready):
            make_ready(module)
        waiting, own = socket.socket(fileno=waits), os.getpid()
        try:
            child = os.fork()
        except OSError:
            # The machine has no room for it now.
            child = None
        if child == 0:
            _be_child(request, (given, output, errors), own)
        for end in (given, output, errors):
            os.close(end)
        if child is None:
            waiting.close()
        else:
            self._waiting[child] = waiting
            self._selector.register(waiting, selectors.EVENT_READ, child)
        return True

    def _reap(self) -> None:
        for child in [*self._waiting]:
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                waiting = self._waiting.pop(child)
                with suppress(KeyError):
                    self._selector.unregister(waiting)
                _tell(waiting, f"{os.waitstatus_to_exitcode(status)}\n".encode())
                waiting.close()


def _receive(control: socket.socket) -> tuple[Request, list[int]] | None:
    """Take a request with its descriptors: who waits, the input, the output, the errors."""
    head, descriptors, _, _ = socket.recv_fds(control, HEAD.size, _DESCRIPTORS)
    if not head:
        return None
    (left,) = HEAD.unpack(head)
    body = b""
    while len(body) < left:
        body += control.recv(left - len(body)) or sys.exit(1)
    asked: dict[str, Any] = json.loads(body)
    return (
        Request(
            asked["work"], tuple(asked["arguments"]), asked["memory_mb"], tuple(asked["ready"])
        ),
        descriptors,
    )


def _tell(waiting: socket.socket, word: bytes) -> None:
    # Who has given up listens no more.
    with suppress(OSError):
        waiting.sendall(word, getattr(socket, "MSG_NOSIGNAL", 0))


def make_ready(module: str) -> None:
    """Import a module, so that children find it there, and call its ``get_ready`` if it has one."""
    # Frameworks of macOS do not outlive a fork, so nothing that may use them is loaded before.
    if module in _ready or sys.platform == "darwin":
        return
    _ready.add(module)
    # A child that needs it will meet the same trouble, and can tell it.
    with suppress(Exception):
        getattr(import_module(module), "get_ready", lambda: None)()
    # What the collector never looks at is not copied into each child.
    gc.collect()
    gc.freeze()


_ready: set[str] = set()


def _be_child(request: Request, ends: tuple[int, int, int], server: int) -> NoReturn:
    """Do the work in the forked child, with nothing open but its input, output and errors."""
    code = 1
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        _end_with(server)
        for number, end in enumerate(ends):
            os.dup2(end, number)
        os.closerange(len(ends), _MOST_DESCRIPTORS)
        cap_memory(request.memory_mb * 1024 * 1024)
        module, function = request.work.split(":")
        getattr(import_module(module), function)(*request.arguments)
        sys.stdout.flush()
        code = 0
    except SystemExit as problem:
        code = problem.code if isinstance(problem.code, int) else 1
    except MemoryError:
        os.write(2, b"MemoryError\n")
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def cap_memory(limit: int) -> None:
    """Let the process have so many bytes of memory and no more."""
    # macOS knows the limit but refuses some values; there the clock alone must do.
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ValueError, OSError):
        return


def _end_with(server: int) -> None:
    """Let this child be killed when the server is."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)


if __name__ == "__main__":
    main()
