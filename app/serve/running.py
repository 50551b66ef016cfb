"""The server runs until it is told to end, and then in good order."""

import contextlib
import logging
import os
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

import uvicorn

from bifolio.entrance import KEY, KEY_FILE, Door, host_names, is_loopback, key_from
from bifolio.ingest import BifolioError, message
from bifolio.patience import PatientProtocol
from bifolio.serve.application import create_app
from bifolio.serve.guard import Rules
from bifolio.serve.limits import Limits
from bifolio.serve.served import open_shelf
from bifolio.serve.service import Service
from bifolio.settings import Settings

# Requests a minute from one address, where others than this machine can ask.
RATE = 600


class NeedsKey(BifolioError):  # noqa: N818 - the name says what is wrong
    """The server would be open to other machines, and no key is set."""

    def __init__(self, address: str) -> None:
        sentence = (
            "{address} can be reached from other machines: set {key}, or {file} to a file that"
            " holds the key, or leave --address out"
        )
        super().__init__(message("needs-key", sentence, address=address, key=KEY, file=KEY_FILE))


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """Where the server listens, and whom it lets in; ``hosts`` are further names of it."""

    host: str = "127.0.0.1"
    port: int = 8000
    hosts: Sequence[str] = ()
    origins: Sequence[str] = ()
    limits: Limits = field(default_factory=Limits)
    create: bool = False
    read_only: bool = False


def serve(chosen: Sequence[Settings], serving: Serving) -> None:
    """Serve the libraries that some settings name until a signal ends it.

    Raises:
        NeedsKey: other machines would reach it, and no key is set.
        BifolioError: a library, a model, the key's file or the address cannot be used.
    """
    key = key_from()
    if key is None and not is_loopback(serving.host):
        raise NeedsKey(serving.host)
    rules = Rules(
        limits=serving.limits,
        door=Door(key) if key else None,
        hosts=host_names(serving.host, serving.hosts),
        origins=serving.origins,
    )
    with listen(serving.host, serving.port) as listening:
        shelf = open_shelf(chosen, create=serving.create)
        shelf.warm()
        service = Service(shelf, rules, read_only=serving.read_only)
        _tell(service, listening)
        server_of(service).run(sockets=[listening])


def server_of(service: Service) -> uvicorn.Server:
    """Make the server that ``run(sockets=[...])`` starts, and ``should_exit`` ends."""
    app = create_app(service)
    app.router.lifespan_context = lambda _: _ending_well(service)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        http=PatientProtocol,
        ws="none",
        lifespan="on",
        proxy_headers=True,
        timeout_graceful_shutdown=max(1, int(service.rules.limits.grace)),
    )
    return _Server(config, service.rules)


class _Server(uvicorn.Server):
    """Lets nothing new begin once it is told to end."""

    def __init__(self, config: uvicorn.Config, rules: Rules) -> None:
        super().__init__(config)
        self._rules = rules

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Begin to end."""
        self._rules.ending = True
        super().handle_exit(sig, frame)


@contextlib.asynccontextmanager
async def _ending_well(service: Service) -> AsyncIterator[None]:
    """Let the file that is being read be stored; those behind it are told as lost."""
    yield
    for served in service.shelf:
        open_jobs = [task for task in served.uploads.tasks() if task.is_open]
        if open_jobs and not served.uploads.wait(service.rules.limits.grace):
            lost = [task.name for task in served.uploads.tasks() if task.is_open]
            served.uploads.cancel()
            logging.getLogger("bifolio.serve").warning(
                "%s: %d files were not read in time; send them again", served.name, len(lost)
            )
        served.library.close()


def listen(host: str, port: int) -> socket.socket:
    """Listen, before the models are loaded.

    Raises:
        BifolioError: the address is taken, or none of this machine's.
    """
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    try:
        return socket.create_server((bare, port), family=family, backlog=256)
    except OSError as problem:
        sentence = (
            "{host}:{port} cannot be listened on ({problem}); choose another --port or --address"
        )
        why = os.strerror(problem.errno) if problem.errno else str(problem)
        told = message("no-address", sentence, host=host, port=port, problem=why)
        raise BifolioError(told) from problem


def _tell(service: Service, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    names = ", ".join(service.shelf.libraries)
    key = "with" if service.rules.door else "without"
    sys.stderr.write(
        f"Bifolio serves {names} at http://{shown}:{port}/v1, {key} a key (Ctrl-C stops it)\n"
    )
    sys.stderr.flush()
