"""The lines of a page become paragraphs again."""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from bifolio.ingest.numerals import values_of
from bifolio.ingest.pdf.codes import HYPHEN
from bifolio.ingest.pdf.line import NO_TABLE, Line
from bifolio.ingest.pdf.pieces import first_word
from bifolio.ingest.stops import is_open

_ENDS_SENTENCE = re.compile(r"[.!?:;。！？：；…][\"'”’」』）)\]]*$")
_BULLET = re.compile(r"[-–—•●▪◦*·∙‣○■□➢✓]\s?(?=\S)|[①-⑳]")
_MARKER = re.compile(
    r"(?P<open>[（(\[［【]?)(?P<value>\d{1,3}|[a-zA-Z]|[ivxIVX]{1,5}|[一二三四五六七八九十]{1,3})"
    r"(?P<close>[.)、）\]］】](?![\d])|．)\s*|第(?P<article>[一二三四五六七八九十百\d]{1,4})[章节條条款]"
)
# A line of running text ends in one of these more often than a title or an entry does.
_RUNS_ON = re.compile(
    r"(?:[,，、]|\b(?:a|an|the|of|to|in|on|at|by|for|from|with|and|or|but|nor|that|which|who|is|are"
    r"|was|were|be|been|has|have|had|its|their|our|your|this|these|any|all|each|such|not|shall|will"
    r"|may|must|can|as|than|into|under|der|die|das|den|dem|des|und|oder|de|la|le|les|du|et|el|los"
    r"|del|y|que))$",
    re.IGNORECASE,
)
# Of the lines that follow full ones in running text, so many go on with a sentence.
_PROSE = 0.25
# So far the first line of a paragraph is set in, in units of the type's size; and so many entries
# whose other lines are make a list of such.
_SET_IN, _ENTRIES = 0.9, 2
# A line that is set in further than the first of a paragraph stands at the right: a date, a name.
_FAR_IN = 6.0
# A line that ends a sentence ends its paragraph if the next is so much further below than usual.
_APART = 1.2
# So many letters on either side of a line's end tell whether a full stop ends a sentence.
_WORDS = 40
_OPENING = "\"'“‘«(["


class Shape:
    """What the lines of one column have in common: margins and the step from line to line."""

    def __init__(self, lines: Sequence[Line], page_right: float) -> None:
        rights = sorted(line.right for line in lines)
        self.left = min(line.left for line in lines)
        few = len(lines) < 3
        # Few lines tell little of the margin, but that they are broken where they go on.
        self.widest = rights[-1] if few else rights[int(0.9 * (len(rights) - 1) + 0.5)]
        self.right = page_right if few else self.widest
        size = median(line.size for line in lines)
        self.support = sum(abs(right - self.right) < 2.5 * size for right in rights)
        below = [(one, two) for one, two in pairwise(lines) if two.top > one.top]
        # What is set larger stands off from the text.
        alike = [pair for pair in below if abs(pair[0].size - pair[1].size) < 0.1 * size]
        steps = [two.top - one.top for one, two in alike or below]
        self.step = median(steps) if steps else 1.2 * size
        self.items = _items(lines)
        # Entries of which all lines but the first are set in, as in a list of references.
        into = Counter(round(two.left) for one, two in pairwise(lines) if self.runs_into(one, two))
        self.hangs = max(into.values(), default=0) >= _ENTRIES
        self.is_prose = self._is_prose(lines, size)
        # What may be a title, or a paragraph of two lines.
        self.is_short = len(lines) < 3

    def runs_into(self, one: Line, two: Line) -> bool:
        """Tell whether a full line, inside a sentence, is followed by one that is set in."""
        return (
            not _ends(one, two)
            and abs(one.size - two.size) < 0.1 * one.size
            and two.left - one.left > _SET_IN * one.size
            and self.fills(one, two)
        )

    def fills(self, one: Line, two: Line) -> bool:
        """Tell whether the next line's first word had no room on a line."""
        word = first_word(two.text, two.right - two.left, two.size)
        return self.right - one.right < word + 0.4 * max(one.size, two.size)

    def _is_prose(self, lines: Sequence[Line], size: float) -> bool:
        """Tell whether the lines were broken for want of room, as a list of short ones is not.

        Letters that know no capitals, as Chinese, tell it by the margin that most lines reach.
        """
        pairs = [(one, two) for one, two in pairwise(lines) if two.top > one.top]
        if any(one.text[-1:] == HYPHEN for one, _ in pairs):
            return True
        worded = [two for _, two in pairs if two.text[:1].isalpha()]
        if 2 * sum(map(_has_capitals, worded)) < len(worded):
            open_ = [one for one, _ in pairs if not _ENDS_SENTENCE.search(one.text[-6:])]
            reached = sum(self.right - one.right < 1.6 * size for one in open_)
            width = self.right - self.left
            most = bool(open_) and reached >= 0.6 * len(open_)
            return most and width >= 8 * size if width < 20 * size else most or reached > 1
        full = [pair for pair in pairs if self.right - pair[0].right < 4 * size]
        reading = sum(
            two.text.lstrip(_OPENING)[:1].islower() or bool(_RUNS_ON.search(one.text))
            for one, two in full
        )
        return bool(full) and reading >= _PROSE * len(full)


