"""Which words are the cells of a table on a page, and which row is its head."""

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf


@pytest.mark.parametrize(
    ("bold", "expected"),
    [((0,), [True]), ((), [False]), ((0, 1, 2, 3), [False]), ((2,), [False])],
)
def test_a_first_row_that_alone_is_bold_names_the_columns(
    bold: tuple[int, ...], expected: list[bool]
) -> None:
    pairs = [("Term", "Meaning"), ("Bow", "front"), ("Stern", "back"), ("Keel", "below")]
    rows = [
        Shown(left, 60 + 16 * n, text, font="B" if n in bold else "F")
        for n, pair in enumerate(pairs)
        for left, text in zip((60, 220), pair, strict=True)
    ]

    assert [has_head for *_, has_head in parse_pdf(page_bytes(rows)).tables] == expected


def test_a_bold_first_row_names_the_columns_though_a_name_spans_two_of_them() -> None:
    rows = [
        ("Model", "", "HC-5", "HC-8"),
        ("Reach", "wet", "9 m", "11 m"),
        ("Lift", "dry", "2 t", "4 t"),
    ]
    shown = [
        Shown(left, 60 + 16 * n, cell, font="F" if n else "B")
        for n, row in enumerate(rows)
        for left, cell in zip((60, 160, 260, 340), row, strict=True)
        if cell
    ]

    assert [has_head for *_, has_head in parse_pdf(page_bytes(shown)).tables] == [True]


def test_the_last_line_above_a_table_ends_its_paragraph_and_a_foot_is_no_column() -> None:
    rows = [("Berth", "Length", "Fee"), *((f"N{n}", f"{n + 8}", f"{n}.50") for n in range(1, 9))]
    prose = [
        "Every boat has a berth, which is named in the contract, and nobody changes it without",
        "the word of the harbour master. Visitors moor at the north pier and pay at the office the",
        "same day.",
    ]
    shown = [*lines(prose, left=78, top=60), Shown(60, 810, "Handbook 2024", 8)]
    shown += [
        Shown(left, 106 + 18 * n, cell)
        for n, row in enumerate(rows)
        for left, cell in zip((192, 260, 340), row, strict=True)
    ]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [" ".join(prose), *map(" | ".join, rows), "Handbook 2024"]


def test_short_cells_in_chinese_are_no_columns_of_prose() -> None:
    rows = [
        ("项目", "夏季", "冬季", "备注"),
        ("帆船", "三十元", "十五元", "含水电"),
        ("机动船", "四十元", "二十元", "不含燃油"),
        ("快艇", "六十元", "三十元", "按小时"),
    ]
    shown = [
        Shown(left, 60 + 18 * n, cell, font="G")
        for n, row in enumerate(rows)
        for left, cell in zip((60, 110, 160, 210), row, strict=True)
    ]

    assert parse_pdf(page_bytes(shown)).text.split("\n") == [*map(" | ".join, rows)]


def test_a_tall_cell_set_to_the_middle_of_the_last_row_stays_with_it() -> None:
    rows = [
        *(Shown(left, 60, name) for left, name in ((60, "Zone"), (120, "Fare"), (180, "Remarks"))),
        Shown(180, 79, "valid for an hour; changes allowed"),
        *(Shown(left, 86, text) for left, text in ((60, "A"), (120, "2.50"))),
        Shown(180, 93, "within the zone"),
        *(Shown(left, 112, text) for left, text in ((60, "B"), (120, "3.50"), (180, "two hours"))),
        Shown(180, 131, "all day at weekends, else three hours"),
        *(Shown(left, 138, text) for left, text in ((60, "C"), (120, "5.00"))),
        Shown(180, 145.5, "from the first stamp"),
    ]

    assert parse_pdf(page_bytes(rows)).text.split("\n") == [
        "Zone | Fare | Remarks",
        "A | 2.50 | valid for an hour; changes allowed within the zone",
        "B | 3.50 | two hours",
        "C | 5.00 | all day at weekends, else three hours from the first stamp",
    ]


def test_a_dash_that_stands_beside_the_middle_of_its_column_is_in_it() -> None:
    shown = [
        *(Shown(left, 60, name) for left, name in ((76, "Stop"), (155, "1"), (255, "3"))),
        *(Shown(left, 79, text) for left, text in ((66, "Harbour"), (143, "07:00"), (241, "-"))),
        *(Shown(left, 98, text) for left, text in ((66, "Church"), (143, "-"), (241, "11:02"))),
        *(Shown(left, 117, text) for left, text in ((66, "Mill"), (143, "07:20"), (241, "11:10"))),
    ]

    assert parse_pdf(page_bytes(shown)).text.split("\n") == [
        "Stop | 1 | 3",
        "Harbour | 07:00 | -",
        "Church | - | 11:02",
        "Mill | 07:20 | 11:10",
    ]
