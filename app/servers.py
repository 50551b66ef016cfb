"""Which servers the settings that lie in a library's folder may name: those of the user's own.

A folder may come from anybody. What stands in it must not decide where questions, documents and the
keys of the environment are sent.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bifolio.ingest import Message, message
from bifolio.language_model import is_local
from bifolio.retrieval import UnknownModel, server_of

# Where a language model is asked if no address is set.
DEFAULT = "https://api.openai.com/v1"
_PORTS = {"http": 80, "https": 443}
# What programs read differently: then it is not said which server is meant.
_PLAIN = re.compile(r"[!-~]+")
_UNCLEAR = re.compile(r"[\\@]")


def listed(text: str) -> str:
    """Read addresses with blanks or commas between them.

    Raises:
        ValueError: one is no address of a server.
    """
    addresses = text.replace(",", " ").split()
    for address in addresses:
        if not origin(address):
            sentence = "{address} is no address such as https://example.org"
            raise ValueError(message("no-origin", sentence, address=address))
    return " ".join(addresses)


def origin(address: str) -> str:
    """Give scheme, host and port of an address; empty if it is not clear what they are."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return ""
    if not _PLAIN.fullmatch(address) or _UNCLEAR.search(address):
        return ""
    if parts.scheme not in _PORTS or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    behind = "" if port in (None, _PORTS[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{behind}"


def named(settings: Mapping[str, Any]) -> dict[str, str]:
    """Give the addresses of all servers that settings name, by the setting that names it."""
    found = {}
    for name in ("embedder", "reranker"):
        if settings.get(name):
            try:
                found[name] = server_of(settings[name])
            except UnknownModel:  # opening it tells why, and sends nothing
                continue
    model, address = settings.get("llm"), settings.get("base_url")
    if address:
        found["base_url"] = address
    elif model and not is_local(model):
        found["llm"] = DEFAULT
    return {name: address for name, address in found.items() if address}


def origins(settings: Mapping[str, Any]) -> set[str]:
    """Give the origins of all servers that settings name, and of those that they allow."""
    allowed = str(settings.get("servers") or "").split()
    return {found for one in (*named(settings).values(), *allowed) if (found := origin(one))}


def refusal(in_force: Mapping[str, Any], own: Mapping[str, Any], file: Path) -> Message | None:
    """Say which server a library's file brings in that the user's ``own`` settings do not name.

    ``in_force`` are the settings with those of the file among them, ``own`` those without.
    """
    allowed, without = origins(own), named(own)
    for name, address in named(in_force).items():
        found = origin(address)
        if address != without.get(name) and found not in allowed:
            sentence = (
                "{file} names the server {address} ({name}), and no setting of your own does; a"
                " library's folder alone may not say where texts and keys go: if it is meant, set"
                " {variable}={address}, else take it out of the file"
            )
            facts = {"address": found or "?", "name": name, "variable": "BIFOLIO_SERVERS"}
            return message("server-of-a-folder", sentence, file=file, **facts)
    return None
