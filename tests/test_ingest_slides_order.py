"""What stands on a slide is read as it is seen, in whatever order the file holds it."""

import io
from typing import Any

import pptx
import pytest
from pptx.util import Inches

from bifolio.ingest.office.placed import Box, Placed, reading_order
from bifolio.ingest.office.pptx import parse_pptx


def slide_of(layout: int = 6) -> tuple[Any, Any]:
    deck = pptx.Presentation()
    return deck, deck.slides.add_slide(deck.slide_layouts[layout])


def put(shapes: Any, text: str, *place: float) -> None:
    """Put a text at left, top, width and height, in inches."""
    shapes.add_textbox(*map(Inches, place)).text_frame.text = text


def blocks(deck: Any) -> list[str]:
    buffer = io.BytesIO()
    deck.save(buffer)
    return parse_pptx(buffer.getvalue()).text.split("\n\n")


def test_two_columns_are_read_one_after_the_other_between_what_spans_them() -> None:
    deck, slide = slide_of()
    put(slide.shapes, "source", 0.5, 6, 9, 0.5)
    put(slide.shapes, "right, below", 5.2, 3, 4, 1)
    put(slide.shapes, "left, below", 0.5, 3, 4, 1)
    put(slide.shapes, "right", 5.2, 1.9, 4, 1)
    put(slide.shapes, "left", 0.5, 1.9, 4, 1)
    put(slide.shapes, "across", 0.5, 0.5, 9, 1)

    assert blocks(deck) == ["across", "left", "left, below", "right", "right, below", "source"]


def test_cards_are_read_whole_and_row_by_row() -> None:
    deck, slide = slide_of()
    for number in (4, 1, 3, 2):
        left, top = 0.5 + 4.5 * ((number - 1) % 2), 1 + 2.5 * ((number - 1) // 2)
        put(
            slide.shapes,
            f"What card {number} explains in more than a few words.",
            left,
            top + 0.5,
            4,
            1.5,
        )
        put(slide.shapes, f"Card {number}", left, top, 4, 0.5)

    assert [text.rpartition(" ")[2] for text in blocks(deck)[::2]] == ["1", "2", "3", "4"]
    assert all(text.startswith("What card") for text in blocks(deck)[1::2])


def test_names_and_their_values_are_read_row_by_row() -> None:
    deck, slide = slide_of()
    for column, texts in ((1, ("12 m", "4 m", "1908")), (0, ("Length", "Beam", "Built"))):
        for row, text in enumerate(texts):
            put(slide.shapes, text, 0.5 + 4 * column, 1 + 0.6 * row, 2, 0.5)

    assert blocks(deck) == ["Length", "12 m", "Beam", "4 m", "Built", "1908"]


def test_placeholders_stand_where_their_layout_puts_them() -> None:
    deck, slide = slide_of(3)
    first, second = slide.placeholders[1], slide.placeholders[2]
    first.text_frame.text, second.text_frame.text = "left", "right"
    put(slide.shapes, "foot", 0.5, 6.6, 9, 0.5)
    slide.shapes.title.text = "Title"
    tree = first._element.getparent()
    for moved in (first, slide.shapes.title):
        tree.append(moved._element)

    assert blocks(deck) == ["Title", "left", "right", "foot"]


def test_a_group_is_read_as_one_by_its_own_measure() -> None:
    deck, slide = slide_of()
    put(slide.shapes, "last", 0.5, 5, 4, 1)
    group = slide.shapes.add_group_shape()
    put(group.shapes, "second", 6, 3, 2, 1)
    put(group.shapes, "first", 6, 1, 2, 1)
    group.left, group.top, group.width, group.height = map(Inches, (0.5, 0.5, 1, 1.5))

    assert blocks(deck) == ["first", "second", "last"]


def test_a_table_is_read_in_its_place_and_what_lies_on_a_box_behind_its_text() -> None:
    deck, slide = slide_of()
    put(slide.shapes, "below the table", 0.5, 6.2, 8, 0.5)
    put(slide.shapes, "on the box", 1, 1.2, 3, 0.5)
    put(slide.shapes, "box", 0.5, 0.5, 8, 2)
    table = slide.shapes.add_table(2, 2, *map(Inches, (0.5, 3, 8, 1))).table
    for at, text in enumerate(("Fare", "Price", "Adult", "5")):
        table.cell(at // 2, at % 2).text = text
    slide.shapes.add_shape(1, *map(Inches, (0, 0, 10, 7.5)))

    assert blocks(deck) == [
        "box",
        "on the box",
        "Fare | Price\nAdult | 5",
        "below the table",
    ]


def test_what_is_struck_out_of_a_slide_is_left_out_and_told() -> None:
    deck, slide = slide_of()
    put(slide.shapes, "The fee is 5", 1, 1, 4, 1)
    words = slide.shapes[0].text_frame.paragraphs[0]
    words.runs[0].font._element.set("strike", "sngStrike")
    words.add_run().text = "The fee is 6"
    buffer = io.BytesIO()
    deck.save(buffer)

    parsed = parse_pptx(buffer.getvalue())

    assert parsed.text == "The fee is 6"
    assert [note.code for note in parsed.notes] == ["struck-out"]


@pytest.mark.parametrize(
    "boxes",
    [
        [None, None, None],
        [Box(0, 0, 9, 5), Box(5, 4, 12, 9), Box(11, 3, 14, 5)],
        [Box(5, 5, 6, 6)] * 3,
    ],
)
def test_what_nothing_parts_stays_in_the_order_of_the_file(boxes: list[Box | None]) -> None:
    assert reading_order([Placed(box, 9) for box in boxes]) == [0, 1, 2]


@pytest.mark.parametrize("count", [200, 1000])
def test_so_many_boxes_in_any_order_are_each_read_once(count: int) -> None:
    boxes = [
        Box(
            at * 7919 % 1000, at * 104729 % 1000, at * 7919 % 1000 + at % 60, at * 104729 % 1000 + 9
        )
        for at in range(count)
    ]

    assert sorted(reading_order([Placed(box, 50) for box in boxes])) == list(range(count))
