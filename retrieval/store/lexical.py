"""How words stand in the full-text index of SQLite (FTS5), and how it is asked for them."""

import json
import math
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from bifolio.retrieval.store.segments import state
from bifolio.retrieval.words import Language, is_chinese, words

# In libraries of more than WHOLE chunks so many are ranked by their words for one question at most,
# some milliseconds: where more have one of them, the rarest words decide, which weigh most anyway
# (bench/words.py tells what that costs).
WHOLE, RANKED = 20_000, 5_000
# Words in so many times as many chunks tell nothing, and reading where they stand takes longest.
_TOO_FREQUENT = 8
# Whether a chunk is of a language is looked up for so many at once.
_AT_ONCE = 250
# Of words that are all frequent, so many of the rarest must stand together.
_TOGETHER = 3


def body(text: str) -> str:
    """Give what is stored in the full-text index for a text."""
    return " ".join(words(text))


def query(asked: Sequence[str]) -> str:
    """Give the FTS5 query that matches any of the words; empty if there are none."""
    return " OR ".join(map(_term, dict.fromkeys(asked)))


class Frequent:
    """The frequent words of a library, as far as questions had them: counting them takes longest.

    Known of one state of it, and by readers in several threads.
    """

    def __init__(self) -> None:
        self._known: tuple[object, set[str]] = (None, set())

    def at(self, state: object) -> set[str]:
        """Give the terms that were found to be frequent in this state; to be added to."""
        known = self._known
        if known[0] != state:
            known = self._known = (state, set())
        return known[1]


@dataclass(frozen=True, slots=True)
class _Query:
    """An FTS5 query, and how many chunks that match may be ranked, the newest; all without it.

    ``every`` tells that no more match anyway.
    """

    text: str
    most: int | None = None
    every: bool = False


class Lexical:
    """The words of one committed state of a library; what two languages ask for is read once.

    In a library of more than ``whole`` chunks no more than ``most`` are compared for a question:
    those that have the rarest of its words.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        whole: int = WHOLE,
        most: int = RANKED,
        frequent: Frequent,
    ) -> None:
        self._connection = connection
        self._whole, self._most = whole, most
        self._frequent = frequent
        self._asked: tuple[str, ...] = ()
        self._queries: list[_Query] = []
        self._ranked: dict[_Query, list[tuple[int, float]]] = {}

    def ranked(
        self, asked: Sequence[str], count: int, *, language: Language | None
    ) -> list[tuple[int, float]]:
        """Give at most ``count`` (chunk id, BM25) with any of the words; higher is better."""
        found: dict[int, float] = {}
        lowest = math.inf
        self._plan(tuple(dict.fromkeys(asked)))
        for one in self._queries:
            for id_, score in self._found(one, count, language):
                if id_ not in found:
                    # Behind what tells more, whatever its own words weigh.
                    found[id_] = lowest = min(lowest, score)
            if len(found) >= count:
                break
        return list(found.items())[:count]

    def _plan(self, asked: tuple[str, ...]) -> None:
        if asked == self._asked:
            return
        self._asked, self._queries, self._ranked = asked, [], {}
        counted = "SELECT coalesce(sum(chunks), 0) FROM tally"
        (chunks,) = self._connection.execute(counted).fetchone()
        if chunks > self._whole:
            self._queries += _bounded(self._counts(asked), self._most)
        elif asked:
            self._queries.append(_Query(query(asked)))

    def _counts(self, asked: tuple[str, ...]) -> dict[str, int]:
        """Count the chunks that each term stands in, as far as it matters."""
        limit = _TOO_FREQUENT * self._most
        frequent = self._frequent.at(state(self._connection))
        counts = {}
        for term in map(_term, asked):
            counts[term] = limit if term in frequent else _count(self._connection, term, limit)
            if counts[term] == limit:
                frequent.add(term)
        return counts

    def _found(self, one: _Query, count: int, language: Language | None) -> list[tuple[int, float]]:
        if language is None or not one.every:
            return _read(self._connection, one, count, language)
        if one not in self._ranked:
            self._ranked[one] = _read(self._connection, one, self._most, None)
        ranked, own = self._ranked[one], list[tuple[int, float]]()
        for start in range(0, len(ranked), _AT_ONCE):
            some = ranked[start : start + _AT_ONCE]
            ids = _of_language(self._connection, [id_ for id_, _ in some], language)
            own += [entry for entry in some if entry[0] in ids]
            if len(own) >= count:
                break
        return own[:count]


def _read(
    connection: sqlite3.Connection, one: _Query, count: int, language: Language | None
) -> list[tuple[int, float]]:
    # Of the table of chunks only the index by language is read, which is a thousandth of it.
    rows = connection.execute(
        "SELECT id, score FROM (SELECT words.rowid AS id, -bm25(words) AS score FROM words"
        " CROSS JOIN chunks INDEXED BY chunks_of_language"
        " ON chunks.id = words.rowid AND chunks.language = :language WHERE words MATCH :query"
        " ORDER BY words.rowid DESC LIMIT :most) ORDER BY score DESC, id LIMIT :count"
        if language
        else "SELECT id, score FROM (SELECT rowid AS id, -bm25(words) AS score FROM words"
        " WHERE words MATCH :query"
        " ORDER BY rowid DESC LIMIT :most) ORDER BY score DESC, id LIMIT :count",
        {"query": one.text, "language": language, "most": one.most or -1, "count": count},
    )
    return [(int(id_), float(score)) for id_, score in rows]


def _of_language(
    connection: sqlite3.Connection, ids: Sequence[int], language: Language
) -> set[int]:
    rows = connection.execute(
        "SELECT chunks.id FROM json_each(?) CROSS JOIN chunks INDEXED BY chunks_of_language"
        " ON chunks.id = value AND chunks.language = ?",
        (json.dumps(ids), language),
    )
    return {id_ for (id_,) in rows}


def _bounded(counts: Mapping[str, int], most: int) -> Iterator[_Query]:
    """Yield queries that few enough chunks match, the more telling first."""
    if not counts:
        return
    limit = _TOO_FREQUENT * most
    rarest = sorted(counts, key=lambda term: counts[term])
    if counts[rarest[0]] >= most and len(rarest) > 1:
        yield _Query(" AND ".join(rarest[:_TOGETHER]), most)
    sums = list(accumulate(counts[term] for term in rarest))
    fitting = max(1, sum(total <= most for total in sums))
    chosen = " OR ".join(rarest[:fitting])
    # The others tell nothing of which chunks are ranked, but of their order.
    others = [term for term in rarest[fitting:] if counts[term] < limit]
    text = f"({chosen}) AND ({' OR '.join(rarest[:fitting] + others)})" if others else chosen
    yield _Query(text, most, every=sums[fitting - 1] <= most)
    # Where these find too little, of the next one as many as may be.
    for term in rarest[fitting : fitting + 1]:
        yield _Query(term, most)


def _count(connection: sqlite3.Connection, term: str, most: int) -> int:
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
