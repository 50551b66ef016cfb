"""The page of the web chat; Streamlit runs this file from top to bottom at every turn.

Start it by ``bifolio chat``, or by ``python -m streamlit run --server.address 127.0.0.1`` and this
file's path.
"""

from pathlib import Path

import streamlit as st

from bifolio import Message, Settings
from bifolio.ui import view
from bifolio.ui.beside import show_beside
from bifolio.ui.conversation import converse
from bifolio.ui.documents import show_documents
from bifolio.ui.entering import reader, token, who_enters
from bifolio.ui.history import offer_for_conversation
from bifolio.ui.opened import Shelf
from bifolio.ui.pressing import press
from bifolio.ui.settings_view import show_settings
from bifolio.ui.sidebar import choose_language, choose_libraries, choose_view, show_sidebar
from bifolio.ui.state import Session, session, write_address
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import told_to
from bifolio.ui.wires import connect


def main() -> None:
    """Draw the page."""
    st.set_page_config(page_title="Bifolio", page_icon=view.LEAVES, layout="wide")
    for sheet in ("style.css", "parts.css"):
        st.html(Path(__file__).with_name(sheet))
    now = session()
    with st.sidebar:
        heading = st.empty()
        texts = choose_language(now)
        heading.html(view.heading_html(texts.tagline))

    def _show(problem: Message) -> None:
        st.html(view.note_html("error", texts.sentence(problem)))

    with told_to(_show):
        for problem in now.problems:
            _show(problem)
        now.problems.clear()
        owner = who_enters(texts)
        if owner is None:
            connect(language=texts.html_language, words=texts.of_streamlit)
            return
        now.owner = owner
        settings = Settings.from_env()
        with st.sidebar:
            choose_view(now, texts)
            shelf = choose_libraries(now, settings, texts)
        with st.spinner(texts.opening):
            for name in shelf.asked:
                shelf.open(name)
        _draw(shelf, now, texts)


def _press(action: str, shelf: Shelf, now: Session) -> None:
    with told_to(now.problems.append):
        press(action, shelf, now)


def _draw(shelf: Shelf, now: Session, texts: Texts) -> None:
    opened = shelf.home
    if now.chat and opened.chats.conversation(now.chat, owner=now.owner) is None:
        now.open_chat("")
    # First of all, so that nothing shows that cannot be pressed yet.
    connect(
        language=texts.html_language,
        words=texts.of_streamlit,
        beside=now.beside.name if now.beside else "",
        token=token(),
        reader=reader() if now.owner.startswith("browser:") else "",
        on_press=lambda action: _press(action, shelf, now),
    )
    tasks = opened.uploads.tasks()
    with st.sidebar:
        count = show_sidebar(shelf, now, tasks, texts)
    if now.view == "chat":
        offer_for_conversation(shelf, now, texts)
        converse(shelf, now, tasks, empty=not count, texts=texts)
    elif now.view == "documents":
        show_documents(shelf, now, texts)
    else:
        show_settings(opened, now, shelf.settings, texts)
    show_beside(shelf, now, texts)
    write_address(now)


main()
