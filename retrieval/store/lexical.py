"""How words stand in the full-text index of SQLite (FTS5), and how it is asked for them."""

from collections.abc import Sequence

from bifolio.retrieval.words import is_chinese, words


def body(text: str) -> str:
    """Give what is stored in the full-text index for a text."""
    return " ".join(words(text))


def query(asked: Sequence[str]) -> str:
    """Give the FTS5 query that matches any of the words; empty if there are none.

    A single Chinese character stands in no pair of its own, so it matches those that begin with it.
    """
    return " OR ".join(map(_term, dict.fromkeys(asked)))


def _term(word: str) -> str:
    quoted = '"' + word.replace('"', '""') + '"'
    return f"{quoted}*" if len(word) == 1 and is_chinese(word) else quoted
