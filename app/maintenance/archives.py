"""A library in one file: text, vectors, pages and, if wanted, the originals."""

import hashlib
import json
import re
import shutil
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from bifolio.adding import fingerprint_of
from bifolio.ingest import BifolioError, Message, message
from bifolio.models import Models
from bifolio.retrieval import (
    Fingerprint,
    LibraryStore,
    Store,
    StoreError,
    copy_database,
    in_a_folder,
    read_file,
    rename_library,
)

FORMAT = 1
_MANIFEST, _DATABASE = "bifolio.json", "db.sqlite"
# Nothing else is unpacked: a name is a hash and the ending of a document, never a path.
_ORIGINAL = re.compile(r"files/([0-9a-f]{64})(\.[a-z0-9]{1,16})?")
_MOST_MANIFEST = 1 << 20


class BadArchive(BifolioError):  # noqa: N818 - the name says what is wrong
    """A file is no library that was exported, is damaged, or is of other models."""


@dataclass(frozen=True, slots=True)
class Archived:
    """What went into an archive or came out of it.

    ``originals`` counts the documents' own files; ``gone`` are documents whose file is no longer
    what was read, and so did not go in.
    """

    file: str
    documents: int
    originals: int
    gone: tuple[str, ...] = ()


def export_library(store: LibraryStore, file: Path, *, originals: bool = False) -> Archived:
    """Write a library to one file, which opens elsewhere without embedding anything again.

    With ``originals`` the bytes of every document go in too, else those of uploads alone.

    Raises:
        BadArchive: there is a file already, or it cannot be written.
        StoreError: the library is damaged.
    """
    store = in_a_folder(store)
    if file.exists():
        told = message("archive-exists", "{file} is there already; give another name", file=file)
        raise BadArchive(told)
    with _temporary(file.absolute().parent) as folder:
        database, written = folder / _DATABASE, folder / "archive"
        copy_database(store.folder / _DATABASE, database)
        with store.reading() as view:
            entries = view.entries()
        gone, kept = [], set()
        with ZipFile(written, "w", ZIP_STORED) as archive:
            archive.write(database, _DATABASE, ZIP_DEFLATED, compresslevel=1)
            for entry in entries:
                if not originals and not entry.uploaded:
                    continue
                try:
                    data = read_file(store.folder, entry)
                except StoreError:
                    gone.append(entry.path)
                    continue
                name = f"files/{entry.kept_as}"
                if name not in kept:
                    archive.writestr(name, data)
                    kept.add(name)
            archive.writestr(_MANIFEST, _manifest(store.fingerprint, database, len(entries)))
        written.replace(file)
    return Archived(str(file), len(entries), len(kept), tuple(gone))


def import_library(file: Path, folder: Path, models: Models, *, replaces: bool = False) -> Archived:
    """Make a library of an archive, in a new or empty folder.

    With ``replaces`` a library may be in the folder: it goes back to what the archive holds, in one
    step, and what it held besides is gone.

    Raises:
        BadArchive: it is none, is damaged or of other models; the folder is as it was.
        StoreError: what is in the folder is no library of these models, or is being written to.
    """
    in_use = folder.exists() and any(folder.iterdir())
    if in_use and not replaces:
        raise BadArchive(_in_use(folder))
    folder.absolute().parent.mkdir(parents=True, exist_ok=True)
    wanted = fingerprint_of(models.embedder)
    with _temporary(folder.absolute().parent) as temporary:
        # The temporary folder is for its owner alone; a library has the usual rights.
        place = temporary / "library"
        place.mkdir()
        with _opened(file) as archive:
            manifest = _read_manifest(file, archive)
            _same_models(file, manifest, wanted)
            originals = _unpack(file, archive, place, manifest["sha256"])
        rename_library(place / _DATABASE)
        if in_use:
            Store(folder, wanted, create=False).go_back(place)
        else:
            with Store(place, wanted, create=False).writing():
                pass  # Its index is saved when the writer ends.
            if folder.exists():
                folder.rmdir()
            place.rename(folder)
    with Store(folder, wanted, create=False).reading() as view:
        documents = len(view.entries())
    return Archived(str(file), documents, originals)


