"""Lines that a column breaks are one paragraph again, and words that a line breaks one word."""

import textwrap

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf.hyphens import Vocabulary
from bifolio.ingest.pdf.parse import parse_pdf
from bifolio.ingest.pdf.words import HYPHEN


def paragraphs(*texts: str, font: str = "F") -> list[str]:
    shown = [line._replace(font=font) for line in lines(texts)]
    return parse_pdf(page_bytes(shown)).text.split("\n")


LONG = (
    "The harbour office rents out forty berths to guests, and each of them has a supply of",
    "water and of electricity. A guest who stays for more than a week pays for six days and",
    "has the seventh free.",
)


def test_the_lines_of_a_paragraph_are_joined() -> None:
    assert paragraphs(*LONG) == [" ".join(LONG)]


def test_a_short_line_ends_a_paragraph() -> None:
    assert paragraphs("Guests", *LONG, "Members pay less.") == [
        "Guests",
        " ".join(LONG),
        "Members pay less.",
    ]


def test_a_line_that_is_set_in_begins_a_paragraph() -> None:
    first, second = lines(LONG[:2]), lines(LONG[:2], top=88)
    shown = [*first, second[0]._replace(left=80, text=second[0].text[:-3]), second[1]]

    assert len(parse_pdf(page_bytes(shown)).text.split("\n")) == 2


def test_larger_type_is_not_joined_with_the_text_below() -> None:
    title = "The berths of the harbour and what they cost a guest in a year"
    shown = [Shown(60, 40, title, 16), *lines(LONG, top=62)]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [title, " ".join(LONG)]
    assert parsed.headings == [(1, title, 0)]


def test_a_bold_line_is_a_heading() -> None:
    shown = [Shown(60, 40, "What guests pay", font="B"), *lines(LONG, top=60)]

    assert parse_pdf(page_bytes(shown)).headings == [(1, "What guests pay", 0)]


@pytest.mark.parametrize(
    "marks", [("(a)", "(b)", "(c)"), ("1.", "2.", "3."), ("•", "•", "•"), ("iii)", "iv)", "v)")]
)
def test_items_stay_items_though_their_lines_are_full(marks: tuple[str, ...]) -> None:
    items = [f"{mark} {LONG[0][:-4]}" for mark in marks]
    if marks[0] == "iii)":
        items = [f"{item}." for item in items]

    assert paragraphs("Bring with you what the list below names, which is:", *items)[1:] == items


def test_a_number_that_stands_first_by_chance_opens_no_item() -> None:
    texts = (
        "All berths of the harbour were measured anew by the office in the course of the year",
        "2019. The longest of them holds a boat of eighteen metres and lies beside the crane,",
        "where the water is deepest.",
    )

    assert paragraphs(*texts) == [" ".join(texts)]


def test_chinese_lines_are_joined_without_a_space() -> None:
    texts = (
        "渡轮每天早上九点从北码头出发前往对岸的小岛并在",
        "第八条规定的时间返回乘客应当提前十分钟到达码头",
        "候船。",
    )

    assert paragraphs(*texts, font="G") == ["".join(texts)]


def test_lines_of_a_program_stay_lines() -> None:
    code = [
        Shown(
            60, 150 + 12 * n, "copy(source, target, overwrite=True, depth=3)  # all of it", font="M"
        )
        for n in range(3)
    ]

    text = parse_pdf(page_bytes([*lines(LONG * 2), *code])).text

    assert text.count("\ncopy(source") == 3


def test_a_ligature_is_read_as_its_letters() -> None:
    assert paragraphs("ﬁne ﬂags, oﬃce", font="G") == ["fine flags, office"]


