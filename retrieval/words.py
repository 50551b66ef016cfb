"""The words of a text, as the full-text index holds them and asks for them.

Chinese has no spaces: a run of its characters counts as overlapping pairs, so that no dictionary
is needed and any two neighbouring characters of a question can meet those of a passage.
"""

import re

# Chinese characters and Japanese syllables, which are written without spaces.
_UNSPACED = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_UNSPACED}]+|(?:(?![{_UNSPACED}])[^\W_])+")
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
    """Tell whether a question is to be answered in Chinese: it holds Chinese characters."""
    return bool(_IS_UNSPACED.search(text))
