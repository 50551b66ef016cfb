"""A sentence against one of the other language that should say the same: what can be compared.

Words cannot; numbers, a "not", words that exclude each other and names in Latin letters can.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from string import ascii_letters
from typing import Literal

from bifolio.answers.alike import found_in, parts, share
from bifolio.answers.conditions import compared
from bifolio.answers.dates import clocks, days
from bifolio.answers.opposites import signs, without_signs
from bifolio.answers.quantities import TIME, Quantity, quantities
from bifolio.answers.turned import turned
from bifolio.retrieval.words import stem

Kind = Literal["number", "negation", "opposite", "name", "parties"]

_HAN = re.compile(r"[\u4e00-\u9fff]")
_NOT = re.compile(
    r"\b(?:not|no|never|cannot|neither|nor|none|nobody|nothing|nowhere|without)\b|n't\b"
    r"|[不无無未勿毋]|(?<![沉淹埋出吞])没(?![收落])|莫(?=要|能)|(?<=[并绝决而若])非"
    r"|(?<![分特区级个类性识辨差告])别(?![人的名])",
    re.IGNORECASE,
)
# Words with a "not" inside that deny nothing, or as much as the other language does without one.
_IDIOMS = re.compile(
    r"\bnot (?:only|just|to mention)\b|\bwhether or not\b|\bno\.? ?(?=\d)"
    r"|\b(?:no|not) (?:more|less|fewer|later|earlier|longer|higher|lower|greater) than\b"
    r"|\bno matter\b|\bnon-\w+|\bno doubt\b|\bno later\b|\bwhy not\b|\b(?:not|\w+n't) exceed\b"
    r"|([\u4e00-\u9fff])不\1|不仅|不但|不只|不光|不过(?!是)|不同|不断|不久|不少|不管|不论|无论|无关|非常|未来|非洲|是否|能否|不锈钢|不得不|无非|莫非"
    r"|除非|不错|不一(?!定)|无人机|未成年|不动产|不禁|不超过|不多于|不高于|不大于|不晚于|不少于|不低于|不小于|不早于|无线|不止"
    r"|无疑|不妨|毫无疑问|不透明|直言不讳|迫不及待|不得安宁|不置可否|不如|不凡|不来梅|易事|不满|不安|不必要|不已|不幸|不利|不良|无意|无辜|无限|无缝|无效|无数|不等于|非正式|非\w{1,4}(?=者|性|的)",
    re.IGNORECASE,
)
# Two that take each other back.
_TWICE = re.compile(
    r"\b(?:not|never|n't) (?:un|in|im|ir|il)(?=[a-z]{3,})|\bnever without\b|\bnot without\b"
    r"|并?[非不无没](?:是|有|会)?不(?=[可会能是少无])|不无|无不|没有.{1,4}不(?!同)",
    re.IGNORECASE,
)
# What denies in its own way: beside one of them a missing "not" proves nothing.
_DENIALS = re.compile(
    r"forbid|prohibit|\bban(?:s|ned)?\b|refus|reject|\bden[yi]|\bfail|lack|exclud|except|unless"
    r"|hardl|rarel|seldom|barel|\bfew\b|\blittle\b|imposs"
    r"|\bun(?!der|til|ion|iq|it|iver)[a-z]{4}"
    r"|\bdis(?:abl|agree|allow|appear|approv|card|connect|continu|courag|credit|engag|honest|lik"
    r"|mount|obey|own|qualif|regard|satisf|solv|trust|us)"
    r"|\bin(?:valid|eligib|complet|correct|suffic|activ|abil|capab|adequ|visib|access|depend|direct"
    r"|evit|compat|consist)|\bim(?:prop|perfect|matur|possib)|\bir(?:regul|relev|respons|revers)"
    r"|\bil(?:legal|logic)|less\b|free\b|avoid|prevent|\bstop|ceas|cancel|clos|absen|missing|only"
    r"|\bother|than\b|\bhalf|instead|without|away|\bnon-|ignor|regardless|opaque|hide|hidden"
    r"|overwhelm|remov|\boff\b|\bwrong|until|before|keep from|\btoo\b|far from|beyond|\bout of\b"
    r"|end of|void|exempt|empty|drop|los[ets]|suboptim|despite|although|miss"
    r"|[禁拒免缺仅只失否避绝难]|停止|关闭|反对|违反|除外|减少|缺少|而是|取消|忽略|不足|隐藏",
    re.IGNORECASE,
)
# Small numbers that count nothing: "one of them", 一些, 第二天.
_CHINESE_WORDS = re.compile(
    r"统一|唯一|一[些样般定直起切律旦致方同并经概进边面系种个名位家项下点来向再度]|[同之万逐每任单]一|第一时间|百分|十分|万能"
    r"|千万(?!元|人)|[三两双]方|两[者边侧国]|(?:星期|周|礼拜)[一二三四五六日]|上?周[一二三四五六日]|第[一二三四五六七八九十]次?"
    r"|[一二三四五六七八九十]{1,3}月|四处|四周|四面|三明治|六月|百姓|千瓦|百货|万一|二手|二者|五金|九牛|半[天数]|大半|一半"
    r"|成千上万|红十字|三者|五颜六色|数[十百千万亿]|[几多][十百千万亿]|[十百千万]多|双"
)

_COUNTS = re.compile(r"\s?[A-Za-z\u4e00-\u9fff]")
_WHOLE = re.compile(r"[A-Za-z]+")
_MUST = re.compile(r"\bmust\b|\bshall\b|必须|务必", re.IGNORECASE)
# Another side of these beside a "not" says the same: "not uncommon".
_TURNED_BACK = frozenset({"rate", "chance", "order"})
_BEGIN = 4
_HALF = 0.5
# So much of a claim stands in the clause that it is about, and half as much in any other.
_PLAIN = 0.7
# Points of the compass are in names: 东部时间, West Virginia.
_NAMES = ("east", "north")
_LATIN = re.compile(
    r"(?:(?<=[a-z,;:)(] )|(?<=[\u4e00-\u9fff“（，、])|(?<=[\u4e00-\u9fff“（，、] )|(?<=[A-Z][a-z] )"
    r"|(?<=[a-z] ))(?!I )[A-Z][A-Za-z]{2,}(?![A-Za-z])"
)


@dataclass(frozen=True, slots=True)
class Otherwise:
    """What a claim has that its counterpart has not; ``stated`` is the counterpart."""

    kind: Kind
    claimed: str
    stated: str


def otherwise(claim: str, stated: str, known: str) -> Otherwise | None:
    """Compare a claim with the sentence that comes nearest to it, and with all that is known."""
    claim, stated, known = (_usual(text) for text in (claim, stated, known))
    there = quantities(known)
    for number in numbers(claim):
        if not any(number.says(one) or _may_be(number, one, known) for one in there):
            return Otherwise("number", claim[number.start : number.end].strip(), stated)
    condition = compared(claim, stated)
    if condition is not None:
        return None if condition else Otherwise("opposite", claim, stated)
    stated = _clause(claim, stated)
    if denied(claim, stated) or denied(stated, claim):
        return Otherwise("negation", claim, stated)
    turn = turned(claim, stated)
    if turn and not turn.agrees:
        return Otherwise(turn.code, claim, turn.stated)
    if not (turn and turn.other_words) and excluded(claim, stated):
        return Otherwise("opposite", claim, stated)
    if name := strange(claim, stated, known):
        return Otherwise("name", name, stated)
    return None


def _may_be(number: Quantity, other: Quantity, known: str) -> bool:
    """Tell whether both are one number, but for a unit that only one of them has, or that differs.

    The units of time are known in both languages, so "three days" are neither 三次 nor 三个月.
    """
    if number.measure not in TIME:
        return number.equals(other)
    counts = other.measure or _COUNTS.match(known, other.end)
    return number.equals(other) and not counts


def _clause(claim: str, stated: str) -> str:
    """Give the clause that a claim of one clause is about, the whole if that is not plain."""
    mine = [clause for some in parts(claim) for clause in some]
    theirs = [clause for some in parts(stated) for clause in some]
    if len(mine) != 1 or len(theirs) < 2:
        return stated
    shares = [share(claim, clause) for clause in theirs]
    first, second = sorted(shares, reverse=True)[:2]
    return theirs[shares.index(first)] if first >= _PLAIN and second <= first / 2 else stated


def numbers(text: str) -> Iterator[Quantity]:
    """Yield the numbers that count something; dates and times are compared elsewhere."""
    idle = [found.span() for found in _CHINESE_WORDS.finditer(text)]
    idle += [(one.start, one.end) for one in days(text)]
    idle += [(one.start, one.end) for one in clocks(text)]
    for number in quantities(text):
        is_share = 0 < number.value < 1 and number.value != _HALF
        counts = number.value > (1 if number.digits else 2) or is_share
        if counts and not any(start <= number.start < end for start, end in idle):
            yield number


def denied(one: str, other: str) -> bool:
    """Tell whether one of them has a "not" more, and the other nothing in its place."""
    mine, theirs = (_IDIOMS.sub(" ", _TWICE.sub(" ", text)) for text in (one, other))
    if not _NOT.search(mine) or _NOT.search(theirs):
        return False
    return all(_has_its_like(found, theirs, mine) for found in _DENIALS.finditer(theirs))


def _has_its_like(denial: re.Match[str], text: str, other: str) -> bool:
    """Tell whether what denies in a text is in the other too, so that it makes up for no "not"."""
    if denial[0].isascii():
        whole = _WHOLE.match(text, len(text[: denial.start()].rstrip(ascii_letters)))
        like = found_in(stem(whole[0].lower()), other) if whole else ""
        # 无薪 is what "unpaid" denies by.
        return bool(like) and not _NOT.search(like)
    near = text[max(0, denial.start() - 1) : denial.end() + 1]
    return any(found_in(stem(word.lower()), near) for word in _WHOLE.findall(other))


def excluded(claim: str, stated: str) -> bool:
    """Tell whether both have a word of one kind, and all of them exclude each other."""
    mine, theirs = signs(claim), signs(stated)
    for kind in {one.kind for one in mine} & {one.kind for one in theirs}:
        pairs = [(a, b) for a in mine for b in theirs if a.kind == b.kind == kind]
        if kind in _NAMES:
            continue
        if kind == "duty":
            pairs = [pair for pair in pairs if "not" not in (pair[0].side, pair[1].side)]
            if len(pairs) != 1 or not (_MUST.search(claim) or _MUST.search(stated)):
                continue
        turned_back = kind in _TURNED_BACK and _outside(claim) != _outside(stated)
        if all(a.excludes(b) for a, b in pairs) and not turned_back:
            return True
    return False


def _outside(text: str) -> bool:
    """Tell whether there is a "not" beside the words that exclude each other."""
    return bool(_NOT.search(_IDIOMS.sub(" ", without_signs(text))))


def strange(claim: str, stated: str, known: str) -> str:
    """Give a name in Latin letters that nothing known has, where another stands in its place.

    Chinese text spells out names of its own accord: one that it writes in Latin letters has to be
    in the English; one of the English text only where the Chinese has others.
    """
    plain = known.casefold()
    mine = [one[0] for one in _LATIN.finditer(claim) if one[0].casefold()[:_BEGIN] not in plain]
    if not mine or _HAN.search(claim):
        return "" if not mine or _initials(mine[0], known) else mine[0]
    said = claim.casefold()
    theirs = [one[0] for one in _LATIN.finditer(stated)]
    return mine[-1] if any(one.casefold()[:_BEGIN] not in said for one in theirs) else ""


def _usual(text: str) -> str:
    """Give full-width signs their usual width, and curly apostrophes their straight form."""
    return unicodedata.normalize("NFKC", text).replace("’", "'")


def _initials(name: str, known: str) -> bool:
    letters = (re.findall(r"\b([A-Z])", known), re.findall(r"\b([A-Za-z])", known))
    return name.isupper() and any(name in "".join(some).upper() for some in letters)
