"""How words stand in the full-text index of SQLite (FTS5), and how it is asked for them."""

import math
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import accumulate

from bifolio.retrieval.words import Language, is_chinese, words

# In libraries of more than WHOLE chunks so many are ranked by their words for one question at most,
# some milliseconds: where more have one of them, the rarest words decide, which weigh most anyway
# (bench/words.py tells what that costs).
WHOLE, RANKED = 20_000, 5_000
# Words in so many times as many chunks tell nothing, and reading where they stand takes longest.
_TOO_FREQUENT = 20
# Of words that are all frequent, so many of the rarest must stand together.
_TOGETHER = 3


def body(text: str) -> str:
    """Give what is stored in the full-text index for a text."""
    return " ".join(words(text))


def query(asked: Sequence[str]) -> str:
    """Give the FTS5 query that matches any of the words; empty if there are none."""
    return " OR ".join(map(_term, dict.fromkeys(asked)))


def ranked(
    connection: sqlite3.Connection,
    asked: Sequence[str],
    count: int,
    *,
    language: Language | None,
    whole: int = WHOLE,
    most: int = RANKED,
) -> list[tuple[int, float]]:
    """Give at most ``count`` (chunk id, BM25) with any of the words; higher is better.

    In a library of more than ``whole`` chunks no more than ``most`` are compared: those that have
    the rarest of the words.
    """
    if not asked:
        return []
    (chunks,) = connection.execute("SELECT coalesce(sum(chunks), 0) FROM tally").fetchone()
    if chunks <= whole:
        return _found(connection, query(asked), count, language, -1)
    found: dict[int, float] = {}
    lowest = math.inf
    for rare in _bounded(connection, asked, most):
        for id_, score in _found(connection, rare, count, language, most):
            if id_ not in found:
                # Behind what tells more, whatever its own words weigh.
                found[id_] = lowest = min(lowest, score)
        if len(found) >= count:
            break
    return list(found.items())[:count]


def _found(
    connection: sqlite3.Connection, asked: str, count: int, language: Language | None, most: int
) -> list[tuple[int, float]]:
    # Of the table of chunks only the index by language is read, which is a thousandth of it. With a
    # limit the newest are ranked; -1 is none.
    rows = connection.execute(
        "SELECT id, score FROM (SELECT words.rowid AS id, -bm25(words) AS score FROM words"
        " CROSS JOIN chunks INDEXED BY chunks_of_language"
        " ON chunks.id = words.rowid AND chunks.language = :language WHERE words MATCH :query"
        " ORDER BY words.rowid DESC LIMIT :most) ORDER BY score DESC, id LIMIT :count"
        if language
        else "SELECT id, score FROM (SELECT rowid AS id, -bm25(words) AS score FROM words"
        " WHERE words MATCH :query"
        " ORDER BY rowid DESC LIMIT :most) ORDER BY score DESC, id LIMIT :count",
        {"query": asked, "language": language, "most": most, "count": count},
    )
    return [(int(id_), float(score)) for id_, score in rows]


def _bounded(connection: sqlite3.Connection, asked: Sequence[str], most: int) -> Iterator[str]:
    """Yield queries that few enough chunks match, the more telling first."""
    limit = _TOO_FREQUENT * most
    counts = {term: _count(connection, term, limit) for term in map(_term, dict.fromkeys(asked))}
    rarest = sorted(counts, key=lambda term: counts[term])
    if counts[rarest[0]] >= most and len(rarest) > 1:
        yield " AND ".join(rarest[:_TOGETHER])
    sums = list(accumulate(counts[term] for term in rarest))
    fitting = max(1, sum(total <= most for total in sums))
    chosen = " OR ".join(rarest[:fitting])
    # The others tell nothing of which chunks are ranked, but of their order.
    others = [term for term in rarest[fitting:] if counts[term] < limit]
    yield f"({chosen}) AND ({' OR '.join(rarest[:fitting] + others)})" if others else chosen
    # Where these find too little, of the next one as many as may be.
    yield from rarest[fitting : fitting + 1]


def _count(connection: sqlite3.Connection, term: str, most: int) -> int:
    """Count the chunks that a term stands in, as far as it matters."""
    (count,) = connection.execute(
        "SELECT count(*) FROM (SELECT 1 FROM words WHERE words MATCH ? LIMIT ?)", (term, most)
    ).fetchone()
    return int(count)


def _term(word: str) -> str:
    """Give the FTS5 term for a word, whatever stands in it.

    A single Chinese character stands in no pair of its own, so it matches those that begin with it.
    """
    quoted = '"' + word.replace('"', '""') + '"'
    return f"{quoted}*" if len(word) == 1 and is_chinese(word) else quoted
