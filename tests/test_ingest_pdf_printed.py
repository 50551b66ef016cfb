"""Pages as word processors and typesetters set them: lines drawn out, cells broken, notes."""

from collections.abc import Sequence

import numpy as np
import pytest
from pdf_pages import A4, Shown, lines, page_bytes

from bifolio.ingest.pdf.abutting import begin_columns
from bifolio.ingest.pdf.codes import as_shown
from bifolio.ingest.pdf.parse import parse_pdf

# The width of a letter of Courier, in units of its size.
_LETTER = 0.6


def read(*pages: Sequence[Shown], drawn: str = "") -> list[str]:
    return parse_pdf(page_bytes(*pages, drawn=drawn)).text.split("\n")


def drawn_out(text: str, left: float, right: float, top: float) -> list[Shown]:
    """Place the words of a line so that the last ends at ``right``, all gaps being the same."""
    words = text.split()
    widths = [len(word) * _LETTER * 10 for word in words]
    gap = (right - left - sum(widths)) / (len(words) - 1)
    places = [left + sum(widths[:at]) + gap * at for at in range(len(words))]
    return [Shown(x, top, word, 10, font="M") for x, word in zip(places, words, strict=True)]


PROSE = [
    "Members move their own boats",
    "before their seven o'clock tide",
    "whenever navigation warnings",
    "demand it, as the harbour did",
    "in the storms of that winter.",
]


def test_lines_that_are_drawn_out_to_the_margin_are_no_rows_of_a_table() -> None:
    shown = [one for at, text in enumerate(PROSE) for one in drawn_out(text, 60, 300, 80 + 14 * at)]

    assert read(shown) == [" ".join(PROSE)]


def test_cells_that_stand_at_even_gaps_stay_cells() -> None:
    rows = [
        ["yes", "no!", "too", "low"],
        ["two", "six", "ten", "one"],
        ["red", "tan", "sky", "ash"],
    ]
    shown = [
        Shown(60 + 90 * at, 80 + 14 * number, cell, 10, font="M")
        for number, row in enumerate(rows)
        for at, cell in enumerate(row)
    ]

    assert read(shown) == [" | ".join(row) for row in rows]


@pytest.mark.parametrize("ruled", [True, False])
def test_a_line_that_is_drawn_out_in_its_cell_is_no_row_of_cells(ruled: bool) -> None:
    rows = [("Repair", "4.20"), ("", "16.40"), ("Paint", "3.10"), ("Oil", "7.00"), ("Sum", "30.70")]
    tops = [80, 100, 134, 154, 174]
    shown = [
        *(Shown(60, top, name, 10, font="M") for (name, _), top in zip(rows, tops, strict=True)),
        *(Shown(330, top, cost, 10, font="M") for (_, cost), top in zip(rows, tops, strict=True)),
        *drawn_out("Hauling, washing and painting the", 60, 300, 100),
        Shown(60, 114, "hull of a boat", 10, font="M"),
    ]
    places = [A4[1] - top for top in (66, 86, 120, 140, 160, 180)] if ruled else []

    told = read(shown, drawn="\n".join(f"58 {y} m 370 {y} l S" for y in places))

    assert told[1] == "Hauling, washing and painting the hull of a boat | 16.40"
    assert told[2:] == ["Paint | 3.10", "Oil | 7.00", "Sum | 30.70"]


def test_rows_beside_which_no_lines_down_are_drawn_have_their_cells() -> None:
    rows = [
        ("Code", "Name", "Price"),
        ("A-1", "Bolt", "3.10"),
        ("A-2", "Nut", "1.20"),
        ("A-3", "Pin", ".90"),
    ]
    lefts = (60, 150, 250)
    shown = [
        Shown(left + 3, 94 + 20 * at, cell)
        for at, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=True)
    ]
    across = [f"60 {A4[1] - 80 - 20 * at} m 330 {A4[1] - 80 - 20 * at} l S" for at in range(5)]
    down = [
        f"{left} {A4[1] - 80 - 20 * at} m {left} {A4[1] - 100 - 20 * at} l S"
        for at in (0, 2)
        for left in (60, 150, 250, 330)
    ]

    assert read(shown, drawn="\n".join(across + down)) == [" | ".join(row) for row in rows]


