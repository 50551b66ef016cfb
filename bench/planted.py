"""Sentences planted by rule: false ones, each with its fault, and true ones, reworded."""

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from invented import invented_detail, opposite, other_name

from bifolio.retrieval import is_chinese, language

Rule = Callable[[str, random.Random], str | None]
_AUXILIARY = r"\b(is|are|was|were|can|will|must|may|should|has|have|could|would)\b"
_MONTHS_WORDS = (
    "January February March April May June July August September October November December"
)
_MONTHS = _MONTHS_WORDS.split()
_DAYS_WORDS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_DAYS = _DAYS_WORDS.split()
_DIGITS = "一二三四五六七八九"
_UNITS = (
    ("kg", "tonnes"),
    ("km", "m"),
    ("metres", "kilometres"),
    ("minutes", "hours"),
    ("hours", "days"),
    ("days", "weeks"),
    ("euros", "dollars"),
    ("litres", "tonnes"),
    ("%", " kg"),
    ("公斤", "吨"),
    ("分钟", "小时"),
    ("小时", "天"),
    ("元", "美元"),
    ("米", "公里"),
)
_ROLES_WORDS = (
    "甲方 乙方 员工 公司 经理 主管 用户 系统 管理员 船长 船员 乘客 父亲 母亲 学生 老师 客户 供应商 "
    "模型 数据集 国王 皇帝 政府 军队"
)
_ROLES = _ROLES_WORDS.split()
_SMALL_WORDS = "two three four five six seven eight nine ten"
_SMALL = _SMALL_WORDS.split()


@dataclass(frozen=True, slots=True)
class Planted:
    """A sentence beside a passage; ``kind`` is its fault, or how it was reworded."""

    text: str
    passage: str
    kind: str
    true: bool

    @property
    def language(self) -> str:
        """``zh`` or ``en``; ``zh<en`` is a Chinese sentence beside an English passage."""
        mine, theirs = language(self.text), language(self.passage)
        return mine if mine == theirs else f"{mine}<{theirs}"


def planted(sentence: str, passage: str, other: str, chance: random.Random) -> Iterator[Planted]:
    """Plant in one sentence of a passage whatever the rules can; ``other`` is of another one."""
    yield Planted(other, passage, "other passage", true=False)
    yield from faults(sentence, passage, other, chance)
    yield Planted(sentence, passage, "quote", true=True)
    for kind, rule in TRUE.items():
        text = rule(sentence, chance)
        if text and text != sentence:
            yield Planted(text, passage, kind, true=True)


def faults(sentence: str, passage: str, other: str, chance: random.Random) -> Iterator[Planted]:
    """Make a sentence false in every way that its words allow."""
    made = {kind: rule(sentence, chance) for kind, rule in FALSE.items()}
    made["opposite"] = opposite(sentence, chance)
    made["other name"] = other_name(sentence, passage, other, chance)
    made["invented detail"] = invented_detail(sentence, other)
    for kind, text in made.items():
        if text and text != sentence and _flat(text) not in _flat(passage):
            yield Planted(text, passage, kind, true=False)


def _flat(text: str) -> str:
    return re.sub(r"\W", "", text.lower())


def _number(sentence: str, chance: random.Random) -> str | None:
    found = [*re.finditer(r"(?<![\w.,-])\d+(?:[.,]\d+)*(?![\w-]*[a-z]\w*\d)", sentence, re.ASCII)]
    found = [
        one for one in found if not re.match(r"[年月日号点:：]|st|nd|th", sentence[one.end() :])
    ]
    if not found:
        return _chinese_number(sentence, chance)
    one = chance.choice(found)
    place = chance.choice([at for at, sign in enumerate(one[0]) if sign.isdigit()])
    digit = chance.choice([d for d in "123456789" if d != one[0][place]])
    return (
        sentence[: one.start()]
        + one[0][:place]
        + digit
        + one[0][place + 1 :]
        + sentence[one.end() :]
    )


