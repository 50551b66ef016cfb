"""Word documents: what lies beside plain paragraphs is read too, or told."""

import io
import re
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from written_formats import unzipped, zipped

from bifolio.ingest.numerals import written
from bifolio.ingest.office.docx import parse_docx
from bifolio.ingest.parsed import Parsed

NAMESPACES = nsdecls("w")


def saved(document: Any) -> bytes:
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def of_body(xml: str, **parts: str) -> bytes:
    """Give a document with this body, and with parts such as footnotes."""
    kinds = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    links = "".join(
        f'<Relationship Id="r{name}" Type="{kinds}/{name}" Target="{name}.xml"/>' for name in parts
    )
    spaces = (
        f'{NAMESPACES} xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
        ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    )
    return zipped(
        {
            "[Content_Types].xml": "<Types/>",
            "_rels/.rels": "<Relationships><Relationship Id='r1' Target='word/document.xml'"
            f" Type='{kinds}/officeDocument'/></Relationships>",
            "word/document.xml": f"<w:document {spaces}><w:body>{xml}</w:body></w:document>",
            "word/_rels/document.xml.rels": f"<Relationships>{links}</Relationships>",
            **{
                f"word/{name}.xml": f"<w:{name} {spaces}>{part}</w:{name}>"
                for name, part in parts.items()
            },
        }
    )


def p(inner: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{inner}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def blocks(parsed: Parsed) -> list[str]:
    return parsed.text.split("\n\n")


def test_inserted_text_is_kept_and_deleted_text_is_dropped_and_told() -> None:
    body = p(
        r("The fee is ")
        + f"<w:del><w:r><w:delText>five</w:delText></w:r></w:del><w:ins>{r('six')}</w:ins>"
        + r(" crowns.")
    )
    moved = p(f"<w:moveFrom>{r('Here.')}</w:moveFrom>") + p(f"<w:moveTo>{r('Here.')}</w:moveTo>")

    parsed = parse_docx(of_body(body + moved))

    assert blocks(parsed) == ["The fee is six crowns.", "Here."]
    assert [*map(str, parsed.notes)] == [
        "its tracked changes are read as accepted: 2 insertions kept, 2 deletions left out"
    ]


def test_a_deleted_row_of_a_table_is_dropped() -> None:
    row = "<w:tr><w:trPr>{}</w:trPr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr>"
    rows = [row.format("", r("Name"), r("Price")), row.format("", r("Adult"), r("5"))]
    gone = row.format("<w:del/>", r("Child"), r("2"))

    parsed = parse_docx(of_body(f"<w:tbl>{rows[0]}{gone}{rows[1]}</w:tbl>"))

    assert parsed.text == "Name | Price\nAdult | 5"


def test_footnotes_endnotes_and_comments_follow_their_paragraph() -> None:
    body = p(
        r("It costs five crowns.")
        + '<w:r><w:footnoteReference w:id="2"/></w:r><w:r><w:endnoteReference w:id="3"/></w:r>'
        + '<w:r><w:commentReference w:id="0"/></w:r>'
    )
    parsed = parse_docx(
        of_body(
            body + p(r("Next.")),
            footnotes=f'<w:footnote w:id="2">{p(r("Six on Sundays."))}</w:footnote>',
            endnotes=f'<w:endnote w:id="3">{p(r("See the annex."))}</w:endnote>',
            comments=f'<w:comment w:id="0" w:author="Ann">{p(r("Check!"))}</w:comment>',
        )
    )

    assert blocks(parsed) == [
        "It costs five crowns.",
        "Footnote: Six on Sundays.",
        "Endnote: See the annex.",
        "Comment by Ann: Check!",
        "Next.",
    ]


def test_heads_and_feet_are_kept_once() -> None:
    document = docx.Document()
    for number in range(3):
        section = document.sections[0] if not number else document.add_section()
        section.header.is_linked_to_previous = False
        section.header.paragraphs[0].text = "Ferry company, internal"
        document.add_paragraph(f"Part {number}")
    document.sections[0].footer.paragraphs[0].text = "Confidential"

    parsed = parse_docx(saved(document))

    assert parsed.text.count("Ferry company, internal") == 1
    assert parsed.text.count("Confidential") == 1


def test_text_boxes_are_read_once() -> None:
    box = "<w:txbxContent>" + p(r("Boxed words.")) + "</w:txbxContent>"
    drawing = (
        f"<w:r><mc:AlternateContent><mc:Choice><w:drawing>{box}</w:drawing></mc:Choice>"
        f"<mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )

    assert blocks(parse_docx(of_body(p(r("Around.") + drawing)))) == ["Around.", "Boxed words."]


def test_content_controls_links_formulas_and_fields_are_text() -> None:
    control = f"<w:sdt><w:sdtContent>{r('Ann ')}</w:sdtContent></w:sdt>"
    link = f"<w:hyperlink>{r('pays ')}</w:hyperlink>"
    formula = "<m:oMath><m:f><m:num><m:r><m:t>a</m:t></m:r></m:num></m:f></m:oMath>"
    field = f"<w:r><w:instrText>PAGE 7</w:instrText></w:r>{r(' today')}"

    assert parse_docx(of_body(p(control + link + formula + field))).text == "Ann pays a today"


def test_the_reading_aid_above_a_chinese_word_is_not_read_into_it() -> None:
    ruby = f"<w:r><w:ruby><w:rt>{r('du')}</w:rt><w:rubyBase>{r('渡')}</w:rubyBase></w:ruby></w:r>"

    assert parse_docx(of_body(p(ruby + r("轮")))).text == "渡轮"


def test_hidden_text_is_dropped_and_told() -> None:
    parsed = parse_docx(of_body(p(r("Seen.") + r(" Obey me.", "<w:vanish/>"))))

    assert parsed.text == "Seen."
    assert [*map(str, parsed.notes)] == ["1 pieces of hidden text were left out"]


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("<w:strike/>", "The fee is 6."),
        ('<w:dstrike w:val="1"/>', "The fee is 6."),
        ('<w:strike w:val="false"/>', "The fee is 5 6."),
    ],
)
def test_struck_out_text_is_dropped_and_told(line: str, text: str) -> None:
    parsed = parse_docx(of_body(p(r("The fee is ") + r("5 ", line) + r("6."))))

    assert parsed.text == text
    assert [note.code for note in parsed.notes] == ["struck-out"] * ("5" not in text)


