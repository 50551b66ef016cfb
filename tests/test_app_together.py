"""Twenty questions at once through one library and one language model: nothing mixes."""

import re
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bifolio import Answer, Library
from bifolio.language_model import ChatMessage

MANY = 20
PATIENCE = 120.0


class PatientModel:
    """Says the number of the boat that is asked for; waits until all have said their first word."""

    name = "patient"
    window: int | None = None

    def __init__(self) -> None:
        self.all_began = threading.Barrier(MANY)
        self.closed: list[str] = []
        self.finished: list[str] = []

    def stream(self, messages: Sequence[ChatMessage]) -> Iterator[str]:
        asked = messages[-1]["content"]
        number = re.findall(r"boat (\d+)", asked)[-1]
        key = re.findall(rf"^<<([0-9a-f]{{4}})>>[^<]*boat {number}\b", asked, re.MULTILINE)[0]
        try:
            yield f"The ferry price of boat {number} is "
            self.all_began.wait(PATIENCE)
            yield f"{number} crowns [{key}]."
            self.finished.append(number)
        except GeneratorExit:
            self.closed.append(number)
            raise


@pytest.fixture
def boats(library: Library, tmp_path: Path) -> Library:
    (tmp_path / "boats").mkdir()
    for number in range(100, 100 + MANY):
        text = f"The ferry price of boat {number} is {number} crowns."
        (tmp_path / f"boats/{number}.txt").write_text(text)
    library.add(tmp_path / "boats")
    return library


def question(number: int) -> str:
    return f"What is the ferry price of boat {number}?"


def test_nothing_mixes(boats: Library) -> None:
    boats.language_model = model = PatientModel()
    with ThreadPoolExecutor(MANY) as pool:
        numbers = range(100, 100 + MANY)
        answers = list(pool.map(lambda number: boats.ask(question(number), keep=3), numbers))
    for number, answer in zip(numbers, answers, strict=True):
        assert (answer.question, answer.mode) == (question(number), "llm")
        assert answer.text == f"The ferry price of boat {number} is {number} crowns [1]."
        (cited,) = answer.citations
        assert cited.quote == f"The ferry price of boat {number} is {number} crowns."
        assert [claim.reason for claim in answer.claims] == ["stated"]
    assert len(model.finished) == MANY


def test_each_can_be_stopped_and_the_others_go_on(boats: Library) -> None:
    boats.language_model = model = PatientModel()

    def ask(number: int) -> Answer | None:
        events = boats.stream(question(number), keep=3)
        for event in events:
            if isinstance(event, str) and number % 2:
                model.all_began.wait(PATIENCE)
                events.close()  # type: ignore[attr-defined]
                return None
        assert isinstance(event, Answer)
        return event

    with ThreadPoolExecutor(MANY) as pool:
        answers = list(pool.map(ask, range(100, 100 + MANY)))
    for number, answer in enumerate(answers, start=100):
        if number % 2:
            assert answer is None
        else:
            assert answer is not None
            assert answer.text.endswith(f"{number} crowns [1].")
    assert sorted(model.closed) == [str(number) for number in range(101, 100 + MANY, 2)]
    assert sorted(model.finished) == [str(number) for number in range(100, 100 + MANY, 2)]
