"""Slides and sheets: what is shown, and what hangs on it."""

import datetime
import io
from typing import Any

import pptx
import pytest
import xlsxwriter
from PIL import Image
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches
from written_formats import unzipped, zipped

from bifolio.ingest.office.pptx import parse_pptx
from bifolio.ingest.office.sheets import parse_xlsx, written
from bifolio.ingest.parsed import Parsed


def slides(count: int = 1) -> tuple[Any, list[Any]]:
    deck = pptx.Presentation()
    return deck, [deck.slides.add_slide(deck.slide_layouts[1]) for _ in range(count)]


def parsed(deck: Any) -> Parsed:
    buffer = io.BytesIO()
    deck.save(buffer)
    return parse_pptx(buffer.getvalue())


def test_the_title_of_a_slide_stands_first_and_notes_last() -> None:
    deck, (slide,) = slides()
    slide.placeholders[1].text_frame.text = "Five crowns."
    slide.shapes.title.text = "Fares"
    slide.notes_slide.notes_text_frame.text = "Say it slowly."
    tree = slide.shapes.title._element.getparent()
    tree.append(slide.shapes.title._element)

    assert parsed(deck).text == "Fares\n\nFive crowns.\n\nNotes: Say it slowly."


def test_shapes_in_groups_and_merged_cells_are_read_once() -> None:
    deck, (slide,) = slides()
    group = slide.shapes.add_group_shape()
    group.shapes.add_textbox(*[Inches(1)] * 4).text_frame.text = "grouped"
    table = slide.shapes.add_table(2, 2, *[Inches(1)] * 4).table
    table.cell(0, 0).merge(table.cell(0, 1))
    for at, text in enumerate(("wide", "", "c", "d")):
        table.cell(at // 2, at % 2).text = text

    assert parsed(deck).text == "grouped\n\nwide\nc | d"


def test_a_hidden_slide_is_read_and_told() -> None:
    deck, (first, second) = slides(2)
    first.shapes.title.text, second.shapes.title.text = "One", "Two"
    second._element.set("show", "0")

    found = parsed(deck)

    assert found.text == "One\n\nTwo"
    assert [*map(str, found.notes)] == ["hidden slides were read too: 2"]


def test_a_slide_with_only_a_picture_is_an_empty_page_and_one_with_nothing_a_blank_one() -> None:
    deck, (first, second, _) = slides(3)
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    first.shapes.add_picture(picture, *[Inches(1)] * 2)
    first.shapes[-1]._element.nvPicPr.cNvPr.set("descr", "")
    second.shapes.title.text = "Two"

    assert [page[4] for page in parsed(deck).pages if len(page) > 3] == ["empty", "text", "blank"]


def test_a_sheet_with_nothing_in_it_is_a_blank_page() -> None:
    def _fill(book: Any) -> None:
        book.add_worksheet("Fares").write_row(0, 0, ["Adult", 5])
        book.add_worksheet("Sheet2")

    found = workbook(_fill)

    assert [page[3:] for page in found.pages] == [("Fares", "text"), ("Sheet2", "blank")]
    assert found.text.split("\n\n")[:2] == ["Fares", "Adult | 5"]


def test_the_data_of_a_chart_is_a_table() -> None:
    deck, (slide,) = slides()
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("Passengers", (120, 135.5))
    data.add_series("Crew", (7, None))
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, *[Inches(1)] * 4, data)

    assert parsed(deck).text.strip() == "| Passengers | Crew\n2023 | 120 | 7\n2024 | 135.5"


def workbook(fill: Any) -> Parsed:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        fill(book)
    return parse_xlsx(buffer.getvalue())


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (5.0, "5"),
        (0.1 + 0.2, "0.3"),
        (-1234.5, "-1234.5"),
        (1e20, "1e+20"),
        (True, "TRUE"),
        (datetime.date(2024, 3, 3), "2024-03-03"),
        (datetime.datetime(2024, 3, 3), "2024-03-03"),
        (datetime.datetime(2024, 3, 3, 9, 30), "2024-03-03 09:30"),
        (datetime.time(9, 30), "09:30"),
        (datetime.timedelta(hours=30), "30:00"),
        (datetime.timedelta(minutes=-90, seconds=-5), "-1:30:05"),
        ("渡轮", "渡轮"),
    ],
)
def test_values_are_written_as_a_reader_would(value: Any, shown: str) -> None:
    assert written(value) == shown


def test_titles_tables_and_dates_of_a_sheet_are_told_apart() -> None:
    def _fill(book: Any) -> None:
        sheet = book.add_worksheet()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(0, 0, "Fares 2024")
        sheet.write_row(2, 0, ["Name", "Price", "From"])
        sheet.write_row(3, 0, ["Adult", 5.5])
        sheet.write_datetime(3, 2, datetime.datetime(2024, 3, 3), day)
        sheet.write_row(6, 1, ["Day", "Share"])
        sheet.write_row(7, 1, ["Monday", 1])

    found = workbook(_fill)

    assert found.text.split("\n\n") == [
        "Fares 2024",
        "Name | Price | From\nAdult | 5.5 | 2024-03-03",
        "Day | Share\nMonday | 1",
    ]
    assert [table[3] for table in found.tables] == [True, True]
    assert found.title == ""


