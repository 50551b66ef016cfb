"""What documents are called for those who ask from elsewhere: by their paths within the library.

Where files lie on the machine that answers is nobody's business there. A name is the path below
the folder that a library's files have in common; what was uploaded has a name already.
"""

import hashlib
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath
from typing import Any

from bifolio.choosing import choose
from bifolio.ingest import Message
from bifolio.library import Library
from bifolio.retrieval import Entry

_DOCUMENTS = ("document", "path")
# Facts of messages that may be places on this machine though they are given as texts.
_ASKED = ("unknown-document", "ambiguous-name")  # of which the path is what was asked for
_PLACES = ("file", "folder", "path", "place", "database", "library")


@dataclass(slots=True)
class Names:
    """Names of one library's documents; any thread may ask.

    The common folder is looked up anew when a path lies outside of the one that is known.
    """

    library: Library
    shown: str
    _common: str | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def name(self, path: str) -> str:
        """Give the name of a document."""
        if not PurePath(path).is_absolute():
            return path
        with self._lock:
            if self._common is None or not _below(path, self._common):
                self._common = _common([path, *(one.path for one in self.library.documents())])
            return PurePath(path).relative_to(self._common).as_posix()

    def find(self, said: str) -> Entry:
        """Find a document by its key, its path, its name, the end of its path, or its title.

        Only what the library lists is looked at; no file is.

        Raises:
            UnknownDocument, AmbiguousName: no document of the library bears it, or several do.
        """
        entries = {one.path: one for one in self.library.documents()}
        for fits in (
            lambda one: said in (one.path, key_of(one.path)),
            lambda one: said == self.name(one.path),
            lambda one: said == one.title,
        ):
            found = [one for one in entries.values() if fits(one)]
            if len(found) == 1:
                return found[0]
        return entries[choose(said, list(entries), self.library.folder)]

    def within(self, given: Any) -> Any:
        """Give the JSON of a result with names in place of paths, and of the library's folder."""
        if isinstance(given, list):
            return [self.within(one) for one in given]
        if not isinstance(given, dict):
            return given
        return {key: self._value(key, value) for key, value in given.items()}

    def _value(self, key: str, value: Any) -> Any:
        if isinstance(value, str) and key in _DOCUMENTS:
            return self.name(value)
        if isinstance(value, str) and key == "library":
            return self.shown
        if key == "libraries":
            return [self.shown]
        return self.within(value)


def key_of(path: str) -> str:
    """Give the short key by which addresses name a document: it tells nothing of where it is."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def without_places(said: Message) -> Message:
    """Give a message without where things lie on this machine."""
    facts = _without_places(said.facts)
    if said.code in _ASKED and "path" in said.facts:
        facts["path"] = said.facts["path"]
    return replace(said, facts=facts)


def _without_places(facts: Mapping[str, object]) -> dict[str, object]:
    told: dict[str, object] = {}
    for name, fact in facts.items():
        if isinstance(fact, Message):
            told[name] = without_places(fact)
        elif isinstance(fact, Path) or (
            isinstance(fact, str) and name in _PLACES and PurePath(fact).is_absolute()
        ):
            told[name] = PurePath(fact).name
        else:
            told[name] = fact
    return told


def _below(path: str, folder: str) -> bool:
    return path.startswith(folder.rstrip(os.sep) + os.sep)


def _common(paths: list[str]) -> str:
    folders = [str(PurePath(path).parent) for path in paths if PurePath(path).is_absolute()]
    try:
        return os.path.commonpath(folders)
    except ValueError:  # drives of Windows
        return PurePath(paths[0]).anchor
