"""What bringing files into step with a library did, and how far it is."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bifolio.estimating import Estimate
from bifolio.ingest import Finding, Message, message
from bifolio.planning import Plan, absolute
from bifolio.retrieval import Entry


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an ingestion has come: ``done`` of ``total`` files, and ``share`` of this one.

    ``pages`` and ``chunks`` are done, in ``seconds``; ``left`` are the seconds still to come, None
    as long as they cannot be told.
    """

    path: str
    done: int
    total: int
    share: float
    pages: int = 0
    chunks: int = 0
    seconds: float = 0.0
    left: float | None = None

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
    """A file that is not in the library, and why; ``passing`` tells that it is not the file."""

    path: str
    reason: Message
    passing: bool = False


@dataclass(frozen=True, slots=True)
class Warned:
    """A document that is in the library, but not whole: the ``pages`` concerned, and why."""

    path: str
    pages: tuple[int, ...]
    reason: Message


@dataclass(frozen=True, slots=True)
class Renamed:
    """A document that has another path now; its file was not read again."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class IngestReport:
    """What an ingestion did. ``ignored`` counts files of other kinds in folders, by suffix.

    ``left_out`` counts files and whole folders that were not wanted, by what said so.
    ``reread`` are documents that an older version of their reader had read; ``estimate`` is given
    for a dry run.
    """

    library: str = ""
    added: tuple[Ingested, ...] = ()
    updated: tuple[Ingested, ...] = ()
    reread: tuple[Ingested, ...] = ()
    renamed: tuple[Renamed, ...] = ()
    unchanged: int = 0
    removed: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    warnings: tuple[Warned, ...] = ()
    ignored: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    estimate: Estimate | None = None
    seconds: float = 0.0


OnProgress = Callable[[Progress], object]
Result = Ingested | Skipped | Warned


def report(finding: Finding, plan: Plan, results: Sequence[Result]) -> IngestReport:
    """Say what became of what was found."""
    changed, outdated = set(plan.changes.changed), set(plan.outdated)
    stored = [result for result in results if isinstance(result, Ingested)]
    failed = [result for result in results if isinstance(result, Skipped)]
    told = {absolute(name) for name in finding.skipped}
    unread = {path: reason for path, reason in plan.unread.items() if path not in told}
    reasons = {**finding.skipped, **unread, **plan.failed}
    skipped = [*(Skipped(*entry) for entry in reasons.items()), *failed]
    why = {file.path: file.reason for file in skipped}
    twins = plan.changes.duplicates
    skipped += [Skipped(path, why[twin]) for path, twin in twins.items() if twin in why]
    return IngestReport(
        added=tuple(file for file in stored if file.path not in changed | outdated),
        updated=tuple(file for file in stored if file.path in changed),
        reread=tuple(file for file in stored if file.path in outdated),
        renamed=tuple(Renamed(old, new) for old, new in plan.renamed.items()),
        unchanged=plan.unchanged,
        removed=plan.removed,
        missing=plan.missing,
        skipped=tuple(_still_answered(file, plan.known) for file in skipped),
        warnings=(
            *_twins({path: twin for path, twin in twins.items() if twin not in why}),
            *_emptied(plan.emptied),
            *_kept(plan.kept),
            *(r for r in results if isinstance(r, Warned)),
        ),
        ignored=finding.ignored,
        left_out=finding.left_out,
    )


def _still_answered(file: Skipped, known: Mapping[str, Entry]) -> Skipped:
    """Say of a skipped file that an older text of it answers, where that is so."""
    entry = known.get(absolute(file.path))
    if entry is None:
        return file
    sentence = "{reason}; the text read on {day} still answers"
    told = message("still-answers", sentence, reason=file.reason, day=entry.added[:10])
    return replace(file, reason=told)


def _emptied(folders: Mapping[str, int]) -> Iterator[Warned]:
    for folder, count in folders.items():
        sentence = (
            "nothing is found here any more of {count} known; is a drive not there? What was known"
            " stays in the library until you remove the folder itself, or use `bifolio remove`"
        )
        yield Warned(folder, (), message("folder-emptied", sentence, count=count))


def _kept(paths: Sequence[str]) -> Iterator[Warned]:
    if paths:
        sentence = (
            "left out now: {count} that the library holds as before; `bifolio remove` takes them"
            " out"
        )
        told = message("left-out-now", sentence, count=len(paths))
        yield Warned(os.path.commonpath(paths), (), told)


def _twins(twins: Mapping[str, str]) -> Iterator[Warned]:
    for path, twin in twins.items():
        sentence = "same content as {path}, which is kept; remove one of them"
        yield Warned(path, (), message("same-content", sentence, path=twin))
