"""The process that forks children, as this process knows it: started when first needed."""

import json
import os
import socket
import subprocess  # nosec B404 - runs only our own module
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import NamedTuple

from bifolio.ingest.fork_server import HEAD, Request

# What Python itself needs. Keys and passwords stand in the rest, which a hostile file may reach.
_ENVIRONMENT = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"),
    }
)

# The library behind numpy starts threads when it is loaded, which do not live through a fork.
_NO_THREADS = {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}

# Seconds in which a server is gone when nobody asks it any more.
_PATIENCE = 2.0


class _Running(NamedTuple):
    process: subprocess.Popen[bytes]
    control: socket.socket
    # The modules that it has been asked to have ready.
    ready: set[str]


class ServerHandle:
    """The server of this process: started when first needed, and again when it is gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: _Running | None = None
        os.register_at_fork(after_in_child=self._leave)

    @property
    def id(self) -> int | None:
        """The id of its process."""
        return self._running and self._running.process.pid

    def send(self, request: Request, ends: Sequence[socket.socket]) -> frozenset[str]:
        """Hand a request to the server, with the far ends of what the child needs.

        Gives the modules that the child finds ready.

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
            self._running.ready.update(request.ready)
            return frozenset(self._running.ready)

    def end(self) -> None:
        """Let the server go, and wait until it is gone."""
        with self._lock:
            self._end()

    def _end(self) -> None:
        if self._running is None:
            return
        process, control, _ = self._running
        self._running = None
        hang_up(control)
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
            env=_environment(),
        )
    return _Running(process, ours, set())


def _environment() -> dict[str, str]:
    """Give what a process that reads a file may know of this one's environment."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _ENVIRONMENT or name.startswith("LC_")
    }
    return kept | _NO_THREADS


def hang_up(end: socket.socket) -> None:
    """Tell whoever has the far end that nobody is here any more."""
    # Closing it is not enough: a process that was forked meanwhile may hold it too.
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