@pytest.mark.parametrize(
    ("before", "after", "known", "expected"),
    [
        ("The indus-", "trial zone", "", "The industrial zone"),
        ("A real-", "world test", "", "A real-world test"),
        ("The co-", "operation", "They like cooperation.", "The cooperation"),
        ("The rain-", "water tank", "Keep rainwater clean.", "The rainwater tank"),
        ("An oak-", "panelled hall", "The oak-panelled room.", "An oak-panelled hall"),
        ("A river-", "bank house", "The river and the bank", "A river-bank house"),
        ("Please check-", "in early", "", "Please check-in early"),
        ("The check-", "ing of bags", "", "The checking of bags"),
        ("From 2019-", "2021 it", "", "From 2019-2021 it"),
        ("An equally-", "weighted mean", "", "An equally-weighted mean"),
        ("Its analy-", "sers run", "", "Its analysers run"),
        ("By Jean-", "Pierre and", "", "By Jean-Pierre and"),
        ("A state-of-", "the-art hall", "", "A state-of-the-art hall"),
        ("Pre-", "and post-war", "", "Pre- and post-war"),
        ("See www.ferry-", "times.example", "", "See www.ferry-times.example"),
        ("To a.b@ferry-", "times.example", "", "To a.b@ferry-times.example"),
        (f"The com{HYPHEN}", "mittee", "", "The committee"),
        ("One line", "and another", "", "One line and another"),
        ("渡轮九点", "出发", "", "渡轮九点出发"),
    ],
)
def test_a_vocabulary_decides_about_a_hyphen(
    before: str, after: str, known: str, expected: str
) -> None:
    assert Vocabulary([known, before, after]).join(before, after) == expected


def test_a_word_that_is_broken_is_not_known_by_its_halves() -> None:
    assert Vocabulary(["The mar-", "ket opens", "a market"]).join("The mar-", "ket") == "The market"


def test_a_hyphen_at_the_end_of_a_page_stays() -> None:
    assert paragraphs("Sizes from A-") == ["Sizes from A-"]


def test_a_span_of_numbers_goes_on_in_the_next_line() -> None:
    page = lines(["The tank of the smaller pump holds about 20-", "30 litres of water."])

    assert parse_pdf(page_bytes(page)).text.endswith("about 20-30 litres of water.")


SHORT = [
    ("INVOICE", "No. 2024-117", "Harlow CM20", "Invoice", "Due", "Pay", "Terms: 30 days net"),
    ("Agenda", "Minutes of the last meeting", "Report of the treasurer", "Election of the board"),
    ("Invoice", "Due"),
]


@pytest.mark.parametrize("texts", SHORT)
def test_short_lines_below_each_other_stay_lines(texts: tuple[str, ...]) -> None:
    assert paragraphs(*texts) == list(texts)


def test_short_chinese_lines_stay_lines() -> None:
    texts = ("发票", "编号：117", "到期日", "2024年6月30日", "应付金额", "1200元", "谢谢惠顾")

    assert paragraphs(*texts, font="G") == list(texts)


@pytest.mark.parametrize(
    ("one", "two", "joined"),
    [
        ("The part that guests ask for most is the seal AB-", "1234/5.", "seal AB-1234/5."),
        ("Whoever wants to know more looks into the page https://example.org/a/", "b.", "a/b."),
        ("All of this was built for the members of the club in the mid-", "1990s.", "mid-1990s."),
    ],
)
def test_a_part_number_or_an_address_that_a_line_breaks_is_one(
    one: str, two: str, joined: str
) -> None:
    assert paragraphs(one, two)[0].endswith(joined)


def test_a_watermark_is_one_line_behind_the_text_and_no_title() -> None:
    shown = [Shown(150, 600, "DRAFT", 60, turn="0.7 0.7 -0.7 0.7"), *lines(LONG)]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [" ".join(LONG), "DRAFT"]
    assert (parsed.title, parsed.headings) == ("", [])


def test_a_note_at_the_foot_of_a_page_does_not_cut_the_sentence_that_goes_on() -> None:
    first = [*lines(LONG[:2], top=650), Shown(60, 760, "1 See the list of fees.", 8)]

    parsed = parse_pdf(page_bytes(first, lines([LONG[2], "Guests leave by noon."])))

    assert parsed.text.split("\n") == [
        "1 See the list of fees.",
        " ".join(LONG[:2]),
        LONG[2],
        "Guests leave by noon.",
    ]


ENTRIES = [
    "Keel, A. and Mast, B. (2019). On buoys that drift in the tides of a harbour. Journal of"
    " Harbour Engineering 12, 45-67.",
    "Boom, C. (2021). Moorings in waters that rise and fall: a survey of forty harbours, with notes"
    " on chains. In Proceedings of the Conference on Piers, pages 101-110, Kinsale.",
    "Reef, D. (2022). Why ropes chafe, and what a piece of old hose does for all of them at sea.",
    "Stern, E. (2023). The bow.",
]