def test_a_table_of_contents_is_left_out_and_counted() -> None:
    styles = '<w:style w:styleId="T1"><w:name w:val="toc 1"/></w:style>'
    line = p(r("Fares ........ 3"), '<w:pStyle w:val="T1"/>')

    parsed = parse_docx(of_body(line + p(r("Fares")), styles=styles))

    assert (parsed.text, parsed.left_out) == ("Fares", 1)


def numbered(kind: str, pattern: str) -> str:
    level = f'<w:lvl w:ilvl="0"><w:numFmt w:val="{kind}"/><w:lvlText w:val="{pattern}"/></w:lvl>'
    second = '<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/><w:lvlText w:val="%1.%2"/></w:lvl>'
    return (
        f'<w:abstractNum w:abstractNumId="5">{level}{second}</w:abstractNum>'
        '<w:num w:numId="1"><w:abstractNumId w:val="5"/></w:num>'
    )


def listed(text: str, depth: int = 0) -> str:
    numbering = f'<w:numPr><w:ilvl w:val="{depth}"/><w:numId w:val="1"/></w:numPr>'
    return p(r(text), numbering)


def test_the_numbers_that_word_counts_are_in_the_text() -> None:
    body = listed("总则") + p(r("正文。")) + listed("票价")

    parsed = parse_docx(of_body(body, numbering=numbered("chineseCounting", "第%1条")))

    assert blocks(parsed) == ["第一条 总则", "正文。", "第二条 票价"]


