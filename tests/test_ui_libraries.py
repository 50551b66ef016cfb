"""Several libraries in one page."""

import os
from pathlib import Path

import pytest
from paging import ask, go_to, last, page, shown
from streamlit.testing.v1 import AppTest

from bifolio import DifferentModels, Library
from bifolio.chats import Chats
from bifolio.settings import Settings
from bifolio.ui.opened import Shelf, libraries
from bifolio.ui.pressing import press
from bifolio.ui.state import Beside, Session
from bifolio.ui.texts import ENGLISH


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
