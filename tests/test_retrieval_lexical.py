"""Words in a large library: frequent ones cost no more than a question can wait for."""

import sqlite3
from collections.abc import Iterator

import pytest

from bifolio.retrieval.store.lexical import Frequent, Lexical
from bifolio.retrieval.store.upgrade import sql
from bifolio.retrieval.words import Language

MOST = 50


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    """Give 500 chunks with the word "ferry"; each eleventh has "crew", a late one "anchor"."""
    connection = sqlite3.connect(":memory:")
    connection.executescript(f"{sql('schema.sql')}\n{sql('index.sql')}")
    connection.execute("INSERT INTO meta VALUES ('generation', '0')")
    for id_ in range(1, 501):
        body = "ferry" + " crew" * (id_ % 11 == 0) + " anchor" * (id_ == 499) + " sea" * 3
        connection.execute(
            "INSERT INTO chunks VALUES (?, 1, 0, 1, 1, 1, ?, '', x'', 0)",
            (id_, "zh" if id_ > 490 else "en"),
        )
        connection.execute("INSERT INTO words (rowid, body) VALUES (?, ?)", (id_, body))
    yield connection
    connection.close()


def ask(
    connection: sqlite3.Connection, *words: str, most: int = MOST, language: Language | None = None
) -> list[int]:
    found = Lexical(connection, whole=most, most=most, frequent=Frequent()).ranked(
        words, 100, language=language
    )
    assert [score for _, score in found] == sorted((score for _, score in found), reverse=True)
    return [id_ for id_, _ in found]


def test_the_rare_words_of_a_question_find_as_much_as_without_a_limit(
    connection: sqlite3.Connection,
) -> None:
    everything = ask(connection, "ferry", "anchor", "crew", most=10_000)

    assert set(ask(connection, "ferry", "anchor", "crew")[:46]) == set(everything[:46])
    assert everything[0] == 499


def test_a_question_of_frequent_words_ranks_no_more_than_the_limit(
    connection: sqlite3.Connection,
) -> None:
    found = ask(connection, "ferry", "sea")

    assert len(found) == MOST
    assert found[0] >= 450


def test_frequent_words_do_not_crowd_out_a_language(connection: sqlite3.Connection) -> None:
    assert set(ask(connection, "ferry", language="zh")) == set(range(491, 501))
    assert len(ask(connection, "ferry", language="en")) == MOST


def test_a_small_library_is_ranked_whole(connection: sqlite3.Connection) -> None:
    assert len(ask(connection, "crew", "sea", most=500)) == 100


def test_words_that_nobody_wrote_find_nothing(connection: sqlite3.Connection) -> None:
    assert ask(connection, "xylophone") == []
    assert ask(connection) == []


def test_a_word_that_stands_nearly_everywhere_does_not_hide_a_rare_one(
    connection: sqlite3.Connection,
) -> None:
    # "ferry" and "sea" stand in more than eight times as many chunks as are ranked.
    assert ask(connection, "ferry", "anchor", "sea", most=2)[0] == 499
    assert ask(connection, "ferry", "sea", most=2) == [500, 499]
