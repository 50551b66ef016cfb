"""Tables that stand beside each other on a sheet stay several, each with its own head."""

import io

import pytest
import xlsxwriter

from bifolio.ingest.office.sheets import parse_xlsx
from bifolio.ingest.readers.delimited import parse_delimited

FARES = "Fare,Price\nAdult,5\nChild,2\nDog,1"


def beside(left: str, right: str, *, gap: int = 1, lower: int = 0) -> bytes:
    """Write two tables beside each other, the right one ``lower`` rows further down."""
    one = [line.split(",") for line in left.split("\n")]
    two = [*[[""]] * lower, *(line.split(",") for line in right.split("\n"))]
    width = max(map(len, one))
    count = max(len(one), len(two))
    one += [[]] * (count - len(one))
    two += [[]] * (count - len(two))
    rows = [
        ",".join([*a, *[""] * (width + gap - len(a)), *b]) for a, b in zip(one, two, strict=True)
    ]
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("right", "gap", "lower"),
    [
        ("Pier,Depth,Light\nNorth,9,red\nSouth,7,green\nWest,3,none", 2, 0),
        ("Pier,Depth,Light\nNorth,9,red", 1, 0),
        ("Pier,Depth,Light\nNorth,9,red\nSouth,7,green", 1, 1),
        ("Fare,Colour,Zone\nAdult,blue,B\nChild,green,A\nDog,white,A", 1, 0),
    ],
)
def test_tables_beside_each_other_keep_their_heads(right: str, gap: int, lower: int) -> None:
    found = parse_delimited(beside(FARES, right, gap=gap, lower=lower))

    assert found.text.split("\n\n") == [table.replace(",", " | ") for table in (FARES, right)]
    assert [has_head for *_, has_head in found.tables] == [True, True]


def test_each_of_two_tables_beside_each_other_has_its_title() -> None:
    found = parse_delimited(beside(f"Fares\n{FARES}", "Piers\nPier,Depth\nEast,9\nWest,3\nMole,4"))

    assert found.text.split("\n\n") == [
        "Fares",
        FARES.replace(",", " | "),
        "Piers",
        "Pier | Depth\nEast | 9\nWest | 3\nMole | 4",
    ]


def test_tables_below_each_other_beside_a_long_one_stay_two() -> None:
    left = "Fare,Price\nAdult,5\n,\nPier,Depth\nNorth,9\nSouth,8"
    right = "Crew,Post\nAda,mate\nBo,cook\nCy,engineer\nDi,master\nEd,pilot"

    assert parse_delimited(beside(left, right, gap=2)).text.split("\n\n") == [
        "Fare | Price\nAdult | 5",
        "Pier | Depth\nNorth | 9\nSouth | 8",
        right.replace(",", " | "),
    ]


@pytest.mark.parametrize(
    "right",
    [
        "2023,2024\n4,5\n1,2\n1,1",
        "Zone,Colour\nB,blue\nA,green\nA,white",
        "Remark\nrises in May\nup to 12\non a lead",
        ",2023\nPeak,Calm\n7,5\n3,2",
    ],
)
def test_an_empty_column_alone_parts_no_table(right: str) -> None:
    rows = parse_delimited(beside(FARES, right)).tables[0][2]

    assert len(rows) == 4


def test_a_cell_that_spans_rows_of_one_table_names_no_row_of_the_other() -> None:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, cells in enumerate((["Pier", "Berth"], ["North", "1"], ["", "2"], ["West", "3"])):
            sheet.write_row(row, 0, cells)
        sheet.merge_range(1, 0, 2, 0, "North")
        for row, cells in enumerate((["Boat", "Year"], ["Dawn", "a"], ["", "b"], ["Gull", "c"])):
            sheet.write_row(row, 4, cells)
        sheet.merge_range(1, 4, 2, 4, "Dawn")

    assert parse_xlsx(buffer.getvalue()).text.split("\n\n") == [
        "Pier | Berth\nNorth | 1\nNorth | 2\nWest | 3",
        "Boat | Year\nDawn | a\nDawn | b\nGull | c",
    ]


@pytest.mark.parametrize(
    ("rows", "has_head"),
    [
        ("Month,2024-01-01,2024-02-01\nFuel,1200,1300\nCrew,5000,5100", True),
        ("Boat,2024-01-01,2024-02-01\nGull,2024-03-01,2024-04-01", False),
        ("2024-01-01,Fuel,1200\n2024-02-01,Crew,5000", False),
    ],
)
def test_dates_above_what_are_no_dates_name_the_columns(rows: str, has_head: bool) -> None:
    assert [head for *_, head in parse_delimited(rows.encode()).tables] == [has_head]
