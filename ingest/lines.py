"""Which lines of a text are one paragraph, and which stand for themselves.

Nothing but the text is known here: a line break is the end of a paragraph where the line was not
broken for want of room, where it closes a sentence, or where the next line opens an item.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal, NamedTuple

from bifolio.ingest.numerals import values_of
from bifolio.ingest.stops import HAN, is_open, sentence_ends

Kind = Literal["prose", "item", "alone"]
Span = tuple[int, int]

_NUMBERS = "一二三四五六七八九十百零〇"
# Word processors set bullets in private characters; one may stand on a line of its own.
_BULLET = re.compile(r"[-*+•●○◦▪■□◆◇►▸·‣⁃–—\uf000-\uf0ff](?:\s+|$)|[•●▪■◆►▸\uf000-\uf0ff]|\\item\b")
_NUMBERED = re.compile(
    rf"(?P<number>\d{{1,3}})(?:[.．](?=\s|[{HAN}])|[)）、](?=\s|[^\d\s]))"
    rf"|[(（](?P<inner>\d{{1,3}}|[a-z]|[ivx]{{1,4}}|[{_NUMBERS}]{{1,3}})[)）]"
    rf"|(?P<letter>[a-zA-Z])[.)](?=\s)|(?P<han>[{_NUMBERS}]{{1,3}})、|[①-⑳]"
    rf"|第[{_NUMBERS}\d]{{1,6}}[编篇章节節条條款](?P<rest>.?)"
)
# The number of a part: 4.1.
_PART = re.compile(r"((?:\d{1,2}\.)+)(\d{1,2})\.?\s+\S")
# 第八条 goes on with the sentence before it: 按照本办法 / 第八条的规定.
_CITED = frozenset("的规規所之、，,和与至或及第款项項中")
_RULE = re.compile(r"[-=_*|:+~\s]{3,}$")
_HEADING = re.compile(r"#{1,6}\s|(?:\*\*|__)[^*_]+(?:\*\*|__)\s*+[:：]?\s*+$")
_ROW = re.compile(r"\||.*\S(?:\t| {3,})\s*\S|[^|]*\|[^|]*\|")
# An entry of a table of contents.
_ENTRY = re.compile(r"(?<![.\s])\s?(?:\.\s?){4,}+[\divxlc]{1,6}$")
# Lines that are no text: of LaTeX, Org, reStructuredText and files of settings.
_COMMAND = re.compile(
    r"(?:\\[A-Za-z]+\*?(?:\[[^]]*\])?(?:\{[^{}]*\})*\s*)+$|#\+\w"
    r"|:[A-Za-z][\w-]*:\s*\S{0,40}$|\.\. [\w-]+::\s*\S*$|\[[^]\[]{1,40}\]$"
)
# The names of what is fenced off that may be words, and signs that words seldom hold.
_WORDS_INSIDE = frozenset(("", "text", "txt", "plain", "plaintext", "markdown", "md", "note"))
_CODE = re.compile(r"[{}<>=;$|\\]|\w\(|^\s*(?:#|//|--)|\t|\s{3,}")
_CLOSES = re.compile(r"[.!?。！？][\"”’」』）)]*(?:\s|$)")
# What a row has between its cells.
_PARTING = ("|", "\t", "   ")
_NUMBERING = frozenset(f"第{_NUMBERS}")
_AFTER_LETTER = (".", ")")
_FENCE = re.compile(r"```|~~~")
_KEY = re.compile(r"[\w .()（）/-]{1,28}[:：]\s*$")
_FIELD = re.compile(r"[\w .()/-]{1,28}\s*[:=：]\s*\S")
_PREFIX = re.compile(r"[\s>]*")
_DECORATION = re.compile(r"[\"'“‘(\[*_`（「『《]*")
_IS_HAN = re.compile(f"[{HAN}]")
_FIRST_WORD = re.compile(rf"[{HAN}][^\w\s]?|[^\s{HAN}]+")
# With one of these at its end a line is not finished.
_DANGLING = re.compile(
    r"(?:\b(?:a|an|the|of|to|in|on|at|by|for|from|with|and|or|nor|but|than|that|which|who|whose|is"
    r"|are|was|were|be|been|has|have|had|its|their|his|her|as|into|per|between|under|until"
    r"|before|after|about|not|only|this|these|each|every|costs?|than|within"
    r"|without|during|since|upon|against|if|unless|whether|because|while|when|must|shall|should)|[,(\[（“‘「『《/&+–—-]|[，、：:]"
    r"|[的为為和与與及或是在于於至从從自按对對向被把将將由经經因以其该該每各归歸属屬约約占佔共达達超即如若则則并並之比])$"
)
# These end a heading as well as a line: 一、目的, 第一章 总则.
_NOUNS = re.compile(
    r"(?:[目标標]的|[总總附细細规規原法准準守通罚罰][则則]|[总總饱飽]和|[参參][与與]|[行作人认認]为|[行作人]為"
    r"|[理自事缘緣]由|[各独獨]自|普及|[合条條节節公签簽契预預]约|[合條節公簽契預]約|[原内成诱誘起]因|[方导導意转轉趋]向"
    r"|[核校]对|[核校]對|[家金附权權隶隸直][属屬]|公共|[表到送抵][达達]|[合][并並併]|[财財正神曾][经經]"
    r"|[占佔对對环環同配百]比|服从|服從|[现現所]在|土耳其)$"
)
# No word of these is longer.
_LONGEST_END = 12
# A date or an amount that a line break cut: 2024年 / 3月, 50 / 元.
_CUT_NUMBER = re.compile(r"(?:[年月]\n\d|\d\n[年月日号號元万萬亿億%％个個天岁歲人次])")
# Below these widths, in columns, a line is too short to have been broken for want of room: verse.
_NARROW = 48
_NARROW_HAN = 32
_LONG = 40
_AROUND = 20
# So many lines further the next item of a list is looked for.
_AHEAD = 12


class _Line(NamedTuple):
    """``text[start:end]`` without its indent; ``width`` in columns, a Chinese character has two."""

    start: int
    end: int
    body: str
    indent: int
    width: int
    kind: Kind
    hard_break: bool


def paragraph_spans(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the paragraphs, items, rows and lines that stand alone, without white space around."""
    lines = list(_lines(text, start, end))
    first = 0
    while first < len(lines):
        last = first
        while last + 1 < len(lines) and not _is_blank(text, lines[last], lines[last + 1]):
            last += 1
        margin = _margin(lines[max(0, first - _AROUND) : last + _AROUND])
        yield from _Block(text, lines[first : last + 1], margin).spans()
        first = last + 1


