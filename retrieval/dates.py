"""Dates in one form, however they are written: 3 March 2024, 2024-03-03, 2024年3月3日."""

import re

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\b\.?"
)
_FIGURES = "〇一二三四五六七八九"
_DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
_HAN_NUMBER = rf"(?:\d{{1,2}}|[{_FIGURES}十]{{1,3}})"
_HAN_YEAR = rf"(?:\d{{4}}|[{_FIGURES}零○]{{4}})\s?年\s?"
_HAN_DAY = rf"{_HAN_NUMBER}\s?[日号]"

_BY_FIGURES = "|".join(
    [
        r"(?<![\w.-])\d{4}(?P<joint>[-/.])\d{1,2}(?P=joint)\d{1,2}(?![\w-])",
        r"(?<![\w.-])\d{1,2}\.\d{1,2}\.\d{4}(?![\w-])",
        r"(?<![\w./-])\d{1,2}/\d{1,2}/\d{4}(?![\w/-])",
        rf"{_HAN_YEAR}{_HAN_NUMBER}\s?月(?:\s?{_HAN_DAY})?",
        rf"{_HAN_NUMBER}\s?月\s?{_HAN_DAY}",
        rf"(?<!\w){_DAY}\s+(?:of\s+)?{_MONTH}(?:,?\s+\d{{4}}(?!\w))?",
    ]
)
_BY_NAME = rf"{_MONTH}(?:\s+{_DAY}(?!\w)(?:,?\s+\d{{4}}(?!\w))?|,?\s+\d{{4}}(?!\w))"
# A regular expression for texts in lower case. What it looks ahead for spares most words the rest.
DATE = rf"(?=[\d{_FIGURES}零○十])(?:{_BY_FIGURES})|\b(?=[jfmasond]){_BY_NAME}"

_NAMED = re.compile(r"[a-z]{3}")
_NUMBERS = re.compile(rf"\d+|[{_FIGURES}零○十]+")
_LAST_MONTH, _LAST_DAY = 12, 31


def date_words(said: str, *, joint: str) -> list[str]:
    """Give the words of what ``DATE`` found: the day, the day of any year, the month.

    Of a date without a year or a day those that it has; of what is no date, such as 2024-13-45,
    none.
    """
    year, month, day = _year_month_day(said)
    if said.count("/") == 2 and not said[:4].isdigit() and 1 <= day <= _LAST_MONTH < month:
        # Americans write the month first: 3/25/2024.
        month, day = day, month
    if not 1 <= month <= _LAST_MONTH or day > _LAST_DAY:
        return []
    found = [f"{joint}{month:02}{joint}{day:02}"] if day else []
    if year:
        found.append(f"{year:04}{joint}{month:02}")
        found += [f"{year:04}{joint}{month:02}{joint}{day:02}"] if day else []
    return found


def _year_month_day(said: str) -> tuple[int, int, int]:
    """Read a date; the year and the day are 0 where they are not said."""
    numbers = [_number(number) for number in _NUMBERS.findall(said)]
    named = next((name for name in _NAMED.findall(said) if name in _MONTHS), None)
    years = [number for number in numbers if number > 999]
    others = [number for number in numbers if number <= 999]
    year = years[0] if years else 0
    if named:
        return year, _MONTHS.index(named) + 1, others[0] if others else 0
    if "月" not in said and numbers[0] == (others[0] if others else 0):
        others.reverse()
    return year, others[0] if others else 0, others[1] if len(others) > 1 else 0


def _number(said: str) -> int:
    """Read 15, 十五 or 二〇二四."""
    if said.isdigit():
        return int(said)
    tens, ten, ones = said.partition("十")
    if ten:
        return 10 * (_FIGURES.find(tens) if tens else 1) + max(0, _FIGURES.find(ones or "〇"))
    return int("".join(str(max(0, _FIGURES.find(figure))) for figure in said))
