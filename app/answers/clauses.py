"""What a sentence says clause by clause: its words, its values, its signs.

A value belongs to the words of its clause. Where a clause leaves out what the one before it named
("and 80 in Geneva"), it is read with that one's words.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bifolio.answers.alike import IRREGULAR
from bifolio.answers.dates import clocks, days, weekdays
from bifolio.answers.opposites import Sign, signs, without_signs
from bifolio.answers.quantities import MEASURES, ORDINALS, quantities
from bifolio.ingest.sentences import sentence_spans
from bifolio.retrieval.telling import telling

_CUT = re.compile(
    r"[;；]\s*|[:：](?!\d\d)\s*|,\s+(?!\d{3})|(?<=[\u4e00-\u9fff\d%》”）)]),(?=[\u4e00-\u9fff《“])|(?<=[\u4e00-\u9fff]),(?=\d)|，\s*|\s+(?:but|yet|while|whereas|although|though|which)\s+"
    r"|\s+-+\s+|\s+(?=(?:if|when|unless|except|before|after|until(?!\s\d)|once)\s)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s+(?:and|or)\s+|[和与及而](?=[\u4e00-\u9fff\d])|、(?=[\u4e00-\u9fff])", re.I)
# What was so much at one time "rose to" so much at another.
_FROM_TO = re.compile(
    r"\bfrom\s.+?\s+to\s|\bto\s.+?\sfrom\s"
    r"|[从由自].+?(?:[上下增减升降跌涨加少提高低变]{1,2}|[扩缩][大小])?[到至为]",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"\b(?:not|no|never|nobody|nor|neither|without)\b|n't\b"
    r"|(?!无线|无人机|无论|不论|不管|未来|未成年|非常|非洲|不同|不断|不仅|不但|不只|不光|不锈)[不没未非无]",
    re.IGNORECASE,
)
# Between two numbers in brackets, each of which belongs to what stands before it.
_BRACKETS = re.compile(r"(?<=[)）])\s*(?=[^()（）]*[(（][^()（）]*\d)")
_BETWEEN = re.compile(r"\bbetween\s+[^,;]*\Z", re.IGNORECASE)
# A clause that begins so has its subject in the clause before it.
_OPEN = re.compile(
    r"\s*(?:(?:and|but|or|then|also|yet|that|which|who)\s+)*(?:\d|(?:is|are|was|were|has|have|had|does|did"
    r"|do|will|costs?|must|may|can|in|on|at|for|from|to|of|by|with|not|rose|fell|\w+ed|ends?|begins?"
    r"|only|up to|at (?:most|least)|one|two|three|four|five|six|seven|eight|nine|ten)\b)"
    r"|\s*(?:并|且|但|也|还|又|再|则|至|于|在|由|需|须|应|可|不|有|现有|共|其|该|自|从|每|于是|而|最[多少高低]|至[多少]|[一二三四五六七八九十两\d])",
    re.IGNORECASE,
)
# So far reaches what a clause that begins with a number, or with a verb, has from the one before.
_PREPOSITION = re.compile(
    r"\s(?:in|for|at|on|to|by|of|with|from|no|not)\s|[为是在有由于将把被自从向]"
)
_VERB = re.compile(
    r"\s(?:is|are|was|were|has|have|had|will|must|may|can|in|for|at|on|to|by|of|with|from|no|not)\s"
    r"|[为是在有由于将把被自从向可必须]"
)
_NUMBER_FIRST = re.compile(
    r"\s*(?:and\s+)?(?:\d|(?:one|two|three|four|five|six|seven|eight|nine|ten)\b)"
)
_BECOMES = re.compile(
    r"\b(?:increas|ris|rose|grow|grew|climb|go|fall|fell|drop|decreas|reduc|rais|lower|extend|shorten)"
    r"\w*\s(?:\w+\s){0,2}to\b|\band to\s(?=\d)"
    r"|(?:增加?|上?升|上?涨|提高?|延长|减少?|下?降低?|下?跌|缩短|调整|[改变])(?:到|至|为|成)",
    re.IGNORECASE,
)
# Nothing is left out of the sentence before but its subject.
_PRONOUN = re.compile(
    r"\s*(?:it|they|he|she|this|these|that|those|its|their|his|her|both)\b|\s*(?:它|他|她|其|该|此|这)",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s*-?\s*([A-Za-z]{3,}|[\u4e00-\u9fff])")
_ORDINAL = re.compile(
    rf"\b(?P<last>last)\b|\b(?P<en>(?:(?:twenty|thirty)[ -])?(?:{'|'.join(ORDINALS)}))\b"
    r"|\b(?P<nth>\d+(?:st|nd|rd|th))\b|第(?P<zh>[一二三四五六七八九十\d]+)",
    re.IGNORECASE,
)
# "After the lease ends", 租约结束后; 三天后 and 目前 are no events.
_ANCHOR = re.compile(
    r"\b(?P<way>before|after|from|since|with|without)\s+(?P<en>(?:[A-Za-z'-]+\s?){1,3})"
    r"|(?P<zh>[\u4e00-\u9fff][^\W\da-z一二三四五六七八九十天日月年周时分钟目当今最然此随先事落背幕向面跟提空史从以之])"
    r"(?:之|以)?(?P<side>[前后])(?![往来提续悔者])",
    re.IGNORECASE,
)
_SIDES = {way: way for way in ("before", "after", "with", "without")}
_SIDES |= {"from": "after", "since": "after", "后": "after", "前": "before"}
# "In the control group," says nothing yet.
_ONLY_WHERE = re.compile(
    r"\s*(?:in|at|for|on|during|among|by|from|with|under)\s[^,]{0,40}\Z", re.IGNORECASE
)
# Why something is, in the words of its own clause.
REASON = re.compile(
    r"\b(?:because(?: of)?|due to|owing to|on account of)\s+(?P<en>[^,.;]+)"
    r"|(?:因为|由于)(?P<zh>[^,，。；;]+)",
    re.IGNORECASE,
)
# Values that count nothing: when, and the how-manieth.
MOMENTS = frozenset({"ordinal", "clock", "weekday", "date", "named month", "year"})
_SHORT_ENGLISH, _SHORT_CHINESE = 2, 5
_YEAR = re.compile(r"1\d{3}\s?年?|20\d\d\s?年?")
_PLURAL = re.compile(r"\s+(?!(?:was|is|has|does|its|this|thus)\b)[a-z]+s\b|[^\W\d_年A-Za-z]")


@dataclass(frozen=True, slots=True)
class Value:
    """Something that another of its ``kind`` could stand for: a number, a date, a time of day."""

    kind: str
    value: object
    start: int
    end: int

    @property
    def day(self) -> tuple[object, ...] | None:
        """Year, month and day of a moment, however exactly it is named; None of what is none."""
        if isinstance(self.value, tuple):
            return self.value
        return (self.value, None, None) if self.kind == "year" else None

    def same(self, other: "Value") -> bool:
        """Tell whether both are the same, as far as both are exact."""
        if mine := self.day:
            pairs = zip(mine, other.day or ("other",) * 3, strict=True)
            return all(a is None or b is None or a == b for a, b in pairs)
        kinds = {self.kind, other.kind}
        apart = len(kinds) > 1 and (kinds <= MEASURES or kinds & {"ordinal", "clock", "weekday"})
        return self.value == other.value and not apart


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause, in the words that stand in it; ``more`` are those it is read with.

    ``sentence`` is the place of its sentence in the text, ``whole`` that sentence.
    """

    text: str
    words: frozenset[str]
    more: frozenset[str]
    values: tuple[Value, ...]
    signs: tuple[Sign, ...]
    sentence: int
    whole: str

    @property
    def read(self) -> frozenset[str]:
        """Its own words and those that it is read with."""
        return self.words | self.more

    @property
    def negated(self) -> bool:
        """Whether it has a "not" outside of its signs."""
        text = self.text
        for sign in self.signs:
            text = text[: sign.start] + " " * (sign.end - sign.start) + text[sign.end :]
        return len(NEGATED.findall(text)) % 2 == 1

    def items(self, *, values: bool = False, sides: bool = False) -> frozenset[str]:
        """Give its words, and with them its values or the sides that its signs are on."""
        items = set(self.words)
        if sides:
            items |= {f"{sign.kind} {sign.side}" for sign in self.signs}
        if values:
            items |= {f"{value.value}" for value in self.values}
        return frozenset(items)

    @property
    def becomes(self) -> bool:
        """Whether its value is what one named before becomes: "22 days, rising to 25"."""
        return bool(_BECOMES.search(self.text))


