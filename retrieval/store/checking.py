"""What is damaged in a library: each finding says what, of which document, and what mends it."""

import math
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Literal
from zlib import crc32

import numpy as np

from bifolio.ingest import Message, message
from bifolio.retrieval.store import parts
from bifolio.retrieval.store.documents import list_entries
from bifolio.retrieval.store.errors import StoreError
from bifolio.retrieval.store.files import source_of
from bifolio.retrieval.store.inverted import inverted_in_step, words_due
from bifolio.retrieval.store.layout import Layout
from bifolio.retrieval.store.segments import tally
from bifolio.retrieval.store.snapshot import bring_in_step
from bifolio.retrieval.store.vectors import ids_of

Part = Literal["database", "text", "upload", "vectors", "words", "index"]
# So far may the length of a stored vector be from 1: float32 keeps seven digits.
_UNIT = 1e-3
_HASH = 64  # digits


@dataclass(frozen=True, slots=True)
class Damage:
    """One thing that is not as it was stored.

    ``part`` tells what mends it: words, vectors and the index are made again from the stored text;
    a text is read again from its file; a damaged database or upload is not to be mended here.
    ``document`` is the path of the document that it is about, empty if it is none alone.
    """

    part: Part
    told: Message
    document: str = ""


def check(
    connection: sqlite3.Connection, folder: Path, dims: int, layout: Layout, *, whole: bool
) -> Iterator[Damage]:
    """Yield what is damaged: the counts and the index file, and with ``whole`` every byte."""
    if whole:
        broken = list(_database(connection))
        yield from broken
        if broken:
            return
    yield from _counts(connection)
    yield from _words(connection)
    if whole:
        yield from _texts(connection)
        yield from _vectors(connection, dims)
        yield from _uploads(connection, folder)
    yield from _index(connection, folder, dims, layout)


def _database(connection: sqlite3.Connection) -> Iterator[Damage]:
    for (found,) in connection.execute("PRAGMA integrity_check(20)").fetchall():
        if found != "ok":
            sentence = "the database is damaged ({found}); ingest into a new --library"
            yield Damage("database", message("database-damaged", sentence, found=found))
    for table, rowid, *_ in connection.execute("PRAGMA foreign_key_check").fetchall():
        sentence = "row {row} of {table} belongs to no document; ingest into a new --library"
        told = message("row-without-document", sentence, row=rowid, table=table)
        yield Damage("database", told)


def _counts(connection: sqlite3.Connection) -> Iterator[Damage]:
    rows = connection.execute(
        "SELECT path, documents.chunks, count(chunks.id) FROM documents"
        " LEFT JOIN chunks ON chunks.document = documents.id"
        " GROUP BY documents.id HAVING documents.chunks != count(chunks.id)"
    )
    for path, wanted, found in rows.fetchall():
        yield chunks_missing(path, found, wanted)


def chunks_missing(path: str, found: int, wanted: int) -> Damage:
    """Say that a document has not all its chunks."""
    sentence = "{path} has {found} chunks of {wanted}"
    told = message("chunks-missing", sentence, path=path, found=found, wanted=wanted)
    return Damage("text", told, path)


def _words(connection: sqlite3.Connection) -> Iterator[Damage]:
    (missing,) = connection.execute(
        "SELECT count(*) FROM (SELECT id FROM chunks EXCEPT SELECT rowid FROM words)"
    ).fetchone()
    (spare,) = connection.execute(
        "SELECT count(*) FROM (SELECT rowid FROM words EXCEPT SELECT id FROM chunks)"
    ).fetchone()
    if missing or spare:
        sentence = "the words of {missing} chunks are not indexed, and those of {spare} too many"
        yield Damage("words", message("words-amiss", sentence, missing=missing, spare=spare))


