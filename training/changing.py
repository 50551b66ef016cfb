"""Small changes of a sentence and its translation that make each say something else.

Each gives both texts changed alike, or one as it was where the change cannot be made there. What is
changed on one side is false of the other; changed on both it is true again, so that no trace of the
change itself tells.
"""

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bifolio.retrieval.words import words

Pairs = list[tuple[str, str]]  # English and Chinese words that translate each other

_OPPOSITES = Path(__file__).with_name("opposites.tsv")
_BETWEEN = 3  # words between two that change places, at least: "A and B" says what "B and A" says
_MARK, _OTHER_MARK = "\u0001", "\u0002"
_ENGLISH_NOT = (
    (r"\b(is|are|was|were|can|will|must|may|should|would|could)(?= [a-z])(?! not)", r"\1 not"),
    (r"\b(do|does|did) not (?=[a-z])", ""),
    (r"\b(is|are|was|were|can|will|must|should|would|could) not\b", r"\1"),
    (r"\bcannot\b", "can"),
    (r"\b(is|are|was|were|do|does|did|would|could|should|have|has)n't\b", r"\1"),
    (r"\b(can|wo)n?'t\b", "will"),
    (r"\bdon't\b", "do"),
    (r"\bI'm\b", "I am not"),
)
_CHINESE_NOT = (
    (
        r"(?<![不没])(是|能够|能|会|可以|可|需要|应该|应|必须|支持|包含|允许|使用)(?!否|不)",
        r"不\1",
    ),
    (r"不(?=[是能会可需应支包允使])", ""),
    (r"没有", "有"),
    (r"无法", "可以"),
    (r"(?<!没)有(?=[\u4e00-\u9fff])", "没有"),
)
_NOT = re.compile(r"\bnot\b|n't\b|cannot|[不没无未]")


@dataclass(frozen=True, slots=True)
class Both:
    """What is said in both languages."""

    en: str
    zh: str


def swapped(both: Both, aligned: Pairs, chance: random.Random) -> Both | None:
    """Let two words change places."""
    for _ in range(6 if len(aligned) > 1 else 0):
        (first, one), (second, other) = chance.sample(aligned, 2)
        if first.isdigit() != second.isdigit() or _overlap(first, second) or _overlap(one, other):
            continue
        begin, end = sorted((both.en.find(first), both.en.find(second)))
        if len(words(both.en[begin:end])) >= _BETWEEN:
            return Both(_swap(both.en, first, second), _swap(both.zh, one, other))
    return None


def replaced(both: Both, word: tuple[str, str], other: tuple[str, str]) -> Both:
    """Put another word in a word's place."""
    return Both(put(both.en, word[0], other[0]), put(both.zh, word[1], other[1]))


def opposed(both: Both, chance: random.Random) -> Both | None:
    """Put a word's opposite in its place; in the Chinese only where it is told by the same word."""
    rows = [line.split("\t") for line in _OPPOSITES.read_text(encoding="utf-8").splitlines()]
    found = [
        row
        for row in [*rows, *([b, a, y, x] for a, b, x, y in rows)]
        if re.search(rf"\b{row[0]}\b", both.en)
    ]
    if not found:
        return None
    word, opposite, chinese, other = chance.choice(found)
    english = re.sub(rf"\b{word}\b", opposite, both.en, count=1)
    if both.zh.count(chinese) == 1:
        return Both(english, both.zh.replace(chinese, other))
    return Both(english, both.zh)


def denied(both: Both, chance: random.Random) -> Both | None:
    """Add a "not", or take one away; in both languages only where both gain or both lose one."""
    english, chinese = _deny(both.en, _ENGLISH_NOT, chance), _deny(both.zh, _CHINESE_NOT, chance)
    if english == both.en:
        return None
    if _gains(both.en, english) != _gains(both.zh, chinese):
        chinese = both.zh
    return Both(english, chinese)


def renumbered(both: Both, chance: random.Random) -> Both | None:
    """Change a digit of a number that stands in both."""
    numbers = [
        number
        for number in re.findall(r"(?<![\w.,])\d+(?:\.\d+)*(?!\w)", both.en)
        if both.zh.count(number) == 1 and both.en.count(number) == 1
    ]
    if not numbers:
        return None
    number = chance.choice(numbers)
    place = chance.choice([at for at, sign in enumerate(number) if sign.isdigit()])
    digit = chance.choice([digit for digit in "123456789" if digit != number[place]])
    other = number[:place] + digit + number[place + 1 :]
    return Both(put(both.en, number, other), both.zh.replace(number, other))


def put(text: str, word: str, other: str) -> str:
    """Put ``other`` where the word first stands; a Latin one only where it stands whole."""
    if word.isascii():
        whole = rf"(?<!\w){re.escape(word)}(?!\w)"
        return re.sub(whole, lambda _: other, text, count=1)
    return text.replace(word, other, 1)


def _swap(text: str, first: str, second: str) -> str:
    marked = put(put(text, first, _MARK), second, _OTHER_MARK)
    return marked.replace(_MARK, second).replace(_OTHER_MARK, first)


def _overlap(one: str, other: str) -> bool:
    return one in other or other in one


def _deny(text: str, rules: Iterable[tuple[str, str]], chance: random.Random) -> str:
    fitting = [(pattern, instead) for pattern, instead in rules if re.search(pattern, text)]
    if not fitting:
        return text
    pattern, instead = chance.choice(fitting)
    return re.sub(pattern, instead, text, count=1)


def _gains(before: str, after: str) -> int:
    """Say whether "not"s were gained (1), lost (-1) or neither."""
    difference = len(_NOT.findall(after)) - len(_NOT.findall(before))
    return (difference > 0) - (difference < 0)
