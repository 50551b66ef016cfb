"""The bytes behind the documents: files where they were found, and uploads kept by their hash."""

import hashlib
import os
import re
import sqlite3
import stat
from contextlib import suppress
from pathlib import Path, PurePath

from bifolio.ingest import Message, cause, message
from bifolio.retrieval.store.documents import Entry, list_entries
from bifolio.retrieval.store.errors import StoreError

# Only what we have put there ourselves is ever swept away.
_OURS = re.compile(r"[0-9a-f]{64}(\.[a-z0-9]+)?(\.tmp)?")


def write_whole(file: Path, data: bytes) -> None:
    """Write a file so that it is there whole and on disk, or not at all."""
    temporary = file.with_name(f"{file.name}.tmp")
    with temporary.open("wb") as opened:
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
    temporary.rename(file)
    descriptor = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def upload_place(folder: Path, sha256: str, path: str) -> Path:
    """Give where the bytes of an upload are kept; of its path only the ending counts."""
    return folder / "files" / f"{sha256}{PurePath(path).suffix.lower()}"


def keep_upload(folder: Path, data: bytes, path: str) -> Path:
    """Keep an upload's bytes; they stay if a document of them is stored before the writer ends.

    Raises:
        StoreError: they cannot be written.
    """
    place = upload_place(folder, hashlib.sha256(data).hexdigest(), path)
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


def sweep_uploads(connection: sqlite3.Connection, folder: Path) -> None:
    """Remove the bytes that no document is of: its writer was interrupted, or it is gone."""
    place = folder / "files"
    if not place.is_dir():
        return
    wanted = {
        upload_place(folder, entry.sha256, entry.path).name
        for entry in list_entries(connection)
        if _is_upload(entry.path)
    }
    for file in place.iterdir():
        if file.name not in wanted and _OURS.fullmatch(file.name):
            # Best effort, as the next writer sweeps again.
            with suppress(OSError):
                file.unlink()


def read_file(folder: Path, entry: Entry) -> bytes:
    """Give the bytes that a document was read from.

    Raises:
        StoreError: they are gone, or are others by now.
    """
    if _is_upload(entry.path):
        file = upload_place(folder, entry.sha256, entry.path)
        remedy = message("upload-again", "upload it again")
    else:
        file = Path(entry.path)
        remedy = message("ingest-again", "put it back, or ingest it again")
    try:
        data = _read_regular(file)
    except (OSError, ValueError) as problem:
        raise StoreError(
            message(
                "original-unreadable",
                "{path} is no longer to be read ({why}); {remedy}",
                path=entry.path,
                why=_why(problem),
                remedy=remedy,
            )
        ) from problem
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        sentence = "{path} has changed since it was read; {remedy}"
        raise StoreError(message("original-changed", sentence, path=entry.path, remedy=remedy))
    return data


def _why(problem: OSError | ValueError) -> Message | str:
    if isinstance(problem, OSError):
        return cause(problem)
    return message("not-a-regular-file", "not a regular file")


def _read_regular(file: Path) -> bytes:
    # Non-blocking, so that a FIFO put in the file's place cannot hold us.
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise ValueError("not a regular file")
        return opened.read()


def _is_upload(path: str) -> bool:
    """Tell an upload, known by its name alone, from a file that was found in its folder."""
    return not PurePath(path).is_absolute()
