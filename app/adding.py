"""Files and folders are brought into step with a library."""

import hashlib
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePath

import numpy as np

from bifolio.ingest import (
    OTHER_KIND,
    SUFFIXES,
    Changes,
    Chunk,
    Document,
    Finding,
    UnreadableDocument,
    compare,
    find,
    read,
    split,
)
from bifolio.retrieval import Embedder, Store, Writer

CHUNK_TOKENS = 400
WORKERS = 2
# Chunks embedded between two words of progress.
_STRIDE = 64


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion has come: ``done`` of ``total`` files, and ``share`` of this one."""

    path: str
    done: int
    total: int
    share: float

    def __str__(self) -> str:
        """Say it in a line."""
        return f"[{self.done + 1}/{self.total}] {Path(self.path).name} {self.share:.0%}"


@dataclass(frozen=True, slots=True)
class Ingested:
    """A document that was stored: ``pages`` and ``chunks`` are counts, None in a dry run."""

    path: str
    pages: int | None = None
    chunks: int | None = None


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file that is not in the library, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Warned:
    """A document that is in the library, but not whole: the ``pages`` concerned, and why."""

    path: str
    pages: tuple[int, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class Renamed:
    """A document that has another path now; nothing of it was computed again."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did. ``ignored`` counts files of other kinds in folders, by suffix."""

    library: str = ""
    added: tuple[Ingested, ...] = ()
    updated: tuple[Ingested, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[Warned, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    seconds: float = 0.0


OnProgress = Callable[[Progress], object]
Result = Ingested | Skipped | Warned


def add(
    paths: Iterable[str | os.PathLike[str]],
    *,
    store: Store,
    embedder: Embedder,
    prune: bool = False,
    dry_run: bool = False,
    workers: int = WORKERS,
    on_progress: OnProgress | None = None,
) -> IngestReport:
    """Read what is new or changed under the paths, embed it, and store it file by file.

    Raises:
        LibraryBusy: another process is writing to the library.
    """
    began = time.monotonic()
    paths = list(paths)
    finding = find(paths, without=store.folder)
    with store.reading() as view:
        known = {entry.path: entry.sha256 for entry in view.entries()}
    changes = compare(finding.files, known, roots=paths)
    # What cannot be read today has not gone.
    missing = (path for path in changes.missing if not _is_among(path, finding.skipped))
    changes = replace(changes, missing=tuple(missing))
    todo = [*changes.new, *changes.changed]
    removed = changes.missing if prune else ()
    results: list[Result] = list(map(Ingested, todo))
    if not dry_run and (todo or changes.renamed or removed):
        with store.writing() as writer:
            for old, new in changes.renamed.items():
                writer.rename(old, new)
            for path in removed:
                writer.remove(path)
            files = [(Path(path), path) for path in todo]
            results = list(put_files(files, writer, embedder, workers, on_progress))
    report = _report(finding, changes, results, prune=prune)
    seconds = round(time.monotonic() - began, 3)
    return replace(report, library=str(store.folder), seconds=seconds)


def add_bytes(
    name: str,
    data: bytes,
    *,
    store: Store,
    embedder: Embedder,
    on_progress: OnProgress | None = None,
) -> IngestReport:
    """Store an uploaded file under the hash of its bytes; ``name`` is only what it is called."""
    path = PurePath(name.replace("\\", "/")).name or "unnamed"
    suffix = PurePath(path).suffix.lower()
    report = IngestReport(library=str(store.folder))
    if suffix not in SUFFIXES:
        return replace(report, skipped=(Skipped(path, OTHER_KIND),))
    sha256 = hashlib.sha256(data).hexdigest()
    with store.reading() as view:
        known = {entry.path: entry.sha256 for entry in view.entries()}
    if sha256 in known.values():
        return replace(report, unchanged=1)
    if path in known:
        # Another file of that name is no newer edition of it: it may be somebody else's.
        path = f"{PurePath(path).stem} ({sha256[:8]}){suffix}"
    file = upload_path(store, sha256, suffix)
    with store.writing() as writer:
        file.parent.mkdir(exist_ok=True)
        file.write_bytes(data)
        results = list(put_files([(file, path)], writer, embedder, on_progress=on_progress))
    stored = tuple(result for result in results if isinstance(result, Ingested))
    if not stored:
        file.unlink(missing_ok=True)
    return replace(
        report,
        added=stored,
        skipped=tuple(result for result in results if isinstance(result, Skipped)),
        warnings=tuple(result for result in results if isinstance(result, Warned)),
    )


def upload_path(store: Store, sha256: str, suffix: str) -> Path:
    """Give where the bytes of an upload are kept."""
    return store.folder / "files" / f"{sha256}{suffix}"


def put_files(
    files: Sequence[tuple[Path, str]],
    writer: Writer,
    embedder: Embedder,
    workers: int = WORKERS,
    on_progress: OnProgress | None = None,
) -> Iterator[Result]:
    """Read, split, embed and store files, each given with the path it shall bear in the library.

    Yields what became of each: stored, perhaps with a warning, or skipped.
    """
    tell = on_progress or (lambda _: None)
    for done, (path, outcome) in enumerate(_read_ahead(files, workers)):
        if isinstance(outcome, UnreadableDocument):
            yield Skipped(path, outcome.reason)
            continue
        chunks = split(outcome, size=CHUNK_TOKENS, length=embedder.count)
        vectors = np.zeros((len(chunks), embedder.dims), np.float32)
        for start in range(0, len(chunks), _STRIDE):
            tell(Progress(path, done, len(files), start / len(chunks)))
            part = slice(start, start + _STRIDE)
            texts = [chunk.searched for chunk in chunks[part]]
            vectors[part] = embedder.embed_passages(texts)
        writer.put(outcome, chunks, vectors)
        tell(Progress(path, done, len(files), 1.0))
        yield Ingested(path, len(outcome.pages), len(chunks))
        if failed := outcome.failed_pages:
            yield Warned(path, failed, "these pages are damaged; open and save the file anew")
        if empty := outcome.empty_pages:
            yield Warned(path, empty, "no text on these pages; run OCR on them if they are scans")


def put_chunks(
    chunks: Sequence[Chunk],
    writer: Writer,
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


def _read_ahead(
    files: Sequence[tuple[Path, str]], workers: int
) -> Iterator[tuple[str, Document | UnreadableDocument]]:
    """Read files in order, a few ahead of the one that is being embedded."""
    with ThreadPoolExecutor(workers) as pool:
        waiting: deque[tuple[str, Future[Document | UnreadableDocument]]] = deque()
        for file, path in files:
            waiting.append((path, pool.submit(_read, file, path)))
            if len(waiting) > workers:
                path, future = waiting.popleft()
                yield path, future.result()
        for path, future in waiting:
            yield path, future.result()


def _read(file: Path, path: str) -> Document | UnreadableDocument:
    try:
        return read(file, name=path)
    except UnreadableDocument as problem:
        return problem


def _report(
    finding: Finding, changes: Changes, results: Sequence[Result], *, prune: bool
) -> IngestReport:
    stored = [result for result in results if isinstance(result, Ingested)]
    failed = [result for result in results if isinstance(result, Skipped)]
    changed = set(changes.changed)
    return IngestReport(
        added=tuple(file for file in stored if file.path not in changed),
        updated=tuple(file for file in stored if file.path in changed),
        renamed=tuple(Renamed(old, new) for old, new in changes.renamed.items()),
        unchanged=len(changes.unchanged),
        removed=changes.missing if prune else (),
        missing=() if prune else changes.missing,
        skipped=(*(Skipped(*entry) for entry in finding.skipped.items()), *failed),
        warnings=(*_twins(changes), *(r for r in results if isinstance(r, Warned))),
        ignored=finding.ignored,
    )


def _twins(changes: Changes) -> Iterator[Warned]:
    for path, twin in changes.duplicates.items():
        yield Warned(path, (), f"same content as {twin}, which is kept; remove one of them")


def _is_among(path: str, skipped: Iterable[str]) -> bool:
    """Tell whether the path, or a folder above it, is one of those that were skipped."""
    return any(
        Path(path).is_relative_to(os.path.normpath(Path(name).absolute())) for name in skipped
    )
