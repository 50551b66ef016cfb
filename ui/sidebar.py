"""The sidebar: language, views of the page, conversations, uploads, and how answers are made."""

from pathlib import Path
from typing import Literal

import streamlit as st

from bifolio import Settings
from bifolio.ui import view
from bifolio.ui.history import list_conversations
from bifolio.ui.opened import Opened, libraries
from bifolio.ui.state import VIEWS, Session
from bifolio.ui.texts import LANGUAGES, Texts, preferred
from bifolio.ui.uploading import take_uploads
from bifolio.ui.view_documents import documents_html


def choose_language(now: Session) -> Texts:
    """Let the reader choose a language; the address's or the browser's comes first."""
    state = st.session_state
    if "language" not in state:
        named = {one.html_language[:2]: name for name, one in LANGUAGES.items()}
        asked = st.query_params.get("lang", "")
        state.language = named.get(asked) or preferred(st.context.locale)
    st.radio(
        LANGUAGES[state.language].language,
        list(LANGUAGES),
        key="language",
        horizontal=True,
        label_visibility="collapsed",
    )
    texts = LANGUAGES[state.language]
    # What the browser wants anyway need not stand in the address.
    own = state.language == preferred(st.context.locale)
    now.language = "" if own else texts.html_language[:2]
    return texts


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


def choose_library(now: Session, settings: Settings, texts: Texts) -> Path:
    """Let the reader choose a library, if several are served, and give its folder."""
    known = libraries(settings)
    now.several = len(known) > 1
    if now.library not in known:
        now.library = next(iter(known))
    if now.several:
        names = list(known)
        chosen = st.selectbox(
            texts.library_choice, names, names.index(now.library), key="library-choice"
        )
        if chosen != now.library:
            now.library = chosen
            now.open_chat("")
    return known[now.library]


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
