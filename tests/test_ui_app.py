"""The page itself, run by Streamlit's test harness on a library whose models are the doubles."""

import os
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import bifolio.ui
from bifolio import DifferentModels, LanguageModelError, Library, LibraryBusy
from bifolio.answers.prompts import NOT_FOUND_EN
from bifolio.chats import Chats
from bifolio.ingest_report import IngestReport, OnProgress, Progress
from bifolio.jobs.answers import UNEXPECTED
from bifolio.language_model import try_model
from bifolio.settings import BadSetting, Settings
from bifolio.ui.opened import Shelf, libraries, open_once
from bifolio.ui.pressing import press
from bifolio.ui.state import Beside, Session
from bifolio.ui.texts import CHINESE, ENGLISH

SCRIPT = Path(bifolio.ui.__file__).with_name("streamlit_app.py")
HOSTILE = "![a](http://evil.test/a.png) <img src=http://evil.test/b.png> :material/home:"


@pytest.fixture
def opened(library: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Library]:
    """Give the empty library that the page will open."""
    monkeypatch.setattr(Library, "open", lambda *_, **__: library)
    monkeypatch.setattr("bifolio.ui.entering.st.get_option", lambda _: "127.0.0.1")
    st.cache_resource.clear()
    yield library
    st.cache_resource.clear()


@pytest.fixture
def filled(opened: Library, documents: Path) -> Library:
    """Give the library with three documents in it."""
    opened.add(documents)
    return opened


class ParrotModel:
    """A language model that cites nothing and says what it is told to."""

    name = "parrot"

    def __init__(self, *replies: str | Exception) -> None:
        self.replies = replies
        self.heard: list[Sequence[Any]] = []

    def stream(self, messages: Sequence[Any]) -> Iterator[str]:
        self.heard.append(messages)
        for reply in self.replies:
            if isinstance(reply, Exception):
                raise reply
            yield reply


def page() -> AppTest:
    return AppTest.from_file(str(SCRIPT), default_timeout=30).run()


def ask(app: AppTest, question: str) -> AppTest:
    return settled(app.chat_input[0].set_value(question).run())


def settled(app: AppTest) -> AppTest:
    """Look again until neither an answer nor an upload is under way, as a browser does."""
    until = time.monotonic() + 30
    while any(key in ("stop", "upload-cancel") for key in (one.key for one in app.button)):
        assert time.monotonic() < until
        time.sleep(0.05)
        app.run()
    return app


class _Words(HTMLParser):
    words = ""

    def handle_data(self, data: str) -> None:
        self.words += f" {data}"


def shown(element: Any) -> str:
    """Give the words that an element and those inside it show."""
    reader = _Words()
    for block in element.get("html"):
        reader.feed(block.proto.body)
    return " ".join(reader.words.split())


def last(app: AppTest) -> str:
    return shown(app.chat_message[-1])


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


def test_the_conversation_goes_on_and_can_begin_anew(filled: Library) -> None:
    app = ask(ask(page(), "ferry price"), "refund days")
    assert len(app.chat_message) == 4
    assert "The ferry price is five crowns." in shown(app.chat_message[1])
    app.button(key="new").click().run()
    assert not app.chat_message
    assert ENGLISH.greeting in shown(app.main)


def test_a_question_that_was_interrupted_is_told_and_can_be_asked_again(filled: Library) -> None:
    chats = Chats(filled.folder)
    id_ = chats.begin("ferry price")
    chats.ask(id_, "ferry price")
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
    app.query_params["chat"] = id_
    app.run()
    assert ENGLISH.stopped in last(app)
    next(one for one in app.button if one.label == ENGLISH.regenerate).click()
    settled(app.run())
    assert len(app.chat_message) == 2
    assert "The ferry price is five crowns." in last(app)


def test_two_sessions_know_nothing_of_each_other(filled: Library) -> None:
    one, two = page(), page()
    ask(one, "ferry price")
    ask(two, "fire crew bell")
    one.run()
    assert [len(app.chat_message) for app in (one, two)] == [2, 2]
    assert "bell" not in "".join(shown(message) for message in one.chat_message)
    assert "price" not in shown(two.chat_message[0])


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


