"""The door of the server: who asks, from which page, how much, how often. ASGI, before all else."""

import asyncio
import logging
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bifolio.entrance import Door, key_in
from bifolio.ingest import message
from bifolio.serve.figures import Figures
from bifolio.serve.limits import Limits, Rate
from bifolio.serve.problems import Refused, speak, told

_log = logging.getLogger("bifolio.serve")

# Without a key: whether the server lives, and nothing else.
OPEN = ("/health", "/ready")


@dataclass(slots=True, kw_only=True)
class Rules:
    """Whom the server lets in.

    ``door`` knows the key; without one nobody is asked. ``hosts`` are the names that a request may
    be for; none is any. ``origins`` are the pages of other sites that may use it. While it is
    ``ending`` nothing new begins.
    """

    limits: Limits
    door: Door | None = None
    hosts: Collection[str] = ()
    origins: Collection[str] = ()
    rate: Rate = field(init=False)
    ending: bool = False

    def __post_init__(self) -> None:
        """Start counting."""
        self.rate = Rate(self.limits.rate)


class Guard:
    """Turns away what the rules do not allow, counts and logs the rest, and lets no error out."""

    def __init__(self, app: ASGIApp, *, rules: Rules, figures: Figures) -> None:
        self._app, self._rules, self._figures = app, rules, figures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began = time.monotonic()
        speak(Headers(scope=scope).get("accept-language", ""))
        asked, reply = scope, _Reply(send)
        if scope["method"] == "HEAD":
            # The server sends no body for it, whatever the routes give.
            scope = {**scope, "method": "GET"}
        self._figures.running += 1
        try:
            check(scope, self._rules)
            await self._app(scope, self._limited(scope, receive, reply), reply.send)
        except Exception as problem:
            why = reply.refusal or problem
            if isinstance(why, Refused):
                self._figures.refused(why.message.code)
            await _answer(why, scope, receive, reply)
        finally:
            self._figures.running -= 1
            self._note({**scope, "method": asked["method"]}, reply.status, time.monotonic() - began)

    def _limited(self, scope: Scope, receive: Receive, reply: "_Reply") -> Receive:
        """Count what comes of the body, whatever was announced, and do not wait for it for ever."""
        limits = self._rules.limits
        most = _most(scope, limits)
        seen, ended = 0, False

        async def _receive() -> Message:
            nonlocal seen, ended
            if ended:
                return await receive()
            try:
                got = await asyncio.wait_for(receive(), limits.patience)
            except TimeoutError:
                reply.refusal = _too_slow(limits.patience)
                raise reply.refusal from None
            seen += len(got.get("body", b""))
            ended = not got.get("more_body", False)
            if seen > most:
                reply.refusal = too_large(most)
                raise reply.refusal
            return got

        return _receive

    def _note(self, scope: Scope, status: int, seconds: float) -> None:
        # The route, not the address: names of documents and all that is asked stay out of the log.
        route = getattr(scope.get("route"), "path", "none")
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self._figures.request(method, route, status, seconds)
        level = logging.DEBUG if route in OPEN else logging.INFO
        address = _address(scope)
        _log.log(
            level, "%s %s %s %s %.0f ms", address, method, route, status or "hung up", seconds * 1e3
        )


_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def check(scope: Scope, rules: Rules) -> None:
    """Look at what is known before the body.

    Raises:
        Refused: the request is not to be served.
    """
    headers, address = Headers(scope=scope), _address(scope)
    if "content-length" in headers and "transfer-encoding" in headers:
        told_so = "the body has two lengths; send Content-Length or Transfer-Encoding"
        raise Refused(400, message("two-lengths", told_so))
    _check_host(headers, rules.hosts)
    _check_origin(headers, rules.origins)
    if rules.ending and scope["path"] not in OPEN:
        raise ending()
    if scope["path"] not in OPEN:
        _check_key(headers, address, rules.door)
        if wait := rules.rate.wait(address):
            sentence = "more than {rate} requests a minute; ask again in {seconds:.0f} s"
            facts = {"rate": rules.limits.rate, "seconds": max(1.0, wait)}
            raise Refused(429, message("too-often", sentence, **facts), wait=wait)
    length = headers.get("content-length", "0")
    most = _most(scope, rules.limits)
    if not length.isdigit() or int(length[:19]) > most:
        raise too_large(most)


