"""The server runs until it is told to end, and then in good order."""

import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from types import FrameType

import uvicorn

from bifolio.entrance import KEY, KEY_FILE, Door, host_names, is_loopback, key_from
from bifolio.ingest import BifolioError, message
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
            " holds the key, or leave --host out"
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
    with _listening(serving) as listening:
        shelf = open_shelf(chosen, create=serving.create)
        shelf.warm()
        service = Service(shelf, rules, read_only=serving.read_only)
        _tell(service, listening)
        run(service, listening)


def run(service: Service, listening: socket.socket) -> None:
    """Serve on a socket that listens."""
    app = create_app(service)
    app.router.lifespan_context = lambda _: _ending_well(service)
    config = uvicorn.Config(
        app,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=True,
        timeout_graceful_shutdown=int(service.rules.limits.grace),
    )
    _Server(config, service.rules).run(sockets=[listening])


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


def _listening(serving: Serving) -> socket.socket:
    """Listen, before the models are loaded.

    Raises:
        BifolioError: the address is taken, or none of this machine's.
    """
    host = serving.host.strip("[]")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, serving.port), family=family, backlog=256)
    except OSError as problem:
        sentence = (
            "{host}:{port} cannot be listened on ({problem}); choose another --port or --host"
        )
        facts = {"host": serving.host, "port": serving.port, "problem": problem.strerror or problem}
        raise BifolioError(message("no-address", sentence, **facts)) from problem
    listening.set_inheritable(False)
    return listening


def _tell(service: Service, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    names = ", ".join(service.shelf.libraries)
    key = "with" if service.rules.door else "without"
    sys.stderr.write(
        f"Bifolio serves {names} at http://{shown}:{port}/v1, {key} a key (Ctrl-C stops it)\n"
    )
    sys.stderr.flush()
