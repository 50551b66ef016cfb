"""Tables side by side on a page stay two; one wide table stays one."""

from collections.abc import Callable, Sequence

import pytest
from pdf_pages import Shown, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

TOOLS = [("Tool", "Fee"), ("Hand drill", "4.50"), ("Sander", "11.00"), ("Router", "14.75")]
ROOMS = [("Room", "Seats"), ("Blue hall", "120"), ("Attic", "15"), ("Cellar bar", "40")]
MORE_TOOLS = [("Tool", "Fee"), ("Jigsaw", "6.25"), ("Plane", "3.00"), ("Clamp", "1.10")]
SIGNS = [("cp", "copy a file"), ("mv", "move or rename"), ("rm", "remove"), ("ls", "list a folder")]
STOCK = [
    ("Item", "Count", "Supplier", "Price"),
    ("Bolts", "12", "Meier", "4.50"),
    ("Nuts", "100", "Huber", "3.00"),
    ("Screws", "7", "Meier", "9.90"),
]


def placed(
    rows: Sequence[Sequence[str]], lefts: Sequence[float], *, step: float = 18
) -> list[Shown]:
    return [
        Shown(left, 120 + step * number, cell)
        for number, row in enumerate(rows)
        for left, cell in zip(lefts, row, strict=True)
    ]


def by_lines(shown: list[Shown]) -> list[Shown]:
    return sorted(shown, key=lambda one: (one.top, one.left))


def by_columns(shown: list[Shown]) -> list[Shown]:
    return sorted(shown, key=lambda one: (one.left, one.top))


def tables_of(shown: Sequence[Shown]) -> list[list[str]]:
    parsed = parse_pdf(page_bytes(shown))
    return [[parsed.text[start:end] for start, end in rows] for _, _, rows, _ in parsed.tables]


def joined(rows: Sequence[Sequence[str]]) -> list[str]:
    return [" | ".join(row) for row in rows]


def test_tables_written_one_after_the_other_are_two_though_their_rows_are_level() -> None:
    shown = [*placed(TOOLS, (60, 180)), *placed(ROOMS, (330, 460))]

    assert tables_of(shown) == [joined(TOOLS), joined(ROOMS)]


@pytest.mark.parametrize("order", [by_lines, by_columns])
def test_tables_whose_rows_are_not_level_are_two_however_they_are_written(
    order: Callable[[list[Shown]], list[Shown]],
) -> None:
    shown = order([*placed(TOOLS, (60, 180)), *placed(ROOMS, (330, 460), step=25)])

    assert tables_of(shown) == [joined(TOOLS), joined(ROOMS)]


def test_a_table_that_is_folded_under_the_same_head_is_read_down_each_side() -> None:
    shown = by_lines([*placed(TOOLS, (60, 180)), *placed(MORE_TOOLS, (330, 460))])

    assert tables_of(shown) == [joined(TOOLS), joined(MORE_TOOLS)]


@pytest.mark.parametrize("step", [0, 3])
def test_a_card_of_three_columns_keeps_each_sign_with_its_meaning(step: float) -> None:
    cards = [[(f"{sign}{column}", text) for sign, text in SIGNS] for column in range(3)]
    shown = [
        one
        for column, card in enumerate(cards)
        for one in placed(card, (60 + 170 * column, 95 + 170 * column), step=18 + step * column)
    ]

    assert tables_of(shown) == list(map(joined, cards))
    if step:
        assert tables_of(by_lines(shown)) == list(map(joined, cards))


def test_titles_above_both_tables_stay_with_them() -> None:
    shown = [
        Shown(60, 96, "Tools to lend"),
        *placed(TOOLS, (60, 180)),
        Shown(330, 96, "Rooms to rent"),
        *placed(ROOMS, (330, 460)),
    ]

    text = parse_pdf(page_bytes(shown)).text

    assert text.split("\n") == ["Tools to lend", *joined(TOOLS), "Rooms to rent", *joined(ROOMS)]


@pytest.mark.parametrize("order", [by_lines, by_columns])
def test_one_wide_table_stays_one(order: Callable[[list[Shown]], list[Shown]]) -> None:
    assert tables_of(order(placed(STOCK, (60, 180, 330, 460)))) == [joined(STOCK)]


def test_a_wide_table_whose_tall_cells_are_set_to_the_top_stays_one() -> None:
    shown = placed(STOCK, (60, 180, 330, 460), step=30)
    shown += [Shown(330, 132 + 30 * row, "of Linz") for row in (1, 2, 3)]

    (table,) = tables_of(by_lines(shown))

    assert table[1] == "Bolts | 12 | Meier of Linz | 4.50"


@pytest.mark.parametrize(
    ("one", "two"), [("Table 1. Tools", "Table 2. Rooms"), ("Tab. A", "Tab. B")]
)
def test_tables_under_captions_that_stand_level_are_two(one: str, two: str) -> None:
    captions = [Shown(60, 90, one), Shown(320, 90, two)]
    shown = [*placed(TOOLS, (60, 160)), *placed(ROOMS, (320, 440))]

    parsed = parse_pdf(page_bytes([*captions, *by_lines(shown)]))

    assert parsed.text.split("\n") == [
        one,
        *(" | ".join(row) for row in TOOLS),
        two,
        *(" | ".join(row) for row in ROOMS),
    ]
    assert len(parsed.tables) == 2


def test_level_tables_are_two_above_a_heading_and_another_table_in_the_same_columns() -> None:
    crew = [("Post", "Name"), ("Master", "Ada"), ("Mate", "Bo"), ("Cook", "Cy")]
    shown = [*placed(TOOLS, (60, 180)), *placed(ROOMS, (330, 460)), Shown(60, 205, "Crew", 16)]
    shown += [one._replace(top=one.top + 115) for one in placed(crew, (60, 340))]

    assert tables_of(shown) == [joined(TOOLS), joined(ROOMS), joined(crew)]


LETTER = "thank you for the order, which we could fill at once and sent to you on Friday."


@pytest.mark.parametrize(
    "blocks",
    [
        [
            ("Marlow Boats", "12 Harbour Lane", "Dunmore East", "Ireland"),
            ("Invoice 117", "Date: 3 March 2024", "Due: 2 April 2024", "Ship: 4 March"),
        ],
        [
            ("From", "Marlow Boats", "Harbour Lane", "Dunmore East"),
            ("To", "Northwind Club", "Quay Street 4", "Kinsale"),
        ],
        [
            ("North pier office", "Harbour Lane", "Dunmore East"),
            ("South pier office", "Strand Street", "Kinsale"),
            ("City office", "Merchants Quay", "Waterford"),
        ],
    ],
)
def test_addresses_beside_each_other_are_read_one_after_the_other(
    blocks: list[tuple[str, ...]],
) -> None:
    shown = [
        Shown(60 + 170 * column, 60 + 13 * number, line)
        for column, lines in enumerate(blocks)
        for number, line in enumerate(lines)
    ]
    shown += [Shown(60, 122, "Dear members,"), Shown(60, 137, LETTER)]

    assert parse_pdf(page_bytes(shown)).text.split("\n") == [
        *(line for lines in blocks for line in lines),
        "Dear members,",
        LETTER,
    ]
