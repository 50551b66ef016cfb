"""A file becomes a Document, parsed in a child process that has a clock and a memory cap."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bifolio.ingest.children import TooSlow, ask_child
from bifolio.ingest.document import Document, Heading, Page, Table
from bifolio.ingest.errors import UnreadableDocument
from bifolio.ingest.fork_server import Request
from bifolio.ingest.formats import BY_NAME, BY_SUFFIX, Format
from bifolio.ingest.message import Message, from_json, message

_WORK = "bifolio.ingest.child:main"


def read(
    path: Path,
    *,
    name: str | None = None,
    seconds: float | None = None,
    memory_mb: int | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Document:
    """Read a file of any kind in the table of formats.

    The parser runs in a child: a hostile or broken file can crash it, fill ``memory_mb`` MiB or run
    for ``seconds`` without harm to the caller, to files read at the same time, or to those that the
    child would have read next. A file that crashes the first reader of its format is read by the
    second, if there is one, within the same time. Time and memory are those of the format that the
    suffix names, if none are given. ``name`` is what the document's ``path`` and errors say instead
    of the real path. A form that only Adobe's software can show is a document without text.

    Raises:
        UnreadableDocument: with the reason and the remedy in one sentence.
        Stopped: ``stopped`` said so, a moment before.
    """
    name = name or str(path)
    entry = BY_SUFFIX.get(path.suffix.lower(), BY_NAME["text"])
    seconds, memory_mb = seconds or entry.seconds, memory_mb or entry.memory_mb
    until = time.monotonic() + seconds
    died: Message | None = None
    for again in ((), ("again",)) if entry.again else ((),):
        # Made absolute: the child stands elsewhere.
        arguments = (str(path.absolute()), *again)
        request = Request(_WORK, arguments, memory_mb, _ready(entry))
        try:
            done = ask_child(request, until=until, stopped=stopped)
        except TooSlow:
            raise UnreadableDocument(name, _too_slow(seconds)) from None
        reply = _reply(done.output) if done.code == 0 else None
        if reply:
            return _document(reply, name)
        died = died or _why_it_died(done.code, done.errors, memory_mb)
    assert died is not None  # noqa: S101 - for the type checker: it was tried once at least
    raise UnreadableDocument(name, died)


def _ready(entry: Format) -> tuple[str, ...]:
    # What an extra brings may start threads, which do not live through a fork.
    return () if entry.needs else (entry.parser.split(":")[0],)


def _document(reply: dict[str, Any], name: str) -> Document:
    if "error" in reply:
        raise UnreadableDocument(name, from_json(reply["error"]))
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
