"""Files and folders are brought into step with a library."""

import hashlib
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, count
from pathlib import Path, PurePath

import numpy as np

from bifolio.ingest import (
    SUFFIXES,
    Changes,
    Chunk,
    Document,
    Finding,
    UnreadableDocument,
    find,
    other_kind,
    read,
    split,
)
from bifolio.ingest.splitter import SPLITTER_VERSION
from bifolio.planning import AnyPath, Plan, absolute, make_plan
from bifolio.retrieval import Embedder, Entry, Fingerprint, Store, Writer
from bifolio.retrieval.arrays import Floats

CHUNK_TOKENS = 400
WORKERS = 2
_NO_TEXT = "no text on these pages; if they are scans, `pip install 'bifolio[ocr]'` reads them"
_BOTH = (
    "another document named {name} is kept beside it; remove that one if this is its new edition"
)
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
    """A document that has another path now; its file was not read again."""

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


def fingerprint_of(embedder: Embedder) -> Fingerprint:
    """Say what the vectors and chunks of a library made with this embedder depend on."""
    splitter = f"{SPLITTER_VERSION}/{CHUNK_TOKENS}"
    return Fingerprint(embedder.name, embedder.fingerprint, embedder.dims, splitter)


OnProgress = Callable[[Progress], object]
Result = Ingested | Skipped | Warned


