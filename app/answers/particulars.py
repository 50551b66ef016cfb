"""Particulars that a sentence repeats wrongly: per what, from when to when, by whom, which way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from bifolio.answers.alike import common
from bifolio.answers.clauses import REASON, Clause, clauses
from bifolio.answers.dates import clocks, days
from bifolio.answers.quantities import UNIT_NAMES, Quantity, quantities
from bifolio.retrieval.words import stem

_PER = re.compile(
    r"\s*(?:(?P<noun>[a-z]+)\s+)?(?P<how>per|an?|each|every)\s+(?P<per>[a-z]{3,})\b", re.IGNORECASE
)
# Characters between the two numbers of a change, and before either.
_MOST_BETWEEN, _BEFORE = 30, 16
_TO = re.compile(r"\s*(?:to|till|until|through|and|[-–—~]|[至到])\s*", re.IGNORECASE)
_AT_WHOSE = re.compile(
    r"\bat\s+(?:the\s+|an?\s+)?(?P<who>[a-z]+)(?:'s|s')\s+(?:own\s+)?"
    r"(?P<what>cost|expense|risk|request|discretion)\b",
    re.IGNORECASE,
)
_FROM = re.compile(r"(?:\bfrom|从|由)\s*(?:[€$£¥￥]\s?)?\Z", re.IGNORECASE)
_UP_TO = re.compile(r"(?:\bto|[到至])\s*(?:about|around|约)?\s*(?:[€$£¥￥]\s?)?\Z", re.IGNORECASE)
_ALTHOUGH = re.compile(
    r"\b(?:although|though|despite|in spite of)\s+(?P<en>[^,.;]+)"
    r"|(?:虽然|尽管)(?P<zh>[^,，.。;；]+)",
    re.IGNORECASE,
)
# 由市财政承担: who does what.
_BY_WHOM = re.compile(
    r"由(?P<who>[\u4e00-\u9fff]{2,10}?)(?:(?:按|自行|统一|负责|直接|全额|共同)[\u4e00-\u9fff]{0,8}?)?"
    r"(?P<verb>承担|承建|赔偿|支付|批准|审批|审核|签字|签发|保管|提供|组织|管理|设计|出资|缴纳|执行|检查|办理|主持"
    r"|任命|选举|决定|制定|发放|接收|运营|维护|负责)"
)


@dataclass(frozen=True, slots=True)
class Particular:
    """What a claim says, and what the passage says in its place."""

    kind: Literal["unit", "date", "opposite", "number"]
    claimed: str
    stated: str


def particular(claim: str, passage: str) -> Particular | None:
    """Find a particular of the claim that the passage has otherwise."""
    tests = (
        _other_rate,
        _turned,
        _other_owner,
        _other_agent,
        _other_way,
        _other_end,
        _other_cause,
        _without_fold,
    )
    return next(filter(None, (test(claim, passage) for test in tests)), None)


@dataclass(frozen=True, slots=True)
class _Rate:
    number: Quantity
    noun: str
    per: str
    written: str


def _rates(text: str) -> Iterator[_Rate]:
    for number in quantities(text):
        found = _PER.match(text, number.end)
        # "Four boats a captain has" is none.
        if found and (found["how"].lower() == "per" or found["per"].lower() in UNIT_NAMES):
            noun, per = (stem((found[name] or "").lower()) for name in ("noun", "per"))
            yield _Rate(number, noun, per, text[number.start : found.end()])


def _other_rate(claim: str, passage: str) -> Particular | None:
    """Find the passage's number of the same things per something else."""
    stated = list(_rates(passage))
    for mine in _rates(claim):
        same = [one for one in stated if one.noun == mine.noun and one.number.says(mine.number)]
        if same and all(one.per != mine.per for one in same):
            return Particular("unit", mine.written, same[0].written)
    return None


def _turned(claim: str, passage: str) -> Particular | None:
    """Find a span of time that the passage has the other way round."""
    stated = dict(_spans(passage))
    for (begin, end), written in _spans(claim):
        turned = stated.get((end, begin))
        if turned and begin != end and (begin, end) not in stated:
            return Particular("date", written, turned)
    return None


def _spans(text: str) -> Iterator[tuple[tuple[object, object], str]]:
    """Yield the ends of spans of dates, and of times of day, with their words."""
    dates = [((one.month, one.day), one.start, one.end) for one in days(text) if not one.swapped]
    times = [(one.minutes, one.start, one.end) for one in clocks(text)]
    for moments in (dates, times):
        for (one, start, between), (two, other, end) in pairwise(moments):
            if _TO.fullmatch(text[between:other]):
                yield (one, two), text[start:end]


