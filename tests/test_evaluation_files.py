"""Files of contexts and questions: what is taken, and how each mistake is told."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from bifolio.evaluation import BadEvaluationFile, Place, read_contexts, read_questions, sample

KNOWN = ["/docs/fares.md", "/docs/safety.txt"]


def written(tmp_path: Path, *lines: object, name: str = "file.jsonl") -> Path:
    path = tmp_path / name
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


@pytest.mark.parametrize("name", ["file.jsonl", "file.jsonl.gz"])
def test_a_context_becomes_a_document_of_one_page(tmp_path: Path, name: str) -> None:
    line = {"context_id": "c1", "text": "渡轮七点出发。", "title": "时刻表"}
    (document,) = read_contexts(written(tmp_path, line, "", name=name))
    assert (document.path, document.title, document.text) == ("c1", "时刻表", "渡轮七点出发。")
    assert document.pages_of(0, 7) == (1, 1)


def test_a_question_may_have_several_right_contexts(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        {"id": "q1", "question": "When?", "context_id": "a"},
        {"question": "How?", "context_id": "a", "context_ids": ["a", "b"], "direction": "en-zh"},
    )
    one, two = read_questions(file, documents=["a", "b"], pages=False)
    assert (one.id, one.right) == ("q1", (Place(document="a"),))
    assert (two.id, two.right, two.direction) == (
        "2",
        (Place(document="a"), Place(document="b")),
        "en-zh",
    )


@pytest.mark.parametrize(
    "line",
    [
        {"question": "Who?", "answerable": False},
        {"question": "Who?", "answerable": False, "context_id": "a", "document": "fares.md"},
        {"question": "Who?", "context_ids": [], "document": None},
        {"question": "Who?", "context_id": None, "document": None, "pages": None},
    ],
)
@pytest.mark.parametrize("pages", [True, False])
def test_what_names_nothing_is_unanswerable(
    tmp_path: Path, line: dict[str, Any], pages: bool
) -> None:
    (question,) = read_questions(written(tmp_path, line), documents=["a", *KNOWN], pages=pages)
    assert not question.answerable


@pytest.mark.parametrize("name", ["/docs/fares.md", "fares.md"])
def test_a_document_is_named_by_its_path_or_its_file_name(tmp_path: Path, name: str) -> None:
    file = written(tmp_path, {"question": "When?", "document": name, "pages": [2, 3]})
    (question,) = read_questions(file, documents=KNOWN, pages=True)
    assert question.right == (Place(document=name, pages=(2, 3)),)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2: no JSON"),
        ("[1]", "line 2: no JSON object"),
        ({"context_id": "a"}, "line 2: question is missing or empty"),
        ({"question": ["Why?"], "context_id": "a"}, "line 2: question is no text"),
        ({"question": "Why?"}, "line 2: no context_id; name one, or write"),
        ({"question": "Why?", "context_id": "z"}, "line 2: there is no context 'z'"),
        ({"question": "Why?", "context_ids": "a"}, "line 2: context_ids is no list"),
    ],
)
def test_a_bad_question_is_named_by_file_and_line(tmp_path: Path, line: object, said: str) -> None:
    file = written(tmp_path, {"question": "When?", "context_id": "a"}, line)
    with pytest.raises(BadEvaluationFile) as caught:
        read_questions(file, documents=["a"], pages=False)
    assert f"{file}, {said}" in str(caught.value)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ({"question": "Why?"}, "no document; name one"),
        ({"question": "Why?", "context_id": "a"}, "give its --contexts FILE as well"),
        ({"question": "Why?", "document": "trains.md"}, "there is no document 'trains.md'"),
        ({"question": "Why?", "document": "fares.md", "pages": 3}, "pages is no list of numbers"),
        ({"question": "Why?", "document": "fares.md", "pages": []}, "pages is no list of numbers"),
    ],
)
def test_a_bad_page_is_told(tmp_path: Path, line: object, said: str) -> None:
    with pytest.raises(BadEvaluationFile, match=said):
        read_questions(written(tmp_path, line), documents=KNOWN, pages=True)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (
            [{"context_id": "a", "text": "x"}, {"context_id": "a", "text": "y"}],
            "'a' is there twice",
        ),
        ([{"context_id": "a", "text": " "}], "text is missing or empty"),
        ([{"text": "x"}], "context_id is missing or empty"),
        ([], "holds no contexts"),
    ],
)
def test_a_bad_context_is_told(tmp_path: Path, lines: list[object], said: str) -> None:
    with pytest.raises(BadEvaluationFile, match=said):
        read_contexts(written(tmp_path, *lines))


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadEvaluationFile, match="there is no file"):
        read_contexts(tmp_path / "none.jsonl")


def test_damaged_bytes_are_told(tmp_path: Path) -> None:
    file = written(tmp_path, {"context_id": "a", "text": "x" * 999}, name="file.jsonl.gz")
    file.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(BadEvaluationFile, match="make the file again"):
        read_contexts(file)
    file = tmp_path / "latin.jsonl"
    file.write_bytes('{"context_id": "a", "text": "é"}'.encode("latin-1"))
    with pytest.raises(BadEvaluationFile, match="line 1: not UTF-8"):
        read_contexts(file)


def test_a_sample_is_the_same_at_every_run(tmp_path: Path) -> None:
    file = written(tmp_path, *({"question": f"q{n}", "context_id": "a"} for n in range(50)))
    questions = read_questions(file, documents=["a"], pages=False)
    assert sample(questions, 10) == sample(questions, 10)
    assert len({question.text for question in sample(questions, 10)}) == 10
    assert sample(questions, 99) == questions
