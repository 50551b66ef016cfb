"""One writer at a time: a lock that the kernel frees when its holder dies."""

import errno
import fcntl
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout

from bifolio.ingest import Message, cause, message
from bifolio.retrieval.store.errors import LibraryBusy, LibraryReadOnly, StoreError

# Seconds: most writers are done by then, and who waits longer wants to know why.
WAIT = 5.0
# A process id alone may be another process's in another container.
_PROCESS = secrets.token_hex(8)
SOME_PROCESS = message("some-process", "another process")


@contextmanager
def writer_lock(folder: Path, *, wait: float | None = None) -> Iterator[None]:
    """Hold the one lock for writing; ``wait`` is how many seconds to wait for it, else WAIT.

    Raises:
        LibraryBusy: somebody else holds it.
        LibraryReadOnly: nothing can be written to the folder.
    """
    lock = FileLock(folder / ".lock")
    try:
        lock.acquire(timeout=WAIT if wait is None else wait)
    except Timeout as problem:
        raise LibraryBusy(busy(folder, _holder(folder))) from problem
    except OSError as problem:
        if problem.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise LibraryReadOnly(folder) from problem
        raise StoreError(
            message(
                "lock-failed",
                "{folder}: {problem}; check its permissions and the disk",
                folder=folder,
                problem=cause(problem),
            )
        ) from problem
    try:
        # Only for the message: a disk too full for it is told by what comes next.
        with suppress(OSError):
            told = {"pid": os.getpid(), "process": _PROCESS, "since": time.strftime("%H:%M:%S")}
            (folder / "writer.json").write_text(json.dumps(told))
        yield
    finally:
        lock.release()


def keep_writers_out(folder: Path, stack: ExitStack) -> bool:
    """Tell that no writer is at work, nor will be until the stack is closed.

    For readers that cannot write: they only share the lock.
    """
    try:
        lock = stack.enter_context((folder / ".lock").open("rb"))
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        # A copy without the file, or a file system without locks: there is nothing to wait for.
        return True
    return True


def _holder(folder: Path) -> Message:
    """Say who holds the lock, as far as that is known."""
    try:
        told = json.loads((folder / "writer.json").read_text())
        if (told["pid"], told["process"]) == (os.getpid(), _PROCESS):
            return this_program(told["since"])
        sentence = "another process (process {pid}, since {since})"
        return message("known-process", sentence, pid=told["pid"], since=told["since"])
    except (OSError, ValueError, KeyError, TypeError):
        return SOME_PROCESS


def busy(library: object, holder: Message) -> Message:
    """Say that a library's writer is taken."""
    sentence = "{folder}: {holder} is writing to this library; wait for its end"
    return message("library-busy", sentence, folder=library, holder=holder)


def this_program(since: str) -> Message:
    """Say that the writer is another session of the process that asks."""
    return message("this-program", "another session of this program (since {since})", since=since)
