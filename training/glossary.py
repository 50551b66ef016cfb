"""Questions put into the other language word by word, with the dictionary.

Wrong grammar, right words: enough to learn which words stand for which (code switching; Litschko et
al., 2023).
"""

import random
import re
from collections.abc import Iterable, Mapping

_WORD = re.compile(r"[A-Za-z]+|[^A-Za-z\s]")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
_LONGEST = 6  # characters of a Chinese entry, words of an English one
_SENSES = 3  # the first of an entry are its usual ones
_ASIDE = re.compile(r"\([^)]*\)|^to (?=\w)")


class Glossary:
    """The dictionary, both ways, from its rows with ``en`` and ``zh``."""

    def __init__(self, entries: Iterable[Mapping[str, str]]) -> None:
        self._english: dict[str, list[str]] = {}
        self._chinese: dict[str, list[str]] = {}
        for row in entries:
            english = _ASIDE.sub("", row["en"]).strip()
            if english and len(english.split()) <= _LONGEST and _CHINESE.search(row["zh"]):
                self._english.setdefault(row["zh"], []).append(english)
                self._chinese.setdefault(english.lower(), []).append(row["zh"])

    def gloss(self, text: str, chance: random.Random) -> str:
        """Give the text in the other language; what the dictionary lacks stays as it is."""
        if _CHINESE.search(text):
            return " ".join(_put(list(text), "", self._english, chance))
        return " ".join(_put(_WORD.findall(text), " ", self._chinese, chance))


def _put(
    words: list[str], space: str, entries: dict[str, list[str]], chance: random.Random
) -> list[str]:
    """Replace the longest entries first, from the left."""
    found, start = [], 0
    while start < len(words):
        for count in range(min(_LONGEST, len(words) - start), 0, -1):
            word = space.join(words[start : start + count])
            senses = entries.get(word.lower()) or entries.get(_stem(word))
            if senses:
                found.append(chance.choice(senses[:_SENSES]))
                break
        else:
            count = 1
            found.append(words[start])
        start += count
    return found


def _stem(word: str) -> str:
    """Take an English ending off, for the dictionary has none."""
    return re.sub(r"(?:ies$|es$|s$|ed$|ing$)", "", word.lower())
