"""The rows of documents, as any connection sees them."""

import json
import re
import sqlite3
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from bifolio.ingest import Document, Heading, Message, Page, Table, from_json
from bifolio.retrieval.store.texts import text_between


@dataclass(frozen=True, slots=True)
class Stale:
    """The file as it is now cannot be read: why, and since which day (ISO 8601)."""

    reason: Message
    day: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A document of the library without its text: ``pages`` and ``chunks`` are counts.

    ``stale`` is set while the library answers from an older state of the file; ``parser`` names the
    reader of the file and its version.
    """

    path: str
    title: str
    pages: int
    chunks: int
    sha256: str
    added: str
    stale: Stale | None = None
    parser: str = ""

    @property
    def uploaded(self) -> bool:
        """Whether it is known by its name alone, and not a file that was found in its folder."""
        return not PurePath(self.path).is_absolute()

    @property
    def kept_as(self) -> str:
        """The name under which the library keeps its bytes, if it does."""
        return kept_as(self.sha256, self.path)


# As in the archives of app/maintenance, which unpack nothing else.
_ENDING = re.compile(r"\.[a-z0-9]{1,16}")


def kept_as(sha256: str, path: str) -> str:
    """Give the name for the bytes of a document: their hash, and of its path only the ending."""
    ending = PurePath(path).suffix.lower()
    return f"{sha256}{ending if _ENDING.fullmatch(ending) else ''}"


_ENTRY = (
    "SELECT path, title, pages, chunks, sha256, added, parser, stale_reason, stale_day"
    " FROM documents"
)


def list_entries(connection: sqlite3.Connection) -> list[Entry]:
    """List the documents by path; no text is read."""
    return list(map(_entry, connection.execute(f"{_ENTRY} ORDER BY path")))


def entry_of(connection: sqlite3.Connection, path: str) -> Entry:
    """Give the document with that path, without its text.

    Raises:
        KeyError: there is none.
    """
    row = connection.execute(f"{_ENTRY} WHERE path = ?", (path,)).fetchone()
    if row is None:
        raise KeyError(path)
    return _entry(row)


def id_of(connection: sqlite3.Connection, path: str) -> int:
    """Give the id of the document with that path.

    Raises:
        KeyError: there is none.
    """
    row = connection.execute("SELECT id FROM documents WHERE path = ?", (path,)).fetchone()
    if row is None:
        raise KeyError(path)
    return int(row[0])


def load_document(connection: sqlite3.Connection, id_: int) -> Document:
    """Give the document with that id, with its text."""
    path, title, sha256, parser, pages, headings, tables, left_out, notes = connection.execute(
        "SELECT path, title, sha256, parser, outlines.pages, headings, tables, left_out, notes"
        " FROM documents"
        " JOIN outlines ON document = id WHERE id = ?",
        (id_,),
    ).fetchone()
    return Document(
        path=path,
        title=title,
        sha256=sha256,
        text=text_between(connection, id_),
        pages=tuple(Page(*page) for page in json.loads(pages)),
        headings=tuple(Heading(*heading) for heading in json.loads(headings)),
        tables=tuple(
            Table(start, end, tuple((first, last) for first, last in rows), has_head)
            for start, end, rows, has_head in json.loads(tables)
        ),
        left_out=left_out,
        notes=tuple(map(from_json, json.loads(notes))),
        parser=parser,
    )


def _entry(row: Any) -> Entry:
    *facts, reason, day = row
    path, title, pages, chunks, sha256, added, parser = facts
    stale = Stale(stored_message(reason), day) if reason is not None else None
    return Entry(path, title, pages, chunks, sha256, added, stale, parser)


def stored_message(told: str) -> Message:
    """Read a message that was stored as JSON; libraries kept a bare sentence before."""
    try:
        return from_json(json.loads(told))
    except ValueError:
        return from_json(told)
