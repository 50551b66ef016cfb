"""The styles of a Word document: which are headings, titles, lists."""

import re
from dataclasses import dataclass

from bifolio.ingest.markup import Element, attribute, child, children

_HEADING = re.compile(r"(?:heading|标题|標題)\s*([1-9])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Style:
    """What a style says: ``level`` of the heading from 1, 0 for none; the list it belongs to."""

    name: str = ""
    level: int = 0
    list_id: str = ""
    depth: int = 0

    @property
    def is_contents(self) -> bool:
        """Whether it is that of a line in the table of contents."""
        return re.fullmatch(r"(?:toc|目录)\s*\d", self.name) is not None


PLAIN = Style()


class Styles:
    """The styles of a document by id, with what they take from those they are based on.

    Read when asked for: word processors write hundreds, and documents use few.
    """

    def __init__(self, root: Element | None) -> None:
        self._elements = {attribute(style, "styleId"): style for style in children(root, "style")}
        self._read: dict[str, Style] = {}

    def of(self, name: str) -> Style:
        """Give a style; one that is not there says nothing."""
        if name not in self._read:
            # For one that is based on itself.
            self._read[name] = PLAIN
            if name in self._elements:
                self._read[name] = self._style(self._elements[name])
        return self._read[name]

    def _style(self, element: Element) -> Style:
        base = self.of(value(child(element, "basedOn")))
        called = value(child(element, "name")).lower()
        found = _HEADING.fullmatch(called)
        properties = child(element, "pPr")
        outline = value(child(properties, "outlineLvl"))
        level = int(found[1]) if found else base.level
        if outline.isdigit():
            level = int(outline) + 1 if int(outline) < 9 else 0
        if called in ("title", "标题"):
            level = 1
        list_id, depth = list_of(properties)
        return Style(called, level, list_id or base.list_id, depth if list_id else base.depth)


def list_of(properties: Element | None) -> tuple[str, int]:
    """Give the id of the list and the depth in it that the properties of a paragraph name."""
    numbering = child(properties, "numPr")
    depth = value(child(numbering, "ilvl"))
    return value(child(numbering, "numId")), int(depth) if depth.isdigit() else 0


def value(element: Element | None) -> str:
    """Give the attribute ``val`` of an element that may not be there."""
    return "" if element is None else attribute(element, "val")
