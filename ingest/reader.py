"""A file becomes a Document, parsed in a child process that has a clock and a memory cap."""

import json
import os
import subprocess  # nosec B404 - runs only our own parser
import sys
from pathlib import Path
from typing import Any

from bifolio.ingest.document import Document, Heading, Page, Table
from bifolio.ingest.errors import UnreadableDocument

SECONDS = 120
MEMORY_MB = 2048
# What Python itself needs. Keys and passwords stand in the rest, which a hostile file may reach.
ENVIRONMENT = frozenset(
    {
        *("PATH", "HOME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT"),
        *("LD_LIBRARY_PATH", "PYTHONHOME", "PYTHONPATH", "PYTHONUTF8", "PYTHONDONTWRITEBYTECODE"),
    }
)


def read(
    path: Path, *, name: str | None = None, seconds: float = SECONDS, memory_mb: int = MEMORY_MB
) -> Document:
    """Read a PDF, text or Markdown file.

    The parser runs in a process of its own: a hostile or broken file can crash it, fill
    ``memory_mb`` MiB or run for ``seconds`` without harm to the caller. ``name`` is what the
    document's ``path`` and errors say instead of the real path.

    Raises:
        UnreadableDocument: with the reason and the remedy in one sentence.
    """
    name = name or str(path)
    # -P: the folder a user stands in must not supply modules.
    command = [sys.executable, "-P", "-m", "bifolio.ingest.child", str(memory_mb), "--", str(path)]
    try:
        done = subprocess.run(  # noqa: S603 - no shell, our own module, the path behind --
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=_environment(),
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        reason = (
            f"reading it took over {seconds:.0f} s and was stopped; split the file or simplify it"
        )
        raise UnreadableDocument(name, reason) from None
    reply = _reply(done.stdout)
    if done.returncode != 0 or not reply:
        raise UnreadableDocument(name, _why_it_died(done.returncode, done.stderr, memory_mb))
    if "error" in reply:
        raise UnreadableDocument(name, str(reply["error"]))
    return _document(reply, name)


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
        notes=tuple(reply["notes"]),
    )


def _environment() -> dict[str, str]:
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


def _why_it_died(code: int, errors: bytes, memory_mb: int) -> str:
    if b"MemoryError" in errors:
        return f"reading it needs more than {memory_mb} MiB of memory; split the file"
    if code < 0:
        return f"the parser crashed on it (signal {-code}); the file is damaged or hostile"
    return f"the parser stopped on it (exit {code}); the file is damaged"
