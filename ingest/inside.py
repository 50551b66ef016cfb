"""Files inside files: what hangs on a mail is read as the file itself would be."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from importlib import import_module
from pathlib import PurePath
from types import FrameType

from bifolio.ingest.message import message
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.reasons import not_readable
from bifolio.ingest.recognise import recognise

# Files inside files inside files are opened so far.
MOST_INSIDE = 5
MAX_BYTES = 50_000_000
# All that hangs on one mail; what is not read by then is told.
SECONDS = 40.0
_depth: ContextVar[int] = ContextVar("depth", default=0)


class _OutOfTime(Exception):  # noqa: N818 - the name says what is wrong
    """A file inside another takes too long."""


def read_inside(data: bytes, name: str) -> Parsed:
    """Read a file that stands inside another, in this very process.

    Raises:
        Unreadable: it cannot be read, stands too deep inside others, or is too large; so does a
            picture, which is a signature more often than a page.
    """
    if _depth.get() >= MOST_INSIDE or len(data) > MAX_BYTES:
        raise Unreadable(message("inside-too-much", "it is too large or too deep inside others"))
    entry, _ = recognise(data, PurePath(name).suffix)
    if entry.needs:
        raise Unreadable(message("inside-picture", "pictures inside are not read"))
    module, function = entry.parser.split(":")
    held = _depth.set(_depth.get() + 1)
    try:
        parse: Callable[[bytes], Parsed] = getattr(import_module(module), function)
        parsed = parse(data)
    except (Unreadable, MemoryError, _OutOfTime):
        raise
    # A damaged file makes libraries raise errors of any kind.
    except Exception as problem:
        raise Unreadable(not_readable(entry.kind, problem)) from problem
    finally:
        _depth.reset(held)
    if not parsed.text.strip():
        raise Unreadable(parsed.why_empty)
    return parsed


@contextmanager
def nothing_inside() -> Iterator[None]:
    """Let no file inside another be read."""
    held = _depth.set(MOST_INSIDE)
    try:
        yield
    finally:
        _depth.reset(held)


@contextmanager
def out_of_time(seconds: float = SECONDS) -> Iterator[None]:
    """End what is read inside when the time is over, with Unreadable; the outermost counts.

    Only a main thread can be woken so, as that of the child that reads a file is.
    """
    if _depth.get() or threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGALRM, _wake)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    except _OutOfTime as problem:
        raise Unreadable(message("inside-too-slow", "reading it took too long")) from problem
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        # Where nobody handled it, an alarm that is still on its way would end the process.
        signal.signal(signal.SIGALRM, before if callable(before) else signal.SIG_IGN)


def _wake(number: int, frame: FrameType | None) -> None:
    raise _OutOfTime
