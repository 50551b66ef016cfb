"""What all sessions share: the library, its conversations, and the work that goes on."""

from dataclasses import dataclass, replace

import streamlit as st

from bifolio import Library, Settings
from bifolio.chats import Chats
from bifolio.jobs import Answers, Uploads


@dataclass(frozen=True, slots=True)
class Opened:
    """A library that is open, and what belongs to it."""

    library: Library
    chats: Chats
    answers: Answers
    uploads: Uploads


def open_once(settings: Settings) -> Opened:
    """Open the library once for all sessions: the models are large.

    The language model is no part of what it is known by: it can be changed while others ask.
    """
    known = replace(settings, llm=None, base_url=None, api_key=None)
    return _open(known, settings)


@st.cache_resource(show_spinner=False)
def _open(known: Settings, _settings: Settings) -> Opened:
    library = Library.open(_settings.library, settings=_settings)
    chats = Chats(library.folder)
    chats.end_what_waits()
    return Opened(library, chats, Answers(library, chats), Uploads(library))
