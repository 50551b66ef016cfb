"""The page itself, run on a library whose models are the doubles: questions and answers."""

import re
import shutil
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from chatting import PATIENCE
from paging import HOSTILE, ParrotModel, ask, awaited, last, page, shown

from bifolio import LanguageModelError, Library, LibraryBusy
from bifolio.answers.prompts import NOT_FOUND_EN
from bifolio.chats import Chats, Exchange
from bifolio.jobs import Answers
from bifolio.jobs.answers import UNEXPECTED
from bifolio.ui.state import Beside, Session
from bifolio.ui.texts import CHINESE, ENGLISH


def test_an_empty_library_tells_what_to_do(opened: Library) -> None:
    app = page()
    assert ENGLISH.empty in shown(app.main)
    assert app.main.get("code")[0].value == f"ingest FOLDER --library {opened.folder}"
    assert app.chat_input[0].disabled
    assert not app.exception


def test_an_answer_comes_with_its_source_and_how_it_was_found(filled: Library) -> None:
    app = ask(page(), "ferry price")
    text = last(app)
    assert "The ferry price is five crowns." in text
    assert "Fares · page 1" in text
    assert ENGLISH.how_found in text
    assert "rerank" in text
    marked = [block.proto.body for block in app.chat_message[-1].get("html")]
    assert any(">The ferry price is five crowns.</mark>" in body for body in marked)
    assert not app.exception


def test_what_the_documents_do_not_say_is_said_to_be_missing(filled: Library) -> None:
    text = last(ask(page(), "Who painted the ceiling of the chapel?"))
    assert NOT_FOUND_EN in text
    assert ENGLISH.nearest not in text
    assert ENGLISH.sources not in text