def breaks(lines: Sequence[Line]) -> list[bool]:
    """Tell for each line of a page whether the next begins a paragraph, an item or a row."""
    right = max((line.right for line in lines), default=0.0)
    shapes = {
        block: Shape(members, right)
        for block in {line.block for line in lines}
        if (members := [line for line in lines if line.block == block and line.table == NO_TABLE])
    }
    code = not is_typewritten(lines)
    return [
        one.block != two.block
        or one.table != NO_TABLE
        or two.table != NO_TABLE
        or one.is_entry
        or (code and one.is_fixed and two.is_fixed)
        or not _goes_on(one, two, shapes[one.block])
        for one, two in pairwise(lines)
    ] + [True] * bool(lines)


def is_typewritten(lines: Sequence[Line]) -> bool:
    """Tell whether most is set in letters of one width, as whole letters are, and no program is."""
    return 2 * sum(line.is_fixed for line in lines) >= len(lines)


def _goes_on(one: Line, two: Line, shape: Shape) -> bool:
    size = max(one.size, two.size)
    if abs(one.size - two.size) > 0.1 * size or one.is_bold != two.is_bold:
        return False
    step = two.top - one.top
    if not 0 < step <= min(1.35 * max(shape.step, 1.2 * size), 3.2 * size):
        return False
    if _is_cut(one.text, two.text[:1]):
        return True
    if two in shape.items or _is_indented(one, two, shape, size):
        return False
    if one.left - two.left > (_SET_IN if shape.hangs else _FAR_IN) * size:
        return False
    if _hangs_on(one, two, shape):
        return True
    room = shape.right - one.right
    is_full = shape.fills(one, two)
    if _ends(one, two):
        apart = step > _APART * shape.step
        return is_full and shape.is_prose and room < 3 * size and shape.support >= 3 and not apart
    width, widest = one.right - one.left, max(shape.widest - shape.left, 1.0)
    if two.text[:1].islower() and width >= 0.7 * widest and width > 12 * size:
        return True
    if shape.is_prose and shape.support >= 2:
        return is_full
    sure = shape.is_prose or shape.is_short or not _has_capitals(two)
    return is_full and sure and width >= 20 * size


def _ends(one: Line, two: Line) -> bool:
    """Tell whether a line ends its sentence, and no mere word that is cut short: "(cf. Sec."."""
    if not _ENDS_SENTENCE.search(one.text[-6:]):
        return False
    before, after = one.text[-_WORDS:], two.text[:_WORDS]
    return before[-1] != "." or not is_open(f"{before} {after}", 0, len(before), len(before) + 1)


def _hangs_on(one: Line, two: Line, shape: Shape) -> bool:
    """Tell whether a line is a further one of an entry or an item, set in below its first."""
    if shape.hangs and shape.runs_into(one, two):
        return True
    # Whoever breaks an item puts its words below each other, behind the mark.
    behind = one in shape.items and two.left - one.left > _SET_IN * one.size
    first = two.text[:1]
    follows = first.islower() or (first.isdigit() and two not in shape.items)
    return behind and follows and not _ends(one, two) and (first.islower() or shape.fills(one, two))


def _has_capitals(line: Line) -> bool:
    """Tell whether the first letter of a line would be another one as a capital, or is no letter.

    Figures and signs stand first in either kind of text.
    """
    first = line.text[:1]
    return not first.isalpha() or first.lower() != first.upper()


def _is_cut(before: str, after: str) -> bool:
    """Tell whether a hyphen parts a word, a span of numbers such as "20-30", or a part number."""
    follows = after.islower() or after.isdigit() or (after.isalpha() and before[-2:-1].isdigit())
    return before.endswith(("-", HYPHEN)) and before[-2:-1].isalnum() and follows


def _is_indented(one: Line, two: Line, shape: Shape, size: float) -> bool:
    """Tell whether the second line is set in as the first of a paragraph is."""
    moved = two.left - one.left
    if shape.hangs and shape.runs_into(one, two):
        return False
    short = shape.right - two.right > 0.9 * size
    centred = short and abs((one.left + one.right) - (two.left + two.right)) < 0.8 * size
    numbered = len(one.parts) > 1 and one.parts[0][0].isdigit()
    marked = numbered or bool(_BULLET.match(one.text) or _MARKER.match(one.text))
    hanging = one in shape.items or marked
    return moved > _SET_IN * size and not centred and not hanging


def _items(lines: Sequence[Line]) -> set[Line]:
    """Find the lines that open an item of a list.

    A number may stand first in a line by chance; it opens an item if the line before is no full
    one, or if the number before or after it stands first in another line, too.
    """
    marked = [(line, marker) for line in lines for marker in _markers(line.text)]
    values = {marker for _, marker in marked}
    first = {line for line, (style, n) in marked if {(style, n - 1), (style, n + 1)} & values}
    bullets = [line for line in lines if _BULLET.match(line.text)]
    opened = {line.text[0] for line in bullets}
    often = {mark for mark in opened if sum(line.text[0] == mark for line in bullets) > 1}
    sure = {line for line in bullets if line.text[0] in often or line.text[0] not in "-–—*·"}
    right = max((line.right for line in lines), default=0.0)
    loose = {
        two
        for one, two in pairwise(lines)
        if (_MARKER.match(two.text) or _BULLET.match(two.text))
        and (right - one.right > 6 * one.size or _ends(one, two))
    }
    return first | sure | loose


def _markers(text: str) -> set[tuple[str, int]]:
    """Give the style of a number that stands first, and the values that it may have."""
    found = _MARKER.match(text)
    if not found:
        return set()
    value = found["article"] or found["value"]
    style = "article" if found["article"] else f"{found['open']}{found['close']}"
    kind = "1" if value.isdigit() else "A" if value.isupper() else "a"
    return {(style + kind, number) for number in values_of(value)}
