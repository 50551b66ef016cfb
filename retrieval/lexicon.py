"""The words of a question in the other language, so that words find and prove across both.

Which words of the one language stand where a word of the other does was learned from translations
by ``training/lexicon.py``; the file ships with the starter pair. Several may stand for one word
(渡轮: ferry, boat), as in the probabilistic structured queries of Darwish and Oard (SIGIR 2003);
here those that are nearly as probable as the best one count alike.
"""

import gzip
from functools import cache, lru_cache
from pathlib import Path

from bifolio.retrieval.telling import said_telling, telling
from bifolio.retrieval.words import Language, is_unspaced, language, stem, words

_FILE = Path(__file__).parent / "starter" / "lexicon.tsv.gz"
# So many questions' words are kept: each is compared with a hundred texts.
_KEPT = 64


def translations(word: str) -> tuple[str, ...]:
    """Give the words of the other language that may stand for one, the most probable first.

    Chinese ones are pairs of characters, or a character that is a word.
    """
    found = _entries().get(word) or _entries().get(stem(word)) or ""
    return tuple(cell.rpartition(" ")[0] for cell in found.split("\t") if cell)


def asked_in(question: str, texts: Language) -> list[str]:
    """Give the words to look for in texts of a language: the question's own, or those for them."""
    if language(question) == texts:
        return words(question)
    return list(dict.fromkeys(word for some in _meant(question).values() for word in some))


def shared(question: str, text: str) -> float:
    """Give the share of the question's words that stand in the text, from 0 to 1.

    Of the words that tell. In a text of the other language a word stands if one that translates it
    does; words that nothing is known to translate are left out of account.
    """
    if language(question) != language(text):
        return len(translated(question, text)) / max(1, len(_meant(question)))
    asked = set(telling(question))
    return len(asked & set(map(stem, words(text)))) / max(1, len(asked))


def translated(question: str, text: str) -> set[str]:
    """Give the words of the question for which one stands in a text of the other language.

    As ``telling`` gives them, without their endings, and characters that are words. In a text of
    its own language there are none.
    """
    if language(question) == language(text):
        return set()
    held = set(words(text))
    return {
        asked
        for asked, some in _meant(question).items()
        if any(word in held or _is_single(word, text) for word in some)
    }


@lru_cache(_KEPT)
def _meant(question: str) -> dict[str, tuple[str, ...]]:
    """Give for each word that tells, without its ending, what may stand for it in the other."""
    chinese = language(question) == "zh"
    told = set(telling(question))
    meant: dict[str, tuple[str, ...]] = {}
    for word in words(question):
        if (asked := stem(word)) in told and not meant.get(asked):
            # A name, a number or a code is the same in a Chinese text.
            is_same = chinese != is_unspaced(word) or any(map(str.isdigit, word))
            meant[asked] = (word,) if is_same else translations(word)
    # A character that is in no pair known stands for itself: 狗 in 狗上 and 的狗.
    known = {character for word, some in meant.items() if some for character in word}
    for character in "".join(filter(is_unspaced, said_telling(question))) if chinese else "":
        if character not in known:
            meant[character] = translations(character)
    return {word: some for word, some in meant.items() if some}


def _is_single(word: str, text: str) -> bool:
    return len(word) == 1 and is_unspaced(word) and word in text


@cache
def _entries() -> dict[str, str]:
    """Read the file: a word, a tab, its translations, each with its share of a hundred."""
    # At once: every new process reads it, and line by line it takes half as long again.
    lines = gzip.decompress(_FILE.read_bytes()).decode().splitlines()
    return dict(line.split("\t", 1) for line in lines)
