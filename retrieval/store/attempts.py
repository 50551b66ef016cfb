"""Files that could not be read, by their content: tried again only when something changed."""

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from bifolio.ingest import Message, from_json


@dataclass(frozen=True, slots=True)
class Failure:
    """Content that could not be read: its ``sha256``, why, and ``parser``, which tried it."""

    sha256: str
    parser: str
    reason: Message


def list_failures(connection: sqlite3.Connection) -> Mapping[str, Failure]:
    """Give what could not be read, by the sha256 of its bytes."""
    rows = connection.execute("SELECT sha256, parser, reason FROM failures")
    return {
        sha256: Failure(sha256, parser, from_json(json.loads(reason)))
        for sha256, parser, reason in rows
    }


def keep_failure(connection: sqlite3.Connection, failure: Failure) -> None:
    """Note that these bytes could not be read."""
    connection.execute(
        "INSERT OR REPLACE INTO failures VALUES (?, ?, ?)",
        (failure.sha256, failure.parser, json.dumps(asdict(failure.reason))),
    )


def forget_failure(connection: sqlite3.Connection, sha256: str) -> None:
    """Note that these bytes have been read after all."""
    connection.execute("DELETE FROM failures WHERE sha256 = ?", (sha256,))
