"""The client of Milvus: connections to a server, or to Milvus Lite in this process."""

import logging
import threading
from collections import Counter
from importlib import import_module
from typing import Any

from bifolio.ingest import Message, message
from bifolio.retrieval.milvus.address import TOKEN, Address
from bifolio.retrieval.store.errors import StoreError

# Seconds.
_CONNECT = 10.0
# They write tracebacks of what we tell in a sentence, and Lite of what it cannot do.
_LOUD = ("pymilvus", "milvus_lite", "grpc._server")

_guard = threading.Lock()
_users: Counter[str] = Counter()


def connect(address: Address) -> Any:
    """Connect to the server, or open Milvus Lite's folder.

    Raises:
        StoreError: it cannot be reached, or the client is not installed.
    """
    for name in _LOUD:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        milvus = import_module("pymilvus")
        if _is_lite(address):
            import_module("milvus_lite")
    except ImportError as problem:
        extra = "milvus-lite" if "milvus_lite" in str(problem) else "bifolio[milvus]"
        sentence = "{address}: `pip install '{extra}'` first"
        told = message("no-milvus-client", sentence, address=address, extra=extra)
        raise StoreError(told) from problem
    try:
        with _guard:
            address.folder.mkdir(parents=True, exist_ok=True)
            client = milvus.MilvusClient(
                uri=address.uri, token=address.token, timeout=_CONNECT, dedicated=True
            )
            _users[address.uri] += 1
    except (milvus.MilvusException, OSError) as problem:
        raise StoreError(_unreachable(address, problem)) from problem
    return client


def disconnect(client: Any, address: Address) -> None:
    """Close a connection; Milvus Lite lets go of its folder with the last one of this process."""
    with _guard:
        client.close()
        _users[address.uri] -= 1
        if _is_lite(address) and not _users[address.uri]:
            lite = import_module("milvus_lite.server_manager")
            lite.server_manager_instance.release_server(address.uri)


def reason(problem: Exception, address: Address) -> str:
    """Give the first line of what Milvus says, never the token."""
    said = str(getattr(problem, "message", "") or problem).strip() or type(problem).__name__
    line = said.splitlines()[0][:200]
    return line.replace(address.token, "…") if address.token else line


def _is_lite(address: Address) -> bool:
    return address.scheme == "milvus+file"


def _unreachable(address: Address, problem: Exception) -> Message:
    if _is_lite(address):
        return message(
            "lite-not-opened",
            "{address} cannot be opened ({problem}); Milvus Lite is for one process at a time: end"
            " the other one, or use a server",
            address=address,
            problem=reason(problem, address),
        )
    return message(
        "milvus-unreachable",
        "{address}: Milvus cannot be reached ({problem}); start it or check the address, and set"
        " {variable} if it wants a token",
        address=address,
        problem=reason(problem, address),
        variable=TOKEN,
    )
