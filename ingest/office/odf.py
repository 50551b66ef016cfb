"""OpenDocument text, presentations and sheets: what their pages, slides and cells show."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bifolio.ingest.alternatives import picture
from bifolio.ingest.archive import Archive
from bifolio.ingest.building import BULLET, Building, one_line
from bifolio.ingest.frames import RowFacts, lays_out
from bifolio.ingest.grid import append_rows
from bifolio.ingest.markup import (
    Element,
    attribute,
    child,
    children,
    descendants,
    local,
    parse_xml,
    part,
)
from bifolio.ingest.merging import Merge, unmerged
from bifolio.ingest.message import Message, message
from bifolio.ingest.office.placed import Box, Placed, reading_order
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.raised import lowered, raised
from bifolio.ingest.reasons import LOCKED, hidden, struck
from bifolio.ingest.tables import at_tabs, tabbed_rows

# Deleted text is kept here, away from its place; drawings may hold what their boxes show.
_NOT_SHOWN = (
    *("tracked-changes", "forms", "sequence-decls", "variable-decls", "user-field-decls"),
    *("desc", "event-listeners", "table-of-content", "alphabetical-index", "ruby-text"),
)
_MAX_REPEATED = 100
# In centimetres.
_UNITS = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6}


def parse_odt(data: bytes) -> Parsed:
    """Read a text as if all its tracked changes were accepted."""
    archive, body, told = _open(data, "text")
    building = Building()
    building.notes += told
    building.page()
    reader = _Reader(building)
    styles = _part(archive, "styles.xml")
    reader.running(styles, "header")
    deleted = sum(1 for _ in descendants(child(body, "tracked-changes"), "deletion"))
    reader.blocks(body)
    reader.running(styles, "footer")
    if deleted:
        sentence = "its tracked changes are read as accepted: {deleted} deletions left out"
        building.notes.append(message("deletions", sentence, deleted=deleted))
    return building.parsed(title=_title(archive))


def parse_odp(data: bytes) -> Parsed:
    """Read a presentation: slides are pages, their titles headings."""
    archive, body, told = _open(data, "presentation")
    building = Building()
    building.notes += told
    reader = _Reader(building)
    for slide in children(body, "page"):
        frames = _as_read([entry for entry in children(slide) if local(entry) != "notes"])
        title = next((frame for frame in frames if attribute(frame, "class") == "title"), None)
        shown = "" if title is None else one_line(_spaced(title))
        pictured = next(descendants(slide, "image"), None) is not None
        label = shown or attribute(slide, "name")
        building.page(label, reading="text" if pictured else "blank")
        building.heading(1, shown)
        for frame in frames:
            if frame is not title:
                reader.blocks(frame)
        for notes in children(slide, "notes"):
            text = one_line(_spaced(notes))
            building.paragraph(f"Notes: {text}" if text else "")
    return building.parsed(title=_title(archive))


def parse_ods(data: bytes) -> Parsed:
    """Read a spreadsheet: sheets are pages, values stand as the sheet shows them."""
    archive, body, told = _open(data, "spreadsheet")
    building = Building()
    building.notes += told
    reader = _Reader(building)
    sheets = list(children(body, "table"))
    for sheet in sheets:
        name = attribute(sheet, "name")
        building.page(name, reading="blank")
        rows, merges = reader.rows(sheet)
        # A lone sheet's name is the program's, seldom the writer's; so is that of an empty one.
        if len(sheets) > 1 and any(map(any, rows)):
            building.heading(1, name)
        append_rows(building, rows, merges)
        reader.hanging()
    return building.parsed(title=_title(archive), by_heading=False)


def refuse_encrypted(archive: Archive) -> None:
    """Refuse a file whose parts are encrypted.

    Raises:
        Unreadable: it needs a password.
    """
    manifest = _part(archive, "META-INF/manifest.xml")
    if next(descendants(manifest, "encryption-data"), None) is not None:
        raise Unreadable(LOCKED)


class _Reader:
    """Appends blocks; a note stands behind the block that refers to it."""

    def __init__(self, building: Building) -> None:
        self._building = building
        self._notes: list[Element] = []

    def blocks(self, container: Element | None, *, depth: int = -1) -> None:
        """Append all blocks in a container."""
        for tabs, group in groupby(children(container), _tabs if depth < 0 else lambda _: None):
            entries = list(group)
            if tabs and (rows := tabbed_rows([_at_tabs(entry) for entry in entries])):
                self._building.table(rows)
                self._notes += (note for entry in entries for note in _notes_in(entry))
                self.hanging()
            else:
                self._each(entries, depth)

    def _each(self, entries: Iterable[Element], depth: int) -> None:
        """Append blocks that are no rows."""
        for entry in entries:
            name = local(entry)
            if name == "h":
                level = attribute(entry, "outline-level", "1")
                self._building.heading(int(level) if level.isdigit() else 1, self._text(entry))
            elif name == "p":
                self._paragraph(entry, depth)
            elif name == "list":
                self.blocks(entry, depth=depth + 1)
            elif name == "table":
                self._table(entry)
            elif name in ("table-of-content", "alphabetical-index"):
                self._building.left_out += sum(1 for _ in descendants(entry, "p"))
            elif name == "soft-page-break":
                self._building.page()
            elif name == "desc":
                self._building.paragraph(picture("".join(entry.itertext())))
            elif name not in _NOT_SHOWN:
                self.blocks(entry, depth=depth)
            self.hanging()

    def running(self, styles: Element | None, kind: str) -> None:
        """Append what stands at the top or the foot of every page, once."""
        texts = (one_line(_spaced(entry)) for entry in descendants(styles, kind))
        for text in dict.fromkeys(texts):
            if any(letter.isalpha() for letter in text):
                self._building.paragraph(f"{kind.capitalize()}: {text}")

    def _paragraph(self, paragraph: Element, depth: int) -> None:
        text = self._text(paragraph)
        if depth < 0:
            self._building.paragraph(text)
        else:
            self._building.item(text, mark=BULLET, depth=depth)
        for told in descendants(paragraph, "desc"):
            self._building.paragraph(picture("".join(told.itertext())))
        for box in descendants(paragraph, "text-box"):
            self.blocks(box)

    def _table(self, table: Element) -> None:
        if lays_out([_facts(row) for row in _own_rows(table)]):
            self.blocks(table)
            return
        head = next(descendants(table, "table-header-rows"), None)
        heads = sum(1 for _ in descendants(head, "table-row")) or None
        rows, has_head = unmerged(*self.rows(table), heads=heads)
        self._building.table(rows, has_head=has_head)

    def rows(self, table: Element) -> tuple[list[list[str]], list[Merge]]:
        """Give the cells of the rows, and which span others.

        Of a row or a cell that repeats there are 100 at the most.
        """
        rows: list[list[str]] = []
        merges: list[Merge] = []
        for row in _own_rows(table):
            cells = list[str]()
            for cell in children(row, "table-cell", "covered-table-cell"):
                text = " ".join(self._text(entry) for entry in _paragraphs(cell))
                self._notes += children(cell, "annotation")
                high = _number(cell, "number-rows-spanned")
                wide = _number(cell, "number-columns-spanned")
                if max(high, wide) > 1:
                    merges.append((len(rows), len(cells), high, wide))
                cells += [text] * min(_number(cell, "number-columns-repeated"), _MAX_REPEATED)
            repeated = _number(row, "number-rows-repeated") if any(cells) else 1
            rows += [cells] * min(repeated, _MAX_REPEATED)
        return rows, merges

    def hanging(self) -> None:
        """Append the notes and comments on what was read last."""
        notes, self._notes = self._notes, []
        for note in notes:
            label = "Footnote"
            if local(note) == "annotation":
                author = "".join(entry.text or "" for entry in children(note, "creator"))
                label = f"Comment by {author}" if author else "Comment"
            paragraphs = (_shown(entry) for entry in descendants(note, "p"))
            if text := one_line(" ".join(paragraphs)):
                self._building.paragraph(f"{label}: {text}")

    def _text(self, element: Element) -> str:
        self._notes += _notes_in(element)
        return _shown(element)


def _notes_in(element: Element) -> Iterator[Element]:
    return descendants(element, "note", "annotation")


def _tabs(entry: Element) -> tuple[str, int] | None:
    """Give the style of a paragraph that may be a row drawn by tabs, and the number of its cells.

    One that holds more than words is none.
    """
    cells = _at_tabs(entry) if local(entry) == "p" else []
    more = next(descendants(entry, "text-box", "desc"), None) is not None
    return (attribute(entry, "style-name"), len(cells)) if cells and not more else None


def _at_tabs(paragraph: Element) -> list[str]:
    return at_tabs(_shown(paragraph), has_stops=False)


def _shown(element: Element) -> str:
    """Give the text of a paragraph without its notes and boxes; they are blocks of their own."""
    parts = [_printed(element.text)]
    for entry in element:
        name = local(entry)
        if name == "s":
            parts.append(" " * min(_number(entry, "c"), _MAX_REPEATED))
        elif name == "tab":
            parts.append("\t")
        elif name == "line-break":
            parts.append("\n")
        elif name and name not in ("note", "annotation", "frame", "custom-shape", *_NOT_SHOWN):
            parts.append(_shown(entry))
        parts.append(_printed(entry.tail))
    return "".join(parts)


def _spaced(container: Element) -> str:
    return " ".join(_shown(entry) for entry in _paragraphs(container))


def _paragraphs(container: Element) -> Iterator[Element]:
    """Yield the paragraphs of a cell or a frame without those of its notes."""
    for entry in children(container):
        if local(entry) in ("p", "h"):
            yield entry
        elif local(entry) not in ("annotation", "note"):
            yield from _paragraphs(entry)


def _own_rows(table: Element) -> Iterator[Element]:
    """Yield the rows of a table without those of tables in its cells."""
    for row in descendants(table, "table-row"):
        if next(row.iterancestors("{*}table"), None) is table:
            yield row


def _facts(row: Element) -> RowFacts:
    texts = [text for cell in children(row, "table-cell") if (text := _spaced(cell).strip())]
    holds_table = next(descendants(row, "table"), None) is not None
    return RowFacts(len(texts), sum(map(len, texts)), holds_table)


def _as_read(frames: list[Element]) -> list[Element]:
    """Give what says something on a slide in the order in which it is read, within groups too."""
    for frame in frames:
        if local(frame) == "g":
            frame[:] = _as_read(list(frame))
    shown = [frame for frame in frames if "".join(frame.itertext()).strip()]
    placed = [Placed(_box(frame), len(_spaced(frame))) for frame in shown]
    return [shown[number] for number in reading_order(placed)]


def _box(frame: Element) -> Box | None:
    """Give the place of a frame, of a group that of all in it; None if it is not told."""
    sides = [_length(frame, name) for name in ("x", "y", "width", "height")]
    known = [side for side in sides if side is not None]
    if len(known) == len(sides):
        left, top, width, height = known
        return Box(left, top, left + width, top + height)
    boxes = (
        [box for entry in children(frame) if (box := _box(entry))] if local(frame) == "g" else []
    )
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def _length(element: Element, name: str) -> float | None:
    text = attribute(element, name)
    number, unit = text[:-2], _UNITS.get(text[-2:])
    is_number = number.lstrip("-").replace(".", "", 1).isdecimal()
    return float(number) * unit if unit and is_number and len(number) < 20 else None


def _number(element: Element, name: str) -> int:
    """Give a count that an attribute holds; 1 without it."""
    text = attribute(element, name, "1")
    return int(text[:9]) if text.isascii() and text.isdigit() else 1


def _printed(text: str | None) -> str:
    return " ".join((text or "").split("\n"))


def _open(data: bytes, kind: str) -> tuple[Archive, Element, list[Message]]:
    archive = Archive(data)
    refuse_encrypted(archive)
    content = _part(archive, "content.xml")
    body = child(content, "body", kind)
    if body is None:
        raise Unreadable(message("no-content", "its content is missing; open and save it anew"))
    styles = content, _part(archive, "styles.xml")
    _write_scripts(body, *styles)
    return archive, body, [*_left_out(body, *styles)]


def _left_out(body: Element, *parts: Element | None) -> Iterator[Message]:
    """Empty what styles of these parts hide or strike out, and say how many pieces that are."""
    unseen, lined = set[str](), set[str]()
    for properties in (one for part_ in parts for one in descendants(part_, "text-properties")):
        name = attribute(properties.getparent(), "name")
        if name and attribute(properties, "display") == "none":
            unseen.add(name)
        elif name and attribute(properties, "text-line-through-style", "none") != "none":
            lined.add(name)
    for names, say in ((unseen, hidden), (lined, struck)):
        pieces = [
            entry
            for entry in (descendants(body, "span", "p", "h") if names else ())
            if attribute(entry, "style-name") in names and "".join(entry.itertext()).strip()
        ]
        for piece in pieces:
            piece[:], piece.text = [], ""
        if pieces:
            yield say(len(pieces))


def _write_scripts(body: Element, *parts: Element | None) -> None:
    """Write the figures that styles of these parts set higher or lower with the signs for such."""
    scripts = {}
    for part_ in parts:
        for properties in descendants(part_, "text-properties"):
            place = attribute(properties, "text-position").partition(" ")[0]
            style = properties.getparent()
            if place not in ("", "0%") and style is not None:
                low = place == "sub" or place.startswith("-")
                scripts[attribute(style, "name")] = lowered if low else raised
    for span in descendants(body, "span") if scripts else ():
        written = scripts.get(attribute(span, "style-name"))
        if written and span.text:
            span.text = written(span.text)


def _part(archive: Archive, name: str) -> Element | None:
    data = archive.read(name)
    return parse_xml(data, what=part(name)) if data else None


def _title(archive: Archive) -> str:
    meta = _part(archive, "meta.xml")
    return next((entry.text or "" for entry in descendants(meta, "title")), "")
