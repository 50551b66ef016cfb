"""How a server of ours listens: at an address that can be had, and beyond this machine by a key."""

import os
import socket

from bifolio.entrance import KEY, KEY_FILE, is_loopback, key_from
from bifolio.ingest import BifolioError, message


class NeedsKey(BifolioError):  # noqa: N818 - the name says what is wrong
    """The server would be open to other machines, and no key is set."""

    def __init__(self, address: str) -> None:
        sentence = (
            "{address} can be reached from other machines: set {key}, or {file} to a file that"
            " holds the key, or leave --address out"
        )
        super().__init__(message("needs-key", sentence, address=address, key=KEY, file=KEY_FILE))


def key_for(address: str) -> str | None:
    """Give the key that a server at an address asks for; None if nobody else reaches it.

    Raises:
        NeedsKey: other machines would reach it, and no key is set.
        BadSetting: the key's file cannot be read, or is empty.
    """
    key = key_from()
    if key is None and not is_loopback(address):
        raise NeedsKey(address)
    return key


def listen(host: str, port: int) -> socket.socket:
    """Listen, before the models are loaded.

    Raises:
        BifolioError: the address is taken, or none of this machine's.
    """
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    try:
        return socket.create_server((bare, port), family=family, backlog=256)
    except OSError as problem:
        sentence = (
            "{host}:{port} cannot be listened on ({problem}); choose another --port or --address"
        )
        why = os.strerror(problem.errno) if problem.errno else str(problem)
        told = message("no-address", sentence, host=host, port=port, problem=why)
        raise BifolioError(told) from problem
