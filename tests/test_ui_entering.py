"""Who may come in: by a password, or by a login."""

from types import SimpleNamespace

import pytest
from paging import ask, page, shown
from streamlit.testing.v1 import AppTest

from bifolio import Library
from bifolio.ui.texts import ENGLISH


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
