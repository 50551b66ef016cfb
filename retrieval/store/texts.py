"""The texts of documents, kept in blocks so that a span is read without the rest of its text."""

import sqlite3
from zlib import crc32

# Characters a block: a chunk of 400 tokens lies in one or two.
BLOCK = 8192


def keep_text(connection: sqlite3.Connection, document: int, text: str) -> None:
    """Store the text of a document, given by its id."""
    connection.executemany(
        "INSERT INTO texts VALUES (?, ?, ?, ?)",
        (
            (document, start, block := text[start : start + BLOCK], crc32(block.encode()))
            for start in range(0, len(text), BLOCK)
        ),
    )


def text_between(
    connection: sqlite3.Connection, document: int, start: int = 0, end: int | None = None
) -> str:
    """Give ``text[start:end]`` of a document, in characters; all of it without an ``end``."""
    first = start - start % BLOCK
    rows = connection.execute(
        "SELECT text FROM texts WHERE document = ? AND start >= ? AND start < ? ORDER BY start",
        (document, first, 1 << 62 if end is None else end),
    )
    text = "".join(block for (block,) in rows)
    return text[start - first : None if end is None else end - first]
