"""What is added to one library, file by file: a queue and one worker."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Literal

from bifolio.ingest import BifolioError, Message
from bifolio.ingest_report import IngestReport, OnProgress, Progress
from bifolio.jobs.answers import UNEXPECTED
from bifolio.library import Library
from bifolio.warming import Ready

TaskState = Literal["waiting", "working", "done", "failed", "cancelled"]
# So many that have ended are remembered.
_REMEMBERED = 500
# Seconds that the models are waited for; then a file is read without them, and waits there.
_MOST = 600
_log = logging.getLogger(__name__)
_Work = Callable[[OnProgress], IngestReport]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to be added: ``share`` tells from 0 to 1 how far it has come, ``done`` of ``total``
    files in a folder; ``report`` or ``problem`` what came of it. ``round`` is one for all that came
    together, or while something was still open. What is ``leaving`` was cancelled at work: it ends
    at the next step, or is stored after all if that was the last one. ``stored`` counts the files
    of a folder that are in the library already: they stay, whatever ends the rest.
    """

    id: int
    name: str
    round: int = 0
    state: TaskState = "waiting"
    share: float = 0.0
    done: int = 0
    total: int = 1
    stored: int = 0
    leaving: bool = False
    report: IngestReport | None = None
    problem: Message | None = None

    @property
    def is_open(self) -> bool:
        """Whether it has still to end."""
        return self.state in ("waiting", "working")

    @property
    def is_good(self) -> bool:
        """Whether it has ended, and there is nothing to tell that somebody should know."""
        told = self.report and (self.report.skipped or self.report.warnings)
        return self.state == "done" and not told


class _Cancelled(Exception):  # noqa: N818 - no error
    pass


class Uploads:
    """The queue of one library; any thread may use it. It begins when the models are ``ready``."""

    def __init__(self, library: Library, *, ready: Ready | None = None) -> None:
        self._library, self._ready = library, ready
        self._lock = threading.Lock()
        self._all_done = threading.Condition(self._lock)
        self._tasks: dict[int, Task] = {}
        self._queue: queue.SimpleQueue[tuple[int, _Work]] = queue.SimpleQueue()
        self._next = 1
        self._round = self._together = 0
        self._worker: threading.Thread | None = None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Make one round of what is put meanwhile: the first may end before the last comes."""
        self._count(1)
        try:
            yield
        finally:
            self._count(-1)

    def upload(self, name: str, data: bytes, *, replaces: bool | None = None) -> int:
        """Add a file under a name; give the id of the task. ``replaces`` is as for a library."""

        return self._put(
            name,
            lambda tell: self._library.add_bytes(name, data, replaces=replaces, on_progress=tell),
        )

    def folder(self, folder: Path) -> int:
        """Bring a folder, or a file, of this machine into step with the library."""
        return self._put(folder.name, lambda tell: self._library.add(folder, on_progress=tell))

    def again(self, path: str) -> int:
        """Read a document again, as its file is now."""
        return self._put(path, lambda tell: self._library.read_again(path, on_progress=tell))

    def samples(self) -> None:
        """Add the sample documents that ship with the program."""
        with self.together():
            for file in sorted(files("bifolio.samples").iterdir(), key=lambda file: file.name):
                if file.name.endswith((".pdf", ".md", ".txt")):
                    self.upload(file.name, file.read_bytes())

    def tasks(self) -> tuple[Task, ...]:
        """Give all tasks, the first one first."""
        with self._lock:
            return tuple(self._tasks.values())

    def cancel(self) -> None:
        """Cancel all that waits, and have what is being read leave."""
        with self._lock:
            for task in self._tasks.values():
                if task.state == "waiting":
                    self._tasks[task.id] = replace(task, state="cancelled")
                elif task.state == "working":
                    self._tasks[task.id] = replace(task, leaving=True)
            self._all_done.notify_all()

    def forget(self) -> None:
        """Forget the tasks that have ended."""
        with self._lock:
            self._tasks = {id_: task for id_, task in self._tasks.items() if task.is_open}

    def wait(self, seconds: float) -> bool:
        """Wait until nothing is left to do, so long at most; tell whether that is so."""
        with self._lock:
            return self._all_done.wait_for(
                lambda: not any(task.is_open for task in self._tasks.values()), seconds
            )

    def _put(self, name: str, work: _Work) -> int:
        with self._lock:
            id_ = self._next
            self._next += 1
            self._begin()
            self._tasks[id_] = Task(id_, name, self._round)
            for old in [task.id for task in self._tasks.values() if not task.is_open][
                :-_REMEMBERED
            ]:
                del self._tasks[old]
            self._queue.put((id_, work))
            if self._worker is None:
                self._worker = threading.Thread(target=self._run, name="uploads", daemon=True)
                self._worker.start()
        return id_

    def _count(self, change: int) -> None:
        with self._lock:
            self._begin()
            self._together += change

    def _begin(self) -> None:
        if not self._together and not any(task.is_open for task in self._tasks.values()):
            self._round += 1

    def _run(self) -> None:
        while True:
            id_, work = self._queue.get()
            if self._ready:
                self._ready.wait(_MOST)
            if self._change(id_, state="working"):
                self._do(id_, work)

    def _do(self, id_: int, work: _Work) -> None:
        stored = 0

        def _tell(progress: Progress) -> None:
            nonlocal stored
            # What is whole is stored already.
            stored += progress.share >= 1
            share = (progress.done + min(max(progress.share, 0.0), 1.0)) / max(1, progress.total)
            done, total = progress.done, progress.total
            task = self._change(id_, share=share, done=done, total=total, stored=stored)
            if task is None or (task.leaving and share < 1):
                raise _Cancelled

        try:
            self._change(id_, state="done", share=1.0, report=work(_tell))
        except _Cancelled:
            self._change(id_, state="cancelled")
        except BifolioError as problem:
            self._change(id_, state="failed", problem=problem.message)
        except Exception:
            _log.exception("a document could not be added")
            self._change(id_, state="failed", problem=UNEXPECTED)

    def _change(self, id_: int, **changes: object) -> Task | None:
        """Change a task that has not ended, and give it; None if it has."""
        with self._lock:
            task = self._tasks.get(id_)
            if task is None or not task.is_open:
                return None
            task = self._tasks[id_] = replace(task, **changes)  # type: ignore[arg-type]
            self._all_done.notify_all()
            return task
