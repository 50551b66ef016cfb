"""The words of a text in one form, as the full-text index holds them and asks for them.

Chinese has no spaces: a run of its characters counts as overlapping pairs, so that no dictionary
is needed and any two neighbouring characters of a question can meet those of a passage. However
something is written, it has one form here: full width, traditional characters, capitals, accents,
dates, thousands. A code such as AB-1234/5 is one word besides its parts. Quotes are never touched.
"""

import re
from typing import Literal, get_args

from bifolio.retrieval.dates import DATE, date_words
from bifolio.retrieval.normal import normal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# Chinese characters and Japanese syllables, which are written without spaces.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")
_LATIN = rf"(?:(?![{_UNSPACED}])[^\W_])"
_JOINTS = "-‐‑‒–—−/.#+_"
_PLAIN = re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?P<word>{_LATIN}+)")
_RUNS = re.compile(
    rf"(?P<date>{DATE})|(?P<code>{_LATIN}+(?:[{_JOINTS}]{_LATIN}+)+)|{_PLAIN.pattern}"
)
_BREAK = re.compile(rf"(?<=[{_UNSPACED}])[ \t]*\n[ \t]*(?=[{_UNSPACED}])")
_ENDING = re.compile(r"(?:(?<=[a-z]{3})(?:ies|es|s|ed|ing|e|y))\Z")
_PARTS = re.compile(rf"{_LATIN}+")
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
    # A line break between Chinese characters is no space.
    for run in _RUNS.finditer(_BREAK.sub("", normal(text))):
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


def is_unspaced(word: str) -> bool:
    """Tell whether a word is of Chinese characters."""
    return _IS_UNSPACED.match(word) is not None


def stem(word: str) -> str:
    """Take the ending off an English word: leaves and leave, copies and copy are the same."""
    return word if is_unspaced(word) else _ENDING.sub("", word)


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


def language(text: str) -> Language:
    """Tell the language of a text: "zh" when a third of its letters or more are Chinese characters.

    A third, since a Chinese character says as much as several letters: a Chinese text full of Latin
    names is still Chinese, and an English one that quotes a Chinese term is not.
    """
    chinese = len(_IS_UNSPACED.findall(text))
    letters = sum(map(str.isalpha, text))
    return "zh" if chinese and 3 * chinese >= letters else "en"


def _pairs(run: str) -> list[str]:
    return [run[place : place + 2] for place in range(len(run) - 1)] if len(run) > 1 else [run]


def _plain_words(said: str) -> list[str]:
    found: list[str] = []
    for run in _PLAIN.finditer(said):
        found += _pairs(run.group()) if run["unspaced"] else [run.group()]
    return found


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))
