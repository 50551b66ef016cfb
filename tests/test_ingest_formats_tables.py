"""Tables stay tables in whatever form a file, a page, a mail or a notebook writes them."""

import json

import pytest

from bifolio.ingest.parsed import Parsed
from bifolio.ingest.plain import parse_text
from bifolio.ingest.readers.delimited import parse_delimited
from bifolio.ingest.readers.html import parse_html_page
from bifolio.ingest.readers.mail import parse_eml
from bifolio.ingest.readers.notebook import parse_notebook
from bifolio.ingest.readers.outlined import parse_asciidoc
from bifolio.ingest.readers.records import parse_json

HTML_TABLE = "<table><tr><th>Fare</th><th>Crowns</th></tr><tr><td>Dog</td><td>7</td></tr></table>"
SHOWN = ["Fare | Crowns", "Dog | 7"]


def rows_of(parsed: Parsed) -> list[str]:
    ((_, _, spans, has_head),) = parsed.tables
    assert has_head
    return [parsed.text[start:end] for start, end in spans]


@pytest.mark.parametrize(
    "text",
    ["Fare\tPrice, crowns\nDog\t7,5\nBike\t9,5\n", "Fare;Price, crowns\nDog;7,5\nBike;9,5\n"],
)
def test_commas_inside_of_cells_part_none(text: str) -> None:
    assert rows_of(parse_delimited(text.encode())) == [
        "Fare | Price, crowns",
        "Dog | 7,5",
        "Bike | 9,5",
    ]


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (
            {"text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "Five."},
            "Five.",
        ),
        (
            {"text/plain": "<IPython.core.display.HTML object>", "text/html": "<p>Five.</p>"},
            "Five.",
        ),
        ({"text/plain": "Five.", "text/markdown": "**5**", "text/html": "<b>5</b>"}, "Five."),
        ({"text/plain": "<Figure size 64x48 with 1 Axes>", "image/png": "aaaa"}, ""),
        ({"text/plain": "10%\r50%\rDone\n"}, "Done"),
    ],
)
def test_an_output_of_a_notebook_is_read_in_a_form_that_says_something(
    data: dict[str, str], shown: str
) -> None:
    cell = {"cell_type": "code", "source": "", "outputs": [{"data": data}]}

    parsed = parse_notebook(json.dumps({"cells": [cell]}).encode())

    assert parsed.text == shown
    assert parsed.left_out == ("image/png" in data)


@pytest.mark.parametrize(
    ("above", "shown"),
    [
        ("Stock\nMade: May\nFor: North\n\n", "Stock\n\nMade: May\n\nFor: North"),
        ("Stock\nMade,May\nFor,North\n", "Stock\n\nMade | May\n\nFor | North"),
        ("# Stock of May,,\nFor,North,\n", "# Stock of May\n\nFor | North"),
    ],
)
def test_what_stands_above_the_names_of_columns_is_no_row_of_the_table(
    above: str, shown: str
) -> None:
    text = f"{above}Item,Price,Left\nRope,12,4\nSail,300,2\n"

    parsed = parse_delimited(text.encode())

    rows = "Item | Price | Left\nRope | 12 | 4\nSail | 300 | 2"
    assert parsed.text == f"{shown}\n\n{rows}"
    assert parsed.text[slice(*parsed.tables[-1][:2])] == rows
    assert [has_head for *_, has_head in parsed.tables] == [
        *[False] * shown.count(" | "),
        True,
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        (",2023,,2024,\nName,Q1,Q2,Q1,Q2\nRope,1,2,3,4\n", 3),
        ("Fares 2024\nName,Price\nAdult,5\n", 2),
        ("Name,Price\nRope,12,a\nSail,30,b\nOar,7,c\n", 4),
    ],
)
def test_rows_of_a_table_that_are_less_wide_stay_in_it(text: str, rows: int) -> None:
    ((_, _, spans, _),) = parse_delimited(text.encode()).tables
    assert len(spans) == rows


def test_commas_in_a_list_part_no_cells() -> None:
    assert parse_delimited(b"Rope\nSail\nAnchor, large\nOar\n").tables == []


def test_rows_behind_an_empty_one_have_the_head_above_it() -> None:
    parsed = parse_delimited(b"Fare,Crowns\nDog,7\n,\nBike,9\nCar,40\n")

    assert rows_of(parsed) == ["Fare | Crowns", "Dog | 7", "Bike | 9", "Car | 40"]


