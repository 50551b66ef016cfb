"""One request to a model's server: bounded in time, size and tries, and with nothing leaking."""

import json
import queue
import threading
import time
import weakref
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bifolio.ingest import Message, message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.folder import causes
from bifolio.retrieval.models.remote.servers import Served
from bifolio.retrieval.models.remote.troubles import (
    Reply,
    ServerTrouble,
    Trouble,
    not_understood,
    refused,
)
from bifolio.retrieval.models.remote.words import address, printable

# Seconds: to connect, to the first byte of a reply, to its last.
_CONNECT, _FIRST, TOTAL = 10.0, 60.0, 120.0
_FIRST_PAUSE = 0.5
_RETRIES = 3
# Bytes: a hundred vectors of 4096 numbers, written out, take a tenth of it.
_MOST_BYTES = 64_000_000


class Exchange:
    """What asks one model's server; threads may share it.

    Redirects are not followed: neither texts nor the key go where the user did not say. Proxies
    are those of the environment (``HTTPS_PROXY``), and none for a server on this machine.
    ``variable`` is the environment variable from which the key came or should come; the key itself
    is in no message.

    Raises:
        ServerTrouble: the key cannot be one.
    """

    def __init__(self, served: Served, *, key: str | None, variable: str) -> None:
        self.served = served
        self.variable = variable
        self.key = (key or "").strip() or None
        if self.key and not (self.key.isascii() and self.key.isprintable()):
            sentence = "is given a key with characters that no key has; check {variable}"
            why = message("served-bad-key", sentence, variable=variable)
            raise self.error(Trouble(why))
        self._client: Any = None
        self._lock = threading.Lock()

    def error(self, trouble: Trouble) -> ServerTrouble:
        """Give the error that tells of trouble with this server."""
        why = self._without_key(trouble.why)
        sentence = "the model {model} at {address} {why}"
        facts = {"model": self.served.model, "address": address(self.served.url)}
        return ServerTrouble(message("served-trouble", sentence, **facts, why=why))

    def post_json(
        self, path: str, body: Mapping[str, object], read: Callable[[object], Floats]
    ) -> Floats:
        """Send JSON to a route and give what is ``read`` from the JSON that comes back.

        Raises:
            Trouble: the request failed, and again when it was repeated where that may help.
        """
        headers = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        return self._tried(lambda: self._send(path, headers=headers, json=body), read)

    def post_form(
        self,
        path: str,
        fields: Callable[[], Mapping[str, object]],
        read: Callable[[object], Floats],
    ) -> Floats:
        """Send a form to a route, made anew for each try, and give what is read from the reply.

        Raises:
            Trouble: as of ``post_json``.
        """
        return self._tried(lambda: self._send(path, headers={}, data=fields()), read)

    def _tried(self, send: Callable[[], Reply], read: Callable[[object], Floats]) -> Floats:
        attempt = 0
        while True:
            try:
                reply = self._in_time(send)
                if trouble := refused(reply, key=self.key, variable=self.variable):
                    raise trouble
                if reply.content is None:
                    raise _no_json(reply.text)
                return read(reply.content)
            except Trouble as trouble:
                if not trouble.passing or attempt == _RETRIES:
                    raise
                pause = _FIRST_PAUSE * 2.0**attempt if trouble.wait is None else trouble.wait
            time.sleep(pause)
            attempt += 1

    def _in_time(self, send: Callable[[], Reply]) -> Reply:
        """Wait for a whole reply, within a time that a socket's own time-out cannot hold."""
        inbox: queue.SimpleQueue[Reply | Trouble] = queue.SimpleQueue()

        def _run() -> None:
            try:
                inbox.put(send())
            except Trouble as trouble:
                inbox.put(trouble)
            except Exception as problem:  # any, told by the thread that waits
                inbox.put(_broken(problem, self._seconds))

        threading.Thread(target=_run, name="model server", daemon=True).start()
        try:
            found = inbox.get(timeout=self._seconds)
        except queue.Empty:
            self._drop()
            raise _too_slow(self._seconds) from None
        if isinstance(found, Trouble):
            raise found
        return found

    @property
    def _seconds(self) -> float:
        return self.served.seconds or TOTAL

    def _send(self, path: str, **request: Any) -> Reply:
        url = self.served.route(path)
        with self._open().stream("POST", url, **request) as response:
            kept = bytearray()
            for piece in response.iter_bytes():
                kept += piece
                if len(kept) > _MOST_BYTES:
                    sentence = "gave a reply without end; check its kind and the address"
                    raise Trouble(message("served-endless", sentence))
            text = kept.decode("utf-8", "replace")
            return Reply(
                response.status_code,
                _parsed(text),
                text,
                retry_after=response.headers.get("retry-after"),
                location=response.headers.get("location"),
            )

    def _open(self) -> Any:
        import httpx2

        with self._lock:
            if self._client is None:
                first = min(self.served.seconds or _FIRST, self._seconds)
                self._client = httpx2.Client(
                    timeout=httpx2.Timeout(first, connect=min(_CONNECT, first)),
                    follow_redirects=False,
                    # A proxy would see in the open what is meant for this machine alone.
                    trust_env=not self.served.here,
                )
                weakref.finalize(self, self._client.close)
            return self._client

    def _drop(self) -> None:
        """Give the connections up: one of them is still waiting."""
        with self._lock:
            client, self._client = self._client, None
        if client is not None:
            with suppress(Exception):  # whatever state it was in
                client.close()

    def _without_key(self, told: Message) -> Message:
        """Take the key, and each part of one that has parts, out of what a server said."""
        secrets = [part for part in (self.key, *(self.key or "").split(":")) if part]

        def _clear(fact: object) -> object:
            if isinstance(fact, Message):
                return self._without_key(fact)
            if isinstance(fact, str):
                for secret in secrets:
                    fact = fact.replace(secret, "***")
            return fact

        return replace(told, facts={name: _clear(fact) for name, fact in told.facts.items()})