@pytest.mark.parametrize("indents", [("", "   "), ("   ", "")])
def test_entries_and_paragraphs_are_one_each_whichever_of_their_lines_are_set_in(
    indents: tuple[str, str],
) -> None:
    wrapped = [
        line
        for entry in ENTRIES
        for line in textwrap.wrap(
            entry, 58, initial_indent=indents[0], subsequent_indent=indents[1]
        )
    ]
    shown = [
        Shown(60 + 6 * (len(line) - len(line.lstrip())), 60 + 14 * at, line.strip(), 10, font="M")
        for at, line in enumerate(wrapped)
    ]

    assert parse_pdf(page_bytes(shown)).text.split("\n") == ENTRIES


def test_an_item_that_was_broken_before_its_line_was_full_is_one() -> None:
    shown = []
    items = (("Hire two mates",), ("Order a third ship", "for the night line"), ("Talk", "Rest"))
    for number, item in enumerate(items):
        shown.append(Shown(60, 60 + 40 * number, "•", 14, font="N"))
        shown += [Shown(80, 60 + 40 * number + 18 * at, line, 14) for at, line in enumerate(item)]
    shown = [one._replace(text="-", font="F") if one.text == "•" else one for one in shown]

    assert parse_pdf(page_bytes(shown)).text.split("\n") == [
        "- Hire two mates",
        "- Order a third ship for the night line",
        "- Talk",
        "Rest",
    ]


def test_a_number_behind_a_word_that_is_cut_short_opens_no_item() -> None:
    texts = (
        *LONG[:2],
        "the seventh free, as long as there is room for others, which is told every day (cf. Sec.",
        "2). It is seldom told, for there are few guests who stay for as long as that, and the",
        "others pay for each day.",
    )

    assert paragraphs(*texts) == [" ".join(texts)]


def test_a_caption_of_two_lines_beside_another_is_one_paragraph() -> None:
    left = lines(["Figure 1: The northern pier, seen from the sea,", "at low tide."], top=300)
    right = lines(
        ["Figure 2: The crane, which was built in 1911", "and is in use."], top=300, left=340
    )

    parsed = parse_pdf(page_bytes([*left, *right]))

    assert parsed.text.split("\n") == [
        "Figure 1: The northern pier, seen from the sea, at low tide.",
        "Figure 2: The crane, which was built in 1911 and is in use.",
    ]


def test_a_reference_goes_on_with_a_number_in_a_line_that_is_set_in() -> None:
    first = "[1] A. Keel, On the fog of short routes and on how to foretell it, Weather, vol."
    shown = [
        Shown(60, 60, first),
        Shown(80, 74, "12, no. 3, pp. 45-67."),
        Shown(60, 88, "[2] B. Li."),
    ]

    parsed = parse_pdf(page_bytes(shown))

    assert parsed.text.split("\n") == [f"{first} 12, no. 3, pp. 45-67.", "[2] B. Li."]


def test_chinese_lines_that_begin_with_figures_go_on() -> None:
    texts = (
        "以往的工作采用长期平均值，准确率为百分之四十。本文表明，占停航",
        "62.4%的短时海雾是可以预报的。春季的海雾最多，持续时间不超过",
        "4小时，冬季的海雾较少，如图所示。每个浮标在三月和九月校准，每",
        "12个月更换一次电池，电池由码头的仓库提供，费用由航运公司承担到",
        "2024年底为止。",
    )

    assert paragraphs("1 引言", *texts, font="G") == ["1 引言", "".join(texts)]


def test_a_date_at_the_right_margin_runs_into_nothing() -> None:
    shown = [
        *lines(LONG),
        Shown(420, 102, "3 March 2024"),
        Shown(60, 116, "enclosed are two forms for the berth"),
    ]

    assert parse_pdf(page_bytes(shown)).text.split("\n")[1:] == [shown[3].text, shown[4].text]


def test_roman_numbers_open_items_that_end_with_and() -> None:
    items = ["(i) the rent of the berth; and", "(ii) the price of water; and", "(iii) the deposit."]

    assert paragraphs("The guest pays", *items) == ["The guest pays", *items]


def test_one_letter_keeps_its_hyphen() -> None:
    assert Vocabulary([]).join("the X-", "ray room") == "the X-ray room"


def test_the_lines_of_a_program_stay_set_in() -> None:
    program = ["def fare(age):", "    if age < 6:", "        return 0", "    return 5"]
    shown = [
        Shown(60 + 6 * (len(line) - len(line.lstrip())), 100 + 12 * at, line.lstrip(), 10, font="M")
        for at, line in enumerate(program)
    ]
    text = [*lines(LONG * 2, top=170), *shown]

    found = parse_pdf(page_bytes(text)).text.split("\n")

    assert [line for line in found if line in program] == program
