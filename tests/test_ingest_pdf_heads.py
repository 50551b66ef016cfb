"""What names the columns of a table without lines: set otherwise than its values, or in groups."""

from collections.abc import Sequence

import pytest
from pdf_pages import Shown, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

LEFTS = (60, 200, 290, 380, 470)


def told(
    rows: Sequence[Sequence[str]], *, lefts: Sequence[float] = LEFTS, moved: float = 0
) -> tuple[list[str], bool]:
    """Give the rows of the one table that is read, and whether it has a head.

    The first row, but its first cell, is set so many points to the right.
    """
    shown = [
        Shown(left + (moved if not number and left > lefts[0] else 0), 100 + 16 * number, cell)
        for number, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=False)
        if cell
    ]
    parsed = parse_pdf(page_bytes(shown))
    ((start, end, _, has_head),) = parsed.tables
    return parsed.text[start:end].split("\n"), has_head


@pytest.mark.parametrize("moved", [0, 28])
def test_a_head_set_to_the_middle_names_the_narrow_values_beside_it(moved: float) -> None:
    rows = [("Model", "Gain", "Loss"), ("Sweep", "0.4", "1.2"), ("Tree", "0.6", "0.9")]

    assert told(rows, moved=moved) == ([" | ".join(row) for row in rows], True)


def test_a_column_that_a_few_rows_fill_stays_one() -> None:
    rows = [
        ("Date", "Paid out", "Paid in", "Balance"),
        ("1 May", "", "", "500.00"),
        ("2 May", "12.00", "", "488.00"),
        ("3 May", "", "20.00", "508.00"),
    ]

    assert told(rows)[0] == [" | ".join(row) for row in rows]


@pytest.mark.parametrize(
    "groups", [("", "2023", "", "2022", ""), ("", "Six months of 2023", "", "Six months of 2022")]
)
def test_names_of_groups_stand_before_the_names_of_their_columns(groups: tuple[str, ...]) -> None:
    rows = [
        groups,
        ("Pier", "Boats", "Dues", "Boats", "Dues"),
        ("North", *"1234"),
        ("East", *"5678"),
    ]

    first, second = groups[1], groups[3]
    assert told(rows) == (
        [
            f"Pier | {first} Boats | {first} Dues | {second} Boats | {second} Dues",
            "North | 1 | 2 | 3 | 4",
            "East | 5 | 6 | 7 | 8",
        ],
        True,
    )


def test_the_sign_of_a_currency_stands_with_its_amount_and_years_head_a_statement() -> None:
    rows = [
        ("", "", "2023", "", "2022"),
        ("Revenues:",),
        ("Crossings", "$", "1,204.5", "$", "987.0"),
        ("Freight of goods for others, net",),
        ("of rebates", "", "310.4", "", "301.3"),
        ("Net income", "$", "494.2", "$", "(387.3)"),
    ]

    assert told(rows, lefts=(60, 250, 290, 380, 420)) == (
        [
            "| 2023 | 2022",
            "Revenues: |  |",
            "Crossings | $ 1,204.5 | $ 987.0",
            "Freight of goods for others, net of rebates | 310.4 | 301.3",
            "Net income | $ 494.2 | $ (387.3)",
        ],
        True,
    )


def test_a_sign_below_a_name_of_its_own_is_a_cell() -> None:
    rows = [("Item", "Currency", "Price"), ("Rope", "$", "12.00"), ("Lamp", "€", "9.75")]

    assert told(rows) == ([" | ".join(row) for row in rows], True)


@pytest.mark.parametrize("name", ["灰鹭目录", "Grey Heron"])
def test_the_running_head_of_a_page_is_no_head_of_the_table_below_it(name: str) -> None:
    rows = [
        Shown(left, 80 + 14 * at, cell)
        for at, row in enumerate(
            [("No.", "Part", "Code", "Price"), *(("7", "Rope", "A-1", "9"),) * 3]
        )
        for left, cell in zip(LEFTS, row, strict=False)
    ]
    head = [Shown(60, 30, name, font="G"), Shown(430, 30, "2024")]

    parsed = parse_pdf(page_bytes([*head, *rows]))

    assert parsed.text.split("\n")[:3] == [
        f"{name} 2024",
        "No. | Part | Code | Price",
        "7 | Rope | A-1 | 9",
    ]


@pytest.mark.parametrize("size", [11, 16])
def test_tables_that_are_written_row_by_row_side_by_side_are_two_below_their_titles(
    size: float,
) -> None:
    rows = [
        ("Ticket", "Price", "Day", "Hours"),
        ("Adult", "5.50", "Monday", "9-17"),
        ("Child", "2.00", "Tuesday", "9-17"),
        ("Senior", "3.25", "Sunday", "closed"),
    ]
    titles = [Shown(60, 80, "Fares", size), Shown(290, 80, "Opening hours", size)]
    shown = [
        Shown(left, 100 + 16 * at, cell)
        for at, row in enumerate(rows)
        for left, cell in zip((60, 160, 290, 400), row, strict=True)
    ]

    parsed = parse_pdf(page_bytes([*titles, *shown]))

    assert parsed.text.split("\n") == [
        "Fares",
        *(" | ".join(row[:2]) for row in rows),
        "Opening hours",
        *(" | ".join(row[2:]) for row in rows),
    ]
    assert [has_head for *_, has_head in parsed.tables] == [True, True]
