"""What all sessions share: the library, its conversations, and the work that goes on."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import streamlit as st

from bifolio import Library, Models, Settings
from bifolio.chats import Chats
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