def test_a_row_of_broken_cells_that_are_written_one_by_one_is_no_columns() -> None:
    cells = [
        [("Fault",), ("Cause",), ("Remedy",)],
        [
            ("Does not start",),
            ("No voltage at all or", "the fuse has blown"),
            ("Check supply; let the", "motor cool for 30", "minutes"),
        ],
        [("Noise",), ("Air in the line",), ("Bleed the pump",)],
        [("Leak",), ("Worn seal",), ("See section two",)],
    ]
    tops = [80, 92, 128, 140]
    shown = [
        Shown(left, top + 12 * at, text, 10)
        for top, row in zip(tops, cells, strict=True)
        for left, cell in zip((60, 160, 285), row, strict=True)
        for at, text in enumerate(cell)
    ]

    assert read(shown) == [" | ".join(" ".join(cell) for cell in row) for row in cells]


def test_the_rest_of_a_name_for_which_there_was_no_room_is_no_row() -> None:
    shown = [
        *lines(
            [
                "Dues",
                "Mooring by the day and by",
                "the week",
                "Water",
                "Power from the pillars at",
                "the quay",
            ],
            step=12,
        ),
        *lines(["90", "12", "", "3", "7"], left=240, step=12),
        *lines(["95", "14", "", "4", "8"], left=300, step=12),
    ]

    assert read([one for one in shown if one.text]) == [
        "Dues | 90 | 95",
        "Mooring by the day and by the week | 12 | 14",
        "Water | 3 | 4",
        "Power from the pillars at the quay | 7 | 8",
    ]


def test_what_stands_below_a_table_and_begins_further_left_goes_on_no_cell() -> None:
    values = [("Vessel", "Grey Heron"), ("Length", "48.5"), ("Requested period", "June")]
    shown = [
        Shown(left, 80 + 17 * at, text)
        for at, row in enumerate(values)
        for left, text in zip((66, 200), row, strict=True)
    ]
    below = lines(["Please tick one:", "• Commercial", "• Private"], top=131, step=13)

    assert read([*shown, *below]) == [
        *(" | ".join(row) for row in values),
        "Please tick one:",
        "• Commercial",
        "• Private",
    ]


def test_a_wider_table_right_below_another_is_one_of_its_own() -> None:
    facts = [("Number", "INV-457"), ("Date", "3 March 2024"), ("Terms", "30 days net")]
    goods = [
        ("Item", "Qty", "Price", "Sum"),
        ("Oil", "3", "85.00", "255.00"),
        ("Rope", "6", "14.50", "87.00"),
    ]
    shown = [
        *(
            Shown(x, 80 + 15 * at, cell)
            for at, row in enumerate(facts)
            for x, cell in zip((140, 250), row, strict=True)
        ),
        *(
            Shown(x, 125 + 15 * at, cell)
            for at, row in enumerate(goods)
            for x, cell in zip((60, 240, 330, 420), row, strict=True)
        ),
    ]

    assert read(shown) == [" | ".join(row) for row in (*facts, *goods)]


def test_a_name_wider_than_its_column_heads_it() -> None:
    rows = [
        ("Pos.", "Item", "Price"),
        ("1", "Repair of the hull", "4.20"),
        ("2", "Travel", "2.55"),
        ("3", "Oil", ".87"),
    ]
    shown = [
        Shown(x, 94 + 20 * at, cell)
        for at, row in enumerate(rows)
        for x, cell in zip((62, 92, 250), row, strict=True)
    ]
    across = (f"60 {A4[1] - 100 - 20 * at} m 330 {A4[1] - 100 - 20 * at} l S" for at in range(4))

    assert read(shown, drawn="\n".join(across)) == [" | ".join(row) for row in rows]


def test_a_paragraph_whose_last_line_is_full_ends_where_the_next_stands_off() -> None:
    first = ["The harbour master may move any boat", "at the cost of those whom it belongs."]
    second = ["Nobody else may do so, be it the crew", "of another boat, or a guest of theirs."]
    shown = [*lines(first), *lines(second, top=92)]

    assert read(shown) == [" ".join(first), " ".join(second)]


def test_the_mark_of_a_list_from_a_font_of_signs_opens_items() -> None:
    first = "\uf0b7 Accounts are checked each month by another one who"
    shown = lines(["• " + first[2:], "signs them before the tenth day."])

    assert read(shown) == [
        "• Accounts are checked each month by another one who signs them before the tenth day."
    ]


def test_a_note_at_the_foot_of_a_column_does_not_cut_the_sentence() -> None:
    left = [
        "The boats lie at the pier while the",
        "tide is low, as the rules of the port",
        "say, and leave it only when they are",
    ]
    right = [
        "told to by the master of the harbour",
        "or by one of those whom he has sent",
        "to them with a paper and a seal.",
    ]
    note = [Shown(60, 110, "1 As they were written in 1931.", 8)]
    shown = [*lines(left), *note, *lines(right, left=320)]

    assert read(shown) == ["1 As they were written in 1931.", " ".join(left), " ".join(right)]


