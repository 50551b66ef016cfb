"""A library's folder: SQLite is the truth, the FAISS file a cache, one writer at a time."""

import json
import logging
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from bifolio.ingest import cause, message
from bifolio.retrieval.store.beside import Beside
from bifolio.retrieval.store.checking import Damage
from bifolio.retrieval.store.connection import connected
from bifolio.retrieval.store.errors import LibraryMismatch, StoreError
from bifolio.retrieval.store.files import bring_uploads, read_file, source_of, sweep_uploads
from bifolio.retrieval.store.fingerprint import Fingerprint, mismatch, no_library, other_schema
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.inverted import Inverted, words_due
from bifolio.retrieval.store.layout import DEFAULT_LAYOUT, Layout
from bifolio.retrieval.store.lexical import Frequent
from bifolio.retrieval.store.lock import writer_lock
from bifolio.retrieval.store.moving import go_back, note_place, take_over
from bifolio.retrieval.store.reader import Reader
from bifolio.retrieval.store.saving import large_ranges, save_index
from bifolio.retrieval.store.snapshot import Snapshot
from bifolio.retrieval.store.upgrade import SCHEMA, UPGRADABLE, sql, upgrade
from bifolio.retrieval.store.writer import Writer

_DATABASE = "db.sqlite"
_log = logging.getLogger(__name__)


