"""How FTS5 spells a word: its own tokenizer, asked in memory, so that ours is never another."""

import sqlite3
from collections.abc import Collection, Iterable
from contextlib import closing

# As schema.sql has it. Nothing of the text is kept, and each term is told with where it stands.
_SCRATCH = """
CREATE VIRTUAL TABLE scratch USING fts5
    (body, content = '', tokenize = 'porter unicode61 remove_diacritics 2');
CREATE VIRTUAL TABLE told USING fts5vocab (scratch, instance);
BEGIN;
"""


def spelled(words: Collection[str]) -> list[tuple[str, ...]]:
    """Give the terms that FTS5 makes of each of the words: one mostly, none of mere signs."""
    found: list[list[tuple[int, str]]] = [[] for _ in words]
    for word, place, term in _told(words):
        found[word].append((place, term))
    return [tuple(term for _, term in sorted(terms)) for terms in found]


def _told(words: Iterable[str]) -> list[tuple[int, int, str]]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.executescript(_SCRATCH)
        connection.executemany("INSERT INTO scratch (rowid, body) VALUES (?, ?)", enumerate(words))
        return connection.execute("SELECT doc, offset, term FROM told").fetchall()
