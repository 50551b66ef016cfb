"""The words of a text in one form, as the full-text index holds them and asks for them.

Chinese has no spaces: a run of its characters counts as overlapping pairs, so that no dictionary
is needed and any two neighbouring characters of a question can meet those of a passage. However
something is written, it has one form here: full width, traditional characters, capitals, accents,
dates, thousands. A code such as AB-1234/5 is one word besides its parts. Quotes are never touched.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from bifolio.retrieval.dates import DATE, date_words

# Chinese characters and Japanese syllables, which are written without spaces.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_LATIN = rf"(?:(?![{_UNSPACED}])[^\W_])"
_JOINTS = "-‐‑‒–—−/.#+_"
_PLAIN = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>{_LATIN}+)")
_RUNS = re.compile(
    rf"(?P<date>{DATE})|(?P<code>{_LATIN}+(?:[{_JOINTS}]{_LATIN}+)+)|{_PLAIN.pattern}"
)
_PARTS = re.compile(rf"{_LATIN}+")
_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_ACCENTS = range(0x300, 0x370)
_ACCENTED = (range(0xC0, 0x250), range(0x370, 0x400), range(0x1E00, 0x2000))
# Stands between the parts of a code: a private character, which FTS5 takes for a letter.
_JOINT = "\ue000"

# By these words an English question is known, whatever Chinese name stands in it.
_ENGLISH = frozenset(
    [
        *("a", "an", "the", "is", "are", "was", "were", "do", "does", "did", "can", "could"),
        *("will", "would", "should", "what", "which", "who", "whose", "when", "where", "why"),
        *("how", "many", "of", "in", "on", "at", "to", "for", "from", "with", "by", "and", "or"),
        *("not", "it", "its", "this", "that", "there", "my", "we", "our", "you", "your", "be"),
        *("has", "have", "about"),
    ]
)
_ASKS_IN_CHINESE = re.compile("[怎什哪吗呢么的是多少谁为何几请嗎麼誰為幾請]")


def words(text: str) -> list[str]:
    """Give the words in text order: Latin words and numbers, and pairs of Chinese characters."""
    found: list[str] = []
    for run in _RUNS.finditer(normal(text)):
        said = run.group()
        if run["word"]:
            found.append(said)
        elif run["unspaced"]:
            found += _pairs(said)
        elif run["date"]:
            found += _plain_words(said) + date_words(said, joint=_JOINT)
        else:
            found += _plain_words(said)
            found += [_JOINT.join(_PARTS.findall(said))] if _has_digit(said) else []
    return found


def normal(text: str) -> str:
    """Write a text in the one form in which texts are compared."""
    if text.isascii():
        text = text.lower()
    else:
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = _rewritten(text.casefold(), *_plainer())
    return _THOUSANDS.sub(lambda found: found.group().replace(",", ""), text)


def simplified(text: str) -> str:
    """Write traditional characters as the simplified ones, character by character."""
    return text if text.isascii() else _rewritten(text, *_simpler())


def body(text: str) -> str:
    """Give what is stored in the full-text index for a text."""
    return " ".join(words(text))


def query(question: str) -> str:
    """Give the FTS5 query that matches any word of the question; empty if it has none."""
    terms = [
        f'"{word}"*' if len(word) == 1 and _IS_UNSPACED.match(word) else f'"{word}"'
        for word in dict.fromkeys(words(question))
    ]
    return " OR ".join(terms)


def shared(question: str, text: str) -> float:
    """Give the share of the question's words that stand in the text, from 0 to 1."""
    asked = set(words(question))
    return len(asked & set(words(text))) / max(1, len(asked))


def is_chinese(text: str) -> bool:
    """Tell whether a question is to be answered in Chinese.

    It holds Chinese characters, and is no English sentence with a Chinese name in it.
    """
    chinese = len(_IS_UNSPACED.findall(text))
    latin = [run["word"] for run in _PLAIN.finditer(text) if run["word"]]
    # A Chinese character says as much as three letters.
    if 3 * chinese >= sum(map(len, latin)):
        return chinese > 0
    english = not _ENGLISH.isdisjoint(word.lower() for word in latin)
    names = not any(word.islower() for word in latin)
    return chinese > 0 and not english and (names or bool(_ASKS_IN_CHINESE.search(text)))


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] if len(run) > 1 else [run]


def _plain_words(said: str) -> list[str]:
    found: list[str] = []
    for run in _PLAIN.finditer(said):
        found += _pairs(run.group()) if run["unspaced"] else [run.group()]
    return found


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _rewritten(text: str, found: re.Pattern[str], table: Mapping[str, str]) -> str:
    # Several times faster than str.translate where few characters change.
    return found.sub(lambda letter: table[letter.group()], text)


@cache
def _plainer() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Give the table of letters without their accents, and of simplified characters."""
    accents = {chr(code): "" for code in _ACCENTS}
    table = dict(_simpler()[1]) | accents
    for letter in (chr(code) for codes in _ACCENTED for code in codes):
        decomposed = unicodedata.normalize("NFD", letter)
        if len(decomposed) > 1:
            table[letter] = "".join(accents.get(part, part) for part in decomposed)
    return re.compile(f"[{''.join(table)}]"), table


@cache
def _simpler() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Give the table of traditional characters, from OpenCC, in about 50 ms."""
    from opencc import OpenCC

    ranges = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000), range(0x20000, 0x2A6E0))
    characters = [chr(code) for codes in ranges for code in codes]
    converted = OpenCC("t2s").convert("\n".join(characters)).split("\n")
    pairs = zip(characters, converted, strict=True)
    # Two that have both forms in simplified texts: either is found by the other.
    table = {before: after for before, after in pairs if before != after} | {"著": "着", "瞭": "了"}
    return re.compile(f"[{''.join(table)}]"), table
