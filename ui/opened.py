"""What all sessions share: the library, its conversations, and the work that goes on."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st

from bifolio import Library, Message, Settings, shelf
from bifolio.chats import Chats, Exchange, Reply, Source
from bifolio.jobs import Answers, Uploads
from bifolio.libraries import named
from bifolio.outdated import outdated
from bifolio.settings import SUPPORT
from bifolio.sharing import SharedModels
from bifolio.warming import Warming

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
        return open_once(self.settings, self.served, name)

    def holding(self, folder: str) -> Opened | None:
        """Give the library of a source: the home's own are in "", others may be served no more."""
        if not folder:
            return self.home
        names = (name for name, path in self.served.items() if str(path) == folder)
        name = next(names, None)
        return self.open(name) if name else None

    def shown(self, exchanges: Iterable[Exchange]) -> list[Exchange]:
        """Give them as they are shown: with the names of libraries, and what is out of date."""
        every = list(exchanges)
        sources = [one for e in every if e.reply for one in e.reply.every_source]
        outdated = self._outdated(sources)
        names = {str(path): name for name, path in self.served.items()} | {"": self.asked[0]}

        def _told(source: Source, reply: Reply) -> Source:
            name = names.get(source.library, Path(source.library).name) if reply.libraries else ""
            place = (source.library, source.path, source.sha256)
            return replace(source, library=name, outdated=outdated.get(place))

        return [
            replace(e, reply=e.reply.with_sources(partial(_told, reply=e.reply))) if e.reply else e
            for e in every
        ]

    def _outdated(self, sources: Iterable[Source]) -> dict[tuple[str, str, str], Message]:
        """Tell of documents, by library, path and hash, why they are no longer as they were."""
        of_each: dict[str, list[tuple[str, str]]] = {}
        for source in sources:
            of_each.setdefault(source.library, []).append((source.path, source.sha256))
        return {
            (folder, *edition): reason
            for folder, editions in of_each.items()
            if (opened := self.holding(folder))
            for edition, reason in outdated(editions, opened.library.store).items()
        }


def open_once(settings: Settings, served: Mapping[str, Path], name: str) -> Opened:
    """Open a library once for all sessions; the models, which are large, once for all libraries.

    What the page of settings changes is no part of what it is known by: others ask meanwhile.
    """
    known = replace(settings, llm=None, base_url=None, api_key=None, support=SUPPORT)
    library = _shelf(known, tuple(served.items()), settings).library(name)
    return _open(known, library.folder, library, settings)


@st.cache_resource(show_spinner=False)
def _shelf(
    known: Settings, served: tuple[tuple[str, Path], ...], _settings: Settings
) -> shelf.Shelf:
    def _of(folder: Path) -> Settings:
        return replace(_settings, library=folder)

    return shelf.Shelf(dict(served), settings=_of, models=_models(), create=True)


@st.cache_resource(show_spinner=False)
def _models() -> SharedModels:
    return SharedModels()


@st.cache_resource(show_spinner=False)
def _open(known: Settings, folder: Path, _library: Library, _settings: Settings) -> Opened:
    chats = Chats(folder)
    chats.end_what_waits()
    ready = Warming(_library.models, _settings)
    answers = Answers(_library, chats, ready=ready)
    return Opened(_library, chats, answers, Uploads(_library, ready=ready))


def libraries(settings: Settings, environ: Mapping[str, str] = os.environ) -> dict[str, Path]:
    """Give the folders of the libraries that are served, by names that tell them apart."""
    others = [Path(one) for one in environ.get(ALSO, "").split(os.pathsep) if one]
    folders = dict.fromkeys(str(one.absolute()) for one in (settings.library, *others))
    return {name: Path(folder) for folder, name in named(list(folders)).items()}
