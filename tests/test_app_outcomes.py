"""Answered, not sure or nothing: by agreement of those that found a passage, never by a score."""

from pathlib import Path

import pytest

from bifolio import Library
from bifolio.answers.prompts import NOT_FOUND_EN, NOT_FOUND_ZH, UNSURE_EN, UNSURE_ZH
from bifolio.answers.telling import telling

TEXTS = {
    "pump.txt": "The bilge pump is started from the panel behind the wheel.",
    "mooring.txt": "Mooring lines are renewed every second winter.",
    "bread.txt": "Bread is baked on board at four in the morning.",
    "缆绳.txt": "缆绳每两年更换一次，由水手长负责。",
    "面包.txt": "厨房每天清晨四点开始烤面包。",
}


@pytest.fixture
def aboard(library: Library, tmp_path: Path) -> Library:
    (tmp_path / "aboard").mkdir()
    for name, text in TEXTS.items():
        (tmp_path / "aboard" / name).write_text(text, encoding="utf-8")
    library.add(tmp_path / "aboard")
    return library


@pytest.mark.parametrize(
    ("question", "sentence", "shown"),
    [
        ("Where is the bilge pump started?", UNSURE_EN, TEXTS["pump.txt"]),
        ("When are mooring lines replaced?", UNSURE_EN, TEXTS["mooring.txt"]),
        ("缆绳多久更换？", UNSURE_ZH, TEXTS["缆绳.txt"]),
    ],
)
def test_below_the_threshold_a_passage_with_the_questions_words_is_shown_and_not_denied(
    aboard: Library, question: str, sentence: str, shown: str
) -> None:
    answer = aboard.ask(question, threshold=1.0)

    assert (answer.outcome, answer.abstained, answer.text) == ("unsure", True, sentence)
    assert [passage.text for passage in answer.shown] == [shown]
    assert answer.citations == ()


@pytest.mark.parametrize(
    ("question", "sentence"),
    [("Who painted the ceiling?", NOT_FOUND_EN), ("谁画了天花板？", NOT_FOUND_ZH)],
)
def test_what_shares_nothing_but_small_words_is_nothing(
    aboard: Library, question: str, sentence: str
) -> None:
    answer = aboard.ask(question, threshold=1.0)

    assert (answer.outcome, answer.abstained, answer.text) == ("nothing", True, sentence)
    assert answer.shown == ()


def test_above_the_threshold_it_is_answered(aboard: Library) -> None:
    answer = aboard.ask("Where is the bilge pump started?", threshold=0.0)

    assert (answer.outcome, answer.abstained, answer.shown) == ("answered", False, ())


def test_the_words_that_tell_are_those_that_not_any_question_holds() -> None:
    assert telling("What are the copies of the licence for?") == ["cop", "licenc"]
    assert telling("请问缆绳多久更换一次？") == ["缆绳", "更换"]
