"""Running heads and page numbers are told by their place; nothing else is left out."""

from collections.abc import Sequence

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.parsed import Parsed
from bifolio.ingest.pdf.parse import parse_pdf

TOPICS = ["barley", "clover", "flax", "hops", "millet", "oats", "rye", "spelt"]


def body(number: int) -> list[Shown]:
    topic = TOPICS[number % len(TOPICS)]
    return lines(
        [f"In this year the upper field bears {topic}.", f"Seed of {topic} is in barn {number}."],
        top=140,
    )


def parsed_of(pages: Sequence[Sequence[Shown]]) -> Parsed:
    return parse_pdf(page_bytes(*[[*body(n), *page] for n, page in enumerate(pages)]))


def page_texts(parsed: Parsed) -> list[str]:
    return [parsed.text[page[1] : page[2]] for page in parsed.pages]


def test_a_running_head_is_kept_once() -> None:
    parsed = parsed_of([[Shown(60, 40, "Plan of the fields")] for _ in range(5)])

    assert parsed.text.count("Plan of the fields") == 1
    assert parsed.text.startswith("Plan of the fields\n")
    assert parsed.left_out == 4


def test_page_numbers_are_left_out_and_counted() -> None:
    parsed = parsed_of([[Shown(290, 800, str(n + 1))] for n in range(5)])

    assert parsed.left_out == 5
    assert page_texts(parsed)[1].endswith("barn 1.")


@pytest.mark.parametrize(
    "form",
    [
        "- {} -",
        "Page {}",
        "Page {} of 5",
        "{} / 5",
        "第 {} 页",
        "第{}页 共5页",
        "第 {} 页 / 共 5 页",
        "[{}]",
        "p. {}",
    ],
)
def test_page_numbers_of_every_form_are_left_out(form: str) -> None:
    font = "G" if "第" in form else "F"
    parsed = parsed_of([[Shown(290, 800, form.format(n + 1), font=font)] for n in range(5)])

    assert parsed.left_out == 5


def test_roman_page_numbers_are_left_out_and_are_the_labels() -> None:
    parsed = parsed_of([[Shown(290, 800, roman)] for roman in ("iii", "iv", "v", "vi")])

    assert parsed.left_out == 4
    assert [page[3:] for page in parsed.pages] == [(r, "text") for r in ("iii", "iv", "v", "vi")]


def test_heads_that_alternate_left_and_right_are_kept_once_each() -> None:
    pages = [
        [Shown(60, 40, "Plan of the fields") if n % 2 else Shown(420, 40, "The upper farm")]
        for n in range(8)
    ]

    parsed = parsed_of(pages)

    assert parsed.text.count("Plan of the fields") == parsed.text.count("The upper farm") == 1


def test_running_heads_of_several_lines_with_a_page_number_are_kept_once() -> None:
    pages = [
        [
            Shown(60, 30, "Upper Farm Cooperative"),
            Shown(60, 44, "Plan 7, third edition"),
            Shown(500, 44, str(n + 12)),
            Shown(60, 800, "For members only"),
        ]
        for n in range(5)
    ]

    parsed = parsed_of(pages)

    for text in ("Upper Farm Cooperative", "Plan 7, third edition", "For members only"):
        assert parsed.text.count(text) == 1
    assert not any(page_texts(parsed)[1].startswith(text) for text in ("13", "Plan"))
    assert [page[3] for page in parsed.pages] == ["12", "13", "14", "15", "16"]


def test_a_heading_on_top_of_each_page_stays_at_its_first_place() -> None:
    parsed = parsed_of([[Shown(60, 60, "Crop rotation", 18)] for _ in range(4)])

    assert parsed.text.startswith("Crop rotation\n")
    assert [title for _, title, _ in parsed.headings] == ["Crop rotation"]


@pytest.mark.parametrize(
    "first", ["Week {}", "Delivery note 70{}", "Chapter {}", "{} loads of hay", "Room {}"]
)
def test_a_first_line_that_counts_but_is_no_page_number_stays(first: str) -> None:
    parsed = parsed_of([[Shown(60, 60, first.format(n + 1))] for n in range(5)])

    assert all(first.format(n + 1) in text for n, text in enumerate(page_texts(parsed)))


