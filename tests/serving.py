"""A server of doubles on loopback, for whoever wants to ask it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from bifolio.entrance import Door
from bifolio.library import Library
from bifolio.listening import listen
from bifolio.serve import Limits, Rules, Service, server_of

PATIENCE = 30.0


@dataclass(frozen=True)
class Running:
    """A server that runs: its service, and a client of it."""

    url: str
    service: Service
    client: httpx.Client

    def get(self, path: str, **given: Any) -> httpx.Response:
        return self.client.get(path, **given)

    def post(self, path: str, **given: Any) -> httpx.Response:
        return self.client.post(path, **given)

    def chat(self, *said: str, **given: Any) -> httpx.Response:
        """Say things in turn, the user first."""
        roles = ("user", "assistant")
        messages = [
            {"role": roles[place % 2], "content": content} for place, content in enumerate(said)
        ]
        return self.post("/v1/chat/completions", json={"messages": messages, **given})


@contextmanager
def running(
    *libraries: Library,
    key: str | None = None,
    limits: Limits | None = None,
    read_only: bool = False,
    **rules: Any,
) -> Iterator[Running]:
    """Serve some libraries until the block ends."""
    door = Door(key) if key else None
    hosts = rules.pop("hosts", ("127.0.0.1", "localhost"))
    kept = Rules(limits=limits or Limits(grace=5), door=door, hosts=hosts, **rules)
    named = {one.folder.name: one for one in libraries}
    service = Service.open(named, kept, read_only=read_only)
    server = server_of(service)
    with listen("127.0.0.1", 0) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with httpx.Client(base_url=url, timeout=PATIENCE, trust_env=False) as client:
                yield Running(url, service, client)
        finally:
            server.should_exit = True
            thread.join(PATIENCE)
            assert not thread.is_alive()
