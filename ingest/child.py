"""The process that parses one file: ``python -m bifolio.ingest.child MEMORY_MB -- PATH``.

Writes one JSON object to standard output: the parsed file, or ``{"error": reason}``. With
``MEMORY_MB again`` it takes the second library for the kinds that have one: the first crashed.
"""

import hashlib
import json
import os
import resource
import stat
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import PurePath

from bifolio.ingest.formats import Format
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.recognise import recognise

MAX_BYTES = 500 * 1024 * 1024


def main() -> None:
    """Parse the file that the command line names, under its memory cap."""
    options, path = sys.argv[1 : sys.argv.index("--")], sys.argv[-1]
    memory_mb, again = int(options[0]), "again" in options
    cap_memory(memory_mb * 1024 * 1024)
    try:
        data = _read_bytes(path)
        entry, note = recognise(data, PurePath(path).suffix)
        parsed = _parse(entry, data, again=again)
        if not parsed.text.strip():
            raise Unreadable(parsed.why_empty)
        reply = parsed.to_json() | {
            "sha256": hashlib.sha256(data).hexdigest(),
            "parser": entry.parser_version,
            "notes": [note, *parsed.notes] if note else parsed.notes,
        }
    except Unreadable as problem:
        reply = {"error": str(problem)}
    except OSError as problem:
        reply = {"error": f"{problem.strerror or problem}; check the file and its permissions"}
    # Escaped to ASCII: the pipe must not depend on the locale.
    sys.stdout.write(json.dumps(reply))


def _parse(entry: Format, data: bytes, *, again: bool = False) -> Parsed:
    """Let the reader of the format have the bytes; whatever stops it becomes a sentence."""
    module, function = (entry.again if again and entry.again else entry.parser).split(":")
    parse: Callable[[bytes], Parsed] = getattr(import_module(module), function)
    try:
        return parse(data)
    except (Unreadable, MemoryError):
        raise
    except RecursionError as problem:
        raise Unreadable(f"the {entry.called} is nested too deeply; simplify it") from problem
    # A damaged file makes libraries raise errors of any kind.
    except Exception as problem:
        brief = " ".join(str(problem).split())[:120] or type(problem).__name__
        raise Unreadable(
            f"it is not a readable {entry.called} ({brief}); open and save it anew"
        ) from problem


def cap_memory(limit: int) -> None:
    """Let this process use so many bytes of memory and no more."""
    # macOS knows the limit but refuses some values; there the clock alone must do.
    try:
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    except (ValueError, OSError):
        return


def _read_bytes(path: str) -> bytes:
    # Non-blocking, so that a FIFO put in the file's place cannot hold us.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise Unreadable("not a regular file; give a document")
        if status.st_size > MAX_BYTES:
            size, limit = status.st_size / 1e6, MAX_BYTES / 1e6
            raise Unreadable(f"{size:.0f} MB is over the limit of {limit:.0f} MB; split the file")
        if status.st_size == 0:
            raise Unreadable("the file is empty")
        return file.read(status.st_size)


if __name__ == "__main__":
    main()
