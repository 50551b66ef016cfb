"""Which files a folder holds, and how they differ from what a library knows."""

import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bifolio.ingest.causes import cause
from bifolio.ingest.formats import SUFFIXES, other_kind
from bifolio.ingest.message import Message, message
from bifolio.ingest.reasons import NOT_A_FILE
from bifolio.ingest.selection import EVERYTHING, Selection, Sieve

_BAD_NAME = message("name-not-utf-8", "its name is not UTF-8; rename it")


@dataclass(frozen=True, slots=True)
class Finding:
    """The documents found, by absolute path with the sha256 of their bytes, and what was not read.

    ``skipped`` names files that were asked for but cannot be read, with the reason; ``ignored``
    counts files inside folders that are no documents, by suffix, and ``left_out`` the files and
    whole folders that were not wanted, by what said so.
    """

    files: Mapping[str, str]
    skipped: Mapping[str, Message] = field(default_factory=dict)
    ignored: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """How the files differ from the documents of a library; every name is an absolute path.

    ``duplicates`` maps a new file to the document that already has its content; ``renamed`` maps
    the old path to the new one.
    """

    new: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    renamed: Mapping[str, str]
    duplicates: Mapping[str, str]
    missing: tuple[str, ...]


def find(
    paths: Iterable[str | os.PathLike[str]],
    *,
    without: Path | None = None,
    selection: Selection = EVERYTHING,
) -> Finding:
    """Look for documents: a file is taken as it is, a folder is walked. Links are not followed.

    A folder ``without`` is passed over: the library's own, should it stand among the documents,
    however it is reached. One file that is reached in two ways is taken once.
    """
    without = without.resolve() if without else None
    reached: set[Path] = set()
    files: dict[str, str] = {}
    skipped: dict[str, Message] = {}
    ignored: dict[str, int] = {}
    left_out: dict[str, int] = {}
    walk = _Walk(without, skipped, ignored, left_out)
    for path in map(Path, paths):
        for candidate in walk.candidates(path, selection):
            if (real := candidate.resolve()) in reached:
                continue
            reached.add(real)
            try:
                str(candidate).encode()
                files[os.path.normpath(candidate)] = _sha256(candidate)
            except OSError as problem:
                skipped[str(candidate)] = _forbidden(problem)
            except UnicodeEncodeError:
                skipped[_shown(candidate)] = _BAD_NAME
    return Finding(files, skipped, ignored, left_out)


def compare(
    files: Mapping[str, str],
    known: Mapping[str, str],
    *,
    roots: Iterable[str | os.PathLike[str]],
    lost: Collection[str] = (),
) -> Changes:
    """Compare files with the known documents, both as path to sha256.

    A known document under one of the ``roots`` that is not among the files is missing, unless a
    new file has its content: then it was renamed. So was one that is ``lost``: elsewhere, where its
    file is no longer.
    """
    bases = bases_of(roots)
    gone = {path for path in known if path not in files and is_under(path, bases)}
    away = gone.union(lost)
    new, renamed, duplicates = [], {}, {}
    # What each document will hold, not what a changed one held.
    kept = {files.get(path, known[path]): path for path in known if path not in away}
    moved = {known[path]: path for path in known if path in away}
    for path in (path for path in files if path not in known):
        sha256 = files[path]
        if old := moved.pop(sha256, None):
            renamed[old] = path
        elif sha256 in kept:
            duplicates[path] = kept[sha256]
            continue
        else:
            new.append(path)
        kept[sha256] = path
    both = [path for path in files if path in known]
    return Changes(
        new=tuple(new),
        changed=tuple(path for path in both if files[path] != known[path]),
        unchanged=tuple(path for path in both if files[path] == known[path]),
        renamed=renamed,
        duplicates=duplicates,
        missing=tuple(path for path in known if path in gone and path not in renamed),
    )


@dataclass(frozen=True, slots=True)
class _Walk:
    """A walk through a folder, and what it passes over."""

    without: Path | None
    skipped: dict[str, Message]
    ignored: dict[str, int]
    left_out: dict[str, int]

    def candidates(self, path: Path, selection: Selection) -> Iterator[Path]:
        """Yield what a path that was given stands for: a file, or the documents of a folder."""
        try:
            mode = path.stat().st_mode
        except (OSError, ValueError) as problem:
            self.skipped[_shown(path)] = _why_not(problem)
            return
        if stat.S_ISDIR(mode):
            yield from self.through(Path(os.path.normpath(path.absolute())), selection)
        elif not stat.S_ISREG(mode):
            self.skipped[_shown(path)] = NOT_A_FILE
        elif path.suffix.lower() not in SUFFIXES:
            self.skipped[_shown(path)] = other_kind(path.suffix)
        else:
            yield path.absolute()

    def through(self, root: Path, selection: Selection) -> Iterator[Path]:
        """Yield the documents of a folder, in order."""
        sieve = Sieve(root, selection)
        for folder, folders, names in os.walk(root, onerror=self._unreadable):
            if self.without and Path(folder).resolve() == self.without:
                folders[:] = []
                continue
            sieve.enter(folder)
            # Hidden folders hold no documents, but version control and libraries of ours.
            seen = sorted(name for name in folders if not name.startswith("."))
            folders[:] = [name for name in seen if not self._unwanted(sieve, folder, name, True)]
            for name in sorted(names):
                path = Path(folder, name)
                if name.startswith("."):
                    continue
                if path.is_symlink() or not path.is_file() or path.suffix.lower() not in SUFFIXES:
                    _count(self.ignored, _shown(Path(path.suffix.lower() or "no suffix")))
                elif not self._unwanted(sieve, folder, name, False):
                    yield path

    def _unreadable(self, problem: OSError) -> None:
        self.skipped[_shown(Path(problem.filename))] = _forbidden(problem)

    def _unwanted(self, sieve: Sieve, folder: str, name: str, is_folder: bool) -> bool:
        said_by = sieve.leaves_out(os.path.join(folder, name), is_folder=is_folder)  # noqa: PTH118
        if said_by:
            _count(self.left_out, f"{said_by}{' (folders)' * is_folder}")
        return bool(said_by)


def _count(counts: dict[str, int], key: str) -> None:
    counts[key] = counts.get(key, 0) + 1


def _shown(path: Path) -> str:
    """Give a path as it can be printed: its name need not be UTF-8."""
    return os.fsencode(path).decode(errors="replace")


def _forbidden(problem: OSError) -> Message:
    return message("forbidden", "{problem}; check its permissions", problem=cause(problem))


def _why_not(problem: Exception) -> Message:
    if isinstance(problem, FileNotFoundError | NotADirectoryError):
        return message("no-such-file", "no such file or folder; check the name")
    reason = cause(problem) if isinstance(problem, OSError) else str(problem)
    return message("not-found", "{problem}; check the name and its permissions", problem=reason)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def bases_of(roots: Iterable[str | os.PathLike[str]]) -> tuple[str, ...]:
    """Spell roots as find() spells paths: whole, and without ".."."""
    return tuple(os.path.normpath(Path(root).absolute()) for root in roots)


def is_under(path: str, bases: Iterable[str]) -> bool:
    """Tell whether a path is one of the bases or stands in one of them."""
    return any(path == base or path.startswith(f"{base.rstrip('/')}/") for base in bases)