def kind_of(line: str) -> Kind:
    """Tell what a line looks like; ``alone`` is a row, a heading or a rule."""
    # Without blanks at its end: patterns try each of them.
    line = line.rstrip()
    body = _PREFIX.sub("", line, count=1) if line[:1] == ">" or line[:1].isspace() else line
    if (".." in body or ". ." in body) and _ENTRY.search(body):
        return "alone"
    if body[:1].isalpha() and body[0] not in _NUMBERING and body[1:2] not in _AFTER_LETTER:
        # So begin most lines, and none of these is but a row.
        return "alone" if any(mark in body for mark in _PARTING) and _ROW.match(body) else "prose"
    marks = (_HEADING, _ROW, _RULE, _COMMAND)
    if any(mark.match(body) for mark in marks):
        return "alone"
    return "item" if _BULLET.match(body) or _NUMBERED.match(body) else "prose"


class _Block:
    """Lines without a blank one between them."""

    def __init__(self, text: str, lines: list[_Line], margin: int) -> None:
        self._text = text
        self._lines = lines
        self._margin = margin
        own = max(line.width for line in lines)
        broad = pairwise(lines) if own >= _NARROW_HAN else ()
        full = [self._reaches(line, after, own) for line, after in broad]
        # Most of its lines are as long as they can be: it was broken at a margin of its own.
        self._wrapped = len(full) >= 3 and sum(full) >= 0.6 * len(full)
        self._own = own

    def spans(self) -> Iterator[Span]:
        """Yield the spans of the paragraphs."""
        begun, number, joined = self._lines[0].start, _numbers(self._lines[0]), False
        for place, (line, after) in enumerate(pairwise(self._lines)):
            goes_on = self._goes_on(place, begun, number=number, joined=joined)
            if after.kind == "item" and not goes_on:
                number = _numbers(after)
            if not goes_on:
                yield begun, line.end
                begun = after.start
            # What follows a colon may be a list without marks.
            joined = goes_on and line.body[-1] not in ":："
        yield begun, self._lines[-1].end

    def _goes_on(self, place: int, begun: int, *, number: frozenset[int], joined: bool) -> bool:
        """Tell whether the line at ``place`` and the next belong to one paragraph."""
        line, after = self._lines[place], self._lines[place + 1]
        if "alone" in (line.kind, after.kind) or _counts_on(self._text, begun, after):
            return False
        if line.kind == "item" and not any(map(str.isalnum, line.body)):
            return after.kind != "item"
        is_open_ = is_open(self._text, max(begun, line.start), line.end, after.start)
        lower = _starts_low(after)
        if not is_open_ or line.hard_break:
            return lower and after.kind != "item" and not _KEY.fullmatch(after.body)
        if _is_field(line.body) and _is_field(after.body) and not self._is_full(place):
            return False
        dangles = self._dangles(line, after)
        prose = (joined and line.width >= _NARROW_HAN) or self._has_prose(line)
        if after.kind == "item":
            return self._runs_in(place, number, prose=prose, dangles=dangles)
        deeper = line.kind == "item" and after.indent > line.indent
        if lower or dangles or prose or deeper or self._is_full(place):
            return True
        return line.width >= _LONG and self._closes_ahead(place + 1)

    def _runs_in(self, place: int, number: frozenset[int], *, prose: bool, dangles: bool) -> bool:
        """Tell whether a line that looks like an item only goes on: "until the / 15. of March"."""
        line, after = self._lines[place], self._lines[place + 1]
        if _BULLET.match(after.body):
            return after.body[0] in "–—" and self._is_full(place) and line.kind != "item"
        found = _NUMBERED.match(after.body)
        if not found or line.body.endswith((":", "：")):
            return False
        if found.group("rest"):
            return dangles or prose or found.group("rest") in _CITED
        own = _numbers(after)
        counts_on = any(
            _is_next(own, _numbers(later)) for later in self._lines[place + 2 :][:_AHEAD]
        )
        if _is_next(number, own) or (1 in own and counts_on):
            return False
        if 1 in own and found["number"]:
            return dangles
        out_of_turn = bool(number) and max(number) < min(own, default=0) and not counts_on
        return dangles or prose or out_of_turn or self._is_full(place)

    def _dangles(self, line: _Line, after: _Line) -> bool:
        body, end = line.body, line.body[-1]
        if (end in "年月" or end.isdigit()) and _CUT_NUMBER.match(f"{end}\n{after.body[0]}"):
            return True
        if _IS_HAN.match(end) and after.body[0].isdigit() and after.body[-1] in "。；！？，、":
            # 处200元以上 / 1,000元以下罚款。
            return True
        tail = max(0, len(body) - _LONGEST_END)
        if not _DANGLING.search(body, tail) or _NOUNS.search(body, tail):
            return False
        # Verse: short lines that end with a comma, each beginning with a capital.
        short = line.width < _LONG and not self._is_full_width(line, after)
        return not (end == "," and short and _letter(after).isupper())

    def _has_prose(self, line: _Line) -> bool:
        if next(sentence_ends(self._text, line.start, line.end), None) is not None:
            return True
        return line.width >= _NARROW_HAN and bool(re.search(rf"[{HAN}][，；。]", line.body))

    def _is_full(self, place: int) -> bool:
        return self._is_full_width(self._lines[place], self._lines[place + 1])

    def _is_full_width(self, line: _Line, after: _Line) -> bool:
        return self._reaches(line, after, self._margin) or (
            self._wrapped and self._reaches(line, after, self._own)
        )

    @staticmethod
    def _reaches(line: _Line, after: _Line, margin: int) -> bool:
        """Tell whether the next line's first word would not have found room on this one."""
        narrow = _NARROW_HAN if _IS_HAN.search(line.body) else _NARROW
        if margin < narrow or "alone" in (line.kind, after.kind):
            return False
        word = _FIRST_WORD.match(after.body)
        return line.width + 1 + width(word.group() if word else "") > margin - 1

    def _closes_ahead(self, place: int) -> bool:
        """Tell whether one of the next lines closes a sentence."""
        for line in self._lines[place : place + 3]:
            if line.kind != "prose":
                return False
            if re.search(r"[.!?。！？][\"”’」』）)]*(?:\s|$)|[。！？]", line.body):
                return True
        return False


