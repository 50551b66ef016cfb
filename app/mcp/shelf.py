"""The libraries that an agent may ask, by name: each opened when it is first asked, and once."""

import hashlib
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bifolio.choosing import choose
from bifolio.ingest import BifolioError
from bifolio.library import Library
from bifolio.naming import Names
from bifolio.retrieval import Entry
from bifolio.settings import Settings
from bifolio.sharing import SharedModels

_KEY = re.compile(r"[0-9a-f]{12}")


class NotOnShelf(BifolioError):  # noqa: N818 - the name says what is wrong
    """An agent asks for a library that it was not given, or for one that holds nothing."""


class Shelf:
    """Libraries by name. Any thread may use it.

    A library is a folder, or one that is open already. A folder need not hold a library yet: what
    is asked of it says so until it does. Models are shared where the settings choose the same.
    ``given`` are settings that go before the environment's, as the command line says them.

    Raises:
        NotOnShelf: there is no library at all.
    """

    def __init__(
        self, libraries: Mapping[str, Path | Library], *, given: Mapping[str, Any] | None = None
    ) -> None:
        if not libraries:
            raise NotOnShelf("give one library at least, by its name")
        self._libraries = dict(libraries)
        self._opened: dict[str, Library] = {}
        self._given = dict(given or {})
        self._models = SharedModels()
        self._names: dict[str, Names] = {}
        self._lock = threading.Lock()

    @property
    def names(self) -> tuple[str, ...]:
        """The names, in the order given."""
        return tuple(self._libraries)

    def name(self, asked: str) -> str:
        """Give the name that is meant; nothing asked means the only library.

        Raises:
            NotOnShelf: there is none of that name, or there are several.
        """
        if asked in self._libraries:
            return asked
        known = ", ".join(self.names)
        if not asked:
            if len(self.names) == 1:
                return self.names[0]
            raise NotOnShelf(f"say which library is meant: {known}")
        raise NotOnShelf(f"there is no library {asked}; there are: {known}")

    def library(self, name: str) -> Library:
        """Give the library of a name that the shelf has.

        Raises:
            BifolioError: it cannot be opened; the message says what to do.
        """
        kept = self._libraries[name]
        if isinstance(kept, Library):
            return kept
        with self._lock:
            if name not in self._opened:
                settings = Settings.from_env(given=self._given | {"library": kept})
                models = self._models.of(settings)
                self._opened[name] = Library.open(
                    kept, models=models, settings=settings, create=False
                )
            return self._opened[name]

    def forget(self) -> None:
        """Open the folders anew when they are next asked: one was made again, by other models."""
        with self._lock:
            self._opened.clear()

    def filled(self, name: str) -> Library:
        """Give the library of a name if it holds documents.

        Raises:
            BifolioError: it cannot be opened, or holds none; the message says what to do.
        """
        library = self.library(name)
        if not library.documents():
            raise NotOnShelf(
                f"the library {name} holds no documents; somebody has to fill it with"
                f" `ingest PATH --library {library.folder.name}`"
            )
        return library

    def called(self, name: str) -> Names:
        """Give what the documents of a library are called: their paths within it."""
        library = self.library(name)
        with self._lock:
            names = self._names.get(name)
            if names is None or names.library is not library:
                names = self._names[name] = Names(library, name)
            return names

    def find(self, name: str, asked: str) -> Entry:
        """Find a document by its path, its file's name, its key in a link, or its title.

        Only what the library lists is looked at; no file is.

        Raises:
            UnknownDocument: the library has no such document.
            BifolioError: several documents bear the name.
        """
        library, names = self.library(name), self.called(name)
        entries = {entry.path: entry for entry in library.documents()}
        if _KEY.fullmatch(asked):
            for path, entry in entries.items():
                if key_of(path) == asked:
                    return entry
        for fits in (
            lambda entry: names.name(entry.path) == asked,
            lambda entry: entry.title == asked,
        ):
            found = [entry for entry in entries.values() if fits(entry)]
            if asked not in entries and len(found) == 1:
                return found[0]
        return entries[choose(asked, list(entries), library.folder)]


def key_of(path: str) -> str:
    """Give the short key by which links name a document: it tells nothing of where the file is."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:12]
