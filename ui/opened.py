"""What all sessions share: the library, its conversations, and the work that goes on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from bifolio import Library, Models, Settings
from bifolio.chats import Chats, Exchange, Source
from bifolio.jobs import Answers, Uploads

# Further libraries, their folders joined as in PATH.
ALSO = "BIFOLIO_ALSO"


@dataclass(frozen=True, slots=True)
class Opened:
    """A library that is open, and what belongs to it."""

    library: Library
    chats: Chats
    answers: Answers
    uploads: Uploads


@dataclass(frozen=True, slots=True)
class Shelf:
    """The libraries that are served, by name, and those that are asked; the first one is home.

    The home keeps the conversation, and takes what is uploaded beside it.
    """

    settings: Settings
    served: Mapping[str, Path]
    asked: tuple[str, ...]

    @property
    def home(self) -> Opened:
        """The first library that is asked."""
        return self.open(self.asked[0])

    @property
    def others(self) -> list[Library]:
        """The other libraries that are asked."""
        return [self.open(name).library for name in self.asked[1:]]

    def open(self, name: str) -> Opened:
        """Open a library by its name."""
        return open_once(self.settings, self.served[name])

    def holding(self, folder: str) -> Opened | None:
        """Give the library of a source: the home's own are in "", others may be served no more."""
        if not folder:
            return self.home
        names = (name for name, path in self.served.items() if str(path) == folder)
        name = next(names, None)
        return self.open(name) if name else None

    def named(self, exchange: Exchange) -> Exchange:
        """Give it as it is shown: sources tell their libraries' names where several were asked."""
        reply = exchange.reply
        if reply is None or not reply.libraries:
            return exchange
        names = {str(path): name for name, path in self.served.items()} | {"": self.asked[0]}

        def _named(source: Source) -> Source:
            return replace(source, library=names.get(source.library, Path(source.library).name))

        return replace(exchange, reply=reply.with_sources(_named))


def open_once(settings: Settings, folder: Path) -> Opened:
    """Open a library once for all sessions; the models, which are large, once for all libraries.

    The language model is no part of what it is known by: it can be changed while others ask.
    """
    known = replace(settings, library=folder, llm=None, base_url=None, api_key=None)
    return _open(known, settings)


@st.cache_resource(show_spinner=False)
def _open(known: Settings, _settings: Settings) -> Opened:
    models = _models(replace(known, library=Settings().library), _settings)
    library = Library.open(known.library, models=models, settings=_settings)
    chats = Chats(library.folder)
    chats.end_what_waits()
    return Opened(library, chats, Answers(library, chats), Uploads(library))


@st.cache_resource(show_spinner=False)
def _models(known: Settings, _settings: Settings) -> Models:
    return Models.open(_settings)


def libraries(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Give the folders of the libraries that are served, by names that tell them apart."""
    others = [Path(one) for one in environ.get(ALSO, "").split(os.pathsep) if one]
    folders = list(dict.fromkeys(one.absolute() for one in (settings.library, *others)))
    names = [folder.name for folder in folders]
    return {
        name if names.count(name) == 1 else str(folder): folder
        for name, folder in zip(names, folders, strict=True)
    }
