"""The conversation of one session: questions, answers as they come, and what they rest on."""

import logging
import shlex
import time
from dataclasses import dataclass, replace

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from bifolio import Answer, BifolioError, Library, Turn
from bifolio.ui import view
from bifolio.ui.texts import Texts
from bifolio.ui.view_trace import SHOWN_HITS, trace_html

# Earlier turns that a language model is told; more would crowd out the passages.
_TURNS = 6
# Seconds between two pictures of a growing answer; each one is sent whole.
_PAUSE = 0.1
_LONGEST_QUESTION = 2000

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Exchange:
    """A question and what came of it: an answer, a problem, or neither yet."""

    question: str
    answer: Answer | None = None
    problem: str = ""
    hits: int = 0

    @property
    def waits(self) -> bool:
        """Whether the question has still to be answered."""
        return self.answer is None and not self.problem


def converse(library: Library, *, empty: bool, texts: Texts) -> None:
    """Show the conversation, take a question and answer it."""
    exchanges: list[Exchange] = st.session_state.setdefault("exchanges", [])
    asked = st.chat_input(texts.ask, max_chars=_LONGEST_QUESTION, disabled=empty)
    if asked:
        exchanges.append(Exchange(asked))
    if not exchanges:
        _welcome(library, empty=empty, texts=texts)
    for exchange in exchanges:
        with st.chat_message("user", avatar=view.READER):
            st.html(view.question_html(exchange.question))
        with st.chat_message("assistant", avatar=view.LEAVES):
            # Always there, so that no rerun moves what stands below and leaves a ghost of it.
            place = st.empty()
            # A rerun may cut an answer short; the last question is then asked again.
            if exchange.waits and exchange is exchanges[-1]:
                _answer(exchange, library, exchanges[:-1], place, texts)
            _show(exchange, texts)


def _welcome(library: Library, *, empty: bool, texts: Texts) -> None:
    if not empty:
        st.html(view.welcome_html(texts.greeting, texts.greeting_detail))
        return
    st.html(view.welcome_html(texts.empty, f"{texts.empty_upload} {texts.empty_command}"))
    st.code(f"ingest FOLDER --library {shlex.quote(str(library.folder))}", language=None)


def _answer(
    exchange: Exchange,
    library: Library,
    before: list[Exchange],
    place: DeltaGenerator,
    texts: Texts,
) -> None:
    """Answer a question, showing the text as it comes; in the end the place is empty again."""
    place.html(view.status_html(texts.searching))
    turns = [Turn(past.question, past.answer.text) for past in before if past.answer]
    try:
        _follow(exchange, library, turns[-_TURNS:], place, texts)
    except BifolioError as problem:
        exchange.problem = texts.say(problem.message)
    except Exception:
        # A traceback tells a reader nothing, and may tell a stranger too much.
        _log.exception("a question could not be answered")
        exchange.problem = texts.unexpected
    place.empty()


def _follow(
    exchange: Exchange, library: Library, turns: list[Turn], place: DeltaGenerator, texts: Texts
) -> None:
    text, drawn = "", 0.0
    for event in library.stream(exchange.question, history=turns):
        if isinstance(event, Answer):
            exchange.hits = len(event.trace.hits)
            # Every hit holds its whole document: a long conversation must not keep them all.
            trace = replace(event.trace, hits=event.trace.hits[:SHOWN_HITS])
            exchange.answer = replace(event, trace=trace)
        elif isinstance(event, str):
            text += event
            if time.monotonic() - drawn > _PAUSE:
                place.html(view.streamed_html(text))
                drawn = time.monotonic()
        elif event:
            place.html(view.status_html(texts.writing.format(count=len(event))))


def _show(exchange: Exchange, texts: Texts) -> None:
    answer = exchange.answer
    if answer is None:
        kind = "error" if exchange.problem else "info"
        st.html(view.note_html(kind, exchange.problem or texts.stopped))
        return
    if answer.notice:
        st.html(view.note_html("warning", texts.say(answer.notice)))
    if answer.abstained:
        st.html(view.note_html("info", answer.text))
        for passage in answer.shown:
            st.html(view.nearest_html(passage, texts))
    else:
        st.html(view.answer_html(answer, texts))
        if answer.citations:
            st.html(view.citations_html(answer.citations, texts))
    st.html(trace_html(answer.trace, exchange.hits, texts))
