"""PowerPoint presentations: slides are pages, their titles headings; tables, charts and notes."""

from collections.abc import Iterator
from functools import cache

from bifolio.ingest.alternatives import picture
from bifolio.ingest.building import Building, one_line
from bifolio.ingest.markup import Element, attribute, child, children, descendants, link_of, local
from bifolio.ingest.merging import unmerged
from bifolio.ingest.message import Message, message
from bifolio.ingest.office.charts import append_drawing
from bifolio.ingest.office.package import Package
from bifolio.ingest.office.placed import Box, Placed, reading_order
from bifolio.ingest.office.runs import one_of
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.raised import lowered, raised
from bifolio.ingest.reasons import struck

_TITLES = ("title", "ctrTitle")
# The same on every slide: a number, a date.
_COUNTED = ("sldNum", "dt")
# What shapes call their own properties: nvPicPr and so on.
_NV = {"pic": "Pic", "graphicFrame": "GraphicFrame", "cxnSp": "CxnSp"}
# The placeholders of a master are of these kinds; those of a layout that are of others are text.
_MASTERED = {"ctrTitle": "title", "title": "title", "dt": "dt", "ftr": "ftr", "sldNum": "sldNum"}
_STRUCK = ("sngStrike", "dblStrike")
# What stays empty at the sides of a text, and above and below it, in the units of slides.
_SIDE, _EDGE = 91_440, 45_720

Places = dict[str, Box]  # of placeholders, by their number in a layout or their kind in a master


def parse_pptx(data: bytes) -> Parsed:
    """Read a presentation, hidden slides too, which are told."""
    package = Package(data)
    name, root = package.main_part()
    links = package.links(name)
    reader = _Reader(package)
    for number, entry in enumerate(children(child(root, "sldIdLst"), "sldId"), start=1):
        reader.slide(number, links.get(link_of(entry), ("", ""))[1])
    reader.building.notes += reader.told()
    return reader.building.parsed(title=package.title())


class _Reader:
    """Reads slide by slide; what stands at the foot of all of them is kept once."""

    def __init__(self, package: Package) -> None:
        self.building = Building()
        self._package = package
        self._places = cache(self._read_places)
        self._feet: set[str] = set()
        self._hidden: list[int] = []
        self._struck = 0

    def told(self) -> list[Message]:
        """Say which slides are hidden when it is shown, and what was struck out."""
        numbers = ", ".join(map(str, self._hidden))
        sentence = "hidden slides were read too: {numbers}"
        told = [message("hidden-slides", sentence, numbers=numbers)] if numbers else []
        return [*told, struck(self._struck)] if self._struck else told

    def slide(self, number: int, name: str) -> None:
        """Append a slide, its notes and comments."""
        root = self._package.part(name) if name else None
        self._struck += _without_struck(root)
        places = self._places(self._layout(name, "slideLayout")) if name else {}
        shapes = list(_shapes(child(root, "cSld", "spTree"), places))
        title = next((shape for shape in shapes if _role(shape) in _TITLES), None)
        pictured = root is None or next(descendants(root, "pic"), None) is not None
        label = "" if title is None else _text(title)
        self.building.page(label, reading="text" if pictured else "blank")
        if root is None:
            sentence = "slide {number} is missing or empty"
            self.building.notes.append(message("no-slide", sentence, number=number))
            return
        if attribute(root, "show") in ("0", "false"):
            self._hidden.append(number)
        if title is not None:
            self.building.heading(1, _text(title))
        for shape in shapes:
            if shape is not title:
                self._shape(shape, name)
        self._notes(name)

    def _layout(self, part: str, kind: str) -> str:
        """Name the layout of a slide, or the master of a layout; empty if it has none."""
        return next(
            (name for found, name in self._package.links(part).values() if found == kind), ""
        )

    def _read_places(self, layout: str) -> Places:
        """Give the places of the placeholders that a slide of this layout does not place itself."""
        places: Places = {}
        for part in (self._layout(layout, "slideMaster"), layout) if layout else ():
            root = self._package.part(part) if part else None
            for shape in children(child(root, "cSld", "spTree"), "sp"):
                kind, number = _holder(shape)
                key = number if part == layout else _MASTERED.get(kind, "body")
                if kind and (box := _box(shape, places)):
                    places[key] = box
        return places

    def _shape(self, shape: Element, part: str) -> None:
        role = _role(shape)
        if role in _COUNTED:
            self.building.left_out += 1
            return
        for told in children(child(shape, f"nv{_NV.get(local(shape), 'Sp')}Pr"), "cNvPr"):
            self.building.paragraph(picture(attribute(told, "descr")))
        if local(shape) == "pic":
            return
        if role == "ftr" or local(shape) != "graphicFrame":
            self._text_shape(shape, role)
        else:
            for table in descendants(shape, "tbl"):
                self._table(table)
            for chart in descendants(shape, "chart"):
                append_drawing(self.building, self._package, part, link_of(chart))
            for ids in descendants(shape, "relIds"):
                append_drawing(self.building, self._package, part, attribute(ids, "dm"))

    def _text_shape(self, shape: Element, role: str) -> None:
        if role == "ftr":
            text = _text(shape)
            if text in self._feet:
                self.building.left_out += 1
                return
            self._feet.add(text)
        paragraphs = list(children(child(shape, "txBody"), "p"))
        # Placeholders for text show bullets, other shapes do not.
        is_list = role in ("body", "obj") and len(paragraphs) > 1
        for paragraph in paragraphs:
            properties = child(paragraph, "pPr")
            level = "0" if properties is None else attribute(properties, "lvl", "0")
            if is_list and child(properties, "buNone") is None:
                self.building.item(_shown(paragraph), depth=int(level) if level.isdigit() else 0)
            else:
                self.building.paragraph(_shown(paragraph))

    def _table(self, table: Element) -> None:
        properties = child(table, "tblPr")
        has_head = properties is not None and attribute(properties, "firstRow") in ("1", "true")
        rows = [
            # Cells that a merged one covers are empty ones.
            ["" if _is_covered(cell) else _text(cell) for cell in children(row, "tc")]
            for row in children(table, "tr")
        ]
        merges = [
            (number, column, _span(cell, "rowSpan"), _span(cell, "gridSpan"))
            for number, row in enumerate(children(table, "tr"))
            for column, cell in enumerate(children(row, "tc"))
            if not _is_covered(cell)
        ]
        shown, known = unmerged(rows, merges)
        self.building.table(shown, has_head=known or has_head or None)

    def _notes(self, part: str) -> None:
        for _, notes in self._package.linked(part, "notesSlide"):
            for shape in _shapes(child(notes, "cSld", "spTree"), {}):
                text = _text(shape) if _role(shape) == "body" else ""
                self.building.paragraph(f"Notes: {text}" if text else "")
        for _, comments in self._package.linked(part, "comments"):
            for comment in descendants(comments, "cm"):
                words = descendants(comment, "text", "t")
                text = one_line(" ".join(word.text or "" for word in words))
                self.building.paragraph(f"Comment: {text}" if text else "")