def test_an_answer_is_stopped_and_what_there_is_of_it_stays(filled: Library) -> None:
    go_on = threading.Event()

    class SlowModel:
        name = "slow"

        def stream(self, messages: Sequence[Any]) -> Iterator[str]:
            yield "The ferry leaves at noon. It has a "
            assert go_on.wait(30)
            yield "bell."

    filled.language_model = SlowModel()
    app = page().chat_input[0].set_value("ferry price").run()
    until = time.monotonic() + 30
    while "ferry leaves" not in last(app):
        assert time.monotonic() < until
        app.run()
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


def test_a_conversation_is_in_the_address_and_outlives_its_session(filled: Library) -> None:
    app = ask(page(), "ferry price")
    id_ = app.session_state["bifolio"].chat
    assert id_ in app.query_params["chat"]
    again = AppTest.from_file(str(SCRIPT), default_timeout=30)
    again.query_params["chat"] = id_
    again.run()
    assert "The ferry price is five crowns." in last(again)
    assert "ferry price" in shown(again.sidebar)


def test_a_conversation_that_is_none_is_a_new_one(filled: Library) -> None:
    app = AppTest.from_file(str(SCRIPT), default_timeout=30)
    app.query_params["chat"] = HOSTILE
    app.run()
    assert ENGLISH.greeting in shown(app.main)
    assert not app.exception


def test_a_question_can_be_changed_and_takes_what_followed_with_it(filled: Library) -> None:
    app = ask(ask(page(), "ferry prise"), "refund days")
    next(one for one in app.button if one.label == ENGLISH.edit).click()
    app.run()
    assert ENGLISH.edit_cuts in shown(app.main)
    app.text_area[0].set_value("ferry price")
    next(one for one in app.button if one.label == ENGLISH.ask_again).click()
    settled(app.run())
    assert len(app.chat_message) == 2
    assert "The ferry price is five crowns." in last(app)


def test_an_answer_is_judged_and_the_judgement_is_kept(filled: Library) -> None:
    app = ask(page(), "ferry price")
    app.feedback[0].set_value(1).run()
    next(one for one in app.text_input if one.label == ENGLISH.note).set_value("just so").run()
    (rated,) = Chats(filled.folder).rated()
    assert (rated.thumb, rated.note) == (1, "just so")


def test_a_conversation_is_renamed_and_deleted(filled: Library) -> None:
    app = ask(page(), "ferry price")
    title = next(one for one in app.text_input if one.label == ENGLISH.rename)
    title.set_value("Fares").run()
    assert [one.title for one in Chats(filled.folder).conversations()] == ["Fares"]
    app.button(key="delete-asks").click().run()
    app.button(key="delete-not").click().run()
    assert len(Chats(filled.folder).conversations()) == 1
    app.button(key="delete-asks").click().run()
    app.button(key="delete-conversation").click().run()
    assert not app.chat_message
    assert Chats(filled.folder).conversations() == []


def test_what_is_pressed_in_our_own_html_is_looked_up(filled: Library) -> None:
    shelf = Shelf(Settings(), {"library": filled.folder}, ("library",))
    chats = shelf.home.chats
    path = filled.documents()[0].path
    now = Session(suggestions=("ferry price",))
    press("suggested:0", shelf, now)
    assert shelf.home.answers.wait(30)
    (exchange,) = chats.exchanges(now.chat)
    press(f"source:{exchange.id}:1", shelf, now)
    assert now.beside is not None
    assert now.beside.source is not None
    assert now.beside.source.quote == "The ferry price is five crowns."
    nowhere = ("document:0:/etc/passwd", f"document:7:{path}", f"document:{path}", "document:²:a")
    for nothing in ("", "source:x:1", "suggested:9", "chat:other", *nowhere, HOSTILE):
        before = now.beside
        press(nothing, shelf, now)
        assert now.beside is before
    press(f"document:0:{path}", shelf, now)
    assert now.beside == Beside(path=path, page=1)
    press("close", shelf, now)
    assert now.beside is None
    press("view:documents", shelf, now)
    assert now.view == "documents"
    press("view:other", shelf, now)
    assert now.view == "documents"
    chat = now.chat
    press("address:?lang=zh&view=settings", shelf, now)
    assert (now.chat, now.view) == ("", "settings")
    press(f"address:?chat={chat}", shelf, now)
    assert (now.chat, now.view) == (chat, "chat")
    press("address:?chat=other&view=other", shelf, now)
    assert (now.chat, now.view) == ("", "chat")


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


