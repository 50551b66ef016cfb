"""What a reranker does not see: other numbers, units, dates, a "not" too many, parties swapped.

Pure functions over the words of a claim and of the passages that it cites. They report what
contradicts a passage, with the facts; they never say that a claim is right.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bifolio.answers.alike import share
from bifolio.answers.conditions import compared, exempt
from bifolio.answers.contrasts import contrast
from bifolio.answers.dates import Clock, Day, Weekday, clocks, days, weekdays
from bifolio.answers.names import strange_name
from bifolio.answers.particulars import particular
from bifolio.answers.quantities import ORDINALS, SINGLE, TIME, Quantity, quantities
from bifolio.answers.turned import turned
from bifolio.answers.wording import difference
from bifolio.ingest.sentences import sentence_spans
from bifolio.retrieval import language
from bifolio.retrieval.telling import telling

Code = Literal["number", "unit", "date", "negation", "parties", "opposite", "name", "detail"]

# So much of a sentence has to be there for its condition to be compared.
_NEAR = 0.7
# "about 80" may stand for 78.
_ABOUT = re.compile(
    r"(?:about|around|approximately|roughly|nearly|almost|over|more than|less than|under|some|up to"
    r"|at least|at most|约|大约|近|将近|超过|不到|多于|左右)\s?\Z",
    re.IGNORECASE,
)
_TOLERANCE = 0.1
_DAY = 86400.0
_WEEKEND = re.compile(r"\bweekends?\b|周末|双休日", re.IGNORECASE)
_ALL_DAY = re.compile(r"全天|昼夜|around the clock|day and night", re.IGNORECASE)
_EXACT = 1e-6
# What is added up may be in no passage as such.
_TOTAL = re.compile(
    r"\b(?:in all|in total|total|altogether|combined|together|sum)\b"
    r"|[总共]计|总共|一共|合计|总数|共有|加起来",
    re.IGNORECASE,
)
_DIFFERENCE = re.compile(
    r"\b(?:more|less|fewer|higher|lower|longer|shorter)\b.*\bthan\b|\bby\s+\S*\d"
    r"|[增减]少?加?了|相差|比.*[多少高低]",
    re.IGNORECASE | re.DOTALL,
)
# Years that are told by another one.
_YEARS = range(1900, 2100)
_YEAR_BEFORE = re.compile(
    r"\b(?:year before|(?:previous|prior|last|preceding) year|year earlier)\b"
    r"|上年|去年|[前上]一年|同比",
    re.IGNORECASE,
)
_YEAR_AFTER = re.compile(
    r"\b(?:year after|(?:next|following) year)\b|明年|次年|下一年", re.IGNORECASE
)
_NO_COUNT = SINGLE.keys() | ORDINALS.keys()
_DENIED = re.compile(r"\b(?:no|not|never|except)\b|n't\b|[不没无未非]", re.IGNORECASE)
_CODE = re.compile(
    r"(?<![\w.])(?=[A-Za-z0-9-]*[A-Za-z])(?=[A-Za-z0-9-]*\d)[A-Za-z0-9][A-Za-z0-9-]*"
)
_NOT_A_CODE = re.compile(r"\d+(?:[.,]\d+)*-?[a-z]{1,3}\d?\Z|\d+(?:-[a-z]+)+\Z", re.IGNORECASE)
# "Zone B", B类: a letter that tells one of a kind from the others.
_LABEL = re.compile(
    r"\b(?P<kind>Class|Zone|Type|Group|Terminal|Gate|Level|Grade|Building|Block|Platform|Appendix)"
    r"\s(?P<en>[A-Z])\b|(?<![A-Za-z])(?P<zh>[A-Z])(?P<of>[类级型座栋区组班])",
)
# A line of cells.
_ROW = re.compile(r"^.*(?: \||\| ).*$", re.MULTILINE)
# "Week 4", "weeks 2, 4 and".
_WHICH = re.compile(r"\b([A-Za-z]{3,})\s+(?:\d+(?:,\s*|\s+(?:and|or|to)\s+))*\Z")
_NOUN = re.compile(r"\s*-?\s*([A-Za-z]{3,}|[\u4e00-\u9fff]{1,2})")
# Where a small number counts nothing: "one of them", 一些, 统一.
_CHINESE_WORDS = re.compile(
    r"统一|唯一|一些|一样|一般|一定|一直|一起|一切|一律|一旦|一致|一方|一同|同一|之一|万一|逐一|第一时间|百分"
    r"|一并|一次性|十分|万能|千万(?!元|人)|三方|一经|一概|进一步|一边|一面|一系列|一种|一个|一名|一位|一家"
    r"|每一|任一|单一|一项|两者|双方|(?:星期|周)[一二三四五六]"
)


@dataclass(frozen=True, slots=True)
class Finding:
    """What contradicts: ``claimed`` is the claim's words, ``stated`` the passage's, if any.

    Of a number, a unit or a date ``stated`` is what the passage has in its place; of a "not" and
    of parties it is the passage's sentence.
    """

    code: Code
    claimed: str
    stated: str = ""


def findings(claim: str, passage: str, *, context: str = "") -> tuple[Finding, ...]:
    """Find what in the claim contradicts the passage.

    ``context`` is what else may be said again without being in the passage: the question, the
    document's title, headings.
    """
    claim, passage, context = (_usual(text) for text in (claim, passage, context))
    claim = _without_told_years(claim, passage)
    found = [*_dates(claim, passage, context), *_numbers(claim, passage, context)]
    spans = sentence_spans(passage, 0, len(passage))
    told = difference(claim, [passage[start:end] for start, end in spans])
    # Rows say one thing of each; see ``rows`` for theirs.
    prose = _ROW.sub("", passage)
    turn = turned(claim, prose) if language(claim) == language(passage) else None
    condition = _condition(claim, [passage[start:end] for start, end in spans])
    turned_back = turn is not None and turn.agrees and turn.other_words
    if told and (condition == "" or (told.kind == "parties" and turned_back)):
        told = None
    # What differs in a number may look like anything else; the cells of a row stand as they must.
    if told and (told.kind == "negation" or not (found or _ROW.search(told.stated))):
        found.append(Finding(told.kind, told.claimed, told.stated))
    if not found and (name := strange_name(claim, f"{passage}\n{context}")):
        found.append(Finding("name", name))
    if not found and condition:
        found.append(Finding("opposite", claim, condition))
    if not found and turn and not turn.agrees:
        found.append(Finding(turn.code, claim, turn.stated))
    if not found and (own := particular(claim, passage)):
        found.append(Finding(own.kind, own.claimed, own.stated))
    other = contrast(claim, prose) if not found else None
    same = condition == "" or (turned_back and other and other.kind in ("opposite", "parties"))
    if other and not same:
        found.append(Finding(other.kind, other.claimed, other.stated))
    return tuple(dict.fromkeys(found))


def _condition(claim: str, sentences: Sequence[str]) -> str | None:
    """Give the sentence that says otherwise of a condition of the claim, "" if one says the same.

    None where none is about it.
    """
    near = [
        (share(claim, one) if exempt(claim, one) is None else 1.0, one)
        for one in sentences
        if compared(claim, one) is not None
    ]
    how, best = max(near, default=(0.0, ""))
    if how < _NEAR:
        return None
    return "" if compared(claim, best) else best


def said(finding: Finding) -> str:
    """Say in an English sentence what was found."""
    claimed, stated = f"“{finding.claimed}”", f"“{finding.stated}”"
    match finding.code:
        case "number" | "unit" | "detail":
            why = f"the passage does not say {claimed}"
        case "date":
            why = f"the passage gives no such date or time as {claimed}"
        case "negation":
            return f"the passage says the opposite: {stated}"
        case "opposite":
            return f"the passage says otherwise: {stated}"
        case "name":
            return f"the passage does not name {claimed}"
        case "parties":
            return f"the passage has the parties the other way round: {stated}"
    return f"{why}, but {stated}" if finding.stated else why


def _usual(text: str) -> str:
    """Give full-width signs their usual width, and curly apostrophes their straight form."""
    return unicodedata.normalize("NFKC", text).replace("’", "'")


def _without_told_years(claim: str, passage: str) -> str:
    """Blank the years that a sentence names by another: "in 2024, more than in the year before"."""
    told = set[float]()
    last = {0.0}
    for start, end in sentence_spans(passage, 0, len(passage)):
        sentence = passage[start:end]
        last = {one.value for one in quantities(sentence) if one.value in _YEARS} or last
        told |= {year - 1 for year in last if _YEAR_BEFORE.search(sentence)}
        told |= {year + 1 for year in last if _YEAR_AFTER.search(sentence)}
    for year in quantities(claim) if told else ():
        if year.value in told:
            claim = claim[: year.start] + " " * (year.end - year.start) + claim[year.end :]
    return claim


def _dates(claim: str, passage: str, context: str) -> Iterator[Finding]:
    known = f"{passage}\n{context}"
    stated_days, stated_clocks, stated_weekdays = days(known), clocks(known), weekdays(known)
    numbers = quantities(known)
    for day in _readings(days(claim)):
        if not any(_known_day(one, stated_days, numbers) for one in day):
            yield Finding("date", _of(claim, day[0]), _nearest_day(known, day[0], stated_days))
    for clock in clocks(claim):
        hour, minute = divmod(clock.minutes, 60)
        bare = any(
            one.value == 100 * hour + minute or (not minute and one.value % 12 == hour % 12)
            for one in numbers
        )
        if not bare and not any(clock.same(one) for one in stated_clocks):
            other = _of(known, stated_clocks[0]) if stated_clocks else ""
            yield Finding("date", _of(claim, clock), other)
    mine = weekdays(claim)
    named = {one.day for one in stated_weekdays}
    named |= {5, 6} if named and _WEEKEND.search(known) else set()
    # A range, or the days on which something is not, may follow from the others.
    if not named or _DENIED.search(claim) or len({one.start for one in mine}) < len(mine):
        return
    for weekday in mine:
        if weekday.day not in named:
            yield Finding("date", _of(claim, weekday), _of(known, stated_weekdays[0]))


def _readings(found: list[Day]) -> list[list[Day]]:
    """Put the two readings of one date together."""
    together: dict[int, list[Day]] = {}
    for day in found:
        together.setdefault(day.start, []).append(day)
    return list(together.values())


def _known_day(day: Day, stated: list[Day], numbers: list[Quantity]) -> bool:
    years = {one.year for one in stated if one.year} | {int(one.value) for one in numbers}
    if day.year and day.year not in years:
        return False
    return any(day.within(one) for one in stated)


def _nearest_day(text: str, day: Day, stated: list[Day]) -> str:
    fields = (day.year, day.month, day.day)
    shared = [
        (sum(a == b for a, b in zip(fields, (one.year, one.month, one.day), strict=True)), one)
        for one in stated
    ]
    return _of(text, max(shared, key=lambda entry: entry[0])[1]) if shared else ""


def _numbers(claim: str, passage: str, context: str) -> Iterator[Finding]:
    known = f"{passage}\n{context}"
    stated = quantities(known)
    taken = [(one.start, one.end) for one in _moments(claim)]
    codes = {code.lower().replace("-", "") for code in _codes(known)}
    for place, code in _codes_at(claim):
        taken.append((place, place + len(code)))
        plain = code.lower().replace("-", "")
        if plain not in codes and plain not in known.lower().replace("-", "").replace(" ", ""):
            yield Finding("number", code)
    labels = {_label(found) for found in _LABEL.finditer(known)}
    for found in _LABEL.finditer(claim):
        if _label(found) not in labels and _label(found)[0] in {kind for kind, _ in labels}:
            yield Finding("number", found[0])
    taken += [found.span() for found in _CHINESE_WORDS.finditer(claim)]
    for number in quantities(claim):
        inside = any(start <= number.start < end for start, end in taken)
        if not inside and (finding := _number(number, claim, known, stated)):
            yield finding


def _label(found: re.Match[str]) -> tuple[str, str]:
    return found["kind"] or found["of"], found["en"] or found["zh"]


def _moments(text: str) -> list[Day | Clock | Weekday]:
    return [*days(text), *clocks(text), *weekdays(text)]


def _number(number: Quantity, claim: str, known: str, stated: list[Quantity]) -> Finding | None:
    """Look for a number of the claim among those of the passage."""
    words = claim[number.start : number.end].strip()
    if any(number.says(one) for one in stated):
        return None
    same = [one for one in stated if number.equals(one)]
    measured = [one for one in same if one.measure]
    # "Twice as many" and "the second" are no numbers that two euros could be.
    bare = [one for one in same if not one.measure and _of(known, one).lower() not in _NO_COUNT]
    same = [*measured, *bare] if number.measure else same
    # A bare number, of a table's cell say, may have any unit; "80 crowns" are no kilograms, and
    # three rooms no three days: of time all units are known.
    plain = number.measure and (measured or number.measure in TIME)
    is_year = number.value in _YEARS
    if same and (is_year or not (plain and all(_NOUN.match(known, one.end) for one in bare))):
        return None
    if number.measure == "time" and number.base == _DAY and _ALL_DAY.search(known):
        return None
    alike = _alike(number, claim, known, stated)
    other = next((one for one in measured if one.measure == number.measure), None)
    if other or (measured and not alike):
        return Finding("unit", words, _of(known, other or measured[0]))
    if _ABOUT.search(claim[: number.start]) and any(
        abs(one.base - number.base) <= _TOLERANCE * max(one.base, number.base)
        for one in stated
        if one.measure == number.measure
    ):
        return None
    if _follows(number, claim, stated):
        return None
    if number.digits and _of_a_series(claim[: number.start], known):
        return Finding("number", words, alike)
    # A small number without a unit may count what the passage lists; "one" and "half" are words.
    if number.value in (1, 0.5) and not (number.digits and alike):
        return None
    if number.value <= 10 and number.value == int(number.value) and not (number.measure or alike):
        return None
    return Finding("number", words, alike)


def _of_a_series(before: str, known: str) -> bool:
    """Tell whether a number says which of several, as it does in the passage: "weeks 4 and 8"."""
    named = _WHICH.search(before)
    if not named or not telling(named[1]):
        return False
    return bool(re.search(rf"\b{named[1].rstrip('s')}s?\s+\d", known, re.IGNORECASE))


def _follows(number: Quantity, claim: str, stated: list[Quantity]) -> bool:
    """Tell whether the claim's number is a sum, a difference or a multiple of the passage's."""
    total = _TOTAL.search(claim) and _adds_up(number, stated)
    other = _DIFFERENCE.search(claim) and _is_difference(number, stated)
    return bool(total or other) or _is_multiple(number, stated)


def _adds_up(number: Quantity, stated: list[Quantity]) -> bool:
    """Tell whether two numbers of the passage, or all of one measure, add up to this."""
    parts = {one.base for one in stated if one.measure == number.measure}
    pairs = any(number.base - part in parts for part in parts)
    return pairs or abs(sum(parts) - number.base) < _EXACT


def _is_difference(number: Quantity, stated: list[Quantity]) -> bool:
    """Tell whether two numbers of the passage differ by this one."""
    alike = {one.value for one in stated if one.digits and one.measure in (number.measure, "")}
    return number.value not in _YEARS and any(one + number.value in alike for one in alike)


def _is_multiple(number: Quantity, stated: list[Quantity]) -> bool:
    """Tell whether this is so many times another number as the passage says of some, or how many.

    "Three times as large as the old one" gives the size of either by that of the other.
    """
    if number.measure == "fold":
        parts = [one for one in stated if one.base and one.measure != "fold"]
        pairs = ((a, b) for a in parts for b in parts if a.measure == b.measure)
        return any(abs(a.base - number.value * b.base) < _EXACT for a, b in pairs)
    folds = [one.value for one in stated if one.measure == "fold" and one.value]
    own = [one.base for one in stated if one.measure == number.measure]
    times = (base * by for base in own for fold in folds for by in (fold, 1 / fold))
    return any(abs(number.base - one) < _EXACT * max(1.0, one) for one in times)


def _alike(number: Quantity, claim: str, known: str, stated: list[Quantity]) -> str:
    """Give the passage's number of the same measure, or in front of the same word."""
    noun = _NOUN.match(claim, number.end)
    for one in stated:
        other = _NOUN.match(known, one.end)
        if noun and other and noun[1].lower()[:5] == other[1].lower()[:5]:
            return _of(known, one)
    if number.measure:
        return next((_of(known, one) for one in stated if one.measure == number.measure), "")
    return ""


def _codes_at(text: str) -> Iterator[tuple[int, str]]:
    for found in _CODE.finditer(text):
        if not _NOT_A_CODE.match(found[0]) and not _is_quantity(found[0]):
            yield found.start(), found[0]


def _codes(text: str) -> list[str]:
    return [code for _, code in _codes_at(text)]


def _is_quantity(word: str) -> bool:
    # 80kWh is a number with its unit, and no name.
    found = quantities(word)
    return len(found) == 1 and found[0].start == 0 and found[0].end == len(word)


def _of(text: str, found: Quantity | Day | Clock | Weekday) -> str:
    return text[found.start : found.end].strip()
