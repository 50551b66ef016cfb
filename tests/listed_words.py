"""A library that is large by its layout, and how FTS5 itself would rank its chunks."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
from test_retrieval_ranking import same

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Fingerprint, Store
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.store.layout import Layout
from bifolio.retrieval.store.lexical import query
from bifolio.retrieval.store.postings import file_of
from bifolio.retrieval.store.segments import Segment, read_segments
from bifolio.retrieval.words import LANGUAGES, Language, words

DIMS = 8
MINE = Fingerprint("many", "many/1", DIMS, "1/400")
# As a library of a million is laid out, a thousandth of its size.
SMALL = Layout(exact=400, small=100, joined=16, whole=20)


def vectors(count: int, seed: int = 0) -> Floats:
    found = np.random.default_rng(seed).standard_normal((count, DIMS)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def texts(count: int, said: Sequence[str], seed: int) -> list[str]:
    chance = np.random.default_rng(seed)
    # Some words are far more frequent than others, as they are.
    share = 1 / np.arange(1, len(said) + 1)
    return [
        " ".join(chance.choice(said, chance.integers(1, 30), p=share / share.sum()))
        for _ in range(count)
    ]


def put(store: Store, path: str, said: Sequence[str]) -> None:
    """Store a document with a chunk for each of the texts."""
    text = "\n".join(said)
    document = Document(path, "", "hash", text, (Page(1, 0, len(text)),))
    chunks, start = [], 0
    for one in said:
        chunks.append(Chunk(document, start, start + len(one)))
        start += len(one) + 1
    with store.writing() as writer:
        writer.put(document, chunks, vectors(len(said)))


def by_fts5(folder: Path, question: str, language: Language | None) -> list[tuple[int, float]]:
    """Rank all chunks with FTS5's own function."""
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        rows = connection.execute(
            "SELECT words.rowid, -bm25(words) AS score FROM words"
            " JOIN chunks ON chunks.id = words.rowid WHERE words MATCH ?"
            " AND language = coalesce(?, language) ORDER BY score DESC, words.rowid",
            (query(words(question)), language),
        )
        return list(rows) if query(words(question)) else []


def by_lists(
    store: Store, question: str, language: Language | None, count: int = 1000
) -> list[tuple[int, float]]:
    """Rank with lists, and with nothing else."""
    with store.reading() as view:
        found = view.lexical(words(question), count, language=language)
        assert view.inverted is not None
        return found


QUESTIONS = (
    "the ferry",
    "running crew of the anchor",
    "AB-1234/5",
    "élan 10000",
    "渡",
    "时间 ferry",
)


def is_as_by_fts5(store: Store) -> bool:
    return all(
        same(by_lists(store, question, language), by_fts5(store.folder, question, language))
        for question in QUESTIONS
        for language in (*LANGUAGES, None)
    )


def segments(folder: Path) -> list[Segment]:
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        return read_segments(connection)


def files(folder: Path) -> list[Path]:
    return [file_of(folder, segment) for segment in segments(folder)]
