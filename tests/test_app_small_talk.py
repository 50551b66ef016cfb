"""A greeting is no search, and what merely begins like one is a question."""

import json
from pathlib import Path

import pytest

from bifolio import Library
from bifolio.answers.small_talk import small_talk


@pytest.mark.parametrize(
    "said",
    [
        "hi",
        "Hello!",
        "Hey there",
        "Good morning, Bifolio.",
        "Thank you very much!",
        "what can you do?",
        "Who are you?",
        "Hello, what can you do?",
        "help",
        "你好",
        "您好！",
        "早上好",
        "谢谢你",
        "你能做什么？",
        "你是谁？",
        "你好，你会做什么？",
        "再见",
        "Thanks for your help!",
        "Ok, thank you, that helps.",
        "What are your capabilities?",
        "Hello! I have a question.",
        "谢谢你的帮助",
        "辛苦了，再见",
        "您好，请问您能做什么",
        "你是AI吗？",
    ],
)
def test_a_greeting_or_a_question_about_the_program_is_replied_to_in_its_language(
    said: str,
) -> None:
    reply = small_talk(said)
    assert reply
    assert reply.isascii() == said.isascii()


@pytest.mark.parametrize(
    "said",
    [
        "Hi-fi prices?",
        "What can you do about a leak?",
        "Hello World program, who wrote it?",
        "Who are you to call when the pump fails?",
        "What can you do on deck five?",
        "Help desk hours",
        "Thanks to whom was the bridge built?",
        "你好酒店的电话是多少？",
        "早上好几点开船？",
        "你能做什么工作需要许可证？",
        "谢谢参与奖是什么？",
        "再见码头在哪里？",
        "Thanks for the help desk number?",
        "What are your opening hours?",
        "I have a question about leaks",
        "How does it work?",
        "谢谢你的帮助热线是多少？",
        "请问船几点开？",
        "我有一个问题船票怎么退？",
        "你是AI部门的吗？",
    ],
)
def test_whatever_says_more_is_searched(said: str) -> None:
    assert small_talk(said) == ""


def test_nothing_is_searched_and_nothing_claimed(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "a.txt").write_text("The hello buoy can do nothing.")
    library.add(tmp_path)

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("it was searched")

    monkeypatch.setattr(Library, "retrieve", refuse)
    answer = library.ask("What can you do?")

    assert (answer.outcome, answer.citations, answer.passages) == ("answered", (), ())
    assert [step.name for step in answer.trace.steps] == ["not searched"]


def test_the_command_line_replies_without_a_threshold(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    from bifolio import as_json
    from bifolio.cli import as_text

    answer = library.ask("Hello")

    assert as_text.answer(answer, explain=False) == answer.text
    assert "not searched" in as_text.answer(answer, explain=True)
    assert json.dumps(as_json.answer(answer, explain=True))