def test_entries_below_the_heading_of_a_table_of_contents_are_no_notes() -> None:
    contents = ["1 Basics 2", "1.1 Terms 2"]
    first = [Shown(60, 60, "Contents", 16, font="B"), *lines(contents, top=90)]
    second = [Shown(60, 60, "1 Basics", 16, font="B"), *lines(["Terms are told here."], top=90)]

    assert read(first, second)[:3] == ["Contents", *contents]


def test_the_end_of_the_left_column_below_a_caption_is_read_before_the_right_one() -> None:
    left = [
        "Boats lie at the pier while the",
        "tide is low, as all the rules say",
        "and leave when it is high again",
    ]
    right = [f"line {n} of the other column, as" for n in range(7)] + [
        "it goes on down to its own end."
    ]
    shown = [
        *lines(left, step=20),
        Shown(80, 182, "Figure 1: The pier", 9),
        *lines(
            ["Masters of boats tell where they", "are by radio, hour after hour, to"],
            top=213,
            step=20,
        ),
        *lines(right, left=320, step=20),
    ]

    told = " ".join(read(shown))

    assert told.index("hour after hour") < told.index("line 0") < told.index("own end")


def test_a_caption_and_a_note_that_are_set_in_make_no_list_of_entries() -> None:
    caption = ["Figure 1: The share of safe moorings by", "speed of the wind at the pier."]
    prose = [
        "The harbour reported a steady rise in",
        "traffic during the period under review,",
        "though the number of incidents that its",
    ]
    shown = [
        Shown(60, 60, caption[0]),
        Shown(82, 74, caption[1]),
        Shown(85, 100, prose[0]),
        *lines(prose[1:], top=114),
        Shown(70, 145, "1 This excludes vessels below 20 m.", 8),
    ]

    assert " ".join(prose) in read(shown)


def test_a_column_right_behind_figures_that_are_set_to_the_right_is_one() -> None:
    rows = [
        ("Bolt", "10", "on request"),
        ("Washer", "11.25", ""),
        ("Bearing", "7.5", "by the box"),
        ("Screw", "125", "on request"),
    ]
    shown = [
        one
        for at, (name, price, note) in enumerate(rows)
        for one in (
            Shown(60, 80 + 15 * at, name, 10, font="M"),
            Shown(240 - len(price) * _LETTER * 10, 80 + 15 * at, price, 10, font="M"),
            Shown(243, 80 + 15 * at, note, 10, font="M"),
        )
        if one.text
    ]

    assert read(shown) == [" | ".join(row).rstrip() for row in rows]