class Store:
    """The documents, chunks, vectors and words of one library.

    Opens the folder, and makes it when it is missing and ``create`` says so.

    Raises:
        LibraryMismatch: the folder's library does not have this fingerprint.
        StoreError: the folder cannot be used.
    """

    def __init__(
        self,
        folder: Path,
        fingerprint: Fingerprint,
        *,
        create: bool = True,
        layout: Layout = DEFAULT_LAYOUT,
    ) -> None:
        self.folder = folder.absolute()
        self.fingerprint = fingerprint
        self._layout = layout
        self._database = self.folder / _DATABASE
        self._latest: Snapshot | None = None
        self._inverted: Inverted | None = None
        self._frequent = Frequent()
        self._building: Beside | None = None
        self._is_due = False
        if not self._database.exists():
            if not create:
                raise StoreError(no_library(folder))
            self._create()
        self._upgrade()
        with connected(self._database, "ro") as connection:
            self._check(connection)

    @property
    def address(self) -> str:
        """How the library is called: its folder."""
        return str(self.folder)

    def close(self) -> None:
        """Let go of the index in memory; connections are closed after each use anyway."""
        self._latest, self._inverted = None, None

    @contextmanager
    def reading(self) -> Iterator[Reader]:
        """Give a view of one committed state; it stays the same while others write."""
        # Before the transaction begins, so that it never shows an older state than this index.
        latest, inverted = self._latest, self._inverted
        with connected(self._database, "ro") as connection:
            connection.execute("BEGIN")
            # Each time: another library may have been put into the folder.
            self._check(connection)
            dims = self.fingerprint.dims
            view = Reader(
                connection,
                self.folder,
                dims,
                layout=self._layout,
                latest=latest,
                inverted=inverted,
                frequent=self._frequent,
            )
            yield view
        self._latest = view.latest or self._latest
        self._inverted = view.inverted or self._inverted
        if view.latest and view.needs_saving:
            # Best effort: the search was right all the same, and another writer will save it too.
            damaged = view.latest.damaged
            with suppress(StoreError, OSError), self._writing(wait=0, damaged=damaged):
                pass
        if view.needs_words or (view.latest and not view.latest.is_held):
            self._beside().start()

    @contextmanager
    def writing(self) -> Iterator[Writer]:
        """Give the one writer; each of its calls is a transaction. The index is saved at the end.

        Raises:
            LibraryBusy: another writer holds it, and went on for some seconds.
            LibraryReadOnly: nothing can be written to the folder.
        """
        with self._writing() as writer:
            yield writer
        if self._is_due:
            self._beside().build()

    def file(self, path: str) -> bytes:
        """Give the bytes that the document with that path was read from.

        Raises:
            KeyError: there is no such document.
            StoreError: the bytes are gone, or are others by now.
        """
        with self.reading() as view:
            return read_file(self.folder, view.entry(path))

    def check(self, *, whole: bool = False) -> tuple[Damage, ...]:
        """Tell what is damaged: by counts and the index file, or ``whole`` by every byte.

        Raises:
            StoreError: so much is damaged that nothing can be told.
        """
        with self.reading() as view:
            return view.check(whole=whole)

    def source(self, path: str) -> Path:
        """Give the file that holds the bytes that the document with that path was read from.

        Raises:
            KeyError: there is no such document.
            StoreError: the bytes are gone, or are others by now.
        """
        with self.reading() as view:
            return source_of(self.folder, view.entry(path))

    def rebuild(self, wanted: Fingerprint, fill: Callable[[Reader, Writer], object]) -> None:
        """Put other chunks and vectors in the place of all that there are, in one step.

        ``fill`` is given what is stored, and a library of the ``wanted`` fingerprint to write to;
        what an interrupted rebuilding wrote there is still there. Until it is done this library
        answers as before, and nobody else writes to it.

        Raises:
            LibraryBusy: another process is writing to the library.
        """
        with (
            writer_lock(self.folder),
            connected(self._database, "rw") as connection,
        ):
            self._check(connection)
            staged = _staged(self.folder / "rebuild", wanted)
            with staged.writing() as writer:
                fill(Reader(connection, self.folder, self.fingerprint.dims, latest=None), writer)
            take_over(connection, staged.folder / _DATABASE)
            self.fingerprint, self._building = wanted, None
            self.close()
            self._finish(connection)
        shutil.rmtree(staged.folder)
        if self._is_due:
            self._beside().build()

    def go_back(self, copy: Path) -> None:
        """Put what a copy of a library holds, which lies in another folder, in this one's place.

        One step: whoever reads meanwhile sees the one or the other.

        Raises:
            LibraryBusy: another process is writing to the library.
            LibraryMismatch: the copy was made with other models.
        """
        # Opening it refuses other models, and brings an older schema to this one.
        Store(copy, self.fingerprint, create=False)
        with writer_lock(self.folder), connected(self._database, "rw") as connection:
            self._check(connection)
            bring_uploads(copy, self.folder)
            go_back(connection, copy / _DATABASE)
            self._building = None
            self.close()
            self._finish(connection)
        if self._is_due:
            self._beside().build()

    @contextmanager
    def _writing(
        self, *, wait: float | None = None, damaged: Collection[str] = ()
    ) -> Iterator[Writer]:
        with (
            writer_lock(self.folder, wait=wait),
            connected(self._database, "rw") as connection,
        ):
            self._check(connection)
            for leftover in self.folder.glob("*.tmp"):
                leftover.unlink(missing_ok=True)
            sweep_uploads(connection, self.folder)
            try:
                yield Writer(
                    connection,
                    self.folder,
                    dims=self.fingerprint.dims,
                    save_every=self._layout.small,
                    save=partial(self._save, connection, whole=True),
                )
            finally:
                # Also after an interruption: what was stored until then stays stored.
                self._finish(connection, damaged)

    def _finish(self, connection: sqlite3.Connection, damaged: Collection[str] = ()) -> None:
        """Save the index, and remove uploads of which nothing was stored."""
        try:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            sweep_uploads(connection, self.folder)
            note_place(connection, self.folder)
        except (OSError, sqlite3.Error) as problem:
            _log.warning("%s was not tidied up: %s", self.folder, problem)
        self._save(connection, damaged=damaged)
        large = large_ranges(connection, self.folder, self._layout)
        self._is_due = bool(large or words_due(connection, self.folder, self._layout))

    def _save(
        self,
        connection: sqlite3.Connection,
        *,
        whole: bool = False,
        damaged: Collection[str] = (),
    ) -> None:
        try:
            self._keep(
                save_index(
                    connection,
                    self.folder,
                    self.fingerprint.dims,
                    self._layout,
                    whole=whole,
                    damaged=damaged,
                )
            )
        # faiss raises RuntimeError where a file cannot be written.
        except (OSError, RuntimeError, sqlite3.Error) as problem:
            # The documents are stored; readers build the index from them.
            _log.warning("the index of %s was not saved: %s", self.folder, problem)

    def _keep(self, built: Mapping[str, Index]) -> None:
        """Let the next question take what was built here rather than read it again."""
        if built:
            known = self._latest or Snapshot("", -1)
            self._latest = replace(known, built={**known.built, **built})

    def _beside(self) -> Beside:
        """Give what builds large indexes of this library."""
        if self._building is None:
            dims = self.fingerprint.dims
            self._building = Beside(self._database, dims, self._layout, self._keep)
        return self._building

    def _upgrade(self) -> None:
        """Bring a library of the schema before to this one."""
        with connected(self._database, "ro") as connection:
            if _read(connection, self._database)[0] != UPGRADABLE:
                return
        with writer_lock(self.folder), connected(self._database, "rw") as connection:
            upgrade(connection, self.folder)

    def _create(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            sentence = "{folder}: {problem}; give another --library"
            raise StoreError(
                message("no-folder", sentence, folder=self.folder, problem=cause(problem))
            ) from problem
        with writer_lock(self.folder):
            if not self._database.exists():
                # Under another name until it is whole: a crash must not leave half a library.
                self._create_as(self.folder / "db.sqlite.tmp")

    def _create_as(self, temporary: Path) -> None:
        for leftover in self.folder.glob(f"{temporary.name}*"):
            leftover.unlink()
        with connected(temporary, "rwc") as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(f"BEGIN IMMEDIATE;\n{sql('schema.sql')}\n{sql('index.sql')}")
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
        stored = _read_fingerprint(connection, self._database)
        if stored != self.fingerprint:
            raise LibraryMismatch(mismatch(self.folder, stored, self.fingerprint))


def stored_fingerprint(folder: Path) -> Fingerprint:
    """Tell what the library in a folder was made with.

    Raises:
        StoreError: there is none, or it is damaged.
        LibraryMismatch: it was made by another version.
    """
    database = folder.absolute() / _DATABASE
    if not database.exists():
        raise StoreError(no_library(folder))
    with connected(database, "ro") as connection:
        return _read_fingerprint(connection, database)


def _read_fingerprint(connection: sqlite3.Connection, database: Path) -> Fingerprint:
    schema, stored = _read(connection, database)
    if stored is None:
        raise LibraryMismatch(other_schema(database.parent, schema))
    return stored


def _read(connection: sqlite3.Connection, database: Path) -> tuple[object, Fingerprint | None]:
    """Give a library's schema, and its fingerprint if that can be told of such a schema."""
    try:
        rows = connection.execute("SELECT key, value FROM meta").fetchall()
        meta = {key: json.loads(value) for key, value in rows}
        schema, stored = meta["schema"], meta["fingerprint"]
        return schema, Fingerprint(**stored) if schema in (UPGRADABLE, SCHEMA) else None
    except (sqlite3.Error, ValueError, KeyError, TypeError) as problem:
        raise StoreError(
            message(
                "not-a-library",
                "{database} is damaged or no library ({problem}); ingest into a new one",
                database=database,
                problem=str(problem),
            )
        ) from problem


def _staged(folder: Path, wanted: Fingerprint) -> Store:
    """Open what an interrupted rebuilding left, or begin anew if that was with other models."""
    try:
        return Store(folder, wanted)
    except StoreError:
        shutil.rmtree(folder)
        return Store(folder, wanted)