def _chinese_number(sentence: str, chance: random.Random) -> str | None:
    found = re.search(rf"([{_DIGITS}])(?=[十百千万]|[个名天年元人次种条座岁](?!月))", sentence)
    if not found or found[1] == "一":
        return None
    digit = chance.choice([d for d in _DIGITS[1:] if d != found[1]])
    return sentence[: found.start()] + digit + sentence[found.end() :]


def _unit(sentence: str, _: random.Random) -> str | None:
    for one, other in _UNITS:
        edge = r"\b" if one.isascii() and one.isalpha() else ""
        text = re.sub(rf"(\d\s?){re.escape(one)}{edge}", rf"\g<1>{other}", sentence, count=1)
        if text != sentence:
            return text
    return None


def _not_lost(sentence: str, _: random.Random) -> str | None:
    for pattern, instead in (
        (r"\bwon['’]t\b", "will"),
        (r"\bcan['’]t\b", "can"),
        (r"(?<=\w)n['’]t\b", ""),
        (r"\bcannot\b", "can"),
        (r" (?:not|never)(?= \w)(?! only)", ""),
        (r"\b[Nn]o (?=[a-z]+ )(?!longer|more|less)", ""),
        (r"\bwithout\b", "with"),
        (r"不(?=能|得|会|是|可|应|需|要)(?!得不)", ""),
        (r"没有(?=[\u4e00-\u9fff])", "有"),
        (r"无法", "可以"),
        (r"未(?=[^来成])", "已"),
    ):
        text = re.sub(pattern, instead, sentence, count=1)
        if text != sentence:
            return text
    return None


def _not_added(sentence: str, _: random.Random) -> str | None:
    if re.search(r"\b(?:not|no|never|cannot)\b|n['’]t|[不没无未非]", sentence):
        return None
    if is_chinese(sentence):
        text = re.sub(
            r"(?<![可但只还就总像也若])(是|能够|会|可以|需要|应当|必须)(?!否)",
            r"不\1",
            sentence,
            count=1,
        )
    else:
        text = re.sub(_AUXILIARY + r"(?= \w)", r"\1 not", sentence, count=1)
    return text if text != sentence else None


def _parties(sentence: str, _: random.Random) -> str | None:
    if is_chinese(sentence):
        names = [name for name in _ROLES if sentence.count(name) == 1]
        names += re.findall(r"《[^》]+》|“[^”]{2,8}”|[A-Z][A-Za-z]+", sentence)
        names.sort(key=sentence.find)
        # Latin words side by side are one name.
        joint = r"[和与及、或，；]*|[^\u4e00-\u9fff]*|.?"
    else:
        names = re.findall(r"(?<=[a-z,] )[A-Z][a-z]{2,}(?: [A-Z][a-z]+)*", sentence)
        names += re.findall(r"\b[Tt]he ([a-z]{4,})(?= )", sentence)
        names.sort(key=sentence.find)
        joint = r"(?:,|and|or|the|of|\s)*"
    for one, other in pairwise(names):
        if one in other or other in one or sentence.count(one) != 1 or sentence.count(other) != 1:
            continue
        between = sentence[sentence.find(one) + len(one) : sentence.find(other)]
        if re.search(r"[,;，；.]", between) or re.fullmatch(joint, between) or len(between) > 60:
            continue
        return sentence.replace(one, "\0").replace(other, one).replace("\0", other)
    return None


def _date(sentence: str, chance: random.Random) -> str | None:
    for names in (_MONTHS, _DAYS):
        for found in re.finditer(r"\b(" + "|".join(names) + r")\b", sentence):
            return _put(sentence, found, chance.choice([n for n in names if n != found[1]]))
    for pattern, choices in (
        (r"(\d{1,2})(?=月)", range(1, 13)),
        (r"(\d{1,2})(?=日)", range(1, 29)),
        (r"\b(1[89]\d\d|20\d\d)(?=\b|年)", range(1900, 2020)),
        (r"\b(\d{1,2})(?=[:：]\d\d)", range(6, 23)),
        (r"(?<=[星期周])([一二三四五六])(?![个种年])", _DIGITS[:6]),
    ):
        if part := re.search(pattern, sentence, re.ASCII):
            others = [str(one) for one in choices if str(one) != part[1].lstrip("0")]
            return _put(sentence, part, chance.choice(others))
    return None


