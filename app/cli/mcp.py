"""``bifolio mcp``: libraries for agents, on standard input and output or over HTTP."""

import argparse
import os
import re
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bifolio.cli.options import given_settings
from bifolio.entrance import KEY, KEY_FILE, is_loopback, key_from
from bifolio.ingest import BifolioError
from bifolio.settings import Settings

_NAMED = re.compile(r"(?P<name>[^=/\\]+)=(?P<folder>.+)")


def run(options: argparse.Namespace) -> int:
    """Serve until the client goes away, or until interrupted."""
    try:
        from bifolio.mcp import Shelf, mcp_server
    except ModuleNotFoundError as problem:
        if problem.name is None or not problem.name.startswith("mcp"):
            raise
        raise BifolioError("`bifolio mcp` needs `pip install 'bifolio[mcp]'`") from problem
    given = given_settings(options)
    folders = given.pop("library", []) or [Settings.from_env(given=given).library]
    shelf = Shelf(by_name(list(map(str, folders))), given=given)
    server = mcp_server(shelf)
    if options.http:
        _serve(server, options.address, options.host, options.port)
        return 0
    if sys.stdin.isatty():
        # Standard output is the protocol's alone.
        told = "waiting for a client on standard input, which starts this itself; Ctrl-C stops it"
        print(f"bifolio: {told} (docs/agents.md)", file=sys.stderr)
    server.run()
    return 0


def by_name(folders: Sequence[str]) -> dict[str, Path]:
    """Give each library its name: NAME of NAME=DIR, else its folder's without its ending.

    Raises:
        BifolioError: two have the same.
    """
    named: dict[str, Path] = {}
    for one in folders:
        found = None if Path(one).exists() else _NAMED.fullmatch(one)
        folder = Path(found["folder"] if found else one).absolute()
        name = found["name"] if found else folder.stem.lstrip(".") or "library"
        if named.setdefault(name, folder) != folder:
            raise BifolioError(
                f"two libraries are called {name}: give each a name, --library NAME={folder}"
            )
    return named


def _serve(server: Any, address: str, hosts: Sequence[str], port: int) -> None:
    import uvicorn

    from bifolio.mcp.http import http_app, names_of
    from bifolio.patience import PatientProtocol

    key = key_from()
    if key is None and not is_loopback(address):
        raise BifolioError(
            f"{address} can be reached from other machines: set {KEY}, or {KEY_FILE} to"
            " a file that holds the key, or leave --address out"
        )
    app = http_app(server, address=address, hosts=hosts, key=key)
    config = uvicorn.Config(
        app,
        http=PatientProtocol,
        ws="none",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
    with _listening(address, port) as listening:
        where = f"http://{names_of(address, hosts)[0]}:{listening.getsockname()[1]}/mcp"
        print(f"bifolio: {where} (Ctrl-C stops it)", file=sys.stderr, flush=True)
        uvicorn.Server(config).run(sockets=[listening])


def _listening(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        return socket.create_server((address.strip("[]"), port), family=family, backlog=128)
    except OSError as problem:
        why = os.strerror(problem.errno) if problem.errno else problem
        raise BifolioError(
            f"{address}:{port} cannot be listened on ({why}); give another --port or --address"
        ) from problem
