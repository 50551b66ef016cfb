"""Text and Markdown: every encoding in use, headings where the grammar has them."""

import random

import pytest

from bifolio.ingest.parsed import Unreadable, clean
from bifolio.ingest.plain import parse_markdown, parse_text

WESTERN = "The café at the pier – open “daily” – sells naïve art for 5 € and déjà vu. " * 3
SIMPLIFIED = "渡轮每天早上九点从北码头出发。请提前十分钟到达登船口，携带有效票证。"
TRADITIONAL = "渡輪每天早上九點從北碼頭出發。請提前十分鐘到達登船口，攜帶有效票證。"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (WESTERN, "utf-8"),
        (WESTERN, "utf-8-sig"),
        (WESTERN, "utf-16"),
        (WESTERN, "cp1252"),
        (SIMPLIFIED, "utf-8"),
        (SIMPLIFIED, "utf-8-sig"),
        (SIMPLIFIED, "utf-16"),
        (SIMPLIFIED, "gb18030"),
        (TRADITIONAL, "big5"),
    ],
)
def test_text_is_read_in_the_encoding_it_was_written_in(text: str, encoding: str) -> None:
    assert parse_text(text.encode(encoding)).text == text


def test_utf_16_of_either_byte_order_is_read() -> None:
    assert parse_text(b"\xfe\xff" + "渡轮".encode("utf-16-be")).text == "渡轮"
    assert parse_text(b"\xff\xfe" + "渡轮".encode("utf-16-le")).text == "渡轮"


def test_bytes_that_are_no_text_are_refused_with_a_remedy() -> None:
    with pytest.raises(Unreadable, match="save it as UTF-8"):
        parse_text(random.Random(7).randbytes(5000))


