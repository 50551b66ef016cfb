"""Files and folders are brought into step with a library."""

import hashlib
import time
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from itertools import chain, count
from pathlib import Path, PurePath
from unicodedata import normalize

from bifolio.estimating import check_room, estimate
from bifolio.ingest import (
    EVERYTHING,
    SUFFIXES,
    Finding,
    Message,
    Selection,
    find,
    message,
    other_kind,
    reads_otherwise,
    tried_by,
)
from bifolio.ingest.splitter import SPLITTER_VERSION
from bifolio.ingest_report import (
    Ingested,
    IngestReport,
    Renamed,
    Result,
    Skipped,
    Warned,
    report,
)
from bifolio.planning import AnyPath, Held, Plan, make_plan
from bifolio.retrieval import (
    Embedder,
    Entry,
    Failure,
    Fingerprint,
    LibraryReader,
    LibraryStore,
    LibraryWriter,
    StoreError,
)
from bifolio.storing import AT_EASE, CHUNK_TOKENS, Course, PutFiles, embed, put_files


def fingerprint_of(embedder: Embedder) -> Fingerprint:
    """Say what the vectors and chunks of a library made with this embedder depend on."""
    splitter = f"{SPLITTER_VERSION}/{CHUNK_TOKENS}"
    return Fingerprint(embedder.name, embedder.fingerprint, embedder.dims, splitter)


def add(
    paths: Iterable[AnyPath],
    *,
    store: LibraryStore,
    embedder: Embedder,
    prune: bool = False,
    dry_run: bool = False,
    selection: Selection = EVERYTHING,
    busy: Collection[str] = (),
    course: Course = AT_EASE,
    engine: PutFiles = put_files,
) -> IngestReport:
    """Read what is new or changed under the paths, embed it, and store it file by file.

    ``engine`` does all that but the planning. Files that are ``busy``, for somebody writes to them,
    are taken to be as they were.

    Raises:
        LibraryBusy: another process is writing to the library.
        StoreError: the disk has no room for what is to be read.
        Stopped: the ``course`` was stopped; what was stored until then stays.
    """
    began = time.monotonic()
    paths = list(paths)
    finding = find(paths, without=store.folder, selection=selection)
    with store.reading() as view:
        finding = _without(busy, finding, view.entries())
        plan = make_plan(finding, _held(view, store), paths, prune=prune)
    results: list[Result] = list(map(Ingested, plan.todo))
    if not dry_run and plan.writes:
        check_room(plan.files, store.folder, embedder.dims)
        with store.writing() as writer:
            # Anew: another session may have written since.
            plan = make_plan(finding, _held(writer, store), paths, prune=prune)
            results = list(_carry_out(plan, writer, embedder, course, engine))
    done = report(finding, plan, results)
    if dry_run:
        done = replace(done, estimate=estimate(plan.files, embedder, workers=course.workers))
    seconds = round(time.monotonic() - began, 3)
    return replace(done, library=store.address, seconds=seconds)


def _without(busy: Collection[str], finding: Finding, entries: Iterable[Entry]) -> Finding:
    """Give what was found with the files that are busy as the library knows them, if it does."""
    if not busy:
        return finding
    known = {entry.path: entry.sha256 for entry in entries}
    files = {path: known.get(path) if path in busy else at for path, at in finding.files.items()}
    return replace(finding, files={path: at for path, at in files.items() if at})


def _held(view: LibraryReader | LibraryWriter, store: LibraryStore) -> Held:
    return Held(view.entries(), view.failures(), view.place(), str(store.folder))


