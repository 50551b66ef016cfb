"""Two texts with the same parties, the same way or the other way round.

Four shapes are read, in English and Chinese alike: a comparison ("A is larger than B", A 比 B 大),
a way ("from A to B", 从 A 到 B), a cause ("A because of B", 由于 B，A), and what one does to
another (``doing``). What has none of them is not judged.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Literal

from bifolio.answers.alike import common, is_denied, parts, share
from bifolio.answers.doing import Pair, Turn, doings
from bifolio.ingest.sentences import sentence_spans
from bifolio.retrieval import language
from bifolio.retrieval.words import stem

# What is compared, what is more of it, what less; "" goes with any other.
_SCALES: tuple[tuple[str, str, str], ...] = (
    (
        "",
        r"more|larger|bigger|greater|higher|longer|taller|wider|deeper|thicker|heavier|exceeds?",
        r"less|fewer|smaller|lower|shorter|narrower|shallower|thinner|lighter",
    ),
    ("", "[大高长多宽深厚重]", "[小低短少窄浅薄轻矮]"),
    ("age", r"older|elder|年长|老|旧", r"younger|newer|年轻|年幼|新"),
    ("speed", r"faster|quicker|快", r"slower|慢"),
    ("power", r"stronger|强", r"weaker|弱"),
    ("worth", r"better|[好优]", r"worse|[差劣坏]"),
    ("price", r"dearer|expensive|costlier|贵", r"cheaper|便宜|廉"),
    ("time", r"later|[晚迟]", r"earlier|sooner|早"),
    ("heat", r"hotter|warmer|[热暖]", r"colder|cooler|[冷凉]"),
)
_EITHER = "|".join(f"{more}|{less}" for _, more, less in _SCALES)
_ENGLISH_THAN = re.compile(
    rf"(?P<head>.*?)\b(?P<how>(?:{_EITHER})\b|[a-z]{{3,}}er(?=\sthan))(?P<mid>.{{0,40}}?)"
    r"\sthan\s(?P<than>.+)",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE_THAN = re.compile(
    rf"(?P<head>[^比]*)比(?P<than>[^比]{{1,24}}?)(?P<mid>)(?:更|还|要|都|来得)*"
    rf"(?P<how>{_EITHER}|[\u4e00-\u9fff]\Z)"
)
_CHINESE_OVER = re.compile(
    r"(?P<head>.*?)(?P<mid>)(?P<how>[大高长多早晚快慢强弱优劣小低短少贵])于(?P<than>.+)"
)
_WAYS = (
    re.compile(r"\bfrom\s+(?P<off>.+?)\s+(?:in)?to\s+(?P<to>.+)", re.IGNORECASE | re.DOTALL),
    re.compile(r"\bto\s+(?P<to>.+?)\s+from\s+(?P<off>.+)", re.IGNORECASE | re.DOTALL),
    re.compile(
        r"\breplac(?:e[sd]?|ing)\s+(?!by|with)(?P<off>.+?)\s+(?:with|by)\s+(?P<to>.+)", re.I
    ),
    re.compile(r"(?P<off>.+?)\s+(?:\w+\s+)?replaced\s+(?:with|by)\s+(?P<to>.+)", re.IGNORECASE),
    re.compile(
        r"(?:从|自(?![己动然身由])|由(?![于此]))(?P<off>.{1,24}?)"
        r"[流转移运送寄传输出进上升下降涨跌提飞驶开走派调变改迁]{0,3}(?:到|至|向|往|入|给|成|为)(?P<to>.+)"
    ),
)
# What comes of what.
_CAUSES = (
    re.compile(
        r"\W*(?:because(?: of)?|due to|owing to)\s+(?P<off>[^,]+),\s*(?P<to>.+)", re.I | re.S
    ),
    re.compile(r"(?P<to>.+?)\s+(?:because(?: of)?|due to|owing to)\s+(?P<off>.+)", re.I | re.S),
    re.compile(r"\W*(?:因为|由于|因)(?P<off>[^，,]{3,})[，,](?:所以|因此|故)?(?P<to>.+)", re.S),
    re.compile(r"(?P<to>.+?)[，,]?(?:是因为|是由于)(?P<off>.+)", re.S),
    re.compile(r"(?P<off>.+?)[，,]?(?:因此|所以|导致|致使|造成)(?P<to>.+)", re.S),
)
# So much of a party is in the other: it is the same.
_SAME = 0.6
# So much more of them crosswise: "from one region to another" has its words on both sides.
_APART = 0.3
_OTHER = "other "


def turned(claim: str, stated: str) -> Turn | None:
    """Compare the parties of a claim with those of a text; None where no shape tells.

    Where several parts of the text can be meant, one that agrees is believed.
    """
    found: list[Turn] = []
    for shape in (_comparisons, _ways):
        found += _compared(list(shape(claim)), list(shape(stated)))
    if found:
        return next((one for one in found if one.agrees), found[0])
    causes = _compared(list(_causes(claim)), list(_causes(stated)))
    found = [one for one in causes if not one.agrees]
    found += doings(claim, stated)
    return next((one for one in found if not one.agrees), found[0] if found else None)


def _compared(mine: Sequence[Pair], theirs: Sequence[Pair]) -> Iterator[Turn]:
    """Compare each pair of parties with those that stand among the most of its words."""
    for one in mine:
        likely = [pair for pair in theirs if _of_one_kind(one, pair)]
        shared = [common(_both(one), _both(other)) for other in likely]
        for other, count in zip(likely, shared, strict=True):
            way = _way(one, other) if count == max(shared) else 0
            if way:
                code: Literal["parties", "opposite"] = "parties" if way < 0 else "opposite"
                agrees = way * one.sign * other.sign > 0
                yield Turn(agrees, other.whole, other_words=way < 0, code=code)


def _of_one_kind(one: Pair, other: Pair) -> bool:
    """Tell whether two compare the same; what no list knows may, in two languages."""
    if one.kind.startswith(_OTHER) and other.kind.startswith(_OTHER):
        return one.kind == other.kind or language(one.whole) != language(other.whole)
    return one.kind == other.kind or not (one.kind and other.kind)


def _both(pair: Pair) -> str:
    return f"{pair.first} {pair.second}"


def _way(one: Pair, other: Pair) -> int:
    """Tell whether two pairs of parties are the same, 1, or the other way round, -1; else 0."""
    straight = share(one.first, other.first), share(one.second, other.second)
    crossed = share(one.first, other.second), share(one.second, other.first)
    if sum(straight) > sum(crossed) and min(straight) >= _SAME:
        return 1
    if sum(crossed) > sum(straight) + _APART and min(crossed) >= _SAME:
        return -1
    return 0


def _comparisons(text: str) -> Iterator[Pair]:
    for clauses in parts(text):
        head = ""
        for clause in clauses:
            found = _ENGLISH_THAN.search(clause)
            if language(clause) == "zh":
                found = _CHINESE_THAN.search(clause) or _CHINESE_OVER.search(clause)
            if not found or is_denied(clause):
                continue
            # "but slower than the train" has its head in the clause before.
            own = f"{found['head']} {found['mid']}"
            head = own if common(own, own) else head
            kind, sign = _scale(f"{found['how']} {found['mid']}")
            if head:
                yield Pair(head, found["than"], kind, sign, clause)


def _scale(how: str) -> tuple[str, int]:
    """Give what is compared, and 1 if the first has more of it, -1 if less."""
    kinds, sign = "", 0
    for kind, more, less in _SCALES:
        for pattern, way in ((more, 1), (less, -1)):
            if re.search(rf"\b(?:{pattern})\b", how, re.IGNORECASE):
                # "more expensive" is dear, "less expensive" is cheap.
                sign, kinds = way * (sign or 1), kinds or kind
    return (kinds, sign) if sign else (_OTHER + stem(how.split()[0].lower()), 1)


def _ways(text: str) -> Iterator[Pair]:
    for clauses in parts(text):
        for clause in clauses:
            found = next(filter(None, (way.search(clause) for way in _WAYS)), None)
            if found:
                yield Pair(found["off"], found["to"], "way", 1, clause)


def _causes(text: str) -> Iterator[Pair]:
    for start, end in sentence_spans(text, 0, len(text)):
        sentence = text[start:end]
        found = next(filter(None, (way.match(sentence) for way in _CAUSES)), None)
        if found:
            yield Pair(found["off"], found["to"], "cause", 1, sentence)
