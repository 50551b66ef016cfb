"""The server over HTTP: names of hosts checked against rebinding, a key asked where one is set."""

import math
import socket
from collections.abc import Sequence
from typing import Any

from mcp.server import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from bifolio.entrance import Door, key_in

_HERE = ("localhost", "127.0.0.1", "[::1]")
_EVERYWHERE = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
_MOST_BYTES = 1_000_000


def http_app(
    server: MCPServer[Any], *, address: str, hosts: Sequence[str] = (), key: str | None = None
) -> ASGIApp:
    """Give the server as an ASGI app, at ``/mcp``.

    ``hosts`` are names by which clients reach it, beside the address itself and this machine's
    name; a request by another name is refused, so that no web page can reach it by rebinding its
    own. Where ``key`` is given it is asked of everybody.
    """
    names = names_of(address, hosts)
    app = server.streamable_http_app(
        # No call depends on an earlier one, so a server that starts anew goes on.
        stateless_http=True,
        max_request_body_size=_MOST_BYTES,
        transport_security=TransportSecuritySettings(
            allowed_hosts=[form for name in names for form in (name, f"{name}:*")],
            allowed_origins=[
                f"{scheme}://{form}"
                for name in names
                for scheme in ("http", "https")
                for form in (name, f"{name}:*")
            ],
        ),
    )
    return _Keyed(app, Door(key)) if key else app


def names_of(address: str, hosts: Sequence[str]) -> tuple[str, ...]:
    """Give the names by which it may be reached, the best one first."""
    own = socket.gethostname() if address in _EVERYWHERE else _bracketed(address)
    return tuple(dict.fromkeys([*map(_bracketed, hosts), own, *_HERE]))


def _bracketed(name: str) -> str:
    return f"[{name}]" if ":" in name and not name.startswith("[") else name


class _Keyed:
    """Lets through what carries the key, as ``Authorization: Bearer KEY``."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self._app = app
        self._door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 401 without the key, and 429 while the address has to wait."""
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        if scope["type"] != "http":
            return None
        refused = self._refusal(scope)
        return await (refused or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        address = (scope.get("client") or ("",))[0]
        wait = self._door.wait(address)
        if wait:
            after = {"Retry-After": str(math.ceil(wait))}
            sentence = "too many wrong keys; wait before the next try"
            return JSONResponse({"error": sentence}, 429, after)
        typed = key_in(Headers(scope=scope))
        if typed and self._door.admits(typed, address):
            return None
        sentence = "send the key that BIFOLIO_API_KEY holds, as Authorization: Bearer KEY"
        return JSONResponse({"error": sentence}, 401, {"WWW-Authenticate": "Bearer"})
