"""What keeps a library, told by its place: a folder, or an address of Milvus."""

import os
from pathlib import Path

from bifolio.ingest import Message, message
from bifolio.retrieval.milvus.address import Address, is_address, parse
from bifolio.retrieval.store import store as folders
from bifolio.retrieval.store.errors import StoreError
from bifolio.retrieval.store.fingerprint import Fingerprint
from bifolio.retrieval.store.protocol import LibraryStore
from bifolio.retrieval.store.store import Store

Place = str | os.PathLike[str] | Address


def place_of(
    library: str | os.PathLike[str], *, documents: str | None = None, token: str | None = None
) -> Path | Address:
    """Give where a library is: a folder, or an address of Milvus with what reaching it needs.

    Raises:
        StoreError: it looks like an address, and is none.
    """
    if is_address(library):
        return parse(library, documents=documents or "", token=token or "")
    return Path(library)


def open_store(place: Place, fingerprint: Fingerprint, *, create: bool = True) -> LibraryStore:
    """Open a library's store, and make it when it is missing and ``create`` says so.

    Raises:
        LibraryMismatch: the library does not have this fingerprint.
        StoreError: it cannot be used.
    """
    address = place if isinstance(place, Address) else place_of(place)
    if isinstance(address, Path):
        return Store(address, fingerprint, create=create)
    # SQLAlchemy and the client of Milvus take a second to import.
    from bifolio.retrieval.milvus.store import MilvusStore

    return MilvusStore(address, fingerprint, create=create)


def stored_fingerprint(place: Place) -> Fingerprint:
    """Tell what the library at a place was made with.

    Raises:
        StoreError: there is none, or it is damaged.
        LibraryMismatch: it was made by another version.
    """
    address = place if isinstance(place, Address) else place_of(place)
    if isinstance(address, Path):
        return folders.stored_fingerprint(address)
    from bifolio.retrieval.milvus.store import stored_fingerprint as of_address

    return of_address(address)


def has_library(place: Place) -> bool:
    """Tell whether there is a library at a place, whatever it was made with."""
    try:
        stored_fingerprint(place)
    except StoreError as problem:
        return problem.message.code != "no-library"
    return True


def in_a_folder(store: LibraryStore) -> Store:
    """Give the store of a folder for what only such a library can do.

    Raises:
        StoreError: the library is elsewhere.
    """
    if isinstance(store, Store):
        return store
    raise StoreError(_elsewhere(store.address))


def folder_at(place: Place) -> Path:
    """Give the folder of a library, whether or not it is there yet.

    Raises:
        StoreError: the library is elsewhere.
    """
    address = place if isinstance(place, Address) else place_of(place)
    if isinstance(address, Path):
        return address
    raise StoreError(_elsewhere(str(address)))


def _elsewhere(address: str) -> Message:
    sentence = (
        "{address} is on Milvus: rebuild, export and import are for libraries in a folder; ingest"
        " the documents into another library, and copy the database and Milvus by their own tools"
    )
    return message("not-in-a-folder", sentence, address=address)