def ending() -> Refused:
    """Refuse what comes while the server is being stopped."""
    return Refused(503, message("ending", "the server is being stopped; ask again later"), wait=5)


def too_large(most: int) -> Refused:
    """Refuse a body that is larger than so many bytes."""
    sentence = "the request is larger than {most:g} MB; send less at once"
    return Refused(413, message("body-too-large", sentence, most=most / 1e6))


def _too_slow(seconds: float) -> Refused:
    sentence = "nothing came of the body for {seconds:g} seconds; send it again"
    return Refused(408, message("body-too-slow", sentence, seconds=seconds))


def _check_host(headers: Headers, hosts: Collection[str]) -> None:
    """Know the name that is asked for, so that no page reaches us by a name of its own."""
    host = headers.get("host", "")
    if hosts and _name(host) not in {_name(one) for one in hosts}:
        sentence = "this server is not called {host}; start it with --host for that name"
        raise Refused(421, message("wrong-host", sentence, host=host[:100] or "nothing"))


def _check_origin(headers: Headers, origins: Collection[str]) -> None:
    origin = headers.get("origin")
    if origin is None or origin in origins:
        return
    # A page that this very address gave, behind a proxy for one.
    if _place(origin) != headers.get("host", ""):
        sentence = "pages of {origin} may not use this server; start it with --origin for them"
        raise Refused(403, message("wrong-origin", sentence, origin=origin[:100]))


def _check_key(headers: Headers, address: str, door: Door | None) -> None:
    if door is None:
        return
    given = key_in(headers)
    if wait := door.wait(address):
        sentence = "too many wrong keys; try again in {seconds:.0f} s"
        told_so = message("too-many-tries", sentence, seconds=max(1.0, wait))
        raise Refused(429, told_so, wait=wait)
    if not given:
        sentence = "this server wants a key; send it as `Authorization: Bearer KEY`"
        raise Refused(401, message("key-wanted", sentence))
    if not door.admits(given, address):
        sentence = "this key is not the server's; send the one in its {name}"
        raise Refused(401, message("wrong-key", sentence, name="BIFOLIO_API_KEY"))


def _name(host: str) -> str:
    """Give a host's name without its port, in small letters."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _place(origin: str) -> str | None:
    """Give host and port of a page's origin; None if it is none."""
    try:
        return urlsplit(origin).netloc or None
    except ValueError:
        return None


def _address(scope: Scope) -> str:
    client: Sequence[object] | None = scope.get("client")
    return str(client[0]) if client else ""


def _most(scope: Scope, limits: Limits) -> int:
    """Say how many bytes a body may have: files come to the documents of a library alone."""
    files = scope["method"] == "POST" and scope["path"].endswith("/documents")
    return limits.upload if files else limits.body


class _Reply:
    """Knows whether an answer has begun, and with what status.

    What reads a body makes errors of its own of whatever goes wrong there: the ``refusal`` goes
    before its answer.
    """

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.refusal: Refused | None = None

    async def send(self, sent: Message) -> None:
        """Pass it on, unless the request has been refused meanwhile."""
        if sent["type"] == "http.response.start":
            if self.refusal:
                raise self.refusal
            self.status = sent["status"]
        await self._send(sent)


async def _answer(problem: Exception, scope: Scope, receive: Receive, reply: _Reply) -> None:
    answer = told(problem)
    reply.refusal = None
    if not reply.status:
        response = answer.response
        if scope["method"] not in ("GET", "HEAD"):
            # The rest of a body that is not wanted is not read.
            response.headers["Connection"] = "close"
        await response(scope, receive, reply.send)