def add(
    paths: Iterable[AnyPath],
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
        plan = make_plan(finding, view.entries(), paths, prune=prune)
    results: list[Result] = list(map(Ingested, plan.todo))
    if not dry_run and plan.writes:
        with store.writing() as writer:
            # Anew: another session may have written since.
            plan = make_plan(finding, writer.entries(), paths, prune=prune)
            results = list(_carry_out(plan, writer, embedder, workers, on_progress))
    report = _report(finding, plan, results)
    seconds = round(time.monotonic() - began, 3)
    return replace(report, library=str(store.folder), seconds=seconds)


def add_bytes(
    name: str,
    data: bytes,
    *,
    store: Store,
    embedder: Embedder,
    replaces: bool = False,
    on_progress: OnProgress | None = None,
) -> IngestReport:
    """Store an uploaded file under the hash of its bytes; ``name`` is only what it is called.

    With ``replaces`` it takes the place of an upload of that name; else both are kept.
    """
    path = PurePath(name.replace("\\", "/")).name or "unnamed"
    suffix = PurePath(path).suffix.lower()
    report = IngestReport(library=str(store.folder))
    if suffix not in SUFFIXES:
        return replace(report, skipped=(Skipped(path, other_kind(suffix)),))
    sha256 = hashlib.sha256(data).hexdigest()
    with store.writing() as writer:
        known = {entry.path: entry.sha256 for entry in writer.entries()}
        if sha256 in known.values():
            return replace(report, unchanged=1)
        named = path
        path = path if replaces else _free_name(path, sha256, known)
        file = writer.keep_upload(data, path)
        results = list(put_files([(file, path)], writer, embedder, on_progress=on_progress))
    stored = tuple(result for result in results if isinstance(result, Ingested))
    return replace(
        report,
        added=() if path in known else stored,
        updated=stored if path in known else (),
        skipped=tuple(result for result in results if isinstance(result, Skipped)),
        warnings=(
            *([Warned(path, (), _BOTH.format(name=named))] if path != named else []),
            *(result for result in results if isinstance(result, Warned)),
        ),
    )


def read_again(
    path: str, *, store: Store, embedder: Embedder, on_progress: OnProgress | None = None
) -> IngestReport:
    """Read a document again from its file as it is now, though the file may be unchanged.

    Raises:
        KeyError: there is no such document.
        StoreError: its bytes are gone.
    """
    with store.writing() as writer:
        found = PurePath(path).is_absolute() and Path(path).is_file()
        file = Path(path) if found else store.source(path)
        results = list(put_files([(file, path)], writer, embedder, on_progress=on_progress))
    return IngestReport(
        library=str(store.folder),
        updated=tuple(result for result in results if isinstance(result, Ingested)),
        skipped=tuple(result for result in results if isinstance(result, Skipped)),
        warnings=tuple(result for result in results if isinstance(result, Warned)),
    )


def _free_name(path: str, sha256: str, known: Collection[str]) -> str:
    """Give the name, or one made from it that no document bears.

    Another file of that name is no newer edition of it: it may be somebody else's.
    """
    stem, suffix = PurePath(path).stem, PurePath(path).suffix.lower()
    names = (f"{stem} ({sha256[:8]}-{number}){suffix}" for number in count(2))
    candidates = chain((path, f"{stem} ({sha256[:8]}){suffix}"), names)
    return next(name for name in candidates if name not in known)


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
        vectors = embed(chunks, embedder, partial(_tell, tell, path, done, len(files)))
        writer.put(outcome, chunks, vectors)
        tell(Progress(path, done, len(files), 1.0))
        yield Ingested(path, len(outcome.pages), len(chunks))
        if failed := outcome.failed_pages:
            yield Warned(path, failed, "these pages are damaged; open and save the file anew")
        if empty := outcome.empty_pages:
            yield Warned(path, empty, _NO_TEXT)
        yield from (Warned(path, (), note) for note in outcome.notes)


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


def _tell(tell: OnProgress, path: str, done: int, total: int, share: float) -> None:
    tell(Progress(path, done, total, share))


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


def _carry_out(
    plan: Plan,
    writer: Writer,
    embedder: Embedder,
    workers: int,
    on_progress: OnProgress | None,
) -> Iterator[Result]:
    """Do what is planned, and yield what became of each file that was read."""
    for old, new in plan.changes.renamed.items():
        _rename(plan.known[old], new, writer, embedder)
    for path in plan.removed:
        writer.remove(path)
    for path in plan.restored:
        writer.mark_fresh(path)
    for path, reason in plan.unread.items():
        writer.mark_stale(path, reason)
    files = [(Path(path), path) for path in plan.todo]
    for result in put_files(files, writer, embedder, workers, on_progress):
        if isinstance(result, Skipped) and result.path in plan.known:
            writer.mark_stale(result.path, result.reason)
        yield result


def _rename(old: Entry, new: str, writer: Writer, embedder: Embedder) -> None:
    """Give a document another path; a title that was only its file's name follows.

    The title is searched with each chunk, so then its words and vectors are made again.
    """
    name = PurePath(new).stem
    chunks = writer.chunks(old.path) if _named_after_file(old) and old.title != name else []
    # A heading of that title is the document's own, whatever its file is called.
    if not chunks or old.title in (heading.title for heading in chunks[0].document.headings):
        writer.rename(old.path, new)
        return
    document = replace(chunks[0].document, path=new, title=name)
    chunks = [replace(chunk, document=document) for chunk in chunks]
    writer.put(document, chunks, embed(chunks, embedder), instead_of=old.path)


def _named_after_file(entry: Entry) -> bool:
    return entry.title == PurePath(entry.path).stem


def _report(finding: Finding, plan: Plan, results: Sequence[Result]) -> IngestReport:
    changes, changed = plan.changes, set(plan.changes.changed)
    stored = [result for result in results if isinstance(result, Ingested)]
    failed = [result for result in results if isinstance(result, Skipped)]
    skipped = [*(Skipped(*entry) for entry in finding.skipped.items()), *failed]
    return IngestReport(
        added=tuple(file for file in stored if file.path not in changed),
        updated=tuple(file for file in stored if file.path in changed),
        renamed=tuple(Renamed(old, new) for old, new in changes.renamed.items()),
        unchanged=len(changes.unchanged),
        removed=plan.removed,
        missing=() if plan.prune else changes.missing,
        skipped=tuple(_still_answered(file, plan.known) for file in skipped),
        warnings=(*_twins(changes), *(r for r in results if isinstance(r, Warned))),
        ignored=finding.ignored,
    )


def _still_answered(file: Skipped, known: Mapping[str, Entry]) -> Skipped:
    """Say of a skipped file that an older text of it answers, where that is so."""
    entry = known.get(absolute(file.path))
    if entry is None:
        return file
    day = entry.added[:10]
    return replace(file, reason=f"{file.reason}; the text read on {day} still answers")


def _twins(changes: Changes) -> Iterator[Warned]:
    for path, twin in changes.duplicates.items():
        yield Warned(path, (), f"same content as {twin}, which is kept; remove one of them")
