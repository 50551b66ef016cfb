"""Files are read, cut, embedded and stored: the next ones are read while one is embedded."""

import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Event
from typing import NamedTuple, Protocol

import numpy as np

from bifolio.ingest import (
    MOST_MEMORY_MB,
    Chunk,
    Document,
    Stopped,
    UnreadableDocument,
    message,
    read,
    split,
)
from bifolio.ingest_report import Ingested, OnProgress, Progress, Result, Skipped, Warned
from bifolio.retrieval import Embedder, LibraryWriter
from bifolio.retrieval.arrays import Floats

CHUNK_TOKENS = 400
_NO_TEXT = message(
    "pages-without-text",
    "no text on these pages; if they are scans, `pip install 'bifolio[ocr]'` reads them",
)
_DAMAGED = message("damaged-pages", "these pages are damaged; open and save the file anew")
# Files read ahead of the one that is embedded, and their bytes; more only if they are few.
_MOST_AHEAD = 64
_BYTES_AHEAD = 2_000_000
# Chunks of files that are embedded together, and between two words of progress.
_TOGETHER = _STRIDE = 128
# Before that nobody can tell how long it takes.
_TOLD_AFTER = 2.0
# This process cuts and embeds no more than so many read.
_MOST_WORKERS = 8


def workers_for(cores: int, memory_mb: float) -> int:
    """Tell how many files to read at once: one for each core, if each reader has its memory."""
    return max(2, min(cores, int(memory_mb / MOST_MEMORY_MB), _MOST_WORKERS))


def _machine() -> tuple[int, float]:
    """Give the cores that this process may use, and the megabytes of memory that there are."""
    allowed = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))(0)
    return len(allowed), os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e6


WORKERS = workers_for(*_machine())


@dataclass(frozen=True, slots=True)
class Course:
    """How files are taken in: so many are read at once, who is told, and what ends it early."""

    workers: int = WORKERS
    on_progress: OnProgress | None = None
    stop: Event = field(default_factory=Event)


AT_EASE = Course()


class _Cut(NamedTuple):
    path: str
    outcome: Document | UnreadableDocument
    chunks: Sequence[Chunk]


class _Awaited(NamedTuple):
    size: int
    future: Future[_Cut]


class PutFiles(Protocol):
    """Reads, splits, embeds and stores files, as :func:`put_files` does in this process."""

    def __call__(
        self,
        files: Sequence[tuple[Path, str]],
        writer: LibraryWriter,
        embedder: Embedder,
        course: Course = AT_EASE,
    ) -> Iterator[Result]:
        """Yield what became of each file, given with the path that it shall bear."""
        ...


class _Tally:
    """What is done of some files, told to whoever wants to know."""

    def __init__(self, files: Sequence[tuple[Path, str]], course: Course) -> None:
        self._course = course
        self._sizes = [_size(file) for file, _ in files]
        self._began = time.monotonic()
        self._pages = self._chunks = self._done = 0

    def check(self) -> None:
        """Go on only if nobody has asked to stop."""
        if self._course.stop.is_set():
            raise Stopped

    def tell(self, path: str, share: float, chunks: float, *, ahead: int = 0) -> None:
        """Say how far a file is, ``ahead`` files behind the one that is next to be stored.

        ``chunks`` are those embedded and not yet stored.

        Raises:
            Stopped: that was asked for.
        """
        self.check()
        if self._course.on_progress is None:
            return
        seconds, done = time.monotonic() - self._began, self._done + ahead
        size = sum(self._sizes[:done]) + share * self._sizes[done]
        told = Progress(
            path=path,
            done=done,
            total=len(self._sizes),
            share=share,
            pages=self._pages,
            chunks=self._chunks + int(chunks),
            seconds=seconds,
            left=seconds * (sum(self._sizes) / size - 1)
            if size and seconds > _TOLD_AFTER
            else None,
        )
        self._course.on_progress(told)

    def tell_group(self, group: Sequence[_Cut], share: float) -> None:
        """Say how far files are that are embedded together, the first ones first."""
        chunks = share * sum(len(cut.chunks) for cut in group)
        left = chunks
        for ahead, cut in enumerate(group):
            if left < len(cut.chunks):
                self.tell(cut.path, left / len(cut.chunks), chunks, ahead=ahead)
                return
            left -= len(cut.chunks)

    def store(self, document: Document, chunks: int) -> None:
        """Count a file that is stored."""
        self._pages += len(document.pages)
        self.tell(document.path, 1.0, chunks)
        self._chunks += chunks

    def next(self) -> None:
        """Go on to the next file."""
        self._done += 1


