"""BM25 from lists in memory is that of FTS5, whatever is asked, stored and removed."""

import sqlite3
from contextlib import closing

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bifolio.retrieval.store.collecting import lists_of
from bifolio.retrieval.store.inverted import Inverted, Piece
from bifolio.retrieval.store.lexical import body, query
from bifolio.retrieval.store.segments import Range
from bifolio.retrieval.store.upgrade import sql
from bifolio.retrieval.words import words

ENGLISH = (
    *("ferry", "ferries", "running", "runs", "the", "of", "crew", "anchor", "Élan", "10,000"),
    *("AB-1234/5", "x", "isn't", "a_b", "ｗｉｄｅ"),
)
CHINESE = ("渡轮时间", "渡", "时间表", "船员", "的", "渡船", "輪船")


def same(found: list[tuple[int, float]], expected: list[tuple[int, float]]) -> bool:
    """Tell whether both hold the same chunks and scores to within rounding."""
    scores = dict(expected)
    return [score for _, score in found] == pytest.approx(
        [score for _, score in expected[: len(found)]], rel=1e-5
    ) and all(score == pytest.approx(scores[id_], rel=1e-5) for id_, score in found)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    stored=st.lists(st.lists(st.sampled_from(ENGLISH + CHINESE), max_size=12), max_size=60),
    asked=st.lists(st.sampled_from(ENGLISH + CHINESE), min_size=1, max_size=6),
    removed=st.sets(st.integers(0, 59)),
    count=st.integers(1, 20),
)
def test_lists_rank_as_fts5_does(
    stored: list[list[str]], asked: list[str], removed: set[int], count: int
) -> None:
    bodies = [body(" ".join(said)) for said in stored]
    gone = np.array(sorted(one + 1 for one in removed if one < len(stored)), np.int64)
    postings = lists_of([list(enumerate(bodies, 1))] if bodies else [])
    piece = Piece(Range("en", 0, len(bodies), len(bodies)), postings).without(gone)
    lists = Inverted("", 1, (piece,))
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(sql("schema.sql"))
        kept = [(at, one) for at, one in enumerate(bodies, 1) if at not in set(gone.tolist())]
        connection.executemany("INSERT INTO words (rowid, body) VALUES (?, ?)", kept)
        expected = connection.execute(
            "SELECT rowid, -bm25(words) AS score FROM words WHERE words MATCH ?"
            " ORDER BY score DESC, rowid",
            (query(words(" ".join(asked))),),
        ).fetchall()

    found = lists.ranked(lists.weighed(words(" ".join(asked))), count, None)

    assert len(found) == min(count, len(expected))
    assert same(found, expected)
