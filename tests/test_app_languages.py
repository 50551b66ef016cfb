"""A question is answered in its own language, whatever names stand in it."""

from pathlib import Path

import pytest
from test_app_answers import ScriptedModel

from bifolio import Library, Passage
from bifolio.answers.languages import (
    CHINESE,
    ENGLISH,
    JAPANESE,
    KOREAN,
    TRADITIONAL,
    Spoken,
    language_name,
    spoken,
)
from bifolio.answers.prompts import answer_messages
from bifolio.ingest import Chunk, Document, Page

QUESTIONS = [
    ("渡船は何時に出発しますか", JAPANESE),
    ("料金は？", JAPANESE),
    ("トイレはどこ", JAPANESE),
    ("Bifolio Enterprise Editionの価格はいくらですか", JAPANESE),
    ("환불은 며칠이 걸리나요?", KOREAN),
    ("Bifolio 가격은 얼마인가요?", KOREAN),
    ("退款需要几天？", CHINESE),
    ("ソニー的保修期是多久？", CHINESE),
    ("优の良品是什么？", CHINESE),
    ("「こんにちは」是什么意思？", CHINESE),
    ("《後宮》是什么类型的书？", CHINESE),
    ("iPhone 15 Pro Max 的保修期多久？", CHINESE),
    ("退款需要幾天？", TRADITIONAL),
    ("請問渡輪幾點開", TRADITIONAL),
    ("Who is 张伟 at the harbour?", ENGLISH),
    ("What does すし cost?", ENGLISH),
    ("What does 안녕하세요 mean?", ENGLISH),
    ("What is the role of 王小明 (Wang Xiaoming)?", ENGLISH),
]


@pytest.mark.parametrize(("question", "expected"), QUESTIONS)
def test_a_language_is_told_by_what_the_question_is_written_in_and_not_by_a_name(
    question: str, expected: Spoken
) -> None:
    assert spoken(question) is expected
    assert language_name(question) == expected.name


@pytest.mark.parametrize(
    ("question", "name"),
    [
        ("Сколько стоит билет?", "Russian"),
        ("Скільки коштує квиток?", "Ukrainian"),
        ("Wie lange ist die Kündigungsfrist?", "German"),
        ("Quelle est la durée du préavis ?", "French"),
        ("¿Cuánto cuesta el billete?", "Spanish"),
        ("Wat kost een kaartje voor de veerboot?", "Dutch"),
        ("ตั๋วราคาเท่าไร", "Thai"),
        ("How much is the ticket to Åland?", "English"),
        ("notice period", "the language of the question"),
    ],
)
def test_a_model_is_told_the_languages_name(question: str, name: str) -> None:
    assert language_name(question) == name


@pytest.mark.parametrize(
    ("question", "last"),
    [
        ("When does it leave?", "(Answer in English; end each sentence with its passage's key"),
        ("什么时候开船？", "（用中文回答；每句话末尾写上所依据段落的键"),
        ("請問什麼時候開船？", "（用繁體中文回答；每句话末尾写上所依据段落的键"),
        ("料金は？", "(Answer in Japanese; end each sentence with its passage's key"),
    ],
)
def test_the_rules_are_said_again_behind_the_question(question: str, last: str) -> None:
    document = Document("a.txt", "a", "", "It leaves at 8.", (Page(1, 0, 15),))
    passage = Passage((Chunk(document, 0, 15),), 1.0)
    *_, asked = answer_messages(question, {"ab12": passage}, [])
    before, reminder = asked["content"].rsplit("\n\n", 1)
    assert before.endswith(f"Question: {question}")
    assert reminder.startswith(last)
    assert "[ab12]" in reminder


def test_no_two_languages_share_a_sentence() -> None:
    every = [CHINESE, ENGLISH, JAPANESE, KOREAN, TRADITIONAL]
    assert len({one.not_found for one in every} | {one.unsure for one in every}) == 2 * len(every)


def test_a_japanese_question_is_refused_in_japanese(library: Library, tmp_path: Path) -> None:
    (tmp_path / "渡輪.txt").write_text("渡轮七点开船。", encoding="utf-8")
    library.add(tmp_path / "渡輪.txt")
    assert library.ask("天井は誰が描きましたか").text == JAPANESE.not_found
    assert library.ask("誰畫了天花板？").text in (TRADITIONAL.not_found, TRADITIONAL.unsure)


@pytest.mark.parametrize(
    "reply",
    [
        JAPANESE.not_found,
        f"**{ENGLISH.not_found}**",
        "“The documents do not answer this question”",
        "The provided passages do not contain any information about whales.",
        "I'm sorry, but I cannot find that. The documents do not mention it.",
        "文档中没有提到这一点。",
        f"Sure! {ENGLISH.not_found} Let me know if you need more.",
    ],
)
def test_a_reply_that_only_says_that_the_documents_do_not_say_is_no_answer(
    library: Library, tmp_path: Path, reply: str
) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.")
    library.add(tmp_path / "ferry.txt")
    library.language_model = ScriptedModel(lambda _: [reply])
    answer = library.ask("The ferry leaves when?")
    assert (answer.outcome, answer.text, answer.claims) == ("unsure", ENGLISH.unsure, ())


def test_a_reply_that_says_something_beside_it_is_one(library: Library, tmp_path: Path) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.")
    library.add(tmp_path / "ferry.txt")
    library.language_model = ScriptedModel(
        lambda _: ["The documents do not mention whales. The ferry leaves at seven."]
    )
    answer = library.ask("The ferry leaves when?")
    assert answer.outcome == "answered"
    assert [claim.reason for claim in answer.claims] == ["uncited", "found"]