@lru_cache(maxsize=64)
def clauses(text: str) -> tuple[Clause, ...]:
    """Cut a text into the clauses of its sentences; a row of a table is one."""
    found: list[Clause] = []
    for place, (start, end) in enumerate(sentence_spans(text, 0, len(text))):
        sentence = text[start:end]
        last = frozenset[str]()
        whole = [one.words for one in found if one.sentence == place - 1]
        more = frozenset().union(*whole) if _PRONOUN.match(sentence) else frozenset()
        for piece in _pieces(sentence):
            often = [one for one in signs(piece) if one.kind == "often"]
            # "Every two weeks" is no span of two.
            values = tuple(
                value
                for value in values_of(piece)
                if not any(one.start <= value.start < one.end for one in often)
            )
            words = frozenset(_words(piece, values))
            if found and found[-1].sentence == place:
                values = tuple(_measured(values, found[-1].text, piece))
            verb = piece.split()[:1] and piece.split()[0] in IRREGULAR
            begins = bool(verb or _OPEN.match(piece))
            opens = bool(found) and found[-1].sentence == place and begins
            shared = _left_out(found[-1].text, piece) | last if opens else frozenset[str]()
            if opens and not piece.isascii():
                # A Chinese sentence goes on about what it began with.
                first = next(one for one in found if one.sentence == place)
                shared |= _left_out(first.text, piece)
            if opens and not words:
                # "In 2024 for 5,900" has all of its words from the clause before.
                shared |= found[-1].read
            there = tuple(one for one in signs(piece) if not _inside(one, values))
            found.append(Clause(piece, words, more | shared, values, there, place, sentence))
            last = shared
    return tuple(found)


