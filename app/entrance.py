"""Who may come in: nobody is asked on this machine, everybody who comes from elsewhere."""

import hashlib
import hmac
import ipaddress
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from bifolio.ingest import BifolioError, message
from bifolio.settings import BadSetting

PASSWORD, PASSWORD_FILE = "BIFOLIO_PASSWORD", "BIFOLIO_PASSWORD_FILE"
# Tries that cost nothing; each one beyond doubles the wait, in seconds.
_FREE = 3
_LONGEST_WAIT = 60.0
# From all addresses together, so that nobody gains by having many.
_FREE_TO_ALL = 30
# What is remembered of addresses and of those who are inside.
_REMEMBERED = 10_000


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
    """Give the password that is set, by itself or in a file; None if none is.

    Raises:
        BadSetting: the file cannot be read, or is empty.
    """
    if said := environ.get(PASSWORD):
        return said
    file = environ.get(PASSWORD_FILE)
    if not file:
        return None
    try:
        password = Path(file).read_text(encoding="utf-8").strip("\r\n")
    except (OSError, ValueError) as problem:
        sentence = "{name}: {file} cannot be read ({problem}); name another file"
        told = message("no-password-file", sentence, name=PASSWORD_FILE, file=file, problem=problem)
        raise BadSetting(told) from problem
    if not password:
        sentence = "{name}: {file} is empty; write the password into it"
        raise BadSetting(message("empty-password-file", sentence, name=PASSWORD_FILE, file=file))
    return password


class Door:
    """Lets in who knows the password; wrong tries are slowed down. Any thread may use it."""

    def __init__(self, password: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        # Compared as hashes, which are of one length whatever is typed.
        self._key = secrets.token_bytes(32)
        self._right = self._hash(password)
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}
        self._inside: dict[bytes, None] = {}

    def wait(self, address: str) -> float:
        """Tell for how many seconds no try from an address is looked at."""
        with self._lock:
            return max(0.0, *(self._until(*who) - self._clock() for who in self._who(address)))

    def enter(self, typed: str, address: str) -> str:
        """Try a password; give a token for the one who is inside now, or nothing."""
        if self.wait(address):
            return ""
        right = hmac.compare_digest(self._hash(typed), self._right)
        with self._lock:
            if not right:
                for who, _ in self._who(address):
                    tries, _ = self._wrong.pop(who, (0, 0.0))
                    self._wrong[who] = (tries + 1, self._clock())
                _forget(self._wrong)
                return ""
            self._wrong.clear()
            token = secrets.token_urlsafe(32)
            self._inside[self._hash(token)] = None
            _forget(self._inside)
            return token

    def knows(self, token: str) -> bool:
        """Tell whether a token is one that was given."""
        with self._lock:
            return bool(token) and self._hash(token) in self._inside

    def _hash(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode("utf-8", "replace"), hashlib.sha256)

    def _who(self, address: str) -> tuple[tuple[str, int], ...]:
        return (address, _FREE), ("", _FREE_TO_ALL)

    def _until(self, who: str, free: int) -> float:
        tries, last = self._wrong.get(who, (0, 0.0))
        return last + min(2.0 ** min(tries - free, 10), _LONGEST_WAIT) if tries >= free else 0.0


def _forget(remembered: dict[str, tuple[int, float]] | dict[bytes, None]) -> None:
    while len(remembered) > _REMEMBERED:
        del remembered[next(iter(remembered))]  # type: ignore[arg-type]
