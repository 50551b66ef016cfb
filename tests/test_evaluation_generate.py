"""Questions written by a language model, here a server that is scripted."""

import json
from pathlib import Path
from typing import Any

import pytest
from test_app_language_model import event, serving

from bifolio import LanguageModelError, Library, Settings
from bifolio.cli import commands
from bifolio.evaluation import generate, read_questions, whole
from bifolio.ingest import Document, Page
from bifolio.language_model import OpenAIModel

ENGLISH = "The ferry to Skarne leaves at seven in the morning, and on Sundays at nine."
CHINESE = "渡轮早上七点开往斯卡恩，星期日九点开。请提前二十分钟到码头，带好船票和身份证。"


@pytest.fixture
def filled(library: Library) -> Library:
    """One English and one Chinese document, and one that is too short to ask about."""
    texts = {"en.txt": ENGLISH, "zh.txt": CHINESE, "short.txt": "Fares"}
    library.add_chunks(
        [
            whole(Document(name, name, name, text, (Page(4, 0, len(text)),)))
            for name, text in texts.items()
        ]
    )
    return library


def asked(library: Library, reply: str, **options: Any) -> list[Any]:
    with serving(200, event(reply) + "data: [DONE]\n\n") as url:
        library.language_model = OpenAIModel("m", base_url=url, api_key=None)
        return list(generate(library, 3, **options))


def test_a_question_is_kept_with_its_source(filled: Library) -> None:
    (made,) = asked(filled, "1. “When does the ferry to Skarne leave?”\n")
    assert made.question == "When does the ferry to Skarne leave?"
    assert (made.document, made.pages, made.direction) == ("en.txt", (4,), "en-en")
    assert filled.document(made.document).text[made.start : made.end] == made.text == ENGLISH
    assert made.context_id == f"en.txt#0-{len(ENGLISH)}"


def test_a_chinese_question_is_for_a_chinese_chunk_or_crosses_the_languages(
    filled: Library,
) -> None:
    assert [made.direction for made in asked(filled, "问题：几点开船？")] == ["zh-zh"]
    crossed = asked(filled, "几点开船？", other_language=True)
    assert [(made.document, made.direction) for made in crossed] == [("en.txt", "zh-en")]


@pytest.mark.parametrize("reply", ["NONE", "none.", " \n ", "x" * 301])
def test_a_reply_that_is_no_question_is_left_out(filled: Library, reply: str) -> None:
    assert asked(filled, reply) == []


def test_without_a_language_model_a_sentence_says_so(filled: Library) -> None:
    with pytest.raises(LanguageModelError, match="none is set; set BIFOLIO_LLM"):
        list(generate(filled, 3))


def test_the_file_that_generate_writes_can_be_measured_with(
    filled: Library,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def opened(folder: Path, *, settings: Settings | None = None, create: bool = True) -> Library:
        return filled

    monkeypatch.setattr(Library, "open", opened)
    out = tmp_path / "q.jsonl"
    with serving(200, event("When does the ferry leave?") + "data: [DONE]\n\n") as url:
        filled.language_model = OpenAIModel("m", base_url=url, api_key=None)
        assert commands.main(["eval", "--generate", "1", "--out", str(out)]) == 0
        assert "1 questions in" in capsys.readouterr().out
        assert commands.main(["eval", "--generate", "1", "--out", str(out)]) == 1
        assert "give another --out" in capsys.readouterr().err
        assert commands.main(["eval", "--generate", "1"]) == 0
        assert json.loads(capsys.readouterr().out)["document"] == "en.txt"
    (question,) = read_questions(out, documents=["en.txt"], pages=True)
    assert question.right[0].pages == (4,)
    assert commands.main(["eval", "--questions", str(out), "--stages", "dense"]) == 0
    assert "1 questions over 3 chunks" in capsys.readouterr().out
