"""Libraries by name: each opened once, when it is first asked for, and anew if it is replaced."""

import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from bifolio.ingest import BifolioError, message
from bifolio.library import Library
from bifolio.naming import Names
from bifolio.retrieval import LibraryMismatch
from bifolio.settings import Settings
from bifolio.sharing import SharedModels

SettingsOf = Callable[[Path], Settings]
_ENDING = ".bifolio"


class NotOnShelf(BifolioError):  # noqa: N818 - the name says what is wrong
    """There is no library of that name, or none at all."""


def settings_of(given: Mapping[str, Any] | None = None) -> SettingsOf:
    """Choose a library's settings as ever, with what is ``given`` before all else."""
    return lambda folder: Settings.from_env(given={**(given or {}), "library": folder})


class Shelf:
    """Libraries by name, which share their models. Any thread may use it.

    A library is a folder, or one that is open already. A folder need not hold a library yet unless
    ``create`` has one made there: what is asked of it says so until it does. ``settings`` gives a
    folder's settings whenever it is opened; ``models`` are shared beyond this shelf.

    Raises:
        NotOnShelf: there is no library at all.
    """

    def __init__(
        self,
        libraries: Mapping[str, Path | Library],
        *,
        settings: SettingsOf | None = None,
        models: SharedModels | None = None,
        create: bool = False,
    ) -> None:
        if not libraries:
            raise NotOnShelf(message("empty-shelf", "give one library at least, by its name"))
        self._folders = {
            name: one for name, one in libraries.items() if not isinstance(one, Library)
        }
        self._opened = {name: one for name, one in libraries.items() if isinstance(one, Library)}
        self._settings, self._create = settings or settings_of(), create
        self._models = models or SharedModels()
        self._called: dict[str, Names] = {}
        self._lock = threading.Lock()
        self.names = tuple(libraries)

    def name(self, asked: str | None) -> str:
        """Give the name that is meant; nothing asked means the only library.

        Raises:
            NotOnShelf: there is none of that name, or there are several.
        """
        known = ", ".join(self.names)
        if asked in self.names:
            return str(asked)
        if not asked and len(self.names) == 1:
            return self.names[0]
        if not asked:
            raise NotOnShelf(
                message("which-library", "say which library is meant: {known}", known=known)
            )
        sentence = "there is no library {name}; there are: {known}"
        raise NotOnShelf(message("unknown-library", sentence, name=asked[:100], known=known))

    def library(self, name: str) -> Library:
        """Give the library of a name that the shelf has: the same one each time.

        Another that was put in its place, by other models too, is taken over into it.

        Raises:
            BifolioError: it cannot be opened; the message says what to do.
        """
        if name not in self._opened or self._is_another(name):
            with self._lock:
                if name not in self._opened:
                    self._opened[name] = self._open(name)
                elif self._is_another(name):
                    _renew(self._opened[name], self._open(name))
        return self._opened[name]

    def called(self, name: str) -> Names:
        """Give what the documents of a library are called, and find them by that."""
        library = self.library(name)
        with self._lock:
            return self._called.setdefault(name, Names(library, name))

    def close(self) -> None:
        """Close the libraries that were opened here."""
        with self._lock:
            for name in self._folders:
                if name in self._opened:
                    self._opened.pop(name).close()

    def _open(self, name: str) -> Library:
        folder = self._folders[name]
        settings = self._settings(folder)
        models = self._models.of(settings)
        return Library.open(folder, models=models, settings=settings, create=self._create)

    def _is_another(self, name: str) -> bool:
        if name not in self._folders:
            return False
        try:
            with self._opened[name].store.reading():
                return False
        except LibraryMismatch:
            return True


def _renew(library: Library, fresh: Library) -> None:
    """Make of a library, in the hands of whoever holds it, the one that stands in its place now."""
    library.close()
    library.store, library.models = fresh.store, fresh.models
    library.context_tokens, library.support = fresh.context_tokens, fresh.support


def by_name(folders: Iterable[str | Path]) -> dict[str, Path]:
    """Give each library its name: NAME of NAME=DIR, else its folder's without ``.bifolio``.

    Raises:
        NotOnShelf: two have the same.
    """
    named: dict[str, Path] = {}
    for one in map(str, folders):
        said, equals, behind = one.partition("=")
        is_named = bool(said and equals and behind) and not Path(one).exists() and "/" not in said
        folder = Path(behind if is_named else one).absolute()
        name = said if is_named else folder.name.removesuffix(_ENDING).lstrip(".") or "bifolio"
        if named.setdefault(name, folder) != folder:
            sentence = "two libraries are called {name}: give each a name, --library NAME={folder}"
            raise NotOnShelf(message("two-libraries", sentence, name=name, folder=folder))
    return named