def test_from_elsewhere_nobody_comes_in_without_a_password(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bifolio.ui.entering.st.get_option", lambda _: "0.0.0.0")
    app = page()
    assert "0.0.0.0 can be reached from other machines" in shown(app.main)
    assert not app.chat_input
    assert not app.file_uploader


def test_who_knows_the_password_comes_in(filled: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFOLIO_PASSWORD", "tide")
    # The harness has a double of the browser's request, which answers everything.
    monkeypatch.setattr(
        "bifolio.ui.entering.st.context", SimpleNamespace(cookies={}, ip_address=None, locale="en")
    )
    app = page()
    app.text_input(key="password").set_value("wrong")
    app.button[0].click().run()
    assert ENGLISH.door_wrong in shown(app.main)
    assert not app.chat_input
    assert "fares" not in shown(app.sidebar).lower()
    app.text_input(key="password").set_value("tide")
    app.button[0].click().run()
    assert app.chat_input
    assert not page().chat_input


def go_to(app: AppTest, view: str) -> AppTest:
    return app.button(key=f"view-{view}").click().run()


def test_documents_are_searched_opened_and_removed(filled: Library) -> None:
    app = go_to(page(), "documents")
    assert "Documents (3)" in shown(app.main)
    next(one for one in app.text_input if one.key == "search-documents").set_value("fares").run()
    assert "Documents (1 of 3)" in shown(app.main)
    path = next(one.path for one in filled.documents() if one.path.endswith("fares.md"))
    app.session_state["bifolio"].beside = Beside(path=path, page=1)
    app.run()
    assert "The ferry price is five crowns." in shown(app.main)
    assert ENGLISH.page_in_chunks.format(count=1) in [one.label for one in app.expander]
    app.button(key="remove").click().run()
    assert len(filled.documents()) == 2
    assert not app.exception


def test_a_document_is_read_again_as_its_file_is_now(filled: Library, documents: Path) -> None:
    file = documents / "fares.md"
    file.write_text("The ferry price is nine crowns.")
    app = go_to(page(), "documents")
    app.session_state["bifolio"].beside = Beside(path=str(file), page=1)
    app.run()
    app.button(key="read-again").click()
    settled(app.run())
    assert "nine" in filled.document(str(file)).text
    # At the top of the page and beside the document, which may be far below.
    assert shown(app.main).count("fares.md: updated, 1 page, 1 chunk") == 2


def test_a_folder_of_this_machine_is_added_by_its_path(opened: Library, documents: Path) -> None:
    app = go_to(page(), "documents")
    app.text_input(key="folder-path-0").set_value("no/such")
    next(one for one in app.button if one.label == ENGLISH.add_folder).click().run()
    assert "There is no folder no/such" in shown(app.main)
    app.text_input(key="folder-path-0").set_value(str(documents))
    next(one for one in app.button if one.label == ENGLISH.add_folder).click()
    settled(app.run())
    assert len(opened.documents()) == 3


def test_what_was_added_of_a_folder_is_told_though_the_rest_was_not(
    opened: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(_: Path, *, on_progress: OnProgress) -> IngestReport:
        for done in range(2):
            on_progress(Progress("a.txt", done, 5, 1.0))
        raise LibraryBusy("the library is busy")

    monkeypatch.setattr(opened, "add", add)
    app = page()
    app.text_input(key="folder-path-0").set_value(str(documents))
    next(one for one in app.button if one.label == ENGLISH.add_folder).click()
    told = shown(settled(app.run()))
    assert ENGLISH.some_kept.format(count=2, total=5) in told


def test_an_empty_library_is_filled_with_samples_at_one_press(opened: Library) -> None:
    settled(page().button(key="samples").click().run())
    assert len(opened.documents()) == 11


def test_a_new_edition_is_asked_about(opened: Library) -> None:
    opened.add_bytes("a.txt", b"The ferry price is nine.")
    app = page()
    app.file_uploader[0].set_value([("a.txt", b"The ferry price is ten.", "text/plain")]).run()
    assert "The library has a.txt already" in shown(app.sidebar)
    assert "nine" in opened.document("a.txt").text
    settled(app.button(key="upload-replace").click().run())
    assert [entry.path for entry in opened.documents()] == ["a.txt"]
    assert "ten" in opened.document("a.txt").text


def test_a_name_that_is_held_twice_is_said_once(opened: Library) -> None:
    opened.add_bytes("a.txt", b"The ferry price is nine.")
    app = page()
    files = [("a.txt", f"The ferry price is {n}.".encode(), "text/plain") for n in (6, 7)]
    app.file_uploader[0].set_value(files).run()
    assert ENGLISH.known_name.format(names="a.txt") in shown(app.sidebar)


def test_of_a_name_that_is_known_nothing_is_asked_or_told_twice(opened: Library) -> None:
    nine, six = b"The ferry price is nine.", b"The ferry price is six."
    opened.add_bytes("a.txt", nine)
    app = page()
    app.file_uploader[0].set_value([("a.txt", six, "text/plain")]).run()
    settled(app.button(key="upload-keep").click().run())
    kept = f"a ({sha256(six).hexdigest()[:8]}).txt"
    assert [entry.path for entry in opened.documents()] == [kept, "a.txt"]
    assert f"{kept}: added, 1 page, 1 chunk" in shown(app.sidebar)
    assert "beside it" not in shown(app.sidebar)
    # The same bytes again are no new edition; what went well before is told no more.
    settled(app.file_uploader[0].set_value([("a.txt", nine, "text/plain")]).run())
    assert "a.txt: already in the library" in shown(app.sidebar)
    assert "added" not in shown(app.sidebar)
    assert len(opened.documents()) == 2


def test_settings_hold_for_the_next_question(filled: Library) -> None:
    app = go_to(page(), "settings")
    app.toggle(key="own").set_value(False).run()
    next(one for one in app.slider if one.label == ENGLISH.least_score).set_value(1.0).run()
    next(one for one in app.slider if one.label == ENGLISH.keep).set_value(3).run()
    options = app.session_state["bifolio"].options
    assert (options.threshold, options.keep) == (1.0, 3)
    go_to(app, "chat")
    text = last(ask(app, "what is the ferry price today"))
    assert ENGLISH.nearest in text


def test_a_language_model_is_tried_used_and_saved_without_its_key(
    filled: Library, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "of this machine"))
    parrot = ParrotModel("ready")
    monkeypatch.setattr("bifolio.ui.settings_view.open_language_model", lambda _: parrot)
    app = go_to(page(), "settings")
    fields = {one.label: one for one in app.text_input}
    fields[ENGLISH.model_name].set_value("parrot")
    fields[ENGLISH.model_key].set_value("sk-secret")
    next(one for one in app.button if one.label == ENGLISH.model_try).click().run()
    assert "It answers: “ready”" in shown(app.main)
    next(one for one in app.button if one.label == ENGLISH.model_use).click().run()
    assert filled.language_model is parrot
    # In the sidebar too, and at once.
    assert ENGLISH.model_saved in shown(app.main)
    assert ENGLISH.by_model.format(name=parrot.name) in shown(app.sidebar)
    saved = (filled.folder / "settings.json").read_text()
    assert "parrot" in saved
    assert "secret" not in saved
    # The same person goes on with it here; the folder alone takes no key to a server elsewhere.
    chosen = {"library": filled.folder}
    assert Settings.from_env(given=chosen).llm == "parrot"
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "of another"))
    with pytest.raises(BadSetting, match=r"names the server https://api.openai.com \(llm\)"):
        Settings.from_env(given=chosen)


