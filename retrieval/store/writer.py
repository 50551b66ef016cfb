"""Writing to a library: one transaction a document, so that nobody ever sees half of one."""

import json
import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from pathlib import Path
from zlib import crc32

from bifolio.ingest import Chunk, Document, Message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.store.attempts import (
    Failure,
    forget_failure,
    keep_failure,
    list_failures,
)
from bifolio.retrieval.store.checking import damaged_vectors
from bifolio.retrieval.store.connection import transaction
from bifolio.retrieval.store.documents import Entry, entry_of, id_of, list_entries, load_document
from bifolio.retrieval.store.files import keep_upload, source_of
from bifolio.retrieval.store.lexical import body
from bifolio.retrieval.store.moving import read_place
from bifolio.retrieval.store.texts import keep_text
from bifolio.retrieval.words import language


class Writer:
    """The one writer of a library. Every call is durable when it returns."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        folder: Path,
        *,
        dims: int,
        save_every: int,
        save: Callable[[], object],
    ) -> None:
        """Take a connection, and what saves the index whenever so many chunks were stored."""
        self._connection = connection
        self._folder = folder
        self._dims = dims
        self._save_every, self._save = save_every, save
        self._unsaved = 0

    def entries(self) -> list[Entry]:
        """List the documents by path: nobody else changes them while this writer is at work."""
        return list_entries(self._connection)

    def failures(self) -> Mapping[str, Failure]:
        """Give what could not be read, by the sha256 of its bytes."""
        return list_failures(self._connection)

    def place(self) -> str:
        """Tell in which folder the library was last written to; empty where that is not known."""
        return read_place(self._connection)

    def keep_failure(self, failure: Failure) -> None:
        """Note that these bytes could not be read; no chunk changes, so the generation stays."""
        keep_failure(self._connection, failure)

    def chunks(self, path: str) -> list[Chunk]:
        """Give all chunks of a document, in text order."""
        id_ = id_of(self._connection, path)
        document = load_document(self._connection, id_)
        rows = self._connection.execute(
            "SELECT start, end FROM chunks WHERE document = ? ORDER BY start", (id_,)
        )
        return [Chunk(document, start, end) for start, end in rows]

    def keep_upload(self, data: bytes, path: str) -> Path:
        """Keep an upload's bytes, and give their place; put a document with that path to them.

        Without one they are removed when the writer ends.

        Raises:
            StoreError: they cannot be written.
        """
        return keep_upload(self._folder, data, path)

    def source(self, path: str) -> Path:
        """Give the file that holds the bytes that a document was read from.

        Raises:
            KeyError: there is no such document.
            StoreError: they are gone, or are others by now.
        """
        return source_of(self._folder, entry_of(self._connection, path))

    def put(
        self,
        document: Document,
        chunks: Sequence[Chunk],
        vectors: Floats,
        *,
        instead_of: str | None = None,
    ) -> None:
        """Store a document in place of the one that had its path, or the path ``instead_of``.

        ``vectors`` holds one row a chunk: float32 of shape (chunks, dims).
        """
        self._put([(document, chunks, vectors)], instead_of)

    def put_many(self, stored: Sequence[tuple[Document, Sequence[Chunk], Floats]]) -> None:
        """Store documents as :meth:`put` does, all of them in one transaction."""
        self._put(stored)

    def _put(
        self,
        stored: Sequence[tuple[Document, Sequence[Chunk], Floats]],
        instead_of: str | None = None,
    ) -> None:
        for _, chunks, vectors in stored:
            if vectors.shape != (len(chunks), self._dims):
                raise ValueError(
                    f"vectors {vectors.shape} for {len(chunks)} chunks of {self._dims}"
                )
        with self._transaction() as connection:
            if instead_of is not None:
                self._delete(instead_of)
            for document, chunks, vectors in stored:
                self._delete(document.path)
                forget_failure(connection, document.sha256)
                id_ = _insert_document(connection, document, len(chunks))
                for chunk, vector in zip(chunks, vectors.astype("<f4"), strict=True):
                    _insert_chunk(connection, id_, chunk, vector)
        self._unsaved += sum(len(chunks) for _, chunks, _ in stored)
        if self._unsaved >= self._save_every:
            # In an ingest that lasts hours, so that readers need not index it all themselves.
            self._unsaved = 0
            self._save()

    def remove(self, path: str) -> bool:
        """Take the document with that path out; tell whether there was one."""
        with self._transaction():
            return self._delete(path)

    def rename(self, old: str, new: str) -> None:
        """Give a document another path; nothing of it is computed again, and it is not stale."""
        with self._transaction() as connection:
            connection.execute(
                "UPDATE documents SET path = ?, stale_reason = NULL, stale_day = NULL"
                " WHERE path = ?",
                (new, old),
            )

    def mark_stale(self, path: str, reason: Message) -> None:
        """Note that a document's file cannot be read as it is now, since today or an earlier day.

        No chunk changes, so the generation stays.
        """
        self._connection.execute(
            "UPDATE documents SET stale_reason = ?, stale_day = coalesce(stale_day, ?)"
            " WHERE path = ?",
            (json.dumps(asdict(reason)), datetime.now(UTC).date().isoformat(), path),
        )

    def mark_fresh(self, path: str) -> None:
        """Note that a document's file holds again what was read from it."""
        self._connection.execute(
            "UPDATE documents SET stale_reason = NULL, stale_day = NULL WHERE path = ?", (path,)
        )

    def calibrate(self, calibration: Calibration | None) -> None:
        """Store the library's own threshold in place of the one before; None takes it out.

        No chunk changes, so the generation stays.
        """
        if calibration is None:
            self._connection.execute("DELETE FROM meta WHERE key = 'calibration'")
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO meta VALUES ('calibration', ?)",
            (json.dumps(asdict(calibration)),),
        )

    def words_again(self) -> None:
        """Index the words of every chunk again, from the stored text."""
        with self._transaction() as connection:
            connection.execute("DELETE FROM words")
            for (id_,) in connection.execute("SELECT id FROM documents ORDER BY id").fetchall():
                document = load_document(connection, id_)
                rows = connection.execute(
                    "SELECT id, start, end FROM chunks WHERE document = ?", (id_,)
                ).fetchall()
                connection.executemany(
                    "INSERT INTO words (rowid, body) VALUES (?, ?)",
                    (
                        (chunk, body(Chunk(document, start, end).searched))
                        for chunk, start, end in rows
                    ),
                )
        # The files of words are made from that table, and lie beside those of vectors.
        self.index_again()

    def damaged_vectors(self) -> dict[int, str]:
        """Give what was embedded for each chunk whose vector is not as it was stored, by id."""
        found = damaged_vectors(self._connection, self._dims)
        paths = dict.fromkeys(path for _, path in found)
        documents = {
            path: load_document(self._connection, id_of(self._connection, path)) for path in paths
        }
        searched = {}
        for id_, path in found:
            start, end = self._connection.execute(
                "SELECT start, end FROM chunks WHERE id = ?", (id_,)
            ).fetchone()
            searched[id_] = Chunk(documents[path], start, end).searched
        return searched

    def vectors_again(self, ids: Sequence[int], vectors: Floats) -> None:
        """Store other vectors for these chunks: float32 of shape (ids, dims)."""
        if vectors.shape != (len(ids), self._dims):
            raise ValueError(f"vectors {vectors.shape} for {len(ids)} chunks of {self._dims}")
        with self._transaction() as connection:
            connection.executemany(
                "UPDATE chunks SET vector = ?, checksum = ? WHERE id = ?",
                (
                    (data := vector.tobytes(), crc32(data), id_)
                    for id_, vector in zip(ids, vectors.astype("<f4"), strict=True)
                ),
            )
        self.index_again()

    def index_again(self) -> None:
        """Let the index be made anew from the stored vectors when the writer ends."""
        with self._transaction() as connection:
            for table in ("segments", "gone", "tally"):
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a name of ours
            connection.execute(
                "INSERT INTO tally SELECT language, count(*) FROM chunks GROUP BY language"
            )
            # Whoever has the old index in memory must not take it for this one.
            connection.execute(
                "UPDATE meta SET value = ? WHERE key = 'library'",
                (json.dumps(secrets.token_hex(8)),),
            )

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with transaction(connection := self._connection):
            yield connection
            connection.execute("UPDATE meta SET value = value + 1 WHERE key = 'generation'")

    def _delete(self, path: str) -> bool:
        connection = self._connection
        row = connection.execute("SELECT id FROM documents WHERE path = ?", (path,)).fetchone()
        if row is None:
            return False
        connection.execute(
            "DELETE FROM words WHERE rowid IN (SELECT id FROM chunks WHERE document = ?)", row
        )
        connection.execute("DELETE FROM documents WHERE id = ?", row)
        return True