def _in_use(folder: Path) -> Message:
    return message(
        "folder-in-use",
        "{folder} is not empty; give a new --library, or --replace to put the library in the"
        " place of the one that is there",
        folder=folder,
    )


@contextmanager
def _temporary(parent: Path) -> Iterator[Path]:
    """Give a new folder beside the place where the result will stand."""
    try:
        folder = Path(tempfile.mkdtemp(prefix=".bifolio-", dir=parent))
    except OSError as problem:
        sentence = "{folder} cannot be written to ({problem}); give another place"
        told = message("place-unwritable", sentence, folder=parent, problem=problem.strerror)
        raise BadArchive(told) from problem
    try:
        yield folder
    except OSError as problem:
        sentence = "{folder}: {problem}; check the disk, or give another place"
        told = message("archive-failed", sentence, folder=parent, problem=problem.strerror)
        raise BadArchive(told) from problem
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _manifest(fingerprint: Fingerprint, database: Path, documents: int) -> str:
    content = {
        "format": FORMAT,
        "fingerprint": asdict(fingerprint),
        "documents": documents,
        "sha256": _sha256(database),
    }
    return json.dumps(content, indent=1)


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextmanager
def _opened(file: Path) -> Iterator[ZipFile]:
    try:
        with ZipFile(file) as archive:
            yield archive
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as problem:
        raise BadArchive(_no_library(file, str(problem))) from problem


def _no_library(file: Path, why: str) -> Message:
    sentence = "{file} is no library that `bifolio export` wrote ({why}); export it again"
    return message("no-archive", sentence, file=file, why=why)


def _read_manifest(file: Path, archive: ZipFile) -> dict[str, Any]:
    try:
        if archive.getinfo(_MANIFEST).file_size > _MOST_MANIFEST:
            raise ValueError("its list of contents is too long")
        content = json.loads(archive.read(_MANIFEST))
        if content["format"] != FORMAT:
            raise ValueError(f"format {content['format']}, this version reads {FORMAT}")
        return {"sha256": str(content["sha256"]), "made": Fingerprint(**content["fingerprint"])}
    except (KeyError, TypeError, ValueError) as problem:
        raise BadArchive(_no_library(file, str(problem))) from problem


def _same_models(file: Path, manifest: dict[str, Any], wanted: Fingerprint) -> None:
    made = manifest["made"]
    if made != wanted:
        sentence = (
            "{file} was made with the embedder {made} (splitter {splitter}), asked for {wanted}"
            " (splitter {ours}), or with other weights of it; choose those models by --models,"
            " and then `bifolio rebuild` for others"
        )
        told = message(
            "archive-of-other-models",
            sentence,
            file=file,
            made=made.embedder,
            splitter=made.splitter,
            wanted=wanted.embedder,
            ours=wanted.splitter,
        )
        raise BadArchive(told)


def _unpack(file: Path, archive: ZipFile, place: Path, sha256: str) -> int:
    """Write the database and the originals to the place; count the originals."""
    originals = 0
    for member in archive.infolist():
        named = _ORIGINAL.fullmatch(member.filename)
        if member.filename == _MANIFEST:
            continue
        if member.filename != _DATABASE and not named:
            raise BadArchive(_no_library(file, f"it holds {member.filename[:80]!r}"))
        target = place / (f"files/{named[1]}{named[2] or ''}" if named else _DATABASE)
        target.parent.mkdir(exist_ok=True)
        with archive.open(member) as packed, target.open("xb") as written:
            shutil.copyfileobj(packed, written)
        if _sha256(target) != (named[1] if named else sha256):
            raise BadArchive(_no_library(file, f"{member.filename} is damaged"))
        originals += bool(named)
    if not (place / _DATABASE).is_file():
        raise BadArchive(_no_library(file, "its database is missing"))
    return originals
