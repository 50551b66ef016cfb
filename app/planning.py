"""How the files that were found differ from a library, and what follows from that."""

import hashlib
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path, PurePath

from bifolio.ingest import (
    SUFFIXES,
    Changes,
    Finding,
    Message,
    bases_of,
    compare,
    is_under,
    moved_paths,
    other_kind,
    reads_otherwise,
    tried_by,
)
from bifolio.retrieval import Entry, Failure

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Held:
    """What a library knows before files are compared with it.

    ``place`` is the folder it was in when it was last written to, ``folder`` where it is now.
    """

    entries: Sequence[Entry]
    failures: Mapping[str, Failure]
    place: str
    folder: str


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to a library: ``known`` are its documents by path, as they will be named.

    ``moved`` maps the old path of a document to the new one, whether its file changed or not;
    ``unread`` are those whose file was found but not opened, with the reason; ``restored`` are
    stale no longer, since their file is again as it was read. ``outdated`` were read by an older
    version of their reader. ``failed`` could not be read before, and are as they were; ``emptied``
    are folders in which nothing is found any more, so that what was known of them stays. ``kept``
    are documents whose file is there, but left out.
    """

    known: Mapping[str, Entry]
    changes: Changes
    moved: Mapping[str, str]
    unread: Mapping[str, Message]
    restored: tuple[str, ...]
    outdated: tuple[str, ...]
    failed: Mapping[str, Message]
    emptied: Mapping[str, int]
    kept: tuple[str, ...]
    prune: bool
    sums: Mapping[str, str] = field(default_factory=dict)

    @property
    def todo(self) -> tuple[str, ...]:
        """The files to be read."""
        paths = (*self.changes.new, *self.changes.changed, *self.outdated)
        return tuple(path for path in paths if path not in self.failed)

    @property
    def files(self) -> list[str]:
        """Those of them that were found; the others are uploads."""
        return [path for path in self.todo if path in self.sums]

    @property
    def removed(self) -> tuple[str, ...]:
        """The documents to be taken out."""
        return self._stored(self.changes.missing) if self.prune else ()

    @property
    def missing(self) -> tuple[str, ...]:
        """The documents whose file is gone, and which stay."""
        return () if self.prune else self._stored(self.changes.missing)

    @property
    def renamed(self) -> Mapping[str, str]:
        """The documents whose file bears another path now: old to new."""
        gone, twice = set(self.changes.missing), dict(self.changes.renamed)
        moved = {old: twice.pop(new, new) for old, new in self.moved.items() if new not in gone}
        return {**moved, **twice}

    @property
    def unchanged(self) -> int:
        """How many documents are as they were, under the same path."""
        new = set(self.moved.values()) | set(self.outdated)
        return sum(path not in new for path in self.changes.unchanged)

    def _stored(self, paths: Iterable[str]) -> tuple[str, ...]:
        """Give the paths under which the library still has these documents."""
        before = {new: old for old, new in self.moved.items()}
        return tuple(before.get(path, path) for path in paths)

    @property
    def writes(self) -> bool:
        """Whether anything is to be written at all."""
        return bool(self.todo or self.renamed or self.removed or self.unread or self.restored)


def make_plan(finding: Finding, held: Held, roots: Sequence[AnyPath], *, prune: bool) -> Plan:
    """Compare what was found under the roots with the documents of a library."""
    bases = bases_of(roots)
    entries = {entry.path: entry for entry in held.entries}
    lost = dict(_lost(entries, finding, bases))
    moved = _moved(lost, entries, finding, held, bases)
    known = {moved.get(path, path): entry for path, entry in entries.items()}
    sums = {path: entry.sha256 for path, entry in known.items()}
    changes = compare(finding.files, sums, roots=roots, lost=lost.keys() - moved.keys())
    unread = _unread(finding, changes.missing, known)
    left_out = {path for path in changes.missing if path not in unread and _is_there(path)}
    gone = [path for path in changes.missing if path not in unread and path not in left_out]
    emptied = _emptied(gone, finding, bases)
    # What cannot be read today has not gone.
    unreadable = [absolute(name) for name in finding.skipped]
    missing = tuple(path for path in gone if path not in emptied and not is_under(path, unreadable))
    # Reached by a link, a file has another path and is no second one.
    twins = {
        path: twin for path, twin in changes.duplicates.items() if not _is_one_file(path, twin)
    }
    changes = replace(changes, missing=missing, duplicates=twins)
    failed = _failed(finding, held.failures, bases)
    return Plan(
        known=known,
        changes=changes,
        moved=moved,
        unread=unread,
        restored=tuple(path for path in changes.unchanged if known[path].stale),
        outdated=_outdated(changes.unchanged, known, failed),
        failed={path: failed[path] for path in (*changes.new, *changes.changed) if path in failed},
        emptied=_counted(emptied.values()),
        kept=tuple(sorted(left_out)),
        prune=prune,
        sums=finding.files,
    )


def absolute(path: str) -> str:
    """Spell a path as find() does: whole, and without ".."."""
    return bases_of([path])[0]


def _lost(
    entries: Mapping[str, Entry], finding: Finding, bases: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Give the documents elsewhere whose file is no longer there, or is another one by now."""
    found = set(finding.files.values())
    for path, entry in entries.items():
        if entry.uploaded or is_under(path, bases):
            continue
        if not os.path.lexists(path) or (entry.sha256 in found and _is_another(path, entry)):
            yield path, entry.sha256


