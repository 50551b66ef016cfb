"""Where a library on Milvus is: its server or folder, its name, and the place of its documents."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from bifolio.ingest import Message, message
from bifolio.retrieval.store.errors import StoreError

Scheme = Literal["milvus", "milvus+https", "milvus+file"]
TOKEN, DOCUMENTS = "BIFOLIO_MILVUS_TOKEN", "BIFOLIO_DOCUMENTS"
_PORT = 19530
# An address that went through a Path has lost a stroke, and may have got the current folder before
# it: still the same address.
_ADDRESS = re.compile(r"(?:^|.*/)(?P<scheme>milvus(?:\+https|\+file)?):(?P<rest>.*)", re.DOTALL)
# What both Milvus and PostgreSQL take as a name, with room for what we put before it.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,47}")
_IN_A_FOLDER = "library"


@dataclass(frozen=True, slots=True)
class Address:
    """A library on Milvus.

    ``server`` is host:port, or the folder of Milvus Lite; ``documents`` a folder or a database's
    address, which may hold a password; ``token`` what the server wants to see. Neither of the two
    is ever shown.
    """

    scheme: Scheme
    server: str
    name: str
    documents: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    def __str__(self) -> str:
        """Say it as it was given."""
        if self.scheme == "milvus+file":
            return f"{self.scheme}:{self.server}"
        return f"{self.scheme}://{self.server}/{self.name}"

    @property
    def uri(self) -> str:
        """What the client of Milvus is given: a URL, or the path of Milvus Lite's folder."""
        if self.scheme == "milvus+file":
            return str(self.folder / "milvus.db")
        return f"{'https' if self.scheme == 'milvus+https' else 'http'}://{self.server}"

    @property
    def database(self) -> str:
        """The address of the SQL database, where the documents are not in a folder; else empty."""
        return self.documents if "://" in self.documents else ""

    @property
    def folder(self) -> Path:
        """What stands on this machine: the documents, or a place for uploads and conversations."""
        if self.scheme == "milvus+file":
            return Path(self.server).absolute()
        beside = Path(self.documents) if self.documents and not self.database else Path(".bifolio")
        return beside.absolute() / self.server.replace(":", "-") / self.name


def is_address(place: object) -> bool:
    """Tell whether a library's place is an address of Milvus, not a folder."""
    return _ADDRESS.fullmatch(str(place)) is not None


def parse(place: object, *, documents: str = "", token: str = "") -> Address:
    """Read an address: milvus://host:port/name, milvus+https://... or milvus+file:folder.

    Raises:
        StoreError: it is none; the message says what is wrong.
    """
    found = _ADDRESS.fullmatch(str(place))
    if found is None:
        raise StoreError(_wrong(place, message("no-scheme", "it does not begin with milvus:")))
    rest = found["rest"]
    if found["scheme"] == "milvus+file":
        folder = re.sub("^/+", "/", rest)
        if folder in ("", "/"):
            raise StoreError(_wrong(place, message("no-folder-named", "it names no folder")))
        return Address("milvus+file", folder, _IN_A_FOLDER, documents, token)
    scheme: Scheme = "milvus+https" if found["scheme"] == "milvus+https" else "milvus"
    server, name = _server(place, rest)
    return Address(scheme, server, name, documents, token)


def _server(place: object, rest: str) -> tuple[str, str]:
    if "@" in rest:
        # It would be shown wherever the library is named.
        told = message("token-in-address", "a token belongs into {variable}", variable=TOKEN)
        raise StoreError(_wrong(re.sub(r"//?[^/]*@", "//…@", str(place)), told))
    parts = urlsplit(f"//{rest.strip('/')}")
    name = parts.path.strip("/")
    try:
        host, port = parts.hostname, parts.port or _PORT
    except ValueError:
        host, port = None, 0
    if not host or parts.query or parts.fragment:
        raise StoreError(_wrong(place, message("no-host", "it names no host and port")))
    if not _NAME.fullmatch(name):
        sentence = "the library's name has letters, figures and _ only, 48 at most"
        raise StoreError(_wrong(place, message("bad-library-name", sentence)))
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}", name


def _wrong(place: object, why: Message) -> Message:
    return message(
        "bad-library-address",
        "{place} is no address of a library ({why}); write milvus://HOST:19530/NAME, or"
        " milvus+file:FOLDER",
        place=place,
        why=why,
    )