def _lines(text: str, start: int, end: int) -> Iterator[_Line]:
    """Yield the lines that are not blank."""
    fenced = code = False
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop
        line = text[start:stop]
        if line.strip():
            prefix = _PREFIX.match(line)
            indent = prefix.end() if prefix and prefix.end() < len(line) else 0
            body = line[indent:].rstrip()
            is_fence = bool(_FENCE.match(body))
            kind = "alone" if code or is_fence else kind_of(line)
            if is_fence:
                fenced = not fenced
                code = fenced and _is_code(body, text[stop : text.find(body[:3], stop, end)])
            first = start + len(line) - len(line.lstrip())
            hard = line.endswith(("  ", "\\"))
            last = start + len(line.rstrip())
            yield _Line(first, last, body, indent, width(body), kind, hard)
        start = stop + 1


def _is_code(fence: str, inside: str) -> bool:
    """Tell whether what is fenced off is code, and not words that were only set apart."""
    if fence[3:].strip().lower() not in _WORDS_INSIDE:
        return True
    lines = [line for line in inside.split("\n") if line.strip()]
    plain = sum(len(line.split()) > 4 and not _CODE.search(line) for line in lines)
    return 2 * plain < len(lines) or not any(_CLOSES.search(line) for line in lines)


def _is_field(body: str) -> bool:
    marked = ":" in body or "=" in body or "：" in body
    return marked and bool(_FIELD.match(body) or _KEY.match(body))


