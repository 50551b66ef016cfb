"""Files go out to a cluster and come back as documents with vectors, which one writer stores."""

import os
import stat
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from bifolio.cluster.crew import TRIES, Crew
from bifolio.cluster.session import connected
from bifolio.cluster.work import Embedded, Unread
from bifolio.ingest import Message, Stopped, UnreadableDocument, message, read
from bifolio.ingest.child import MAX_BYTES
from bifolio.ingest_report import Ingested, Progress, Result, Skipped
from bifolio.retrieval import Embedder, LibraryWriter
from bifolio.storing import AT_EASE, Course, told_of

# Files under way for each reader: one that is read, one that waits or is embedded.
_AHEAD = 2
# Bytes of files under way: they stand in the cluster's memory until they are read.
_BYTES = 200_000_000
# Chunks written in one step, and seconds after which fewer are.
_BATCH, _SOON = 512, 2.0
_LOOK = 0.2  # seconds


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Reads and embeds on a Ray cluster, in place of ``storing.put_files``.

    ``address`` is the cluster's, as `ray status` knows it; None is a cluster of this machine alone,
    which ends with the work. Whatever dies there, each file is stored once: what a dead worker had
    is sent out again, and this process alone writes.
    """

    address: str | None = None

    def __call__(
        self,
        files: Sequence[tuple[Path, str]],
        writer: LibraryWriter,
        embedder: Embedder,
        course: Course = AT_EASE,
    ) -> Iterator[Result]:
        """Read, split, embed and store files, each given with the path it shall bear.

        Yields what became of each, in the order in which they are done.

        Raises:
            Stopped: the course was stopped.
            ClusterLost: the cluster cannot be reached, or is gone.
        """
        if not files:
            return
        with connected(self.address) as ray:
            crew = Crew(ray, embedder)
            try:
                yield from _Run(ray, crew, writer, course, files).results()
            finally:
                crew.dismiss()


@dataclass(slots=True)
class _Sent:
    """A file that is under way: its place among the files, its bytes' count, its tries so far.

    ``actor`` is the one that has it.
    """

    place: int
    size: int
    tries: int
    actor: Any


@dataclass(slots=True)
class _Done:
    """What is done so far, for the progress: ``size`` in bytes."""

    files: int = 0
    size: int = 0
    pages: int = 0
    chunks: int = 0
    began: float = field(default_factory=time.monotonic)


class _Run:
    """One ingestion: so many files are under way, and what comes back is stored in batches."""

    def __init__(
        self,
        ray: Any,
        crew: Crew,
        writer: LibraryWriter,
        course: Course,
        files: Sequence[tuple[Path, str]],
    ) -> None:
        self._ray, self._crew, self._writer, self._course = ray, crew, writer, course
        self._files = files
        self._sizes = [_size(file) for file, _ in files]
        self._waiting = deque((place, 0) for place in range(len(files)))
        self._sent: dict[Any, _Sent] = {}
        self._batch: list[Embedded] = []
        self._since = time.monotonic()
        self._done = _Done()

    def results(self) -> Iterator[Result]:
        """Yield what became of each file."""
        try:
            while self._waiting or self._sent:
                yield from self._send()
                ready, _ = (
                    self._ray.wait(list(self._sent), num_returns=1, timeout=_LOOK)
                    if self._sent
                    else ([], [])
                )
                for reference in ready:
                    yield from self._take(reference)
                if self._is_full():
                    yield from self._store()
                if self._course.stop.is_set():
                    raise Stopped
            yield from self._store()
        finally:
            for reference in self._sent:
                with suppress(Exception):
                    self._ray.cancel(reference, force=False)

    def _send(self) -> Iterator[Result]:
        """Send out files while there is room for them."""
        while self._waiting and len(self._sent) < _AHEAD * self._crew.readers:
            place, tries = self._waiting[0]
            # The last try is alone, so that no file is skipped for what another one does.
            last = max((sent.tries for sent in self._sent.values()), default=0)
            if self._sent and TRIES in (tries + 1, last):
                return
            under_way = sum(sent.size for sent in self._sent.values())
            if self._sent and under_way + self._sizes[place] > _BYTES:
                return
            self._waiting.popleft()
            file, path = self._files[place]
            data = _bytes_of(file)
            if data is None:
                # The reader says why: too large, no regular file, not to be opened.
                yield from self._read_here(place, tries)
                continue
            promise, actor = self._crew.send(data, path)
            self._sent[promise] = _Sent(place, len(data), tries + 1, actor)

    def _read_here(self, place: int, tries: int) -> Iterator[Result]:
        file, path = self._files[place]
        try:
            document = read(file, name=path, stopped=self._course.stop.is_set)
        except UnreadableDocument as problem:
            yield self._skip(place, problem.reason)
        else:
            promise, actor = self._crew.embed(document)
            self._sent[promise] = _Sent(place, 0, tries + 1, actor)

    def _take(self, reference: Any) -> Iterator[Result]:
        """Take what came back of a file; send it out again if a worker died of or with it."""
        sent = self._sent.pop(reference)
        try:
            outcome = self._ray.get(reference)
        except self._ray.exceptions.RayError as problem:
            if self._is_mistake(problem):
                raise
            self._crew.recover(sent.actor, self._course.stop)
            if sent.tries < TRIES:
                self._waiting.appendleft((sent.place, sent.tries))
            else:
                yield replace(self._skip(sent.place, _died()), passing=True)
            return
        if isinstance(outcome, Unread):
            yield self._skip(sent.place, outcome.reason)
            return
        if not self._batch:
            self._since = time.monotonic()
        self._batch.append(outcome)
        self._done.size += self._sizes[sent.place]

    def _is_mistake(self, problem: Exception) -> bool:
        """Tell a mistake in what ran from the death of what ran it."""
        errors = self._ray.exceptions
        cause = getattr(problem, "cause", None)
        return isinstance(problem, errors.RayTaskError) and not isinstance(cause, errors.RayError)

    def _is_full(self) -> bool:
        chunks = sum(len(one.chunks) for one in self._batch)
        return chunks >= _BATCH or (bool(self._batch) and time.monotonic() - self._since > _SOON)

    def _store(self) -> Iterator[Result]:
        batch, self._batch = self._batch, []
        if not batch:
            return
        self._writer.put_many([(one.document, one.chunks, one.vectors) for one in batch])
        for one in batch:
            self._done.files += 1
            self._done.pages += len(one.document.pages)
            self._done.chunks += len(one.chunks)
            self._tell(one.document.path)
            yield Ingested(one.document.path, len(one.document.pages), len(one.chunks))
            yield from told_of(one.document)

    def _skip(self, place: int, reason: Message) -> Skipped:
        self._done.files += 1
        self._done.size += self._sizes[place]
        return Skipped(self._files[place][1], reason)

    def _tell(self, path: str) -> None:
        if self._course.on_progress is None:
            return
        done, total = self._done, len(self._files)
        seconds = time.monotonic() - done.began
        told = Progress(
            path=path,
            done=min(done.files, total) - 1,
            total=total,
            share=1.0,
            pages=done.pages,
            chunks=done.chunks,
            seconds=seconds,
            left=seconds * (sum(self._sizes) / done.size - 1) if done.size else None,
        )
        self._course.on_progress(told)


def _size(file: Path) -> int:
    with suppress(OSError):
        return max(1, file.stat().st_size)
    return 1


def _bytes_of(file: Path) -> bytes | None:
    """Give a file's bytes; None where that would be unwise or fails."""
    try:
        # Non-blocking, so that a FIFO put in the file's place cannot hold us.
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            status = os.fstat(opened.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
                return None
            return opened.read(MAX_BYTES + 1)
    except OSError:
        return None


def _died() -> Message:
    return message(
        "worker-died",
        "the process that had it died {count} times; look at the machines' memory and run again",
        count=TRIES,
    )