def _other_owner(claim: str, passage: str) -> Particular | None:
    """Find at whose cost or risk something is in the passage."""
    for mine in _AT_WHOSE.finditer(claim):
        same = [one for one in _AT_WHOSE.finditer(passage) if _same(one, mine, "what")]
        if same and not any(_same(one, mine, "who") for one in same):
            return Particular("opposite", mine[0], same[0][0])
    return None


def _same(one: re.Match[str], other: re.Match[str], name: str) -> bool:
    return stem(one[name].lower()) == stem(other[name].lower())


def _other_agent(claim: str, passage: str) -> Particular | None:
    """Find who does something in the passage, where the claim names another one of its parties."""
    for mine in _BY_WHOM.finditer(claim):
        same = [one for one in _BY_WHOM.finditer(passage) if one["verb"] == mine["verb"]]
        alike = any(mine["who"] in one["who"] or one["who"] in mine["who"] for one in same)
        if same and not alike and mine["who"] in passage:
            return Particular("opposite", mine[0], same[0][0])
    return None


def _other_way(claim: str, passage: str) -> Particular | None:
    """Find that something changed by so much, but the other way."""
    stated = [one for one in clauses(passage) if _changes(one)]
    for mine in filter(_changes, clauses(claim)):
        amounts = {value.value for value in mine.values if value.kind == "percent"}
        same = [one for one in stated if amounts & {value.value for value in one.values}]
        if same and not any(_changes(one) & _changes(mine) for one in same):
            return Particular("opposite", mine.text, same[0].text)
    return None


def _changes(clause: Clause) -> frozenset[str]:
    return frozenset(sign.side for sign in clause.signs if sign.kind == "change")


def _other_end(claim: str, passage: str) -> Particular | None:
    """Find that something changed to a number from which it changed in the passage."""
    changes = list(_from_to(passage))
    for begin, end in _from_to(claim):
        back = any(begin.says(two) and end.says(one) for one, two in changes)
        if back and not any(begin.says(one) and end.says(two) for one, two in changes):
            return Particular("number", claim[begin.start : end.end], "")
    mine = quantities(claim)
    for number in mine:
        came_from = any(_FROM.search(_before(claim, one)) for one in mine)
        if came_from or not _UP_TO.search(_before(claim, number)):
            continue
        for begin, end in changes:
            if number.says(begin) and not any(number.says(other) for _, other in changes):
                return Particular(
                    "number", claim[number.start : number.end], passage[end.start : end.end]
                )
    return None


def _from_to(text: str) -> Iterator[tuple[Quantity, Quantity]]:
    """Yield the numbers from which and to which something changed."""
    for one, two in pairwise(quantities(text)):
        between = text[one.end : two.start]
        is_one = len(between) < _MOST_BETWEEN and not re.search(r"[.;。；]", between)
        if is_one and _FROM.search(_before(text, one)) and _UP_TO.search(_before(text, two)):
            # "From 131,000 to 152,000 euros" has the unit of both behind.
            scale = two.base / two.value if two.value and not one.measure else 0
            unit = replace(one, measure=two.measure, base=one.value * scale) if scale else one
            yield unit, two


def _without_fold(claim: str, passage: str) -> Particular | None:
    """Find that a claim leaves out "twice", or how many times, of a clause that it repeats."""
    folds = [one for one in quantities(claim) if one.measure == "fold"]
    for clause in [] if folds else clauses(passage):
        there = [one for one in quantities(clause.text) if one.measure == "fold"]
        if len(there) == 1 and clause.words:
            written = clause.text[there[0].start : there[0].end]
            rest = clause.text.replace(written, "")
            if common(rest, rest) == common(rest, claim) and common(claim, rest) == common(
                claim, claim
            ):
                return Particular("number", claim, written)
    return None


def _before(text: str, number: Quantity) -> str:
    return text[max(0, number.start - _BEFORE) : number.start]


def _other_cause(claim: str, passage: str) -> Particular | None:
    """Find that the claim's reason is what the passage says is none: "although"."""
    for mine in REASON.finditer(claim):
        why = mine["en"] or mine["zh"]
        size = common(why, why)
        told = [one["en"] or one["zh"] for one in REASON.finditer(passage)]
        for one in _ALTHOUGH.finditer(passage):
            in_spite = common(why, one["en"] or one["zh"])
            if 0 < size == in_spite and not any(common(why, other) == size for other in told):
                return Particular("opposite", mine[0], one[0])
    return None
