"""Where lines are drawn between the cells of a table, these tell what a cell is."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from string import ascii_letters

import pytest
from pdf_pages import A4, Shown, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

LEFTS, TOPS = (60, 90, 150, 300, 340), (100, 120, 140, 170, 190)
# The last part has a name of two lines, beside the middle of which the other cells stand.
PARTS = [
    *(Shown(62 + at, 114, name) for at, name in ((0, "No."), (30, "Part"), (90, "Name"))),
    Shown(302, 114, "Stock"),
    *(Shown(62, top, number) for top, number in ((134, "1"), (159, "2"), (184, "3"))),
    *(Shown(92, top, part) for top, part in ((134, "SP-1007890"), (159, "SP-12"), (184, "SP-13"))),
    Shown(152, 134, "Brass bolt, long enough for wo"),
    Shown(152, 152, "Pump seal, only for pumps"),
    Shown(152, 166, "that were built before 2019"),
    Shown(152, 184, "Washer"),
    *(Shown(302, top, count) for top, count in ((134, "12"), (159, "4"), (184, "700"))),
]
ROWS = [
    "No. | Part | Name | Stock",
    "1 | SP-1007890 | Brass bolt, long enough for wo | 12",
    "2 | SP-12 | Pump seal, only for pumps that were built before 2019 | 4",
    "3 | SP-13 | Washer | 700",
]


def up(top: float) -> float:
    return A4[1] - top


def as_strokes(lefts: Sequence[float], tops: Sequence[float]) -> str:
    """Draw each line by itself."""
    across = [f"{lefts[0]} {up(top)} m {lefts[-1]} {up(top)} l S" for top in tops]
    down = [f"{left} {up(tops[0])} m {left} {up(tops[-1])} l S" for left in lefts]
    return "\n".join((*across, *down))


def as_one_path(lefts: Sequence[float], tops: Sequence[float]) -> str:
    return as_strokes(lefts, tops).replace(" S", "") + " S"


def as_frames(lefts: Sequence[float], tops: Sequence[float]) -> str:
    """Draw a frame around each cell."""
    return "\n".join(
        f"{left} {up(bottom)} {right - left} {bottom - top} re S"
        for left, right in pairwise(lefts)
        for top, bottom in pairwise(tops)
    )


def as_thin_areas(lefts: Sequence[float], tops: Sequence[float]) -> str:
    """Draw the side of each cell by itself, as browsers and word processors do."""
    across = [
        f"{left} {up(top)} {right - left} 0.7 re f"
        for top in tops
        for left, right in pairwise(lefts)
    ]
    down = [
        f"{left} {up(bottom)} 0.7 {bottom - top} re f"
        for left in lefts
        for top, bottom in pairwise(tops)
    ]
    return "\n".join((*across, *down))


def without_frame(lefts: Sequence[float], tops: Sequence[float]) -> str:
    """Draw only the lines between the cells."""
    across = [f"{lefts[0]} {up(top)} m {lefts[-1]} {up(top)} l S" for top in tops[1:-1]]
    down = [f"{left} {up(tops[0])} m {left} {up(tops[-1])} l S" for left in lefts[1:-1]]
    return "\n".join((*across, *down))


def rows_of(data: bytes) -> list[list[str]]:
    parsed = parse_pdf(data)
    return [[parsed.text[start:end] for start, end in rows] for _, _, rows, _ in parsed.tables]


@pytest.mark.parametrize("draw", [as_strokes, as_one_path, as_frames, as_thin_areas, without_frame])
def test_cells_between_lines_stay_cells_however_close_they_are(
    draw: Callable[[Sequence[float], Sequence[float]], str],
) -> None:
    parsed = parse_pdf(page_bytes(PARTS, drawn=draw(LEFTS, TOPS)))

    assert parsed.text.split("\n") == ROWS
    assert [head for *_, head in parsed.tables] == [True]


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_a_page_that_is_turned_has_its_cells(quarters: int) -> None:
    turns = {1: "0 1 -1 0 595 0", 2: "-1 0 0 -1 595 842", 3: "0 -1 1 0 0 842"}
    drawn = f"{turns[quarters]} cm\n{as_strokes(LEFTS, [top + 300 for top in TOPS])}"
    shown = [one._replace(top=one.top + 300) for one in PARTS]

    assert rows_of(page_bytes(shown, drawn=drawn)) == [ROWS]


def test_a_table_over_pages_is_one_under_the_head_that_is_repeated() -> None:
    drawn = as_strokes(LEFTS, TOPS)
    before = [Shown(60, 80, "Parts in stock")]

    (rows,) = rows_of(page_bytes(before + PARTS, PARTS, drawn=drawn))

    assert rows == [*ROWS, *ROWS[1:]]


def test_what_spans_rows_is_in_each_and_what_spans_the_head_is_before_each_name() -> None:
    lefts, tops = (60, 120, 180, 240), (100, 120, 140, 160, 180)
    across = [f"{120 if top in (120, 160) else 60} {up(top)} m 240 {up(top)} l S" for top in tops]
    down = [f"{left} {up(120 if left == 180 else 100)} m {left} {up(180)} l S" for left in lefts]
    cells = [(62, 124, "Area"), (140, 114, "Seats"), (122, 134, "Summer"), (182, 134, "Winter")]
    cells += [
        (62, 164, "North"),
        (122, 154, "12"),
        (182, 154, "9"),
        (122, 174, "8"),
        (182, 174, "7"),
    ]
    shown = [Shown(*cell) for cell in cells]

    (rows,) = rows_of(page_bytes(shown, drawn="\n".join((*across, *down))))

    assert rows == ["Area | Seats Summer | Seats Winter", "North | 12 | 9", "North | 8 | 7"]


def test_a_row_from_side_to_side_names_the_table_or_the_rows_below() -> None:
    tops = (80, 100, 120, 140, 160, 180)
    across = [f"60 {up(top)} m 240 {up(top)} l S" for top in tops]
    down = [f"{left} {up(80)} m {left} {up(180)} l S" for left in (60, 240)]
    down += [f"150 {up(100)} m 150 {up(120)} l S", f"150 {up(140)} m 150 {up(180)} l S"]
    cells = [
        (62, 94, "Fares in crowns"),
        (62, 114, "Who"),
        (152, 114, "Price"),
        (62, 134, "By day"),
    ]
    cells += [(62, 154, "Adult"), (152, 154, "60"), (62, 174, "Child"), (152, 174, "30")]
    shown = [Shown(*cell) for cell in cells]

    parsed = parse_pdf(page_bytes(shown, drawn="\n".join((*across, *down))))

    assert parsed.text.split("\n") == [
        "Fares in crowns",
        "Who | Price",
        "By day |",
        "Adult | 60",
        "Child | 30",
    ]
    assert [(len(rows), head) for _, _, rows, head in parsed.tables] == [(4, True)]


def test_two_ruled_tables_side_by_side_are_two_though_their_rows_are_level() -> None:
    tops = (100, 120, 140, 160)
    left = [("Tool", "Fee"), ("Drill", "4.50"), ("Sander", "11.00")]
    right = [("Room", "Seats"), ("Blue hall", "120"), ("Attic", "15")]
    shown = [
        Shown(place, 114 + 20 * number, cell)
        for number, (one, two) in enumerate(zip(left, right, strict=True))
        for place, cell in zip((62, 112, 182, 262), (*one, *two), strict=True)
    ]
    drawn = f"{as_frames((60, 110, 160), tops)}\n{as_frames((180, 260, 310), tops)}"

    found = rows_of(page_bytes(shown, drawn=drawn))

    assert found == [[" | ".join(row) for row in rows] for rows in (left, right)]


def test_frames_around_text_make_no_table() -> None:
    texts = ["Whoever enters the workshop signs", "the book by the door and puts on", "safe shoes."]
    shown = [Shown(62, 114 + 13 * number, text) for number, text in enumerate(texts)]
    shown.append(Shown(60, 200, "Machines are for members alone."))
    frame = as_frames((60, 260), (100, 145)) + as_frames((50, 300), (90, 220))

    parsed = parse_pdf(page_bytes(shown, drawn=frame))

    assert parsed.text.split("\n") == [" ".join(texts), shown[-1].text]
    assert not parsed.tables


def test_a_ruled_table_stands_between_the_words_above_and_below() -> None:
    shown = [Shown(60, 80, "Above it."), *PARTS, Shown(60, 220, "Below it.")]

    text = parse_pdf(page_bytes(shown[::-1], drawn=as_strokes(LEFTS, TOPS))).text

    assert text.split("\n") == ["Above it.", *ROWS, "Below it."]


def test_rows_between_which_no_line_is_drawn_are_rows_all_the_same() -> None:
    """As where lines stand above and below the head and at the foot alone."""
    drawn = as_strokes(LEFTS, (100, 120, 190))
    shown = [one for one in PARTS if one.top != 152]

    (rows,) = rows_of(page_bytes(shown, drawn=drawn))

    assert [row.split(" | ")[0] for row in rows] == ["No.", "1", "2", "3"]
    assert rows[1] == ROWS[1]


def test_cells_of_two_lines_beside_each_other_stay_in_one_row() -> None:
    lines_of_cells = [
        (62, 114, "Place"), (152, 114, "What is done"),
        (62, 134, "Engine room"), (152, 134, "Oil is changed each"),
        (62, 148, "of the ferry"), (152, 148, "spring by the crew."),
        (62, 164, "Bridge"), (152, 164, "Windows are cleaned"),
    ]  # fmt: skip
    shown = [Shown(*cell) for cell in lines_of_cells]

    (rows,) = rows_of(page_bytes(shown, drawn=as_strokes((60, 150, 300), (100, 120, 152, 170))))

    assert rows == [
        "Place | What is done",
        "Engine room of the ferry | Oil is changed each spring by the crew.",
        "Bridge | Windows are cleaned",
    ]


def test_columns_between_which_no_line_is_drawn_are_columns_all_the_same() -> None:
    rows = [
        ("Fare", "Day", "Week"),
        ("Adult", "12", "60"),
        ("Child", "7", "35"),
        ("Dog", "4", "20"),
    ]
    shown = [
        Shown(left, 114 + 20 * number, cell)
        for number, row in enumerate(rows)
        for left, cell in zip((62, 162, 222), row, strict=True)
    ]

    found = rows_of(page_bytes(shown, drawn=as_strokes((60, 150, 300), (100, 120, 140, 160, 180))))

    assert found == [[" | ".join(row) for row in rows]]


def test_the_boxes_of_a_form_hold_their_names_and_what_is_filled_in() -> None:
    boxes = [("Owner", "A. Sailor"), ("Telephone", "555"), ("Born", "3 March 1980")]
    more = [("Boat", "Skua II"), ("Length", "8.40 m"), ("Berth", "B 12")]
    shown = [
        Shown(left, top, text, size)
        for row, texts in ((100, boxes), (130, more))
        for left, (name, said) in zip((62, 152, 242), texts, strict=True)
        for top, text, size in ((row + 10, name, 7), (row + 24, said, 11))
    ]

    found = rows_of(page_bytes(shown, drawn=as_strokes((60, 150, 240, 330), (100, 130, 160))))

    assert found == [[" | ".join(map(" ".join, texts)) for texts in (boxes, more)]]


def test_a_name_that_spans_the_first_rows_heads_no_columns() -> None:
    lefts, tops = (60, 150, 200, 300), (100, 120, 140, 160)
    across = [f"{150 if top == 120 else 60} {up(top)} m 300 {up(top)} l S" for top in tops]
    down = [f"{left} {up(100)} m {left} {up(160)} l S" for left in lefts]
    cells = [(62, 124, "North pier"), (152, 114, "A"), (202, 114, "free"), (152, 134, "B")]
    cells += [(202, 134, "let"), (62, 154, "South pier"), (152, 154, "C"), (202, 154, "free")]
    shown = [Shown(*cell) for cell in cells]

    parsed = parse_pdf(page_bytes(shown, drawn="\n".join((*across, *down))))

    assert parsed.text.split("\n") == [
        "North pier | A | free",
        "North pier | B | let",
        "South pier | C | free",
    ]
    assert [head for *_, head in parsed.tables] == [False]


def test_a_cell_of_any_height_is_a_cell_if_other_rows_are_lower() -> None:
    long = [f"the rule goes on in line {number}" for number in range(1, 21)]
    shown = [
        *(Shown(left, 114, text) for left, text in ((62, "Topic"), (152, "Rule"))),
        *(Shown(left, 134, text) for left, text in ((62, "Dogs"), (152, "On a lead."))),
        Shown(62, 154, "Refunds"),
        *(Shown(152, 154 + 13 * number, text) for number, text in enumerate(long)),
    ]

    (rows,) = rows_of(page_bytes(shown, drawn=as_strokes((60, 150, 400), (100, 120, 140, 420))))

    assert rows == ["Topic | Rule", "Dogs | On a lead.", f"Refunds | {' '.join(long)}"]


def test_lines_between_the_columns_of_a_page_make_no_table() -> None:
    columns = [
        [f"{side} column, line {n}" for n in ascii_letters[:20]] for side in ("left", "right")
    ]
    shown = [Shown(62, 114, "The news"), Shown(252, 114, "of the week")]
    shown += [
        Shown(62 + 190 * at, 134 + 13 * number, text)
        for at, column in enumerate(columns)
        for number, text in enumerate(column)
    ]

    parsed = parse_pdf(page_bytes(shown, drawn=as_strokes((60, 250, 440), (100, 120, 420))))

    assert not parsed.tables
    assert parsed.text.index(columns[0][-1]) < parsed.text.index(columns[1][0])