def test_a_text_file_is_one_page() -> None:
    assert parse_text(b"one\ntwo").pages == [(1, 0, 7)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\f"])
def test_line_ends_are_made_plain(end: str) -> None:
    assert parse_text(f"one{end}two".encode()).text == "one\ntwo"


def test_form_feeds_part_pages_and_what_runs_over_them_is_kept_once() -> None:
    def page(number: int) -> str:
        said = f"  The fare of line {number} is\n{'due' if number % 2 else 'Free'}\n" * number
        return f"FERRY CO.      Fares\n\n\n{said}\n\nHarbour Office        [Page {number}]\n"

    parsed = parse_text("\f\n".join([*map(page, range(1, 5)), ""]).encode())
    assert parsed.text.count("FERRY CO.      Fares") == 1
    assert parsed.text.count("Harbour Office") == 1
    assert "[Page" not in parsed.text
    assert [page[3] for page in parsed.pages] == ["1", "2", "3", "4"]
    for number, start, end, *_ in parsed.pages:
        assert parsed.text[start:end].count(f"line {number} is") == number
    assert parsed.left_out == 6


def test_a_sentence_goes_on_over_a_form_feed_and_an_empty_page_counts() -> None:
    parsed = parse_text(b"\fIt is due on\n\n\f\nthe first day.\n\f\n\fFerries\n\f")
    assert parsed.text == "It is due on\nthe first day.\n\nFerries"
    assert parsed.pages == [
        (1, 0, 12, "", "text"),
        (2, 13, 27, "", "text"),
        (3, 27, 27, "", "blank"),
        (4, 29, 36, "", "text"),
    ]


def test_the_names_of_columns_above_each_page_are_no_running_head() -> None:
    pages = (
        f"LIST        PAGE {number}\n\nITEM    PRICE   STOCK\n"
        + "".join(f"Rope    {number}{row}      {row}\n" for row in range(3))
        for number in range(1, 4)
    )
    parsed = parse_text("\f".join(pages).encode())
    assert parsed.text.count("LIST") == 1
    assert [has_head for *_, has_head in parsed.tables] == [True, True, True]


def test_what_cannot_be_seen_is_dropped() -> None:
    assert clean("a\x00b\u200bc\u00add\ufeffe\ud800f") == "abcdef"
    assert clean("\ud842\udfb7田 and \ud835\udc39") == "\U00020bb7田 and \U0001d439"


def test_variants_of_characters_become_those_that_people_type() -> None:
    assert clean("⼈⼝ ﬁre") == "人口 fire"


def test_headings_of_markdown_are_found_with_their_levels() -> None:
    parsed = parse_markdown(b"# Fares\n\n## Adults ##\nfive\n\nChildren\n--------\nfree\n")

    assert [(level, title) for level, title, _ in parsed.headings] == [
        (1, "Fares"),
        (2, "Adults"),
        (2, "Children"),
    ]


def test_a_heading_stands_where_its_line_starts() -> None:
    parsed = parse_markdown("前言\n\n# 票价\n\n文字\n\n## 儿童\n".encode())

    assert [parsed.text[start:].split("\n")[0] for *_, start in parsed.headings] == [
        "# 票价",
        "## 儿童",
    ]


@pytest.mark.parametrize("separator", ["\u2028", "\u2029", "\x85"])
def test_a_rare_line_separator_moves_no_heading(separator: str) -> None:
    parsed = parse_markdown(f"one{separator}two\n\n# Fares\n".encode())

    ((_, _, start),) = parsed.headings
    assert parsed.text[start:].startswith("# Fares")


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_a_comment_in_a_code_fence_is_no_heading(fence: str) -> None:
    parsed = parse_markdown(f"# Real\n\n{fence}\n# not a heading\n{fence}\n".encode())

    assert [title for _, title, _ in parsed.headings] == ["Real"]


def test_front_matter_is_no_heading() -> None:
    parsed = parse_markdown(b"---\ntitle: Fares\ndate: today\n---\n\n# Fares\n")

    assert [title for _, title, _ in parsed.headings] == ["Fares"]


def test_the_first_top_heading_of_markdown_is_the_title() -> None:
    assert parse_markdown(b"## Before\n\n# Fares\n\n# Again\n").title == "Fares"


@pytest.mark.parametrize(
    ("front", "title"),
    [
        ("title: Fares of 2024", "Fares of 2024"),
        ('title: "Fares: all of them"', "Fares: all of them"),
        ("tags: [a]\ntitle: '票价'  ", "票价"),
        ("title: >\n  folded", "Heading"),
        ("subtitle: Fares", "Heading"),
    ],
)
def test_the_title_in_front_of_markdown_is_its_title(front: str, title: str) -> None:
    parsed = parse_markdown(f"---\n{front}\n---\n\n# Heading\n".encode())

    assert parsed.title == title
    assert [heading for _, heading, _ in parsed.headings] == ["Heading"]


@pytest.mark.parametrize("written", ["Fares {#fares}", "Fares {.wide #f}", "Fares {: #fares}"])
def test_the_name_for_links_behind_a_heading_is_no_part_of_it(written: str) -> None:
    parsed = parse_markdown(f"# {written}\n\n## A set {{a, b}}\n".encode())

    assert [heading for _, heading, _ in parsed.headings] == ["Fares", "A set {a, b}"]


def test_a_bold_paragraph_is_a_heading_of_what_follows_one_below_those_above() -> None:
    above = "**Set up**\n\nFirst.\n\n## Fares\n\n**Adults**\n\nPay 5.\n\n"
    parsed = parse_markdown(f"{above}__Groups__\n\n- Pay 4.\n\n# End\n".encode())
    assert [(level, title) for level, title, _ in parsed.headings] == [
        (1, "Set up"),
        (2, "Fares"),
        (3, "Adults"),
        (3, "Groups"),
        (1, "End"),
    ]
    assert parsed.text[parsed.headings[2][2] :].startswith("**Adults**")
    assert parsed.title == "End"


@pytest.mark.parametrize(
    "written",
    [
        "**Note:** mind the gap.",
        "**Note:**\n\nMind the gap.",
        "**Mind the gap.**\n\nIt is wide.",
        "**Two** of **three**\n\nare bold.",
        "- **Item**\n\n  of a list\n",
        "**Version 2**\n\n**May 2024**\n",
        "**Version 2**\n\n# Title\n",
        "**The last line**\n",
        f"**{'long ' * 20}**\n\nText.",
    ],
)
def test_what_else_is_bold_is_no_heading(written: str) -> None:
    headings = parse_markdown(written.encode()).headings
    assert [title for _, title, _ in headings if title != "Title"] == []


def test_markdown_without_a_top_heading_has_no_title() -> None:
    assert parse_markdown(b"## Adults\n").title == ""


def test_markdown_stays_as_it_was_written() -> None:
    text = "# Fares\n\n| a | b |\n|---|---|\n| *1* | <b>2</b> |\n"

    assert parse_markdown(text.encode()).text == text


def test_a_table_in_html_in_markdown_is_rows_and_one_in_a_fence_is_code() -> None:
    table = """<table>
      <tr><th>Boat</th><th>Fee</th></tr>

      <tr><td rowspan="2">Yacht</td><td>12 <b>crowns</b></td></tr>
      <tr><td>14<br>in summer</td></tr>
    </table>"""
    fence = f"```html\n{table}\n```"

    parsed = parse_markdown(f"# Fees\n\n{fence}\n\n{table}\n\n## Refunds\n\nNone.\n".encode())

    rows = ["Boat | Fee", "Yacht | 12 crowns", "Yacht | 14 in summer"]
    assert parsed.text == "# Fees\n\n{}\n\n{}\n\n## Refunds\n\nNone.\n".format(
        fence, "\n".join(rows)
    )
    ((_, _, spans, has_head),) = parsed.tables
    assert ([parsed.text[start:end] for start, end in spans], has_head) == (rows, True)
    assert [parsed.text[start:].split("\n")[0] for _, _, start in parsed.headings] == [
        "# Fees",
        "## Refunds",
    ]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("text", [WESTERN, SIMPLIFIED, TRADITIONAL])
def test_utf_16_without_a_mark_is_read(text: str, encoding: str) -> None:
    assert parse_text(text.encode(encoding)).text == text


def test_traditional_characters_in_gb18030_are_read() -> None:
    assert parse_text(TRADITIONAL.encode("gb18030")).text == TRADITIONAL


@pytest.mark.parametrize("good", [WESTERN * 100, SIMPLIFIED * 100, "plain words\n" * 2000])
def test_a_broken_byte_does_not_refuse_the_file_and_is_told_with_its_line(good: str) -> None:
    parsed = parse_text(f"first\n{good}\n".encode() + b"\x81 last")

    assert parsed.text == f"first\n{good}\n\ufffd last"
    line = parsed.text.count("\n") + 1
    (note,) = parsed.notes
    assert f"in line {line} " in str(note)


def test_a_character_cut_at_the_end_does_not_refuse_the_file() -> None:
    parsed = parse_text(SIMPLIFIED.encode()[:-1])

    assert parsed.text == SIMPLIFIED[:-1] + "\ufffd"


def test_a_whole_file_has_no_notes() -> None:
    assert parse_text(SIMPLIFIED.encode()).notes == []


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 20,
        b"\x00" * 500,
        b"\x01\x02\x03 some words" * 50,
        b"\xff\xfe" + random.Random(3).randbytes(4000),
        b"PK\x03\x04\x14\x00\x06\x00" + random.Random(5).randbytes(3000),
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable, match="not text"):
        parse_text(data)


