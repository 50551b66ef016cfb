"""Headings of plain text: by what is under them, by their numbers, by capitals."""

import pytest

from bifolio.ingest.plain import parse_text

SAID = "The gate opens at nine and stays open until the last boat has left the pier."


def headings_of(text: str) -> list[tuple[int, str]]:
    parsed = parse_text(text.encode())
    for _, title, start in parsed.headings:
        assert " ".join(parsed.text[start:].split()).startswith(title)
    return [(level, title) for level, title, _ in parsed.headings]


@pytest.mark.parametrize(
    "titles",
    [
        ("一、交接班", "二、开航前的准备"),
        ("（一）交接班", "（二）开航前的准备"),
        ("第一章 总则", "第二章 罚则"),
        ("第1节 总则", "第2节 罚则"),
        ("1. Gates", "2. Piers"),
        ("1 Gates", "2 Piers"),
        ("1.1 Gates", "1.2 Piers"),
        ("I. Gates", "II. Piers"),
        ("1、闸门", "2、码头"),
        ("Chapter 1", "Chapter 2"),
        ("APPENDIX A: GATES", "APPENDIX B: PIERS"),
        ("GATES AND LOCKS", "PIERS:"),
    ],
)
def test_a_line_set_apart_that_bears_a_number_or_is_in_capitals_is_a_heading(
    titles: tuple[str, str],
) -> None:
    text = "\n\n".join(f"{title}\n\n{SAID}" for title in titles)

    assert headings_of(text) == [(1, title) for title in titles]


def test_the_kind_that_comes_first_is_the_highest() -> None:
    text = f"第一章 总则\n\n一、目的\n\n{SAID}\n\n二、范围\n\n{SAID}\n\n"
    text += f"第二章 罚则\n一、罚款\n\n{SAID}\n"

    assert headings_of(text) == [
        (1, "第一章 总则"),
        (2, "一、目的"),
        (2, "二、范围"),
        (1, "第二章 罚则"),
        (2, "一、罚款"),
    ]


def test_a_line_of_signs_makes_the_line_above_it_a_heading() -> None:
    text = f"Release notes\n=============\n\nFixes\n-----\n\n{SAID}\n"

    assert headings_of(text) == [(1, "Release notes"), (2, "Fixes")]


def test_a_manual_page_has_its_headings_at_the_edge() -> None:
    text = f"NAME\n       boat - goes over\n\nDESCRIPTION\n       {SAID}\n"

    assert headings_of(text) == [(1, "NAME"), (1, "DESCRIPTION")]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("1. Apples\n\n2. Pears\n\n3. Plums\n\nBuy them all.", id="a list set wide"),
        pytest.param("一、提交申请表\n二、缴纳费用\n三、领取证件\n", id="a list"),
        pytest.param(f"12 July\n\n{SAID}\n\n14 August\n\n{SAID}", id="dates"),
        pytest.param(f"1. {SAID}\n\n{SAID}\n\n2. {SAID}\n\n{SAID}", id="numbered paragraphs"),
        pytest.param(f"IBM\n\n{SAID}", id="one word in capitals"),
        pytest.param(f"{SAID}\n{'-' * 90}\n{SAID}", id="a rule below a paragraph"),
        pytest.param(f"The first part\n第一章的规定。\n{SAID}", id="a line of prose"),
        pytest.param("NAME      AGE\nANNA      41\nBERT      39\n\nNAME      AGE\n", id="a table"),
        pytest.param("Section 3 of the rules applies\n\n" + SAID, id="a sentence about a section"),
    ],
)
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert headings_of(text) == []


def test_a_table_of_contents_holds_none() -> None:
    contents = "第一章 总则\n第二章 职责\n第三章 罚则\n"
    chapters = "".join(f"{title}\n{SAID}\n\n" for title in contents.splitlines())

    titles = [title for _, title in headings_of(f"{contents}\n{chapters}")]

    assert titles == contents.splitlines()