def test_a_model_that_goes_on_and_on_is_heard_for_a_moment() -> None:
    words = iter(["ready "] * 1000)
    model = SimpleNamespace(name="endless", stream=lambda _: words)
    assert try_model(model).said.startswith("ready ready")
    assert len(list(words)) > 900


def test_from_which_score_a_sentence_is_supported_is_set_and_saved(filled: Library) -> None:
    app = go_to(page(), "settings")
    next(one for one in app.slider if one.label == ENGLISH.support).set_value(0.4)
    next(one for one in app.button if one.label == ENGLISH.model_none).click().run()
    assert filled.support == 0.4
    none = {"XDG_CONFIG_HOME": "/nowhere"}  # what is saved on this machine is none of its
    saved = Settings.from_env({"BIFOLIO_LIBRARY": str(filled.folder)} | none)
    assert saved.support == 0.4
    # What was saved does not open the library once more, with a queue of its own.
    served = {"library": filled.folder}
    assert open_once(saved, served, "library") is open_once(
        Settings(library=filled.folder), served, "library"
    )


def test_a_server_that_is_none_is_told(filled: Library) -> None:
    app = go_to(page(), "settings")
    fields = {one.label: one for one in app.text_input}
    fields[ENGLISH.model_name].set_value("parrot")
    fields[ENGLISH.model_address].set_value("file:///etc/passwd")
    next(one for one in app.button if one.label == ENGLISH.model_use).click().run()
    assert "file:///etc/passwd is no address of a server" in shown(app.main)
    assert filled.language_model is None


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