def _without_struck(root: Element | None) -> int:
    """Empty the runs that are struck out, and count them."""
    count = 0
    for run in descendants(root, "r", "fld"):
        properties, words = child(run, "rPr"), child(run, "t")
        is_struck = properties is not None and attribute(properties, "strike") in _STRUCK
        if is_struck and words is not None and words.text:
            words.text = ""
            count += 1
    return count


def _shapes(tree: Element | None, places: Places) -> Iterator[Element]:
    """Yield the shapes of a slide in the order in which they are read, those in groups too."""
    shown = [entry for entry in _entries(tree) if _says(entry)]
    placed = [Placed(_box(entry, places), len(_text(entry))) for entry in shown]
    for number in reading_order(placed):
        if local(shown[number]) == "grpSp":
            yield from _shapes(shown[number], places)
        else:
            yield shown[number]


def _entries(tree: Element | None) -> Iterator[Element]:
    for entry in children(tree):
        name = local(entry)
        if name in ("sp", "graphicFrame", "cxnSp", "pic", "grpSp"):
            yield entry
        elif name == "AlternateContent":
            yield from _entries(one_of(entry))


def _says(entry: Element) -> bool:
    """Tell whether a shape says something, and does not only fill its place."""
    framed = local(entry) == "graphicFrame"
    if framed or next(descendants(entry, "t", "fld", "graphicFrame"), None) is not None:
        return True
    return any(attribute(told, "descr") for told in descendants(entry, "cNvPr"))


def _box(entry: Element, places: Places) -> Box | None:
    """Give the place of a shape, in a group that in the group's own measure; None if not known."""
    holder = child(entry, "grpSpPr" if local(entry) == "grpSp" else "spPr")
    frame = child(entry if holder is None else holder, "xfrm")
    corner, size = child(frame, "off"), child(frame, "ext")
    if corner is None or size is None:
        kind, number = _holder(entry)
        return places.get(number) or places.get(_MASTERED.get(kind, "body")) if kind else None
    left, top = _length(corner, "x"), _length(corner, "y")
    wide, high = _length(size, "cx"), _length(size, "cy")
    side, edge = (_SIDE, _EDGE) if local(entry) == "sp" else (0, 0)
    side, edge = min(side, wide // 2), min(edge, high // 2)
    return Box(left + side, top + edge, left + wide - side, top + high - edge)


def _length(element: Element, name: str) -> int:
    text = attribute(element, name, "0")
    return int(text) if text.lstrip("-").isdecimal() and len(text) < 15 else 0


def _role(shape: Element) -> str:
    """Give what a placeholder is for; empty for a shape that is none."""
    return _holder(shape)[0]


def _holder(shape: Element) -> tuple[str, str]:
    """Give the kind of a placeholder and its number in the layout; empty for what is none."""
    for properties in children(shape, "nvSpPr", "nvGraphicFramePr", "nvPicPr"):
        holder = child(properties, "nvPr", "ph")
        if holder is not None:
            return attribute(holder, "type", "obj"), attribute(holder, "idx", "0")
    return "", ""


def _text(shape: Element) -> str:
    return one_line(" ".join(_shown(paragraph) for paragraph in descendants(shape, "p")))


def _shown(paragraph: Element) -> str:
    return "".join(
        "\n" if local(entry) == "br" else _printed(entry)
        for entry in descendants(paragraph, "t", "br")
    )


def _printed(text: Element) -> str:
    """Give the text of a run; its baseline is in thousandths of the type's size."""
    properties = child(text.getparent(), "rPr")
    baseline = "0" if properties is None else attribute(properties, "baseline", "0")
    words = text.text or ""
    if baseline in ("0", ""):
        return words
    return lowered(words) if baseline.startswith("-") else raised(words)


def _is_covered(cell: Element) -> bool:
    return "1" in (attribute(cell, "hMerge"), attribute(cell, "vMerge"))


def _span(cell: Element, name: str) -> int:
    text = attribute(cell, name, "1")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 1
