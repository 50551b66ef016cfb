"""How many pages files have, without reading them: for an estimate, in one capped process.

``python -m bifolio.ingest.counting MEMORY_MB`` takes a path a line as JSON and answers with as many
lines, each the count, or 0 where it is not known.
"""

import json
import subprocess  # nosec B404 - runs only ourselves
import sys
from collections.abc import Sequence
from pathlib import Path
from zipfile import ZipFile

from bifolio.ingest.child import cap_memory
from bifolio.ingest.reader import child_environment

_MEMORY_MB = 2048
_SECONDS = 60.0
# What a page is called in the zip of an office file.
_PARTS = {".pptx": "ppt/slides/slide", ".xlsx": "xl/worksheets/sheet"}


def count_pages(paths: Sequence[str]) -> dict[str, int]:
    """Count the pages of PDFs, slides and sheets; a file of another kind, or a bad one, has one."""
    wanted = [path for path in paths if _suffix(path) in (".pdf", *_PARTS)]
    known = dict.fromkeys(paths, 1)
    if wanted:
        known |= {path: max(1, pages) for path, pages in zip(wanted, _asked(wanted), strict=False)}
    return known


def _asked(paths: Sequence[str]) -> list[int]:
    # What was counted before a file crashed or stopped it still counts.
    try:
        done = subprocess.run(  # noqa: S603 - no shell, our own module
            [sys.executable, "-P", "-m", "bifolio.ingest.counting", str(_MEMORY_MB)],
            input="\n".join(map(json.dumps, paths)).encode(),
            capture_output=True,
            env=child_environment(),
            timeout=_SECONDS,
            check=False,
        )
        output = done.stdout
    except subprocess.TimeoutExpired as problem:
        output = problem.stdout or b""
    return [int(line) for line in output.split() if line.isdigit()]


def _main() -> None:
    cap_memory(int(sys.argv[1]) * 1024 * 1024)
    for line in sys.stdin:
        sys.stdout.write(f"{_pages(json.loads(line))}\n")
        sys.stdout.flush()


def _pages(path: str) -> int:
    # Damaged files make libraries raise errors of any kind.
    try:
        if part := _PARTS.get(_suffix(path)):
            with ZipFile(path) as archive:
                return sum(name.startswith(part) for name in archive.namelist())
        from pypdfium2 import PdfDocument

        document = PdfDocument(path)
        try:
            return len(document)
        finally:
            document.close()
    except Exception:
        return 0


def _suffix(path: str) -> str:
    return Path(path).suffix.lower()


if __name__ == "__main__":
    _main()