def test_hidden_sheets_comments_and_text_boxes_are_read_and_told() -> None:
    def _fill(book: Any) -> None:
        shown, hidden = book.add_worksheet("Fares"), book.add_worksheet("Old")
        shown.write(0, 0, "Adult")
        shown.write_comment(0, 0, "Rises in May")
        shown.insert_textbox(3, 3, "Boxed words")
        hidden.write(0, 0, "Child")
        hidden.hide()

    found = workbook(_fill)

    assert found.text.split("\n\n") == [
        *("Fares", "Adult", "Comment on A1: Rises in May", "Boxed words"),
        *("Old", "Child"),
    ]
    assert [*map(str, found.notes)] == ["hidden sheets were read too: Old"]


def test_rows_far_down_are_read_with_what_stands_beside_them() -> None:
    def _fill(book: Any) -> None:
        sheet = book.add_worksheet()
        for row in (0, 1, 900_000, 900_001):
            sheet.write_row(row, 9000, [f"a{row}", f"b{row}"])
        sheet.write(5, 3, "lone")

    assert workbook(_fill).text.split("\n\n") == [
        "a0 | b0\na1 | b1",
        "lone",
        "a900000 | b900000\na900001 | b900001",
    ]


def test_a_workbook_without_sheets_of_cells_has_no_text() -> None:
    def _fill(book: Any) -> None:
        book.add_worksheet()

    found = workbook(_fill)

    assert found.text == ""
    assert len(found.pages) == 1


def test_a_sheet_whose_part_is_missing_is_refused() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.add_worksheet().write(0, 0, "x")
    members = unzipped(buffer.getvalue())
    del members["xl/worksheets/sheet1.xml"]

    with pytest.raises(Exception, match="Sheet1"):
        parse_xlsx(zipped(members))


@pytest.mark.parametrize(
    ("code", "value", "shown"),
    [
        ("0.0%", 0.155, "15.5%"),
        ("0%", 0.5, "50%"),
        ("00000", 12, "00012"),
        ('#,##0.00 "€"', 1234.5, "1,234.50 €"),
        ("[$¥-804]#,##0.00;[Red]-[$¥-804]#,##0.00", -1234.5, "-¥1,234.50"),
        ('0" 克朗"', 160, "160 克朗"),
        ('"AB-"0000', 7, "AB-0007"),
        ("General", 1234.5, "1234.5"),
        ("#,##0.00", 1234.5, "1234.5"),
        ("# ?/?", 0.5, "0.5"),
    ],
)
def test_a_number_is_read_as_its_sheet_shows_it(code: str, value: float, shown: str) -> None:
    def _fill(book: Any) -> None:
        book.add_worksheet().write(3, 2, value, book.add_format({"num_format": code}))

    assert workbook(_fill).text == shown


def test_what_spans_rows_is_in_each_and_heads_of_two_rows_are_one() -> None:
    def _fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.merge_range(2, 3, 2, 4, "2024")
        sheet.write_row(3, 1, ["Region", "Depot", "Q1", "Q2"])
        sheet.merge_range(4, 1, 5, 1, "North")
        sheet.write_row(4, 2, ["Ware", 1, 2])
        sheet.write_row(5, 2, ["Harlow", 3, 4])
        sheet.write_row(2, 1, ["", ""])
        sheet.write(2, 5, "2025")
        sheet.write_row(3, 5, ["Q1"])

    found = workbook(_fill)

    assert found.text.split("\n") == [
        "Region | Depot | 2024 Q1 | 2024 Q2 | 2025 Q1",
        "North | Ware | 1 | 2",
        "North | Harlow | 3 | 4",
    ]
    assert found.tables[0][3]


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("<c r='B1'><f>SUM(A1:A2)</f><v></v></c>", 1),
        ("<c r='B1' s='1'><f>1+1</f><v/></c>", 1),
        ("<c r='B1'><f>1+1</f></c>", 1),
        ("<c r='B1'><f t='shared' si='0'/></c>", 1),
        ("<c r='B1'><f>1+1</f><v>2</v></c>", 0),
        ("<c r='B1'><f t='shared' si='0'/><v>2</v></c>", 0),
        ('<c r="B1" t="str"><f>""</f><v></v></c>', 0),
        ("<c r='B1'/><c r='C1'><v>2</v></c>", 0),
    ],
)
def test_formulas_without_a_result_are_told(cell: str, count: int) -> None:
    def _fill(book: Any) -> None:
        book.add_worksheet().write_row(0, 0, ["Total", 1])

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        _fill(book)
    parts = unzipped(buffer.getvalue())
    name = "xl/worksheets/sheet1.xml"
    old = '<c r="B1"><v>1</v></c>'
    sheet = parts[name].decode()
    assert old in sheet

    found = parse_xlsx(zipped(parts | {name: sheet.replace(old, cell)}))

    told = [note.facts["count"] for note in found.notes if note.code == "uncomputed"]
    assert told == [count] * bool(count)