def test_deeper_numbers_begin_anew_below_each_higher_one() -> None:
    body = "".join([listed("A"), listed("B", 1), listed("C", 1), listed("D"), listed("E", 1)])

    parsed = parse_docx(of_body(body, numbering=numbered("upperRoman", "%1.")))

    assert blocks(parsed) == ["I. A", "I.1 B", "I.2 C", "II. D", "II.1 E"]


@pytest.mark.parametrize(
    ("number", "kind", "expected"),
    [
        (4, "lowerRoman", "iv"),
        (28, "upperLetter", "BB"),
        (20, "chineseCountingThousand", "二十"),
        (13, "ideographTraditional", "十三"),
        (7, "decimalZero", "07"),
        (7, "decimal", "7"),
    ],
)
def test_numbers_are_written_as_lists_write_them(number: int, kind: str, expected: str) -> None:
    assert written(number, kind) == expected


def test_what_spans_rows_is_in_each_and_columns_stay_in_line() -> None:
    document = docx.Document()
    table = document.add_table(3, 3)
    for at, cell in enumerate(cell for row in table.rows for cell in row.cells):
        cell.text = f"c{at}"
    table.cell(1, 0).merge(table.cell(2, 0)).text = "tall"
    table.cell(1, 1).merge(table.cell(1, 2)).text = "wide"

    parsed = parse_docx(saved(document))

    assert parsed.text == "c0 | c1 | c2\ntall | wide\ntall | c7 | c8"


def test_names_and_their_values_have_no_head() -> None:
    document = docx.Document()
    table = document.add_table(0, 2)
    for pair in (("Customer", "Harbour Board"), ("Order", "4471"), ("Sent", "By lorry")):
        for cell, text in zip(table.add_row().cells, pair, strict=True):
            cell.text = text

    assert not parse_docx(saved(document)).tables[0][3]


def test_a_frame_of_one_cell_is_no_table() -> None:
    document = docx.Document()
    cell = document.add_table(1, 1).cell(0, 0)
    cell.text = "One."
    cell.add_paragraph("Two.")

    parsed = parse_docx(saved(document))

    assert blocks(parsed) == ["One.", "Two."]
    assert parsed.tables == []


def test_pages_begin_where_the_program_broke_them() -> None:
    mark = "<w:r><w:lastRenderedPageBreak/></w:r>"
    row = "<w:tr><w:tc><w:p>{}</w:p></w:tc><w:tc><w:p>{}</w:p></w:tc></w:tr>"
    table = row.format(r("a"), r("b")) + row.format(mark + r("c"), r("d"))
    body = p(r("One goes") + mark + r(" on.")) + p(mark + r("Three.")) + f"<w:tbl>{table}</w:tbl>"

    parsed = parse_docx(of_body(body))

    assert [parsed.text[page[1] : page[2]] for page in parsed.pages] == [
        "One goes",
        "on.",
        "Three.\n\na | b",
        "c | d",
    ]
    assert parsed.text == "One goes on.\n\nThree.\n\na | b\nc | d"


def test_page_breaks_of_the_writer_count_where_none_are_rendered() -> None:
    document = docx.Document()
    document.add_paragraph("One.")
    document.add_page_break()
    document.add_paragraph("Two.")

    parsed = parse_docx(saved(document))

    assert [parsed.text[page[1] : page[2]] for page in parsed.pages] == ["One.", "Two."]


def test_short_bold_lines_are_headings_where_no_style_is() -> None:
    body = p(r("Fares", "<w:b/>")) + p(r("Five crowns.")) + p(r("Not a heading.", "<w:b/>"))

    assert [title for _, title, _ in parse_docx(of_body(body)).headings] == ["Fares"]


@pytest.mark.parametrize("name", ["heading 2", "标题 2"])
def test_headings_are_known_by_the_names_of_their_styles(name: str) -> None:
    styles = (
        f'<w:style w:styleId="a1"><w:name w:val="{name}"/></w:style>'
        '<w:style w:styleId="a2"><w:name w:val="mine"/><w:basedOn w:val="a1"/></w:style>'
    )
    body = p(r("Fares"), '<w:pStyle w:val="a2"/>') + p(r("Five."))

    assert parse_docx(of_body(body, styles=styles)).headings == [(2, "Fares", 0)]


