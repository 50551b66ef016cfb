"""What one session has before it: a conversation, a view of the page, and a place beside it."""

from dataclasses import dataclass, field, replace
from typing import Literal, cast

import streamlit as st

from bifolio import Message, SearchOptions
from bifolio.chats import Source

View = Literal["chat", "documents", "settings"]
VIEWS: tuple[View, ...] = ("chat", "documents", "settings")
_STATE = "bifolio"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """A place in a document, shown beside the conversation; ``source`` is what cites it.

    ``library`` is the folder of its library, "" the home's.
    """

    path: str
    page: int
    source: Source | None = None
    library: str = ""

    @property
    def name(self) -> str:
        """A name that another place does not have."""
        start = self.source.start if self.source else 0
        return f"{self.library}:{self.path}:{self.page}:{start}"


@dataclass(slots=True)
class Session:
    """The state of one browser tab; ``shelf`` is the library whose documents are shown.

    ``recalled`` tells that ``libraries`` are a conversation's, and the field of the choice follows.
    ``again`` is the task of a document that was read again. ``problems`` came of what was pressed,
    and are told when the page is drawn next.
    """

    chat: str = ""
    view: View = "chat"
    libraries: tuple[str, ...] = ()
    several: bool = False
    recalled: bool = False
    shelf: str = ""
    language: str = ""
    owner: str = ""
    beside: Beside | None = None
    editing: int = 0
    again: int = 0
    deleting: str = ""
    more_chats: int = 0
    suggestions: tuple[str, ...] = ()
    options: SearchOptions = field(default_factory=SearchOptions)
    problems: list[Message] = field(default_factory=list)

    def show_page(self, page: int) -> None:
        """Turn to another page of the document beside."""
        if self.beside:
            self.beside = replace(self.beside, page=page)

    def close(self) -> None:
        """Close the document beside."""
        self.beside = None

    def turn_to(self, view: View) -> None:
        """Turn to another view of the page."""
        self.view, self.beside = view, None

    def open_chat(self, chat: str) -> None:
        """Turn to a conversation; an empty name is a new one."""
        self.chat, self.view, self.beside = chat, "chat", None
        self.editing, self.deleting = 0, ""


def session() -> Session:
    """Give the state of this session; a new one begins where its address says."""
    state = st.session_state
    if _STATE not in state:
        begun = Session(
            chat=st.query_params.get("chat", ""),
            libraries=tuple(st.query_params.get_all("library")),
        )
        view = st.query_params.get("view", "chat")
        if view in VIEWS:
            begun.view = view
        state[_STATE] = begun
    return cast(Session, state[_STATE])


def write_address(now: Session) -> None:
    """Keep the conversation and the view in the address, for reloads and bookmarks."""
    wanted = {"chat": [now.chat]} if now.chat else {}
    if now.several:
        wanted["library"] = list(now.libraries)
    if now.language:
        wanted["lang"] = [now.language]
    if now.view != "chat":
        wanted["view"] = [now.view]
    if {name: st.query_params.get_all(name) for name in st.query_params} != wanted:
        st.query_params.from_dict(wanted)