@pytest.mark.parametrize(
    "picture",
    [
        "![the pump]({})",
        '![the pump]({} "title")',
        '<img alt="the pump" src="{}">',
        "[the pump]: {}",
    ],
)
@pytest.mark.parametrize(
    "data",
    [
        "data:image/png;base64," + "iVBORw0KGgo+AB/9" * 500 + "==",
        "data:image/jpeg;base64,\n" + ("/9j4AAQSkZJRgABAQEASABIAAD" * 3 + "\n") * 40 + "AAA=",
        "data:image/svg+xml,%3Csvg%20width=%225%22%3E" + "%3Cpath%3E" * 90,
    ],
)
def test_a_picture_inside_the_text_is_left_out_and_its_words_stay(picture: str, data: str) -> None:
    parsed = parse_markdown(f"# Pump\n\nBefore.\n\n{picture.format(data)}\n\nAfter it.\n".encode())

    assert len(parsed.text) < 100
    assert "the pump" in parsed.text
    assert parsed.text.endswith("\n\nAfter it.\n")


def test_the_word_data_is_no_picture() -> None:
    text = "data: see base64, or data:image/png.\n"

    assert parse_markdown(text.encode()).text == text


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("shift_jis", "港の係留場所は四十か所あり、水と電気が使えます。"),
        ("shift_jis", "品番,単価\nﾎﾞﾙﾄ,100\n部品表,200\n製品番号,300\n"),
        ("shift_jis", "品番,単価\nボルト,100\nワッシャー,5\n"),
        ("euc_jp", "港の係留場所は四十か所あり、水と電気が使えます。"),
        ("euc_kr", "항구의 요금은 사십 크라운입니다. 물과 전기가 있습니다."),
        ("cp1251", "Плата за место сорок крон в сутки."),
        ("koi8-r", "Плата за место сорок крон в сутки."),
    ],
)
def test_files_in_encodings_of_other_languages_are_read(encoding: str, text: str) -> None:
    assert parse_text(text.encode(encoding)).text == text


def test_colours_and_letters_printed_over_are_no_text() -> None:
    assert (
        parse_text(b"\x1b[1;31mFares\x1b[0m of b\x08bo\x08oa\x08at\x08ts\n").text
        == "Fares of boats\n"
    )
