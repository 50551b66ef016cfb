"""The web chat itself, served on loopback by its own command until a block ends."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.request import urlopen

# Seconds; generous, because a busy machine loads models slowly.
PATIENCE = 180


@contextmanager
def chatting(
    library: Path,
    *options: str,
    log: Path,
    also: Sequence[Path] = (),
    port: int = 0,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
) -> Iterator[str]:
    """Serve the chat of a library, and give its address; it writes to ``log``.

    ``options`` are those of every command, ``also`` are further libraries. It listens on a free
    port unless one is given, and runs in ``folder``, with what ``environment`` adds to this
    process's.
    """
    port = port or free_port()
    command = [sys.executable, "-m", "bifolio.cli", "--library", str(library), *options, "chat"]
    with log.open("w") as output:
        server = subprocess.Popen(
            [*command, "--port", str(port), *(f"--also={one}" for one in also)],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdout=output,
            stderr=output,
            # A session of its own, so that the server can be ended together with its parent.
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        _await_health(address, server, log)
        yield address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGTERM)
        server.wait(30)


def free_port() -> int:
    """Give a port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def _await_health(address: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            with urlopen(f"{address}/_stcore/health", timeout=5) as reply:
                if reply.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise TimeoutError(f"the chat did not start: {log.read_text()}")