def put_files(
    files: Sequence[tuple[Path, str]],
    writer: LibraryWriter,
    embedder: Embedder,
    course: Course = AT_EASE,
) -> Iterator[Result]:
    """Read, split, embed and store files, each given with the path it shall bear in the library.

    Yields what became of each: stored, perhaps with a warning, or skipped.

    Raises:
        Stopped: the course was stopped.
    """
    tally = _Tally(files, course)
    for cuts in _read_ahead(files, course, embedder):
        chunks = [chunk for cut in cuts for chunk in cut.chunks]
        vectors = embed(chunks, embedder, partial(tally.tell_group, cuts))
        end = 0
        for path, outcome, own in cuts:
            start, end = end, end + len(own)
            if isinstance(outcome, UnreadableDocument):
                yield Skipped(path, outcome.reason)
            else:
                tally.check()
                writer.put(outcome, own, vectors[start:end])
                tally.store(outcome, len(own))
                yield from _told(outcome, len(own))
            tally.next()


def _told(document: Document, chunks: int) -> Iterator[Ingested | Warned]:
    yield Ingested(document.path, len(document.pages), chunks)
    yield from told_of(document)


def told_of(document: Document) -> Iterator[Warned]:
    """Yield what is to be said of a document that is not whole."""
    path = document.path
    if failed := document.failed_pages:
        yield Warned(path, failed, _DAMAGED)
    if empty := document.empty_pages:
        yield Warned(path, empty, _NO_TEXT)
    yield from (Warned(path, (), note) for note in document.notes)


def put_chunks(
    chunks: Sequence[Chunk],
    writer: LibraryWriter,
    embedder: Embedder,
    on_progress: OnProgress | None = None,
) -> None:
    """Embed and store chunks that are cut already, each document with its own."""
    tell = on_progress or (lambda _: None)
    vectors = np.zeros((len(chunks), embedder.dims), np.float32)
    places: dict[str, list[int]] = {}
    for start in range(0, len(chunks), _STRIDE):
        part = chunks[start : start + _STRIDE]
        texts = [chunk.searched for chunk in part]
        vectors[start : start + len(part)] = embedder.embed_passages(texts)
        for place, chunk in enumerate(part, start):
            places.setdefault(chunk.document.path, []).append(place)
        tell(Progress(part[-1].document.path, start + len(part), len(chunks), 0.0))
    for own in places.values():
        writer.put(chunks[own[0]].document, [chunks[place] for place in own], vectors[own])


def embed(
    chunks: Sequence[Chunk], embedder: Embedder, tell: Callable[[float], object] | None = None
) -> Floats:
    """Give the vectors of chunks, one a row; tells the share that is done before each stride."""
    vectors = np.zeros((len(chunks), embedder.dims), np.float32)
    for start in range(0, len(chunks), _STRIDE):
        if tell:
            tell(start / len(chunks))
        part = chunks[start : start + _STRIDE]
        vectors[start : start + len(part)] = embedder.embed_passages([c.searched for c in part])
    return vectors


def _read_ahead(
    files: Sequence[tuple[Path, str]], course: Course, embedder: Embedder
) -> Iterator[list[_Cut]]:
    """Read and cut files in order, ahead of those that are being embedded.

    Yields what has been cut meanwhile, one file at least and more of small ones: a model takes
    many short texts in less time together.
    """
    over = Event()
    left, waiting = deque(files), deque[_Awaited]()

    def stopped() -> bool:
        """Whether nobody waits for the files any more."""
        return over.is_set() or course.stop.is_set()

    with ThreadPoolExecutor(course.workers) as pool:
        try:
            while left or waiting:
                while left and _has_room(waiting, course.workers):
                    file, path = left.popleft()
                    future = pool.submit(_cut, file, path, embedder.count, stopped)
                    waiting.append(_Awaited(_size(file), future))
                yield _ready(waiting)
        finally:
            # Interrupted: nobody waits for a file that takes minutes.
            over.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _has_room(waiting: Collection[_Awaited], workers: int) -> bool:
    """Tell whether to read one more ahead: so many small ones are small in memory too."""
    some = len(waiting) < _MOST_AHEAD and sum(one.size for one in waiting) < _BYTES_AHEAD
    return some or len(waiting) <= workers


def _ready(waiting: deque[_Awaited]) -> list[_Cut]:
    """Take what has been cut from the front: the first, for which it waits, and those after."""
    taken: list[_Cut] = []
    chunks = 0
    while waiting and (not taken or (waiting[0].future.done() and chunks < _TOGETHER)):
        cut = waiting.popleft().future.result()
        chunks += len(cut.chunks)
        taken.append(cut)
    return taken


def _cut(file: Path, path: str, count: Callable[[str], int], stopped: Callable[[], bool]) -> _Cut:
    try:
        document = read(file, name=path, stopped=stopped)
        if not document.text.strip():
            # A form that cannot be shown: its note says why, and what to do.
            raise UnreadableDocument(path, document.notes[-1])
        chunks = split(document, size=CHUNK_TOKENS, length=count, stopped=stopped)
    except UnreadableDocument as problem:
        return _Cut(path, problem, ())
    return _Cut(path, document, chunks)


def _size(file: Path) -> int:
    with suppress(OSError):
        return max(1, file.stat().st_size)
    return 1
