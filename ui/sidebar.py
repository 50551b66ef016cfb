"""The sidebar: language, views of the page, conversations, uploads, and how answers are made."""

from collections.abc import Sequence
from typing import Literal

import streamlit as st

from bifolio import Settings
from bifolio.jobs import Task
from bifolio.ui import view
from bifolio.ui.history import list_conversations
from bifolio.ui.opened import Shelf, libraries
from bifolio.ui.state import VIEWS, Session
from bifolio.ui.texts import LANGUAGES, Texts, preferred
from bifolio.ui.trouble import acting
from bifolio.ui.uploading import take_uploads
from bifolio.ui.view_documents import documents_html

_CHOICE = "library-choice"


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
    st.button(
        texts.new_conversation, key="new", width="stretch", on_click=acting(now.open_chat, "")
    )
    with st.container(horizontal=True, key="views"):
        for name in VIEWS:
            kind: Literal["secondary", "tertiary"]
            kind = "secondary" if now.view == name else "tertiary"
            turns = acting(now.turn_to, name)
            st.button(texts.views[name], key=f"view-{name}", type=kind, on_click=turns)


def choose_libraries(now: Session, settings: Settings, texts: Texts) -> Shelf:
    """Let the reader choose one library or several, if several are served."""
    known = libraries(settings)
    now.several = len(known) > 1
    before = now.libraries
    now.libraries = tuple(name for name in before if name in known) or (next(iter(known)),)
    if now.several:
        chosen = _chosen(list(known), now, texts)
        # In the order in which they were chosen: the conversation stays with the first.
        kept = [name for name in now.libraries if name in chosen]
        now.libraries = (*kept, *(name for name in chosen if name not in kept))
    if before and before[0] != now.libraries[0]:
        now.open_chat("")
    return Shelf(settings, known, now.libraries)


def _chosen(names: list[str], now: Session, texts: Texts) -> list[str]:
    state = st.session_state
    if state.get(_CHOICE) != list(now.libraries) and (now.recalled or _CHOICE not in state):
        state[_CHOICE] = list(now.libraries)
    now.recalled = False

    def _keep_one() -> None:
        if not state[_CHOICE]:
            state[_CHOICE] = list(now.libraries[:1])

    return st.multiselect(
        texts.library_choice,
        names,
        key=_CHOICE,
        on_change=_keep_one,
        placeholder=texts.library_choice,
        help=texts.library_help,
    )


def show_sidebar(shelf: Shelf, now: Session, tasks: Sequence[Task], texts: Texts) -> int:
    """Show conversations, uploads and documents; give the number of documents.

    ``tasks`` are the home's uploads, as :func:`take_uploads` wants them.
    """
    opened = shelf.home
    entries = {name: shelf.open(name).library.documents() for name in shelf.asked}
    count = sum(map(len, entries.values()))
    list_conversations(shelf, now, texts)
    # Where they are what the page itself is about they stand there.
    if now.view == "chat" and count:
        take_uploads(opened, tasks, texts)
        for place, (name, listed) in enumerate(entries.items()):
            told = name if len(entries) > 1 else ""
            st.html(documents_html(listed, texts, place=place, library=told))
    model = opened.library.language_model
    made = texts.by_model.format(name=model.name) if model else texts.by_quotes
    st.html(view.facts_html([(texts.answers, made), (texts.models, shelf.settings.models)]))
    return count
