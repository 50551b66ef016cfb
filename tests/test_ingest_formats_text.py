"""Web pages, mail, values, JSON, notebooks, RTF: what is text of their kind, in order."""

import json
from email.message import EmailMessage

import pytest
from written_formats import outlook_mail

from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.readers.delimited import find_delimiter, parse_delimited
from bifolio.ingest.readers.html import parse_html_page
from bifolio.ingest.readers.mail import parse_eml
from bifolio.ingest.readers.notebook import parse_notebook
from bifolio.ingest.readers.outlook import parse_msg
from bifolio.ingest.readers.records import parse_json, parse_json_lines
from bifolio.ingest.readers.rst import parse_rst
from bifolio.ingest.readers.rtf import parse_rtf
from bifolio.ingest.readers.xml import parse_any_xml


def page(body: str) -> Parsed:
    return parse_html_page(f"<html><body>{body}</body></html>".encode())


def test_the_title_of_a_page_is_its_title_and_navigation_is_left_out_and_counted() -> None:
    parsed = parse_html_page(
        b"<html><head><title>Fares 2024</title></head><nav><a>Home</a> <a>Help</a></nav>"
        b"<p>words</p><footer>Company</footer>"
    )

    assert (parsed.title, parsed.text, parsed.left_out) == ("Fares 2024", "words\n\nCompany", 2)


def test_inline_marks_break_no_word_and_blocks_do() -> None:
    parsed = page("渡<b>轮</b>票<span>价</span><div>next</div><p>a<br>b</p><x-y>c</x-y>d")

    assert parsed.text == "渡轮票价\n\nnext\n\na\nb\n\ncd"


def test_lists_keep_their_marks_numbers_and_depth() -> None:
    parsed = page(
        "<ul><li>one<ul><li>inner</li></ul></li><li>two</li></ul>"
        "<ol start=8><li>eight</li><li value=11>eleven</li></ol>"
    )

    assert parsed.text == "- one\n  - inner\n- two\n\n8. eight\n\n11. eleven"


@pytest.mark.parametrize(
    "pairs",
    [
        "<dt>Cleat<dd>A fitting for <b>ropes</b>. It stands on deck."
        "<dt>Berth<dt>Mooring<dd>A place.",
        "<div><dt>Cleat</dt><dd><p>A fitting for ropes.</p><p>It stands on deck.</p></dd></div>"
        "<div><dt>Berth Mooring</dt><dd>A place.</dd></div>",
    ],
)
def test_a_term_and_what_it_means_are_one_row(pairs: str) -> None:
    parsed = page(f"<p>Words.</p><dl>{pairs}</dl>")

    rows = ["Cleat | A fitting for ropes. It stands on deck.", "Berth Mooring | A place."]
    assert parsed.text == "\n".join(["Words.\n", *rows])
    ((_, _, spans, has_head),) = parsed.tables
    assert [parsed.text[start:end] for start, end in spans] == rows
    assert not has_head


@pytest.mark.parametrize(
    ("pairs", "text"),
    [
        ("<dt>Is it open?<dd>Yes. It always is.", "Is it open?\n\nYes. It always is."),
        ("<dt>Cleat</dt><dd>Two:<ul><li>one</ul></dd>", "Cleat\n\nTwo:\n\n- one"),
        ("<dt>Cleat</dt><p>A fitting.</p>", "Cleat\n\nA fitting."),
    ],
)
def test_questions_and_what_holds_blocks_stay_paragraphs(pairs: str, text: str) -> None:
    assert page(f"<dl>{pairs}</dl>").text == text


def test_what_spans_rows_is_in_each_and_what_spans_columns_is_read_once() -> None:
    parsed = page(
        "<table><thead><tr><th>Day<th>From<th>To</thead><tr><td rowspan=2>Mon<td>8<td>9"
        "<tr><td colspan=2>closed</table>"
    )

    assert parsed.text == "Day | From | To\nMon | 8 | 9\nMon | closed"
    assert parsed.tables[0][3]


def test_heads_of_two_rows_are_one() -> None:
    parsed = page(
        "<table><tr><th rowspan=2>Size<th colspan=2>Price<tr><th>Day<th>Week"
        "<tr><td>Small<td>10<td>60</table>"
    )

    assert parsed.text == "Size | Price Day | Price Week\nSmall | 10 | 60"
    assert parsed.tables[0][3]


