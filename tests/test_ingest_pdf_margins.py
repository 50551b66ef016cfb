"""What stands beside the lines of a page, or between them, breaks no sentence."""

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf.parse import parse_pdf

TEXT = (
    "The harbour office rents out forty berths to guests, and each of them has a supply of",
    "water and of electricity. A guest who stays for more than a week pays for six days and",
    "has the seventh free. Boats longer than twelve metres need two berths, and their owners",
    "tell the office a week before they come. In winter the office is closed on all Sundays, and",
    "whoever comes then rings the bell at the gate of the yard.",
)
WHOLE = " ".join(TEXT)


def counted(step: int, left: float) -> list[Shown]:
    """Number every line, or every second."""
    tops = range(60, 60 + 14 * len(TEXT), 14)
    return [
        Shown(left if n < 10 else left - 4, top, str(n), 8)
        for n, top in enumerate(tops, start=6)
        if n % step == 0
    ]


@pytest.mark.parametrize("left", [40, 540])
@pytest.mark.parametrize("step", [1, 2])
def test_numbers_of_lines_are_left_out_and_counted(step: int, left: float) -> None:
    numbers = counted(step, left)

    parsed = parse_pdf(page_bytes([*numbers, *lines(TEXT)]))

    assert (parsed.text, parsed.left_out, parsed.tables) == (WHOLE, len(numbers), [])


def test_numbers_of_lines_between_two_columns_are_left_out() -> None:
    left = ["Berths of the harbour have water,", "and most of them have electricity."]
    right = ["boats that are longer need two", "of them, and their owners tell the"]
    tops = range(60, 60 + 14 * 12, 14)
    shown = [
        Shown(place, top, column[n % 2])
        for n, top in enumerate(tops)
        for place, column in ((60, left), (330, right))
    ]

    numbers = [Shown(296, top, str(n)) for n, top in enumerate(tops, start=1) if n % 2 == 0]

    few, all_ = (parse_pdf(page_bytes([*shown, *some])) for some in (numbers[:2], numbers))

    assert few.left_out == 0, "two numbers may be anything"
    assert all_.left_out == 6
    assert not any(map(str.isdigit, all_.text))


@pytest.mark.parametrize("shift", [0, 14])
def test_a_large_initial_belongs_to_its_word(shift: int) -> None:
    beside = lines((TEXT[0][1:], *TEXT[1 : 2 + (shift > 0)]), left=88 + shift / 2)
    below = lines(TEXT[2 + (shift > 0) :], top=88 + shift)

    parsed = parse_pdf(page_bytes([Shown(60, 74 + shift, "T", 36 + shift), *beside, *below]))

    assert parsed.text == WHOLE


def test_a_large_letter_beside_words_of_their_own_stays_one() -> None:
    parsed = parse_pdf(page_bytes([Shown(60, 74, "A", 36), *lines(TEXT[:2], left=90)]))

    assert "AThe" not in parsed.text


@pytest.mark.parametrize("title", ["Berths", ""])
def test_numbers_before_paragraphs_make_no_table(title: str) -> None:
    paragraphs = (TEXT[:2], TEXT[2:])
    shown: list[Shown] = []
    for number, paragraph in enumerate(paragraphs):
        top = 60 + 80 * number
        shown += [Shown(60, top, str(number + 1), font="B" if title else "F")]
        shown += [Shown(90, top, f"{title} {number}", font="B")] * bool(title)
        shown += lines(paragraph, left=90, top=top + 20 * bool(title))

    parsed = parse_pdf(page_bytes(shown))

    texts = [" ".join(paragraph) for paragraph in paragraphs]
    if title:
        assert parsed.text.split("\n") == [f"1 {title} 0", texts[0], f"2 {title} 1", texts[1]]
        assert [heading[1] for heading in parsed.headings] == [f"1 {title} 0", f"2 {title} 1"]
    else:
        assert parsed.text.split("\n") == [f"1 {texts[0]}", f"2 {texts[1]}"]


OPEN, REST = " ".join(TEXT[:2]), "has the seventh free. Boats of any length may stay."


@pytest.mark.parametrize(
    "aside",
    [
        [Shown(200, 200, "Figure 1. The pier", 9)],
        [
            Shown(60, 110, "Table 2: Fares", 9),
            *(
                Shown(left, top, text)
                for top, row in (
                    (130, ("Fare", "Crowns")),
                    (146, ("Dog", "7")),
                    (162, ("Car", "9")),
                )
                for left, text in zip((60, 200), row, strict=True)
            ),
        ],
    ],
)
@pytest.mark.parametrize("pages", [1, 2])
def test_a_figure_or_a_table_parts_no_sentence(aside: list[Shown], pages: int) -> None:
    rest = Shown(60, 300, REST)
    shown = [[*lines(TEXT[:2]), *aside, rest]]
    if pages == 2:
        shown = [[*lines(TEXT[:2])], [*aside, rest]]

    parsed = parse_pdf(page_bytes(*shown))

    assert f"{OPEN}\n{REST}" in parsed.text
    assert all(word.text in parsed.text for word in aside)


def test_the_first_of_a_running_line_parts_no_sentence() -> None:
    halves = [
        (
            "The office rents out berths to guests, and each of them has a supply of water and of",
            "electricity. Boats longer than twelve metres need two berths. They tell the office",
        ),
        (
            "of it a week before. In winter the office is closed on all Sundays. Ring the bell at",
            "the gate of the yard. The crane lifts boats of nine tonnes. It is let for a day by",
        ),
        ("members of the club. They pay half. Dogs have to be on a lead.", "The slip is free."),
    ]
    pages = [
        [
            *lines(half),
            Shown(150, 400, "DRAFT", 80, "0.7 0.7 -0.7 0.7"),
            Shown(200, 800, "Secret", 8),
        ]
        for half in halves
    ]

    parsed = parse_pdf(page_bytes(*pages))

    assert parsed.left_out == 4
    for before, after in (("tell the office", "of it a week"), ("for a day by", "members of")):
        assert f"{before}\n{after}" in parsed.text
    assert (parsed.text.count("DRAFT"), parsed.text.count("Secret")) == (1, 1)
