"""Columns of figures that stand close together are columns; text that is set tight is text."""

import re
from collections.abc import Sequence

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf.joining import pieces_of
from bifolio.ingest.pdf.parse import parse_pdf
from bifolio.ingest.pdf.tight import part_tight
from bifolio.ingest.pdf.words import Word

# In thousandths of the type's size, as Helvetica has them.
WIDTHS = {**dict.fromkeys("., ", 278), **dict.fromkeys("()", 333)}
FARES = [
    ("Line", "Adult", "Child", "Dog"),
    ("1", "1,160.00", "1,130.00", "1,115.00"),
    ("2", "120.00", "60.00", "25.00"),
    ("3", "1,180.00", "(1,140.00)", "1,120.00"),
    ("12", "9.50", "4.75", "5.00"),
]
# Half the type's size stands between the widest cells.
RIGHTS = (80, 128, 181, 229)


def width(text: str, size: float) -> float:
    return sum(WIDTHS.get(letter, 556) for letter in text) * size / 1000


def set_right(rows: Sequence[Sequence[str]], *, top: float = 120, size: float = 10) -> list[Shown]:
    return [
        Shown(round(right - width(cell, size), 2), top + 14 * number, cell, size)
        for number, row in enumerate(rows)
        for cell, right in zip(row, RIGHTS, strict=True)
        if cell
    ]


def tables_of(shown: Sequence[Shown]) -> list[list[str]]:
    parsed = parse_pdf(page_bytes(shown))
    return [[parsed.text[start:end] for start, end in rows] for _, _, rows, _ in parsed.tables]


def test_figures_that_stand_closer_than_columns_do_are_cells() -> None:
    assert tables_of(set_right(FARES)) == [[" | ".join(row) for row in FARES]]


def test_the_text_above_and_below_such_columns_is_text() -> None:
    above = Shown(60, 104, "These are the fares of the summer on all lines of the company.", 10)
    below = Shown(60, 204, "They are 5.00 more on the day of the regatta, 3 July 2024.", 10)

    text = parse_pdf(page_bytes([above, *set_right(FARES), below])).text.split("\n")

    assert text == [above.text, *(" | ".join(row) for row in FARES), below.text]


def test_a_row_without_a_figure_in_each_column_keeps_their_places() -> None:
    rows = [*FARES, ("13", "", "1,130.00", "")]

    assert tables_of(set_right(rows))[0][-1] == "13 |  | 1,130.00 |"


@pytest.mark.parametrize("gap", [4.5, 5.5, 7.0])
def test_lines_that_are_drawn_out_to_the_margin_are_no_columns(gap: float) -> None:
    """Though figures stand in them, one below the other."""
    texts = ["ha 2019 added 14 on 38", "on 2020 ended 19 up 41", "up 1998 begun 12 do 17"]
    texts.append("do 2021 added 61 on 30")
    shown = []
    for number, text in enumerate(texts):
        left = 60.0
        for word in text.split():
            shown.append(Shown(round(left, 2), 80 + 12 * number, word, 10))
            left += width(word, 10) + gap

    parsed = parse_pdf(page_bytes(shown))

    assert not parsed.tables
    assert parsed.text.split() == " ".join(texts).split()


def test_a_program_is_no_table() -> None:
    lines = ["a = 12 + 3", "b = 14 + 5", "c = 16 + 7", "d = 18 + 9"]
    shown = [Shown(60, 80 + 12 * n, line, 10, font="M") for n, line in enumerate(lines)]

    parsed = parse_pdf(page_bytes(shown))

    assert not parsed.tables
    assert parsed.text.split() == " ".join(lines).split()


def test_words_that_stand_closer_than_columns_do_are_cells_below_others_that_are() -> None:
    # Of letters that are all as wide as figures.
    rows = [
        ("node", "abode", "bundle of hope"),
        ("hound", "dune", "one gong"),
        ("open band on edge", "deep pond", "hood"),
        ("dog", "garden and bean bag", "upon a bee"),
        ("handed hub", "dune", "ebb and bug"),
    ]
    lefts = [60.0]
    for column in (0, 1):
        lefts.append(lefts[-1] + 5 + max(width(row[column], 10) for row in rows))
    shown = [
        Shown(round(left, 2), 120 + 14 * number, cell, 10)
        for number, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=True)
    ]

    assert tables_of(shown) == [[" | ".join(row) for row in rows]]


def test_a_wide_space_above_short_lines_is_no_column() -> None:
    first = "whoever comes late"
    shown = [
        Shown(60, 120, first, 10),
        Shown(round(65 + width(first, 10), 2), 120, "waits for the next boat", 10),
        *lines(["At the pier.", "Or at home."], left=60, top=134, size=10),
    ]

    assert parse_pdf(page_bytes(shown)).text.startswith(f"{first} waits for the next boat")


def test_a_space_of_type_that_has_one_width_parts_no_sentence_below_columns() -> None:
    texts = (
        "-b, --benchmark    time it",
        "Whoever runs this, waits a while.",
        "-s, --strict       be strict",
        "-h, --help         show this",
    )
    # Letters are .525 of the type's size wide.
    rows = [
        pieces_of(
            [
                Word(
                    found.group(),
                    60 + 5.25 * found.start(),
                    top,
                    60 + 5.25 * found.end(),
                    top + 10,
                    10,
                    at,
                    at,
                )
                for at, found in enumerate(re.finditer(r"\S+", text))
            ]
        )
        for top, text in zip(range(100, 160, 14), texts, strict=False)
    ]

    assert [len(row) for row in part_tight(rows)] == [2, 1, 2, 2]


def test_dots_that_lead_to_a_page_number_are_no_columns() -> None:
    entries = [("1.3 Fares", 30), ("1.4 Lost property", 31), ("2.1 Refunds", 34), ("2.2 Dogs", 36)]
    shown = [
        shown
        for number, (name, page) in enumerate(entries)
        for top in [100 + 14 * number]
        for shown in (
            Shown(60, top, name, 10),
            # Each at the same places in every line.
            *(Shown(round(186 + 7.75 * dot, 2), top, ".", 10) for dot in range(40)),
            Shown(514, top, str(page), 10),
        )
    ]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [f"{name} {page}" for name, page in entries]
    assert not parsed.tables
