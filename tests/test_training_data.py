"""What the training reads: questions and passages, in both languages and across."""

import random
import re
from pathlib import Path

import numpy as np
import pytest
from tiny_training import training_data, write

from training import figures, mine, sentences
from training.data import Example, examples, parallel
from training.figures import hybrid, metrics
from training.glossary import Glossary


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return training_data(tmp_path_factory.mktemp("train"))


def test_a_question_across_the_languages_brings_the_words_of_its_passages_language(
    data: Path,
) -> None:
    across = [
        example
        for example in examples(data, seed=0, headings=0, across=5)
        if example.direction == "zh-en"
    ]

    assert len(across) == 5
    assert all(example.question.startswith("票价") for example in across)
    assert all(example.other in example.passage for example in across)


def test_a_question_is_glossed_by_the_longest_entries() -> None:
    entries = [
        ("to moor (a boat)", "停泊"),
        ("ferry", "渡轮"),
        ("wheel", "轮"),
        ("ferry port", "港"),
    ]
    glossary = Glossary({"en": english, "zh": chinese} for english, chinese in entries)

    assert glossary.gloss("渡轮停泊？", random.Random(0)) == "ferry moor ？"
    assert glossary.gloss("The ferry port moors", random.Random(0)) == "The 港 停泊"


def test_glossed_questions_ask_across_the_languages(data: Path) -> None:
    found = examples(data, seed=0, headings=0, across=0, glossed=3, questions=0)

    assert [example.direction for example in found].count("zh-en") == 3
    assert all(example.other in example.passage for example in found)


def test_neighbours_are_sampled_together(data: Path) -> None:
    found = examples(data, seed=0, headings=4, across=0, questions=0)

    for language in ("en", "zh"):
        own = [one.question for one in found if one.language == language]
        numbers = [int("".join(filter(str.isdigit, question))) for question in own]
        assert max(numbers) - min(numbers) == len(own) - 1 == 3


def test_a_cap_takes_so_many_pairs_of_each_source(data: Path) -> None:
    assert len(parallel(data, cap=7)) == 7 + 1


def test_negatives_are_neither_the_answer_nor_its_twin() -> None:
    vectors = np.array([[1, 0], [0.999, 0.045], [0.6, 0.8], [0.99, 0.141]], np.float32)
    question = np.array([0.95, 0.312], np.float32)

    # 0 answers; 1 is its twin, 3 is nearer to the question than 0 is.
    wrong = mine._wrong(np.array([3, 0, 1, 2]), 0, question, vectors, {0})

    assert wrong == [2]


def test_what_is_near_the_right_passage_in_the_other_language_translates_it() -> None:
    vectors = np.array([[1, 0], [0.95, 0.312], [0.6, 0.8], [0, 1], [0, 1]], np.float32)
    passages = mine.Passages()
    for place, xid in enumerate(["a", "b", "c", "d", "a"]):
        passages.place(str(place), frozenset([xid]))
    asked = Example("en", "heading", "?", "0", twin="3", xids=frozenset("a"))

    assert mine._abroad(np.array([1, 2, 3, 4]), asked, vectors, passages) == [2]


def test_rankings_are_fused_as_the_search_fuses_them_and_measured_as_it_is_measured() -> None:
    texts = ["", "", "the bell", "", "", "", "", "rings", "", ""]
    # The best text by words has one of the two: both rankings count alike.
    fused = hybrid("bell rings", np.array([4, 2, 9]), np.array([2, 7]), texts)

    assert fused.tolist() == [2, 4, 7, 9]
    found = metrics([fused, fused], [4, 1])
    assert found == {"hit@1": 0.0, "hit@10": 0.5, "mrr@10": 0.25}


def test_a_mixed_set_holds_each_context_in_one_language_and_asks_in_both(tmp_path: Path) -> None:
    for language in ("en", "zh"):
        for kind, key in (("contexts", "text"), ("questions", "question")):
            lines = [{"context_id": str(n), key: f"{language} {kind} {n}"} for n in range(10)]
            write(tmp_path / f"hfcourse_docs_{language}.{kind}.jsonl.gz", lines)

    mixed = [one for one in figures.dev_sets(tmp_path, 4) if "mixed" in one.name]

    assert [one.name for one in mixed] == [
        f"mixed {asked}, {answer} hfcourse" for asked in ("en", "zh") for answer in ("en", "zh")
    ]
    for one in mixed:
        asked, answer = one.name.split()[1].strip(","), one.name.split()[2]
        assert len(one.questions) == 4
        assert [text[:2] for text in one.contexts] == ["en", "zh"] * 5
        for question, place in zip(one.questions, one.right, strict=True):
            assert question == f"{asked} questions {place}"
            assert one.contexts[place] == f"{answer} contexts {place}"


# groups that need no mining


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    """Make a story whose third sentence answers, and a run of translations."""
    story = "The barge moors. The crew sleeps. The bell rings at nine. Nobody comes. Rain falls."
    told = {"source": "fairytaleqa-train", "lang": "en", "context": story, "answers": ["at nine"]}
    twice = told | {"answers": ["The"]}
    rows = [told | {"question": f"when {place}?"} for place in range(30)]
    write(tmp_path / "qa_en.jsonl.gz", [*rows, twice | {"question": "which?"}])
    write(tmp_path / "qa_zh.jsonl.gz", [])
    write(tmp_path / "dictionary_en_zh.jsonl.gz", [{"en": "when", "zh": "何时"}])
    both = [
        {"en": f"Barge {place} moors here.", "zh": f"第{place}艘驳船停泊在这里。", "source": "here"}
        for place in range(100)
    ]
    write(tmp_path / "parallel_en_zh.jsonl.gz", both)
    return tmp_path


def test_the_sentence_that_answers_stands_against_the_others_of_its_passage(stories: Path) -> None:
    found = sentences.sentence_groups(stories, count=100, seed=0)

    assert len(found) == 30
    assert {one.right for one in found} == {"The bell rings at nine."}
    assert all(len(one.wrong) == 4 and one.right not in one.wrong for one in found)
    assert {one.direction for one in found} == {"en", "zh-en"}
    assert all(("何时" in one.question) == (one.direction == "zh-en") for one in found)


def test_a_sentence_stands_against_windows_of_the_other_language(stories: Path) -> None:
    found = sentences.translation_groups(stories, count=3, seed=1)

    assert len(found) == 3
    for one in found:
        (number,) = re.findall(r"\d+", one.question)
        assert number in re.findall(r"\d+", one.right)
        assert not any(number in re.findall(r"\d+", text) for text in one.wrong + one.foreign)
        asked, read = ("Barge", "驳船") if one.direction == "en-zh" else ("驳船", "Barge")
        assert all(read in text for text in [one.right, *one.wrong])
        assert all(asked in text for text in [one.question, *one.foreign])


def test_small_groups_share_the_places_of_equal_texts(stories: Path) -> None:
    passages = mine.Passages()
    known = passages.place("The crew sleeps.")

    groups = list(mine.small(passages, stories, None, sentences=9, translations=2, seed=0))

    texts = list(passages.places)
    assert len(groups) == 11
    assert all(known in group.negatives for group in groups if group.kind == "sentence")
    assert len({texts[group.positive] for group in groups if group.kind == "sentence"}) == 1