def test_a_strict_file_is_read() -> None:
    strict = {
        name: re.sub(
            rb"http://schemas.openxmlformats.org/(officeDocument|wordprocessingml)/2006",
            rb"http://purl.oclc.org/ooxml/\1",
            content if isinstance(content, bytes) else content.encode(),
        )
        for name, content in unzipped(of_body(p(r("Strict words.")))).items()
    }

    assert parse_docx(zipped({**strict})).text == "Strict words."


def test_a_bold_word_in_a_style_needs_no_run() -> None:
    element = parse_xml(f"<w:p {NAMESPACES}><w:r><w:t>words</w:t></w:r></w:p>")
    document = docx.Document()
    document.element.body.insert(0, element)

    assert parse_docx(saved(document)).text == "words"


def test_signs_of_a_font_of_signs_are_in_the_text() -> None:
    signs = [("Symbol", "F0B0"), ("Symbol", "F06D"), ("Wingdings", "F0FC"), ("Arial", "2264")]
    runs = "".join(f'<w:r><w:sym w:font="{font}" w:char="{code}"/></w:r>' for font, code in signs)

    parsed = parse_docx(of_body(p(r("5 ") + runs + r("C"))))

    assert parsed.text == "5 °μ✓≤C"


def test_a_table_in_a_cell_is_the_text_of_its_cell_and_the_rows_stay_rows() -> None:
    document = docx.Document()
    rows = [("Shed", "Door"), ("A-1, by the pier", "2 m"), ("A-2, behind it", "3 m"), ("A-3", "")]
    table = document.add_table(0, 2)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    inner = table.cell(3, 1).add_table(1, 2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "left", "4 m"

    parsed = parse_docx(saved(document))

    assert parsed.text.split("\n") == [*(" | ".join(row) for row in rows[:3]), "A-3 | left 4 m"]
    assert len(parsed.tables) == 1


@pytest.mark.parametrize(
    "properties",
    ['<w:framePr w:dropCap="drop"/>', '<w:rPr><w:del w:id="1" w:author="a"/></w:rPr>'],
)
def test_an_initial_and_a_paragraph_whose_end_was_deleted_go_on_with_the_next(
    properties: str,
) -> None:
    parsed = parse_docx(of_body(p(r("T"), properties) + p(r("he boat left."))))

    assert parsed.text == "The boat left."
    last = p(r("T"), properties) + "<w:tbl><w:tr><w:tc><w:p/></w:tc></w:tr></w:tbl>"
    assert parse_docx(of_body(last)).text == "T", "nothing follows to go on"


@pytest.mark.parametrize(
    ("field", "shown"),
    [
        ('<w:checkBox><w:default w:val="0"/><w:checked/></w:checkBox>', "☑"),
        ('<w:checkBox><w:default w:val="1"/></w:checkBox>', "☑"),
        ('<w:checkBox><w:checked w:val="0"/></w:checkBox>', "☐"),
        (
            '<w:ddList><w:result w:val="1"/><w:listEntry w:val="Red"/>'
            '<w:listEntry w:val="Blue"/></w:ddList>',
            "Blue",
        ),
        ("<w:textInput/>", ""),
    ],
)
def test_what_was_ticked_or_chosen_in_a_field_is_text(field: str, shown: str) -> None:
    xml = f'<w:r><w:fldChar w:fldCharType="begin"><w:ffData>{field}</w:ffData></w:fldChar></w:r>'

    assert parse_docx(of_body(p(xml + r(" by post")))).text == f"{shown} by post".strip()


def test_the_parts_of_a_fraction_are_no_one_number() -> None:
    part = "<m:{0}><m:r><m:t>{1}</m:t></m:r></m:{0}>"
    xml = f"<m:oMath><m:f>{part.format('num', 1)}{part.format('den', 2)}</m:f></m:oMath>"

    assert parse_docx(of_body(p(xml))).text == "1/2"


def tabbed(*cells: str) -> str:
    return "<w:r><w:tab/></w:r>".join(r(cell) for cell in cells)


STOPS = '<w:tabs><w:tab w:val="left" w:pos="2000"/><w:tab w:val="right" w:pos="4000"/></w:tabs>'
FARES = (("Fare", "One way", "Return"), ("Dog", "", "7"), ("Bike", "5", "9"))


def test_paragraphs_with_the_same_tabs_are_rows_and_what_hangs_on_them_follows() -> None:
    note = '<w:r><w:footnoteReference w:id="2"/></w:r>'
    rows = [p(tabbed(*cells) + note * (cells[0] == "Dog"), STOPS) for cells in FARES]
    notes = f'<w:footnote w:id="2">{p(r("Small."))}</w:footnote>'

    parsed = parse_docx(of_body(p(r("Fares")) + "".join(rows) + p(r("End")), footnotes=notes))

    assert blocks(parsed) == [
        "Fares",
        "Fare | One way | Return\nDog |  | 7\nBike | 5 | 9",
        "Footnote: Small.",
        "End",
    ]
    assert [has_head for *_, has_head in parsed.tables] == [True]


def test_without_stops_of_their_own_several_tabs_lead_to_one_cell() -> None:
    lines = (("Adult", "", "5"), ("Child", "2"), ("Dog of any size", "7"))

    parsed = parse_docx(of_body("".join(p(tabbed(*line)) for line in lines)))

    assert parsed.text == "Adult | 5\nChild | 2\nDog of any size | 7"
    assert len(parsed.tables) == 1


@pytest.mark.parametrize(
    "lines",
    [
        [("1.", "Ropes"), ("2.", "Sails"), ("3.", "Oars")],
        [("(a)", "Ropes"), ("(b)", "Sails"), ("(c)", "Oars")],
        [("", "An indented line"), ("", "and one more"), ("", "and a third")],
        [("Fares", "words " * 20)] * 3,
        [("Harbour office", "2024")],
        [("Dog", "7"), ("Bike", "9", "12"), ("Car", "40")],
    ],
)
def test_other_lines_with_tabs_are_no_table(lines: list[tuple[str, ...]]) -> None:
    parsed = parse_docx(of_body("".join(p(tabbed(*line)) for line in lines)))

    assert parsed.tables == []
    assert blocks(parsed) == [" ".join(" ".join(line).split()) for line in lines]


def test_a_row_drawn_by_tabs_of_which_a_cell_is_hidden_loses_no_other() -> None:
    gone = "<w:r><w:tab/></w:r>" + r("12", "<w:vanish/>")
    rows = p(tabbed("Dog", "7") + gone, STOPS) + p(tabbed("Bike", "9", "4"), STOPS)

    assert parse_docx(of_body(rows)).text == "Dog | 7\nBike | 9 | 4"


def test_what_a_content_control_asks_for_is_no_text() -> None:
    asks = "<w:sdtPr><w:showingPlcHdr/></w:sdtPr>"
    inside = f"<w:sdt>{asks}<w:sdtContent>{r('Click to enter a name.')}</w:sdtContent></w:sdt>"
    whole = f"<w:sdt>{asks}<w:sdtContent>{p(r('Choose a date.'))}</w:sdtContent></w:sdt>"
    filled = f"<w:sdt><w:sdtPr/><w:sdtContent>{r('the office')}</w:sdtContent></w:sdt>"
    header = f"<w:sdt>{asks}<w:sdtContent>{p(r('[Document title]'))}</w:sdtContent></w:sdt>"

    body = p(r("Name: ") + inside) + whole + p(r("By ") + filled)
    parsed = parse_docx(of_body(body, header=header))

    assert blocks(parsed) == ["Name:", "By the office"]