def _is_another(path: str, entry: Entry) -> bool:
    try:
        with Path(path).open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() != entry.sha256
    except OSError:
        return False


def _moved(
    lost: Mapping[str, str],
    entries: Mapping[str, Entry],
    finding: Finding,
    held: Held,
    bases: Collection[str],
) -> Mapping[str, str]:
    """Tell under which path each document belongs whose folder was moved."""
    library = (held.place, held.folder) if held.place not in ("", held.folder) else None
    gone = {path: sha256 for path, sha256 in lost.items() if not os.path.lexists(path)}
    files = {path: sha256 for path, sha256 in finding.files.items() if path not in entries}
    moved: dict[str, str] = {}
    for old, new in moved_paths(gone, files, library=library).items():
        if is_under(new, bases) and new not in entries and new not in moved.values():
            moved[old] = new
    return moved


def _unread(
    finding: Finding, missing: Iterable[str], known: Mapping[str, Entry]
) -> Mapping[str, Message]:
    """Give the documents whose file is there but was not opened, and why."""
    skipped = {absolute(name): reason for name, reason in finding.skipped.items()}
    unread = {
        path: reason for path, reason in skipped.items() if path in known and os.path.lexists(path)
    }
    # A kind that was read once, when more was installed.
    others = (path for path in missing if PurePath(path).suffix.lower() not in SUFFIXES)
    return unread | {
        path: other_kind(PurePath(path).suffix) for path in others if Path(path).is_file()
    }


def _emptied(missing: Iterable[str], finding: Finding, bases: Collection[str]) -> Mapping[str, str]:
    """Give the missing documents in whose folder nothing is found any more, with that folder.

    So looks a drive that is not mounted, and nothing must be taken out for it.
    """
    holding = {str(folder) for path in finding.files for folder in PurePath(path).parents}
    emptied = {}
    for path in missing:
        folder = next(folder for folder in PurePath(path).parents if Path(folder).is_dir())
        if is_under(str(folder), bases) and str(folder) not in holding:
            emptied[path] = str(folder)
    return emptied


def _counted(folders: Iterable[str]) -> Mapping[str, int]:
    counts: dict[str, int] = {}
    for folder in folders:
        counts[folder] = counts.get(folder, 0) + 1
    return counts


def _outdated(
    unchanged: Iterable[str], known: Mapping[str, Entry], failed: Collection[str]
) -> tuple[str, ...]:
    """Give what an older version of a reader read: files that are as they were, and uploads."""
    uploads = (path for path, entry in known.items() if entry.uploaded)
    return tuple(
        path
        for path in chain(unchanged, uploads)
        if reads_otherwise(known[path].parser) and path not in failed
    )


def _failed(
    finding: Finding, failures: Mapping[str, Failure], bases: Collection[str]
) -> Mapping[str, Message]:
    """Give the files that could not be read before, are as they were, and are not asked for."""
    return {
        path: before.reason
        for path, sha256 in finding.files.items()
        if (before := failures.get(sha256))
        and before.parser == tried_by(path)
        and path not in bases
    }


def _is_one_file(path: str, other: str) -> bool:
    try:
        return Path(path).samefile(other)
    except OSError:
        return False


def _is_there(path: str) -> bool:
    return os.path.isfile(path) and not os.path.islink(path)  # noqa: PTH113, PTH114
