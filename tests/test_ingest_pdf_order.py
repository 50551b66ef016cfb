"""The words of a page are read in the order in which a person reads them."""

import random
import time

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

LEFT = [
    "The reservoir above the village was",
    "built to hold the water of two small",
    "streams, and it fills in the course of",
    "one wet spring. In summer the level",
    "sinks by a metre a week, because the",
    "orchards below are watered each night.",
]
RIGHT = [
    "A keeper lives beside the dam and",
    "reads the gauge at seven every day.",
    "When it shows less than four metres",
    "he closes the second sluice, and the",
    "mill has to stop until the next rain",
    "has come down from the mountains.",
]


def text_of(*shown: Shown) -> str:
    return parse_pdf(page_bytes(shown)).text


def in_one_line(texts: list[str]) -> str:
    return " ".join(texts)


def by_columns(*, step: float = 14) -> list[Shown]:
    return [*lines(LEFT, left=50, step=step), *lines(RIGHT, left=310, step=step)]


def line_by_line() -> list[Shown]:
    pairs = zip(lines(LEFT, left=50), lines(RIGHT, left=310), strict=True)
    return [shown for pair in pairs for shown in pair]


@pytest.mark.parametrize("shown", [by_columns(), line_by_line(), by_columns()[::-1]])
def test_two_columns_are_read_one_after_the_other(shown: list[Shown]) -> None:
    assert text_of(*shown) == f"{in_one_line(LEFT)}\n{in_one_line(RIGHT)}"


def test_columns_whose_lines_are_not_level_are_read_one_after_the_other() -> None:
    shown = [*lines(LEFT, left=50), *lines(RIGHT, left=310, top=66, step=12.5)]

    assert text_of(*shown) == f"{in_one_line(LEFT)}\n{in_one_line(RIGHT)}"


def test_a_title_and_a_footnote_across_two_columns_stay_above_and_below() -> None:
    title = Shown(120, 40, "A report on the keeping of water in the upper valley", 14)
    note = Shown(
        50, 190, "All levels are given above the floor of the reservoir, which was cleaned."
    )

    text = text_of(title, *line_by_line(), note)

    assert text.split("\n") == [title.text, in_one_line(LEFT), in_one_line(RIGHT), note.text]


def test_three_columns_are_read_one_after_the_other() -> None:
    narrow = [
        [line[:18].strip() for line in LEFT],
        [line[:18].strip() for line in RIGHT],
        LEFT[::-1],
    ]
    shown = [
        shown
        for column, texts in enumerate(narrow)
        for shown in lines([text[:18].strip() for text in texts], left=40 + 180 * column)
    ]

    words = text_of(*shown).split()

    assert words == [word for texts in narrow for text in texts for word in text[:18].split()]


def test_a_sidebar_does_not_run_into_the_text() -> None:
    aside = ["Opening hours", "Monday to Friday", "from nine to four"]
    shown = [*lines(LEFT, left=50), *lines(aside, left=400, top=80, step=12, size=9)]

    text = text_of(*shown)

    assert in_one_line(LEFT) in text
    assert all(line in text for line in aside)


def test_the_end_of_a_line_after_a_wide_gap_stays_with_its_line() -> None:
    shown = lines([line[:20] for line in LEFT], left=50)
    shown.insert(3, Shown(300, shown[2].top, "as the plan says"))

    assert f"{LEFT[2][:20].strip()} as the plan says" in text_of(*shown)


def test_a_note_in_the_margin_does_not_cut_the_paragraph() -> None:
    shown = [*lines(LEFT, left=150), Shown(50, 60 + 2 * 14, "Water level", 9)]

    assert in_one_line(LEFT) in text_of(*shown)


def test_a_caption_beside_a_picture_is_read_by_itself() -> None:
    caption = ["Figure 3. The dam", "seen from the west", "in a dry August."]
    below = ["The picture shows the dam when the water stood at its lowest level in thirty years."]
    shown = [*lines(caption, left=420), *lines(below, left=50, top=160)]

    assert text_of(*shown).split("\n")[-1] == below[0]
    assert "Figure 3. The dam" in text_of(*shown)


