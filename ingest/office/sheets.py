"""Workbooks: sheets are pages, rows are lines; several tables on a sheet stay several."""

import datetime
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from python_calamine import (
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetMetadata,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from bifolio.ingest.archive import Archive
from bifolio.ingest.building import Building, one_line
from bifolio.ingest.grid import append_rows
from bifolio.ingest.markup import attribute, child, children, descendants, link_of
from bifolio.ingest.merging import Merge
from bifolio.ingest.message import Message, message
from bifolio.ingest.office.number_formats import (
    Cells,
    NumberFormat,
    formatted_cells,
    read_formats,
)
from bifolio.ingest.office.package import Package
from bifolio.ingest.office.sparse import compact
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.reasons import LOCKED

Cell = (
    int
    | float
    | str
    | bool
    | datetime.time
    | datetime.date
    | datetime.datetime
    | datetime.timedelta
)


# A formula with nothing behind it; one that gives an empty text says so.
_UNCOMPUTED = re.compile(
    rb"<(?:\w+:)?c\b(?![^>]*\bt=\"str\")[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*"
    rb"(?:<(?:\w+:)?v\s*/>|<(?:\w+:)?v>\s*</(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the library for sheets does not tell: the parts of the file and how numbers are shown.

    ``parts`` has the part of each sheet by its name.
    """

    package: Package
    parts: dict[str, str]
    formats: dict[bytes, NumberFormat]

    def cells(self, sheet: str) -> Cells:
        """Give the cells of a sheet that show a number otherwise."""
        part = self.parts.get(sheet, "")
        return formatted_cells(self.package.archive.read(part), self.formats) if part else {}

    def uncomputed(self) -> list[Message]:
        """Tell of formulas of which the file has no result, as files that programs write."""
        sheets = (self.package.archive.read(part) for part in self.parts.values() if part)
        count = sum(sum(1 for _ in _UNCOMPUTED.finditer(sheet)) for sheet in sheets)
        sentence = (
            "{count} formulas have no stored result and were left out; open and save it in Excel or"
            " LibreOffice"
        )
        return [message("uncomputed", sentence, count=count)] if count else []


def parse_xlsx(data: bytes) -> Parsed:
    """Read an Excel workbook; comments and text boxes stand behind the rows of their sheet."""
    package = Package(data)
    name, root = package.main_part()
    links = package.links(name)
    parts = {
        attribute(sheet, "name"): links.get(link_of(sheet), ("", ""))[1]
        for sheet in children(child(root, "sheets"), "sheet")
    }
    packed = compact(data, package.archive)
    styles = next((root for _, root in package.linked(name, "styles")), None)
    # In one that was compacted the cells stand at other places than in the file.
    formats = read_formats(styles) if packed is data else {}
    return _parse(packed, _Known(package, parts, formats))


def parse_sheets(data: bytes) -> Parsed:
    """Read an old or a binary Excel workbook."""
    if data.startswith(b"PK"):
        Archive(data)
    return _parse(data)


def _parse(data: bytes, known: _Known | None = None) -> Parsed:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError as problem:
        raise Unreadable(LOCKED) from problem
    building = Building()
    sheets = [sheet for sheet in workbook.sheets_metadata if sheet.typ == SheetTypeEnum.WorkSheet]
    for sheet in sheets:
        building.page(sheet.name, reading="blank")
        read = workbook.get_sheet_by_name(sheet.name)
        # A lone sheet's name is the program's, seldom the writer's; so is that of an empty one.
        if len(sheets) > 1 and read.start is not None:
            building.heading(1, sheet.name)
        append_rows(building, _rows(read, known.cells(sheet.name) if known else {}), _merges(read))
        if known:
            _append_remarks(building, known.package, known.parts.get(sheet.name, ""))
    building.notes += _hidden(sheets)
    building.notes += known.uncomputed() if known else []
    return building.parsed(title=known.package.title() if known else "", by_heading=False)


def _rows(sheet: CalamineSheet, formats: Cells) -> Iterator[list[str]]:
    left = sheet.start[1] if sheet.start else 0
    for number, row in enumerate(sheet.iter_rows()):
        texts = [written(cell) for cell in row]
        for column, cell in enumerate(row) if formats else ():
            shown = formats.get((number, column + left))
            if shown and isinstance(cell, (int, float)) and not isinstance(cell, bool):
                texts[column] = shown.written(cell)
        yield texts


def _merges(sheet: CalamineSheet) -> Iterator[Merge]:
    """Yield the cells that span others; columns are counted from the first that is not empty."""
    if sheet.start is None:
        return
    _, left = sheet.start
    for (first, column), (last, right) in sheet.merged_cell_ranges or ():
        if column >= left:
            yield first, column - left, last - first + 1, right - column + 1


def written(cell: Cell) -> str:
    """Write a value as a sheet shows it without a format: dates as 2024-03-03, 5.0 as 5."""
    if isinstance(cell, bool):
        return str(cell).upper()
    if isinstance(cell, float):
        return f"{cell:.0f}" if cell.is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    if isinstance(cell, datetime.datetime):
        at_midnight = cell.time() == datetime.time()
        return str(cell.date()) if at_midnight else cell.isoformat(" ", timespec="minutes")
    if isinstance(cell, datetime.time):
        return cell.isoformat(timespec="minutes" if not cell.second else "seconds")
    if isinstance(cell, datetime.timedelta):
        return _hours(cell)
    return str(cell)


def _hours(span: datetime.timedelta) -> str:
    """Write a span of time as sheets do, in hours however many: 30:00."""
    sign = "-" if span < datetime.timedelta() else ""
    minutes, seconds = divmod(round(abs(span).total_seconds()), 60)
    return f"{sign}{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")


def _append_remarks(building: Building, package: Package, part: str) -> None:
    """Append the comments on a sheet's cells, and the text boxes upon it."""
    for _, comments in package.linked(part, "comments") if part else ():
        for comment in descendants(comments, "comment"):
            text = one_line("".join(word.text or "" for word in descendants(comment, "t")))
            building.paragraph(f"Comment on {attribute(comment, 'ref')}: {text}" if text else "")
    for _, drawing in package.linked(part, "drawing") if part else ():
        for paragraph in (
            p for body in descendants(drawing, "txBody") for p in children(body, "p")
        ):
            building.paragraph("".join(word.text or "" for word in descendants(paragraph, "t")))


def _hidden(sheets: Sequence[SheetMetadata]) -> list[Message]:
    names = [sheet.name for sheet in sheets if sheet.visible != SheetVisibleEnum.Visible]
    sentence = "hidden sheets were read too: {names}"
    return [message("hidden-sheets", sentence, names=", ".join(names))] if names else []
