"""What is damaged in a library on Milvus: its texts, vectors, uploads, and what Milvus holds."""

import hashlib
from collections.abc import Iterator
from zlib import crc32

from sqlalchemy import Connection, func, select

from bifolio.ingest import message
from bifolio.retrieval.milvus.collection import Collection
from bifolio.retrieval.milvus.rows import list_entries
from bifolio.retrieval.milvus.tables import CHUNKS, DOCUMENTS, LEAVING, ORIGINALS, OUTLINES, TEXTS
from bifolio.retrieval.store.checking import (
    Damage,
    chunks_missing,
    is_whole,
    text_damaged,
    text_missing,
    vectors_damaged,
)

_HASH = 64  # digits
_AT_ONCE = 1000


def check(
    connection: Connection, collection: Collection, library: str, dims: int, *, whole: bool
) -> Iterator[Damage]:
    """Yield what is damaged: the counts, and with ``whole`` every byte and every id."""
    yield from _counts(connection)
    if whole:
        yield from _texts(connection)
        yield from _vectors(connection, dims)
        yield from _uploads(connection)
    yield from _index(connection, collection, library, whole=whole)


def damaged_vectors(connection: Connection, dims: int) -> list[tuple[int, str]]:
    """Give (chunk id, path) of every vector that is not as it was stored, or is none."""
    asked = (
        select(CHUNKS.c.id, DOCUMENTS.c.path, CHUNKS.c.vector, CHUNKS.c.checksum)
        .join_from(CHUNKS, DOCUMENTS)
        .order_by(DOCUMENTS.c.path, CHUNKS.c.id)
        .execution_options(yield_per=_AT_ONCE)
    )
    return [
        (id_, path)
        for id_, path, vector, checksum in connection.execute(asked)
        if not is_whole(vector, checksum, dims)
    ]


def _counts(connection: Connection) -> Iterator[Damage]:
    held = func.count(CHUNKS.c.id)
    asked = (
        select(DOCUMENTS.c.path, DOCUMENTS.c.chunks, held)
        .outerjoin_from(DOCUMENTS, CHUNKS)
        .group_by(DOCUMENTS.c.id)
        .having(DOCUMENTS.c.chunks != held)
    )
    for path, wanted, found in connection.execute(asked).all():
        yield chunks_missing(path, found, wanted)


def _texts(connection: Connection) -> Iterator[Damage]:
    asked = (
        select(DOCUMENTS.c.path, TEXTS.c.text, TEXTS.c.checksum)
        .join_from(TEXTS, DOCUMENTS)
        .order_by(DOCUMENTS.c.path, TEXTS.c.start)
        .execution_options(yield_per=_AT_ONCE)
    )
    damaged = [
        path for path, text, sum_ in connection.execute(asked) if crc32(text.encode()) != sum_
    ]
    for path in dict.fromkeys(damaged):
        yield text_damaged(path)
    last = (
        select(func.max(CHUNKS.c.end)).where(CHUNKS.c.document == DOCUMENTS.c.id).scalar_subquery()
    )
    stored = (
        select(func.max(TEXTS.c.start + func.length(TEXTS.c.text)))
        .where(TEXTS.c.document == DOCUMENTS.c.id)
        .scalar_subquery()
    )
    outlined = select(OUTLINES.c.document).where(OUTLINES.c.document == DOCUMENTS.c.id).exists()
    short = select(DOCUMENTS.c.path).where(
        DOCUMENTS.c.chunks > 0, (last > func.coalesce(stored, 0)) | ~outlined
    )
    for path in connection.execute(short).scalars().all():
        yield text_missing(path)


def _vectors(connection: Connection, dims: int) -> Iterator[Damage]:
    damaged: dict[str, int] = {}
    for _, path in damaged_vectors(connection, dims):
        damaged[path] = damaged.get(path, 0) + 1
    for path, count in damaged.items():
        yield vectors_damaged(path, count)


def _uploads(connection: Connection) -> Iterator[Damage]:
    for entry in list_entries(connection):
        # Documents that came through Python without bytes have no hash.
        if entry.uploaded and len(entry.sha256) == _HASH:
            asked = select(ORIGINALS.c.data).where(ORIGINALS.c.name == entry.kept_as)
            data = connection.execute(asked).scalar()
            if data is None or hashlib.sha256(data).hexdigest() != entry.sha256:
                sentence = "the bytes of {path} are not as they were uploaded; upload it again"
                yield Damage("upload", message("upload-amiss", sentence, path=entry.path))


def _index(
    connection: Connection, collection: Collection, library: str, *, whole: bool
) -> Iterator[Damage]:
    if collection.library() != library:
        sentence = "Milvus holds no collection of this library; `bifolio repair` makes it again"
        yield Damage("index", message("collection-missing", sentence))
        return
    if whole:
        stored = set(connection.execute(select(CHUNKS.c.id)).scalars())
        held = set(collection.ids())
        missing, spare = len(stored - held), len(held - stored - _leaving(connection))
    else:
        count = connection.execute(select(func.count()).select_from(CHUNKS)).scalar_one()
        left = func.coalesce(func.sum(LEAVING.c.last - LEAVING.c.first + 1), 0)
        held_count = collection.count()
        missing = max(0, count - held_count)
        spare = max(0, held_count - count - connection.execute(select(left)).scalar_one())
    if missing or spare:
        sentence = (
            "Milvus lacks {missing} chunks and holds {spare} too many; `bifolio repair` makes its"
            " collection again"
        )
        told = message("collection-amiss", sentence, missing=missing, spare=spare)
        yield Damage("index", told)


def _leaving(connection: Connection) -> set[int]:
    ranges = connection.execute(select(LEAVING.c.first, LEAVING.c.last)).all()
    return {id_ for first, last in ranges for id_ in range(first, last + 1)}