def _parsed(text: str) -> object:
    try:
        content: object = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content


def _no_json(text: str) -> Trouble:
    begins = printable(text)[:60]
    sentence = "answered with something else than JSON ({begins!r}); check the address"
    return Trouble(message("served-no-json", sentence, begins=begins)) if begins else _empty()


def _empty() -> Trouble:
    return not_understood(message("served-empty", "it is empty"))


def _too_slow(seconds: float) -> Trouble:
    sentence = (
        "did not answer within {seconds:g} seconds; check the server, or allow it more by #seconds="
    )
    return Trouble(message("served-too-slow", sentence, seconds=seconds))


def _broken(problem: Exception, seconds: float) -> Trouble:
    """Say what kept a request from its reply; the names of httpx's errors say what befell."""
    name = type(problem).__name__
    if name in ("ConnectTimeout", "ConnectError", "UnsupportedProtocol"):
        told = {type(cause).__name__ for cause in causes(problem)}
        if "SSLCertVerificationError" in told or "CERTIFICATE_VERIFY" in str(problem):
            sentence = (
                "shows a certificate that is not trusted; check the address, or SSL_CERT_FILE"
            )
            return Trouble(message("served-certificate", sentence))
        sentence = "cannot be reached; check the address and that the server runs"
        return Trouble(message("served-not-reached", sentence), passing=True)
    if "Timeout" in name:
        return _too_slow(min(seconds, _FIRST))
    if name == "ProxyError":
        sentence = "cannot be reached by the proxy of the environment (HTTPS_PROXY); check that"
        return Trouble(message("served-proxy", sentence))
    if name in ("ReadError", "WriteError", "RemoteProtocolError", "CloseError"):
        sentence = "broke off the connection; see the server's log"
        return Trouble(message("served-broken", sentence), passing=True)
    sentence = "cannot be asked ({problem}); check the address and the proxy"
    return Trouble(message("served-unusable", sentence, problem=name))
