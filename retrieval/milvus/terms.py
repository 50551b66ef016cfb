"""The words of a text as Milvus holds them: SQLite's own terms, in letters and figures of ASCII.

Every analyzer of every server takes a run of ASCII letters and figures for one word, and none cuts
it, stems it again or drops it: so Milvus finds what the full-text index of SQLite finds.
"""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing

from bifolio.retrieval.words import is_chinese, words

# In bytes, which are characters here: what a field of Milvus may hold.
LONGEST = 65_535
_SAFE = re.compile(r"[a-y0-9][a-z0-9]*")
# As in store/schema.sql, which says how words become terms.
_TABLE = "CREATE VIRTUAL TABLE said USING fts5 (word, tokenize = 'porter unicode61 {}')".format(
    "remove_diacritics 2"
)


def bodies(texts: Sequence[str]) -> list[str]:
    """Give what is stored for each text: its terms in text order, divided by spaces."""
    said = [words(text) for text in texts]
    terms = _terms(word for one in said for word in one)
    return [_joined(code for word in one for code in terms[word]) for one in said]


def query(asked: Sequence[str]) -> str:
    """Give the terms that are asked for; empty if there are none.

    A word that is asked twice counts once, as in the full-text index of SQLite.
    """
    distinct = list(dict.fromkeys(asked))
    terms = _terms(distinct)
    return _joined(code for word in distinct for code in terms[word][: _asked(word)])


def _asked(word: str) -> int | None:
    """Say how many of a word's terms are asked for: of a pair itself, not its first character."""
    return 1 if _is_pair(word) else None


def _terms(said: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Give the terms of each word.

    A pair of Chinese characters is followed by its first one, for a question may hold a single
    character, and Milvus finds no beginnings of words.
    """
    distinct = list(dict.fromkeys(said))
    found: list[list[str]] = [[] for _ in distinct]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute(_TABLE)
        connection.execute("CREATE VIRTUAL TABLE held USING fts5vocab (said, instance)")
        connection.executemany(
            "INSERT INTO said (rowid, word) VALUES (?, ?)", list(enumerate(distinct))
        )
        rows = connection.execute("SELECT doc, term FROM held ORDER BY doc, offset")
        for place, term in rows:
            found[place].append(_code(term))
    for word, codes in zip(distinct, found, strict=True):
        if _is_pair(word) and codes:
            codes.append(_code(word[0]))
    return {word: tuple(codes) for word, codes in zip(distinct, found, strict=True)}


def _is_pair(word: str) -> bool:
    return len(word) == 2 and not word.isascii() and is_chinese(word)


def _code(term: str) -> str:
    """Write a term in ASCII: as it is, or a z and the code point of each of its characters.

    No two terms are written alike: z is no figure, and what begins with it is written in figures.
    """
    return term if _SAFE.fullmatch(term) else "".join(f"z{ord(letter):x}" for letter in term)


def _joined(codes: Iterable[str]) -> str:
    text = " ".join(codes)
    return text if len(text) <= LONGEST else text[: text.rindex(" ", 0, LONGEST + 1)]
