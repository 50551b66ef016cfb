"""Which index files hold which chunks: the table of saved segments, and the ranges between them."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass
from itertools import chain
from pathlib import Path

import numpy as np

from bifolio.retrieval.arrays import Ids
from bifolio.retrieval.words import Language


@dataclass(frozen=True, slots=True)
class Saved:
    """A saved index file, and the hash of its bytes, since FAISS does not notice damage."""

    file: str
    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A saved index of the chunks of a language with ``after`` < id <= ``last``.

    It shows them as they were at its ``generation``; ``chunks`` is how many they were then.
    """

    saved: Saved
    language: Language
    after: int
    last: int
    generation: int
    chunks: int
    exact: bool


@dataclass(frozen=True, slots=True)
class Range:
    """The chunks of a language with ``after`` < id <= ``last``; ``chunks`` are there now.

    ``segment`` holds them, None while no file does.
    """

    language: Language
    after: int
    last: int
    chunks: int
    segment: Segment | None = None


def read_segments(connection: sqlite3.Connection) -> list[Segment]:
    """Give the segments that are current, in the order of their ids."""
    rows = connection.execute(
        "SELECT file, sha256, size, language, after, last, generation, chunks, exact FROM segments"
        " WHERE current ORDER BY language, after"
    )
    return [
        Segment(Saved(file, sha256, size), language, after, last, generation, chunks, bool(exact))
        for file, sha256, size, language, after, last, generation, chunks, exact in rows
    ]


def ranges_of(
    connection: sqlite3.Connection, language: Language, segments: Iterable[Segment]
) -> list[Range]:
    """Divide the chunks of a language among the given segments and what none of them holds."""
    found = []
    after = 0
    for segment in segments:
        if segment.language == language and segment.after >= after:
            found += between(connection, language, after, segment.after)
            alive = segment.chunks - _gone(connection, segment)
            found.append(Range(language, segment.after, segment.last, alive, segment))
            after = segment.last
    return found + between(connection, language, after, highest_id(connection))


def between(
    connection: sqlite3.Connection, language: Language, after: int, last: int
) -> list[Range]:
    """Give the range of a language with ``after`` < id <= ``last``, if any chunk is in it."""
    if after >= last:
        return []
    (chunks,) = connection.execute(
        "SELECT count(*) FROM chunks WHERE language = ? AND id > ? AND id <= ?",
        (language, after, last),
    ).fetchone()
    return [Range(language, after, last, chunks)] if chunks else []


def _gone(connection: sqlite3.Connection, segment: Segment) -> int:
    (count,) = connection.execute(
        "SELECT count(*) FROM gone WHERE language = ? AND generation >= ? AND id > ? AND id <= ?",
        (segment.language, segment.generation, segment.after, segment.last),
    ).fetchone()
    return int(count)


def removed_since(connection: sqlite3.Connection, range_: Range, generation: int) -> Ids:
    """Give the chunks of a range that were removed at that generation or later."""
    rows: Iterable[tuple[int]] = connection.execute(
        "SELECT id FROM gone WHERE language = ? AND generation >= ? AND id > ? AND id <= ?",
        (range_.language, generation, range_.after, range_.last),
    )
    return np.fromiter((id_ for (id_,) in rows), np.int64)


def highest_id(connection: sqlite3.Connection) -> int:
    """Give the highest id of a chunk, 0 without any."""
    (highest,) = connection.execute("SELECT coalesce(max(id), 0) FROM chunks").fetchone()
    return int(highest)


def state(connection: sqlite3.Connection) -> tuple[str, int]:
    """Give the library's own name, and how many changes it has seen."""
    meta = dict(
        connection.execute("SELECT key, value FROM meta WHERE key IN ('library', 'generation')")
    )
    return meta.get("library", ""), int(meta["generation"])


def tally(connection: sqlite3.Connection) -> dict[str, int]:
    """Count the chunks of each language that has had some."""
    return dict(connection.execute("SELECT language, chunks FROM tally"))


def replace_segments(connection: sqlite3.Connection, segments: Sequence[Segment]) -> None:
    """Let these be the current ones; those of the time before stay named once more."""
    files = {segment.saved.file for segment in segments}
    known = dict(connection.execute("SELECT file, current FROM segments"))
    for file in known.keys() - files:
        if known[file]:
            connection.execute("UPDATE segments SET current = 0 WHERE file = ?", (file,))
        else:
            connection.execute("DELETE FROM segments WHERE file = ?", (file,))
    for segment in segments:
        if segment.saved.file not in known:
            saved = segment.saved
            place = (segment.language, segment.after, segment.last)
            connection.execute(
                "INSERT INTO segments VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                (*astuple(saved), *place, segment.generation, segment.chunks, segment.exact),
            )


def forget_gone(
    connection: sqlite3.Connection, language: Language, segments: Sequence[Segment]
) -> None:
    """Forget the removed chunks of a language that none of its segments holds."""
    ranges = ranges_of(connection, language, segments)
    if any(range_.segment is None for range_ in ranges):
        return  # Whoever builds what is missing may need them.
    oldest = min(
        (segment.generation for segment in segments if segment.language == language),
        default=1 << 62,
    )
    connection.execute("DELETE FROM gone WHERE language = ? AND generation < ?", (language, oldest))


def sweep(connection: sqlite3.Connection, folder: Path) -> None:
    """Remove the index files that no segment names, and the words beside them."""
    named = {file for (file,) in connection.execute("SELECT file FROM segments")}
    for path in chain(folder.glob("index-*.faiss"), folder.glob("index-*.words")):
        if path.with_suffix(".faiss").name not in named and path.is_file():
            path.unlink(missing_ok=True)