@pytest.mark.parametrize("turn", ["0 1 -1 0", "-1 0 0 -1", "0 -1 1 0"])
def test_a_page_that_is_turned_is_read_as_if_upright(turn: str) -> None:
    across, down = {
        "0 1 -1 0": ((0, -1), (1, 0)),
        "-1 0 0 -1": ((-1, 0), (0, -1)),
        "0 -1 1 0": ((0, 1), (-1, 0)),
    }[turn]
    rows = [("Article", "Price"), ("Oak board", "318"), ("Pine board", "146"), ("Larch", "209")]
    shown = [
        Shown(
            300 + 150 * column * across[0] + 16 * row * down[0],
            400 + 150 * column * across[1] + 16 * row * down[1],
            text,
            turn=turn,
        )
        for row, cells in enumerate(rows)
        for column, text in enumerate(cells)
    ]

    assert text_of(*shown).split("\n") == [" | ".join(row) for row in rows]


def test_vertical_chinese_is_read_from_top_to_bottom_and_right_to_left() -> None:
    columns = ["水库每年春天蓄满", "夏天水位逐周下降", "磨坊停工等待下雨"]
    shown = [Shown(400 - 30 * n, 100, text, 16, font="V") for n, text in enumerate(columns)]

    assert text_of(*shown).replace("\n", "") == "".join(columns)


def test_chinese_set_letter_below_letter_is_read_from_top_to_bottom() -> None:
    columns = ["水库每年春天蓄满", "夏天水位逐周下降"]
    shown = [
        Shown(400 - 30 * n, 100 + 18 * row, letter, 16, font="G")
        for n, text in enumerate(columns)
        for row, letter in enumerate(text)
    ]

    assert text_of(*shown).replace("\n", "") == "".join(columns)


def test_chinese_columns_are_read_one_after_the_other() -> None:
    left = [
        "水库建在村子上方用来储存两条",
        "小溪的水在一个多雨的春天就能",
        "蓄满夏天水位每周下降一米因为",
        "下面的果园每天夜里都要浇水",
    ]
    right = [
        "看守人住在水坝旁边每天早上七",
        "点读水位尺当水位低于四米时他",
        "关闭第二道闸门磨坊就得停工直",
        "到下一场雨从山上流下来为止了",
    ]
    pairs = zip(lines(left, left=50), lines(right, left=310), strict=True)
    shown = [one._replace(font="G") for pair in pairs for one in pair]

    assert text_of(*shown) == f"{''.join(left)}\n{''.join(right)}"


@pytest.mark.parametrize("shift", [0.0, 0.3, 0.8])
def test_bold_made_by_printing_twice_is_read_once(shift: float) -> None:
    line = "Opening hours of the tower"
    whole = [Shown(60, 60, line), Shown(60 + shift, 60, line)]
    by_words = [
        Shown(60 + 60 * n + step, 90, word)
        for n, word in enumerate(line.split())
        for step in (0, shift)
    ]

    text = text_of(*whole, *by_words)

    assert [text.count(word) for word in line.split()] == [2] * 5


def test_a_page_of_thousands_of_words_everywhere_is_read_in_seconds() -> None:
    places = random.Random(1)
    scattered = [Shown(places.uniform(0, 590), places.uniform(0, 840), "w", 6) for _ in range(3000)]
    in_one_row = [Shown(places.uniform(0, 590), 400, f"w{n}", 6) for n in range(3000)]
    started = time.process_time()

    text_of(*scattered)
    text_of(*in_one_row)

    assert time.process_time() - started < 20


def test_letters_that_come_twice_stay_two() -> None:
    assert text_of(Shown(60, 60, "All 1100 bookkeepers fill ill balloons")) == (
        "All 1100 bookkeepers fill ill balloons"
    )


def test_chinese_whose_font_is_not_in_the_file_is_read() -> None:
    shown = [Shown(100, 100, "水库每年春天蓄满", font="N"), Shown(100, 130, "是", font="N")]

    assert text_of(*shown) == "水库每年春天蓄满\n是"


def test_a_table_across_the_page_below_two_columns_stays_whole() -> None:
    left = (
        "The council met on Monday to",
        "discuss the new rules for the",
        "harbour and its guests.",
    )
    right = (
        "Most guests like the place,",
        "but some of them find it too",
        "noisy at night in summer.",
    )
    rows = [("Group", "Like", "Dislike"), ("Guests", "30", "10"), ("Crew", "12", "3")]
    shown = [*lines(left), *lines(right, left=320)]
    shown += [
        Shown(x, 140 + 14 * n, cell)
        for n, row in enumerate(rows)
        for x, cell in zip((60, 200, 320), row, strict=True)
    ]

    found = parse_pdf(page_bytes(shown)).text.split("\n")

    assert found == [" ".join(left), " ".join(right), *(" | ".join(row) for row in rows)]