def test_a_table_whose_heads_stand_at_the_left_has_no_head_row() -> None:
    parsed = page("<table><tr><th>Name<td>Ann<tr><th>Town<td>Oslo</table>")

    assert parsed.text == "Name | Ann\nTown | Oslo"
    assert not parsed.tables[0][3]


def test_a_table_that_lays_out_the_page_is_no_table() -> None:
    parsed = page("<table><tr><td><h2>Fares</h2><p>Five.</p><td><table><tr><td>a<td>b</table>")

    assert parsed.text == "Fares\n\nFive.\n\na | b"
    assert len(parsed.tables) == 1


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("gbk", "gb2312"), ("big5", "big5"), ("utf-8", "gb2312"), ("utf-16", "utf-16")],
)
def test_a_page_is_decoded_by_its_bytes_and_then_by_what_it_names(
    encoding: str, named: str
) -> None:
    text = f"<html><meta charset={named}><body><p>每天早上九点有船出海，票价五元</p></body></html>"
    simplified = encoding != "big5"
    text = text if simplified else text.translate(str.maketrans("点价", "點價"))

    expected = "每天早上九点有船出海，票价五元" if simplified else "每天早上九點有船出海，票價五元"
    assert parse_html_page(text.encode(encoding)).text == expected


def mail(**content: str) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "渡轮 fares"
    message["From"] = "Ann <ann@example.org>"
    message["To"] = "crew@example.org"
    if "plain" in content:
        message.set_content(content["plain"])
    if "html" in content:
        message.add_alternative(content["html"], subtype="html")
    return message


def test_a_mail_begins_with_who_wrote_to_whom() -> None:
    parsed = parse_eml(mail(plain="One.\n\nTwo.", html="<p>Other.</p>").as_bytes())

    assert parsed.title == "渡轮 fares"
    assert parsed.text == (
        "Subject: 渡轮 fares\nFrom: Ann <ann@example.org>\nTo: crew@example.org\n\nOne.\n\nTwo."
    )


def test_a_mail_in_html_alone_is_read_as_a_page() -> None:
    parsed = parse_eml(mail(html="<h1>Fares</h1><p>Five.</p>").as_bytes())

    assert parsed.text.endswith("\n\nFares\n\nFive.")
    assert parsed.headings[0][:2] == (1, "Fares")


def test_attached_files_of_other_kinds_are_named_and_told() -> None:
    message = mail(plain="See the file.")
    data = b"PK\x05\x06secret"
    message.add_attachment(data, maintype="application", subtype="zip", filename="票价.zip")

    parsed = parse_eml(message.as_bytes())

    assert parsed.text.endswith("See the file.\n\n- Attachment: 票价.zip")
    assert "secret" not in parsed.text
    assert str(parsed.notes[0]).startswith("1 attached files are named but not read")


def test_lines_of_a_mail_that_flow_are_joined() -> None:
    data = b"Subject: a\nContent-Type: text/plain; format=flowed\n\nIt goes \non.\nNext.\n"

    assert parse_eml(data).text.endswith("It goes on.\nNext.")


@pytest.mark.parametrize("charset", ["gb2312", "nonsense-8"])
def test_a_mail_is_decoded_by_what_it_names_or_by_its_bytes(charset: str) -> None:
    words = "渡轮每天早上九点从北码头出发。请提前十分钟到达登船口，携带有效票证。"
    head = f"Subject: a\nContent-Type: text/plain; charset={charset}\n"
    body = words.encode("gb18030")

    parsed = parse_eml(f"{head}Content-Transfer-Encoding: 8bit\n\n".encode() + body)

    assert words in parsed.text


def test_what_has_no_head_lines_is_no_mail() -> None:
    with pytest.raises(ValueError, match="no header lines"):
        parse_eml(b"\n\nonly words")


def test_an_outlook_mail_in_html_alone_is_read_as_a_page() -> None:
    parsed = parse_msg(outlook_mail("Fares", html="<p>渡轮 costs</p><p>five.</p>"))

    assert parsed.text == "Subject: Fares\n\n渡轮 costs\n\nfive."


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_the_one_that_gives_even_rows(delimiter: str) -> None:
    rows = ["Name; or title,Price", "Adult,5", "Child,2"]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in row.split(",")) for row in rows)

    assert find_delimiter(text) == delimiter
    assert parse_delimited(text.encode()).text == "Name; or title | Price\nAdult | 5\nChild | 2"


def test_decimal_commas_do_not_part_cells() -> None:
    text = "Name;Price;Weight\nAdult;5,50;1,25\nChild;2,00;0,75"

    assert parse_delimited(text.encode()).text.split("\n")[1] == "Adult | 5,50 | 1,25"