def _measured(values: Iterable[Value], before: str, piece: str) -> Iterator[Value]:
    """Give a number that ends a clause the unit of the one before: "5 hours, and in May 8"."""
    moments = [one for one in values_of(before) if one.kind in MOMENTS]
    measured = [
        one
        for one in quantities(before)
        if one.measure and one.value and not any(m.start <= one.start < m.end for m in moments)
    ]
    for value in values:
        alone = not value.kind and not piece[value.end :].strip(" .,;。，；")
        if alone and measured and isinstance(value.value, float):
            unit = measured[-1]
            base = round(value.value * unit.base / unit.value, 6)
            value = replace(value, kind=unit.measure, value=base)
        yield value


def values_of(text: str) -> Iterator[Value]:
    """Yield the values of a clause, each with what it counts or measures."""
    taken: list[tuple[int, int]] = []
    for day in days(text):
        if not day.swapped:
            kind = "date" if day.day else "named month"
            yield Value(kind, (day.year, day.month, day.day), day.start, day.end)
            taken.append((day.start, day.end))
    for clock in clocks(text):
        yield Value("clock", clock.minutes % 720, clock.start, clock.end)
        taken.append((clock.start, clock.end))
    for weekday in weekdays(text):
        yield Value("weekday", weekday.day, weekday.start, weekday.end)
        taken.append((weekday.start, weekday.end))
    for ordinal in _ORDINAL.finditer(text):
        which = quantities(ordinal["en"] or ordinal["nth"] or ordinal["zh"] or "")
        yield Value("ordinal", int(which[0].value) if which else "last", *ordinal.span())
        taken.append(ordinal.span())
    for number in quantities(text):
        if any(start <= number.start < end for start, end in taken):
            continue
        counted = _COUNTED.match(text, number.end)
        kind = number.measure or (counted[1].lower()[:5] if counted else "")
        written = text[number.start : number.end].strip()
        # "2000 people" are no year, but 2000年 is one whatever follows.
        plural = not written.endswith("年") and _PLURAL.match(text, number.end)
        is_year = bool(_YEAR.fullmatch(written)) and not plural
        value = number.value if is_year else round(number.base, 6)
        yield Value("year" if is_year else kind, value, number.start, number.end)


