"""Which words of a sentence and its translation stand for each other, by the dictionary."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from bifolio.retrieval.telling import said_telling

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")
_WORD = re.compile(r"[\u4e00-\u9fff]{1,6}")
_LATIN = re.compile(r"[A-Za-z][\w.-]*|\d+(?:[.,]\d+)*")
_ASIDE = re.compile(r"\([^)]*\)|^to (?=\w)")
_LONGEST = 5  # characters of a Chinese word
_SHORTEST = 3  # letters of an English one
_ENDINGS = (("ies", "y"), ("es", ""), ("s", ""), ("ed", ""), ("ed", "e"), ("ing", ""), ("ing", "e"))


class Aligner:
    """The dictionary's words, from its rows with ``en`` and ``zh``."""

    def __init__(self, entries: Iterable[Mapping[str, str]]) -> None:
        self._chinese: dict[str, set[str]] = defaultdict(set)
        self._known: set[str] = set()
        for row in entries:
            if not _WORD.fullmatch(row["zh"]):
                continue
            if len(row["zh"]) > 1:
                self._known.add(row["zh"])
            for sense in re.split(r"[;,/]", _ASIDE.sub("", row["en"]).strip().lower()):
                if len(sense.split()) == 1:
                    self._chinese[sense.strip()].add(row["zh"])

    def meant(self, word: str) -> set[str]:
        """Give the Chinese words that an English one, or what it is a form of, may stand for."""
        word = word.lower()
        forms = [word] + [
            word.removesuffix(ending) + instead
            for ending, instead in _ENDINGS
            if word.endswith(ending) and len(word) > len(ending) + 2
        ]
        return set().union(*(self._chinese.get(form, set()) for form in forms))

    def aligned(self, english: str, chinese: str) -> list[tuple[str, str]]:
        """Give the words that stand once in each text and translate each other."""
        words, latin = self._words(chinese), set(_LATIN.findall(chinese))
        found: dict[str, str] = {}
        for word in said_telling(english):
            if not word.isascii() or (len(word) < _SHORTEST and not word.isdigit()):
                continue
            if len(re.findall(rf"\b{re.escape(word)}\b", english)) != 1:
                continue
            meant = self.meant(word)
            others = [one for one in words if one in meant and chinese.count(one) == 1]
            if word in latin and chinese.count(word) == 1:
                found.setdefault(word, word)
            elif others:
                found.setdefault(max(others, key=len), word)
        return [(word, other) for other, word in found.items()]

    def _words(self, text: str) -> list[str]:
        """Cut Chinese into the longest words that are known, from the left."""
        found = []
        for run in _CHINESE.findall(text):
            start = 0
            while start < len(run):
                rest = run[start : start + _LONGEST]
                sizes = range(len(rest), 1, -1)
                size = next((n for n in sizes if rest[:n] in self._known), 1)
                if size > 1:
                    found.append(rest[:size])
                start += size
        return found
