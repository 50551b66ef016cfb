"""What kind of thing a question asks for, and whether a sentence holds one: evidence, no proof."""

import re
import unicodedata
from typing import Literal

from bifolio.answers.dates import clocks, days, weekdays
from bifolio.answers.quantities import quantities
from bifolio.ingest.simplified import simplified

Kind = Literal["person", "moment", "number", "money", "span", "length", "often", "reason", "place"]

# "when" and "where" ask at the beginning of a clause or before a helping verb, "who" at a beginning
# or behind a preposition; elsewhere they join: "What to do when it rings?"
_BEGINS = (
    r"(?:^|[,;:.?!]\s)\W*(?:(?:and|but|or|so|then|since|until|from|by|to|for|with|of|in|at) )*"
)
_HELPS = r"(?:is|are|was|were|do|does|did|can|may|must|will|shall|should|would|could|has|have|had)"

# The first that matches is what is asked for.
_SIGNS: tuple[tuple[Kind, str], ...] = (
    ("often", r"\bhow (?:often|frequently)\b|多久.{0,6}一次|每隔多|多长时间.{0,6}一次|几次"),
    (
        "money",
        r"\bhow much (?:does|do|did|is|are|was|will|would|must|should|money).{0,60}"
        r"\b(?:cost|pay|paid|charge|fee|price|fine|worth|earn)"
        r"|\bwhat (?:is|are|does|was) .{0,40}\b(?:price|cost|fee|fare|salary|rent|fine)\b"
        r"|多少钱|价格|票价|费用|收费|多少元|租金",
    ),
    (
        "span",
        r"\bhow (?:long|old|soon|quickly)\b|\b(?:how many|within how many)"
        r" (?:years?|months?|weeks?|days?|hours?|minutes?|seconds?)\b|\bwhat age\b"
        r"|多久|多长时间|[期间假龄]多长|多少[年天日周秒]|多少个?(?:小时|月|星期|分钟|工作日)|几[年天周]|几个(?:小时|月|星期)"
        r"|多大年|几岁|多少岁|期限|时长|有效期",
    ),
    ("length", r"\bhow (?:far|high|deep|tall|wide|big|large|thick)\b|多[远高深宽厚重大]"),
    (
        "moment",
        rf"{_BEGINS}when\b|\bwhen {_HELPS}\b|\bwhen\W*\Z"
        r"|\b(?:what|which|at what) (?:time|year|date|day|month|century|season)\b"
        r"|什么时候|何时|什么时间|哪[一]?[年天月日]|几[点月号]|什么年代|哪个(?:年代|时期|世纪)|时间[是为]",
    ),
    (
        "number",
        r"\bhow (?:many|much|fast|heavy|strong|hot|cold)\b|\bwhat (?:number|percent|share|speed"
        r"|temperature|weight)|\bup to what\b|多少"
        r"|几[个名位人条项种次座部届岁]|第几|百分之几|数量|人数",
    ),
    (
        "person",
        rf"{_BEGINS}who(?:m|se)?\b|\b(?:by|to|for|with|from|of) who(?:m|se)?\b"
        r"|\b(?:which|what) (?:person|people|man|woman)\b"
        r"|谁|何人|什么人|哪位|哪些人",
    ),
    ("reason", r"\bwhy\b|\bwhat (?:is the reason|caused?)\b|为什么|为何|原因|为啥"),
    (
        "place",
        rf"{_BEGINS}where\b|\bwhere {_HELPS}\b|\bwhere\W*\Z"
        r"|哪里|哪儿|何处|什么地方|在哪|哪个(?:城市|国家|地方|省|县|区)|位于",
    ),
)
_KINDS = tuple((kind, re.compile(pattern, re.IGNORECASE)) for kind, pattern in _SIGNS)
_YEAR = re.compile(
    r"(?<![\d.,])(?:1[0-9]|20)\d\d(?![\d.,%])|\d{1,4}\s?年|世纪|年代|century|o'clock"
    r"|\b(?:noon|midnight)\b"
    r"|\b(?:at|by|until|till|from|before|after|past) (?:one|two|three|four|five|six"
    r"|seven|eight|nine|ten|eleven|twelve)\b(?! [a-z]+s\b)",
    re.ASCII | re.IGNORECASE,
)
_WHILE = re.compile(
    r"\b(?:before|after|until|during|while|morning|noon|evening|night|midnight|today|tomorrow|"
    r"yesterday|spring|summer|autumn|winter|day|season|soon|once|as soon as|when)\b"
    r"|[时後后前]|期间",
    re.IGNORECASE,
)
_OFTEN = re.compile(
    r"\b(?:every|each|per|once|twice|daily|weekly|monthly|yearly|annually|annual|hourly|times? a)\b"
    r"|每|一次|定期",
    re.IGNORECASE,
)
_REASON = re.compile(
    r"\b(?:because|since|due to|owing to|so that|in order to|therefore|as a result|for fear"
    r"|cause[sd]?)\b"
    r"|因[为此而]|由于|所以|为了|以便|以免|从而|导致|缘于|鉴于",
    re.IGNORECASE,
)
_NAME = re.compile(r"(?<=[a-z,;'’] )[A-Z][a-z]+|\b(?:Mr|Mrs|Ms|Dr)\b|\b[A-Z][a-z]+ [A-Z][a-z]+")
_ROLE = re.compile(
    r"\b(?:master|captain|officer|manager|director|king|queen|prince|princess|man|woman|wife|husband"
    r"|son|daughter|brother|sister|father|mother|boy|girl|people|staff|crew|team|office|department"
    r"|minister|president|he|she|they|owner|engineer|doctor|nurse|child|children)\b"
    r"|[长员师者家人官兵生王帝]|先生|女士|部门|委员会|公司|经理|主任|局",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"\b(?:in|at|on|near|from|to|into|under|behind|beside|inside|outside|above|below|between)\s"
    r"(?:the |a |an |his |her |their )?\w+"
    r"|位于|在.{1,12}[里上中下内外处旁]|[省市县区镇村国州港路街厅室]",
    re.IGNORECASE,
)
_PATTERNS = {"often": _OFTEN, "reason": _REASON, "place": _PLACE}
_MONEY = frozenset({"euro", "dollar", "pound", "yuan", "crown", "yen", "franc"})
_MEASURES: dict[Kind, frozenset[str]] = {
    "money": _MONEY,
    "span": frozenset({"time", "month"}),
    "length": frozenset({"length", "area", "volume", "mass"}),
}
_PRICED = re.compile(r"\b(?:free|rupees?|cents?)\b|免费|[元块角分]|￥", re.I)
# What a sentence surely lacks where it has no number, or one of another measure.
_COUNTED = frozenset[Kind]({"money", "span", "length", "number"})


