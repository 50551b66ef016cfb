"""Who may come in: nobody is asked on this machine, everybody who comes from elsewhere.

The chat asks for a password, the server for a key.
"""

import hashlib
import hmac
import ipaddress
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from bifolio.ingest import BifolioError, message
from bifolio.settings import BadSetting

PASSWORD, PASSWORD_FILE = "BIFOLIO_PASSWORD", "BIFOLIO_PASSWORD_FILE"
KEY, KEY_FILE = "BIFOLIO_API_KEY", "BIFOLIO_API_KEY_FILE"
# Tries that cost nothing; each one beyond doubles the wait, in seconds.
_FREE = 3
_LONGEST_WAIT = 60.0
# From all addresses together, so that nobody gains by having many.
_FREE_TO_ALL = 30
# What is remembered of addresses and of those who are inside.
_REMEMBERED = 10_000
# Wrong tries are forgotten after so many seconds without another.
_FORGIVEN = 900.0


class NeedsPassword(BifolioError):  # noqa: N818 - the name says what is wrong
    """The chat would be open to other machines, and no password is set."""

    def __init__(self, address: str) -> None:
        sentence = (
            "{address} can be reached from other machines: set {password}, or {file} to a file that"
            " holds the password, or a login as [auth] in .streamlit/secrets.toml, or leave"
            " --address out"
        )
        super().__init__(
            message(
                "needs-password", sentence, address=address, password=PASSWORD, file=PASSWORD_FILE
            )
        )


class LoginUnavailable(BifolioError):  # noqa: N818 - the name says what is wrong
    """A login is set, and what it needs is not installed."""

    def __init__(self) -> None:
        sentence = (
            "a login is set as [auth] in secrets.toml, and the package that it needs is missing:"
            " run `pip install 'bifolio[login]'`, or take [auth] out"
        )
        super().__init__(message("login-unavailable", sentence))


def check_login() -> None:
    """Make sure that the login which is set can be used.

    Raises:
        LoginUnavailable: a package is missing.
    """
    if find_spec("authlib") is None:
        raise LoginUnavailable


def is_loopback(address: str | None) -> bool:
    """Tell whether only this machine reaches an address; nothing said is every address."""
    if address == "localhost":
        return True
    try:
        return ipaddress.ip_address((address or "").strip("[]")).is_loopback
    except ValueError:
        return False


def password_from(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the password of the chat that is set, by itself or in a file; None if none is.

    Raises:
        BadSetting: the file cannot be read, or is empty.
    """
    return _secret(PASSWORD, PASSWORD_FILE, environ)


def key_from(environ: Mapping[str, str] = os.environ) -> str | None:
    """Give the key of the server that is set, by itself or in a file; None if none is.

    Raises:
        BadSetting: the file cannot be read, or is empty.
    """
    key = _secret(KEY, KEY_FILE, environ)
    return key.strip() if key else None


def key_in(headers: Mapping[str, str]) -> str:
    """Give the key that the headers of a request carry, as Bearer or as X-API-Key; else nothing."""
    kind, _, bearer = headers.get("authorization", "").partition(" ")
    said = headers.get("x-api-key") or (bearer.strip() if kind.lower() == "bearer" else "")
    # Headers are read as Latin-1, whatever the client wrote.
    return said.encode("latin-1", "replace").decode("utf-8", "replace")


def host_names(address: str, hosts: Sequence[str]) -> list[str]:
    """Give the names that a browser may use, so that no other site reaches a page by its own.

    Where every address is listened on and no name is told there is none to choose; there the
    password or the key stands.
    """
    if is_loopback(address):
        return [*hosts, "localhost", "127.0.0.1", "[::1]"]
    everywhere = address in ("", "0.0.0.0", "::")  # noqa: S104 - asked, not bound
    return [*hosts] if everywhere else [*hosts, address]


def _secret(name: str, file_name: str, environ: Mapping[str, str]) -> str | None:
    if said := environ.get(name):
        return said
    file = environ.get(file_name)
    if not file:
        return None
    try:
        secret = Path(file).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as problem:
        sentence = "{name}: {file} cannot be read ({problem}); name another file"
        told = message("no-password-file", sentence, name=file_name, file=file, problem=problem)
        raise BadSetting(told) from problem
    if not secret:
        sentence = "{name}: {file} is empty; write the password or the key into it"
        raise BadSetting(message("empty-password-file", sentence, name=file_name, file=file))
    return secret


class Door:
    """Lets in who knows the password; wrong tries are slowed down. Any thread may use it."""

    def __init__(self, password: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        # Compared as hashes, which are of one length whatever is typed.
        self._key = secrets.token_bytes(32)
        self._right = self._hash(password)
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}
        self._welcome: dict[str, None] = {}
        self._inside: dict[bytes, None] = {}

    def wait(self, address: str) -> float:
        """Tell for how many seconds no try from an address is looked at."""
        with self._lock:
            return max(0.0, *(self._until(*who) - self._clock() for who in self._who(address)))

    def enter(self, typed: str, address: str) -> str:
        """Try a password; give a token for the one who is inside now, or nothing."""
        if not self.admits(typed, address):
            return ""
        with self._lock:
            self._wrong.clear()
            token = secrets.token_urlsafe(32)
            self._inside[self._hash(token)] = None
            _forget(self._inside)
            return token

    def admits(self, typed: str, address: str) -> bool:
        """Tell whether a password is right, as those who have no page are asked each time.

        An address that gave it once is not slowed down by what others try.
        """
        if self.wait(address):
            return False
        right = hmac.compare_digest(self._hash(typed), self._right)
        with self._lock:
            if right:
                self._wrong.pop(address, None)
                self._welcome[address] = None
                _forget(self._welcome)
                return True
            for who, _ in self._who(address):
                tries, _ = self._wrong.pop(who, (0, 0.0))
                self._wrong[who] = (tries + 1, self._clock())
            _forget(self._wrong)
            return False

    def knows(self, token: str) -> bool:
        """Tell whether a token is one that was given."""
        with self._lock:
            return bool(token) and self._hash(token) in self._inside

    def _hash(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "replace"), hashlib.sha256)

    def _who(self, address: str) -> tuple[tuple[str, int], ...]:
        own = (address, _FREE)
        return (own,) if address in self._welcome else (own, ("", _FREE_TO_ALL))

    def _until(self, who: str, free: int) -> float:
        tries, last = self._wrong.get(who, (0, 0.0))
        if tries and self._clock() - last > _FORGIVEN:
            del self._wrong[who]
            tries = 0
        return last + min(2.0 ** min(tries - free, 10), _LONGEST_WAIT) if tries >= free else 0.0


def _forget(remembered: dict[str, tuple[int, float]] | dict[bytes, None] | dict[str, None]) -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]  # type: ignore[arg-type]
