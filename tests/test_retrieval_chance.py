"""How near questions about anything come to a library, told by products that can be seen."""

from collections.abc import Sequence
from itertools import count
from typing import Any

import numpy as np

from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.chance import by_chance

NUMBERS = count()


class Counted:
    """Embeds the n-th question as the number n, in whatever language."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.fingerprint = f"counted/{next(NUMBERS)}"

    def embed_queries(self, questions: Sequence[str]) -> Floats:
        self.asked += questions
        return np.arange(len(questions), dtype=np.float32)[:, None]


class Library:
    """Has one chunk, as near to the n-th question as a hundredth of n; or none."""

    def __init__(self, *, empty: bool = False) -> None:
        self.empty = empty

    def dense(self, vector: Floats, *_: object) -> list[tuple[int, float]]:
        return [] if self.empty else [(1, float(vector[0]) / 100)]


def chance(question: str, embedder: Counted, library: Library) -> float:
    given: Any = (question, embedder, library)
    return by_chance(*given)


def test_one_of_the_things_may_be_what_the_library_is_about() -> None:
    assert chance("Where?", Counted(), Library()) == 0.18


def test_questions_are_in_the_language_of_the_one_that_is_asked() -> None:
    english, chinese = Counted(), Counted()
    chance("Where is the pump?", english, Library())
    chance("泵在哪里？", chinese, Library())
    assert all(text.isascii() for text in english.asked)
    assert not any(text.isascii() for text in chinese.asked)


def test_what_is_asked_of_every_library_is_embedded_once() -> None:
    embedder = Counted()
    for library in (Library(), Library(empty=True)):
        chance("Where?", embedder, library)
    assert len(embedder.asked) == 20


def test_in_an_empty_library_anything_is_nearer_than_nothing() -> None:
    assert chance("Where?", Counted(), Library(empty=True)) == -1
