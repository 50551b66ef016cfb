"""Conversations in the page: kept, named in the address, changed, judged, deleted."""

from chatting import PATIENCE
from paging import HOSTILE, ask, last, page, settled, shown

from bifolio import Library
from bifolio.chats import Chats
from bifolio.settings import Settings
from bifolio.ui.opened import Shelf
from bifolio.ui.pressing import press
from bifolio.ui.state import Beside, Session
from bifolio.ui.texts import CHINESE, ENGLISH


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
    app = page(chat=id_)
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


def test_a_conversation_is_in_the_address_and_outlives_its_session(filled: Library) -> None:
    app = ask(page(), "ferry price")
    id_ = app.session_state["bifolio"].chat
    assert id_ in app.query_params["chat"]
    again = page(chat=id_)
    assert "The ferry price is five crowns." in last(again)
    assert "ferry price" in shown(again.sidebar)


def test_a_conversation_that_is_none_is_a_new_one(filled: Library) -> None:
    app = page(chat=HOSTILE)
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


def test_what_was_asked_again_in_another_tab_is_not_asked_once_more(filled: Library) -> None:
    one = ask(page(), "ferry price")
    other = page()
    other.session_state["bifolio"].open_chat(one.session_state["bifolio"].chat)
    other.run()
    for app in (one, other):
        next(button for button in app.button if button.label == ENGLISH.regenerate).click().run()
    assert len(settled(other).chat_message) == 2
    assert "five crowns" in last(other)


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
    assert shelf.home.answers.wait(PATIENCE)
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


def test_the_language_stays_in_the_address(filled: Library) -> None:
    app = page()
    app.radio(key="language").set_value("中文").run()
    assert app.query_params["lang"] == "zh"
    assert CHINESE.greeting in shown(page(lang="zh").main)