def test_words_behind_an_empty_row_are_no_rows_of_the_table_above() -> None:
    parsed = parse_delimited(b"Fare,Crowns\nDog,7\n,\nSigned,Harbour office\n")

    assert rows_of(Parsed("", parsed.text, [], [], parsed.tables[:1])) == SHOWN
    assert len(parsed.tables) == 2


def test_records_that_hold_others_are_rows_of_one_table() -> None:
    records = [{"pier": "North", "fee": {"dog": 7, "car": 40}}, {"pier": "West", "fee": {"dog": 8}}]

    parsed = parse_json(json.dumps(records).encode())

    assert rows_of(parsed) == ["pier | fee.dog | fee.car", "North | 7 | 40", "West | 8"]


def test_a_file_of_a_record_a_line_is_read_whatever_its_name() -> None:
    assert rows_of(parse_json(b'{"Fare": "Dog", "Crowns": 7}\n{"Fare": "Car", "Crowns": 9}\n')) == [
        "Fare | Crowns",
        "Dog | 7",
        "Car | 9",
    ]


def test_what_a_notebook_shows_as_a_table_is_one() -> None:
    output = {"data": {"text/html": [HTML_TABLE], "text/plain": ["  Fare  Crowns\n0  Dog  7"]}}
    cell = {"cell_type": "code", "source": "fares", "outputs": [output]}

    parsed = parse_notebook(json.dumps({"cells": [cell]}).encode())

    assert rows_of(parsed) == SHOWN
    assert parsed.text == "\n".join(["fares\n", *SHOWN])


@pytest.mark.parametrize(
    ("plain", "page", "shown"),
    [
        ("Fare Crowns Dog 7", HTML_TABLE, "\n".join(SHOWN)),
        (" ", "<p>Dogs pay 7.</p>", "Dogs pay 7."),
        ("Dogs pay 7.", "<p>Dogs pay <b>7</b>!</p>", "Dogs pay 7."),
    ],
)
def test_the_page_of_a_mail_is_read_where_its_plain_text_says_less(
    plain: str, page: str, shown: str
) -> None:
    head = 'Subject: Fares\nMIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="B"\n'
    parts = (
        f"--B\nContent-Type: text/plain\n\n{plain}\n--B\nContent-Type: text/html\n\n{page}\n--B--"
    )

    assert parse_eml(f"{head}\n{parts}\n".encode()).text == f"Subject: Fares\n\n{shown}"


def test_all_parts_of_a_mail_that_are_text_are_read() -> None:
    head = 'Subject: Fares\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="B"\n'
    kinds = ("plain", "html", "plain")
    parts = "".join(f"--B\nContent-Type: text/{one}\n\n{n}.\n" for n, one in enumerate(kinds))

    assert parse_eml(f"{head}\n{parts}--B--\n".encode()).text == "Subject: Fares\n\n0.\n\n1.\n\n2."


def test_elements_that_play_the_part_of_a_table_are_one() -> None:
    page = (
        '<div role="heading" aria-level="3">Fares</div><div role="table">'
        '<div role="row"><span role="columnheader">Fare</span><span role="columnheader">Crowns'
        '</span></div><div role="row"><span role="cell">Dog</span><span role="cell">7</span></div>'
        '</div><p role="heading" aria-level="x y">Dogs</p>'
    )

    parsed = parse_html_page(page.encode())

    assert rows_of(parsed) == SHOWN
    assert [heading[:2] for heading in parsed.headings] == [(3, "Fares"), (2, "Dogs")]


def test_a_table_that_names_its_columns_is_no_frame_around_the_one_in_a_cell() -> None:
    inner = "<table><tr><td>9-12</td></tr><tr><td>14-17</td></tr></table>"
    page = f"<table><tr><th>Day</th><th>Open</th></tr><tr><td>Mon</td><td>{inner}</td></tr></table>"

    assert rows_of(parse_html_page(page.encode())) == ["Day | Open", "Mon | 9-12 14-17"]


def test_cells_of_asciidoc_on_lines_of_their_own_are_rows() -> None:
    parsed = parse_asciidoc(b"|===\n|Fare |Crowns\n\n|Dog\n|7\n\n|Bike\n|9\n|===\n")

    assert rows_of(parsed) == ["|Fare |Crowns", "|Dog\n|7", "|Bike\n|9"]


def test_frames_that_are_drawn_by_characters_part_cells() -> None:
    rows = ["│ Fare │ Crowns │", "│ Dog  │ 7      │"]
    text = "\n".join(
        ("┌──────┬────────┐", rows[0], "├──────┼────────┤", rows[1], "└──────┴────────┘")
    )

    assert rows_of(parse_text(text.encode())) == rows
