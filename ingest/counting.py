"""How many pages files have, without reading them: for an estimate."""

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

from bifolio.ingest.children import TooSlow, ask_child
from bifolio.ingest.fork_server import Request

_MEMORY_MB = 2048
_SECONDS = 60.0
_READY = ("pypdfium2",)
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
    """Count in children until the time is over; 0 is for what is not known."""
    until = time.monotonic() + _SECONDS
    counts = []
    with suppress(TooSlow):
        for path in paths:
            request = Request(f"{__name__}:main", (str(Path(path).absolute()),), _MEMORY_MB, _READY)
            counted = ask_child(request, until=until).output.strip()
            counts.append(int(counted) if counted.isdigit() else 0)
    return counts


def main(path: str) -> str:
    """Give how many pages the file has, or 0; the work of the child, see ``staying``."""
    return str(_pages(path))


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