def _is_blank(text: str, line: _Line, after: _Line) -> bool:
    return text.count("\n", line.end, after.start) > 1


def _margin(lines: list[_Line]) -> int:
    widths = sorted(line.width for line in lines if line.kind != "alone")
    return widths[int(0.9 * (len(widths) - 1))] if widths else 0


def _numbers(line: _Line) -> frozenset[int]:
    """Give the numbers that an item may bear: "(i)" may be the first or the ninth."""
    found = _NUMBERED.match(line.body) if line.kind == "item" else None
    groups = (found[name] for name in ("number", "inner", "letter", "han")) if found else ()
    return values_of(next(filter(None, groups), ""))


def _is_next(number: frozenset[int], after: frozenset[int]) -> bool:
    return any(one + 1 in after for one in number)


def _counts_on(text: str, begun: int, after: _Line) -> bool:
    """Tell whether a paragraph and the next line bear numbers of parts that follow: 4.1, 4.2."""
    one, two = _PART.match(text, begun), _PART.match(after.body)
    return bool(one and two and one[1] == two[1] and int(one[2]) + 1 == int(two[2]))


def _letter(line: _Line) -> str:
    decoration = _DECORATION.match(line.body)
    place = decoration.end() if decoration else 0
    return line.body[place : place + 1]


def _starts_low(line: _Line) -> bool:
    return _letter(line).islower()


def width(text: str) -> int:
    """Give how many columns a line takes: two for a wide letter, as Chinese ones are."""
    if text.isascii():
        return len(text)
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
