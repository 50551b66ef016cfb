"""A file becomes a Document, parsed in a child process that has a clock and a memory cap."""

import json
import os
import subprocess  # nosec B404 - runs only our own parser
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bifolio.ingest.document import Document, Heading, Page, Table
from bifolio.ingest.errors import Stopped, UnreadableDocument
from bifolio.ingest.formats import BY_NAME, BY_SUFFIX
from bifolio.ingest.message import Message, from_json, message

# What Python itself needs. Keys and passwords stand in the rest, which a hostile file may reach.
ENVIRONMENT = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"),
    }
)

# Seconds between two looks whether to stop.
_LOOK = 0.2


def read(
    path: Path,
    *,
    name: str | None = None,
    seconds: float | None = None,
    memory_mb: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Document:
    """Read a file of any kind in the table of formats.

    The parser runs in a process of its own: a hostile or broken file can crash it, fill
    ``memory_mb`` MiB or run for ``seconds`` without harm to the caller. A file that crashes the
    first reader of its format is read by the second, if there is one, within the same time. Time
    and memory are those of the format that the suffix names, if none are given. ``name`` is what
    the document's ``path`` and errors say instead of the real path. Reading ends within a moment
    once ``stopped`` says so.

    Raises:
        UnreadableDocument: with the reason and the remedy in one sentence.
        Stopped: ``stopped`` said so.
    """
    name = name or str(path)
    entry = BY_SUFFIX.get(path.suffix.lower(), BY_NAME["text"])
    seconds, memory_mb = seconds or entry.seconds, memory_mb or entry.memory_mb
    until = time.monotonic() + seconds
    died: Message | None = None
    for again in (False, True) if entry.again else (False,):
        try:
            done = _run(path, memory_mb, stopped, again=again, until=until)
        except subprocess.TimeoutExpired:
            raise UnreadableDocument(name, _too_slow(seconds)) from None
        reply = _reply(done.stdout)
        if done.returncode != 0 or not reply:
            died = died or _why_it_died(done.returncode, done.stderr, memory_mb)
        elif "error" in reply:
            raise UnreadableDocument(name, from_json(reply["error"]))
        else:
            return _document(reply, name)
    assert died is not None  # noqa: S101 - for the type checker: it was tried once at least
    raise UnreadableDocument(name, died)


def _run(
    path: Path, memory_mb: int, stopped: Callable[[], bool], *, again: bool, until: float
) -> subprocess.CompletedProcess[bytes]:
    # -P: the folder a user stands in must not supply modules.
    command = [sys.executable, "-P", "-m", "bifolio.ingest.child", str(memory_mb)]
    options = ["again", "--", str(path)] if again else ["--", str(path)]
    with subprocess.Popen(  # noqa: S603 - no shell, our own module, the path behind --
        command + options,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
    ) as child:
        try:
            while True:
                left = until - time.monotonic()
                try:
                    output, errors = child.communicate(timeout=max(0.0, min(_LOOK, left)))
                    return subprocess.CompletedProcess(command, child.returncode, output, errors)
                except subprocess.TimeoutExpired:
                    if stopped():
                        raise Stopped from None
                    if left <= _LOOK:
                        raise
        except BaseException:
            child.kill()
            raise


def _document(reply: dict[str, Any], name: str) -> Document:
    return Document(
        path=name,
        title=reply["title"] or Path(name).stem,
        sha256=reply["sha256"],
        text=reply["text"],
        pages=tuple(Page(*page) for page in reply["pages"]),
        headings=tuple(Heading(*heading) for heading in reply["headings"]),
        tables=tuple(
            Table(start, end, tuple((first, last) for first, last in rows), has_head)
            for start, end, rows, has_head in reply["tables"]
        ),
        left_out=reply["left_out"],
        notes=tuple(map(from_json, reply["notes"])),
        parser=reply["parser"],
    )


def child_environment() -> dict[str, str]:
    """Give what a process that reads a file may know of this one's environment."""
    return {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or name.startswith("LC_")
    }


def _reply(output: bytes) -> dict[str, Any] | None:
    try:
        reply = json.loads(output)
    except ValueError:
        return None
    return reply if isinstance(reply, dict) else None


def _too_slow(seconds: float) -> Message:
    return message(
        "reading-too-slow",
        "reading it took over {seconds:.0f} s and was stopped; split the file or simplify it",
        seconds=seconds,
    )


def _why_it_died(code: int, errors: bytes, memory_mb: int) -> Message:
    # The second is what libraries written in Rust say before they abort.
    if b"MemoryError" in errors or b"memory allocation of" in errors:
        sentence = "reading it needs more than {limit} MiB of memory; split the file"
        return message("reading-needs-memory", sentence, limit=memory_mb)
    if code < 0:
        sentence = "the parser crashed on it (signal {signal}); the file is damaged or hostile"
        return message("parser-crashed", sentence, signal=-code)
    sentence = "the parser stopped on it (exit {code}); the file is damaged"
    return message("parser-stopped", sentence, code=code)
