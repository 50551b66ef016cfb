"""A library on Milvus: SQL is the truth, the collection a cache, one writer at a time."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from bifolio.ingest import Message, message
from bifolio.retrieval.milvus import checking, rows
from bifolio.retrieval.milvus.address import DOCUMENTS, Address
from bifolio.retrieval.milvus.collection import Collection, Freshness
from bifolio.retrieval.milvus.database import Database
from bifolio.retrieval.milvus.originals import original_of
from bifolio.retrieval.milvus.reader import MilvusReader
from bifolio.retrieval.milvus.writer import MilvusWriter
from bifolio.retrieval.store.checking import Damage
from bifolio.retrieval.store.errors import LibraryMismatch, StoreError
from bifolio.retrieval.store.files import read_file
from bifolio.retrieval.store.fingerprint import (
    Fingerprint,
    difference,
    no_library,
    other_schema,
)
from bifolio.retrieval.store.protocol import LibraryStore

SCHEMA = 1


class MilvusStore(LibraryStore):
    """The documents, chunks, vectors and words of one library on Milvus.

    Opens what is there, and makes it when it is missing and ``create`` says so.

    Raises:
        LibraryMismatch: the library does not have this fingerprint, or is not ours.
        StoreError: the address is none, or Milvus or the database cannot be reached.
    """

    def __init__(self, address: Address, fingerprint: Fingerprint, *, create: bool = True) -> None:
        self.folder = address.folder
        self.fingerprint = fingerprint
        self._address = address
        self._database = Database(address.folder, address.database, address.name)
        self._fresh = Freshness()
        # First, for it tells what is wrong with the address before anything is made.
        self._collection = Collection(address)
        try:
            self._open(create=create)
        except BaseException:
            self.close()
            raise

    @property
    def address(self) -> str:
        """Where the library is, without anything secret."""
        return str(self._address)

    def close(self) -> None:
        """Let go of the connections."""
        self._collection.close()
        self._database.close()

    @contextmanager
    def reading(self) -> Iterator[MilvusReader]:
        """Give a view of one committed state; it stays the same while others write.

        Raises:
            StoreError: Milvus or the database fails.
        """
        with self._database.reading() as connection:
            meta = self._check(connection)
            strong = self._fresh.strong(int(meta["generation"]))
            yield MilvusReader(connection, self._collection, meta, strong=strong)

    @contextmanager
    def writing(self) -> Iterator[MilvusWriter]:
        """Give the one writer; each of its calls is durable when it returns.

        Raises:
            LibraryBusy: another writer holds it, and went on for some seconds.
            StoreError: Milvus or the database fails.
        """
        with self._database.writing() as connection:
            self._check(connection)
            connection.rollback()
            writer = MilvusWriter(
                connection, self._collection, self.folder, dims=self.fingerprint.dims
            )
            # What an interrupted writer left behind.
            writer.sweep()
            writer.sweep_uploads()
            try:
                yield writer
            finally:
                # Best effort, as the next writer sweeps again.
                with suppress(StoreError, SQLAlchemyError):
                    connection.rollback()
                    writer.sweep_uploads()

    def file(self, path: str) -> bytes:
        """Give the bytes that the document with that path was read from.

        Raises:
            KeyError: there is no such document.
            StoreError: the bytes are gone, or are others by now.
        """
        with self._database.reading() as connection:
            entry = rows.entry_of(connection, path)
            original_of(connection, self.folder, entry)
        return read_file(self.folder, entry)

    def source(self, path: str) -> Path:
        """Give the file that holds the bytes that the document with that path was read from.

        Raises:
            KeyError: there is no such document.
            StoreError: the bytes are gone, or are others by now.
        """
        with self._database.reading() as connection:
            return original_of(connection, self.folder, rows.entry_of(connection, path))

    def check(self, *, whole: bool = False) -> tuple[Damage, ...]:
        """Tell what is damaged: by counts, or ``whole`` by every byte and every id.

        Raises:
            StoreError: Milvus or the database cannot be reached.
        """
        with self._database.reading() as connection:
            library = str(self._check(connection)["library"])
            dims = self.fingerprint.dims
            found = checking.check(connection, self._collection, library, dims, whole=whole)
            return tuple(found)

    def _open(self, *, create: bool) -> None:
        if not self._database.exists():
            if not create:
                raise StoreError(no_library(self._address))
            self._make()
        with self._database.reading() as connection:
            meta = self._check(connection)
            stored = bool(rows.has_chunks(connection))
        held = self._collection.library()
        if held == meta["library"]:
            self._collection.load()
        elif held is None and stored:
            # Told by `check`, and by whoever searches; `repair` makes it again.
            return
        elif held is None:
            # Its making was interrupted, or nothing was ever in it.
            self._collection.create(str(meta["library"]), self.fingerprint.dims)
        else:
            raise LibraryMismatch(_others(self._address, self._database.shown))

    def _make(self) -> None:
        if self._collection.library() is not None:
            raise LibraryMismatch(_others(self._address, self._database.shown))
        self._database.create(
            {
                "library": secrets.token_hex(8),
                "schema": SCHEMA,
                "generation": 0,
                "next_chunk": 1,
                "fingerprint": asdict(self.fingerprint),
            }
        )

    def _check(self, connection: Connection) -> Mapping[str, Any]:
        meta, stored = _read(connection, self._address)
        if stored != self.fingerprint:
            raise LibraryMismatch(_mismatch(self._address, stored, self.fingerprint))
        return meta


def stored_fingerprint(address: Address) -> Fingerprint:
    """Tell what the library at an address was made with.

    Raises:
        StoreError: there is none, or its documents cannot be reached.
        LibraryMismatch: it was made by another version.
    """
    database = Database(address.folder, address.database, address.name)
    try:
        if not database.exists():
            raise StoreError(no_library(address))
        with database.reading() as connection:
            return _read(connection, address)[1]
    finally:
        database.close()


def _read(connection: Connection, address: Address) -> tuple[Mapping[str, Any], Fingerprint]:
    with suppress(ValueError, KeyError, TypeError):
        meta = rows.read_meta(connection)
        if meta["schema"] != SCHEMA:
            raise LibraryMismatch(other_schema(address, meta["schema"], SCHEMA))
        return meta, Fingerprint(**meta["fingerprint"])
    sentence = "{address}: its documents' tables are damaged or no library; use another name"
    raise StoreError(message("not-our-tables", sentence, address=address))


def _mismatch(address: Address, stored: Fingerprint, wanted: Fingerprint) -> Message:
    return message(
        "library-mismatch-elsewhere",
        "{folder}: {difference}; choose those models again, or ingest into a library of another"
        " name",
        folder=address,
        difference=difference(stored, wanted),
    )


def _others(address: Address, documents: str) -> Message:
    return message(
        "other-documents",
        "{address} holds chunks of documents that are not in {documents}; name their place by"
        " {variable}, or choose another name",
        address=address,
        documents=documents,
        variable=DOCUMENTS,
    )
