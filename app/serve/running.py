"""The server runs until it is told to end, and then in good order."""

import contextlib
import logging
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import uvicorn

from bifolio.entrance import Door, host_names
from bifolio.listening import key_for, listen
from bifolio.patience import PatientProtocol
from bifolio.serve.application import create_app
from bifolio.serve.guard import Rules
from bifolio.serve.limits import Limits
from bifolio.serve.service import Service
from bifolio.shelf import SettingsOf

# Requests a minute from one address, where others than this machine can ask.
RATE = 600


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


def serve(
    libraries: Mapping[str, Path], serving: Serving, *, settings: SettingsOf | None = None
) -> None:
    """Serve libraries by their names until a signal ends it; ``settings`` are those of a folder.

    Raises:
        NeedsKey: other machines would reach it, and no key is set.
        BifolioError: a library, a model, the key's file or the address cannot be used.
    """
    key = key_for(serving.host)
    rules = Rules(
        limits=serving.limits,
        door=Door(key) if key else None,
        hosts=host_names(serving.host, serving.hosts),
        origins=serving.origins,
    )
    with listen(serving.host, serving.port) as listening:
        service = Service.open(
            libraries,
            rules,
            settings=settings,
            create=serving.create,
            read_only=serving.read_only,
        )
        service.warm()
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
    for served in service:
        open_jobs = [task for task in served.uploads.tasks() if task.is_open]
        if open_jobs and not served.uploads.wait(service.rules.limits.grace):
            lost = [task.name for task in served.uploads.tasks() if task.is_open]
            served.uploads.cancel()
            logging.getLogger("bifolio.serve").warning(
                "%s: %d files were not read in time; send them again", served.name, len(lost)
            )
    service.shelf.close()


def _tell(service: Service, listening: socket.socket) -> None:
    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    names = ", ".join(service.shelf.names)
    key = "with" if service.rules.door else "without"
    sys.stderr.write(
        f"Bifolio serves {names} at http://{shown}:{port}/v1, {key} a key (Ctrl-C stops it)\n"
    )
    sys.stderr.flush()
