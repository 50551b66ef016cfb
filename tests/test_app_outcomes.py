"""Answered, not sure or nothing: by agreement of those that found a passage, never by a score."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import OverlapReranker

from bifolio import Library, as_json
from bifolio.answers import outcome
from bifolio.answers.prompts import NOT_FOUND_EN, NOT_FOUND_ZH, UNSURE_EN, UNSURE_ZH
from bifolio.cli import as_text
from bifolio.language_model import LanguageModelError
from bifolio.retrieval.telling import telling

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


@pytest.mark.parametrize(("vouched", "shown"), [({3, 4}, []), ({0, 4}, [0, 4]), ({2}, [2])])
def test_one_of_the_best_three_must_be_vouched_for_and_five_may_be_shown(
    aboard: Library, monkeypatch: pytest.MonkeyPatch, vouched: set[int], shown: list[int]
) -> None:
    found = aboard.retrieve("When is bread baked?", threshold=1.0)
    hits = list(found.trace.hits)
    assert len(hits) == len(TEXTS)
    monkeypatch.setattr(outcome, "_vouched", lambda hit, *_: hits.index(hit) in vouched)

    told = outcome.may_answer(found.trace.question, found)

    assert [one.document.path for one in told] == [hits[place].span.path for place in shown]


def test_what_passed_the_threshold_but_surely_answers_not_is_quoted_as_unsure(
    aboard: Library, reranker: OverlapReranker
) -> None:
    reranker.recipe = replace(reranker.recipe, sure=0.95)

    answer = aboard.ask("When are mooring lines renewed here?")

    assert (answer.outcome, answer.abstained) == ("unsure", True)
    assert answer.text == f"{UNSURE_EN}\n\n{TEXTS['mooring.txt']} [1]"
    assert [cited.quote for cited in answer.citations] == [TEXTS["mooring.txt"]]
    assert answer.shown == ()
    (why,) = [step.detail for step in answer.trace.steps if step.name == "quotes"]
    assert why
    assert why.code == "not-sure"
    assert "0.95" in str(why)
    assert aboard.ask("When are mooring lines renewed here?", threshold=0.5).outcome == "answered"


def test_beside_what_passed_the_threshold_others_that_may_answer_are_shown(
    aboard: Library, reranker: OverlapReranker, tmp_path: Path
) -> None:
    reranker.recipe = replace(reranker.recipe, threshold=0.7, sure=0.95)
    (tmp_path / "more.txt").write_text("Mooring lines are renewed by the boatswain.")
    aboard.add(tmp_path / "more.txt")

    answer = aboard.ask("Mooring lines renewed every second summer?")

    assert answer.outcome == "unsure"
    assert [one.quote for one in answer.citations] == [TEXTS["mooring.txt"]]
    assert [one.text for one in answer.shown] == ["Mooring lines are renewed by the boatswain."]


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


PUMP = "Where is the bilge pump started?"


class Model:
    """Gives one reply in two pieces, with the first passage's key for {key}, or fails."""

    name = "small"

    def __init__(self, reply: str | LanguageModelError) -> None:
        self.reply, self.asked, self.left = reply, 0, False

    def stream(self, messages: Sequence[Any]) -> Iterator[str]:
        self.asked += 1
        if isinstance(self.reply, LanguageModelError):
            raise self.reply
        key = messages[-1]["content"].partition("<<")[2].partition(">>")[0]
        said = self.reply.format(key=key)
        try:
            yield said[:9]
            yield said[9:]
        finally:
            self.left = True


def test_below_the_threshold_a_model_may_say_what_a_passage_proves(aboard: Library) -> None:
    aboard.language_model = Model("The bilge pump is started from the panel [{key}].")

    passages, *pieces, answer = aboard.stream(PUMP, threshold=1.0)

    assert [one.text for one in passages] == [TEXTS["pump.txt"]]
    assert (answer.outcome, answer.mode) == ("answered", "llm")
    assert answer.text == "The bilge pump is started from the panel [1]."
    assert [one for one in pieces if one] == [answer.text]
    assert answer.notice is not None
    assert answer.notice.code == "from-below"
    assert [(one.quote, one.supported) for one in answer.citations] == [(TEXTS["pump.txt"], True)]


