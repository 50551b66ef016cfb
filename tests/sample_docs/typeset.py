"""Set the blocks of a sample document on PDF pages.

Lines are broken here rather than by fpdf2: Chinese needs closing punctuation kept off the start
of a line, and one line per text operation is what a text extractor reads back most cleanly.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import TextMode
from markup import Block, Source

_FONTS = Path("/usr/share/fonts/truetype")
# All three may be embedded: Noto under OFL-1.1, WenQuanYi Zen Hei by its font exception.
_FONT_FILES = {
    "en": {
        ("body", ""): _FONTS / "noto/NotoSerif-Regular.ttf",
        ("head", ""): _FONTS / "noto/NotoSans-Regular.ttf",
        ("head", "B"): _FONTS / "noto/NotoSans-Bold.ttf",
    },
    "zh": {("body", ""): _FONTS / "wqy/wqy-zenhei.ttc"},
}
# Our own sizes, because fpdf2 changed what it means by "A5" between releases.
_PAGES = {"A4": (210.0, 297.0), "A5": (148.0, 210.0), "B5": (176.0, 250.0)}
_CREATED = datetime(2024, 3, 1, 9, 0, tzinfo=UTC)
_INK, _ACCENT, _PALE, _GREY = (28, 32, 38), (14, 74, 104), (230, 238, 243), (110, 118, 126)

# One unbreakable unit of Chinese text: opening marks, a Latin run or one character, closing marks.
_ZH_UNIT = re.compile(r"[“‘（《]*(?:[!-~°×²³–]+|[^“‘（《])[，。；：！？、”’）》％…]*")


class Document(FPDF):
    """A sample document: fixed date, plain typography, a page number at the foot."""

    def __init__(self, source: Source) -> None:
        """Open the page format and the fonts that the source's head asks for."""
        self.head = source.head
        super().__init__(format=_PAGES[source.head["page"]])
        self.zh = source.head["lang"] == "zh"
        self.base = 10.5 if source.head["page"] == "A4" else 9.5
        self.set_margins(18, 17, 18)
        self.set_auto_page_break(False)
        self.bottom = self.h - 19
        self.set_title(source.head["title"])
        self.set_lang("zh-CN" if self.zh else "en-GB")
        self.set_creation_date(_CREATED)
        for (family, style), path in _FONT_FILES[source.head["lang"]].items():
            self.add_font(family, style, path)

    def face(self, size: float, *, heading: bool = False, bold: bool = False) -> None:
        """Choose a face; bold Chinese is stroked, as the font has one weight."""
        if self.zh:
            self.set_font("body", "", size)
            self.text_mode = TextMode.FILL_STROKE if bold else TextMode.FILL
            self.set_line_width(0.1)
        elif heading or bold:
            self.set_font("head", "B" if bold else "", size)
        else:
            self.set_font("body", "", size)

    def ink(self, colour: tuple[int, int, int]) -> None:
        """Colour text; the outline too, which stroked bold letters show."""
        self.set_text_color(*colour)
        self.set_draw_color(*colour)

    def footer(self) -> None:
        """Print document name and page number in small grey type."""
        self.face(7.5, heading=True)
        self.ink(_GREY)
        self.text(self.l_margin, self.h - 10, self.head["footer"])
        number = f"第 {self.page_no()} 页" if self.zh else f"Page {self.page_no()}"
        self.text(self.w - self.r_margin - self.get_string_width(number), self.h - 10, number)

    def room(self, height: float) -> None:
        """Start a new page unless this much height is left."""
        if self.y + height > self.bottom:
            self.add_page()

    def break_lines(self, text: str, width: float) -> list[str]:
        """Break text into lines no wider than ``width`` in the current face."""
        units = _ZH_UNIT.findall(text) if self.zh else re.findall(r"\S+\s*", text)
        lines = [""]
        for unit in units:
            if lines[-1] and self.get_string_width((lines[-1] + unit).rstrip()) > width:
                lines.append("")
            lines[-1] += unit
        return [line.strip() for line in lines]

    def lines(self, text: str, step: float, *, indent: float = 0) -> None:
        """Print wrapped text line by line, turning the page where it is full."""
        broken = self.break_lines(text, self.epw - indent)
        for number, line in enumerate(broken):
            # Two lines stay together at the foot of a page, so that none stands alone.
            self.room(step * 2 if number == 0 and len(broken) > 1 else step)
            self.text(self.l_margin + indent, self.y + step * 0.72, line)
            self.y += step

    def title_block(self) -> None:
        """Print title and subtitle above a rule on the first page."""
        self.add_page()
        self.face(self.base + 10, heading=True, bold=True)
        self.ink(_ACCENT)
        self.lines(self.head["title"], self.base * 0.9)
        self.face(self.base, heading=True)
        self.ink(_GREY)
        self.lines(self.head["subtitle"], self.base * 0.52)
        self.rule(0.6, _ACCENT)
        self.y += 4

    def rule(self, weight: float, colour: tuple[int, int, int]) -> None:
        """Draw a rule across the text width just below the current line."""
        self.set_draw_color(*colour)
        self.set_line_width(weight)
        self.line(self.l_margin, self.y + 1.2, self.w - self.r_margin, self.y + 1.2)
        self.y += 2.4

    def flow(self, blocks: list[Block]) -> None:
        """Set all blocks in turn, keeping headings and captions with what they announce."""
        for index, block in enumerate(blocks):
            if block.kind == "break":
                self.add_page()
            elif block.kind == "table":
                Table(self, block).draw()
            else:
                if block.kind in ("heading", "caption"):
                    need = self.need(blocks[index:])
                    self.room(need if need < (self.bottom - self.t_margin) * 0.6 else 35)
                getattr(self, f"set_{block.kind}")(block)

    def need(self, blocks: list[Block]) -> float:
        """Estimate the height that the first block needs together with what it announces."""
        first, *rest = blocks
        if first.kind == "heading":
            return 14 + self.need(rest)
        if first.kind == "caption":
            return 8 + self.need(rest)
        return Table(self, first).height() if first.kind == "table" else 16

    def set_heading(self, block: Block) -> None:
        """Set a heading, with a bookmark."""
        size = self.base + (4.5 if block.level == 1 else 1.5)
        self.y += 3.5 if block.level == 1 else 2
        self.start_section(block.text, level=block.level - 1)
        self.face(size, heading=True, bold=True)
        self.ink(_ACCENT)
        self.lines(block.text, size * 0.5)
        self.y += 1

    def set_paragraph(self, block: Block) -> None:
        """Set a paragraph of running text."""
        self.face(self.base)
        self.ink(_INK)
        self.lines(block.text, self.base * (0.58 if self.zh else 0.51))
        self.y += 2.4

    def set_item(self, block: Block) -> None:
        """Set a list item with its marker hanging."""
        step = self.base * (0.58 if self.zh else 0.51)
        self.face(self.base)
        self.ink(_INK)
        self.room(step * min(2, len(self.break_lines(block.text, self.epw - 6))))
        self.text(self.l_margin + 1, self.y + step * 0.72, block.marker)
        self.lines(block.text, step, indent=6)
        self.y += 1

    def set_caption(self, block: Block) -> None:
        """Set a table caption."""
        self.y += 0.6
        self.face(self.base - 0.8, heading=True, bold=True)
        self.ink(_INK)
        self.lines(block.text, self.base * 0.5)
        self.y += 0.6

    def set_notice(self, block: Block) -> None:
        """Set a notice on a pale ground."""
        self.face(self.base, heading=True)
        step = self.base * 0.54
        height = step * len(self.break_lines(block.text, self.epw - 8)) + 4
        self.room(height)
        self.set_fill_color(*_PALE)
        self.rect(self.l_margin, self.y, self.epw, height, style="F")
        self.y += 2
        self.ink(_ACCENT)
        # The box is inset on the right as well, so the text is broken narrower than the page.
        for line in self.break_lines(block.text, self.epw - 8):
            self.text(self.l_margin + 4, self.y + step * 0.72, line)
            self.y += step
        self.y += 5