def test_a_title_above_the_values_is_no_row_and_empty_rows_part_tables() -> None:
    text = "Fares 2024,\nName,Price\nAdult,5\n,\nDay,Share\nMonday,100%\n"

    parsed = parse_delimited(text.encode())

    assert parsed.text == "Fares 2024\n\nName | Price\nAdult | 5\n\nDay | Share\nMonday | 100%"
    assert [table[3] for table in parsed.tables] == [True, True]


def test_values_without_names_of_columns_have_no_head() -> None:
    assert not parse_delimited(b"1,2.5\n3,4\n").tables[0][3]
    assert parse_delimited(b"Year,2023,2024\nIncome,5,6\n").tables[0][3]


def test_a_value_of_several_lines_stays_in_its_row() -> None:
    assert parse_delimited(b'Name,Note\nAnn,"two\nlines, one cell"\n').text == (
        "Name | Note\nAnn | two lines, one cell"
    )


def test_values_in_gbk_are_read() -> None:
    text = "类别,票价\n成人每日早上的船票,5.50\n儿童与长者的优惠船票,2.00\n"

    assert "成人每日早上的船票 | 5.50" in parse_delimited(text.encode("gb18030")).text


def test_values_in_json_stand_with_their_paths_in_order() -> None:
    data = {"b": {"x": 1.50, "list": ["p", "q"], "none": None}, "a": [{"y": True}], "title": "T"}

    parsed = parse_json(json.dumps(data).replace("1.5", "1.50").encode())

    assert parsed.text == "b.x: 1.50\n\nb.list: p, q\n\na[0].y: true\n\ntitle: T"
    assert parsed.title == "T"


def test_records_that_share_their_keys_are_rows() -> None:
    data = {"fares": [{"name": "Adult", "price": 5}, {"price": 2, "name": "Child", "tags": ["x"]}]}

    parsed = parse_json(json.dumps(data).encode())

    assert parsed.text == "fares\n\nname | price | tags\nAdult | 5\nChild | 2 | x"
    assert parsed.tables[0][3]


def test_keys_that_stand_twice_lose_nothing() -> None:
    assert parse_json(b'{"a": 1, "a": 2}').text == "a: 1\n\na: 2"


def test_a_broken_line_among_json_lines_is_told() -> None:
    parsed = parse_json_lines(b'{"a": "one", "b": 2}\n{broken\n\n{"a": "two", "b": 3}\n')

    assert parsed.text == "a | b\none | 2\ntwo | 3"
    assert str(parsed.notes[0]).startswith("left out: line 2 is not JSON")


def test_what_is_no_json_is_refused_with_its_place() -> None:
    with pytest.raises(Unreadable, match=r"not JSON .*line 1 column 7"):
        parse_json(b'{"a": oops}')


def test_a_notebook_gives_its_texts_code_and_outputs_in_order() -> None:
    outputs = [
        {"output_type": "stream", "text": ["\x1b[31mfive\x1b[0m\n", "six\n"]},
        {"output_type": "display_data", "data": {"image/png": "iVBOR"}},
        {"output_type": "execute_result", "data": {"text/plain": "7"}},
        {"output_type": "error", "ename": "ValueError", "evalue": "bad"},
    ]
    cells = [
        {"cell_type": "markdown", "source": "# Fares\n\nFive crowns."},
        {"cell_type": "code", "source": ["if fare:\n", "    pay()"], "outputs": outputs},
        {"cell_type": "markdown", "source": "## Refunds"},
    ]

    parsed = parse_notebook(json.dumps({"nbformat": 4, "cells": cells}).encode())

    assert parsed.text == (
        "# Fares\n\nFive crowns.\n\nif fare:\n    pay()\n\nfive\nsix\n\n7\n\nValueError: bad"
        "\n\n## Refunds"
    )
    assert [(level, title) for level, title, _ in parsed.headings] == [(1, "Fares"), (2, "Refunds")]
    assert parsed.text[parsed.headings[1][2] :] == "## Refunds"
    assert parsed.left_out == 1


def test_headings_of_restructured_text_have_the_level_of_their_adornment() -> None:
    text = (
        "=====\nTitle\n=====\n\nPart\n----\n\nwords\n\n渡轮票价\n~~~~~~~~\n\nPart two\n--------\n"
    )

    parsed = parse_rst(text.encode())

    assert [(level, title) for level, title, _ in parsed.headings] == [
        (1, "Title"),
        (2, "Part"),
        (3, "渡轮票价"),
        (2, "Part two"),
    ]
    for _, title, start in parsed.headings:
        assert parsed.text[start:].startswith(title)


