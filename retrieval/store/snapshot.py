"""The index of one generation of a library, kept in step with the database."""

import json
import logging
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from bifolio.retrieval.arrays import Flags
from bifolio.retrieval.store.connection import transaction
from bifolio.retrieval.store.index import DamagedIndex, Index, Saved
from bifolio.retrieval.words import Language

_log = logging.getLogger(__name__)
# A reader may still be opening the file before the newest.
_FILES_KEPT = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An index, and the generation of the library that it shows.

    ``file`` is the name of the file that holds it, None while there is none. ``members`` flags
    which of its vectors are of a language, as far as that was asked.
    """

    library: str
    generation: int
    index: Index
    file: str | None = None
    members: Mapping[Language, Flags] = field(default_factory=dict)


def load_index(connection: sqlite3.Connection, folder: Path, dims: int) -> Snapshot | None:
    """Load the newest saved index; None if there is none, or none that is whole."""
    newest = _newest(connection)
    if newest is None:
        return None
    generation, saved = newest
    try:
        index = Index.load(folder, saved, dims)
    except DamagedIndex as problem:
        _log.warning("%s; the index is built again from the database", problem)
        return None
    return Snapshot(_state(connection)[0], generation, index, saved.file)


def index_at_hand(connection: sqlite3.Connection, folder: Path, dims: int) -> bool:
    """Tell whether a whole file holds the index of this very generation: the chunks that are."""
    newest = _newest(connection)
    library, generation = _state(connection)
    if newest is None or newest[0] != generation:
        return False
    saved = load_index(connection, folder, dims)
    if saved is None or saved.library != library:
        return False
    ids = [id_ for (id_,) in connection.execute("SELECT id FROM chunks ORDER BY id")]
    return bool(saved.index.ids.tolist() == ids)


def _newest(connection: sqlite3.Connection) -> tuple[int, Saved] | None:
    """Give the newest saved file, and its generation."""
    row = connection.execute(
        "SELECT generation, file, sha256 FROM snapshots ORDER BY generation DESC LIMIT 1"
    ).fetchone()
    return (row[0], Saved(row[1], row[2])) if row else None


def _state(connection: sqlite3.Connection) -> tuple[str, int]:
    """Give the library's own name, and how many changes it has seen."""
    meta = dict(connection.execute("SELECT key, value FROM meta"))
    return meta.get("library", ""), int(meta["generation"])


def bring_in_step(connection: sqlite3.Connection, known: Snapshot | None, dims: int) -> Snapshot:
    """Give the index of the database as this connection sees it.

    Starts from the ``known`` one: ids are never used twice, so whatever ids differ are dropped or
    fetched.
    """
    library, generation = _state(connection)
    if known is not None and known.library != library:
        known = None  # Another library was put into the folder.
    if known is not None and known.generation == generation:
        return known
    index = known.index if known else Index(np.zeros(0, np.int64), np.zeros((0, dims), np.float32))
    ids = np.fromiter(
        (id_ for (id_,) in connection.execute("SELECT id FROM chunks ORDER BY id")), np.int64
    )
    new = np.setdiff1d(ids, index.ids)
    vectors = np.zeros((len(new), dims), np.float32)
    rows = connection.execute(
        "SELECT vector FROM chunks WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(new.tolist()),),
    )
    for place, (vector,) in enumerate(rows):
        vectors[place] = np.frombuffer(vector, "<f4")
    return Snapshot(library, generation, index.updated(ids, new, vectors))


def of_language(connection: sqlite3.Connection, snapshot: Snapshot, language: Language) -> Snapshot:
    """Give the snapshot, in step with the connection, with that language among its members."""
    if language in snapshot.members:
        return snapshot
    rows = connection.execute("SELECT id FROM chunks WHERE language = ?", (language,))
    own = np.fromiter((id_ for (id_,) in rows), np.int64)
    flags = np.isin(snapshot.index.ids, own)
    return replace(snapshot, members={**snapshot.members, language: flags})


def save_index(
    connection: sqlite3.Connection, folder: Path, dims: int, known: Snapshot | None
) -> Snapshot:
    """Save the index of the current generation unless a whole file of it is there.

    What this process has loaded or saved itself is not read again to be trusted.
    """
    snapshot = bring_in_step(connection, known or load_index(connection, folder, dims), dims)
    newest = _newest(connection)
    if newest is not None and newest[0] == snapshot.generation:
        if snapshot.file == newest[1].file and (folder / snapshot.file).is_file():
            return snapshot
        saved = load_index(connection, folder, dims)
        if saved is not None and saved.library == snapshot.library:
            return saved
    file = snapshot.index.save(folder, snapshot.generation)
    with transaction(connection):
        connection.execute(
            "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?)",
            (snapshot.generation, file.file, file.sha256),
        )
        connection.execute(
            "DELETE FROM snapshots WHERE generation NOT IN"
            " (SELECT generation FROM snapshots ORDER BY generation DESC LIMIT ?)",
            (_FILES_KEPT,),
        )
    named = {name for (name,) in connection.execute("SELECT file FROM snapshots")}
    for path in folder.glob("index-*.faiss"):
        if path.name not in named:
            path.unlink(missing_ok=True)
    return replace(snapshot, file=file.file)
