"""A library's folder: SQLite is the truth, the FAISS file a cache, one writer at a time."""

import json
import logging
import os
import secrets
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from importlib.resources import files
from pathlib import Path

from filelock import FileLock, Timeout

from bifolio.ingest import BifolioError
from bifolio.retrieval.store.reader import Reader
from bifolio.retrieval.store.snapshot import Snapshot, save_index
from bifolio.retrieval.store.writer import Writer

SCHEMA = 2
_log = logging.getLogger(__name__)


class StoreError(BifolioError):
    """A library's folder cannot be used as it is."""


class LibraryBusy(StoreError):  # noqa: N818 - the name says what is wrong
    """Another process is writing to the library."""


class LibraryMismatch(StoreError):  # noqa: N818 - the name says what is wrong
    """The library was made with other models, or by a newer version."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What a library's vectors and chunks depend on: all must be the same to add or to search."""

    embedder: str
    embedder_hash: str
    dims: int
    splitter: str


class Store:
    """The documents, chunks, vectors and words of one library.

    Opens the folder, and makes it when it is missing and ``create`` says so.

    Raises:
        LibraryMismatch: the folder's library does not have this fingerprint.
        StoreError: the folder cannot be used.
    """

    def __init__(self, folder: Path, fingerprint: Fingerprint, *, create: bool = True) -> None:
        self.folder = folder.absolute()
        self.fingerprint = fingerprint
        self._database = self.folder / "db.sqlite"
        self._latest: Snapshot | None = None
        if not self._database.exists():
            if not create:
                raise StoreError(f"there is no library at {folder}; make one with `ingest PATH`")
            self._create()
        with self._connected("ro") as connection:
            self._check(connection)

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a view of one committed state; it stays the same while others write."""
        with self._connected("ro") as connection:
            connection.execute("BEGIN")
            # Each time: another library may have been put into the folder.
            self._check(connection)
            view = Reader(connection, self.folder, self.fingerprint.dims, latest=self._latest)
            yield view
        self._latest = view.latest or self._latest
        if view.needs_saving:
            # Best effort: the search was right all the same, and another writer will save it too.
            with suppress(StoreError, OSError), self.writing():
                pass

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the one writer; each of its calls is a transaction. The index is saved at the end.

        Raises:
            LibraryBusy: another process holds it.
        """
        with self._lock(), self._connected("rw") as connection:
            self._check(connection)
            for leftover in self.folder.glob("*.tmp"):
                leftover.unlink(missing_ok=True)
            yield Writer(connection, dims=self.fingerprint.dims)
            try:
                self._latest = save_index(
                    connection, self.folder, self.fingerprint.dims, self._latest
                )
            except OSError as problem:
                # The documents are stored; readers build the index from them.
                _log.warning("the index of %s was not saved: %s", self.folder, problem)

    @contextmanager
    def _lock(self) -> Iterator[None]:
        holder = self.folder / "writer.json"
        lock = FileLock(self.folder / ".lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as problem:
            try:
                told = json.loads(holder.read_text())
                who = f" (process {told['pid']}, since {told['since']})"
            except (OSError, ValueError, KeyError):
                who = ""
            raise LibraryBusy(
                f"{self.folder}: another process{who} is writing to this library; wait for its end"
            ) from problem
        except OSError as problem:
            raise StoreError(
                f"{self.folder}: {problem.strerror}; check its permissions and the disk"
            ) from problem
        try:
            # Only for the message: a disk too full for it is told by what comes next.
            with suppress(OSError):
                holder.write_text(
                    json.dumps({"pid": os.getpid(), "since": time.strftime("%H:%M:%S")})
                )
            yield
        finally:
            lock.release()

    @contextmanager
    def _connected(self, mode: str, database: Path | None = None) -> Iterator[sqlite3.Connection]:
        """Connect; what SQLite complains of ends in a sentence."""
        database = database or self._database
        try:
            # isolation_level None: transactions begin and end only where we say so.
            with closing(
                sqlite3.connect(
                    f"{database.as_uri()}?mode={mode}",
                    uri=True,
                    isolation_level=None,
                    timeout=10,
                    check_same_thread=False,
                )
            ) as connection:
                connection.execute("PRAGMA foreign_keys = ON")
                connection.execute("PRAGMA synchronous = FULL")
                yield connection
        except sqlite3.OperationalError as problem:
            raise StoreError(
                f"{database}: {problem}; check the disk and the permissions, or give another"
                " --library"
            ) from problem
        except sqlite3.DatabaseError as problem:
            # Its subclasses are mistakes of ours.
            if type(problem) is not sqlite3.DatabaseError:
                raise
            raise StoreError(
                f"{database} is damaged ({problem}); ingest into a new --library"
            ) from problem

    def _create(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise StoreError(
                f"{self.folder}: {problem.strerror}; give another --library"
            ) from problem
        with self._lock():
            if not self._database.exists():
                # Under another name until it is whole: a crash must not leave half a library.
                self._create_as(self.folder / "db.sqlite.tmp")

    def _create_as(self, temporary: Path) -> None:
        for leftover in self.folder.glob(f"{temporary.name}*"):
            leftover.unlink()
        with self._connected("rwc", temporary) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            schema = (
                files("bifolio.retrieval.store").joinpath("schema.sql").read_text(encoding="utf-8")
            )
            connection.executescript(f"BEGIN IMMEDIATE;\n{schema}")
            meta = {
                "library": secrets.token_hex(8),
                "schema": SCHEMA,
                "generation": 0,
                "fingerprint": asdict(self.fingerprint),
            }
            connection.executemany(
                "INSERT INTO meta VALUES (?, ?)",
                [(key, json.dumps(value)) for key, value in meta.items()],
            )
            connection.execute("COMMIT")
        temporary.rename(self._database)

    def _check(self, connection: sqlite3.Connection) -> None:
        try:
            rows = connection.execute("SELECT key, value FROM meta").fetchall()
            meta = {key: json.loads(value) for key, value in rows}
            schema, stored = meta["schema"], meta["fingerprint"]
            if schema == SCHEMA:
                stored = Fingerprint(**stored)
        except (sqlite3.Error, ValueError, KeyError, TypeError) as problem:
            raise StoreError(
                f"{self._database} is damaged or no library ({problem}); ingest into a new one"
            ) from problem
        if schema != SCHEMA:
            older = isinstance(schema, int) and schema < SCHEMA
            remedy = "ingest its documents into a new --library" if older else "update bifolio"
            raise LibraryMismatch(
                f"{self.folder}: made by {'an older' if older else 'another'} version (schema"
                f" {schema}, this one reads {SCHEMA}); {remedy}"
            )
        if stored != self.fingerprint:
            raise LibraryMismatch(_mismatch(self.folder, stored, self.fingerprint))


def _mismatch(folder: Path, stored: Fingerprint, wanted: Fingerprint) -> str:
    if (stored.embedder, stored.dims) != (wanted.embedder, wanted.dims):
        difference = (
            f"made with the embedder {stored.embedder} ({stored.dims} dimensions), asked for"
            f" {wanted.embedder} ({wanted.dims})"
        )
    elif stored.embedder_hash != wanted.embedder_hash:
        difference = f"made with other weights or settings of the embedder {stored.embedder}"
    else:
        difference = f"made with the splitter {stored.splitter}, this one is {wanted.splitter}"
    return f"{folder}: {difference}; choose those models again or ingest into a new --library"
