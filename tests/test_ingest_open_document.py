"""OpenDocument: tables in cells, and slides in the order in which they are seen."""

from written_formats import open_document

from bifolio.ingest.office.odf import parse_odp, parse_odt
from bifolio.ingest.parsed import Parsed


def cell(text: str) -> str:
    return f"<table:table-cell><text:p>{text}</text:p></table:table-cell>"


def row(*cells: str) -> str:
    return f"<table:table-row>{''.join(cells)}</table:table-row>"


def table(*rows: str) -> str:
    return f"<table:table>{''.join(rows)}</table:table>"


def text_of(body: str) -> Parsed:
    return parse_odt(open_document("text", "text", f"<office:text>{body}</office:text>"))


def test_a_table_in_a_cell_is_the_text_of_its_cell_and_the_rows_stay_rows() -> None:
    inner = table(row(cell("Lost oar"), cell("26.00")), row(cell("Late"), cell("5.00")))
    outer = table(
        row(cell("Boat"), cell("Fee")),
        row(cell("Kayak for two"), cell("120")),
        row(cell("Rowing boat for four"), cell("180")),
        row(cell("Extra"), f"<table:table-cell>{inner}</table:table-cell>"),
    )

    found = text_of(outer)

    assert found.text.split("\n") == [
        "Boat | Fee",
        "Kayak for two | 120",
        "Rowing boat for four | 180",
        "Extra | Lost oar 26.00 Late 5.00",
    ]
    assert [len(rows) for _, _, rows, _ in found.tables] == [4]


def test_a_frame_around_tables_is_no_table() -> None:
    boats = table(row(cell("Boat"), cell("Fee")), row(cell("Kayak for two"), cell("120")))
    piers = table(row(cell("Pier"), cell("Depth")), row(cell("North"), cell("9")))
    held = (f"<table:table-cell>{inner}</table:table-cell>" for inner in (boats, piers))

    found = text_of(table(row(*held)))

    assert found.text == "Boat | Fee\nKayak for two | 120\n\nPier | Depth\nNorth | 9"
    assert [len(rows) for _, _, rows, _ in found.tables] == [2, 2]


def frame(text: str, left: str, top: str, width: str, height: str) -> str:
    place = f'svg:x="{left}" svg:y="{top}" svg:width="{width}" svg:height="{height}"'
    box = f"<draw:text-box><text:p>{text}</text:p></draw:text-box>"
    return f'<draw:frame xmlns:svg="urn:svg" {place}>{box}</draw:frame>'


def test_a_slide_is_read_as_it_is_seen_groups_as_one() -> None:
    group = frame("right, below", "14cm", "9cm", "11cm", "4cm") + frame(
        "right", "14cm", "4cm", "11cm", "4cm"
    )
    shapes = (
        frame("foot", "1cm", "17cm", "24cm", "1cm"),
        f"<draw:g>{group}</draw:g>",
        frame("left, below", "10mm", "90mm", "110mm", "40mm"),
        frame("left", "0.5in", "1.6in", "4.3in", "1.5in"),
        '<draw:frame presentation:class="title"><draw:text-box><text:p>Title</text:p>'
        "</draw:text-box></draw:frame>",
    )
    body = f"<office:presentation><draw:page>{''.join(shapes)}</draw:page></office:presentation>"

    found = parse_odp(open_document("presentation", "presentation", body))

    assert found.text.split("\n\n") == [
        "Title",
        "left",
        "left, below",
        "right",
        "right, below",
        "foot",
    ]


def test_what_styles_hide_or_strike_out_is_left_out_and_told() -> None:
    styles = "".join(
        f'<style:style style:name="{name}"><style:text-properties {said}/></style:style>'
        for name, said in (
            ("T1", 'text:display="none"'),
            ("T2", 'style:text-line-through-style="solid"'),
            ("T3", 'style:text-line-through-style="none"'),
        )
    )
    spans = "".join(
        f'<text:span text:style-name="{name}">{text} </text:span>'
        for name, text in (("T1", "four"), ("T2", "five"), ("T3", "six"))
    )
    body = f"<office:text><text:p>The fee is {spans}crowns.</text:p></office:text>"

    found = parse_odt(open_document("text", "text", body, styles=styles))

    assert found.text == "The fee is six crowns."
    assert [note.code for note in found.notes] == ["hidden-text", "struck-out"]


def test_paragraphs_of_one_style_with_the_same_tabs_are_rows() -> None:
    lines = ("Boat<text:tab/>Fee", "Kayak<text:tab/><text:tab/>120", "Canoe<text:tab/>90")
    rows = "".join(f'<text:p text:style-name="P1">{line}</text:p>' for line in lines)
    other = '<text:p text:style-name="P2">1.<text:tab/>Rules</text:p>'

    found = text_of(f"{rows}{other}")

    assert found.text == "Boat | Fee\nKayak | 120\nCanoe | 90\n\n1. Rules"
    assert [len(rows) for _, _, rows, _ in found.tables] == [3]
