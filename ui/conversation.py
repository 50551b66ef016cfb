"""The conversation: questions, answers as they come, what they rest on and what can be done."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from bifolio.chats import Exchange, Reply
from bifolio.jobs import Task
from bifolio.ui import view
from bifolio.ui.documents import offer_folder, offer_samples
from bifolio.ui.exporting import with_sources
from bifolio.ui.opened import Opened, Shelf
from bifolio.ui.state import Session
from bifolio.ui.suggested import suggest
from bifolio.ui.texts import Texts
from bifolio.ui.trouble import acting
from bifolio.ui.uploading import await_first, take_uploads, tell_progress
from bifolio.ui.view_sources import against_html, nearest_html, sources_html
from bifolio.ui.view_trace import trace_html
from bifolio.ui.words import copy_html, escaped

# Seconds between two pictures of a growing answer; each one is sent whole.
_PAUSE = 0.3
# A pasted page fits; the field takes nothing of what is longer, and says nothing.
_LONGEST_QUESTION = 20_000
_QUESTION = "question"


def converse(
    shelf: Shelf, now: Session, tasks: Sequence[Task], *, empty: bool, texts: Texts
) -> None:
    """Show the conversation and take a question; ``tasks`` are as :func:`take_uploads` wants."""
    opened = shelf.home
    # First what is coming: an answer that ends in between is kept by then, and is drawn again.
    coming = opened.answers.coming(now.chat) if now.chat else None
    exchanges = opened.chats.exchanges(now.chat) if now.chat else []

    st.chat_input(
        texts.ask,
        key=_QUESTION,
        max_chars=_LONGEST_QUESTION,
        disabled=empty or coming is not None,
        on_submit=acting(_ask_typed, shelf, now),
    )
    if not exchanges:
        _welcome(shelf, now, tasks, empty=empty, texts=texts)
    if not empty and any(task.is_open for task in tasks):
        with st.container(key="upload-progress"):
            tell_progress(opened, texts)
    for exchange in shelf.shown(exchanges):
        is_last = exchange.id == exchanges[-1].id
        with st.chat_message("user", avatar=view.READER):
            _question(exchange, shelf, now, is_last=is_last, texts=texts)
        with st.chat_message("assistant", avatar=view.LEAVES):
            if coming and coming.exchange == exchange.id:
                _watch(opened, now.chat, texts)
                continue
            _show(exchange, texts)
            _offer(exchange, shelf, now, is_last=is_last, texts=texts)


def _ask_typed(shelf: Shelf, now: Session) -> None:
    asked = str(st.session_state.get(_QUESTION) or "")
    if asked.strip():
        ask(shelf, now, asked)


def ask(shelf: Shelf, now: Session, question: str) -> None:
    """Put a question at the end of the conversation, and begin one if there is none."""
    opened = shelf.home
    if not opened.chats.conversation(now.chat, owner=now.owner):
        now.chat = opened.chats.begin(question, owner=now.owner)
    before = opened.chats.exchanges(now.chat)
    opened.answers.start(
        now.chat, question, before=before, others=shelf.others, options=now.options
    )


def _welcome(
    shelf: Shelf, now: Session, tasks: Sequence[Task], *, empty: bool, texts: Texts
) -> None:
    opened = shelf.home
    if not empty:
        st.html(view.welcome_html(texts.greeting, texts.greeting_detail))
        now.suggestions = suggest([opened.library, *shelf.others], texts)
        if now.suggestions:
            st.html(view.suggestions_html(now.suggestions, texts.suggested))
        return
    st.html(view.welcome_html(texts.empty, texts.empty_upload))
    # Not in the sidebar, which a telephone hides.
    take_uploads(opened, tasks, texts)
    offer_samples(opened, texts)
    offer_folder(opened, texts)
    if not any(task.is_open for task in tasks):
        await_first(opened)


@st.fragment(run_every=_PAUSE)
def _watch(opened: Opened, chat: str, texts: Texts) -> None:
    """Show an answer that is being made, and let it be stopped; others of the page stay."""
    coming = opened.answers.coming(chat)
    if coming is None:
        st.rerun()
    if coming.text:
        st.html(view.streamed_html(coming.text))
    else:
        stages = {
            "waiting": texts.waiting,
            "preparing": texts.preparing,
            "reading": texts.writing.format(count=coming.passages),
        }
        st.html(view.status_html(stages.get(coming.stage, texts.searching)))
    st.button(texts.stop, key="stop", on_click=acting(opened.answers.stop, chat))


def _question(
    exchange: Exchange, shelf: Shelf, now: Session, *, is_last: bool, texts: Texts
) -> None:
    if now.editing != exchange.id:
        st.html(view.question_html(exchange.question))
        return
    with st.form(f"edit-{exchange.id}", border=False):
        key = f"text-{exchange.id}"
        st.text_area(texts.edit, exchange.question, max_chars=_LONGEST_QUESTION, key=key)
        if not is_last:
            st.html(f'<p class="bf-detail">{escaped(texts.edit_cuts)}</p>')
        with st.container(horizontal=True):
            again = acting(_ask_edited, exchange, key, shelf, now)
            st.form_submit_button(texts.ask_again, type="primary", on_click=again)
            st.form_submit_button(texts.cancel, on_click=acting(_edit, 0, now))


def _edit(exchange: int, now: Session) -> None:
    now.editing = exchange


def _ask_edited(exchange: Exchange, key: str, shelf: Shelf, now: Session) -> None:
    asked = str(st.session_state.get(key) or "")
    if asked.strip():
        now.editing = 0
        _ask_instead(exchange, asked, shelf, now)


def _ask_instead(exchange: Exchange, question: str, shelf: Shelf, now: Session) -> None:
    """Ask in the place of a question and of all that followed it; once, however often pressed."""
    if shelf.home.chats.cut(exchange.id):
        shelf.home.answers.stop(now.chat)
        ask(shelf, now, question)


def _show(exchange: Exchange, texts: Texts) -> None:
    reply = exchange.reply
    if reply is None:
        if exchange.partial:
            st.html(view.streamed_html(exchange.partial))
        kind = "error" if exchange.problem else "info"
        told = texts.sentence(exchange.problem) if exchange.problem else texts.stopped
        st.html(view.note_html(kind, told))
        return
    if reply.notice:
        st.html(view.note_html("warning", texts.sentence(reply.notice)))
    _show_reply(exchange, reply, texts)
    st.html(trace_html(reply.searched, texts))


def _show_reply(exchange: Exchange, reply: Reply, texts: Texts) -> None:
    text = reply.text
    if reply.abstained:
        told, _, text = text.partition("\n\n")
        st.html(view.note_html("info", told))
    if text:
        st.html(view.answer_html(exchange, replace(reply, text=text), texts))
    if reply.sources:
        st.html(sources_html(exchange.id, reply.sources, texts))
    if reply.shown:
        is_all = not reply.sources
        st.html(nearest_html(exchange.id, reply.shown, texts, is_all=is_all))
    if reply.disagreements:
        st.html(against_html(exchange.id, reply.disagreements, texts))


def _offer(exchange: Exchange, shelf: Shelf, now: Session, *, is_last: bool, texts: Texts) -> None:
    """Offer what can be done with an answer: copy, judge, ask again or otherwise."""
    with st.container(
        horizontal=True, key=f"tools-{exchange.id}", vertical_alignment="center", gap="small"
    ):
        if exchange.reply:
            st.html(copy_html(with_sources(exchange, texts), texts.copy), width="content")
            _judge(exchange, shelf.home)
        if is_last:
            again = acting(_ask_instead, exchange, exchange.question, shelf, now)
            key = f"again-{exchange.id}"
            st.button(texts.regenerate, key=key, type="tertiary", on_click=again)
        edits = acting(_edit, exchange.id, now)
        st.button(texts.edit, key=f"edit-{exchange.id}-button", type="tertiary", on_click=edits)
    if exchange.thumb:
        _take_note(exchange, shelf.home, texts)


def _judge(exchange: Exchange, opened: Opened) -> None:
    key = f"thumb-{exchange.id}"
    if key not in st.session_state and exchange.thumb:
        st.session_state[key] = int(exchange.thumb > 0)

    def _keep() -> None:
        chosen = st.session_state.get(key)
        thumb = 0 if chosen is None else (1 if chosen else -1)
        opened.chats.rate(exchange.id, thumb=thumb, note=exchange.note)

    st.feedback("thumbs", key=key, on_change=acting(_keep))


def _take_note(exchange: Exchange, opened: Opened, texts: Texts) -> None:
    key = f"note-{exchange.id}"

    def _keep() -> None:
        note = str(st.session_state.get(key, ""))
        opened.chats.rate(exchange.id, thumb=exchange.thumb, note=note)

    st.text_input(
        texts.note,
        exchange.note,
        key=key,
        on_change=acting(_keep),
        max_chars=500,
        label_visibility="collapsed",
        placeholder=texts.note,
    )
