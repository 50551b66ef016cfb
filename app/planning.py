"""How the files that were found differ from a library, and what follows from that."""

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bifolio.ingest import Changes, Finding, Message, compare
from bifolio.retrieval import Entry

AnyPath = str | os.PathLike[str]


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done to a library: ``known`` are its documents by path.

    ``unread`` are those among them whose file was found but not opened, with the reason;
    ``restored`` are stale no longer, since their file is again as it was read.
    """

    known: Mapping[str, Entry]
    changes: Changes
    unread: Mapping[str, Message]
    restored: tuple[str, ...]
    prune: bool

    @property
    def todo(self) -> tuple[str, ...]:
        """The files to be read."""
        return (*self.changes.new, *self.changes.changed)

    @property
    def removed(self) -> tuple[str, ...]:
        """The documents to be taken out."""
        return self.changes.missing if self.prune else ()

    @property
    def writes(self) -> bool:
        """Whether anything is to be written at all."""
        return bool(
            self.todo or self.changes.renamed or self.removed or self.unread or self.restored
        )


def make_plan(
    finding: Finding, entries: Iterable[Entry], roots: Sequence[AnyPath], *, prune: bool
) -> Plan:
    """Compare what was found under the roots with the documents of a library."""
    known = {entry.path: entry for entry in entries}
    sums = {path: entry.sha256 for path, entry in known.items()}
    changes = compare(finding.files, sums, roots=roots)
    # What cannot be read today has not gone.
    missing = tuple(path for path in changes.missing if not _is_among(path, finding.skipped))
    # Reached by a link, a file has another path and is no second one.
    twins = {
        path: twin for path, twin in changes.duplicates.items() if not _is_one_file(path, twin)
    }
    skipped = {absolute(name): reason for name, reason in finding.skipped.items()}
    return Plan(
        known=known,
        changes=replace(changes, missing=missing, duplicates=twins),
        unread={
            path: reason
            for path, reason in skipped.items()
            if path in known and os.path.lexists(path)
        },
        restored=tuple(path for path in changes.unchanged if known[path].stale),
        prune=prune,
    )


def _is_one_file(path: str, other: str) -> bool:
    try:
        return Path(path).samefile(other)
    except OSError:
        return False


def _is_among(path: str, skipped: Iterable[str]) -> bool:
    """Tell whether the path, or a folder above it, is one of those that were skipped."""
    return any(Path(path).is_relative_to(absolute(name)) for name in skipped)


def absolute(path: str) -> str:
    """Spell a path as find() does: whole, and without ".."."""
    return os.path.normpath(Path(path).absolute())
