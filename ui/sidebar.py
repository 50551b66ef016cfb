"""The sidebar: language, views of the page, conversations, uploads, and how answers are made."""

from typing import Literal

import streamlit as st

from bifolio import Settings
from bifolio.ui import view
from bifolio.ui.history import list_conversations
from bifolio.ui.opened import Opened
from bifolio.ui.state import VIEWS, Session
from bifolio.ui.texts import LANGUAGES, Texts, preferred
from bifolio.ui.uploading import take_uploads
from bifolio.ui.view_documents import documents_html


def choose_language() -> Texts:
    """Let the reader choose a language; the browser's is the first choice."""
    state = st.session_state
    if "language" not in state:
        state.language = preferred(st.context.locale)
    st.radio(
        LANGUAGES[state.language].language,
        list(LANGUAGES),
        key="language",
        horizontal=True,
        label_visibility="collapsed",
    )
    return LANGUAGES[state.language]


def choose_view(now: Session, texts: Texts) -> None:
    """Let the reader turn to another view, or begin a conversation."""
    if st.button(texts.new_conversation, key="new", width="stretch"):
        now.open_chat("")
    with st.container(horizontal=True, key="views"):
        for name in VIEWS:
            kind: Literal["secondary", "tertiary"]
            kind = "secondary" if now.view == name else "tertiary"
            if st.button(texts.views[name], key=f"view-{name}", type=kind):
                now.view, now.beside = name, None
                st.rerun()


def show_sidebar(opened: Opened, now: Session, settings: Settings, texts: Texts) -> int:
    """Show conversations, uploads and documents; give the number of documents."""
    entries = opened.library.documents()
    # Where they are what the page itself is about they stand there.
    if now.view == "settings" or (now.view == "chat" and entries):
        take_uploads(opened, texts, key="upload")
    list_conversations(opened, now, texts)
    if now.view != "documents":
        st.html(documents_html(entries, texts))
    model = opened.library.language_model
    made = texts.by_model.format(name=model.name) if model else texts.by_quotes
    st.html(view.facts_html([(texts.answers, made), (texts.models, settings.models)]))
    return len(entries)
