"""What an ingestion tells: progress on the way, a report at the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


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