def _put(sentence: str, found: re.Match[str], instead: str) -> str:
    return sentence[: found.start(1)] + instead + sentence[found.end(1) :]


def _synonyms(sentence: str, _: random.Random) -> str | None:
    text = sentence
    for one, other in (
        (r"\bmust\b", "has to"),
        (r"\bbut\b", "yet"),
        (r"\balso\b", "in addition"),
        (r"\bbecause\b", "since"),
        (r"\bmany\b", "a lot of"),
        (r"\bshow", "display"),
        (r"\bbegan\b", "started"),
        (r"\bbig\b", "large"),
        (r"\bhelp\b", "assist"),
        (r"\bcan\b", "is able to"),
        (r"必须", "须"),
        (r"可以", "可"),
        (r"但是", "不过"),
        (r"因为", "由于"),
        (r"不能", "无法"),
        (r"如果", "若"),
        (r"例如", "比如"),
        (r"以及", "和"),
        (r"主要", ""),
    ):
        text = re.sub(one, other, text)
    return text


def _spelt(sentence: str, _: random.Random) -> str | None:
    """Write small numbers as words, and the other way round."""
    text = re.sub(
        r"(?<![\w.,:/-])(\d{1,2})(?= [a-z])",
        lambda found: _SMALL[int(found[1]) - 2] if 2 <= int(found[1]) <= 10 else found[1],
        sentence,
    )
    text = (
        re.sub(
            r"\b(" + "|".join(_SMALL) + r")\b(?= [a-z])",
            lambda f: str(_SMALL.index(f[1]) + 2),
            text,
        )
        if text == sentence
        else text
    )
    text = re.sub(r"(\d+(?:\.\d+)?)\s?%", r"\1 percent", text)
    if is_chinese(sentence):
        text = re.sub(
            r"(?<!\d)(\d)(?=[个名天人次种条])",
            lambda found: f"零{_DIGITS}"[int(found[1])],
            sentence,
        )
        text = re.sub(r"(?<![\d.])(\d{1,2})\s?%", r"百分之\1", text)
    return text


def _framed(sentence: str, _: random.Random) -> str | None:
    if is_chinese(sentence):
        return f"根据文档，{sentence}"
    return f"According to the documents, {sentence[0].lower()}{sentence[1:]}"


def _clause(sentence: str, _: random.Random) -> str | None:
    """Keep the first clause only, where it is one."""
    first = re.split(r"[,;，；](?!\d)", sentence, maxsplit=1)[0]
    enough = len(first) >= (8 if is_chinese(sentence) else 30)
    return first + ("。" if is_chinese(sentence) else ".") if enough and first != sentence else None


def _turned(sentence: str, _: random.Random) -> str | None:
    """Put the clause with "when" or "if" at the other end."""
    found = re.match(r"((?:When|If|After|Before|While) [^,]+), ([^,]+)[.]\Z", sentence)
    if found:
        return f"{found[2][0].upper()}{found[2][1:]} {found[1][0].lower()}{found[1][1:]}."
    found = re.match(r"([^,]+) ((?:when|if|after|before|while) [^,]+)[.]\Z", sentence)
    if found:
        return f"{found[2][0].upper()}{found[2][1:]}, {found[1][0].lower()}{found[1][1:]}."
    return None


FALSE: dict[str, Rule] = {
    "number": _number,
    "unit": _unit,
    "not lost": _not_lost,
    "not added": _not_added,
    "parties": _parties,
    "date": _date,
}
TRUE: dict[str, Rule] = {
    "synonyms": _synonyms,
    "spelt": _spelt,
    "framed": _framed,
    "first clause": _clause,
    "turned": _turned,
}
