"""The rows of a table that stand for a range: "3 to 14 days", "up to 6 m", "more than 14 days"."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bifolio.answers.quantities import Quantity, quantities

# What binds a number from below or above, before it and behind; the exact number is its own or not.
_FROM = re.compile(
    r"(?:at least|(?:no|not) (?:less than|fewer than|under|below)|from|≥|>="
    r"|(?<![不未])满|至少|不少于|不低于|不小于)\s?\Z",
    re.IGNORECASE,
)
_OVER = re.compile(
    r"(?:more than|over|above|exceeding|longer than|older than|greater than|>"
    r"|超过|高于|大于|多于)\s?\Z",
    re.IGNORECASE,
)
_TO = re.compile(
    r"(?:at most|up to|(?:no|not) (?:more than|longer than|older than|over|above|exceeding)|until"
    r"|within|≤|<=|不超过|不高于|不大于|至多|最多)\s?\Z",
    re.IGNORECASE,
)
_UNDER = re.compile(
    r"(?:less than|under|below|shorter than|younger than|fewer than|<"
    r"|不满|未满|不足|不到|少于|低于|小于)\s?\Z",
    re.IGNORECASE,
)
_AND_MORE = re.compile(
    r"\s?(?:and|or) (?:more|over|above|longer|older)\b|\s?\+|\s?(?:及|或)?以上", re.IGNORECASE
)
_AND_LESS = re.compile(
    r"\s?(?:and|or) (?:less|under|below|fewer|younger|shorter)\b|\s?(?:及|或)?(?:以下|以内|之内)",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s?(?:[-–—~～至到]|to|and|bis)\s?\Z")
_UNIT = re.compile(r"[（(\[]\s*(?P<unit>[^()（）\[\]]{1,20}?)\s*[)）\]]")
_CLOSE = 1e-9


@dataclass(frozen=True, slots=True)
class Range:
    """What lies between two quantities of one measure, in its smallest unit."""

    measure: str
    least: float
    most: float
    has_least: bool
    has_most: bool

    def holds(self, one: Quantity) -> bool:
        """Tell whether a quantity lies in it."""
        if one.measure != self.measure:
            return False
        above = one.base - self.least
        below = self.most - one.base
        return (above > _CLOSE or (self.has_least and abs(above) <= _CLOSE)) and (
            below > _CLOSE or (self.has_most and abs(below) <= _CLOSE)
        )


def range_of(cell: str, head: str = "") -> Range | None:
    """Read the range that a cell stands for; its unit may stand in the head of its column.

    None where it is no range, or its unit is not known.
    """
    found = quantities(cell)
    measures = {one.measure for one in found} - {""}
    factor = 1.0
    if found and not measures and (unit := _unit(head)):
        measures, factor = {unit.measure}, unit.base
    if len(measures) != 1:
        return None
    least, most = (-math.inf, False), (math.inf, False)
    for place in range(len(found)):
        below, above = _bounds(cell, found, place)
        least, most = below or least, above or most
    if math.isinf(least[0]) and math.isinf(most[0]):
        return None
    return Range(measures.pop(), least[0] * factor, most[0] * factor, least[1], most[1])


def _bounds(
    text: str, found: Sequence[Quantity], place: int
) -> tuple[tuple[float, bool] | None, tuple[float, bool] | None]:
    """Tell what a quantity is a lower and an upper bound of, and whether it belongs to that."""
    one = found[place]
    before = text[found[place - 1].end if place else 0 : one.start]
    behind = text[one.end : found[place + 1].start if place + 1 < len(found) else None]
    if _FROM.search(before) or _AND_MORE.match(behind):
        return (one.base, True), None
    if _TO.search(before) or _AND_LESS.match(behind):
        return None, (one.base, True)
    if _UNDER.search(before):
        return None, (one.base, False)
    if _OVER.search(before):
        return (one.base, False), None
    if place and _BETWEEN.fullmatch(before):
        return (found[place - 1].base, True), (one.base, True)
    return ((one.base, True), None) if _BETWEEN.fullmatch(behind) else (None, None)


def _unit(head: str) -> Quantity | None:
    found = _UNIT.search(head)
    return next(iter(quantities(f"1 {found['unit']}")), None) if found else None


def held(ranges: Sequence[Range | None], *texts: str) -> int | None:
    """Give the place of the one range that holds what the first text to tell says.

    None where there are not two ranges of a measure, where a text names a range itself, or where
    none or several hold the quantity.
    """
    measures = Counter(one.measure for one in ranges if one)
    for text in texts:
        found = quantities(text)
        told = [place for place, one in enumerate(found) if measures[one.measure] > 1]
        if not told:
            continue
        if any(_bounds(text, found, place) != (None, None) for place in told):
            return None
        places = {
            at for place in told for at, one in enumerate(ranges) if one and one.holds(found[place])
        }
        return places.pop() if len(places) == 1 else None
    return None