@pytest.mark.parametrize(("gap", "begins"), [(3, True), (6, False), (12, False)])
def test_spaces_of_type_whose_letters_are_of_one_width_begin_no_columns(
    gap: int, begins: bool
) -> None:
    # Letters are six points wide, and programs set figures to the right by blanks.
    words = [
        word for pair in zip(("10", "125", "7"), ("on", "by", "all"), strict=True) for word in pair
    ]
    boxes = [
        (100 + gap, 20 * at, 100 + gap + 6 * len(word), 20 * at + 10)
        if place % 2
        else (100 - 6 * len(word), 20 * at, 100, 20 * at + 10)
        for place, word in enumerate(words)
        for at in [place // 2]
    ]
    boxed = np.array(boxes, np.float64)

    found = begin_columns(boxed, boxed, np.full(len(words), 10.0), words.__getitem__)

    assert found.tolist() == [begins and place % 2 == 1 for place in range(len(words))]


def test_numbers_inside_of_sentences_begin_no_columns() -> None:
    texts = ["It costs 110 for boats,", "and 42 more for others,", "or just 7 by the hour."]
    shown = [Shown(60, 80 + 14 * at, text, 10, font="M") for at, text in enumerate(texts)]

    assert read(shown) == [" ".join(texts)]


def test_numbered_paragraphs_below_a_heading_are_no_notes() -> None:
    parties = [
        *lines(["Lessor:", "Harbour"], top=150),
        *lines(["Lessee:", "Heron"], left=320, top=150),
    ]
    shown = [
        Shown(60, 60, "Contract", 16),
        *lines(["1. Parties. The lessor is the harbour.", "2. Term. It runs for a year."], top=90),
        *parties,
    ]

    assert read(shown)[:3] == ["Contract", *(one.text for one in shown[1:3])]


@pytest.mark.parametrize(
    ("codes", "shown"),
    [
        (
            "the \x1cscal o\x1eces\r\n3\x154 \x16 sta\x1b",
            "the \ufb01scal o\ufb03ces\r\n3–4 — sta\ufb00",
        ),
        ("the \x0cscal a\rag\r\ntra\x0ec 44{61", "the \ufb01scal a\ufb02ag\r\ntra\ufb03c 44–61"),
        ("if (o\x0b) { halt }", "if (o\ufb00) { halt }"),
        ("\x88 a formula of \x0b and \x0c", "• a formula of \x0b and \x0c"),
        ("\x03\x1c\x04", "\x03\x1c\x04"),
    ],
)
def test_ligatures_and_dashes_of_fonts_without_names_are_read(codes: str, shown: str) -> None:
    assert as_shown(codes) == shown


def test_halves_of_a_word_in_the_lines_of_a_cell_are_no_words_of_the_document() -> None:
    shown = [
        *lines(["Part", "Bracket with a grom-", "met", "Seal"], step=12),
        *lines(["Count", "2", "", "12"], left=240, step=12),
        *lines(["Price", "1.20", "", "3.10"], left=300, step=12),
    ]
    across = [f"58 {A4[1] - top} m 340 {A4[1] - top} l S" for top in (50, 63, 87, 99)]

    told = read([one for one in shown if one.text], drawn="\n".join(across))

    assert told[1] == "Bracket with a grommet | 2 | 1.20"


@pytest.mark.parametrize("share", [0.5, 1.0])
def test_broken_cells_without_lines_that_are_set_to_the_middle_or_the_bottom_stay_in_their_row(
    share: float,
) -> None:
    cells = [
        [("Symptom",), ("Cause",), ("Remedy",)],
        [
            ("Pump does not start",),
            ("No voltage, or the", "fuse has blown in", "the cabinet"),
            ("Check the supply", "and the fuse"),
        ],
        [("Noise that grows when", "the valve opens"), ("Air in the line",), ("Bleed it",)],
        [("Leak",), ("Worn seal",), ("Replace the seal as", "told in section two")],
    ]
    shown, top = [], 80.0
    for row in cells:
        height = 12 * max(map(len, row))
        for left, cell in zip((60, 190, 320), row, strict=True):
            first = top + share * (height - 12 * len(cell))
            shown += [Shown(left, first + 12 * at, text, 10) for at, text in enumerate(cell)]
        top += height + 6
    shown.append(Shown(60, top + 20, "Call the works if nothing of this helps, whatever the hour."))

    parsed = parse_pdf(page_bytes(shown))

    rows = [" | ".join(" ".join(cell) for cell in row) for row in cells]
    assert parsed.text.split("\n") == [*rows, shown[-1].text]
    assert [(len(rows), has_head) for _, _, rows, has_head in parsed.tables] == [(4, True)]


def test_two_columns_of_paragraphs_that_end_together_are_no_table() -> None:
    left = ["The harbour is open", "all year, and boats", "of members lie free."]
    right = ["Guests ask for a berth", "by radio before they", "pass the lighthouse."]
    shown = [
        Shown(60, 80, "Members", 11, font="B"),
        Shown(300, 80, "Guests", 11, font="B"),
        *lines(left, top=100),
        *lines(right, left=300, top=100),
    ]

    assert parse_pdf(page_bytes(shown)).tables == []


# The widths of Helvetica's capitals, but for these, are about the same.
WIDTHS = {"I": 0.278, " ": 0.278, "M": 0.833}


def set_apart(text: str, gap: float, top: float, size: float = 14) -> list[Shown]:
    """Place the letters of a line with so much between them, in units of the type's size."""
    steps = [(WIDTHS.get(letter, 0.7) + gap) * size for letter in text]
    lefts = [60 + sum(steps[:at]) for at in range(len(text))]
    placed = zip(lefts, text, strict=True)
    return [Shown(left, top, letter, size) for left, letter in placed if letter != " "]


@pytest.mark.parametrize("gap", [0.2, 0.3, 0.5, 0.7])
def test_words_whose_letters_are_set_apart_are_words(gap: float) -> None:
    title = set_apart("INTRODUCTION TO FARES", gap, 60)

    assert read([*title, *lines(PROSE, top=100)])[0] == "INTRODUCTION TO FARES"


def test_words_that_are_written_letter_by_letter_are_words() -> None:
    shown = [Shown(60, 60, "C H A P T E R   O N E", 14), *lines(PROSE, top=100)]

    assert read(shown)[0] == "CHAPTER ONE"


@pytest.mark.parametrize("letters", ["A B C D E F", "J F M A M J J A S O N D", "G A T T A C A"])
def test_letters_that_stand_by_themselves_stay_apart(letters: str) -> None:
    assert read([Shown(60, 60, letters, 14), *lines(PROSE, top=100)])[0] == letters
