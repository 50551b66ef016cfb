"""Rows of a table stay rows, and their cells cells."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest import read
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.pdf.parse import parse_pdf

HEAD = ("Tool", "Stock", "Fee")
ROWS = [
    ("Hand drill", "12", "4.50"),
    ("Belt sander", "3", "11.00"),
    ("Jigsaw", "7", "6.25"),
    ("Router", "1", "14.75"),
]
LEFTS = (60, 250, 400)
PROSE = [
    "The workshop lends tools to all members for a day or for a whole week at a time, and",
    "asks a fee for each of them that pays for blades, belts and the yearly inspection.",
]


def placed(
    rows: Sequence[Sequence[str]], *, top: float = 120, step: float = 18, font: str = "F"
) -> list[Shown]:
    return [
        Shown(left, top + step * number, cell, font=font)
        for number, row in enumerate(rows)
        for left, cell in zip(LEFTS, row, strict=False)
        if cell
    ]


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    return [" | ".join(row) for row in rows]


def rows_of(parsed: Parsed, number: int = 0) -> list[str]:
    return [parsed.text[start:end] for start, end in parsed.tables[number][2]]


def test_a_row_is_a_line_and_a_table_knows_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(page_bytes([*lines(PROSE), *placed([HEAD, *ROWS]), Shown(60, 250, "Ask us.")]))

    document = read(path)

    (table,) = document.tables
    assert [document.text[start:end] for start, end in table.rows] == joined([HEAD, *ROWS])
    assert (table.start, table.end) == (table.rows[0][0], table.rows[-1][1])
    assert table.has_head
    assert document.text == "\n".join([" ".join(PROSE), *joined([HEAD, *ROWS]), "Ask us."])


@pytest.mark.parametrize("step", [13, 18, 26])
def test_a_table_is_found_at_any_distance_of_its_rows(step: float) -> None:
    assert rows_of(parse_pdf(page_bytes(placed([HEAD, *ROWS], step=step)))) == joined([HEAD, *ROWS])


def test_a_table_written_column_by_column_has_its_rows() -> None:
    shown = sorted(placed([HEAD, *ROWS]), key=lambda one: one.left)

    assert rows_of(parse_pdf(page_bytes(shown))) == joined([HEAD, *ROWS])


def test_numbers_set_to_the_right_stay_in_their_columns() -> None:
    shown = [
        one._replace(left=one.left + 6 * (6 - len(one.text))) if one.left > 60 else one
        for one in placed([HEAD, *ROWS])
    ]

    assert rows_of(parse_pdf(page_bytes(shown))) == joined([HEAD, *ROWS])


def test_an_empty_cell_keeps_its_place() -> None:
    rows = [HEAD, ROWS[0], ("Belt sander", "", "11.00"), ROWS[2]]

    assert rows_of(parse_pdf(page_bytes(placed(rows))))[2] == "Belt sander |  | 11.00"


def test_a_cell_of_two_lines_stays_one_cell() -> None:
    shown = [
        *placed([HEAD, ROWS[0]]),
        Shown(60, 156, "Belt sander with"),
        Shown(250, 156, "3"),
        Shown(400, 156, "11.00"),
        Shown(60, 168, "two spare belts"),
        *placed(ROWS[2:], top=190),
    ]

    assert (
        rows_of(parse_pdf(page_bytes(shown)))[2] == "Belt sander with two spare belts | 3 | 11.00"
    )


def test_a_tall_cell_set_to_the_middle_stays_with_its_row() -> None:
    shown = [
        *placed([HEAD, ROWS[0]], step=14),
        Shown(400, 148, "11.00 in summer,"),
        Shown(60, 154, "Belt sander"),
        Shown(250, 154, "3"),
        Shown(400, 160, "9.00 in winter"),
        *placed(ROWS[2:], top=174, step=14),
    ]

    rows = rows_of(parse_pdf(page_bytes(shown)))

    assert rows[1:3] == [
        "Hand drill | 12 | 4.50",
        "Belt sander | 3 | 11.00 in summer, 9.00 in winter",
    ]


def test_a_table_without_a_head_has_none() -> None:
    assert not parse_pdf(page_bytes(placed(ROWS))).tables[0][3]


def test_a_table_that_goes_on_on_the_next_page_is_one() -> None:
    pages = [placed([HEAD, *ROWS], top=620, step=20), placed([HEAD, *ROWS[::-1]], top=60)]

    parsed = parse_pdf(page_bytes(*pages))

    assert len(parsed.tables) == 1
    assert rows_of(parsed) == joined([HEAD, *ROWS, *ROWS[::-1]])
    assert parsed.left_out == 1


def test_two_tables_under_headings_stay_two() -> None:
    shown = [
        Shown(60, 100, "Lent by the day"),
        *placed([HEAD, *ROWS]),
        Shown(60, 230, "Lent by the week"),
        *placed([HEAD, *ROWS[::-1]], top=250),
    ]

    parsed = parse_pdf(page_bytes(shown))

    assert [rows_of(parsed, n) for n in (0, 1)] == [
        joined([HEAD, *ROWS]),
        joined([HEAD, *ROWS[::-1]]),
    ]
    assert "\nLent by the week\n" in parsed.text


def test_prose_is_no_table() -> None:
    assert not parse_pdf(page_bytes(lines(PROSE * 4))).tables


def test_entries_of_contents_lose_their_dots_and_stay_lines() -> None:
    entries = [("1 The boats", "3"), ("2 Mooring and berths", "11"), ("3 Winter storage", "27")]
    shown = [
        one
        for row, (title, page) in enumerate(entries)
        for one in (
            Shown(60, 60 + 16 * row, f"{title} {'.' * (60 - len(title))}"),
            Shown(520, 60 + 16 * row, page),
        )
    ]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [" ".join(entry) for entry in entries]
    assert not parsed.tables


def test_ninety_six_rows_are_ninety_six_lines() -> None:
    rows = [(f"Part {n:03}", str(7 * n), f"{n}.50") for n in range(96)]
    pages = [placed([HEAD, *rows[n : n + 40]], top=60) for n in (0, 40, 80)]

    parsed = parse_pdf(page_bytes(*pages))

    assert rows_of(parsed) == joined([HEAD, *rows])


def test_amounts_with_words_before_them_stay_in_their_rows() -> None:
    """A Chinese cell ends without a full stop, as a broken line does."""
    rows = [
        ("津贴标准表中的项目", "对象是什么样的人", "标准"),
        ("夜班津贴每一班都有", "晚上十点到早上六点", "每小时2.4克朗"),
        ("高速船津贴每人都有", "飞鳍号上的所有船员", "每天9克朗"),
        ("外岛津贴按月来计算", "常驻翁布雷岛的员工", "每月160克朗"),
    ]
    page = [
        Shown(left, 100 + 21 * number, cell, font="G")
        for number, row in enumerate(rows)
        for left, cell in zip((60, 230, 420), row, strict=True)
    ]
    assert rows_of(parse_pdf(page_bytes(page))) == joined(rows)


def test_the_labels_of_a_form_head_no_columns() -> None:
    rows = [("Name:", "Quiet Otter"), ("Boat:", "Heron"), ("Length:", "7.4 m"), ("Berth:", "12")]
    shown = [
        Shown(left, 60 + 20 * number, text)
        for number, row in enumerate(rows)
        for left, text in zip((60, 160), row, strict=True)
    ]

    (table,) = parse_pdf(page_bytes(shown)).tables

    assert (len(table[2]), table[3]) == (4, False)


def test_names_and_their_values_have_no_head() -> None:
    pairs = [("Customer", "Harbour Board"), ("Order", "4471"), ("Sent", "By lorry"), ("By", "Lee")]
    rows = [
        Shown(left, 60 + 16 * n, text)
        for n, pair in enumerate(pairs)
        for left, text in zip((60, 220), pair, strict=True)
    ]

    ((_, _, spans, has_head),) = parse_pdf(page_bytes(rows)).tables

    assert (len(spans), has_head) == (4, False)


def test_totals_below_a_table_are_rows_of_their_own() -> None:
    rows = [
        ("Pos", "Description", "Price", "Total"),
        ("1", "Hammer", "12.50", "25.00"),
        ("2", "Nails", "1.20", "12.00"),
        ("", "", "Net", "37.00"),
        ("", "", "VAT", "7.40"),
        ("", "", "To pay", "44.40"),
    ]
    shown = [
        Shown(left, 60 + 15 * n, cell, 10)
        for n, row in enumerate(rows)
        for left, cell in zip((60, 120, 300, 400), row, strict=True)
        if cell
    ]

    assert parse_pdf(page_bytes(shown)).text.split("\n")[3:] == [
        "|  | Net | 37.00",
        "|  | VAT | 7.40",
        "|  | To pay | 44.40",
    ]


@pytest.mark.parametrize("marks", [("1.", "2.", "3."), ("•", "•", "•"), ("(a)", "(b)", "(c)")])
def test_marks_of_a_list_that_stand_off_are_no_column(marks: tuple[str, ...]) -> None:
    texts = ("Switch the pump off.", "Open the valve.", "Close the lid.")
    shown = [
        Shown(left, 60 + 14 * n, text)
        for n, item in enumerate(zip(marks, texts, strict=True))
        for left, text in zip((60, 85), item, strict=True)
    ]

    parsed = parse_pdf(page_bytes(shown))

    assert not parsed.tables
    assert parsed.text.split("\n") == [f"{m} {text}" for m, text in zip(marks, texts, strict=True)]


def test_a_row_in_which_a_page_ends_is_one() -> None:
    def _rows(rows: Sequence[tuple[str, ...]], top: float) -> list[Shown]:
        return [
            Shown(left, top + 15 * n, cell, 10)
            for n, row in enumerate(rows)
            for left, cell in zip((60, 140, 450), row, strict=True)
            if cell
        ]

    head, before = ("Code", "Text", "Fee"), ("C1", "A line", "1.00")
    cut, rest = ("C2", "A line that is so long that it", "2.00"), ("", "goes on", "")
    pages = (
        _rows([head, before, cut], 600),
        [*_rows([head], 60), *_rows([rest, ("C3", "Line", "3.00"), ("C4", "Line", "4.00")], 80)],
    )

    parsed = parse_pdf(page_bytes(*pages))

    ((_, _, rows, has_head),) = parsed.tables
    start, end = rows[2]
    assert parsed.text[start:end].split("\n") == ["C2 | " + cut[1] + " | 2.00", "| goes on |"]
    assert (len(rows), has_head) == (5, True)


@pytest.mark.parametrize("corner", ["", "2025"])
def test_a_head_of_groups_of_columns_is_put_before_each(corner: str) -> None:
    shown = [Shown(200, 60, "2023", 10), Shown(360, 60, "2024", 10)]
    shown += [Shown(60, 60, corner, 10)] if corner else []
    for n, row in enumerate(
        [("Item", "Q1", "Q2", "Q1", "Q2"), ("Rent", *"1234"), ("Heat", *"5678")]
    ):
        shown += [
            Shown(left, 75 + 15 * n, cell, 10)
            for left, cell in zip((60, 180, 240, 340, 400), row, strict=True)
        ]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [
        f"{corner} Item | 2023 Q1 | 2023 Q2 | 2024 Q1 | 2024 Q2".strip(),
        "Rent | 1 | 2 | 3 | 4",
        "Heat | 5 | 6 | 7 | 8",
    ]
    assert parsed.tables[0][3]


def bullets(mark: str, texts: Sequence[str], *, left: float = 60, gap: float = 18) -> list[Shown]:
    return [
        Shown(x, 100 + 16 * number, words)
        for number, text in enumerate(texts)
        for x, words in ((left, mark), (left + gap, text))
    ]


@pytest.mark.parametrize("texts", [["6", "7", "8 knots"], ["Rope", "Sign the log", "Call us"]])
@pytest.mark.parametrize(
    ("mark", "shown", "gap"), [("•", "•", 12), ("•", "•", 40), ("o", "◦", 18), ("o", "◦", 36)]
)
def test_a_list_with_bullets_is_no_table(
    texts: list[str], mark: str, shown: str, gap: float
) -> None:
    parsed = parse_pdf(page_bytes(bullets(mark, texts, gap=gap)))

    assert parsed.text.split("\n") == [f"{shown} {text}" for text in texts]
    assert parsed.tables == []


def test_articles_whose_text_stands_off_are_no_table() -> None:
    texts = [
        ("第六条", "本制度由人力资源部负责解释。"),
        ("第七条", "本制度自发布之日起施行，原办法同时"),
    ]
    shown = [
        Shown(left, 100 + 16 * at, text, font="G")
        for at, row in enumerate(texts)
        for left, text in zip((80, 124), row, strict=True)
    ]

    parsed = parse_pdf(page_bytes([*shown, Shown(60, 132, "废止。", font="G")]))

    assert parsed.text.split("\n")[0] == "第六条 本制度由人力资源部负责解释。"
    assert parsed.tables == []


def test_two_lists_side_by_side_are_read_one_after_the_other() -> None:
    one, two = ["Rope", "Sign the log", "Call us"], ["Map", "Wear a jacket", "Radio"]
    both = [*bullets("•", one), *bullets("•", two, left=320)]
    by_line = sorted(both, key=lambda shown: (shown.top, shown.left))

    for shown in (both, by_line):
        parsed = parse_pdf(page_bytes(shown))
        assert parsed.text.split("\n") == [f"• {text}" for text in (*one, *two)]


def test_marks_that_are_cells_stay_cells() -> None:
    rows = [
        ("Tool", "Lent", "Sold"),
        ("Jigsaw", "•", ""),
        ("Router", "", "•"),
        ("Plane", "•", "•"),
    ]

    written = [row.rstrip() for row in joined(rows)]
    assert rows_of(parse_pdf(page_bytes(placed(rows)))) == written


@pytest.mark.parametrize(
    "head",
    [("Item", "2022", "2023"), ("", "FY 2022/23", "Q1 2024"), ("CZK", "1.1.2024", "May 2023")],
)
def test_years_above_amounts_name_the_columns(head: tuple[str, ...]) -> None:
    parsed = parse_pdf(page_bytes(placed([head, ("Cash", "10", "12"), ("Boats", "200", "180")])))

    assert parsed.tables[0][3]


def test_years_above_years_name_nothing() -> None:
    rows = [("Lark", "1998", "2004"), ("Gull", "2001", "2010"), ("Tern", "2011", "2015")]

    assert not parse_pdf(page_bytes(placed(rows))).tables[0][3]