def test_a_table_of_restructured_text_is_no_heading() -> None:
    text = "=====  =====\nName   Price\n=====  =====\nAdult  5\n=====  =====\n"

    assert parse_rst(text.encode()).headings == []


def test_notes_heads_and_comments_of_rtf_are_read_beside_the_text() -> None:
    head = rb"{\rtf1\ansi{\header Company\par}{\headerl Company\par}"
    body = rb"\pard It costs five{\footnote\pard Six on {\b Sundays}.} crowns.\par "
    end = rb"Next{\*\annotation check}.\par {\*\unknown hidden}}"

    assert parse_rtf(head + body + end).text.split("\n\n") == [
        "It costs five crowns.",
        "Footnote: Six on Sundays.",
        "Header: Company",
        "Next.",
        "Comment: check",
    ]


def test_lines_of_rtf_with_the_same_tabs_are_rows() -> None:
    rows = rb"Boat\tab Fee\par Kayak\tab\tab 120\par Canoe\tab 90\par "

    parsed = parse_rtf(rb"{\rtf1\ansi Fees\par " + rows + rb"1.\tab Rules\par}")

    assert parsed.text == "Fees\n\nBoat | Fee\nKayak | 120\nCanoe | 90\n\n1. Rules"
    assert [len(spans) for _, _, spans, _ in parsed.tables] == [3]


def test_links_of_rtf_are_their_words() -> None:
    link = rb'{\field{\*\fldinst{HYPERLINK "http://a.org/%d"}}{\fldrslt{ the %d}}}'

    parsed = parse_rtf(rb"{\rtf1\ansi See" + link % (1, 1) + b" and" + link % (2, 2) + rb".\par}")

    assert parsed.text == "See the 1 and the 2."


def test_rtf_in_a_chinese_code_page_is_read_with_raw_and_with_escaped_bytes() -> None:
    raw = "渡轮".encode("gbk")
    escaped = b"".join(b"\\'%02x" % byte for byte in raw)
    head = rb"{\rtf1\ansi\ansicpg936{\fonttbl{\f0\fcharset134 SimSun;}}\f0 "

    assert parse_rtf(head + escaped + raw + b"\\par}").text == "渡轮渡轮"


def test_mails_and_texts_that_hang_on_a_mail_are_read_behind_it() -> None:
    message, inner = mail(plain="See both."), mail(plain="The fee is 40 crowns.")
    message.add_attachment(b"Name,Fee\nLee,40\n", maintype="text", subtype="csv", filename="f.csv")
    message.add_attachment(inner)

    parsed = parse_eml(message.as_bytes())

    assert "Attachment: f.csv\n\nName | Fee\nLee | 40" in parsed.text
    assert parsed.text.endswith("The fee is 40 crowns.")
    assert not parsed.notes


def test_a_broken_byte_in_a_page_or_in_xml_is_told() -> None:
    words = "<p>Größe 泊位</p>" * 20
    for data, suffix in ((f"<html>{words}@</html>", ".html"), (f"<a>{words}<p>@</p></a>", ".xml")):
        read = parse_html_page if suffix == ".html" else parse_any_xml
        parsed = read(data.encode().replace(b"@", b"\xff"))

        assert parsed.text.endswith("\ufffd")
        assert "cannot be read" in str(parsed.notes[0])


def test_what_is_struck_out_of_a_page_is_left_out_and_counted() -> None:
    parsed = page("<p>Fee: <del>5</del> <ins>6</ins> or <s>7</s> 8</p>")

    assert (parsed.text, parsed.left_out) == ("Fee: 6 or 8", 2)


def test_a_title_above_the_names_of_the_columns_is_no_row() -> None:
    rows = "<tr><th>Pier<th>Fee<th>Days<tr><td>P1<td>40<td>7<tr><td>P2<td colspan=2>closed"
    parsed = page(f"<table><tr><td colspan=3>Fees</td></tr>{rows}</table>")

    assert parsed.text == "Fees\n\nPier | Fee | Days\nP1 | 40 | 7\nP2 | closed"
    assert parsed.tables[0][3]


