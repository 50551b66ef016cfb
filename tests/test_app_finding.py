"""A sentence that cites nothing gets a citation where a passage surely supports it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from test_app_answers import ScriptedModel

from bifolio import Answer, Library, as_json
from bifolio.answers.finding import Finder
from bifolio.answers.proving import prove
from bifolio.retrieval.arrays import Floats

HARBOUR = (
    "# Harbour\n\nThe ferry to Aro leaves at seven. Lorries may wait on the north side. "
    "Dogs do not travel free.\n\n## Fares\n\nAdults pay 80 crowns for the ferry. "
    "Captain Berg keeps the ferry.\n"
)


@pytest.fixture
def harbour(library: Library, tmp_path: Path) -> Library:
    (tmp_path / "harbour.md").write_text(HARBOUR)
    library.add(tmp_path / "harbour.md")
    return library


def written(
    library: Library, *pieces: str, question: str = "The ferry to Aro leaves when?"
) -> Answer:
    library.language_model = ScriptedModel(
        lambda keys: [piece.replace("KEY", keys[0]) for piece in pieces]
    )
    return library.ask(question, threshold=0.0)


def test_a_sentence_without_a_citation_gets_the_one_that_was_found(harbour: Library) -> None:
    answer = written(harbour, "The ferry to Aro leaves at seven.")
    assert answer.text == "The ferry to Aro leaves at seven. [1]"
    (cited,), (claim,) = answer.citations, answer.claims
    assert (cited.quote, cited.found) == ("The ferry to Aro leaves at seven.", True)
    assert (claim.reason, claim.supported, claim.markers) == ("found", True, (1,))
    assert answer.text[claim.start : claim.end] == answer.text
    assert [(answer.text[one.start : one.end], one.number) for one in answer.marks] == [("[1]", 1)]


def test_what_was_found_is_told_from_what_the_model_cited(harbour: Library) -> None:
    answer = written(
        harbour, "Lorries may wait on the north side [KEY]. ", "Adults pay 80 crowns for the ferry."
    )
    assert answer.text.endswith("north side [1]. Adults pay 80 crowns for the ferry. [2]")
    assert [(one.marker, one.found) for one in answer.citations] == [(1, False), (2, True)]
    printed = as_json.answer(answer, explain=False)
    assert [one["found"] for one in printed["citations"]] == [False, True]
    assert [one["reason"] for one in printed["claims"]] == ["stated", "found"]
    assert harbour.verify(printed).sound


def test_places_in_the_text_move_along_with_the_markers_that_are_written_in(
    harbour: Library,
) -> None:
    answer = written(
        harbour,
        "The ferry to Aro leaves at seven. Whales sing. Lorries may wait on the north side [KEY]. ",
        "Adults pay 80 crowns for the ferry.\n\n- The ferry to Aro leaves at seven.",
    )
    assert answer.text == (
        "The ferry to Aro leaves at seven. [2] Whales sing. Lorries may wait on the north side [1]."
        " Adults pay 80 crowns for the ferry. [3]\n\n- The ferry to Aro leaves at seven. [2]"
    )
    for mark in answer.marks:
        assert answer.text[mark.start : mark.end] == f"[{mark.number}]"
    assert [answer.text[one.start : one.end] for one in answer.claims] == [
        "The ferry to Aro leaves at seven. [2]",
        "Whales sing.",
        "Lorries may wait on the north side [1].",
        "Adults pay 80 crowns for the ferry. [3]",
        "The ferry to Aro leaves at seven. [2]",
    ]
    assert [one.marker for one in answer.citations] == [1, 2, 3]


@pytest.mark.parametrize(
    "sentence",
    [
        "The ferry to Aro leaves at eight.",
        "The ferry to Aro does not leave at seven.",
        "Adults pay 90 crowns for the ferry.",
        "Dogs do travel free.",
        "Captain Olsen keeps the ferry.",
        "Whales sing in the harbour.",
        "The ferry to Aro leaves when?",
        "# The ferry to Aro",
        "Hello! Happy to help with the ferry to Aro.",
        "I don't know when the ferry to Aro leaves.",
        "The passages do not say when the ferry to Aro leaves.",
        "Let me know if the ferry to Aro leaves at seven.",
        "```\nThe ferry to Aro leaves at seven.\n```",
        "Yes.",
    ],
)
def test_no_citation_is_found_for_what_is_false_or_no_statement(
    harbour: Library, sentence: str
) -> None:
    assert written(harbour, sentence).citations == ()


def test_a_title_in_bold_is_no_sentence(harbour: Library) -> None:
    answer = written(harbour, "**The ferry to Aro**\n\nThe ferry to Aro leaves at seven.")
    assert answer.text.startswith("**The ferry to Aro**\n\nThe ferry")
    assert answer.text.endswith("seven. [1]")


def test_a_row_of_a_table_gets_its_marker_inside_of_its_last_cell(harbour: Library) -> None:
    answer = written(harbour, "| who | fare |\n|---|---|\n| Adults pay | 80 crowns for the ferry |")
    assert answer.text.endswith("| 80 crowns for the ferry [1] |")
    assert answer.text.startswith("| who | fare |\n")


def test_a_few_words_are_read_with_their_question(harbour: Library) -> None:
    answer = written(harbour, "At seven.", question="The ferry to Aro leaves when?")
    assert [one.quote for one in answer.citations] == ["The ferry to Aro leaves at seven."]
    assert written(harbour, "At seven.", question="Dogs travel free when?").citations == ()


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("退款需要十天。", True),
        ("退款不需要十天。", False),
        ("退款需要八天。", False),
        ("渡轮开往丹麦。", False),
    ],
)
def test_chinese_sentences_are_looked_for_too(
    library: Library, tmp_path: Path, sentence: str, found: bool
) -> None:
    (tmp_path / "票.txt").write_text("船票可以退。退款需要十天。渡轮七点开船。", encoding="utf-8")
    library.add(tmp_path / "票.txt")
    answer = written(library, sentence, question="退款需要几天？")
    assert bool(answer.citations) is found


def test_a_sentence_in_the_other_language_is_found_by_the_judge_unless_one_of_them_denies(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "票.txt").write_text("渡轮票价是五克朗。", encoding="utf-8")
    library.add(tmp_path / "票.txt")
    passages = library.search("渡轮票价", threshold=0.0)
    monkeypatch.setattr(
        library.models.reranker, "scores", lambda _, texts: np.full(len(texts), 0.5, np.float32)
    )
    finder = Finder(passages, judge=library.models.judge)
    found = finder.support("The ferry price is five crowns.")
    assert found is not None
    assert found.place.text == "渡轮票价是五克朗。"
    assert finder.support("The ferry price is not five crowns.") is None
    assert finder.support("The ferry price is six crowns.") is None


def test_so_many_sentences_are_looked_for_and_no_more(harbour: Library) -> None:
    asked: list[int] = []
    scores = harbour.models.reranker.scores

    def count(question: str, passages: Sequence[str]) -> Floats:
        asked.append(len(passages))
        return scores(question, passages)

    lines = "\n".join(f"- Adults pay 80 crowns for ferry number {n}." for n in range(60))
    harbour.language_model = ScriptedModel(lambda _: [lines])
    passages = harbour.search("The ferry to Aro leaves when?", threshold=0.0)
    harbour.models.reranker.scores = count  # type: ignore[method-assign]
    prove(lines, (), {}, passages, judge=harbour.models.judge)
    assert sum(asked) <= 20 * 3


def test_a_citation_at_the_end_of_a_paragraph_covers_what_it_proves_before(
    harbour: Library,
) -> None:
    answer = written(
        harbour,
        "For the fares of adults 80 crowns are to be paid. Whales sing. Dogs do not travel free "
        "[KEY].\n\nThe fees are as follows. Below is an overview of the harbour.\n\n"
        "Let me know if you need more.",
    )
    reasons = {claim.text.split()[0]: claim.reason for claim in answer.claims}
    assert reasons["Whales"] == "uncited"
    assert reasons["Dogs"] == "stated"
    assert len(reasons) == 3
    checked = as_json.answer(answer, explain=False)
    checked["answer"] = "Lorries may wait on the north side. Dogs do not travel free [1]."
    checked["marks"] = [[checked["answer"].index("[1]"), 1]]
    verified = harbour.verify(checked)
    assert [claim.reason for claim in verified.claims] == ["stated", "stated"]
    assert verified.claims[0].markers == (1,)