@lru_cache(1024)
def anchors(text: str) -> tuple[tuple[str, str], ...]:
    """Give what something is said to be before or after: its first word, and which of the two."""
    found = []
    for one in _ANCHOR.finditer(text):
        word = one["zh"] or next(iter(telling(one["en"])), "")
        side = _SIDES[(one["way"] or one["side"]).lower()]
        if word and not any(map(str.isdigit, word)):
            found.append((f"{word} {side[:4] == 'with'}", side))
    return tuple(found)


def _left_out(before: str, piece: str) -> frozenset[str]:
    """Give the words of the clause before that a clause without a subject is read with."""
    places = [value.start for value in values_of(before)]
    if _NUMBER_FIRST.match(piece):
        after = max(0, *places) if places else 0
        end = _PREPOSITION.search(before, after)
    else:
        end = _VERB.search(before)
        places += [one.start for one in signs(before) if one.kind not in ("share", "duration")]
    cut = end.start() if end else len(before)
    if not _NUMBER_FIRST.match(piece) and places:
        cut = min(cut, *places)
    return frozenset(_words(before[:cut], tuple(values_of(before[:cut]))))


def _inside(sign: Sign, values: tuple[Value, ...]) -> bool:
    """Tell whether a sign is part of a value: the month of May permits nothing."""
    return any(one.start <= sign.start < one.end for one in values)


def _pieces(sentence: str) -> list[str]:
    """Cut a sentence; what is too short to say anything stays with what follows it."""
    if "|" in sentence or "\t" in sentence:
        return [sentence]
    parts: list[str] = []
    place = 0
    for cut in _CUT.finditer(sentence):
        parts.append(sentence[place : cut.start()])
        place = cut.end()
    parts.append(sentence[place:])
    whole: list[str] = []
    held = ""
    for part in parts:
        held = f"{held}, {part}" if held else part
        if _says_little(held) and part is not parts[-1]:
            continue
        whole += _at_and(held)
        held = ""
    if held:
        whole.append(held)
    return [part for part in whole if part.strip()]


def _says_little(part: str) -> bool:
    if _ONLY_WHERE.match(part):
        return True
    latin = re.findall(r"[A-Za-z0-9]+", part)
    han = re.findall(r"[\u4e00-\u9fff]", part)
    if any(True for _ in values_of(part)) and (len(latin) > 1 or len(han) > 2):
        return False
    return len(latin) <= _SHORT_ENGLISH and len(han) < _SHORT_CHINESE


def _at_and(part: str) -> list[str]:
    """Cut at an "and" on both sides of which there is a value of one kind.

    And between what was so much then, and so much at another time.
    """
    change = _FROM_TO.search(part)
    if change and (both := _then_and_then(part[: change.end()], part[change.end() :])):
        return both
    bracket = _BRACKETS.search(part)
    if bracket and any(map(str.isdigit, part[: bracket.start()])):
        return [part[: bracket.start()], *_at_and(part[bracket.end() :])]
    for joint in _AND.finditer(part):
        one, other = part[: joint.start()], part[joint.end() :]
        if _BETWEEN.search(one):
            continue
        kinds = {_counts(value) for value in values_of(one)}
        others = {_counts(value) for value in values_of(other)}
        # Of "120 patients and 80" the second counts what the first does.
        if kinds & others and telling(other):
            return [*_at_and(one), *_at_and(other)]
        if any(a.excludes(b) for a in signs(one) for b in signs(other)):
            return [*_at_and(one), *_at_and(other)]
    return [part]


def _then_and_then(one: str, other: str) -> list[str]:
    """Give both if each holds a moment and a number, of the same kinds."""
    kinds, others = ({_counts(value) for value in values_of(text)} for text in (one, other))
    both = kinds & others
    moments = both & {"date", *MOMENTS}
    return [one, other] if moments and both - moments else []


def _counts(value: Value) -> str:
    """Give the kind of a value; all that count things are of one."""
    if value.kind in ("date", "named month", "year"):
        return "date"
    return value.kind if value.kind in MEASURES or value.kind in MOMENTS else "count"


def _words(text: str, values: tuple[Value, ...]) -> list[str]:
    # A sign may stand beside a value: "before 1 May", 5月1日前.
    text = without_signs(text)
    for value in values:
        text = text[: value.start] + " " * (value.end - value.start) + text[value.end :]
    return [word for word in telling(text) if not word.isdigit()]
