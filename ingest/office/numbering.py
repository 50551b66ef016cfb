"""The numbers that Word shows before paragraphs: "第八条", "1.2", "(a)"; they stand in no text."""

import re
from dataclasses import dataclass, field

from bifolio.ingest.building import BULLET
from bifolio.ingest.markup import Element, attribute, child, children
from bifolio.ingest.numerals import written
from bifolio.ingest.office.styles import value


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


def _level(element: Element) -> Level:
    start = value(child(element, "start")) or "1"
    return Level(
        kind=value(child(element, "numFmt")) or "decimal",
        pattern=value(child(element, "lvlText")),
        start=int(start) if start.isdigit() else 1,
        legal=child(element, "isLgl") is not None,
    )