def asked_for(question: str) -> Kind | None:
    """Give the kind of thing that a question asks for; None for all that has no sign of its own."""
    question = unicodedata.normalize("NFKC", question)
    return next((kind for kind, pattern in _KINDS if pattern.search(question)), None)


def holds(kind: Kind, text: str) -> float:
    """Tell how well a text can answer such a question: 1 holds one, 0 none, between: perhaps."""
    text = unicodedata.normalize("NFKC", text)
    if pattern := _PATTERNS.get(kind):
        return float(pattern.search(text) is not None)
    if kind == "person":
        return 1.0 if _NAME.search(text) else 0.5 * (_ROLE.search(text) is not None)
    if kind == "moment":
        dated = days(text) or clocks(text) or weekdays(text) or _YEAR.search(text)
        return 1.0 if dated else 0.5 * (_WHILE.search(text) is not None)
    found = quantities(text)
    measures = _MEASURES.get(kind)
    if measures is None:
        return float(bool(found))
    if any(one.measure in measures for one in found):
        return 1.0
    if kind == "money" and _PRICED.search(text):
        return 1.0
    # A number without a unit that we know may be one: "20 crowns", "a hundred fathoms".
    return 0.5 * any(not one.measure for one in found)


def may_answer_by(text: str, question: str) -> bool:
    """Tell whether a text has what can answer, where a number, an amount or a span is asked."""
    kind = asked_for(simplified(question))
    return kind not in _COUNTED or holds(kind, simplified(text)) > 0
