"""The lines of a page become paragraphs again."""

import pytest

from bifolio.ingest.pdf.layout import close_gaps, drop_running_lines, find_line, unwrap


def test_a_sentence_broken_at_the_margin_is_joined() -> None:
    assert unwrap("The ferry leaves at\nnine in the morning.") == (
        "The ferry leaves at nine in the morning."
    )


def test_chinese_lines_are_joined_without_a_space() -> None:
    assert unwrap("渡轮每天早上九点从\n北码头出发。") == "渡轮每天早上九点从北码头出发。"


def test_a_word_broken_by_a_hyphen_is_made_whole() -> None:
    assert unwrap("This is one more exam-\nple of a line.") == "This is one more example of a line."


def test_a_line_that_ends_a_sentence_is_not_continued() -> None:
    assert (
        unwrap("The ferry leaves at nine.\nIt is late.") == "The ferry leaves at nine.\nIt is late."
    )


def test_a_short_line_is_not_continued() -> None:
    assert (
        unwrap("Fares\nThe ferry price is five crowns") == "Fares\nThe ferry price is five crowns"
    )


@pytest.mark.parametrize("item", ["- two", "• two", "2. two", "(2) two", "（二）两", "第二条 两"])
def test_a_list_item_opens_a_line(item: str) -> None:
    assert unwrap(f"first point without end\n{item}") == f"first point without end\n{item}"


def test_a_blank_line_still_parts_paragraphs() -> None:
    assert unwrap("one paragraph here\n\n\n\nanother paragraph") == (
        "one paragraph here\n\nanother paragraph"
    )


def test_running_titles_and_page_numbers_are_left_out() -> None:
    pages = [f"Ferry handbook\ntext of {letter}\n{number}" for number, letter in enumerate("abcd")]

    assert drop_running_lines(pages) == ["text of a", "text of b", "text of c", "text of d"]


def test_lines_that_differ_from_page_to_page_are_kept() -> None:
    pages = ["one\nalpha", "two\nbeta", "three\ngamma", "four\ndelta"]

    assert drop_running_lines(pages) == pages


def test_two_pages_that_begin_alike_keep_their_lines() -> None:
    pages = ["Fares\nfive", "Fares\nsix"]

    assert drop_running_lines(pages) == pages


def test_numbered_chapters_are_no_running_titles() -> None:
    pages = ["Chapter 1\na", "Chapter 2\nb", "Chapter 5\nc", "Chapter 6\nd"]

    assert drop_running_lines(pages) == pages


def test_a_page_number_among_words_is_left_out() -> None:
    pages = [f"text of {letter}\nPage {n} of 12" for n, letter in enumerate("abc", start=4)]

    assert drop_running_lines(pages) == ["text of a", "text of b", "text of c"]


def test_rows_of_a_table_are_no_page_numbers() -> None:
    pages = ["a\n2021 110 5", "b\n2022 120 6", "c\n2023 130 7"]

    assert drop_running_lines(pages) == pages


def test_blank_pages_stay_pages() -> None:
    assert drop_running_lines(["", "", "", "text"]) == ["", "", "", "text"]


def test_gaps_between_all_chinese_characters_are_closed() -> None:
    assert close_gaps("渡 轮 九 点 出 发") == "渡轮九点出发"


def test_a_gap_that_means_something_stays() -> None:
    assert close_gaps("渡轮九点出发 地点北码头") == "渡轮九点出发 地点北码头"


def test_a_heading_is_found_whatever_its_spacing_and_number() -> None:
    text = "text\n3.1  Notice\n period\nmore"

    assert find_line("Notice period", text, 0, len(text)) == 5


def test_a_heading_is_not_found_inside_a_line() -> None:
    assert find_line("Fares", "on Fares and more", 0, 17) is None
