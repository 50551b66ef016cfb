"""What a paragraph of a Word document shows, and what hangs on it."""

from dataclasses import dataclass, field

from bifolio.ingest.alternatives import picture
from bifolio.ingest.markup import Element, attribute, child, children, descendants, link_of, local
from bifolio.ingest.message import Message, message
from bifolio.ingest.office.styles import value
from bifolio.ingest.office.symbols import symbol
from bifolio.ingest.raised import lowered, raised
from bifolio.ingest.reasons import hidden, struck

# Stands in a paragraph's text where a page ends.
PAGE_END = "\f"
_DELETED = ("del", "moveFrom")
_INSERTED = ("ins", "moveTo")
_STRUCK = ("strike", "dstrike")
# Runs in such elements are text like any other.
_AROUND_NAMES = "hyperlink smartTag fldSimple sdt sdtContent customXml bdo dir r oMath oMathPara"
_AROUND = frozenset(_AROUND_NAMES.split())
_SCRIPTS = {"superscript": raised, "subscript": lowered}
_SIGNS = {"tab": "\t", "ptab": " ", "cr": "\n", "noBreakHyphen": "-"}


@dataclass(slots=True)
class Changes:
    """How many tracked changes, hidden and struck-out runs a document holds."""

    inserted: int = 0
    deleted: int = 0
    hidden: int = 0
    struck: int = 0

    def told(self) -> list[Message]:
        """Say what was kept and what was not."""
        told = []
        if self.inserted or self.deleted:
            told.append(
                message(
                    "tracked-changes",
                    "its tracked changes are read as accepted: {inserted} insertions kept,"
                    " {deleted} deletions left out",
                    inserted=self.inserted,
                    deleted=self.deleted,
                )
            )
        if self.hidden:
            told.append(hidden(self.hidden))
        if self.struck:
            told.append(struck(self.struck))
        return told


@dataclass(slots=True)
class Runs:
    """The text of a paragraph as it grows; page ends stand in it as form feeds, tabs as they are.

    ``notes`` are (kind, id) of footnotes, endnotes and comments, ``boxes`` text boxes, ``links``
    the ids of parts that are drawn here, such as charts.
    """

    changes: Changes
    breaks_rendered: bool
    parts: list[str] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Element] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    bold: bool = True

    @property
    def text(self) -> str:
        """All of it; page ends are form feeds."""
        return "".join(self.parts)

    def read(self, element: Element | None) -> None:
        """Take what the children of a paragraph or of a run show."""
        for entry in children(element):
            self._read(entry, local(entry))

    def _read(self, entry: Element, name: str) -> None:
        if name in _DELETED:
            self.changes.deleted += 1
        elif name in _INSERTED:
            self.changes.inserted += 1
            self.read(entry)
        elif name == "t":
            self.parts.append(entry.text or "")
        elif name == "r" and is_on(child(entry, "rPr", "vanish")):
            self.changes.hidden += next(children(entry, "t"), None) is not None
        elif name == "r" and any(is_on(child(entry, "rPr", line)) for line in _STRUCK):
            self.changes.struck += next(children(entry, "t"), None) is not None
        elif name in _AROUND:
            self._note_weight(entry, name)
            before = len(self.parts)
            self.read(entry)
            if written := _SCRIPTS.get(value(child(entry, "rPr", "vertAlign"))):
                self.parts[before:] = map(written, self.parts[before:])
        elif name == "AlternateContent":
            self.read(one_of(entry))
        elif name == "ruby":
            self.read(child(entry, "rubyBase"))
        else:
            self._read_sign(entry, name)

    def _read_sign(self, entry: Element, name: str) -> None:
        if name in _SIGNS:
            self.parts.append(_SIGNS[name])
        elif name == "sym":
            self.parts.append(symbol(attribute(entry, "font"), attribute(entry, "char")))
        elif name == "lastRenderedPageBreak" and self.breaks_rendered:
            self.parts.append(PAGE_END)
        elif name == "fldChar":
            self.parts.append(_filled(child(entry, "ffData")))
        elif name == "br":
            is_page_end = attribute(entry, "type") == "page"
            self.parts.append(PAGE_END if is_page_end and not self.breaks_rendered else "\n")
        elif name in ("footnoteReference", "endnoteReference", "commentReference"):
            self.notes.append((name.removesuffix("Reference"), attribute(entry, "id")))
        elif name in ("drawing", "pict", "object"):
            self._read_drawing(entry)
        elif name == "den":
            self.parts.append("/")
            self.read(entry)
        elif list(children(entry)) and name not in ("rPr", "pPr", "sdtPr", "sdtEndPr"):
            # Formulas and whatever else nests text.
            self.read(entry)

    def _read_drawing(self, drawing: Element) -> None:
        for told in descendants(drawing, "docPr", "shape"):
            words = attribute(told, "descr") or attribute(told, "alt")
            if said := picture(words):
                self.parts.append(f" {said} ")
        outer = [box for box in descendants(drawing, "txbxContent") if not _in_box(box, drawing)]
        self.boxes += outer
        self.links += [link_of(chart) for chart in descendants(drawing, "chart")]
        self.links += [attribute(ids, "dm") for ids in descendants(drawing, "relIds")]

    def _note_weight(self, entry: Element, name: str) -> None:
        if name == "r" and any((text.text or "").strip() for text in children(entry, "t")):
            self.bold = self.bold and is_on(child(entry, "rPr", "b"))


def is_on(switch: Element | None) -> bool:
    """Tell whether a switch such as bold or hidden is there and not off."""
    return switch is not None and value(switch) not in ("0", "false", "off", "none")


def _filled(field: Element | None) -> str:
    """Give what was ticked or chosen in a field of a form; what was written stands behind it."""
    box, choice = child(field, "checkBox"), child(field, "ddList")
    if box is not None:
        ticked = child(box, "checked")
        return "☑" if is_on(child(box, "default") if ticked is None else ticked) else "☐"
    entries = [value(entry) for entry in children(choice, "listEntry")]
    chosen = value(child(choice, "result")) or value(child(choice, "default")) or "0"
    return "".join(entries[int(chosen) :][:1]) if chosen.isdigit() else ""


def one_of(alternatives: Element) -> Element:
    """Give the first of the forms in which a file holds the same thing, newest first."""
    chosen = child(alternatives, "Choice")
    return chosen if chosen is not None else (child(alternatives, "Fallback"))


def _in_box(box: Element, drawing: Element) -> bool:
    above = box.getparent()
    while above is not None and above is not drawing:
        # A box inside a box comes with it, the old form beside the new one not at all.
        if local(above) in ("txbxContent", "Fallback"):
            return True
        above = above.getparent()
    return False
