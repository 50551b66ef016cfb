"""The sentence that answers comes first: by the question's words and the kind of thing asked."""

from pathlib import Path

import pytest

from bifolio import Library, Passage
from bifolio.answers.asking import asked_for, holds
from bifolio.answers.evidence import evidence
from bifolio.answers.sentences import sentences
from bifolio.ingest import Chunk, Document, Page


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("How long before anyone may go in?", "span"),
        ("How many days of leave are there?", "span"),
        ("How many seals were counted?", "number"),
        ("How much does a bed cost?", "money"),
        ("How often is the rope renewed?", "often"),
        ("When does it open?", "moment"),
        ("Who signs the log?", "person"),
        ("Why is the ramp closed?", "reason"),
        ("补票要多少钱？", "money"),
        ("多久以后可以进去？", "span"),
        ("缆绳多久更换一次？", "often"),
        ("有多少乘客？", "number"),
        ("什么时候开门？", "moment"),
        ("谁签字？", "person"),
        ("Is a dog allowed?", None),
        ("What must I do when the bell rings?", None),
        ("Are passengers who smoke fined?", None),
        ("By whom is it signed?", "person"),
        ("I am late, when does it leave?", "moment"),
        ("The ferry leaves when?", "moment"),
        ("怎么申请？", None),
    ],
)
def test_a_question_tells_what_kind_of_thing_it_asks_for(question: str, kind: str | None) -> None:
    assert asked_for(question) == kind


@pytest.mark.parametrize(
    ("question", "right", "wrong"),
    [
        ("How long is it closed?", "Closed for four hours.", "Closed by the master."),
        ("How much does a bed cost?", "A bed is 12 euros.", "A bed has 12 slats."),
        ("When is it painted?", "Painted in May 2021.", "Painted with two coats."),
        ("Who signs?", "It is signed by Mr Brown.", "It is signed below."),
        ("要多久？", "需要三十分钟。", "需要三张表。"),
        ("什么时候开门？", "早上八点开门。", "请从侧门进入。"),
    ],
)
def test_a_sentence_that_holds_such_a_thing_is_told_from_one_that_does_not(
    question: str, right: str, wrong: str
) -> None:
    kind = asked_for(question)
    assert kind
    assert holds(kind, right) > holds(kind, wrong)


@pytest.mark.parametrize(
    ("text", "question", "answer"),
    [
        (
            "The cold store is flooded with nitrogen. Nobody enters the cold store for six hours.",
            "After nitrogen has flooded the cold store, how long until one may enter the store?",
            "Nobody enters the cold store for six hours.",
        ),
        (
            "冷库由值班员看管。冷库充氮以后六小时内禁止入内。",
            "冷库充氮以后多久才能入内？",
            "冷库充氮以后六小时内禁止入内。",
        ),
        (
            "Mrs Lind runs the kiosk on the pier. It is open from nine.",
            "When does the kiosk open?",
            "It is open from nine.",
        ),
    ],
)
def test_the_sentence_that_answers_is_in_the_first_quote(
    library: Library, tmp_path: Path, text: str, question: str, answer: str
) -> None:
    (tmp_path / "store.txt").write_text(text, encoding="utf-8")
    library.add(tmp_path / "store.txt")

    given = library.ask(question, threshold=0.0)

    assert answer in given.citations[0].quote


def test_what_only_says_the_question_again_is_behind_what_stands_beside_it() -> None:
    told, _, beside, nothing = _proofs(
        "What did the keeper do after he had nowhere to sleep?",
        "The keeper had nowhere to sleep. It rained. He lay down in the boat. Gulls are white.",
    )
    assert beside > told > nothing


def test_a_pronoun_stands_for_what_is_named_two_sentences_before() -> None:
    _, _, pronoun, _ = _proofs(
        "What does the old lamp need?",
        "The old lamp is dark. It rained. So it needs oil. Gulls are white.",
    )
    _, _, name, _ = _proofs(
        "What does the old lamp need?",
        "The old lamp is dark. It rained. So boats need oil. Gulls are white.",
    )
    assert pronoun > name


def _proofs(question: str, text: str) -> list[float]:
    page = Page(1, 0, len(text))
    chunk = Chunk(Document("x.txt", "x", "", text, (page,)), 0, len(text))
    found = sentences(Passage((chunk,), 1.0))
    return evidence(question, found, [0.5] * len(found))


def test_behind_the_best_quote_the_others_stand_in_document_order(
    library: Library, tmp_path: Path
) -> None:
    filler = "Nothing else is said about the harbour office in this paragraph of the guide. " * 2
    text = (
        f"The crane lifts boats in April for a fee of 60 euros.\n\n{filler}\n\n"
        f"The crane lifts boats of ten tons for 70 euros.\n\n{filler}\n\n"
        "The crane lifts boats in October for a fee of 80 euros."
    )
    (tmp_path / "crane.txt").write_text(text)
    library.add(tmp_path / "crane.txt")

    given = library.ask("How much is the fee when the crane lifts boats in October?", threshold=0.0)

    starts = [cited.start for cited in given.citations]
    assert "80 euros" in given.citations[0].quote
    assert starts[1:] == sorted(starts[1:])
    assert len(starts) == 3


def test_two_quotes_with_a_short_sentence_between_are_one_source(
    library: Library, tmp_path: Path
) -> None:
    text = "The crane lifts boats in April. Ask Lind. The crane lifts boats in October."
    (tmp_path / "crane.txt").write_text(text)
    library.add(tmp_path / "crane.txt")

    given = library.ask("In which month does the crane lift boats?", threshold=0.0)

    assert [cited.quote for cited in given.citations] == [text]
