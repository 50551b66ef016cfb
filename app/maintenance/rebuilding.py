"""The same documents with other models or a newer splitter, from the stored text."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from bifolio.adding import fingerprint_of
from bifolio.ingest import split
from bifolio.ingest_report import OnProgress, Progress
from bifolio.models import Models
from bifolio.retrieval import (
    Entry,
    Place,
    Reader,
    Writer,
    in_a_folder,
    open_store,
    stored_fingerprint,
)
from bifolio.storing import CHUNK_TOKENS, embed


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How many documents and chunks the library has now, and what its embedder was before."""

    documents: int
    chunks: int
    before: str
    now: str


def rebuild(folder: Place, models: Models, *, on_progress: OnProgress | None = None) -> Rebuilt:
    """Split and embed every document again with these models; no file is read.

    The library answers as before until all is done, and then changes in one step. What was
    embedded before an interruption is not embedded again.

    Raises:
        StoreError: there is no library in the folder, or it cannot be written to.
        LibraryBusy: another process is writing to it.
    """
    before = stored_fingerprint(folder)
    store = in_a_folder(open_store(folder, before, create=False))
    wanted = fingerprint_of(models.embedder)
    tell = on_progress or (lambda _: None)
    store.rebuild(wanted, partial(_fill, models, tell))
    with store.reading() as view:
        entries = view.entries()
    chunks = sum(entry.chunks for entry in entries)
    return Rebuilt(len(entries), chunks, before.embedder, wanted.embedder)


def _fill(models: Models, tell: Callable[[Progress], object], old: Reader, new: Writer) -> None:
    done = {(entry.path, entry.sha256) for entry in new.entries()}
    entries = old.entries()
    for number, entry in enumerate(entries):
        if (entry.path, entry.sha256) not in done:
            _put(models, tell, old, new, entry, number, len(entries))
    for entry in new.entries():
        if (entry.path, entry.sha256) not in {(one.path, one.sha256) for one in entries}:
            new.remove(entry.path)


def _put(
    models: Models,
    tell: Callable[[Progress], object],
    old: Reader,
    new: Writer,
    entry: Entry,
    done: int,
    total: int,
) -> None:
    document = old.document(entry.path)
    # It was taken in once, so it is taken in again, however long that is.
    chunks = split(document, size=CHUNK_TOKENS, length=models.count, seconds=math.inf)
    share = partial(_tell, tell, entry.path, done, total)
    new.put(document, chunks, embed(chunks, models.embedder, share))
    tell(Progress(entry.path, done, total, 1.0))


def _tell(
    tell: Callable[[Progress], object], path: str, done: int, total: int, share: float
) -> None:
    tell(Progress(path, done, total, share))
