"""Word documents: what their pages show, with notes, comments and text boxes.

Read from the XML itself: libraries for it pass over tracked changes, text boxes, notes, content
controls and list numbers, and refuse "strict" and macro-enabled files.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, pairwise

from bifolio.ingest.building import BULLET, Building, block, one_line
from bifolio.ingest.frames import RowFacts, lays_out
from bifolio.ingest.markup import Element, attribute, child, children, descendants, local
from bifolio.ingest.merging import Merge, unmerged
from bifolio.ingest.office.charts import append_drawing
from bifolio.ingest.office.numbering import Numbering
from bifolio.ingest.office.package import Package
from bifolio.ingest.office.runs import PAGE_END, Changes, Runs, is_on, one_of
from bifolio.ingest.office.styles import Style, Styles, list_of, value
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.tables import at_tabs, tabbed_rows

_MAX_BOLD_HEADING = 60
_ENDS_SENTENCE = re.compile(r"[.,;:!?。，；：！？、…]$")
_KINDS = {"footnote": "Footnote", "endnote": "Endnote"}


def parse_docx(data: bytes) -> Parsed:
    """Read a Word document as if all its tracked changes were accepted."""
    package = Package(data)
    name, root = package.main_part()
    return _Reader(package, name, root).read()


class _Reader:
    """Reads one document from top to bottom; a note stands behind the block that refers to it."""

    def __init__(self, package: Package, name: str, root: Element) -> None:
        self._package = package
        self._name = name
        self._body = _without_prompts(child(root, "body"))
        self._styles = Styles(self._linked_part("styles"))
        self._numbering = Numbering.of(self._linked_part("numbering"))
        self._notes = {
            (kind, attribute(note, "id")): note
            for kind in ("footnote", "endnote", "comment")
            for note in children(self._linked_part(f"{kind}s"), kind)
        }
        self._changes = Changes()
        self._breaks_rendered = (
            next(descendants(self._body, "lastRenderedPageBreak"), None) is not None
        )
        self._has_headings = any(
            self._style_of(entry).level or _outline(entry) for entry in descendants(self._body, "p")
        )
        self._building = Building()
        self._begun: list[str] = []

    def read(self) -> Parsed:
        """Give the document: heads, body, feet, and what was changed in it."""
        self._building.page()
        self._running("header")
        self._blocks(self._body)
        self._running("footer")
        self._building.notes += self._changes.told()
        return self._building.parsed(title=self._package.title() or self._shown_title())

    def _linked_part(self, kind: str) -> Element | None:
        return next((root for _, root in self._package.linked(self._name, kind)), None)

    def _running(self, kind: str) -> None:
        """Append what stands at the top or the foot of every page, once."""
        seen = set()
        for _, root in self._package.linked(self._name, kind):
            text = one_line(" ".join(self._texts(_without_prompts(root))))
            if any(letter.isalpha() for letter in text) and text not in seen:
                self._building.paragraph(f"{kind.capitalize()}: {text}")
            seen.add(text)

    def _blocks(self, container: Element | None) -> None:
        following = pairwise([*_unwrapped(container), None])
        for tabs, group in groupby(following, lambda pair: self._tabs(pair[0])):
            entries = list(group)
            if tabs and tabbed_rows([_at_tabs(entry) for entry, _ in entries]):
                self._tabbed([entry for entry, _ in entries])
            else:
                self._each(entries)

    def _each(self, entries: Iterable[tuple[Element, Element | None]]) -> None:
        """Append blocks that are no rows, each given with the one behind it."""
        for entry, after in entries:
            if local(entry) == "p":
                is_last = after is None or local(after) != "p"
                self._paragraph(entry, joins=not is_last and _joins_next(entry))
            elif local(entry) == "tbl":
                self._table(entry)
            elif _is_contents(entry):
                self._building.left_out += sum(1 for _ in descendants(entry, "p"))
            else:
                self._blocks(child(entry, "sdtContent"))

    def _paragraph(self, paragraph: Element, *, joins: bool) -> None:
        style, runs = self._style_of(paragraph), self._runs(paragraph)
        runs.parts, self._begun = [*self._begun, *runs.parts], []
        if joins:
            self._begun = runs.parts
            self._hanging(runs)
            return
        if style.is_contents:
            self._building.left_out += 1
            return
        if is_on(child(paragraph, "pPr", "pageBreakBefore")) and not self._breaks_rendered:
            runs.parts.insert(0, PAGE_END)
        mark = self._mark(paragraph, style) if runs.text.strip() else ""
        level = _outline(paragraph) or style.level
        if not level and not self._has_headings and _looks_like_heading(runs):
            level = 1
        self._append(runs.text, mark, level, self._list_of(paragraph, style)[1])
        self._hanging(runs)

    def _tabs(self, entry: Element) -> tuple[tuple[str, ...], int] | None:
        """Give the tab stops of a paragraph that may be a row, and the number of its cells."""
        cells = _at_tabs(entry) if local(entry) == "p" else []
        begins_page = is_on(child(entry, "pPr", "pageBreakBefore"))
        if not cells or begins_page or _joins_next(entry) or _outline(entry):
            return None
        style = self._style_of(entry)
        is_other = (
            style.level or style.is_contents or self._list_of(entry, style)[0] not in ("", "0")
        )
        return None if is_other else (_stops(entry), len(cells))

    def _tabbed(self, paragraphs: Sequence[Element]) -> None:
        """Append the rows of a table that is drawn by tab stops."""
        lines = [self._runs(paragraph) for paragraph in paragraphs]
        lines[0].parts, self._begun = [*self._begun, *lines[0].parts], []
        texts = [runs.text for runs in lines]
        cells = [
            at_tabs(bare, has_stops=bool(_stops(paragraph))) or [bare]
            for paragraph, bare in zip(
                paragraphs, (text.replace(PAGE_END, "") for text in texts), strict=True
            )
        ]
        self._building.table(
            # Not all that stands there need be shown.
            tabbed_rows(cells) or cells,
            page_rows=[at for at, text in enumerate(texts) if PAGE_END in text],
        )
        for runs in lines:
            self._hanging(runs)

    def _append(self, text: str, mark: str, level: int, depth: int) -> None:
        """Append a paragraph that may begin, end or go on with a new page."""
        started = False
        for number, piece in enumerate(text.split(PAGE_END)):
            if number and started:
                self._building.raw(" " if piece[:1].isspace() else "")
            if number:
                self._building.page(apart=not started or not piece.strip())
            if not piece.strip():
                continue
            if started:
                self._building.raw(block(piece))
            elif level:
                self._building.heading(level, f"{mark.strip(BULLET)} {piece}")
            elif mark == BULLET:
                self._building.item(piece, depth=depth)
            else:
                self._building.paragraph(f"{mark} {piece}")
            started = True

    def _hanging(self, runs: Runs) -> None:
        """Append what hangs on a paragraph: text boxes, charts, notes, comments."""
        for box in runs.boxes:
            self._blocks(box)
        for link in runs.links:
            append_drawing(self._building, self._package, self._name, link)
        for kind, name in runs.notes:
            note = self._notes.get((kind, name))
            if note is None:
                continue
            author = attribute(note, "author")
            label = _KINDS.get(kind) or (f"Comment by {author}" if author else "Comment")
            if text := one_line(" ".join(self._texts(note))):
                self._building.paragraph(f"{label}: {text}")

    def _table(self, table: Element) -> None:
        rows = [row for row in _rows(table) if not self._is_deleted(row)]
        cells = [list(_cells(row)) for row in rows]
        if sum(map(len, cells)) == 1 or lays_out([_facts(row) for row in rows]):
            # Nothing but a frame around paragraphs or around other tables.
            for cell in (cell for row in cells for cell in row):
                self._blocks(cell)
            return
        hanging = Runs(self._changes, self._breaks_rendered)
        texts = [
            list(self._row(row, cells_of, hanging))
            for row, cells_of in zip(rows, cells, strict=True)
        ]
        pages = [at for at, row in enumerate(texts) if PAGE_END in "".join(row)]
        heads = 0
        while heads < len(rows) - 1 and is_on(child(rows[heads], "trPr", "tblHeader")):
            heads += 1
        shown, has_head = unmerged(
            [[one_line(text.replace(PAGE_END, "")) for text in row] for row in texts],
            _merges(rows, cells),
            heads=heads or None,
        )
        joined = len(texts) - len(shown)
        self._building.table(
            shown, has_head=has_head, page_rows=[max(0, at - joined) for at in pages]
        )
        self._hanging(hanging)

    def _row(self, row: Element, cells: Iterable[Element], hanging: Runs) -> Iterator[str]:
        yield from [""] * _before(row)
        for cell in cells:
            yield "" if _goes_on(cell) else " ".join(self._texts(cell, hanging))
            yield from [""] * (_wide(cell) - 1)

    def _texts(self, container: Element, hanging: Runs | None = None) -> Iterator[str]:
        """Yield the text of the paragraphs in a cell or a note."""
        for entry in descendants(container, "p"):
            if next(entry.iterancestors("{*}txbxContent"), None) is not None:
                continue
            runs = self._runs(entry)
            mark = self._mark(entry, self._style_of(entry)) if runs.text.strip() else ""
            yield f"{mark} {runs.text}"
            if hanging is not None:
                hanging.notes += runs.notes
                hanging.boxes += runs.boxes
                hanging.links += runs.links

    def _runs(self, paragraph: Element) -> Runs:
        runs = Runs(self._changes, self._breaks_rendered)
        runs.read(paragraph)
        return runs

    def _is_deleted(self, row: Element) -> bool:
        deleted = child(row, "trPr", "del") is not None
        self._changes.deleted += deleted
        return deleted

    def _style_of(self, paragraph: Element) -> Style:
        return self._styles.of(value(child(paragraph, "pPr", "pStyle")))

    def _list_of(self, paragraph: Element, style: Style) -> tuple[str, int]:
        list_id, depth = list_of(child(paragraph, "pPr"))
        return (list_id, depth) if list_id else (style.list_id, style.depth)

    def _mark(self, paragraph: Element, style: Style) -> str:
        list_id, depth = self._list_of(paragraph, style)
        return self._numbering.next_mark(list_id, depth) if list_id else ""

    def _shown_title(self) -> str:
        """Give the text of the paragraph that is styled as the title."""
        for entry in descendants(self._body, "p"):
            if self._style_of(entry).name in ("title", "标题"):
                return "".join(text.text or "" for text in descendants(entry, "t"))
        return ""


def _facts(row: Element) -> RowFacts:
    texts = ["".join(text.text or "" for text in descendants(cell, "t")) for cell in _cells(row)]
    holds_table = next(descendants(row, "tbl"), None) is not None
    return RowFacts(sum(map(bool, texts)), sum(map(len, texts)), holds_table)


def _unwrapped(container: Element | None) -> Iterator[Element]:
    """Yield the paragraphs, tables and content controls of a container."""
    for entry in children(container):
        name = local(entry)
        if name in ("p", "tbl", "sdt"):
            yield entry
        elif name in ("ins", "moveTo", "customXml", "smartTag"):
            yield from _unwrapped(entry)
        elif name == "AlternateContent":
            yield from _unwrapped(one_of(entry))


def _without_prompts(root: Element | None) -> Element | None:
    """Empty the content controls that only show what is to be written into them."""
    for control in descendants(root, "sdt"):
        if is_on(child(control, "sdtPr", "showingPlcHdr")):
            for text in descendants(control, "t"):
                text.text = ""
    return root


def _stops(paragraph: Element) -> tuple[str, ...]:
    return tuple(
        attribute(stop, "pos") for stop in children(child(paragraph, "pPr", "tabs"), "tab")
    )


def _at_tabs(paragraph: Element) -> list[str]:
    """Give the cells of a paragraph without noting what hangs on it."""
    shown = (
        "\t" if local(entry) == "tab" else entry.text or ""
        for entry in descendants(paragraph, "t", "tab")
        if local(entry.getparent()) == "r"
    )
    return at_tabs("".join(shown), has_stops=bool(_stops(paragraph)))


def _rows(table: Element) -> Iterator[Element]:
    for entry in children(table, "tr", "sdt", "ins", "customXml", "sdtContent"):
        yield from [entry] if local(entry) == "tr" else _rows(entry)


def _cells(row: Element) -> Iterator[Element]:
    for entry in children(row, "tc", "sdt", "sdtContent", "customXml"):
        yield from [entry] if local(entry) == "tc" else _cells(entry)


def _before(row: Element) -> int:
    """Count the columns that a row leaves out at its left."""
    before = value(child(row, "trPr", "gridBefore"))
    return min(int(before), 100) if before.isdigit() else 0


def _wide(cell: Element) -> int:
    """Count the columns that a cell spans."""
    span = value(child(cell, "tcPr", "gridSpan"))
    return min(max(int(span), 1), 100) if span.isdigit() else 1


def _goes_on(cell: Element) -> bool:
    """Tell whether a cell is the lower part of the one above."""
    merged = child(cell, "tcPr", "vMerge")
    return merged is not None and value(merged) in ("", "continue")


def _merges(rows: Iterable[Element], cells: Iterable[Iterable[Element]]) -> list[Merge]:
    found: list[Merge] = []
    above: dict[int, int] = {}
    for number, (row, cells_of) in enumerate(zip(rows, cells, strict=True)):
        column, open_ = _before(row), dict[int, int]()
        for cell in cells_of:
            if _goes_on(cell) and column in above:
                at = open_[column] = above[column]
                first, _, high, wide = found[at]
                found[at] = (first, column, high + 1, wide)
            else:
                open_[column] = len(found)
                found.append((number, column, 1, _wide(cell)))
            column += _wide(cell)
        above = open_
    return [merge for merge in found if merge[2:] != (1, 1)]


def _joins_next(paragraph: Element) -> bool:
    """Tell whether the next paragraph goes on with one: a large initial, or its end is deleted."""
    properties = child(paragraph, "pPr")
    framed = child(properties, "framePr")
    initial = framed is not None and attribute(framed, "dropCap", "none") != "none"
    return initial or child(properties, "rPr", "del") is not None


def _is_contents(entry: Element) -> bool:
    gallery = child(entry, "sdtPr", "docPartObj", "docPartGallery")
    return value(gallery).lower() == "table of contents"


def _outline(paragraph: Element) -> int:
    """Give the level of a paragraph that is made a heading by itself; 0 for none."""
    level = value(child(paragraph, "pPr", "outlineLvl"))
    return int(level) + 1 if level.isdigit() and int(level) < 9 else 0


def _looks_like_heading(runs: Runs) -> bool:
    """Tell whether a paragraph is short, bold throughout and no sentence."""
    text = runs.text.strip()
    short = 0 < len(text) <= _MAX_BOLD_HEADING and "\n" not in text
    return short and runs.bold and not _ENDS_SENTENCE.search(text)
