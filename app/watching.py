"""Folders are watched, and a library brought into step whenever something in them changed."""

import os
import stat
import time
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from pathlib import Path
from threading import Event, Lock

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from bifolio.ingest import bases_of, is_under

# A file is left alone until nobody has written to it for so long.
QUIET = 2.0
# Events get lost, and network drives give none.
COMPARED_EVERY = 600.0
_UNWATCHED_EVERY = 30.0
_LOOK = 0.2
# When a comparison failed, as when somebody else writes to the library.
_AGAIN = 5.0
# What others do to a file; that it was opened is mostly told of ourselves.
_KINDS = frozenset({"created", "modified", "moved", "deleted", "closed"})

Sync = Callable[[Collection[str]], bool]


class _Changes(FileSystemEventHandler):
    """The paths that somebody writes to, with the time of the last event of each."""

    def __init__(self, bases: Sequence[str], without: str) -> None:
        self._bases, self._without = bases, without
        self._last: dict[str, float] = {}
        self._lock = Lock()

    def dispatch(self, event: FileSystemEvent) -> None:
        """Take in one event, as watchdog gives it."""
        of_folder = event.is_directory and event.event_type == "modified"
        if of_folder or event.event_type not in _KINDS:
            return
        now = time.monotonic()
        for path in (os.fsdecode(event.src_path), os.fsdecode(event.dest_path)):
            if path and self._is_ours(path):
                with self._lock:
                    self._last[path] = now

    def take_quiet(self) -> tuple[bool, frozenset[str]]:
        """Tell whether any path became quiet, which are forgotten by that, and which are busy."""
        since = time.monotonic() - QUIET
        with self._lock:
            busy = {path: at for path, at in self._last.items() if at > since}
            some = len(busy) < len(self._last)
            self._last = busy
        return some, frozenset(busy)

    def _is_ours(self, path: str) -> bool:
        base = next((base for base in self._bases if is_under(path, [base])), None)
        if base is None or is_under(path, [self._without]):
            return False
        # Hidden files and folders hold no documents, but .gitignore says which do.
        parts = Path(path).relative_to(base).parts
        return not any(part.startswith(".") and part != ".gitignore" for part in parts)


def watch(
    paths: Sequence[str | os.PathLike[str]],
    sync: Sync,
    *,
    without: Path,
    stop: Event,
    every: float = COMPARED_EVERY,
) -> None:
    """Call ``sync`` at once, after changes under the paths, and every so many seconds anyway.

    It is given the files that somebody is writing to, which it should leave alone, and tells
    whether it succeeded; if not it is called again. Returns when ``stop`` is set. What happens in
    the folder ``without``, the library's own, is not looked at. A folder that goes, comes back or
    is replaced, as a drive that is taken out and put in again, is a change like others.
    """
    changes = _Changes(bases_of(paths), str(without))
    with ExitStack() as observing:
        watched, seconds, due = None, every, time.monotonic()
        while not stop.is_set():
            if (places := _places(paths)) != watched:
                watched = places
                observing.close()
                seconds = every if _observe(paths, changes, observing) else _UNWATCHED_EVERY
                due = time.monotonic()
            some, busy = changes.take_quiet()
            if some or time.monotonic() >= due:
                done = sync(busy)
                due = time.monotonic() + min(every, seconds if done else _AGAIN)
            stop.wait(_LOOK)


def _places(paths: Sequence[str | os.PathLike[str]]) -> list[tuple[int, int] | None]:
    """Give what is at each watched path, None where nothing is: an observer holds on to that."""
    found: list[tuple[int, int] | None] = []
    for base in bases_of(paths):
        try:
            at = Path(base).stat()
        except OSError:
            found.append(None)
        else:
            # Of a file the folder is watched, and it is often replaced when it is written.
            found.append((at.st_dev, at.st_ino) if stat.S_ISDIR(at.st_mode) else (0, 0))
    return found


def _observe(
    paths: Sequence[str | os.PathLike[str]], changes: _Changes, observing: ExitStack
) -> bool:
    """Begin to watch until ``observing`` is closed; tell whether all paths can be watched."""
    observer = Observer()
    observer.start()
    observing.callback(observer.stop)
    all_watched = True
    for base in map(Path, bases_of(paths)):
        try:
            # A file by its folder: many programs write a new one and rename it.
            deep = base.is_dir()
            observer.schedule(changes, base if deep else base.parent, recursive=deep)
        except OSError:
            all_watched = False
    return all_watched
