"""Connections to a library's database; what SQLite complains of ends in a sentence."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Literal

from bifolio.ingest import message
from bifolio.retrieval.store.errors import LibraryReadOnly, StoreError
from bifolio.retrieval.store.lock import WAIT, keep_writers_out

Mode = Literal["ro", "rw", "rwc"]
_PAUSE = 0.05
# KiB of pages that a connection keeps: what a question reads in a large library, it reads twice.
_CACHE = 32_768


@contextmanager
def connected(database: Path, mode: Mode) -> Iterator[sqlite3.Connection]:
    """Connect to the database: to read, to write, or to make it.

    Raises:
        LibraryReadOnly: writing is not allowed.
        StoreError: the database cannot be used.
    """
    try:
        with ExitStack() as stack:
            options = f"mode={mode}"
            if mode == "ro" and _stands_alone(database, stack):
                options += "&immutable=1"
            connection = stack.enter_context(closing(_connect(f"{database.as_uri()}?{options}")))
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
            yield connection
    except sqlite3.OperationalError as problem:
        # The lower byte is the kind of error; the upper ones tell its kinds apart.
        if getattr(problem, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_READONLY:
            raise LibraryReadOnly(database.parent) from problem
        raise StoreError(
            message(
                "database-failed",
                "{database}: {problem}; check the disk and the permissions, or give another"
                " --library",
                database=database,
                problem=str(problem),
            )
        ) from problem
    except sqlite3.DatabaseError as problem:
        # Its subclasses are mistakes of ours.
        if type(problem) is not sqlite3.DatabaseError:
            raise
        sentence = "{database} is damaged ({problem}); ingest into a new --library"
        raise StoreError(
            message("library-damaged", sentence, database=database, problem=str(problem))
        ) from problem


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do several things as one: all of them are stored, or none."""
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _connect(address: str) -> sqlite3.Connection:
    # isolation_level None: transactions begin and end only where we say so.
    return sqlite3.connect(
        address, uri=True, isolation_level=None, timeout=10, check_same_thread=False
    )


def _stands_alone(database: Path, stack: ExitStack) -> bool:
    """Tell whether to read the database as a file that nobody changes.

    With a write-ahead log SQLite needs two files beside the database even to read it. In a folder
    where they cannot be made that fails, unless a writer of other rights has made them.
    """
    until = time.monotonic() + WAIT
    while not os.access(database.parent, os.W_OK) and _nothing_beside(database):
        if keep_writers_out(database.parent, stack):
            return _nothing_beside(database)
        if time.monotonic() > until:
            break
        # A writer has begun or ends, and so its files will stand there or its lock be free.
        time.sleep(_PAUSE)
    return False


def _nothing_beside(database: Path) -> bool:
    log = database.with_name(f"{database.name}-wal")
    shared = database.with_name(f"{database.name}-shm")
    return not shared.exists() and not (log.exists() and log.stat().st_size)
