"""Reading a library on Milvus: one committed state of the documents decides what is found."""

import random
from collections.abc import Callable, Mapping, Sequence

from sqlalchemy import Connection, func, select

from bifolio.ingest import Chunk, Document
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.milvus import rows
from bifolio.retrieval.milvus.collection import MOST, Collection
from bifolio.retrieval.milvus.tables import CHUNKS, DOCUMENTS
from bifolio.retrieval.milvus.terms import query
from bifolio.retrieval.store.attempts import Failure
from bifolio.retrieval.store.documents import Entry
from bifolio.retrieval.store.protocol import LibraryReader
from bifolio.retrieval.store.searchable import Span
from bifolio.retrieval.words import LANGUAGES, Language

Found = list[tuple[int, float]]


class MilvusReader(LibraryReader):
    """One read transaction of the documents' database.

    ``meta`` is what it holds of the library as a whole; ``strong`` tells that Milvus must wait for
    the newest writes.
    """

    def __init__(
        self,
        connection: Connection,
        collection: Collection,
        meta: Mapping[str, object],
        *,
        strong: bool,
    ) -> None:
        self._connection = connection
        self._collection = collection
        self._meta = meta
        self._strong = strong
        self._documents: dict[int, Document] = {}

    def dense(self, vector: Floats, count: int, *, language: Language | None = None) -> Found:
        """Give at most ``count`` (chunk id, inner product), best first, of one language or all."""
        return self._known(
            lambda limit: self._collection.dense(vector, limit, language, strong=self._strong),
            count,
        )

    def lexical(
        self, words: Sequence[str], count: int, *, language: Language | None = None
    ) -> Found:
        """Give at most ``count`` (chunk id, score) with any of the words, the highest first."""
        asked = query(words)
        if not asked:
            return []
        return self._known(
            lambda limit: self._collection.lexical(asked, limit, language, strong=self._strong),
            count,
        )

    def products(self, vector: Floats, ids: Sequence[int]) -> list[float]:
        """Give the inner product of each chunk's vector with the given one."""
        vectors = rows.vectors_of(self._connection, ids)
        return [float(vectors[id_] @ vector) for id_ in ids]

    def ids(self) -> list[int]:
        """Give the ids of all chunks, ascending."""
        return list(self._connection.execute(select(CHUNKS.c.id).order_by(CHUNKS.c.id)).scalars())

    def languages(self) -> dict[Language, int]:
        """Count the chunks of each language."""
        counted = select(CHUNKS.c.language, func.count()).group_by(CHUNKS.c.language)
        counts: dict[str, int] = dict(iter(self._connection.execute(counted)))
        return {language: counts.get(language, 0) for language in LANGUAGES}

    def spans(self, ids: Sequence[int]) -> dict[int, Span]:
        """Give the chunks with those ids without their documents: of a text only what they hold."""
        asked = select(
            CHUNKS.c.id,
            CHUNKS.c.document,
            DOCUMENTS.c.path,
            DOCUMENTS.c.title,
            CHUNKS.c.start,
            CHUNKS.c.end,
            CHUNKS.c.first_page,
            CHUNKS.c.last_page,
            CHUNKS.c.language,
            CHUNKS.c.context,
        ).join_from(CHUNKS, DOCUMENTS)
        spans = {}
        for part in rows.parts(ids):
            for row in self._connection.execute(asked.where(CHUNKS.c.id.in_(part))).all():
                id_, document, path, title, start, end, first, last, language, context = row
                text = rows.text_between(self._connection, document, start, end)
                spans[id_] = Span(
                    id_, path, title, start, end, (first, last), language, context, text
                )
        return spans

    def chunks(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Give the chunks with those ids; chunks of one document share it."""
        asked = select(CHUNKS.c.id, CHUNKS.c.document, CHUNKS.c.start, CHUNKS.c.end)
        found = [
            row
            for part in rows.parts(ids)
            for row in self._connection.execute(asked.where(CHUNKS.c.id.in_(part))).all()
        ]
        return {
            id_: Chunk(self._document(document), start, end) for id_, document, start, end in found
        }

    def chunks_of(self, path: str) -> list[Chunk]:
        """Give all chunks of a document, in text order.

        Raises:
            KeyError: there is no such document.
        """
        id_ = rows.id_of(self._connection, path)
        asked = select(CHUNKS.c.start, CHUNKS.c.end).where(CHUNKS.c.document == id_)
        found = self._connection.execute(asked.order_by(CHUNKS.c.start)).all()
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
        return self._document(rows.id_of(self._connection, path))

    def entries(self) -> list[Entry]:
        """List the documents by path; no text is read."""
        return rows.list_entries(self._connection)

    def entry(self, path: str) -> Entry:
        """Give the document with that path, without its text.

        Raises:
            KeyError: there is none.
        """
        return rows.entry_of(self._connection, path)

    def failures(self) -> Mapping[str, Failure]:
        """Give what could not be read, by the sha256 of its bytes."""
        return rows.list_failures(self._connection)

    def place(self) -> str:
        """Tell in which folder the library was last written to: a server has no folder to move."""
        return ""

    def calibration(self) -> Calibration | None:
        """Give the threshold that the library's own questions gave, if they did."""
        kept = self._meta.get("calibration")
        return Calibration(**kept) if isinstance(kept, dict) else None

    def _known(self, search: Callable[[int], Found], count: int) -> Found:
        """Keep what this state of the library holds, and search deeper where that is too little.

        Milvus may hold chunks that are not yet stored, or that have left.
        """
        limit = min(count, MOST)
        while limit:
            found = search(limit)
            ids = self._held([id_ for id_, _ in found])
            known = [hit for hit in found if hit[0] in ids]
            if len(known) >= count or len(found) < limit or limit == MOST:
                return known[:count]
            limit = min(4 * limit, MOST)
        return []

    def _held(self, ids: Sequence[int]) -> set[int]:
        return {
            id_
            for part in rows.parts(ids)
            for id_ in self._connection.execute(
                select(CHUNKS.c.id).where(CHUNKS.c.id.in_(part))
            ).scalars()
        }

    def _document(self, id_: int) -> Document:
        if id_ not in self._documents:
            self._documents[id_] = rows.load_document(self._connection, id_)
        return self._documents[id_]
