"""A library as a whole: copied out, and put in another's place in one transaction."""

import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bifolio.retrieval.store.connection import connected, transaction

# In an order in which every row finds what it belongs to.
_TABLES = ("documents", "outlines", "texts", "chunks")


def copy_database(database: Path, place: Path) -> None:
    """Write one committed state of a database to a new file, without the room of what is gone.

    Raises:
        StoreError: the database is damaged, or the file cannot be written.
    """
    with connected(database, "ro") as connection:
        connection.execute("VACUUM INTO ?", (str(place),))
    with connected(place, "rw") as connection:
        # The saved index files stay behind, and are made again from the vectors.
        connection.execute("DELETE FROM segments")
        connection.execute("DELETE FROM gone")


def rename_library(database: Path) -> None:
    """Give a copied library a name of its own: it will not stay what it was copied from."""
    with connected(database, "rw") as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        _set(connection, "library", json.dumps(secrets.token_hex(8)))


def read_place(connection: sqlite3.Connection) -> str:
    """Tell in which folder the library was last written to; empty where that is not known."""
    row = connection.execute("SELECT value FROM meta WHERE key = 'place'").fetchone()
    return str(json.loads(row[0])) if row else ""


def note_place(connection: sqlite3.Connection, folder: Path) -> None:
    """Remember where the library is, so that it is told when it moved with its documents."""
    value = json.dumps(str(folder))
    connection.execute("INSERT OR REPLACE INTO meta VALUES ('place', ?)", (value,))


def take_over(connection: sqlite3.Connection, other: Path) -> None:
    """Put the same documents, made anew in another library, in the place of those of this one.

    One transaction: whoever reads meanwhile sees the one or the other. The library takes the
    other's name too, so that no index of before is taken for one of now.
    """
    with _attached(connection, other), transaction(connection):
        connection.execute(
            "CREATE TEMP TABLE before AS SELECT path, added, stale_reason, stale_day"
            " FROM main.documents"
        )
        _replace(connection)
        connection.execute(
            "UPDATE documents SET (added, stale_reason, stale_day) ="
            " (SELECT added, stale_reason, stale_day FROM before"
            " WHERE before.path = documents.path)"
        )
        connection.execute("DROP TABLE before")
        # A threshold was chosen for the scores of the models before.
        connection.execute("DELETE FROM meta WHERE key = 'calibration'")


def go_back(connection: sqlite3.Connection, other: Path) -> None:
    """Put all that a copy of the library holds in the place of all that it holds now.

    One transaction, as of ``take_over``; the copy has a name of its own.
    """
    with _attached(connection, other), transaction(connection):
        _replace(connection)
        connection.execute("DELETE FROM failures")
        connection.execute("INSERT INTO failures SELECT * FROM other.failures")
        connection.execute("DELETE FROM meta WHERE key = 'calibration'")
        connection.execute(
            "INSERT INTO meta SELECT key, value FROM other.meta WHERE key = 'calibration'"
        )


def _replace(connection: sqlite3.Connection) -> None:
    for table in ("words", "segments", *reversed(_TABLES), "gone"):
        connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
    for table in _TABLES:
        connection.execute(f"INSERT INTO {table} SELECT * FROM other.{table}")  # noqa: S608
    connection.execute("INSERT INTO words (rowid, body) SELECT rowid, body FROM other.words")
    generation = json.loads(_meta(connection, "main", "generation")) + 1
    for name in ("library", "fingerprint"):
        _set(connection, name, _meta(connection, "other", name))
    _set(connection, "generation", json.dumps(generation))


@contextmanager
def _attached(connection: sqlite3.Connection, other: Path) -> Iterator[None]:
    connection.execute("ATTACH ? AS other", (str(other),))
    try:
        yield
    finally:
        connection.execute("DETACH other")


def _meta(connection: sqlite3.Connection, schema: str, key: str) -> str:
    query = f"SELECT value FROM {schema}.meta WHERE key = ?"  # noqa: S608 - a name of ours
    (value,) = connection.execute(query, (key,)).fetchone()
    return str(value)


def _set(connection: sqlite3.Connection, key: str, value: str) -> None:
    connection.execute("UPDATE meta SET value = ? WHERE key = ?", (value, key))
