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


def choose(path: str, known: Sequence[str], folder: Path) -> str:
    """Find the document that a user means: by its path, or by its name if only one bears it.

    Accents may be written apart, as macOS does, or in one with their letter.
    """
    absolute = os.path.normpath(Path(path).absolute())
    for candidate in (path, absolute):
        if candidate in known:
            return candidate
    composed = normalize("NFC", path)
    spelled = {entry: normalize("NFC", entry) for entry in known}
    named = [
        entry for entry in known if spelled[entry] in (composed, normalize("NFC", absolute))
    ] or [entry for entry in known if PurePath(spelled[entry]).name == composed]
    if len(named) > 1:
        sentence = "{folder} has {count} documents {path}; give the whole path"
        raise BifolioError(
            message("ambiguous-name", sentence, folder=folder, count=len(named), path=path)
        )
    if not named:
        raise UnknownDocument(folder, path)
    return named[0]
