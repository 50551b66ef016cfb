"""Whether words that were found are still what their document's file says."""

import hashlib
import stat
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path

from bifolio.ingest import Message, cause, message
from bifolio.retrieval import Entry, LibraryStore

# (path, sha256): a document as it was when it was found.
Edition = tuple[str, str]

_REMOVED = message("document-removed", "it has been taken out of the library")
_NEWER = message("document-newer", "the library has a newer edition of it")
_CHANGED = message("file-changed", "its file has changed since it was read; ingest it again")
# What was written so long before a document was stored is what was read.
_MARGIN = timedelta(hours=1)


def outdated(editions: Iterable[Edition], store: LibraryStore) -> dict[Edition, Message]:
    """Tell of each edition of a document that is no longer so, why; the others are left out.

    A file is opened only if it was touched since it was read.
    """
    found: dict[Edition, Message] = {}
    with store.reading() as view:
        for path, sha256 in dict.fromkeys(editions):
            try:
                entry = view.entry(path)
            except KeyError:
                found[path, sha256] = _REMOVED
                continue
            told = _NEWER if entry.sha256 != sha256 else _why(entry, store.folder)
            if told:
                found[path, sha256] = told
    return found


def _why(entry: Entry, folder: Path) -> Message | None:
    if entry.stale:
        sentence = "its file has changed, and cannot be read any more: {reason}"
        return message("document-stale", sentence, reason=entry.stale.reason)
    # Uploads are kept here, and so may be what an imported library brought with it.
    if entry.uploaded or (folder / "files" / entry.kept_as).exists():
        return None
    file = Path(entry.path)
    try:
        told = file.stat()
        if not stat.S_ISREG(told.st_mode):
            return _CHANGED
        touched = datetime.fromtimestamp(told.st_ctime, UTC)
        if touched < datetime.fromisoformat(entry.added) - _MARGIN:
            return None
        sha256 = _sha256(entry.path, told.st_ctime_ns, told.st_mtime_ns, told.st_size)
    except OSError as problem:
        sentence = "its file is no longer to be read ({why})"
        return message("file-gone", sentence, why=cause(problem))
    return None if sha256 == entry.sha256 else _CHANGED


@lru_cache(maxsize=4096)
def _sha256(path: str, *_state: int) -> str:
    """Give the hash of a file once for each state of it."""
    with Path(path).open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
