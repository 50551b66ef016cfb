"""What all sessions share: the library, its conversations, and the work that goes on."""

from dataclasses import dataclass

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


@st.cache_resource(show_spinner=False)
def open_once(settings: Settings) -> Opened:
    """Open the library once for all sessions: the models are large."""
    library = Library.open(settings.library, settings=settings)
    chats = Chats(library.folder)
    chats.end_what_waits()
    return Opened(library, chats, Answers(library, chats), Uploads(library))