def test_an_upload_is_added_once_and_told(opened: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    add_bytes = opened.add_bytes

    def counted(name: str, data: bytes, **options: Any) -> Any:
        names.append(name)
        return add_bytes(name, data, **options)

    monkeypatch.setattr(opened, "add_bytes", counted)
    app = page()
    files = [("a.txt", b"The ferry price is nine.", "text/plain"), ("b.exe", b"MZ", "text/plain")]
    settled(app.file_uploader[0].set_value(files).run())
    assert names == ["a.txt", "b.exe"]
    text = shown(app.sidebar)
    assert "a.txt: added, 1 page, 1 chunk" in text
    assert "b.exe: not added: programs hold no text" in text
    assert "Documents (1)" in text
    assert not app.chat_input[0].disabled
    assert not app.exception


def visitor(monkeypatch: pytest.MonkeyPatch, **cookies: str) -> None:
    context = SimpleNamespace(cookies=cookies, ip_address=None, locale="en")
    monkeypatch.setattr("bifolio.ui.entering.st.context", context)


def entered() -> AppTest:
    app = page()
    app.text_input(key="password").set_value("tide")
    return app.button[0].click().run()


def test_each_browser_that_knows_the_password_has_conversations_of_its_own(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIFOLIO_PASSWORD", "tide")
    visitor(monkeypatch)
    mine = ask(entered(), "ferry price")
    name = mine.session_state["bifolio-reader"]
    others = entered()
    others.session_state["bifolio"].open_chat(mine.session_state["bifolio"].chat)
    others.run()
    assert not others.chat_message
    assert "ferry price" not in shown(others.sidebar)
    visitor(monkeypatch, **{"bifolio-reader": name})
    assert "ferry price" in shown(entered().sidebar)


@pytest.mark.parametrize("forged", ["", "x", "a" * 21 + "\u00e9", "../../../../etc/passwd"])
def test_a_browser_cannot_choose_a_name_that_is_none(
    filled: Library, monkeypatch: pytest.MonkeyPatch, forged: str
) -> None:
    monkeypatch.setenv("BIFOLIO_PASSWORD", "tide")
    visitor(monkeypatch, **{"bifolio-reader": forged})
    assert entered().session_state["bifolio-reader"] != forged


def test_with_a_login_everybody_is_asked_to_log_in(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bifolio.entrance.find_spec", lambda _: object())
    monkeypatch.setattr("bifolio.ui.entering.st.secrets", {"auth": {}})
    monkeypatch.setattr("bifolio.ui.entering.st.user", SimpleNamespace(is_logged_in=False))
    app = page()
    assert app.button(key="log-in").label == ENGLISH.log_in
    assert not app.chat_input


def test_a_login_whose_package_is_missing_is_told_and_lets_nobody_in(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bifolio.entrance.find_spec", lambda _: None)
    monkeypatch.setattr("bifolio.ui.entering.st.secrets", {"auth": {}})
    app = page()
    assert "pip install 'bifolio[login]'" in shown(app.main)
    assert not app.chat_input


def test_each_person_who_logs_in_has_conversations_of_their_own(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bifolio.entrance.find_spec", lambda _: object())
    monkeypatch.setattr("bifolio.ui.entering.st.secrets", {"auth": {}})
    seen = []
    for sub in ("1", "2", "1"):
        user = SimpleNamespace(is_logged_in=True, get={"iss": "x", "sub": sub}.get)
        monkeypatch.setattr("bifolio.ui.entering.st.user", user)
        app = page()
        seen.append("ferry price" in shown(app.sidebar))
        if sub == "1" and not seen[-1]:
            ask(app, "ferry price")
    assert seen == [False, False, True]


@pytest.fixture
def served(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Library, Library]:
    """Serve two libraries; the other one has a plan."""
    other = Library(tmp_path / "other", models=filled.models)
    other.add_bytes("plan.txt", b"The ferry leaves at ten.")
    both = {"library": filled, "other": other}
    monkeypatch.setattr(Library, "open", lambda folder, **_: both[Path(folder).name])
    monkeypatch.setenv("BIFOLIO_LIBRARY", str(filled.folder))
    monkeypatch.setenv("BIFOLIO_ALSO", str(other.folder))
    return filled, other


def choose(app: AppTest, *names: str) -> AppTest:
    return app.multiselect(key="library-choice").set_value(list(names)).run()


def test_one_of_several_libraries_is_chosen(served: tuple[Library, Library]) -> None:
    app = choose(ask(page(), "ferry price"), "other")
    assert not app.chat_message
    assert "plan" in shown(app.sidebar)
    assert app.query_params["library"] == "other"
    assert "ten" in last(ask(app, "ferry leaves"))


def test_a_question_is_put_to_all_libraries_that_are_chosen(
    served: tuple[Library, Library],
) -> None:
    filled, other = served
    app = choose(ask(page(), "ferry price"), "library", "other")
    # The conversation stays with the first, and nothing is told of libraries in its old answer.
    assert "five crowns" in last(app)
    assert "· library" not in last(app)
    text = last(ask(app, "ferry leaves"))
    assert "plan · page 1 · other" in text
    (_, exchange) = Chats(filled.folder).exchanges(app.session_state["bifolio"].chat)
    assert exchange.reply is not None
    assert exchange.reply.libraries == (str(other.folder),)
    assert {source.library for source in exchange.reply.sources} == {str(other.folder)}
    assert Chats(other.folder).conversations() == []
    (source,) = exchange.reply.sources
    app.session_state["bifolio"].beside = Beside(
        path="plan.txt", page=1, source=source, library=source.library
    )
    app.run()
    bodies = [block.proto.body for block in app.main.get("html")]
    assert any('bf-here">The ferry leaves at ten.</mark>' in body for body in bodies)
    assert not app.exception


def test_a_conversation_that_is_opened_again_asks_its_libraries_again(
    served: tuple[Library, Library],
) -> None:
    filled, other = served
    app = ask(choose(page(), "library", "other"), "ferry leaves")
    now: Session = app.session_state["bifolio"]
    chat = now.chat
    choose(app, "library")
    shelf = Shelf(Settings(), {"library": filled.folder, "other": other.folder}, ("library",))
    press(f"chat:{chat}", shelf, now)
    app.run()
    assert app.multiselect(key="library-choice").value == ["library", "other"]
    assert now.chat == chat


def test_one_library_at_least_stays_chosen(served: tuple[Library, Library]) -> None:
    app = choose(page(), "other")
    choose(app)
    assert app.multiselect(key="library-choice").value == ["other"]


def test_documents_are_shown_of_one_library_at_a_time(served: tuple[Library, Library]) -> None:
    app = go_to(choose(page(), "library", "other"), "documents")
    assert "Documents (3)" in shown(app.main)
    next(one for one in app.radio if one.label == ENGLISH.library_shown).set_value("other").run()
    assert "Documents (1)" in shown(app.main)
    assert "plan" in shown(app.main)


def test_libraries_that_cannot_be_asked_together_are_told_in_the_answer(
    served: tuple[Library, Library], monkeypatch: pytest.MonkeyPatch
) -> None:
    def _refuse(*_: object) -> None:
        raise DifferentModels(Path("/a"), "one", Path("/b"), "two")

    monkeypatch.setattr("bifolio.jobs.answers.Libraries", _refuse)
    text = last(ask(choose(page(), "library", "other"), "ferry price"))
    assert "/a and /b have different models" in text


def test_libraries_of_one_name_are_told_apart_by_their_folders() -> None:
    settings = Settings(library=Path("/a/docs"))
    also = os.pathsep.join(["/b/docs", "/b/notes", "/a/docs"])
    known = libraries(settings, {"BIFOLIO_ALSO": also})
    assert list(known) == ["/a/docs", "/b/docs", "notes"]


def test_the_language_stays_in_the_address(filled: Library) -> None:
    app = page()
    app.radio(key="language").set_value("中文").run()
    assert app.query_params["lang"] == "zh"
    again = AppTest.from_file(str(SCRIPT), default_timeout=30)
    again.query_params["lang"] = "zh"
    assert CHINESE.greeting in shown(again.run().main)


def test_of_many_good_uploads_only_their_number_is_told(opened: Library) -> None:
    app = page()
    files = [(f"{n}.txt", f"The ferry price is {n}.".encode(), "text/plain") for n in range(6)]
    app.file_uploader[0].set_value([*files, ("b.exe", b"MZ", "text/plain")]).run()
    until = time.monotonic() + 30
    while ENGLISH.all_done.format(count=6) not in shown(app):
        assert time.monotonic() < until
        time.sleep(0.1)
        app.run()
    assert "b.exe" in shown(app)
    assert "0.txt: added" not in shown(app)
