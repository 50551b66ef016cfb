"""``bifolio mcp``: libraries for agents, on standard input and output or over HTTP."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from bifolio.batching import Batching
from bifolio.cli.options import given_settings
from bifolio.ingest import BifolioError
from bifolio.listening import key_for, listen
from bifolio.settings import Settings
from bifolio.sharing import SharedModels
from bifolio.shelf import Shelf, by_name, settings_of


def run(options: argparse.Namespace) -> int:
    """Serve until the client goes away, or until interrupted."""
    try:
        from bifolio.mcp import mcp_server
    except ModuleNotFoundError as problem:
        if problem.name is None or not problem.name.startswith("mcp"):
            raise
        raise BifolioError("`bifolio mcp` needs `pip install 'bifolio[mcp]'`") from problem
    given = given_settings(options)
    folders = given.pop("library", []) or [Settings.from_env(given=given).library]
    models = SharedModels(run=Batching().run)
    server = mcp_server(Shelf(by_name(folders), settings=settings_of(given), models=models))
    if options.http:
        _serve(server, options.address, options.host, options.port)
        return 0
    if sys.stdin.isatty():
        # Standard output is the protocol's alone.
        told = "waiting for a client on standard input, which starts this itself; Ctrl-C stops it"
        print(f"bifolio: {told} (docs/agents.md)", file=sys.stderr)
    server.run()
    return 0


def _serve(server: Any, address: str, hosts: Sequence[str], port: int) -> None:
    import uvicorn

    from bifolio.mcp.http import http_app, names_of
    from bifolio.patience import PatientProtocol

    key = key_for(address)
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
    with listen(address, port) as listening:
        where = f"http://{names_of(address, hosts)[0]}:{listening.getsockname()[1]}/mcp"
        print(f"bifolio: {where} (Ctrl-C stops it)", file=sys.stderr, flush=True)
        uvicorn.Server(config).run(sockets=[listening])
