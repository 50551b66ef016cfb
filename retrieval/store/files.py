"""The bytes behind the documents: files where they were found, and uploads kept by their hash."""

import hashlib
import os
import re
import sqlite3
import stat
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from bifolio.ingest import Message, cause, message
from bifolio.retrieval.store.documents import Entry, kept_as, list_entries
from bifolio.retrieval.store.errors import StoreError

_KEPT = "files"
# Only what we have put there ourselves is ever swept away.
_OURS = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]+)?(\.tmp)?")


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it is there whole and on disk, or not at all."""
    with writing_whole(file) as opened:
        opened.write(data)


@contextmanager
def writing_whole(file: Path) -> Iterator[IO[bytes]]:
    """Open a file to write so that it is there whole and on disk when all went well."""
    temporary = file.with_name(f"{file.name}.tmp")
    with temporary.open("wb") as opened:
        yield opened
        opened.flush()
        os.fsync(opened.fileno())
    temporary.rename(file)
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def keep_upload(folder: Path, data: bytes, path: str) -> Path:
    """Keep an upload's bytes; they stay if a document of them is stored before the writer ends.

    Raises:
        StoreError: they cannot be written.
    """
    place = folder / _KEPT / kept_as(hashlib.sha256(data).hexdigest(), path)
    try:
        place.parent.mkdir(exist_ok=True)
        write_whole(place, data)
    except OSError as problem:
        raise StoreError(
            message(
                "upload-not-stored",
                "{path} was not stored ({folder}: {problem}); check the disk and the permissions",
                path=path,
                folder=place.parent,
                problem=cause(problem),
            )
        ) from problem
    return place


def bring_uploads(other: Path, folder: Path) -> None:
    """Keep the bytes that another library's folder keeps, as uploads of this one."""
    for file in (other / _KEPT).iterdir() if (other / _KEPT).is_dir() else ():
        place = folder / _KEPT / file.name
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            write_whole(place, file.read_bytes())


def sweep_uploads(connection: sqlite3.Connection, folder: Path) -> None:
    """Remove the bytes that no document is of: its writer was interrupted, or it is gone."""
    if (folder / _KEPT).is_dir():
        sweep_files(folder, {entry.kept_as for entry in list_entries(connection)})


def sweep_files(folder: Path, wanted: Collection[str]) -> None:
    """Remove the kept bytes whose name is none of the wanted ones."""
    place = folder / _KEPT
    for file in place.iterdir() if place.is_dir() else ():
        if file.name not in wanted and _OURS.fullmatch(file.name):
            # Best effort, as the next writer sweeps again.
            with suppress(OSError):
                file.unlink()


def source_of(folder: Path, entry: Entry) -> Path:
    """Give the file that holds the bytes that a document was read from.

    An imported library may have brought the bytes of files that stood elsewhere with it.

    Raises:
        StoreError: they are gone, or are others by now.
    """
    kept = folder / _KEPT / entry.kept_as
    places = [kept] if entry.uploaded else [Path(entry.path), kept]
    problems = []
    for place in places:
        try:
            if _sha256(place) == entry.sha256:
                return place
            sentence = "{path} has changed since it was read"
            problems.append(message("original-changed", sentence, path=entry.path))
        except (OSError, ValueError) as problem:
            sentence, why = "{path} is no longer to be read ({why})", _why(problem)
            problems.append(message("original-unreadable", sentence, path=entry.path, why=why))
    if entry.uploaded:
        remedy = message("upload-again", "upload it again")
    else:
        remedy = message("ingest-again", "put it back, or ingest it again")
    sentence = "{problem}; {remedy}"
    raise StoreError(message("no-original", sentence, problem=problems[0], remedy=remedy))


def _why(problem: OSError | ValueError) -> Message | str:
    if isinstance(problem, OSError):
        return cause(problem)
    return message("not-a-regular-file", "not a regular file")


def read_file(folder: Path, entry: Entry) -> bytes:
    """Give the bytes that a document was read from.

    Raises:
        StoreError: they are gone, or are others by now.
    """
    data = source_of(folder, entry).read_bytes()
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        sentence = "{path} is being changed; ingest it again"
        raise StoreError(message("being-changed", sentence, path=entry.path))
    return data


def _sha256(file: Path) -> str:
    # Non-blocking, so that a FIFO put in the file's place cannot hold us.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise ValueError("not a regular file")
        return hashlib.file_digest(opened, "sha256").hexdigest()
