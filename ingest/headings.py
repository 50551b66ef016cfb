"""Headings of plain text, told by the line under them, by their number or by their capitals."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from bifolio.ingest.lines import width
from bifolio.ingest.stops import HAN

Span = tuple[int, int]
Heading = tuple[int, str, int]  # level, title, start

_LEVELS = 6
# In columns; what is longer is a sentence.
_LONGEST = 72
_DIGITS = "一二三四五六七八九十百零〇两\\d"
_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1+")
_GOES_ON = re.compile(r"[.,;:!?。，；：！？、…]$")
_STATED = re.compile(r"[.,;。，；]$")
_CAPITALS = re.compile(r"(?=(?:[^A-Z]*[A-Z]){4})[A-Z0-9][A-Z0-9 &'’,/()-]*:?$")
# The number of a heading, by kinds. Those named chapters are seldom anything else.
_CHAPTER = re.compile(
    rf"第[{_DIGITS}]{{1,6}}(?P<unit>[编編篇部卷回章节節])(?![的中所])"
    r"|(?P<word>(?:Chapter|Section|Part|Appendix|Annex)|(?:CHAPTER|SECTION|PART|APPENDIX|ANNEX))\s+"
    r"(?:\d{1,3}|[IVXLC]+|[A-Z])(?=$|[.:\s–—-]+[A-Z\d]|[.:]$)"
)
_NUMBERED = re.compile(
    rf"(?P<decimal>\d{{1,2}}(?:\.\d{{1,2}}){{0,4}})(?:[.)．、]?\s+(?=[^\sa-z])|[.)．、](?=[{HAN}]))"
    rf"|(?P<han>[{_DIGITS}]{{1,3}}、)|(?P<inner>[（(][{_DIGITS}]{{1,3}}[)）])|(?P<roman>[IVX]{{1,5}}\.\s+)"
)


class _Line(NamedTuple):
    """A line that may be a heading: its number among the lines, how it is set, and its words."""

    number: int
    kind: str
    title: str


def adorned_headings(text: str) -> list[Heading]:
    """Give the lines that have a line of one sign under them; the first style is the highest."""
    lines = text.split("\n")
    return _levelled(_adorned(lines), lines)


def plain_headings(text: str, tables: Sequence[Span]) -> list[Heading]:
    """Give the lines of plain text that are headings, none of them inside a table.

    Numbers and capitals make one only where they do so throughout the text, and not the items of a
    list.
    """
    lines = text.split("\n")
    found = {line.number: line for line in _numbered(lines)}
    # A rule may also stand below a paragraph of one line.
    found |= {line.number: line for line in _adorned(lines) if not _STATED.search(line.title)}
    ordered = [found[number] for number in sorted(found)]
    headings = _levelled(ordered, lines)
    return [one for one in headings if not any(start <= one[2] < end for start, end in tables)]


def _levelled(found: Sequence[_Line], lines: Sequence[str]) -> list[Heading]:
    """Give each kind a level, in the order in which they first come."""
    levels: dict[str, int] = {}
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    return [
        (min(levels.setdefault(one.kind, len(levels) + 1), _LEVELS), one.title, starts[one.number])
        for one in found
    ]


def _adorned(lines: Sequence[str]) -> list[_Line]:
    found = []
    for number, line in enumerate(lines):
        title = line.strip()
        over = _adornment(lines, number - 1, title)
        under = _adornment(lines, number + 1, title)
        before = number == 0 or not lines[number - 1].strip()
        if title and under and (over == under or before) and not _ADORNMENT.fullmatch(title):
            kind = f"{under} {over == under}"
            found.append(_Line(number, kind, " ".join(title.split())))
    return found


def _adornment(lines: Sequence[str], number: int, title: str) -> str:
    """Give the character of which a line is made that is at least as long as the title."""
    line = lines[number].rstrip() if 0 <= number < len(lines) else ""
    # Chinese titles are often underlined by their number of characters.
    long_enough = len(line) >= min(width(title), max(2, len(title)))
    return line[0] if long_enough and _ADORNMENT.fullmatch(line) else ""


def _numbered(lines: Sequence[str]) -> list[_Line]:
    """Give the lines set apart whose kind makes headings in this text."""
    found = list(_alone(lines))
    kinds = {one.number: one.kind for one in found}
    # What another of its kind follows is an item of a list, or of the table of contents.
    items = {one for one in found if kinds.get(_next(lines, one.number)) == one.kind}
    listed = {item.kind for item in items}
    counts = Counter(kinds.values())
    firsts = {one.kind: one for one in reversed(found)}
    trusted = {
        kind
        for kind, first in firsts.items()
        if kind.startswith("chapter")
        or (counts[kind] > 1 and kind == "capitals")
        or (counts[kind] > 1 and kind not in listed and _begins(first))
    }
    return [
        one for one in found if one.kind in trusted and (one.kind == "capitals" or one not in items)
    ]


def _next(lines: Sequence[str], number: int) -> int:
    return next((place for place in range(number + 1, len(lines)) if lines[place].strip()), -1)


def _begins(first: _Line) -> bool:
    """Tell the first number of a series from a date or an amount."""
    return first.kind != "decimal 1" or int(re.split(r"\D", first.title)[0]) <= 1


def _alone(lines: Sequence[str]) -> Iterator[_Line]:
    """Yield the lines set apart that bear a number or are in capitals."""
    last = -1
    for number, (line, after) in enumerate(pairwise([*lines, ""])):
        title = " ".join(line.split())
        apart = number == 0 or not lines[number - 1].strip() or last == number - 1
        kind = _kind(title) if apart and title and width(title) <= _LONGEST else ""
        if not kind:
            continue
        indented = after[:1].isspace() and not line[:1].isspace()
        if not after.strip() or kind.startswith("chapter") or (kind == "capitals" and indented):
            last = number
            yield _Line(number, kind, title)


def _kind(title: str) -> str:
    if found := _CHAPTER.match(title):
        named = found["unit"] or found["word"]
        return "" if _GOES_ON.search(title.rstrip(".:")) else f"chapter {named.lower()}"
    found = _NUMBERED.match(title)
    said = title[found.end() :] if found else title
    if found is None and _CAPITALS.match(title):
        return "capitals"
    if found is None or _GOES_ON.search(said) or not any(map(str.isalpha, said)):
        return ""
    if found["decimal"]:
        return f"decimal {found['decimal'].count('.') + 1}"
    return next(name for name in ("han", "inner", "roman") if found[name])
