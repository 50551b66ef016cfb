"""Words of a question find texts of the other language, and prove that they say it."""

from pathlib import Path

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Library, Models
from bifolio.retrieval.lexicon import asked_in, shared, translations


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("warranty", "保修"),
        ("passengers", "乘客"),
        ("乘客", "passengers"),
        ("工资", "salary"),
        ("狗", "dog"),
    ],
)
def test_a_word_has_translations(word: str, other: str) -> None:
    assert other in translations(word)


def test_a_form_that_was_never_seen_has_those_of_its_stem() -> None:
    assert translations("warranty") != ()
    assert set(translations("employee")) & set(translations("employees"))
    assert translations("zzxqv") == ()


def test_what_is_looked_for_is_in_the_language_of_the_texts() -> None:
    assert asked_in("保修期有多长？", "zh") == ["保修", "修期", "期有", "有多", "多长"]
    assert "warranty" in asked_in("保修期有多长？", "en")
    assert "保修" in asked_in("How long is the warranty?", "zh")
    # What asks and what joins words is not looked for.
    assert not {"how", "what", "the", "of", "is"} & set(asked_in("保修期有多长？", "en"))


def test_names_numbers_and_codes_are_the_same_in_both() -> None:
    asked = asked_in("HX-200 的保修期到 2031 年吗？", "en")

    assert {"hx", "200", "2031", "warranty"} <= set(asked)


def test_a_character_that_is_a_word_is_found_within_others() -> None:
    assert "dog" in asked_in("狗可以上船吗？", "en")
    assert shared("May my dog come?", "小狗不可上船。") > 0


def test_a_text_shares_the_words_that_translate_those_of_the_question() -> None:
    question = "乘客可以带狗吗？"

    near = shared(question, "Passengers may bring a dog if it is on a lead.")
    far = shared(question, "The engine is serviced every 500 hours.")

    assert near > 0.5
    assert far == 0.0
    # Nothing is known of it.
    assert shared("zzxqv?", "乘客") == 0.0


@pytest.mark.parametrize(
    ("question", "right"),
    [("乘客的行李有多重？", "luggage.md"), ("Which salary do employees get?", "工资.md")],
)
def test_words_alone_find_the_document_in_the_other_language(
    tmp_path: Path, question: str, right: str
) -> None:
    folder = tmp_path / "documents"
    folder.mkdir()
    for name, text in {
        "luggage.md": "Passengers may take luggage of 20 kg aboard.",
        "engine.md": "The engine is serviced every 500 hours by two fitters.",
        "工资.md": "员工的工资在每月十日支付。",
        "锚.md": "锚链每年检查一次。",
    }.items():
        (folder / name).write_text(text, encoding="utf-8")
    library = Library(tmp_path / "library", models=Models(WordEmbedder(), OverlapReranker()))
    library.add(folder)

    found = library.retrieve(question, legs=("lexical",), threshold=0.0)

    assert found.trace.hits[0].span.path.endswith(right)
