"""Writing to a library on Milvus: what is half done is known, never seen, and swept later.

The ids of new chunks are first noted as leaving, then written to Milvus, then the document is
committed together with the note's end. Whatever ends the writer between two of these steps, Milvus
holds at most what no document has; readers pass over it, and the next writer takes it out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from zlib import crc32

from sqlalchemy import Connection, delete, func, insert, select, update

from bifolio.ingest import Chunk, Document, Message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.milvus import rows
from bifolio.retrieval.milvus.checking import damaged_vectors
from bifolio.retrieval.milvus.collection import Collection, Row
from bifolio.retrieval.milvus.database import transaction
from bifolio.retrieval.milvus.originals import keep_original, original_of, sweep_originals
from bifolio.retrieval.milvus.tables import CHUNKS, DOCUMENTS, FAILURES, LEAVING
from bifolio.retrieval.milvus.terms import bodies
from bifolio.retrieval.store.attempts import Failure
from bifolio.retrieval.store.documents import Entry
from bifolio.retrieval.store.protocol import LibraryWriter
from bifolio.retrieval.words import language

# Chunks that may have left before they are taken out at once, not by the next writer: until then
# a question that began before still finds them.
_LEFT = 10_000
# Chunks read and indexed again at a time.
_STRIDE = 500


@dataclass(frozen=True, slots=True)
class _Placed:
    """A document, its chunks with their vectors (chunks, dims), and the ids they are given."""

    document: Document
    chunks: Sequence[Chunk]
    vectors: Floats
    ids: range


class MilvusWriter(LibraryWriter):
    """The one writer of a library. Every call is durable when it returns."""

    def __init__(
        self, connection: Connection, collection: Collection, folder: Path, *, dims: int
    ) -> None:
        self._connection = connection
        self._collection = collection
        self._folder = folder
        self._dims = dims

    def entries(self) -> list[Entry]:
        """List the documents by path: nobody else changes them while this writer is at work."""
        with transaction(self._connection):
            return rows.list_entries(self._connection)

    def failures(self) -> Mapping[str, Failure]:
        """Give what could not be read, by the sha256 of its bytes."""
        with transaction(self._connection):
            return rows.list_failures(self._connection)

    def place(self) -> str:
        """Tell in which folder the library was last written to: a server has no folder to move."""
        return ""

    def keep_failure(self, failure: Failure) -> None:
        """Note that these bytes could not be read; no chunk changes, so the generation stays."""
        reason = rows.as_json(failure.reason)
        with transaction(self._connection):
            self._forget_failure(failure.sha256)
            self._connection.execute(
                insert(FAILURES).values(sha256=failure.sha256, parser=failure.parser, reason=reason)
            )

    def chunks(self, path: str) -> list[Chunk]:
        """Give all chunks of a document, in text order."""
        with transaction(self._connection):
            id_ = rows.id_of(self._connection, path)
            document = rows.load_document(self._connection, id_)
            asked = select(CHUNKS.c.start, CHUNKS.c.end).where(CHUNKS.c.document == id_)
            found = self._connection.execute(asked.order_by(CHUNKS.c.start)).all()
        return [Chunk(document, start, end) for start, end in found]

    def keep_upload(self, data: bytes, path: str) -> Path:
        """Keep an upload's bytes, and give their place; put a document with that path to them.

        Without one they are removed when the writer ends.

        Raises:
            StoreError: they cannot be written.
        """
        with transaction(self._connection):
            return keep_original(self._connection, self._folder, data, path)

    def source(self, path: str) -> Path:
        """Give the file that holds the bytes that a document was read from.

        Raises:
            KeyError: there is no such document.
            StoreError: they are gone, or are others by now.
        """
        with transaction(self._connection):
            entry = rows.entry_of(self._connection, path)
            return original_of(self._connection, self._folder, entry)

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
        self._put([(document, chunks, vectors)], gone=[instead_of] if instead_of else [])

    def put_many(self, stored: Sequence[tuple[Document, Sequence[Chunk], Floats]]) -> None:
        """Store documents as :meth:`put` does, all of them in one step."""
        self._put(stored, gone=[])

    def remove(self, path: str) -> bool:
        """Take the document with that path out; tell whether there was one."""
        with transaction(self._connection):
            removed = rows.delete_document(self._connection, path)
            self._count_change()
        self._sweep_many()
        return removed

    def rename(self, old: str, new: str) -> None:
        """Give a document another path; nothing of it is computed again, and it is not stale."""
        with transaction(self._connection):
            rows.mark(self._connection, old, path=new, stale_reason=None, stale_day=None)
            self._count_change()

    def mark_stale(self, path: str, reason: Message) -> None:
        """Note that a document's file cannot be read as it is now, since today or an earlier day.

        No chunk changes, so the generation stays.
        """
        day = func.coalesce(DOCUMENTS.c.stale_day, datetime.now(UTC).date().isoformat())
        with transaction(self._connection):
            rows.mark(self._connection, path, stale_reason=rows.as_json(reason), stale_day=day)

    def mark_fresh(self, path: str) -> None:
        """Note that a document's file holds again what was read from it."""
        with transaction(self._connection):
            rows.mark(self._connection, path, stale_reason=None, stale_day=None)

    def calibrate(self, calibration: Calibration | None) -> None:
        """Store the library's own threshold in place of the one before; None takes it out.

        No chunk changes, so the generation stays.
        """
        kept = asdict(calibration) if calibration else None
        with transaction(self._connection):
            rows.set_meta(self._connection, "calibration", kept)

    def words_again(self) -> None:
        """Index the words of every chunk again, from the stored text, and its vector with them."""
        self.index_again()

    def damaged_vectors(self) -> dict[int, str]:
        """Give what was embedded for each chunk whose vector is not as it was stored, by id."""
        with transaction(self._connection):
            ids = [id_ for id_, _ in damaged_vectors(self._connection, self._dims)]
            found = self._chunks_of(ids)
        return {id_: chunk.searched for id_, chunk in found.items()}

    def vectors_again(self, ids: Sequence[int], vectors: Floats) -> None:
        """Store other vectors for these chunks: float32 of shape (ids, dims)."""
        if vectors.shape != (len(ids), self._dims):
            raise ValueError(f"vectors {vectors.shape} for {len(ids)} chunks of {self._dims}")
        # Milvus first: a crash leaves the damage where it is seen.
        own = dict(zip(ids, vectors.astype("<f4"), strict=True))
        with transaction(self._connection):
            found = self._chunks_of(ids)
        self._index(found, own)
        with transaction(self._connection):
            for id_, vector in own.items():
                data = vector.tobytes()
                self._connection.execute(
                    update(CHUNKS)
                    .where(CHUNKS.c.id == id_)
                    .values(vector=data, checksum=crc32(data))
                )
            self._count_change()

    def index_again(self) -> None:
        """Make the collection anew from the stored texts and vectors."""
        with transaction(self._connection):
            library = str(rows.read_meta(self._connection)["library"])
            ids = iter(
                self._connection.execute(select(CHUNKS.c.id).order_by(CHUNKS.c.id)).scalars().all()
            )
        self._collection.create(library, self._dims)
        while part := list(islice(ids, _STRIDE)):
            with transaction(self._connection):
                found = self._chunks_of(part)
                vectors = rows.vectors_of(self._connection, part)
            self._index(found, vectors)
        with transaction(self._connection):
            self._connection.execute(delete(LEAVING))
            self._count_change()

    def sweep(self) -> None:
        """Take out of Milvus what belongs to no document."""
        with transaction(self._connection):
            found = self._connection.execute(
                select(LEAVING.c.first, LEAVING.c.last).order_by(LEAVING.c.first)
            ).all()
        ranges = [(first, last) for first, last in found]
        if ranges:
            self._collection.delete(ranges)
            with transaction(self._connection):
                for first, _ in ranges:
                    self._connection.execute(delete(LEAVING).where(LEAVING.c.first == first))

    def sweep_uploads(self) -> None:
        """Remove the bytes that no document is of."""
        with transaction(self._connection):
            sweep_originals(self._connection, self._folder)

    def _put(
        self,
        stored: Sequence[tuple[Document, Sequence[Chunk], Floats]],
        *,
        gone: Sequence[str],
    ) -> None:
        for _, chunks, vectors in stored:
            if vectors.shape != (len(chunks), self._dims):
                raise ValueError(
                    f"vectors {vectors.shape} for {len(chunks)} chunks of {self._dims}"
                )
        placed, first = self._reserve(stored)
        for one in placed:
            self._index(
                dict(zip(one.ids, one.chunks, strict=True)),
                dict(zip(one.ids, one.vectors, strict=True)),
            )
        with transaction(self._connection):
            for path in (*(document.path for document, _, _ in stored), *gone):
                rows.delete_document(self._connection, path)
            for one in placed:
                self._forget_failure(one.document.sha256)
                id_ = rows.insert_document(self._connection, one.document, len(one.chunks))
                rows.insert_chunks(self._connection, id_, one.ids, one.chunks, one.vectors)
            self._connection.execute(delete(LEAVING).where(LEAVING.c.first == first))
            self._count_change()
        self._sweep_many()

    def _reserve(
        self, stored: Sequence[tuple[Document, Sequence[Chunk], Floats]]
    ) -> tuple[list[_Placed], int]:
        """Give the chunks ids that were never used, and note them as not yet stored."""
        with transaction(self._connection):
            first = following = int(rows.read_meta(self._connection)["next_chunk"])
            placed = []
            for document, chunks, vectors in stored:
                ids = range(following, following + len(chunks))
                placed.append(_Placed(document, chunks, vectors, ids))
                following = ids.stop
            if following > first:
                rows.set_meta(self._connection, "next_chunk", following)
                self._connection.execute(insert(LEAVING).values(first=first, last=following - 1))
        return placed, first

    def _index(self, chunks: Mapping[int, Chunk], vectors: Mapping[int, Floats]) -> None:
        """Put chunks and their vectors into Milvus, by their ids."""
        words = bodies([chunk.searched for chunk in chunks.values()])
        self._collection.put(
            [
                Row(id_, language(chunk.text), vectors[id_], said)
                for (id_, chunk), said in zip(chunks.items(), words, strict=True)
            ]
        )

    def _chunks_of(self, ids: Sequence[int]) -> dict[int, Chunk]:
        """Give chunks by their ids; the documents of them all are held at once."""
        asked = select(CHUNKS.c.id, CHUNKS.c.document, CHUNKS.c.start, CHUNKS.c.end)
        found = [
            row
            for part in rows.parts(ids)
            for row in self._connection.execute(asked.where(CHUNKS.c.id.in_(part))).all()
        ]
        documents = {
            id_: rows.load_document(self._connection, id_)
            for id_ in dict.fromkeys(document for _, document, _, _ in found)
        }
        return {id_: Chunk(documents[document], *span) for id_, document, *span in found}

    def _sweep_many(self) -> None:
        """Sweep at once where much has left."""
        left = func.coalesce(func.sum(LEAVING.c.last - LEAVING.c.first + 1), 0)
        with transaction(self._connection):
            many = self._connection.execute(select(left)).scalar_one() > _LEFT
        if many:
            self.sweep()

    def _forget_failure(self, sha256: str) -> None:
        self._connection.execute(delete(FAILURES).where(FAILURES.c.sha256 == sha256))

    def _count_change(self) -> None:
        generation = int(rows.read_meta(self._connection)["generation"])
        rows.set_meta(self._connection, "generation", generation + 1)
