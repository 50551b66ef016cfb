"""Which document of a library a user means."""

import os
from collections.abc import Sequence
from pathlib import Path, PurePath
from unicodedata import normalize

from bifolio.ingest import BifolioError, message


class UnknownDocument(BifolioError):  # noqa: N818 - the name says what is wrong
    """The library has no document with that path or name."""

    def __init__(self, folder: Path, path: str) -> None:
        sentence = "{folder} has no document {path}; `bifolio list` shows the paths"
        super().__init__(message("unknown-document", sentence, folder=folder, path=path))


class AmbiguousName(BifolioError):  # noqa: N818 - the name says what is wrong
    """Several documents of the library bear that name."""

    def __init__(self, folder: Path, path: str, count: int) -> None:
        sentence = "{folder} has {count} documents {path}; give the whole path"
        super().__init__(message("ambiguous-name", sentence, folder=folder, count=count, path=path))


def choose(path: str, known: Sequence[str], folder: Path) -> str:
    """Find the document that a user means: by its path or the end of it, if only one bears that.

    Accents may be written apart, as macOS does, or in one with their letter.

    Raises:
        UnknownDocument, AmbiguousName: none does, or several do.
    """
    named = meant(path, known)
    if len(named) > 1:
        raise AmbiguousName(folder, path, len(named))
    if not named:
        raise UnknownDocument(folder, path)
    return named[0]


def meant(path: str, known: Sequence[str]) -> list[str]:
    """Give the documents that may be meant: the one of that path, else those that end so."""
    absolute = os.path.normpath(Path(path).absolute())
    for candidate in (path, absolute):
        if candidate in known:
            return [candidate]
    composed = normalize("NFC", path)
    spelled = {entry: normalize("NFC", entry) for entry in known}
    exact = [entry for entry in known if spelled[entry] in (composed, normalize("NFC", absolute))]
    end = PurePath(composed).parts
    if exact or not end:
        return exact
    return [entry for entry in known if PurePath(spelled[entry]).parts[-len(end) :] == end]