@pytest.mark.parametrize(
    "reply", ["The bilge pump is never started [{key}].", "Whales sing [{key}].", NOT_FOUND_EN]
)
def test_what_a_model_cannot_prove_below_the_threshold_is_never_seen(
    aboard: Library, reply: str
) -> None:
    aboard.language_model = Model(reply)

    _, *pieces, answer = aboard.stream(PUMP, threshold=1.0)

    assert [one for one in pieces if one] == [answer.text] == [UNSURE_EN]
    assert (answer.outcome, answer.claims, answer.citations) == ("unsure", (), ())
    assert [one.text for one in answer.shown] == [TEXTS["pump.txt"]]


def test_below_the_threshold_what_is_true_but_not_of_the_kind_that_was_asked_is_no_answer(
    aboard: Library,
) -> None:
    aboard.language_model = Model("The bilge pump is started from the panel [{key}].")

    answer = aboard.ask("How much does the bilge pump cost?", threshold=1.0)

    assert (answer.outcome, answer.text) == ("unsure", UNSURE_EN)


def test_a_model_that_fails_below_the_threshold_leaves_the_passages_and_a_notice(
    aboard: Library,
) -> None:
    aboard.language_model = Model(LanguageModelError("the server is asleep"))

    answer = aboard.ask(PUMP, threshold=1.0)

    assert (answer.outcome, str(answer.notice)) == ("unsure", "the server is asleep")
    with pytest.raises(LanguageModelError, match="asleep"):
        aboard.ask(PUMP, threshold=1.0, mode="llm")


def test_an_answer_from_below_the_threshold_can_be_stopped(aboard: Library) -> None:
    model = aboard.language_model = Model("The bilge pump is started from the panel [{key}].")
    events = aboard.stream(PUMP, threshold=1.0)
    assert [next(events), next(events)][1] == ""

    events.close()

    assert model.left


def test_in_each_passage_that_may_answer_the_likeliest_sentence_is_pointed_at(
    library: Library, tmp_path: Path
) -> None:
    pump = "The pump is red and stands aft. The bilge pump is started from the panel. It is old."
    (tmp_path / "pump.txt").write_text(pump)
    (tmp_path / "hold.txt").write_text("A bilge pump drains the hold. Nobody sleeps there.")
    library.add(tmp_path)

    answer = library.ask(PUMP, threshold=1.0)

    assert answer.outcome == "unsure"
    assert len(answer.shown) == 2
    assert [one.passage for one in answer.pointed] == list(answer.shown)
    quotes = {one.quote for one in answer.pointed}
    assert quotes == {"The bilge pump is started from the panel.", "A bilge pump drains the hold."}
    assert {one["quote"] for one in as_json.answer(answer, explain=False)["pointed"]} == quotes
    lines = as_text.answer(answer, explain=False).splitlines()
    place = lines.index("  > The bilge pump is started from the panel.")
    assert lines[place - 1 : place + 2 : 2] == [
        "    The pump is red and stands aft.",
        "    It is old.",
    ]
    assert library.ask(PUMP, threshold=0.0).pointed == ()


def test_of_what_shares_nothing_a_model_is_not_asked(aboard: Library) -> None:
    model = aboard.language_model = Model("Whales sing [{key}].")

    assert aboard.ask("Who painted the ceiling?", threshold=1.0).outcome == "nothing"
    assert model.asked == 0


def test_a_code_that_stands_nowhere_is_told_and_no_model_is_asked(aboard: Library) -> None:
    model = aboard.language_model = Model("The bilge pump is started from the panel [{key}].")

    answer = aboard.ask("Where is the bilge pump BP-9931/2 started?", threshold=1.0)

    assert (answer.abstained, model.asked) == (True, 0)
    assert str(answer.notice) == "BP-9931/2 stands in no passage"
