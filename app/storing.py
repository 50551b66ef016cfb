"""Files are read, cut, embedded and stored: the next ones are read while one is embedded."""

import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import Protocol

import numpy as np

from bifolio.ingest import Chunk, Document, Stopped, UnreadableDocument, message, read, split
from bifolio.ingest_report import Ingested, OnProgress, Progress, Result, Skipped, Warned
from bifolio.retrieval import Embedder, LibraryWriter
from bifolio.retrieval.arrays import Floats

CHUNK_TOKENS = 400
WORKERS = 2
_NO_TEXT = message(
    "pages-without-text",
    "no text on these pages; if they are scans, `pip install 'bifolio[ocr]'` reads them",
)
_DAMAGED = message("damaged-pages", "these pages are damaged; open and save the file anew")
# Chunks embedded between two words of progress.
_STRIDE = 64
# Before that nobody can tell how long it takes.
_TOLD_AFTER = 2.0


@dataclass(frozen=True, slots=True)
class Course:
    """How files are taken in: so many are read at once, who is told, and what ends it early."""

    workers: int = WORKERS
    on_progress: OnProgress | None = None
    stop: Event = field(default_factory=Event)


AT_EASE = Course()


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

    def tell(self, path: str, share: float, chunks: int) -> None:
        """Say how far the file is that is being embedded; ``chunks`` are those it has.

        Raises:
            Stopped: that was asked for.
        """
        if self._course.stop.is_set():
            raise Stopped
        if self._course.on_progress is None:
            return
        seconds = time.monotonic() - self._began
        size = sum(self._sizes[: self._done]) + share * self._sizes[self._done]
        told = Progress(
            path=path,
            done=self._done,
            total=len(self._sizes),
            share=share,
            pages=self._pages,
            chunks=self._chunks + int(share * chunks),
            seconds=seconds,
            left=seconds * (sum(self._sizes) / size - 1)
            if size and seconds > _TOLD_AFTER
            else None,
        )
        self._course.on_progress(told)

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
    for path, outcome in _read_ahead(files, course):
        if isinstance(outcome, UnreadableDocument):
            yield Skipped(path, outcome.reason)
        else:
            yield from _put(outcome, writer, embedder, tally)
        tally.next()


def _put(
    document: Document, writer: LibraryWriter, embedder: Embedder, tally: _Tally
) -> Iterator[Ingested | Warned]:
    path = document.path
    chunks = split(document, size=CHUNK_TOKENS, length=embedder.count)
    vectors = embed(chunks, embedder, lambda share: tally.tell(path, share, len(chunks)))
    writer.put(document, chunks, vectors)
    tally.store(document, len(chunks))
    yield Ingested(path, len(document.pages), len(chunks))
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
    files: Sequence[tuple[Path, str]], course: Course
) -> Iterator[tuple[str, Document | UnreadableDocument]]:
    """Read files in order, as many ahead of the one that is being embedded as are read at once."""
    over = Event()
    waiting: deque[tuple[str, Future[Document | UnreadableDocument]]] = deque()

    def stopped() -> bool:
        """Whether nobody waits for the files any more."""
        return over.is_set() or course.stop.is_set()

    with ThreadPoolExecutor(course.workers) as pool:
        try:
            for file, path in files:
                waiting.append((path, pool.submit(_read, file, path, stopped)))
                if len(waiting) > course.workers:
                    path, future = waiting.popleft()
                    yield path, future.result()
            while waiting:
                path, future = waiting.popleft()
                yield path, future.result()
        finally:
            # Interrupted: nobody waits for a file that takes minutes.
            over.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _read(file: Path, path: str, stopped: Callable[[], bool]) -> Document | UnreadableDocument:
    try:
        return read(file, name=path, stopped=stopped)
    except UnreadableDocument as problem:
        return problem


def _size(file: Path) -> int:
    with suppress(OSError):
        return max(1, file.stat().st_size)
    return 1
