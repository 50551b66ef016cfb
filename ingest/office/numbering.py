"""The numbers that Word shows before paragraphs: "第八条", "1.2", "(a)"; they stand in no text."""

import re
from dataclasses import dataclass, field

from bifolio.ingest.building import BULLET
from bifolio.ingest.markup import Element, attribute, child, children
from bifolio.ingest.office.styles import value

_DIGITS = "零一二三四五六七八九"
_ROMAN = (
    *((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l")),
    *((40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i")),
)


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list is numbered: its kind, its pattern ("第%1条"), where it starts.

    A ``legal`` one shows the numbers above it in digits, whatever their own kind.
    """

    kind: str
    pattern: str
    start: int
    legal: bool


@dataclass(slots=True)
class Numbering:
    """Counts the paragraphs of all lists of a document, in text order.

    ``lists`` gives for each list by which count it goes: several may go on with the same one.
    """

    levels: dict[str, dict[int, Level]]
    lists: dict[str, tuple[str, str]]
    _counts: dict[str, dict[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, root: Element | None) -> "Numbering":
        """Read the part numbering.xml; without one nothing is numbered."""
        levels = {
            attribute(entry, "abstractNumId"): {
                int(attribute(level, "ilvl", "0")): _level(level)
                for level in children(entry, "lvl")
            }
            for entry in children(root, "abstractNum")
        }
        lists = {}
        for number in children(root, "num"):
            name, kind = attribute(number, "numId"), value(child(number, "abstractNumId"))
            restarts = child(number, "lvlOverride", "startOverride") is not None
            lists[name] = (kind, f"{kind}/{name}" if restarts else kind)
        return cls(levels, lists)

    def next_mark(self, list_id: str, depth: int) -> str:
        """Count one paragraph more, and give what stands before it: "-" for a bullet."""
        kind, count = self.lists.get(list_id, ("", ""))
        levels = self.levels.get(kind, {})
        level = levels.get(depth)
        if level is None or level.kind == "none":
            return ""
        if level.kind == "bullet":
            return BULLET
        counts = self._counts.setdefault(count, {})
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [entry for entry in counts if entry > depth]:
            del counts[deeper]

        def _shown(found: re.Match[str]) -> str:
            at = int(found.group(1)) - 1
            above = levels.get(at, level)
            kind = "decimal" if level.legal and at < depth else above.kind
            return written(counts.get(at, above.start), kind)

        return re.sub(r"%([1-9])", _shown, level.pattern).strip()


def written(number: int, kind: str) -> str:
    """Write a number as a list does: "iv", "d", "四", "04", "4"."""
    if kind.endswith("Roman"):
        roman = _roman(number)
        return roman.upper() if kind.startswith("upper") else roman
    if kind.endswith("Letter"):
        letter = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)
        return letter.upper() if kind.startswith("upper") else letter
    if kind.startswith(("chinese", "ideograph", "japanese", "taiwanese")) and 0 < number < 100:
        return _chinese(number)
    return f"{number:02d}" if kind == "decimalZero" else str(number)


def _roman(number: int) -> str:
    text = ""
    for worth, letters in _ROMAN:
        text += letters * (min(number, 9999) // worth)
        number %= worth
    return text


def _chinese(number: int) -> str:
    tens, ones = divmod(number, 10)
    if not tens:
        return _DIGITS[ones]
    return (_DIGITS[tens] if tens > 1 else "") + "十" + (_DIGITS[ones] if ones else "")


def _level(element: Element) -> Level:
    start = value(child(element, "start")) or "1"
    return Level(
        kind=value(child(element, "numFmt")) or "decimal",
        pattern=value(child(element, "lvlText")),
        start=int(start) if start.isdigit() else 1,
        legal=child(element, "isLgl") is not None,
    )
