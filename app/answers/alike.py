"""How many words two short pieces of text share, of one language or of two."""

import re
from collections.abc import Iterator
from functools import lru_cache

from bifolio.answers.quantities import quantities
from bifolio.ingest.sentences import sentence_spans
from bifolio.retrieval import language
from bifolio.retrieval.lexicon import translations
from bifolio.retrieval.telling import telling
from bifolio.retrieval.words import is_unspaced, stem, words

# Characters that join and tell nothing.
LIGHT_HAN = frozenset("的了在是由把被将于为和与及或就都也还而且但并其该这那")
_LIGHTER_HAN = LIGHT_HAN | frozenset("们个所之等")
_LIGHT_WORDS = (
    "a an the is are was were be been being to of in on at for by with from and or but it its this "
    "that these those than as has have had will would can could may must shall should do does did "
    "s t also then so"
)
_LIGHT = frozenset(_LIGHT_WORDS.split())
# Forms of the past that no ending tells.
_IRREGULAR_WORDS = (
    "bit blew bore bought broke brought built came caught chose cut drew drove fed felt fought "
    "found flew forgave forgot gave got grew hid hit held hurt kept knew laid led left lent let "
    "lost made meant met paid put quit ran read rode rose said saw sent set shook shot shut sold "
    "sought spent stole struck swore taught took thought threw told understood won wore wrote ate "
    "beat became began bred burst cost dealt fell sank sang sat slept spoke stood swam tore woke"
)
IRREGULAR = frozenset(_IRREGULAR_WORDS.split())
_HAN = re.compile(r"[\u3400-\u9fff]")
_CUT = re.compile(
    r"[;；，。]\s*|[:：](?!\d\d)\s*|,\s+(?!\d{3})|(?<=[\u4e00-\u9fff\d%]),(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff]),(?=\d)|\s+(?:but|yet|while|whereas|although|though|because)\s+"
    r"|\s+(?=(?:if|when|unless|before|after|until|once)\s)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|no|never|nobody|none|nor|neither|without|cannot)\b|n't\b|[不没未非无莫勿]",
    re.IGNORECASE,
)
# So many of the words of a clause are in another that says something of the same.
_LEAST = 0.7


def common(one: str, other: str) -> int:
    """Count the words, numbers and, in Chinese, characters of one text that the other has."""
    same = len(_values(one) & _values(other))
    if language(one) == language(other):
        return same + len(_items(one) & _items(other))
    english, chinese = (other, one) if language(one) == "zh" else (one, other)
    return same + sum(bool(found_in(word, chinese)) for word in _told(english))


def share(one: str, other: str) -> float:
    """Give the share of the shorter one's words that the other has, from 0 to 1."""
    if language(one) == language(other):
        size = min(common(one, one), common(other, other))
    else:
        english, chinese = (other, one) if language(one) == "zh" else (one, other)
        # A word is two characters or more.
        size = min(len(_told(english)), (common(chinese, chinese) + 1) // 2)
    return min(1.0, common(one, other) / size) if size else 0.0


def of_one_thing(one: str, other: str) -> bool:
    """Tell whether most words of a clause stand in another."""
    if language(one) == language(other):
        return common(one, other) >= _LEAST * common(one, one)
    english = one if language(one) == "en" else other
    return common(one, other) >= _LEAST * len(_told(english))


def found_in(word: str, chinese: str) -> str:
    """Give what stands in a Chinese text for an English word; empty if nothing does."""
    for said in _meant(word):
        if said in chinese:
            return said
    pairs = sorted(filter(is_unspaced, set(words(chinese))))
    return next((pair for pair in pairs if word in _english(pair)), "")


def parts(text: str) -> Iterator[list[str]]:
    """Yield the clauses of each sentence, cut where another one begins."""
    for start, end in sentence_spans(text, 0, len(text)):
        yield [part for part in _CUT.split(text[start:end]) if part.strip()]


def is_denied(clause: str) -> bool:
    """Tell whether there is a "not" in a clause that another does not take back."""
    return len(_DENIED.findall(clause)) % 2 == 1


@lru_cache(4096)
def _meant(word: str) -> tuple[str, ...]:
    return tuple(sorted(translations(word), key=len, reverse=True))


@lru_cache(4096)
def _english(pair: str) -> frozenset[str]:
    return frozenset(stem(word) for word in translations(pair))


@lru_cache(1024)
def _told(english: str) -> frozenset[str]:
    """Give the words that tell what a text is about, whether it affirms or denies."""
    return frozenset(telling(_DENIED.sub(" ", english)))


@lru_cache(1024)
def _values(text: str) -> frozenset[float]:
    return frozenset(round(each.base, 6) for each in quantities(text))


@lru_cache(1024)
def _items(text: str) -> frozenset[str]:
    if language(text) == "zh":
        return frozenset(sign for sign in _HAN.findall(text) if sign not in _LIGHTER_HAN)
    told = words(_DENIED.sub(" ", text))
    return frozenset(stem(word) for word in told if word not in _LIGHT and not word.isdigit())
