"""The sample documents and the questions about them agree with each other."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

ROOT = Path(__file__).parents[1]
DOCUMENTS = ROOT / "sample_docs"
DIRECTIONS = {"en-en": 11, "zh-zh": 10, "zh-en": 7, "en-zh": 7, "none": 5}
KEYS = {"id", "question", "direction", "document", "pages", "answer"}


def read_questions() -> list[dict[str, Any]]:
    """Read the question file."""
    text = (ROOT / "tests" / "questions.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


QUESTIONS = read_questions()
ANSWERABLE = [question for question in QUESTIONS if question["direction"] != "none"]


def squeeze(text: str) -> str:
    """Drop all white space: lines wrap in a PDF, and Chinese wraps without a space."""
    return re.sub(r"\s+", "", text)


def document_names() -> list[str]:
    """Name the documents, leaving hidden files aside."""
    return sorted(path.name for path in DOCUMENTS.iterdir() if not path.name.startswith("."))


@cache
def page_texts(name: str) -> tuple[str, ...]:
    """Return the text of every page; Markdown and plain text are one page."""
    path = DOCUMENTS / name
    if path.suffix == ".pdf":
        return tuple(page.extract_text() for page in PdfReader(path).pages)
    return (path.read_text(encoding="utf-8"),)


def is_chinese(text: str) -> bool:
    """Tell whether Chinese characters outnumber Latin letters."""
    return len(re.findall(r"[\u4e00-\u9fff]", text)) > len(re.findall(r"[A-Za-z]", text))


def test_there_are_forty_questions_with_unique_ids() -> None:
    assert [question["id"] for question in QUESTIONS] == [f"q{n:02}" for n in range(1, 41)]
    assert all(set(question) == KEYS for question in QUESTIONS)
    assert len({question["question"] for question in QUESTIONS}) == 40


def test_the_directions_are_spread_as_planned() -> None:
    assert Counter(question["direction"] for question in QUESTIONS) == DIRECTIONS


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question["id"])
def test_every_answer_stands_on_the_page_it_names(question: dict[str, Any]) -> None:
    answer = squeeze(question["answer"])
    found = {
        (name, number)
        for name in document_names()
        for number, text in enumerate(page_texts(name), start=1)
        if answer in squeeze(text)
    }
    assert answer
    assert found == {(question["document"], number) for number in question["pages"]}


@pytest.mark.parametrize("question", ANSWERABLE, ids=lambda question: question["id"])
def test_every_direction_names_the_languages_of_question_and_document(
    question: dict[str, Any],
) -> None:
    asked = "zh" if is_chinese(question["question"]) else "en"
    told = "zh" if is_chinese("".join(page_texts(question["document"]))) else "en"
    assert question["direction"] == f"{asked}-{told}"


def test_unanswerable_questions_name_no_place() -> None:
    for question in QUESTIONS:
        if question["direction"] == "none":
            assert (question["document"], question["pages"], question["answer"]) == (None,) * 3


def test_every_document_is_asked_about_at_least_twice() -> None:
    asked = Counter(question["document"] for question in ANSWERABLE)
    assert all(asked[name] >= 2 for name in document_names())
    assert set(asked) == set(document_names())


def test_there_are_at_least_eight_documents_with_one_markdown_and_one_text_file() -> None:
    kinds = Counter(Path(name).suffix for name in document_names())
    assert set(kinds) == {".pdf", ".md", ".txt"}
    assert (kinds[".md"], kinds[".txt"]) == (1, 1)
    assert kinds[".pdf"] >= 7


def test_text_is_extracted_without_radicals_or_compatibility_characters() -> None:
    wrong = re.compile(r"[\u2e80-\u2fdf\uf900-\ufaff\ue000-\uf8ff\ufb00-\ufb06\ufffd]")
    for name in document_names():
        for text in page_texts(name):
            assert not wrong.search(text), name