def _insert_document(connection: sqlite3.Connection, document: Document, chunks: int) -> int:
    cursor = connection.execute(
        "INSERT INTO documents (path, title, sha256, pages, chunks, added, parser)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            document.path,
            document.title,
            document.sha256,
            len(document.pages),
            chunks,
            datetime.now(UTC).isoformat(timespec="seconds"),
            document.parser,
        ),
    )
    id_ = cursor.lastrowid
    assert id_ is not None  # noqa: S101 - for the type checker: a row was inserted
    connection.execute(
        "INSERT INTO outlines VALUES (?, ?, ?, ?, ?, ?)",
        (
            id_,
            json.dumps([astuple(page) for page in document.pages]),
            json.dumps([astuple(heading) for heading in document.headings]),
            json.dumps([astuple(table) for table in document.tables]),
            document.left_out,
            json.dumps([asdict(note) for note in document.notes]),
        ),
    )
    keep_text(connection, id_, document.text)
    return id_


def _insert_chunk(
    connection: sqlite3.Connection, document: int, chunk: Chunk, vector: Floats
) -> None:
    row = connection.execute(
        "INSERT INTO chunks"
        " (document, start, end, first_page, last_page, language, context, vector, checksum)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            document,
            chunk.start,
            chunk.end,
            *chunk.pages,
            language(chunk.text),
            chunk.context,
            vector.tobytes(),
            crc32(vector.tobytes()),
        ),
    )
    connection.execute(
        "INSERT INTO words (rowid, body) VALUES (?, ?)", (row.lastrowid, body(chunk.searched))
    )
