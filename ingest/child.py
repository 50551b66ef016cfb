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
from pathlib import PurePath

from bifolio.ingest.folder import OTHER_KIND
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.pdf.parse import parse_pdf, parse_pdf_again
from bifolio.ingest.plain import parse_markdown, parse_text

MAX_BYTES = 500 * 1024 * 1024

PARSERS: dict[str, Callable[[bytes], Parsed]] = {
    ".pdf": parse_pdf,
    ".txt": parse_text,
    ".md": parse_markdown,
    ".markdown": parse_markdown,
}

AGAIN: dict[str, Callable[[bytes], Parsed]] = {".pdf": parse_pdf_again}


def main() -> None:
    """Parse the file that the command line names, under its memory cap."""
    options, path = sys.argv[1 : sys.argv.index("--")], sys.argv[-1]
    memory_mb, parsers = int(options[0]), PARSERS | (AGAIN if "again" in options else {})
    _cap_memory(memory_mb * 1024 * 1024)
    try:
        data = _read_bytes(path)
        parse = parsers.get(PurePath(path).suffix.lower())
        if parse is None:
            raise Unreadable(OTHER_KIND)
        parsed = parse(data)
        if not parsed.text.strip():
            raise Unreadable(parsed.why_empty)
        reply = parsed.to_json() | {"sha256": hashlib.sha256(data).hexdigest()}
    except Unreadable as problem:
        reply = {"error": str(problem)}
    except OSError as problem:
        reply = {"error": f"{problem.strerror or problem}; check the file and its permissions"}
    # Escaped to ASCII: the pipe must not depend on the locale.
    sys.stdout.write(json.dumps(reply))


def _cap_memory(limit: int) -> None:
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
