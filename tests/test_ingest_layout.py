"""Gaps are closed, and headings found, whatever the spacing."""

from bifolio.ingest.pdf.layout import close_gaps, find_line


def test_gaps_between_all_chinese_characters_are_closed() -> None:
    assert close_gaps("渡 轮 九 点 出 发") == "渡轮九点出发"


def test_a_gap_that_means_something_stays() -> None:
    assert close_gaps("渡轮九点出发 地点北码头") == "渡轮九点出发 地点北码头"


def test_a_heading_is_found_whatever_its_spacing_and_number() -> None:
    text = "text\n3.1  Notice\n period\nmore"

    assert find_line("Notice period", text, 0, len(text)) == 5


def test_a_heading_is_not_found_inside_a_line() -> None:
    assert find_line("Fares", "on Fares and more", 0, 17) is None