def test_a_table_in_a_cell_is_the_text_of_its_cell_and_the_rows_stay_rows() -> None:
    inner = "<table><tr><td>Lost oar</td><td>26.00</td></tr>"
    inner += "<tr><td>Late</td><td>5.00</td></tr></table>"
    rows = "<tr><th>Boat</th><th>Fee</th></tr><tr><td>Kayak for two</td><td>120</td></tr>"
    rows += "<tr><td>Rowing boat for four</td><td>180</td></tr>"
    rows += f"<tr><td>Extra</td><td>{inner}</td></tr>"

    parsed = page(f"<table><tr><td><h1>Boats</h1><table>{rows}</table></td></tr></table>")

    assert parsed.text.split("\n\n", 1)[1].split("\n") == [
        "Boat | Fee",
        "Kayak for two | 120",
        "Rowing boat for four | 180",
        "Extra | Lost oar 26.00 Late 5.00",
    ]
    assert len(parsed.tables) == 1


def test_a_frame_around_tables_is_no_table_though_other_rows_have_cells() -> None:
    inner = "<table><tr><td>Kayak for two people</td><td>120</td></tr>"
    inner += "<tr><td>Rowing boat</td><td>180</td></tr></table>"
    inner += "<p>Whoever comes late pays for another hour, and whoever loses an oar pays it.</p>"
    frame = f"<tr><td>Boats</td><td>Home</td></tr><tr><td>News</td><td>{inner}</td></tr>"

    parsed = page(f"<table>{frame}<tr><td>Imprint</td><td>2024</td></tr></table>")

    assert "Kayak for two people | 120\nRowing boat | 180" in parsed.text
    assert len(parsed.tables) == 1


@pytest.mark.parametrize("said", ["epub:type=noteref", "role=doc-noteref"])
def test_the_mark_of_a_note_in_a_book_runs_into_no_word(said: str) -> None:
    mark = f"<a {said} href=#n>12</a>"

    text = page(f"<p>He fished for 3{mark} days.{mark} Then it rained.</p>").text

    assert text == "He fished for 3¹² days.¹² Then it rained."


def test_lines_in_the_cells_of_rtf_break_no_row_and_items_keep_their_numbers() -> None:
    row = rb"\trowd\cellx2000\cellx4000\intbl %b\cell %b\cell\row "
    rows = [row % (b"Boat", b"Fee"), row % (b"Kayak", b"120")]
    rows.append(row % (rb"Rowing\line boat\par for four", b"180"))
    items = rb"\pard {\pntext 1.\tab}Come early\par{\listtext\pard 2.\tab}Pay at once\par"
    items += rb"{\pntext\'b7\tab}Swim\par"

    parsed = parse_rtf(rb"{\rtf1\ansi\ansicpg1252 " + b"".join(rows) + items + b"}")

    assert parsed.text.split("\n\n") == [
        "Boat | Fee\nKayak | 120\nRowing boat for four | 180",
        "1. Come early",
        "2. Pay at once",
        "- Swim",
    ]


def test_lines_that_are_set_stay_as_they_are_and_their_columns_are_a_table() -> None:
    table = "Line  Leaves  Pier\n1     09:00   A\n2     11:00   B"
    body = f"<pre>\ndef fee(boat):\n    return 5\n\n{table}\n</pre>"

    parsed = parse_html_page(f"<p>Before.</p>{body}<p>After.</p>".encode())

    rows = table.split("\n")
    assert parsed.text == "\n".join(
        ["Before.\n", "def fee(boat):", "    return 5\n", *rows, "\nAfter."]
    )
    ((_, _, spans, has_head),) = parsed.tables
    assert ([parsed.text[start:end] for start, end in spans], has_head) == (rows, True)


def test_what_a_form_holds_is_read_and_what_only_leads_elsewhere_is_left_out() -> None:
    parsed = parse_html_page(
        b"<div role=navigation>Home</div><h2>History<span class='mw-editsection'>[edit]</span></h2>"
        b"<p>Boat <input value='Dawn Gull'><input type=hidden value=x><input type=submit value=OK>"
        b"</p><form><table><tr><td>Berth<td><select><option>A 1<option selected>B 17</select>"
        b"<tr><td>Crane<td><input type=checkbox checked> lift <input type=radio> lower</table>"
        b"</form><select><option selected>English</select>"
        b"<p><math><msup><mi>x</mi><mn>2</mn></msup></math></p>"
    )

    assert parsed.text == (
        "History\n\nBoat Dawn Gull\n\nBerth | B 17\nCrane | ☑ lift ☐ lower\n\nx\u00b2"
    )
    assert parsed.headings == [(2, "History", 0)]
    assert parsed.left_out == 1
