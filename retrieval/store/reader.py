"""Reading a library: one committed state, whole documents only."""

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bifolio.ingest import Chunk, Document, Heading, Page
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.snapshot import Snapshot, bring_in_step, load_index


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the library without its text: ``pages`` and ``chunks`` are counts."""

    path: str
    title: str
    pages: int
    chunks: int
    sha256: str
    added: str


class Reader:
    """One read transaction.

    ``latest`` is the newest index known, here or from earlier views; ``needs_saving`` tells that
    there was no good index file to start from.
    """

    def __init__(
        self, connection: sqlite3.Connection, folder: Path, dims: int, *, latest: Snapshot | None
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._dims = dims
        self.latest = latest
        self.needs_saving = False

    def dense(self, vector: Floats, count: int) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, inner product), best first."""
        return self._index().search(vector, count)

    def products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Give the inner product of each chunk's vector with the given one."""
        return self._index().products(vector, ids)

    def lexical(self, query: str, count: int) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, BM25), best first; higher is better."""
        if not query:
            return []
        rows = self._connection.execute(
            "SELECT rowid, -bm25(words) FROM words WHERE words MATCH ? ORDER BY bm25(words), rowid"
            " LIMIT ?",
            (query, count),
        )
        return [(int(rowid), float(score)) for rowid, score in rows]

    def ids(self) -> list[int]:
        """Give the ids of all chunks, ascending."""
        return [id_ for (id_,) in self._connection.execute("SELECT id FROM chunks ORDER BY id")]

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Give the chunks with those ids; chunks of one document share it."""
        wanted = json.dumps(list(ids))
        rows = self._connection.execute(
            "SELECT id, document, start, end FROM chunks"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (wanted,),
        ).fetchall()
        documents = {row[1]: self._document("id", row[1]) for row in rows}
        return {id_: Chunk(documents[document], start, end) for id_, document, start, end in rows}

    def document(self, path: str) -> Document:
        """Give the document with that path.

        Raises:
            KeyError: there is none.
        """
        return self._document("path", path)

    def entries(self) -> list[Entry]:
        """List the documents by path."""
        rows = self._connection.execute(
            "SELECT path, title, json_array_length(pages),"
            " (SELECT count(*) FROM chunks WHERE document = documents.id), sha256, added"
            " FROM documents ORDER BY path"
        )
        return [Entry(*row) for row in rows]

    def calibration(self) -> Calibration | None:
        """Give the threshold that the library's own questions gave, if they did."""
        row = self._connection.execute(
            "SELECT value FROM meta WHERE key = 'calibration'"
        ).fetchone()
        return Calibration(**json.loads(row[0])) if row else None

    def _index(self) -> Index:
        if self.latest is None:
            self.latest = load_index(self._connection, self._folder, self._dims)
            self.needs_saving = self.latest is None
        self.latest = bring_in_step(self._connection, self.latest, self._dims)
        return self.latest.index

    def _document(self, column: str, value: int | str) -> Document:
        where = {"id": "id = ?", "path": "path = ?"}[column]
        row = self._connection.execute(
            "SELECT path, title, sha256, text, pages, headings FROM documents WHERE " + where,  # noqa: S608 - one of two constants
            (value,),
        ).fetchone()
        if row is None:
            raise KeyError(value)
        path, title, sha256, text, pages, headings = row
        return Document(
            path=path,
            title=title,
            sha256=sha256,
            text=text,
            pages=tuple(Page(*page) for page in json.loads(pages)),
            headings=tuple(Heading(*heading) for heading in json.loads(headings)),
        )
