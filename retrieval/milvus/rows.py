"""The rows of documents, read and written over any connection."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from typing import Any
from zlib import crc32

import numpy as np
from sqlalchemy import Connection, Row, delete, func, insert, select, update

from bifolio.ingest import Chunk, Document, Heading, Message, Page, Table, from_json
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.milvus.tables import (
    CHUNKS,
    DOCUMENTS,
    FAILURES,
    LEAVING,
    META,
    OUTLINES,
    TEXTS,
)
from bifolio.retrieval.store.attempts import Failure
from bifolio.retrieval.store.documents import Entry, Stale, stored_message
from bifolio.retrieval.store.texts import BLOCK
from bifolio.retrieval.words import language

# Ids asked for at a time: drivers take some ten thousand values a statement.
_MOST = 10_000
_ENTRY = (
    DOCUMENTS.c.path,
    DOCUMENTS.c.title,
    DOCUMENTS.c.pages,
    DOCUMENTS.c.chunks,
    DOCUMENTS.c.sha256,
    DOCUMENTS.c.added,
    DOCUMENTS.c.parser,
    DOCUMENTS.c.stale_reason,
    DOCUMENTS.c.stale_day,
)


def list_entries(connection: Connection) -> list[Entry]:
    """List the documents by path; no text is read."""
    return [_entry(row) for row in connection.execute(select(*_ENTRY).order_by(DOCUMENTS.c.path))]


def entry_of(connection: Connection, path: str) -> Entry:
    """Give the document with that path, without its text.

    Raises:
        KeyError: there is none.
    """
    row = connection.execute(select(*_ENTRY).where(DOCUMENTS.c.path == path)).first()
    if row is None:
        raise KeyError(path)
    return _entry(row)


def id_of(connection: Connection, path: str) -> int:
    """Give the id of the document with that path.

    Raises:
        KeyError: there is none.
    """
    found = connection.execute(select(DOCUMENTS.c.id).where(DOCUMENTS.c.path == path)).scalar()
    if found is None:
        raise KeyError(path)
    return int(found)


def load_document(connection: Connection, id_: int) -> Document:
    """Give the document with that id, with its text."""
    one = (
        connection.execute(
            select(DOCUMENTS, OUTLINES).join_from(DOCUMENTS, OUTLINES).where(DOCUMENTS.c.id == id_)
        )
        .one()
        ._mapping
    )
    return Document(
        path=one[DOCUMENTS.c.path],
        title=one[DOCUMENTS.c.title],
        sha256=one[DOCUMENTS.c.sha256],
        text=text_between(connection, id_),
        pages=tuple(Page(*page) for page in json.loads(one[OUTLINES.c.pages])),
        headings=tuple(Heading(*heading) for heading in json.loads(one[OUTLINES.c.headings])),
        tables=tuple(
            Table(start, end, tuple((first, last) for first, last in rows), has_head)
            for start, end, rows, has_head in json.loads(one[OUTLINES.c.tables])
        ),
        left_out=one[OUTLINES.c.left_out],
        notes=tuple(map(from_json, json.loads(one[OUTLINES.c.notes]))),
        parser=one[DOCUMENTS.c.parser],
    )


def text_between(
    connection: Connection, document: int, start: int = 0, end: int | None = None
) -> str:
    """Give ``text[start:end]`` of a document, in characters; all of it without an ``end``."""
    first = start - start % BLOCK
    asked = select(TEXTS.c.text).where(TEXTS.c.document == document, TEXTS.c.start >= first)
    if end is not None:
        asked = asked.where(TEXTS.c.start < end)
    text = "".join(connection.execute(asked.order_by(TEXTS.c.start)).scalars())
    return text[start - first : None if end is None else end - first]


def insert_document(connection: Connection, document: Document, chunks: int) -> int:
    """Insert a document, its outline and its text; give its id."""
    id_ = connection.execute(
        insert(DOCUMENTS)
        .values(
            path=document.path,
            title=document.title,
            sha256=document.sha256,
            pages=len(document.pages),
            chunks=chunks,
            added=datetime.now(UTC).isoformat(timespec="seconds"),
            parser=document.parser,
        )
        .returning(DOCUMENTS.c.id)
    ).scalar_one()
    outline = {
        "document": id_,
        "pages": json.dumps([astuple(page) for page in document.pages]),
        "headings": json.dumps([astuple(heading) for heading in document.headings]),
        "tables": json.dumps([astuple(table) for table in document.tables]),
        "left_out": document.left_out,
        "notes": json.dumps([asdict(note) for note in document.notes]),
    }
    connection.execute(insert(OUTLINES), [outline])
    blocks = (
        (start, document.text[start : start + BLOCK])
        for start in range(0, len(document.text), BLOCK)
    )
    rows = [
        {"document": id_, "start": start, "text": block, "checksum": crc32(block.encode())}
        for start, block in blocks
    ]
    if rows:
        connection.execute(insert(TEXTS), rows)
    return int(id_)


def insert_chunks(
    connection: Connection, document: int, ids: Sequence[int], chunks: Sequence[Chunk], data: Floats
) -> None:
    """Insert the chunks of a document, each with its id and its vector."""
    rows = [
        {
            "id": id_,
            "document": document,
            "start": chunk.start,
            "end": chunk.end,
            "first_page": chunk.pages[0],
            "last_page": chunk.pages[1],
            "language": language(chunk.text),
            "context": chunk.context,
            "vector": vector.tobytes(),
            "checksum": crc32(vector.tobytes()),
        }
        for id_, chunk, vector in zip(ids, chunks, data.astype("<f4"), strict=True)
    ]
    if rows:
        connection.execute(insert(CHUNKS), rows)


def delete_document(connection: Connection, path: str) -> bool:
    """Take a document out, and note what of it stands in Milvus; tell whether there was one."""
    id_ = connection.execute(select(DOCUMENTS.c.id).where(DOCUMENTS.c.path == path)).scalar()
    if id_ is None:
        return False
    first, last = connection.execute(
        select(func.min(CHUNKS.c.id), func.max(CHUNKS.c.id)).where(CHUNKS.c.document == id_)
    ).one()
    if first is not None:
        connection.execute(insert(LEAVING).values(first=first, last=last))
    connection.execute(delete(DOCUMENTS).where(DOCUMENTS.c.id == id_))
    return True


def has_chunks(connection: Connection) -> bool:
    """Tell whether there is any chunk at all."""
    return connection.execute(select(CHUNKS.c.id).limit(1)).first() is not None


def read_meta(connection: Connection) -> dict[str, Any]:
    """Give what is known of the library as a whole, by its keys.

    Raises:
        ValueError: a value is no JSON.
    """
    return {key: json.loads(value) for key, value in connection.execute(select(META))}


def set_meta(connection: Connection, key: str, value: object) -> None:
    """Store one such value in place of the one before."""
    connection.execute(delete(META).where(META.c.key == key))
    connection.execute(insert(META).values(key=key, value=json.dumps(value)))


def as_json(told: Message) -> str:
    """Write a message as it is stored."""
    return json.dumps(asdict(told))


def list_failures(connection: Connection) -> Mapping[str, Failure]:
    """Give what could not be read, by the sha256 of its bytes."""
    rows = connection.execute(select(FAILURES.c.sha256, FAILURES.c.parser, FAILURES.c.reason))
    return {
        sha256: Failure(sha256, parser, from_json(json.loads(reason)))
        for sha256, parser, reason in rows
    }


def mark(connection: Connection, document: str, **values: object) -> None:
    """Change columns of the document with that path."""
    connection.execute(update(DOCUMENTS).where(DOCUMENTS.c.path == document).values(**values))


def vectors_of(connection: Connection, ids: Sequence[int]) -> dict[int, Floats]:
    """Give the vectors with those ids, float32 of shape (dims,)."""
    return {
        id_: np.frombuffer(vector, "<f4")
        for part in parts(ids)
        for id_, vector in connection.execute(
            select(CHUNKS.c.id, CHUNKS.c.vector).where(CHUNKS.c.id.in_(part))
        )
    }


def parts(ids: Iterable[int]) -> Iterator[list[int]]:
    """Divide ids into as many as a statement may hold."""
    whole = list(ids)
    for start in range(0, len(whole), _MOST):
        yield whole[start : start + _MOST]


def _entry(row: Row[*tuple[Any, ...]]) -> Entry:
    *facts, reason, day = row
    path, title, pages, chunks, sha256, added, parser = facts
    stale = Stale(stored_message(reason), day) if reason is not None else None
    return Entry(path, title, pages, chunks, sha256, added, stale, parser)