def test_what_stands_below_a_picture_in_a_column_is_read_before_the_next_column() -> None:
    """Though the next column ends above it."""
    column = [Shown(60, 60 + 13 * n, f"Of the first column line {n} says") for n in range(8)]
    below = [Shown(60, 300, "Fig. 1. Wear by year."), Shown(60, 340, "Results", 14)]
    other = [Shown(320, 60 + 13 * n, f"of the second column line {n} says") for n in range(8)]

    text = text_of(*column, *below, *other).split("\n")

    assert text.index("Fig. 1. Wear by year.") < text.index("Results")
    assert text[-1].startswith("of the second column")


def test_the_mark_of_a_note_stands_at_its_sentence() -> None:
    shown = [
        Shown(60, 60, "Ramps open often."),
        Shown(150, 56, "3", 6),
        Shown(160, 60, "They wear."),
    ]

    assert text_of(*shown) == "Ramps open often.³ They wear."


def test_blocks_of_a_letters_head_are_read_one_after_the_other() -> None:
    """Written block by block, two side by side and two below them."""
    sender = lines(["Harbour Supplies Ltd.", "12 Quay Road", "Northport"])
    facts = lines(["Invoice no. 2024-0317", "Date: 3 March 2024"], left=400, top=80)
    bill = lines(["Bill to", "Tern Ferries AS", "4 Pier Street"], top=150)
    ship = lines(["Ship to", "MV Skua", "Berth 3"], left=400, top=150)
    shown = [*sender, *facts, *bill, *ship]

    assert text_of(*shown).split() == " ".join(one.text for one in shown).split()


def test_words_written_letter_by_letter_stay_words_where_the_page_is_mostly_empty() -> None:
    """There pdfium takes the lines for upright ones, and ends one behind each letter."""
    widths = {"i": 0.222, "l": 0.222, "f": 0.278, "t": 0.278, "r": 0.333, " ": 0.278, "P": 0.667}
    texts = ["Pier of the", "outer island", "Radio nine", "Deck of fir"]
    shown = []
    for number, text in enumerate(texts * 6):
        left = 60.0
        for letter in text:
            if letter != " ":
                shown.append(Shown(left, 60 + 11 * number, letter))
            left += 11 * widths.get(letter, 0.556)
    shown += [Shown(500, 60 + 11 * number, "aside") for number in range(24)]

    words = " ".join(texts * 6).split()
    assert text_of(*shown).split()[: len(words)] == words


def test_a_heading_above_the_right_column_is_read_before_it() -> None:
    shown = [
        Shown(50, 70, "The water", 14),
        *lines(LEFT, left=50, top=96),
        Shown(310, 60, "The keeper", 14),
        *lines(RIGHT, left=310, top=86),
    ]

    assert text_of(*shown).split("\n") == [
        "The water",
        in_one_line(LEFT),
        "The keeper",
        in_one_line(RIGHT),
    ]


THIRDS = (
    [
        "The ferry leaves at",
        "eight and returns at",
        "noon; passengers with",
        "bicycles board first",
        "and those who come",
        "later wait for the next.",
    ],
    [
        "Tickets are sold on",
        "board, and children",
        "under six travel free",
        "on every day of the",
        "week but Sunday when",
        "all pay the full fare.",
    ],
    [
        "Dogs are welcome on",
        "the open deck if they",
        "are kept on a lead and",
        "carry a muzzle, which",
        "the crew lends to who",
        "ever has forgotten one.",
    ],
)


@pytest.mark.parametrize("apart", [110, 160])
def test_three_columns_that_are_drawn_line_by_line_are_read_one_after_the_other(apart: int) -> None:
    columns = [
        lines(column, left=60 + apart * at, size=9, step=12) for at, column in enumerate(THIRDS)
    ]
    shown = [one for line in zip(*columns, strict=True) for one in line]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.tables == []
    assert " ".join(parsed.text.split()) == " ".join(" ".join(column) for column in THIRDS)


def test_rows_of_broken_cells_in_three_columns_stay_rows() -> None:
    rows = [
        ("Bicycles on any boat", "Board before the others", "Fare as for a child"),
        ("and on every weekday", "and wait at the pier", "under six, or none"),
        ("Dogs that wear a lead", "Stay on the open deck", "Fare as for a bag"),
        ("and a muzzle as well", "and by their owners", "of the larger kind"),
    ]
    shown = [
        Shown(60 + 160 * at, 60 + 12 * number, cell, 9)
        for number, row in enumerate(rows)
        for at, cell in enumerate(row)
    ]

    assert parse_pdf(page_bytes(shown)).tables
