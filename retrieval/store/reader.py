"""Reading a library: one committed state, whole documents only."""

import json
import random
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path

from bifolio.ingest import Chunk, Document
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.store.attempts import Failure, list_failures
from bifolio.retrieval.store.checking import Damage, check
from bifolio.retrieval.store.documents import (
    Entry,
    entry_of,
    id_of,
    list_entries,
    load_document,
)
from bifolio.retrieval.store.inverted import Inverted, inverted_in_step, words_due
from bifolio.retrieval.store.layout import DEFAULT_LAYOUT, Layout
from bifolio.retrieval.store.lexical import Frequent, Lexical
from bifolio.retrieval.store.moving import read_place
from bifolio.retrieval.store.searchable import Searchable, Span
from bifolio.retrieval.store.segments import tally
from bifolio.retrieval.store.snapshot import Snapshot, bring_in_step
from bifolio.retrieval.store.texts import text_between
from bifolio.retrieval.words import LANGUAGES, Language


class Reader(Searchable):
    """One read transaction.

    ``latest`` is the newest index known, here or from earlier views, and ``inverted`` that of the
    words; ``needs_saving`` tells that the index files do not hold all of it, or are not what was
    saved, ``needs_words`` that files of words are missing. ``frequent`` are words that earlier
    views found to be frequent.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        folder: Path,
        dims: int,
        *,
        layout: Layout = DEFAULT_LAYOUT,
        latest: Snapshot | None,
        inverted: Inverted | None = None,
        frequent: Frequent | None = None,
    ) -> None:
        self._connection = connection
        self._folder = folder
        self._dims = dims
        self._layout = layout
        self._lexical = Lexical(
            connection, whole=layout.whole, most=layout.ranked, frequent=frequent or Frequent()
        )
        self._documents: dict[int, Document] = {}
        self.latest = latest
        self.inverted = inverted
        self.needs_saving = False
        self.needs_words = False

    def dense(
        self, vector: Floats, count: int, *, language: Language | None = None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, inner product), best first, of one language or all."""
        return self._snapshot().search(self._connection, vector, count, language)

    def products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Give the inner product of each chunk's vector with the given one."""
        return self._snapshot().products(self._connection, vector, ids)

    def lexical(
        self, words: Sequence[str], count: int, *, language: Language | None = None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, BM25) with any of the words; higher is better."""
        inverted = self._inverted()
        if inverted is None:
            return self._lexical.ranked(words, count, language=language)
        return inverted.ranked(inverted.weighed(words), count, language)

    def ids(self) -> list[int]:
        """Give the ids of all chunks, ascending."""
        return [id_ for (id_,) in self._connection.execute("SELECT id FROM chunks ORDER BY id")]

    def languages(self) -> dict[Language, int]:
        """Count the chunks of each language."""
        counted = tally(self._connection)
        return {language: counted.get(language, 0) for language in LANGUAGES}

    def spans(self, ids: Sequence[int]) -> dict[int, Span]:
        """Give the chunks with those ids without their documents: of a text only what they hold."""
        rows = self._connection.execute(
            "SELECT chunks.id, document, path, title, start, end, first_page, last_page, language,"
            " context FROM chunks JOIN documents ON documents.id = document"
            " WHERE chunks.id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        )
        spans = {}
        for id_, document, path, title, start, end, first, last, language, context in rows:
            text = text_between(self._connection, document, start, end)
            spans[id_] = Span(id_, path, title, start, end, (first, last), language, context, text)
        return spans

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Give the chunks with those ids; chunks of one document share it."""
        rows = self._connection.execute(
            "SELECT id, document, start, end FROM chunks"
            " WHERE id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(ids)),),
        ).fetchall()
        return {
            id_: Chunk(self._document(document), start, end) for id_, document, start, end in rows
        }

    def chunks_of(self, path: str) -> list[Chunk]:
        """Give all chunks of a document, in text order.

        Raises:
            KeyError: there is no such document.
        """
        id_ = id_of(self._connection, path)
        asked = "SELECT start, end FROM chunks WHERE document = ? ORDER BY start"
        found = self._connection.execute(asked, (id_,)).fetchall()
        return [Chunk(self._document(id_), start, end) for start, end in found]

    def sample(self, count: int, *, seed: int) -> list[Chunk]:
        """Draw at most so many chunks, the same ones for a seed."""
        ids = self.ids()
        drawn = random.Random(seed).sample(ids, min(count, len(ids)))  # noqa: S311 - no secret
        chunks = self.chunks(drawn)
        return [chunks[id_] for id_ in drawn]

    def document(self, path: str) -> Document:
        """Give the document with that path.

        Raises:
            KeyError: there is none.
        """
        return self._document(id_of(self._connection, path))

    def entries(self) -> list[Entry]:
        """List the documents by path; no text is read."""
        return list_entries(self._connection)

    def failures(self) -> Mapping[str, Failure]:
        """Give what could not be read, by the sha256 of its bytes."""
        return list_failures(self._connection)

    def place(self) -> str:
        """Tell in which folder the library was last written to; empty where that is not known."""
        return read_place(self._connection)

    def entry(self, path: str) -> Entry:
        """Give the document with that path, without its text.

        Raises:
            KeyError: there is none.
        """
        return entry_of(self._connection, path)

    def calibration(self) -> Calibration | None:
        """Give the threshold that the library's own questions gave, if they did."""
        row = self._connection.execute(
            "SELECT value FROM meta WHERE key = 'calibration'"
        ).fetchone()
        return Calibration(**json.loads(row[0])) if row else None

    def check(self, *, whole: bool) -> tuple[Damage, ...]:
        """Tell what is damaged: by counts and the index file, or ``whole`` by every byte."""
        found = check(self._connection, self._folder, self._dims, self._layout, whole=whole)
        return tuple(found)

    def _snapshot(self) -> Snapshot:
        known = self.latest
        snapshot = bring_in_step(self._connection, self._folder, known, self._dims, self._layout)
        if known is None:
            self.needs_saving = not snapshot.is_saved
        elif snapshot.damaged - known.damaged:
            self.needs_saving = True
        self.latest = snapshot
        return snapshot

    def _inverted(self) -> Inverted | None:
        """Give the words of a large library in lists, None where FTS5 is to be asked."""
        if sum(tally(self._connection).values()) <= self._layout.whole:
            return None
        found = inverted_in_step(self._connection, self._folder, self.inverted, self._layout)
        if found is None or found is not self.inverted:
            self.needs_words = bool(words_due(self._connection, self._folder, self._layout))
        self.inverted = found or self.inverted
        return found if found and found.fits else None

    def _document(self, id_: int) -> Document:
        if id_ not in self._documents:
            self._documents[id_] = load_document(self._connection, id_)
        return self._documents[id_]
