"""Sentences end where their writer ended them, whatever the lines, the marks and the script."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifolio.ingest import Document, Heading, Page, Table
from bifolio.ingest.sentences import flowed, sentence_spans, sentences_of, unit_spans


def cut(text: str) -> list[str]:
    """Give the sentences, each on one line."""
    return [" ".join(text[start:end].split()) for start, end in sentence_spans(text, 0, len(text))]


PIECES = st.sampled_from(
    [
        *("The pier opens at 9 a.m. ", "Dr. J. R. Ng left! ", "See Art. 7", "“Is it?” ", "v1.2.3 "),
        *(
            "渡轮出发。",
            "“为什么？”他问。",
            "费用为",
            "第八条 ",
            "（一）",
            "；",
            "……",
            "!?",
            "...",
            "\uf0b7\n",
        ),
        *(
            "- item",
            "1. ",
            "# Title",
            "| a | b |",
            "|---|",
            "a\tb",
            "```",
            "**",
            "> ",
            '"',
            "”",
            "）",
        ),
        *("\n", "\n\n", " ", "  \n", "x", "é", "5%", "\u200d", "𠀀"),
    ]
)


@settings(max_examples=300)
@given(text=st.lists(PIECES, max_size=40).map("".join), data=st.data())
def test_spans_are_in_order_apart_and_leave_out_only_white_space(
    text: str, data: st.DataObject
) -> None:
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    wholes = list(zip(places[::2], places[1::2], strict=False))
    for spans in (
        sentence_spans(text, 0, len(text), wholes=wholes),
        unit_spans(text, 0, len(text), wholes=wholes),
    ):
        end = 0
        for first, last in spans:
            assert end <= first < last
            assert not text[end:first].strip()
            assert text[first:last] == text[first:last].strip()
            end = last
        assert not text[end:].strip()


@pytest.mark.parametrize(
    "sentence",
    [
        "Send the form by Jan. 15 to the office.",
        "It is described in Art. 7 and Fig. B of the annex, cf. Sec. 4.",
        "J. R. R. Tolkien and Mr. Adler met Col. Braun at St. Mary's.",
        "The shop opens at 10 a.m. Monday and closes at 5 p.m. on weekdays.",
        "The U.S. Government paid Weber Inc. 5 million, i.e. too much.",
        "Version 2.0.1 costs $3.50, see https://example.org/a.b?c=1 for more.",
        "Wait... there is more, e.g. Node.js and v18.2.",
        "He asked “Really?!” and left.",
        "Yahoo said “No.” to that (see p. 5).",
        "The feast is on the 15. August of each year.",
    ],
)
def test_a_full_stop_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert cut(f"{sentence} Then it rained.") == [sentence, "Then it rained."]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Weber Inc. Every trader pays.", ["Weber Inc.", "Every trader pays."]),
        ("Take vitamin C. The dose is low.", ["Take vitamin C.", "The dose is low."]),
        ("He lives in the U.S. The house is old.", ["He lives in the U.S.", "The house is old."]),
        ("It opens at 5 p.m. Guests wait.", ["It opens at 5 p.m.", "Guests wait."]),
        (
            "Stop!! Why?? (It was late.) “Go.” Yes.",
            ["Stop!!", "Why??", "(It was late.)", "“Go.”", "Yes."],
        ),
        (
            "他说：“请登船。”她走了！（见附件。）好",
            ["他说：“请登船。”", "她走了！", "（见附件。）", "好"],
        ),
        ("“好吗？”他问。太好了！！真的？！是", ["“好吗？”他问。", "太好了！！", "真的？！", "是"]),
        ("票价五元；儿童免费。『行。』走", ["票价五元；", "儿童免费。", "『行。』", "走"]),
        ('他走了。"去吧。"她说。', ["他走了。", '"去吧。"', "她说。"]),
        ("会议到此结束. 谢谢!再见", ["会议到此结束.", "谢谢!", "再见"]),
    ],
)
def test_sentences_end_with_their_closing_marks(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "A guest who loses the key of the locker has to pay a sum of\nnine euros at the desk.",
        "The master closes the pier in a storm and opens it again not before\n15. March at noon.",
        "The prices of berths in the town rose in the last year by\n3.5 percent on average.",
        "The deposit for each of the boats that are rented by the day is\n12% of the price.",
        "The treaty was signed in the old hall of the town by Anna of Bergen on\n3 March 2024.",
        "会员卡遗失后须在三十日内到服务台登记，补办费用为\n十二元。",
        "职工因私出境的，应当按照本规定\n第八条的规定办理手续。",
        "本办法自2024年\n3月1日起施行。",
        "The keeper of the light-\nhouse sleeps.",
        "> The pier is\n> closed today.",
    ],
)
def test_a_line_break_inside_a_sentence_does_not_end_it(text: str) -> None:
    assert len(cut(text)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "- towels\n- soap\n- a boat",
        "1. Open the valve\n2. Close it\n3. Wait",
        "第九条 本办法适用于全体职工。\n第十条 本办法自发布之日起施行。",
        "（一）渡轮\n（二）码头",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "tea\t3\nmilk\t4",
        "# Fares\nFive crowns.",
        "Over the grey sea,\nGulls cry all the day\nAnd the boats come home",
        "Name: Anna\nBerth: 12\nBoat: Lark",
        "```\nreturn one\nprint two\n```",
        "North Pier\nThe boat leaves at nine.",
    ],
)
def test_items_rows_headings_and_short_lines_are_units_of_their_own(text: str) -> None:
    assert cut(text) == text.replace("\t", " ").split("\n")


def test_a_blank_line_ends_a_sentence() -> None:
    assert cut("the pier of\n\nthe town") == ["the pier of", "the town"]


def document(text: str, **parts: tuple[Heading, ...] | tuple[Table, ...]) -> Document:
    return Document("d.txt", "d", "", text, (Page(1, 0, len(text)),), **parts)  # type: ignore[arg-type]


def test_the_rows_of_a_document_are_whole_whatever_is_in_them() -> None:
    text = "tea, sold. Out now\nmilk, fresh. From today"
    rows = ((0, 18), (19, len(text)))
    known = document(text, tables=(Table(0, len(text), rows, False),))

    assert sentences_of(known, 0, len(text)) == list(rows)


def test_a_heading_that_is_not_where_it_should_be_cuts_no_sentence() -> None:
    text = "The boat leaves the pier of\nthe town at nine."
    known = document(text, headings=(Heading(1, "Timetable", 28),))

    assert sentences_of(known, 0, len(text)) == [(0, len(text))]


def test_a_part_of_a_document_has_the_sentences_of_the_whole_cut_off_at_its_ends() -> None:
    text = "One is here. Two is there. Three is gone."

    assert sentences_of(document(text), 4, 26) == [(4, 12), (13, 26)]


def test_what_a_part_and_the_whole_of_a_document_call_a_sentence_is_the_same() -> None:
    said = "The keeper of pier {} left for a\nwalk at {} p.m. It rained."
    text = "\n".join(said.format(number, number) for number in range(300))
    known = Document("d.txt", "d", "", text, (Page(1, 0, len(text)),))
    whole = sentence_spans(text, 0, len(text))

    for start, end in (whole[100], whole[333], (whole[40][0], whole[60][1])):
        assert sentences_of(known, start, end) == [s for s in whole if start <= s[0] < end]


@pytest.mark.parametrize(
    "lines",
    [
        ["一、目的", "为保障客人的权益，制定本办法。"],
        ["第一章 总则", "本办法适用于全部泊位的出租。"],
        ["1．事假不超过5天。", "2．婚假13天。"],
        ["name: Ferry", "fares:", "- adult: 5"],
    ],
)
def test_a_heading_or_a_key_ends_with_its_line(lines: list[str]) -> None:
    assert cut("\n".join(lines)) == lines


def test_a_preposition_leaves_its_line_open() -> None:
    assert cut("The deposit is paid back within\n14 days.") == [
        "The deposit is paid back within 14 days."
    ]


def test_words_that_are_fenced_off_are_sentences_and_code_is_lines() -> None:
    words = "```text\nThe pump must be primed before it is\nstarted. Never run it dry.\n```"
    code = "```\nx = start(pump)\nif x: stop(pump)\n```"

    assert cut(words)[1:3] == ["The pump must be primed before it is started.", "Never run it dry."]
    assert cut(code)[1:3] == ["x = start(pump)", "if x: stop(pump)"]


@pytest.mark.parametrize("mark", ["³", "¹²", "[3]", "[3][14]"])
def test_the_mark_of_a_note_behind_the_stop_belongs_to_its_sentence(mark: str) -> None:
    english = [f"Ramps open 60 times a day.{mark}", "In 2019 they broke."]
    chinese = [f"每天开六十次。{mark}", "二〇一九年坏了。"]

    assert cut(" ".join(english)) == english
    assert cut("".join(chinese)) == chinese
    assert cut(f"He said “go.”{mark} Then he left.")[0] == f"He said “go.”{mark}"


@pytest.mark.parametrize(
    "text",
    [
        "The owner may end the lease in two cases: 1. The rent is late; 2. The shed is let.",
        "有下列情形之一的，甲方可以解除合同：1. 乙方转租的；2. 乙方拖欠租金的。",
    ],
)
def test_the_numbers_of_items_that_run_on_in_a_sentence_end_none(text: str) -> None:
    assert not [sentence for sentence in cut(text) if sentence[-2:] in ("1.", "2.")]


def test_a_number_that_ends_a_sentence_ends_it() -> None:
    assert cut("The score was 3:1. Then it rained.") == ["The score was 3:1.", "Then it rained."]
    assert cut("It is on page 12. Then it rained.") == ["It is on page 12.", "Then it rained."]


@pytest.mark.parametrize(
    "lines",
    [
        # The first number of a list stands behind a word that asks for more.
        ["Boats need a pilot; the fee is", "1. 450 crowns by day and", "2. 600 crowns by night."],
        ["第八条 船舶应当缴纳下列费用，分别为", "1. 引航费", "2. 停泊费"],
    ],
)
def test_items_that_count_on_are_items_whatever_stands_before_them(lines: list[str]) -> None:
    assert cut("\n".join(lines)) == lines


def test_a_number_out_of_turn_opens_no_item() -> None:
    text = (
        "1. Both pumps run.\n2. Radio check with the harbour on channel\n12. The answer is noted."
    )

    assert cut(text)[1] == "2. Radio check with the harbour on channel 12."


@pytest.mark.parametrize(
    "lines", [("违反规定的，处200元以上", "1,000元以下罚款。"), ("（一）东码头，长", "120米；")]
)
def test_a_short_chinese_line_goes_on_with_the_number_that_ends_its_sentence(
    lines: tuple[str, str],
) -> None:
    assert cut("\n".join(lines)) == [" ".join(lines)]


WRAPPED = (
    "Dogs are welcome on deck when they are on a lead, and small ones in a\n"
    "bag may travel in the cabin."
)
HAN_WRAPPED = (
    "本办法适用于本公司经营的全部航线，包括夜间航线和节假日临时增加的航线，以及其他\n"
    "经公司批准的航线。"
)
ON_ONE_LINE = (WRAPPED.replace("\n", " "), HAN_WRAPPED.replace("\n", ""))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        *zip((WRAPPED, HAN_WRAPPED), ON_ONE_LINE, strict=True),
        (
            f"# Dogs\n\n{WRAPPED}\n\n- first\n- second",
            f"# Dogs\n\n{ON_ONE_LINE[0]}\n\n- first\n- second",
        ),
        ("The boat is white,\nthe sea is blue.", "The boat is white,\nthe sea is blue."),
        (f"> {WRAPPED}".replace("\n", "\n> "), f"> {WRAPPED}".replace("\n", "\n> ")),
        (f"```\n{'x = f(1);' * 9}\ny\n```", f"```\n{'x = f(1);' * 9}\ny\n```"),
    ],
)
def test_a_paragraph_reads_on_over_the_ends_of_its_lines(text: str, shown: str) -> None:
    assert flowed(text) == [shown]


@given(st.integers(0, len(WRAPPED)), st.integers(0, len(WRAPPED)))
def test_a_paragraph_in_parts_reads_as_the_whole(one: int, other: int) -> None:
    first, last = sorted((one, other))
    parts = flowed(WRAPPED[:first], WRAPPED[first:last], WRAPPED[last:])
    assert "".join(parts) == ON_ONE_LINE[0]


@pytest.mark.parametrize(
    "lines",
    [
        (
            "(a) the tenant named in the lease; or",
            "(b) the heirs of the tenant; and",
            "(c) nobody.",
        ),
        ("a) the tenant and", "b) the landlord."),
        ("(i) the rent; and", "(ii) the price of water; and", "(iii) the deposit."),
        ("（一）水费和", "（二）电费以及", "（三）燃气费。"),
        ("二、范围和", "三、定义"),
        ("4.1 Delivery of goods and", "4.2 Acceptance of them", "4.3 Payment."),
    ],
)
def test_an_item_that_ends_with_and_ends_before_the_next(lines: tuple[str, ...]) -> None:
    assert cut("\n".join(lines)) == list(lines)


def test_a_letter_in_brackets_may_stand_first_in_a_line_by_chance() -> None:
    text = (
        "The traces of a call extend, as the manual of the office says, only to either\n"
        "(a) the beginning of the call, or (b) the number of frames."
    )

    assert cut(text) == [" ".join(text.split())]


@pytest.mark.parametrize(
    "text",
    [
        "2.1 Sampling . . . . . . . 8",
        "2.1 Sampling ........... viii",
        "The case of Smith v. Jones was heard.",
        "See n. 3 and fn. 5 there.",
        "He was born c. 1900 in Ellowick.",
        ".. [1] Since 2020.",
        "It is told in the notes. [1]_",
    ],
)
def test_dots_that_end_nothing_part_no_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    "lines",
    [
        ("No cards are taken.", "fares:", "- one"),
        ("[fares]", "dog = 7"),
        ("It weighs 5 V.", "The Crane lifts it."),
        ("1 Introduction ........ 3", "and what it is about ....... 4"),
    ],
)
def test_names_of_settings_and_entries_are_lines_of_their_own(lines: tuple[str, ...]) -> None:
    assert cut("\n".join(lines)) == list(lines)
