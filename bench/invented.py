"""Faults that need more than the sentence: an opposite word, another's name, another's detail."""

import random
import re

from bifolio.retrieval import is_chinese

_OPPOSITES = (
    (r"\bmust\b", "need not"),
    (r"\bcan\b", "cannot"),
    (r"\bincreas(e|ed|es)\b", r"decreas\1"),
    (r"\bdecreas(e|ed|es)\b", r"increas\1"),
    (r"\bbefore\b", "after"),
    (r"\bafter\b", "before"),
    (r"\bmore than\b", "less than"),
    (r"\bless than\b", "more than"),
    (r"\bat least\b", "at most"),
    (r"\bat most\b", "at least"),
    (r"\ball\b", "none of"),
    (r"\balways\b", "never"),
    (r"\bnever\b", "always"),
    (r"\bhighest\b", "lowest"),
    (r"\blargest\b", "smallest"),
    (r"\bopens\b", "closes"),
    (r"\bbegins\b", "ends"),
    (r"\brose\b", "fell"),
    (r"\bfell\b", "rose"),
    ("必须", "不必"),
    ("应当", "不得"),
    ("不得", "可以"),
    ("增加", "减少"),
    ("减少", "增加"),
    ("上升", "下降"),
    ("提高", "降低"),
    ("之前", "之后"),
    ("之后", "之前"),
    ("超过", "低于"),
    ("至少", "至多"),
    ("以上", "以下"),
    ("最大", "最小"),
    ("最高", "最低"),
    ("开始", "结束"),
    ("所有", "少数"),
)
# A name within a sentence: capitals in English, Latin words and book titles in Chinese.
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-zA-Z]{2,}(?: [A-Z][a-zA-Z]+)*(?=[ ,.])")
_CHINESE_NAME = re.compile(
    r"《[^》]{2,12}》|(?<=[\u4e00-\u9fff])\s?[A-Z][A-Za-z]{2,}(?: [A-Z]\w+)*"
)
_DETAIL = re.compile(
    r" (?:for|with|by|from|because|without|using|through|during|near)"
    r" (?![\w ]*\b(?:it|them|this)\b)"
    r"[^,.;:()]{12,70}(?=\.\Z)"
)
_CHINESE_DETAIL = re.compile(
    r"(?<=[，；])(?!但|而|其|它|他|这|此|并|且|也)[^，；。:：]{8,30}(?=。\Z)"
)


def opposite(sentence: str, _: random.Random) -> str | None:
    """Put a word's opposite in its place."""
    for pattern, instead in _OPPOSITES:
        text = re.sub(pattern, instead, sentence, count=1)
        if text != sentence:
            return text
    return None


def other_name(sentence: str, passage: str, other: str, chance: random.Random) -> str | None:
    """Put a name of another passage's sentence in the place of one of the sentence."""
    pattern = _CHINESE_NAME if is_chinese(sentence) else _NAME
    mine = list(pattern.finditer(sentence))
    theirs = [one[0].strip() for one in pattern.finditer(other) if one[0].strip() not in passage]
    if not mine or not theirs:
        return None
    one = chance.choice(mine)
    return sentence[: one.start()] + chance.choice(theirs) + sentence[one.end() :]


def invented_detail(sentence: str, other: str) -> str | None:
    """Put the last detail of another passage's sentence behind the sentence."""
    if is_chinese(sentence):
        found = _CHINESE_DETAIL.search(other)
        return f"{sentence.rstrip('。')}，{found[0]}。" if found else None
    found = _DETAIL.search(other)
    return f"{sentence.rstrip('.')}{found[0]}." if found else None
