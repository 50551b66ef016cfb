"""The page of settings: how much an answer needs, and who writes it."""

from pathlib import Path
from types import SimpleNamespace

import pytest
from paging import ParrotModel, ask, go_to, last, page, shown

from bifolio import Library
from bifolio.language_model import try_model
from bifolio.settings import BadSetting, Settings
from bifolio.ui.opened import open_once
from bifolio.ui.texts import ENGLISH


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
