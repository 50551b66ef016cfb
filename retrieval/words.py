"""The words of a text, as the full-text index holds them and asks for them.

Chinese has no spaces: a run of its characters counts as overlapping pairs, so that no dictionary
is needed and any two neighbouring characters of a question can meet those of a passage.
"""

import re
from typing import Literal, get_args

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = get_args(Language)

# Chinese characters and Japanese syllables, which are written without spaces.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])+")
_RUNS_UNSPACED = re.compile(rf"[{_UNSPACED}]+")
_IS_UNSPACED = re.compile(rf"[{_UNSPACED}]")


def words(text: str) -> list[str]:
    """Give the words in text order: Latin words and numbers, and pairs of Chinese characters."""
    found: list[str] = []
    for run in _RUNS.findall(text.lower()):
        if _IS_UNSPACED.match(run) and len(run) > 1:
            found += [run[place : place + 2] for place in range(len(run) - 1)]
        else:
            found.append(run)
    return found


def shared(question: str, text: str) -> float:
    """Give the share of the question's words that stand in the text, from 0 to 1."""
    asked = set(words(question))
    return len(asked & set(words(text))) / max(1, len(asked))


def is_chinese(text: str) -> bool:
    """Tell whether a question is to be answered in Chinese: it holds Chinese characters."""
    return bool(_IS_UNSPACED.search(text))


def language(text: str) -> Language:
    """Tell the language of a text: "zh" when a third of its letters or more are Chinese characters.

    A third, since a Chinese character says as much as several letters: a Chinese text full of Latin
    names is still Chinese, and an English one that quotes a Chinese term is not.
    """
    chinese = sum(map(len, _RUNS_UNSPACED.findall(text)))
    letters = sum(map(str.isalpha, text))
    return "zh" if chinese and 3 * chinese >= letters else "en"