def _texts(connection: sqlite3.Connection) -> Iterator[Damage]:
    rows = connection.execute(
        "SELECT path, start, text, checksum FROM texts JOIN documents ON documents.id = document"
        " ORDER BY path, start"
    )
    # As it is stored, whatever its bytes: SQLite decodes only what is text.
    for path in dict.fromkeys(
        path
        for path, _, text, checksum in rows
        if not isinstance(text, str) or crc32(text.encode()) != checksum
    ):
        yield text_damaged(path)
    short = connection.execute(
        "SELECT path FROM documents WHERE chunks > 0 AND"
        " (SELECT max(end) FROM chunks WHERE document = documents.id) >"
        " coalesce((SELECT max(start + length(text)) FROM texts WHERE document = documents.id), 0)"
        " OR NOT EXISTS (SELECT 1 FROM outlines WHERE document = documents.id)"
    )
    for (path,) in short.fetchall():
        yield text_missing(path)


def text_damaged(path: str) -> Damage:
    """Say that a document's text is not what was stored."""
    told = message("text-damaged", "the text of {path} is not as it was stored", path=path)
    return Damage("text", told, path)


def text_missing(path: str) -> Damage:
    """Say that a document's text is not there as a whole."""
    told = message("text-missing", "a part of the text of {path} is missing", path=path)
    return Damage("text", told, path)


def damaged_vectors(connection: sqlite3.Connection, dims: int) -> list[tuple[int, str]]:
    """Give (chunk id, path) of every vector that is not as it was stored, or is none."""
    rows = connection.execute(
        "SELECT chunks.id, path, vector, checksum FROM chunks"
        " JOIN documents ON documents.id = document ORDER BY path, chunks.id"
    )
    return [
        (id_, path) for id_, path, vector, checksum in rows if not is_whole(vector, checksum, dims)
    ]


def is_whole(vector: object, checksum: int, dims: int) -> bool:
    """Tell whether a stored vector has its checksum, so many dimensions and unit length."""
    if not isinstance(vector, bytes) or crc32(vector) != checksum or len(vector) != 4 * dims:
        return False
    length = float(np.linalg.norm(np.frombuffer(vector, "<f4")))
    # What is blank has no direction: its vector may be all zeros.
    return length == 0 or math.isclose(length, 1, abs_tol=_UNIT)


def _vectors(connection: sqlite3.Connection, dims: int) -> Iterator[Damage]:
    damaged: dict[str, int] = {}
    for _, path in damaged_vectors(connection, dims):
        damaged[path] = damaged.get(path, 0) + 1
    for path, count in damaged.items():
        yield vectors_damaged(path, count)


def vectors_damaged(path: str, count: int) -> Damage:
    """Say that so many vectors of a document are not what was stored."""
    sentence = "{count} vectors of {path} are not as they were stored"
    told = message("vectors-damaged", sentence, count=count, path=path)
    return Damage("vectors", told, path)


def _uploads(connection: sqlite3.Connection, folder: Path) -> Iterator[Damage]:
    for entry in list_entries(connection):
        # A file that stands elsewhere may change or go: that is no damage of the library. Documents
        # that came through Python without bytes have no hash.
        if entry.uploaded and len(entry.sha256) == _HASH:
            try:
                source_of(folder, entry)
            except StoreError as problem:
                yield Damage("upload", problem.message, entry.path)


def _index(
    connection: sqlite3.Connection, folder: Path, dims: int, layout: Layout
) -> Iterator[Damage]:
    snapshot = bring_in_step(connection, folder, None, dims, layout)
    if snapshot.damaged or not (
        all(map(partial(_is_whole, connection), snapshot.parts))
        and _words_are_whole(connection, folder, layout)
    ):
        sentence = "the index file is missing, damaged or older than the database"
        yield Damage("index", message("index-amiss", sentence))


def _is_whole(connection: sqlite3.Connection, part: parts.Part) -> bool:
    """Tell whether a whole file holds the very chunks that are there."""
    if part.index is None or part.range.segment is None:
        return False
    held = part.index.ids if part.alive is None else part.index.ids[part.alive]
    return bool(np.array_equal(held, ids_of(connection, part.range)))


def _words_are_whole(connection: sqlite3.Connection, folder: Path, layout: Layout) -> bool:
    """Tell whether the files of a large library's words hold the very chunks that are there."""
    if sum(tally(connection).values()) <= layout.whole:
        return True
    inverted = inverted_in_step(connection, folder, None, layout)
    return (
        inverted is not None
        and not words_due(connection, folder, layout)
        and all(np.array_equal(one.ids, ids_of(connection, one.range)) for one in inverted.pieces)
    )