class Table:
    """A ruled table, printed row by row and cell by cell so that it reads back in order."""

    def __init__(self, doc: Document, block: Block) -> None:
        """Measure the columns of the table."""
        self.doc, self.block = doc, block
        self.size = doc.base - 1
        self.step = self.size * 0.5
        self.pad = 1.6
        self.widths = self._widths()

    def _widths(self) -> list[float]:
        """Give every column its natural width, then narrow the widest until all fit."""
        self.doc.face(self.size, heading=True, bold=True)
        columns = zip(*self.block.rows, strict=True)
        widths = [max(map(self.doc.get_string_width, cells)) + 2 * self.pad for cells in columns]
        spare = self.doc.epw - sum(widths)
        if spare > 0:
            return [width + spare / len(widths) for width in widths]
        while sum(widths) > self.doc.epw:
            widths[widths.index(max(widths))] -= 0.5
        return widths

    def draw(self) -> None:
        """Draw all rows, with the header again after a page break."""
        header, *rows = self.block.rows
        self._row(header, header=True)
        for row in rows:
            if self.doc.y + self._height(row) > self.doc.bottom:
                self.doc.add_page()
                self._row(header, header=True)
            self._row(row, header=False)
        self.doc.y += 4

    def height(self) -> float:
        """Measure the whole table."""
        return sum(map(self._height, self.block.rows)) + 4

    def _height(self, row: tuple[str, ...]) -> float:
        """Measure a row in body type."""
        self.doc.face(self.size, heading=True)
        counts = [
            len(self.doc.break_lines(cell, width - 2 * self.pad))
            for cell, width in zip(row, self.widths, strict=True)
        ]
        return max(counts) * self.step + 2 * self.pad

    def _row(self, row: tuple[str, ...], *, header: bool) -> None:
        """Draw one row and the rule beneath it."""
        doc, top, left = self.doc, self.doc.y, self.doc.l_margin
        height = self._height(row)
        if header:
            doc.set_fill_color(*_PALE)
            doc.rect(left, top, doc.epw, height, style="F")
            # After the ground, which would cover the lower half of the rule.
            doc.y = top - 1.2
            doc.rule(0.4, _ACCENT)
        doc.face(self.size, heading=True, bold=header)
        doc.ink(_ACCENT if header else _INK)
        for cell, width, right in zip(row, self.widths, self.block.right, strict=True):
            for number, line in enumerate(doc.break_lines(cell, width - 2 * self.pad)):
                spare = width - 2 * self.pad - doc.get_string_width(line)
                x = left + self.pad + (spare if right else 0)
                doc.text(x, top + self.pad + (number + 0.76) * self.step, line)
            left += width
        doc.y = top + height - 1.2
        doc.rule(0.15, _GREY)
        doc.y = top + height
