"""What is pressed is done before the page is drawn: nothing that draws it anew can undo a press."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import streamlit
from paging import ParrotModel, ask, go_to, page, settled, shown
from streamlit.testing.v1 import AppTest

import bifolio.ui
from bifolio import Library
from bifolio.chats import Chats
from bifolio.ui.state import Beside
from bifolio.ui.texts import ENGLISH

# Each widget with the argument that names what it does when it is used.
ACTS = {
    "button": "on_click",
    "form_submit_button": "on_click",
    "chat_input": "on_submit",
    "feedback": "on_change",
    "file_uploader": "on_change",
    "toggle": "on_change",
}


def _labelled(app: AppTest, label: str) -> AppTest:
    next(one for one in app.button if one.label == label).click()
    return app


def _asked(_: Library) -> AppTest:
    return ask(page(), "ferry price")


def _edited(_: Library) -> AppTest:
    app = _labelled(ask(page(), "ferry price"), ENGLISH.edit).run()
    app.text_area[0].set_value("refund days")
    return app


def _deleted(_: Library) -> AppTest:
    return ask(page(), "ferry price").button(key="delete-asks").click().run()


def _beside(library: Library) -> AppTest:
    app = go_to(page(), "documents")
    app.session_state["bifolio"].beside = Beside(path=library.documents()[0].path, page=1)
    return app.run()


def _held(library: Library) -> AppTest:
    library.add_bytes("a.txt", b"The ferry price is nine.")
    files = [("a.txt", b"The ferry price is ten.", "text/plain")]
    return page().file_uploader[0].set_value(files).run()


def _settings(_: Library) -> AppTest:
    return go_to(page(), "settings")


def _chat(app: AppTest) -> str:
    return str(app.session_state["bifolio"].chat)


def _titles(library: Library) -> list[str]:
    return [one.title for one in Chats(library.folder).conversations()]


Before, Press = Callable[[Library], AppTest], Callable[[AppTest], object]
Holds = Callable[[AppTest, Library], object]
PRESSES: dict[str, tuple[Before, Press, Holds]] = {
    "a new conversation": (
        _asked,
        lambda app: app.button(key="new").click(),
        lambda app, _: not _chat(app),
    ),
    "a view": (
        _asked,
        lambda app: app.button(key="view-documents").click(),
        lambda app, _: ENGLISH.search_documents in str(app.text_input),
    ),
    "regenerate": (
        _asked,
        lambda app: _labelled(app, ENGLISH.regenerate),
        lambda app, library: Chats(library.folder).exchanges(_chat(app))[0].id > 1,
    ),
    "edit": (_asked, lambda app: _labelled(app, ENGLISH.edit), lambda app, _: app.text_area),
    "ask again": (
        _edited,
        lambda app: _labelled(app, ENGLISH.ask_again),
        lambda app, _: "refund days" in shown(app.chat_message[0]),
    ),
    "leave editing": (
        _edited,
        lambda app: _labelled(app, ENGLISH.cancel),
        lambda app, _: not app.text_area,
    ),
    "rename": (
        _asked,
        lambda app: app.text_input(key=f"title-{_chat(app)}").set_value("Fares"),
        lambda _, library: _titles(library) == ["Fares"],
    ),
    "delete": (
        _deleted,
        lambda app: app.button(key="delete-conversation").click(),
        lambda _, library: not _titles(library),
    ),
    "close": (
        _beside,
        lambda app: app.button(key="beside-close").click(),
        lambda app, _: app.session_state["bifolio"].beside is None,
    ),
    "read again": (
        _beside,
        lambda app: app.button(key="read-again").click(),
        lambda app, _: app.session_state["bifolio"].again,
    ),
    "remove": (
        _beside,
        lambda app: app.button(key="remove").click(),
        lambda _, library: len(library.documents()) == 2,
    ),
    "replace": (
        _held,
        lambda app: app.button(key="upload-replace").click(),
        lambda _, library: "ten" in library.document("a.txt").text,
    ),
    "a threshold": (
        _settings,
        lambda app: app.toggle(key="own").set_value(False),
        lambda app, _: app.session_state["bifolio"].options.threshold is not None,
    ),
    "a language model": (
        _settings,
        lambda app: _labelled(app, ENGLISH.model_use),
        lambda _, library: library.language_model,
    ),
}


@pytest.mark.parametrize("pressed", PRESSES)
def test_a_press_counts_though_the_page_is_drawn_anew_at_once(
    filled: Library, monkeypatch: pytest.MonkeyPatch, pressed: str
) -> None:
    monkeypatch.setattr("bifolio.ui.settings_view.open_language_model", lambda _: ParrotModel())
    before, press, holds = PRESSES[pressed]
    app = before(filled)
    press(app)
    anew = iter([True])

    def draws_anew(_: object) -> str:
        if next(anew, False):
            streamlit.rerun()
        return ""

    with monkeypatch.context() as once:
        once.setattr("bifolio.ui.entering.who_enters", draws_anew)
        app.run()
    assert next(anew, None) is None
    assert holds(settled(app), filled)


def _calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Give the calls of methods, and of functions of modules, by name."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield node.func.attr, node


def test_everything_that_is_pressed_names_what_it_does_and_only_clocks_draw_anew() -> None:
    wrong = []
    for file in sorted(Path(bifolio.ui.__file__).parent.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        ticking = {
            call
            for function in ast.walk(tree)
            if isinstance(function, ast.FunctionDef) and "run_every" in _decorations(function)
            for _, call in _calls(function)
        }
        for name, call in _calls(tree):
            act = ACTS.get(name)
            is_deaf = act and act not in {given.arg for given in call.keywords}
            if is_deaf or (name == "rerun" and call not in ticking):
                wrong.append(f"{file.name}:{call.lineno}: {name}")
    assert not wrong


def _decorations(function: ast.FunctionDef) -> str:
    return " ".join(map(ast.unparse, function.decorator_list))
