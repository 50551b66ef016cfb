"""The bytes of uploads: rows that every machine sees, written out where a file is asked for."""

import hashlib
from pathlib import Path

from sqlalchemy import Connection, delete, insert, select

from bifolio.retrieval.milvus.rows import list_entries
from bifolio.retrieval.milvus.tables import ORIGINALS
from bifolio.retrieval.store.documents import Entry, kept_as
from bifolio.retrieval.store.files import keep_upload, source_of, sweep_files


def keep_original(connection: Connection, folder: Path, data: bytes, path: str) -> Path:
    """Keep an upload's bytes, and give the file that holds them on this machine.

    Raises:
        StoreError: they cannot be written.
    """
    place = keep_upload(folder, data, path)
    name = kept_as(hashlib.sha256(data).hexdigest(), path)
    connection.execute(delete(ORIGINALS).where(ORIGINALS.c.name == name))
    connection.execute(insert(ORIGINALS).values(name=name, data=data))
    return place


def original_of(connection: Connection, folder: Path, entry: Entry) -> Path:
    """Give the file that holds the bytes that a document was read from.

    Raises:
        StoreError: they are gone, or are others by now.
    """
    if entry.uploaded and not (folder / "files" / entry.kept_as).is_file():
        # Uploaded on another machine.
        asked = select(ORIGINALS.c.data).where(ORIGINALS.c.name == entry.kept_as)
        data = connection.execute(asked).scalar()
        if data is not None:
            keep_upload(folder, bytes(data), entry.path)
    return source_of(folder, entry)


def sweep_originals(connection: Connection, folder: Path) -> None:
    """Remove the bytes that no document is of: its writer was interrupted, or it is gone."""
    kept = set(connection.execute(select(ORIGINALS.c.name)).scalars())
    if kept or (folder / "files").is_dir():
        wanted = {entry.kept_as for entry in list_entries(connection)}
        for name in kept - wanted:
            connection.execute(delete(ORIGINALS).where(ORIGINALS.c.name == name))
        sweep_files(folder, wanted)
