"""Dates, days of the week and times of day in English and Chinese text."""

import re
from dataclasses import dataclass

from bifolio.answers.quantities import quantities

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTH = (
    r"(?P<{0}>january|february|march|april|may|june|july|august|september|october|november"
    r"|december|(?:jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec)\b\.?)"
)
# May and March are words too; behind one of these they are months.
_LEADS = r"in|by|of|from|until|to|since|and|every|late|early|mid|through"
_BEHIND_ONE = "|".join(rf"(?<=\b{word}[\s-])" for word in _LEADS.split("|"))
_NUMERAL = r"(?:\d{1,2}|[一二三四五六七八九十]{1,3})"
_DATE = re.compile(
    rf"""
    \b(?P<y1>\d{{4}})[-/.](?P<m1>\d{{1,2}})[-/.](?P<d1>\d{{1,2}})\b
    |(?:(?P<y2>\d{{4}}|[〇零一二三四五六七八九]{{4}})\s?年\s?)?(?P<m2>{_NUMERAL})\s?月
      (?:份|(?:\s?(?P<d2>{_NUMERAL})\s?[日号]))?
    |\b(?P<d3>\d{{1,2}})(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH.format("m3")}\b(?:,?\s(?P<y3>\d{{4}})\b)?
    |\b{_MONTH.format("m4")}\s(?P<d4>\d{{1,2}})(?:st|nd|rd|th)?\b(?!:)(?:,?\s(?P<y4>\d{{4}})\b)?
    |\b{_MONTH.format("m5")}\s(?:of\s)?(?P<y5>\d{{4}})\b
    |\b(?P<a6>\d{{1,2}})[./](?P<b6>\d{{1,2}})[./](?P<y6>\d{{4}}|\d\d)\b
    |(?:{_BEHIND_ONE}){_MONTH.format("m7")}\b
    |\b(?P<m8>january|february|april|june|july|august|september|october|november|december)\b
    """,
    re.ASCII | re.IGNORECASE | re.VERBOSE,
)
_WEEKDAY = re.compile(
    r"\b(?P<en>monday|tuesday|wednesday|thursday|friday|saturday|sunday)s?\b"
    # 周一、三、五 names three days.
    r"|(?:星期|周|礼拜|(?<=周[一二三四五六日]、)|(?<=周[一二三四五六日]、[一二三四五六日]、))(?P<zh>[一二三四五六日天])(?!个)",
    re.ASCII | re.IGNORECASE,
)
_WEEKDAY_RANGE = re.compile(r"\s?(?:[-–—~至到]|to|through|until)\s?\Z", re.IGNORECASE)
_TIME = re.compile(
    r"(?P<before>上午|早上|凌晨|中午|下午|晚上|傍晚|夜间|夜里)?\s?"
    r"(?:\b(?P<h1>[01]?\d|2[0-4])[:：](?P<n1>[0-5]\d)(?![:\d])"
    r"|\b(?P<h2>[01]?\d|2[0-4])\.(?P<n2>[0-5]\d)(?=\s?(?:[ap]\.?m\b|o'clock|hours))"
    r"|\b(?P<h3>1?\d)(?=\s?[ap]\.?m\b)"
    r"|(?P<h4>\d{1,2}|[一二两三四五六七八九十]{1,3})[点點时時](?!间|間|候|期|代|常|刻|装)"
    r"(?:(?P<half>半)|(?P<n4>\d{1,2}|[一二三四五六七八九十]{1,3})分)?)"
    r"(?:\s?(?P<after>[ap])\.?m\b\.?)?",
    re.ASCII | re.IGNORECASE,
)
_LATE = {"p", "下午", "晚上", "傍晚", "夜间"}


@dataclass(frozen=True, slots=True)
class Day:
    """A date of which some fields are given; ``swapped`` is its other reading (3/4/2024)."""

    year: int | None
    month: int | None
    day: int | None
    start: int
    end: int
    swapped: bool = False

    def within(self, other: "Day") -> bool:
        """Tell whether the other date says the same in every field that both give."""
        mine, theirs = (self.year, self.month, self.day), (other.year, other.month, other.day)
        same = all(a is None or b is None or a == b for a, b in zip(mine, theirs, strict=True))
        # A day without its day says nothing of one with it.
        return same and (self.day is None or other.day is not None)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day in minutes; ``sure`` tells whether it is known which half of the day."""

    minutes: int
    sure: bool
    start: int
    end: int

    def same(self, other: "Clock") -> bool:
        """Tell whether both can be the same time."""
        if self.sure and other.sure:
            return self.minutes % 1440 == other.minutes % 1440
        return self.minutes % 720 == other.minutes % 720


@dataclass(frozen=True, slots=True)
class Weekday:
    """A day of the week, 0 for Monday."""

    day: int
    start: int
    end: int


def days(text: str) -> list[Day]:
    """Find the dates of a text, months without a day included."""
    found = []
    for date in _DATE.finditer(text):
        given = {name: value for name, value in date.groupdict().items() if value}
        fields = {name[0]: value for name, value in given.items()}
        year = _number(fields.get("y"))
        if "a" in fields:
            one, other = int(fields["a"]), int(fields["b"])
            for day, month in ((one, other), (other, one)):
                if month <= 12:
                    found.append(
                        Day(_whole_year(year), month, day, *date.span(), swapped=day == other)
                    )
            continue
        name = fields["m"]
        # "may" is a verb, and "march" too.
        if not name[0].islower():
            found.append(Day(year, _month(name), _number(fields.get("d")), *date.span()))
    return found


def weekdays(text: str) -> list[Weekday]:
    """Find the days of the week; those between the ends of a range too."""
    found: list[Weekday] = []
    for word in _WEEKDAY.finditer(text):
        day = _DAYS.index(word["en"].lower()) if word["en"] else "一二三四五六日".find(word["zh"])
        day = 6 if day < 0 else day
        if found and _WEEKDAY_RANGE.fullmatch(text[found[-1].end : word.start()]):
            between = range(found[-1].day + 1, found[-1].day + 1 + (day - found[-1].day - 1) % 7)
            found += [Weekday(one % 7, *word.span()) for one in between]
        found.append(Weekday(day, *word.span()))
    return found


def clocks(text: str) -> list[Clock]:
    """Find the times of day."""
    found = []
    for time in _TIME.finditer(text):
        hour = _number(next(time[name] for name in ("h1", "h2", "h3", "h4") if time[name]))
        minute = 30 if time["half"] else _number(time["n1"] or time["n2"] or time["n4"]) or 0
        if hour is None or hour > 24 or minute > 59:
            continue
        part = (time["after"] or time["before"] or "").lower()
        if part in _LATE and hour < 12:
            hour += 12
        if part == "a" and hour == 12:
            hour = 0
        sure = bool(part) or hour > 12 or hour == 0 or (time["h1"] or "").startswith("0")
        found.append(Clock(60 * hour + minute, sure, *time.span()))
    return found


def _month(name: str) -> int | None:
    if name[0].isdigit() or not name.isascii():
        return _number(name)
    return _MONTHS.index(name[:3].lower()) + 1


def _number(text: str | None) -> int | None:
    if not text:
        return None
    found = quantities(text)
    return int(found[0].value) if found else None


def _whole_year(year: int | None) -> int | None:
    return year + 2000 if year is not None and year < 100 else year