def test_a_last_line_that_is_on_every_page_is_there_once() -> None:
    parsed = parsed_of([[Shown(60, 800, "Paid within 30 days of harvest.")] for _ in range(5)])

    assert parsed.text.count("Paid within 30 days of harvest.") == 1


def test_a_line_that_repeats_at_other_places_stays() -> None:
    parsed = parsed_of([[Shown(60, 180 + 40 * n, "See the map.")] for n in range(5)])

    assert parsed.text.count("See the map.") == 5


def test_numbers_that_do_not_count_with_the_pages_stay() -> None:
    parsed = parsed_of([[Shown(60, 800, number)] for number in ("410", "97", "655", "12")])

    assert all(
        n in text.split("\n")
        for n, text in zip(("410", "97", "655", "12"), page_texts(parsed), strict=True)
    )
    assert parsed.left_out == 0


def test_what_stands_on_both_pages_of_two_runs_and_on_two_of_three_does_not() -> None:
    pages = [[Shown(60, 40, "Plan of the fields"), Shown(290, 800, str(n + 1))] for n in range(2)]

    two, three = parsed_of(pages), parsed_of([*pages, []])

    assert (two.text.count("Plan of the fields"), two.left_out) == (1, 3)
    assert [page[3] for page in two.pages] == ["1", "2"]
    assert (three.text.count("Plan of the fields"), three.left_out) == (2, 0)


@pytest.mark.parametrize("turn", [0, 90])
def test_feet_of_wide_pages_are_feet(turn: int) -> None:
    pages = [
        [*body(number), Shown(60, 560, "Plan of the fields"), Shown(700, 560, str(number + 1))]
        for number in range(3)
    ]
    if turn:
        pages = [
            [one._replace(left=one.top, top=595 - one.left, turn="0 1 -1 0") for one in page]
            for page in pages
        ]
    size = (595, 842) if turn else (842, 595)

    parsed = parse_pdf(page_bytes(*pages, size=size, rotate=turn))

    assert (parsed.text.count("Plan of the fields"), parsed.left_out) == (1, 2)
    assert [page[3] for page in parsed.pages] == ["1", "2", "3"]


def test_rows_of_numbers_at_the_foot_of_the_page_stay() -> None:
    pages = [
        [
            Shown(left, 780 + 14 * row, str(n + k))
            for row in (0, 1)
            for k, left in ((row, 60), (40, 300))
        ]
        for n in range(5)
    ]

    parsed = parsed_of(pages)

    assert parsed.left_out == 0


def test_what_every_short_page_ends_with_is_no_foot() -> None:
    parsed = parse_pdf(
        page_bytes(
            *[
                [
                    *lines([f"Invoice 2024-00{n}", f"Due: {n}00 crowns", "Pay within 30 days."]),
                    Shown(250, 800, f"Page {n} of 5"),
                ]
                for n in range(1, 6)
            ]
        )
    )

    assert parsed.text.count("Pay within 30 days.") == 5
    assert parsed.left_out == 5


def test_a_head_whose_number_stands_level_with_a_column_is_no_row_of_it() -> None:
    pages = [
        [
            Shown(60, 40, "Chapter 4: Functions of the crane"),
            Shown(500, 40, str(n + 9)),
            Shown(60, 54, f"lift{n} (boat, height)"),
            Shown(500, 54, "F"),
        ]
        for n in range(4)
    ]

    parsed = parsed_of(pages)

    assert parsed.text.count("Chapter 4: Functions of the crane") == 1
    assert [label for _, _, _, label, *_ in parsed.pages] == ["9", "10", "11", "12"]
    assert all(f"lift{n} (boat, height)" in parsed.text for n in range(4))


@pytest.mark.parametrize("number", ["Page 1 of 1", "Page 1", "- 1 -"])
def test_a_page_that_is_alone_may_say_so(number: str) -> None:
    parsed = parsed_of([[Shown(250, 800, number)]])

    assert number not in parsed.text
    assert (parsed.left_out, parsed.pages[0][3]) == (1, "1")