def test_a_failure_is_one_sentence(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise LibraryBusy(f"the library is busy {HOSTILE}")

    monkeypatch.setattr(filled, "stream", fail)
    app = ask(page(), "ferry price")
    assert f"the library is busy {HOSTILE}" in last(app)
    assert not app.exception


def test_a_fault_of_the_program_shows_no_traceback(
    filled: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(filled, "stream", fail)
    app = ask(page(), "ferry price")
    assert ENGLISH.sentence(UNEXPECTED) in last(app)
    assert "secret" not in last(app)
    assert "secret" in caplog.text
    assert not app.exception


def test_a_library_that_cannot_be_opened_is_one_sentence(
    opened: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> Library:
        raise LibraryBusy("it cannot be opened; do this")

    monkeypatch.setattr(Library, "open", fail)
    app = page()
    assert "it cannot be opened; do this" in shown(app.main)
    assert not app.chat_input
    assert not app.exception


def test_a_library_that_goes_under_the_running_page_is_one_sentence(filled: Library) -> None:
    app = ask(page(), "ferry price")
    shutil.rmtree(filled.folder)
    app.run()
    assert str(filled.folder) in shown(app.main)
    assert not app.exception


def test_a_fault_of_the_page_or_of_a_press_is_one_sentence(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ask(page(), "ferry price")
    chat = app.session_state["bifolio"].chat

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    with monkeypatch.context() as faults:
        faults.setattr(Chats, "rate", fail)
        faults.setattr(Chats, "exchanges", fail)
        app.feedback[0].set_value(1).run()
        assert shown(app.main).count(ENGLISH.sentence(UNEXPECTED)) == 2
        assert "secret" not in shown(app.main)
    assert "five crowns" in last(app.run())
    assert app.session_state["bifolio"].chat == chat
    assert not app.exception


def test_a_pasted_page_is_answered_and_scrolls(filled: Library) -> None:
    app = ask(page(), "What is the ferry price? " + "The sea is deep.\n" * 300)
    (question,) = app.chat_message[0].get("html")
    assert 'tabindex="0"' in question.proto.body
    assert not app.exception


def test_a_language_model_is_told_the_turns_before(filled: Library) -> None:
    filled.language_model = model = ParrotModel("The ferry ", "price.")
    app = ask(page(), "ferry price")
    assert "The ferry price." in last(app)
    assert "parrot" in shown(app.sidebar)
    ask(app, "ferry price again")
    sent = [message["content"] for message in model.heard[-1]]
    assert sent[1:3] == ["ferry price", "The ferry price."]


def test_what_a_model_puts_in_brackets_stays_unless_it_is_a_key_of_ours(filled: Library) -> None:
    class Citing:
        name = "citing"

        def stream(self, messages: Sequence[Any]) -> Iterator[str]:
            key = re.findall(r"<<([0-9a-f]{4})>>", messages[-1]["content"])[0]
            yield f"轮机每三个月检修一次[{key}]。旧版手册[1]也这样说，见[2024]年第【3】章。"
            yield "\n\n代码写作 `a[1]`，数组 x[0] 从零开始。\n\n```\ny = b[1]\n```\n"

    filled.language_model = Citing()
    app = ask(page(), "轮机多久检修一次？")
    text = last(app)
    for kept in ("旧版手册[1]也", "见[2024]年第【3】章", "a[1]", "x[0] 从", "y = b[1]"):
        assert kept in text
    bodies = [block.proto.body for block in app.chat_message[-1].get("html")]
    (answer,) = (body for body in bodies if 'class="bf-answer"' in body)
    assert answer.count("<button") == 1
    assert re.search(r"检修一次\u2060<button", re.sub("</?span[^>]*>", "", answer))


def test_an_answer_is_stopped_and_what_there_is_of_it_stays(filled: Library) -> None:
    go_on = threading.Event()

    class SlowModel:
        name = "slow"

        def stream(self, messages: Sequence[Any]) -> Iterator[str]:
            yield "The ferry leaves at noon. It has a "
            assert go_on.wait(PATIENCE)
            yield "bell."

    filled.language_model = SlowModel()
    app = page().chat_input[0].set_value("ferry price").run()
    awaited(app, lambda: "ferry leaves" in last(app))
    assert app.chat_input[0].disabled
    app.button(key="stop").click().run()
    go_on.set()
    app.run()
    assert "The ferry leaves at noon." in last(app)
    assert ENGLISH.stopped in last(app)
    assert not app.chat_input[0].disabled


def test_a_silent_language_model_is_noticed_and_quotes_come_instead(filled: Library) -> None:
    filled.language_model = ParrotModel(LanguageModelError("nobody at home"))
    text = last(ask(page(), "ferry price"))
    assert "nobody at home; these are quotes instead" in text
    assert "The ferry price is five crowns." in text


@pytest.mark.parametrize(
    ("change", "told"),
    [("nothing", ""), ("changed", ENGLISH.source_changed), ("gone", ENGLISH.source_gone)],
)
def test_a_source_is_shown_beside_the_answer(
    filled: Library, documents: Path, change: str, told: str
) -> None:
    app = ask(page(), "ferry price")
    now: Session = app.session_state["bifolio"]
    (exchange,) = Chats(filled.folder).exchanges(now.chat)
    assert exchange.reply is not None
    (source,) = exchange.reply.sources
    if change == "changed":
        (documents / "fares.md").write_text("The ferry price is nine crowns.")
        filled.add(documents)
    elif change == "gone":
        filled.remove(source.path)
    now.beside = Beside(path=source.path, page=1, source=source)
    app.run()
    bodies = [block.proto.body for block in app.main.get("html")]
    assert any(f'bf-here">{source.quote}</mark>' in body for body in bodies)
    assert told in shown(app.main)
    assert any(one.key == "beside-close" for one in app.button)


def test_a_source_whose_file_is_gone_is_marked_where_it_is_cited(
    filled: Library, documents: Path
) -> None:
    app = ask(page(), "ferry price")
    assert ENGLISH.is_stale not in last(app)
    (documents / "fares.md").unlink()
    app.run()
    assert "Out of date: its file is no longer to be read" in last(app)
    filled.remove(str(documents / "fares.md"))
    app.run()
    assert "Out of date: it has been taken out of the library" in last(app)


def test_hostile_words_never_reach_streamlits_markdown(opened: Library, tmp_path: Path) -> None:
    file = tmp_path / "a :red[b] $c$ ![d](http:e).md"
    file.write_text(f"# {HOSTILE}\n\nThe ferry price {HOSTILE}\n")
    opened.add(file)
    opened.language_model = ParrotModel(f"ferry {HOSTILE}")
    app = ask(page(), f"ferry price {HOSTILE}")
    assert HOSTILE in last(app)
    for kind in ("markdown", "caption", "error", "warning", "info", "expander", "toast"):
        assert not app.get(kind), kind
    for block in app.get("html"):
        assert "<img" not in block.proto.body


def test_the_page_speaks_chinese(filled: Library) -> None:
    app = page()
    app.radio(key="language").set_value("中文").run()
    assert CHINESE.greeting in shown(app.main)
    assert app.chat_input[0].placeholder == CHINESE.ask
    assert "文档（3）" in shown(app.sidebar)


def test_an_answer_that_ends_while_the_page_is_drawn_is_shown(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    exchanges, stream, made = Chats.exchanges, filled.stream, list[Answers]()
    read = threading.Event()

    def _made(library: Library, chats: Chats, **options: Any) -> Answers:
        made.append(Answers(library, chats, **options))
        return made[-1]

    def _held(*given: Any, **options: Any) -> Iterator[Any]:
        assert read.wait(PATIENCE)
        yield from stream(*given, **options)

    def _late(chats: Chats, conversation: str) -> list[Exchange]:
        found = exchanges(chats, conversation)
        if found:
            read.set()
        assert all(answers.wait(PATIENCE) for answers in made)
        return found

    monkeypatch.setattr("bifolio.ui.opened.Answers", _made)
    monkeypatch.setattr(Chats, "exchanges", _late)
    monkeypatch.setattr(filled, "stream", _held)
    app = page()
    assert "The ferry price is five crowns." in last(ask(app, "ferry price"))
