"""Conversations that were held before: a list in the sidebar, and what can be done with one."""

import streamlit as st

from bifolio.chats import Conversation, evaluation_lines
from bifolio.ui.exporting import as_markdown, file_name_of
from bifolio.ui.opened import Opened, Shelf
from bifolio.ui.state import Session
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting
from bifolio.ui.view import note_html
from bifolio.ui.words import escaped

# So many are shown at first, and so many more at each press.
_SHOWN, _MORE = 12, 50


def list_conversations(shelf: Shelf, now: Session, texts: Texts) -> None:
    """Show the conversations, the latest first, and let them be searched."""
    opened = shelf.home
    known = opened.chats.conversations(owner=now.owner)
    if not known:
        return
    st.html(f'<div class="bf-label">{escaped(texts.history)}</div>')
    words = st.text_input(
        texts.search_history,
        key="search-history",
        placeholder=texts.search_history,
        label_visibility="collapsed",
    )
    found = opened.chats.conversations(words, owner=now.owner) if words.strip() else known
    st.html(_listed(found[: _SHOWN + now.more_chats], now.chat, texts))
    left = len(found) - _SHOWN - now.more_chats
    if left > 0:
        st.button(
            texts.show_more.format(count=min(left, _MORE)),
            key="more-chats",
            type="tertiary",
            on_click=acting(_show_more, now),
        )
    rated = opened.chats.rated(owner=now.owner)
    if lines := evaluation_lines(rated):
        st.download_button(
            texts.export_rated,
            lines,
            file_name="questions.jsonl",
            mime="application/x-ndjson",
            key="export-rated",
            type="tertiary",
            help=texts.export_rated_help,
            on_click="ignore",
        )


def _show_more(now: Session) -> None:
    now.more_chats += _MORE


def _listed(found: list[Conversation], chosen: str, texts: Texts) -> str:
    rows = "".join(_row(one, chosen) for one in found)
    if not found:
        rows = f"<li>{escaped(texts.nothing_found)}</li>"
    return f'<ul class="bf-history">{rows}</ul>'


def _row(one: Conversation, chosen: str) -> str:
    current = ' aria-current="page"' if one.id == chosen else ""
    return (
        f'<li><button type="button" data-bf="chat:{escaped(one.id)}" dir="auto"{current}>'
        f"{escaped(one.title)}</button></li>"
    )


def offer_for_conversation(shelf: Shelf, now: Session, texts: Texts) -> None:
    """Offer to rename, export or delete the conversation that is open."""
    opened = shelf.home
    one = opened.chats.conversation(now.chat, owner=now.owner) if now.chat else None
    if one is None:
        return
    with st.popover(texts.this_conversation, key="conversation-menu"):
        key = f"title-{one.id}"
        renames = acting(_rename, opened, one.id, key)
        st.text_input(texts.rename, one.title, key=key, max_chars=80, on_change=renames)
        st.download_button(
            texts.export,
            lambda: as_markdown(one.title, shelf.shown(opened.chats.exchanges(one.id)), texts),
            file_name=file_name_of(one.title),
            mime="text/markdown",
            key="export",
            on_click="ignore",
        )
        if now.deleting != one.id:
            st.button(texts.delete, key="delete-asks", on_click=acting(_ask_to_delete, one.id, now))
            return
        st.html(note_html("warning", texts.delete_asks))
        with st.container(horizontal=True):
            st.button(
                texts.delete_yes,
                key="delete-conversation",
                type="primary",
                on_click=acting(_delete, opened, one.id, now),
            )
            st.button(texts.cancel, key="delete-not", on_click=acting(_ask_to_delete, "", now))


def _rename(opened: Opened, chat: str, key: str) -> None:
    title = str(st.session_state.get(key, ""))
    if title.strip():
        opened.chats.rename(chat, title)


def _ask_to_delete(chat: str, now: Session) -> None:
    now.deleting = chat


def _delete(opened: Opened, chat: str, now: Session) -> None:
    opened.answers.stop(chat)
    opened.chats.delete(chat)
    now.open_chat("")
