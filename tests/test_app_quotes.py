"""What can be quoted, and what is: rows with their heads, answers with their questions."""

from pathlib import Path

import pytest

from bifolio import Library
from bifolio.answers.sentences import sentences
from bifolio.ingest import Chunk
from bifolio.retrieval import Passage


@pytest.fixture
def put(library: Library, tmp_path: Path) -> Library:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "harvest.md").write_text(
        "# Harvest\n\n| Year | Pears | Figs |\n|---|---|---|\n"
        "| 2021 | 88 | 4 |\n| 2022 | 120 | 5 |\n"
    )
    (folder / "faq.md").write_text(
        "# Questions\n\n## Can a dog come aboard?\n\nNo.\nOnly cats travel.\n\n"
        "**Is there a lift?**\n\nYes, at the stern.\n\nWho knows?\n"
    )
    (folder / "stall.md").write_text(
        "# Market\n\n## Deadline for stalls: 15 May\n\nWrite to the office.\n\n## The office\n\n"
        "The office is upstairs. The office is upstairs. The office is upstairs.\n"
    )
    (folder / "fares.md").write_text(
        "# Trips\n\nMost goats that may ride on one trip of Dawn Gull\n\n"
        "| Deck | Goats |\n|---|---|\n| upper | 3 |\n| lower | 9 |\n"
    )
    (folder / "cells.md").write_text(
        "# Cells\n\n| a | b |\n|---|---|\n| x | y |\n| 7 | 8 |\n\n4.\n"
    )
    library.add(folder)
    return library


def quotable(library: Library, name: str) -> list[str]:
    (entry,) = [entry for entry in library.documents() if entry.path.endswith(name)]
    document = library.document(entry.path)
    passage = Passage((Chunk(document, 0, len(document.text)),), 1.0)
    return [" ".join(sentence.text.split()) for sentence in sentences(passage)]


def test_nothing_is_left_out_by_its_shape(put: Library) -> None:
    assert quotable(put, "cells.md") == ["# Cells", "| a | b |", "| x | y |", "| 7 | 8 |", "4."]


def test_a_question_stands_together_with_its_answer(put: Library) -> None:
    assert quotable(put, "faq.md") == [
        "# Questions",
        "## Can a dog come aboard? No. Only cats travel.",
        "**Is there a lift?** Yes, at the stern.",
        "Who knows?",
    ]


def test_a_row_is_shown_with_its_head_and_cited_alone(put: Library) -> None:
    answer = put.ask("figs 2022", threshold=0.0)

    assert answer.text.startswith("| Year | Pears | Figs | / | 2022 | 120 | 5 | [1]")
    assert answer.citations[0].quote == "| 2022 | 120 | 5 |"
    assert "| 2021 |" not in answer.text


def test_what_stands_above_a_table_is_no_answer_but_its_rows_are(put: Library) -> None:
    answer = put.ask("How many goats may ride on one trip of Dawn Gull?", threshold=0.0)

    assert answer.text.startswith("| Deck | Goats | / ")
    assert "Most goats" not in answer.text.partition("[1]")[0]


def test_a_heading_that_answers_is_quoted(put: Library) -> None:
    answer = put.ask("deadline for stalls", threshold=0.0)

    assert answer.citations[0].quote == "## Deadline for stalls: 15 May"
    assert answer.text.startswith("Deadline for stalls: 15 May [1]")


def test_a_heading_that_only_repeats_the_question_is_not(put: Library) -> None:
    answer = put.ask("the office", threshold=0.0)

    assert "## The office" not in [cited.quote for cited in answer.citations]


def test_what_stands_there_three_times_is_quoted_once(put: Library) -> None:
    answer = put.ask("the office is upstairs", threshold=0.0)

    assert answer.text.count("The office is upstairs.") == 1


def test_lines_of_chinese_are_shown_without_a_space_between_them(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "卡.txt").write_text(
        "会员卡遗失以后，补办一张的票价为\n十二元。\n", encoding="utf-8"
    )
    library.add(tmp_path / "卡.txt")

    answer = library.ask("补办会员卡的票价", threshold=0.0)

    assert answer.text == "会员卡遗失以后，补办一张的票价为十二元。 [1]"


def test_a_line_is_about_what_the_lines_before_it_name(library: Library, tmp_path: Path) -> None:
    (tmp_path / "bills.md").write_text(
        "# Bills\n\n## Bill 1003\n\nPaid by Brown.\n\nTotal due is 655 euros.\n\n"
        "## Bill 1004\n\nPaid by Green.\n\nTotal due is 1204 euros.\n"
    )
    library.add(tmp_path / "bills.md")

    answer = library.ask("total due of bill 1003", threshold=0.0)

    assert answer.citations[0].quote == "Total due is 655 euros."
    assert "1204" not in answer.text


def test_a_line_that_has_no_word_but_the_questions_is_no_answer(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "bill.txt").write_text(
        "Price of ferry 1003\n\nCustomer: Quay Bakery\n\nTotal: 655 crowns\n"
    )
    library.add(tmp_path / "bill.txt")
    answer = library.ask("What is the total price of ferry 1003?")
    assert answer.citations[0].quote == "Total: 655 crowns"


def test_sentences_that_go_on_with_each_other_are_one_quote_and_three_quotes_are_given_at_most(
    library: Library, tmp_path: Path
) -> None:
    told = "The probation period is three months. The probation period may be made longer once. "
    told += "The probation period ends early by notice. After the probation period a talk is held."
    (tmp_path / "staff.md").write_text(f"# Staff\n\n{told}\n")
    for number in range(4):
        (tmp_path / f"{number}.md").write_text(
            f"# Shop {number}\n\nProbation period: see {number}."
        )
    library.add(tmp_path)

    answer = library.ask("How long is the probation period?", threshold=0.0)

    assert answer.citations[0].quote == told
    assert len(answer.citations) <= 3


def test_a_quote_ends_where_another_heading_begins(library: Library, tmp_path: Path) -> None:
    (tmp_path / "须知.txt").write_text(
        "一、交接班\n\n交班人应当等待接班人到岗。接班人没有到岗，交班人不得离开。\n\n"
        "二、开航\n\n交班人不得离开车辆通道。接班人到岗以后收起跳板。\n",
        encoding="utf-8",
    )
    library.add(tmp_path / "须知.txt")

    answer = library.ask("交班人和接班人做什么？", threshold=0.0)

    assert len(answer.citations) > 1
    assert not any("开航" in cited.quote for cited in answer.citations)
    assert "开航" not in answer.text


def test_of_rows_that_stand_for_ranges_the_one_that_holds_the_question_is_quoted(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "fares.md").write_text(
        "# Refunds\n\n| Notice | Refund |\n|---|---|\n| more than 14 days | 100 % |\n"
        "| 3 to 14 days | 75 % |\n| less than 3 days | 40 % |\n"
    )
    library.add(tmp_path / "fares.md")

    answer = library.ask("What refund do I get with a notice of five days?", threshold=0.0)

    assert answer.citations[0].quote == "| 3 to 14 days | 75 % |"
    assert "100 %" not in answer.text