def add_bytes(
    name: str,
    data: bytes,
    *,
    store: LibraryStore,
    embedder: Embedder,
    replaces: bool | None = None,
    course: Course = AT_EASE,
) -> IngestReport:
    """Store an uploaded file under the hash of its bytes; ``name`` is only what it is called.

    With ``replaces`` it takes the place of an upload of that name; else both are kept, which the
    report warns of unless it was decided.
    """
    # macOS writes accents apart from their letters.
    path = normalize("NFC", PurePath(name.replace("\\", "/")).name) or "unnamed"
    suffix = PurePath(path).suffix.lower()
    done = IngestReport(library=store.address)
    if suffix not in SUFFIXES:
        return replace(done, skipped=(Skipped(path, other_kind(suffix)),))
    sha256 = hashlib.sha256(data).hexdigest()
    with store.writing() as writer:
        known = {entry.path: entry for entry in writer.entries()}
        twin = next((entry for entry in known.values() if entry.sha256 == sha256), None)
        if twin and not (twin.uploaded or Path(twin.path).exists()):
            writer.keep_upload(data, path := _free_name(path, sha256, known))
            _rename(twin, path, writer, embedder)
            return replace(done, renamed=(Renamed(twin.path, path),))
        if twin and not reads_otherwise(twin.parser):
            return replace(done, unchanged=1)
        # Read again by a newer reader, under the path it has.
        named = twin.path if twin else path
        path = named if twin or replaces else _free_name(path, sha256, known)
        file = writer.keep_upload(data, path)
        results = list(put_files([(file, path)], writer, embedder, course))
    told = _told(results, replaced=path in known, reread=twin is not None)
    beside = (Warned(path, (), _both(named)),) if path != named and replaces is None else ()
    return replace(told, library=done.library, warnings=(*beside, *told.warnings))


def _told(results: Sequence[Result], *, replaced: bool, reread: bool) -> IngestReport:
    """Say what became of one file, which may stand in the place of one that was known."""
    stored = tuple(result for result in results if isinstance(result, Ingested))
    return IngestReport(
        added=() if replaced else stored,
        updated=stored if replaced and not reread else (),
        reread=stored if reread else (),
        skipped=tuple(result for result in results if isinstance(result, Skipped)),
        warnings=tuple(result for result in results if isinstance(result, Warned)),
    )


def _both(name: str) -> Message:
    return message(
        "same-name",
        "another document named {name} is kept beside it; remove that one if this is its new"
        " edition",
        name=name,
    )


def read_again(
    path: str, *, store: LibraryStore, embedder: Embedder, course: Course = AT_EASE
) -> IngestReport:
    """Read a document again from its file as it is now, though the file may be unchanged.

    Raises:
        KeyError: there is no such document.
        StoreError: its bytes are gone.
    """
    with store.writing() as writer:
        found = PurePath(path).is_absolute() and Path(path).is_file()
        file = Path(path) if found else store.source(path)
        results = list(put_files([(file, path)], writer, embedder, course))
    told = _told(results, replaced=True, reread=False)
    return replace(told, library=store.address)


def _free_name(path: str, sha256: str, known: Collection[str]) -> str:
    """Give the name, or one made from it that no document bears.

    Another file of that name is no newer edition of it: it may be somebody else's.
    """
    stem, suffix = PurePath(path).stem, PurePath(path).suffix.lower()
    names = (f"{stem} ({sha256[:8]}-{number}){suffix}" for number in count(2))
    candidates = chain((path, f"{stem} ({sha256[:8]}){suffix}"), names)
    return next(name for name in candidates if name not in known)


def _carry_out(
    plan: Plan, writer: LibraryWriter, embedder: Embedder, course: Course, engine: PutFiles
) -> Iterator[Result]:
    """Do what is planned, and yield what became of each file that was read."""
    for old, new in plan.renamed.items():
        _rename(plan.known.get(new) or plan.known[old], new, writer, embedder)
    for path in plan.removed:
        writer.remove(path)
    for path in plan.restored:
        writer.mark_fresh(path)
    before = {path: reason for path, reason in plan.failed.items() if path in plan.known}
    for path, reason in (*plan.unread.items(), *before.items()):
        writer.mark_stale(path, reason)
    files = list(_files(plan, writer))
    for result in engine(files, writer, embedder, course):
        if isinstance(result, Skipped) and not result.passing:
            sha256 = plan.sums.get(result.path) or plan.known[result.path].sha256
            writer.keep_failure(Failure(sha256, tried_by(result.path), result.reason))
            # What an older reader has read of the same file is no older state of it.
            if result.path in plan.known and result.path not in plan.outdated:
                writer.mark_stale(result.path, result.reason)
        yield result


def _files(plan: Plan, writer: LibraryWriter) -> Iterator[tuple[Path, str]]:
    """Give the files to be read, each with its path in the library."""
    for path in plan.todo:
        if path in plan.known and plan.known[path].uploaded:
            # Without its bytes an upload stays as it was read.
            with suppress(StoreError):
                yield writer.source(path), path
        else:
            yield Path(path), path


def _rename(old: Entry, new: str, writer: LibraryWriter, embedder: Embedder) -> None:
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
