"""Write the sample PDFs of ``sample_docs/`` from the text in ``tests/sample_docs/sources/``.

The company, the islands and everything told of them are invented for this project.

Needs (for this script alone; neither the application nor its tests do):

* Debian: ``fonts-noto-core`` (OFL-1.1) and ``fonts-wqy-zenhei`` (GPL-2 with an exception for
  fonts embedded in documents);
* PyPI: ``fpdf2`` 2.8.9 (LGPL-3.0-only).

Run from the repository root::

    python tests/sample_docs/generate.py

The same sources give the same bytes each time with the same releases of fpdf2 and fontTools.
The Markdown and the text document in ``sample_docs/`` are written by hand, not by this script.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from markup import parse
from typeset import Document

_SOURCES = Path(__file__).parent / "sources"
_TARGET = Path(__file__).parents[2] / "sample_docs"


def build(source_path: Path, target: Path) -> tuple[Path, int]:
    """Write the PDF of one source file; return its path and its number of pages."""
    source = parse(source_path)
    document = Document(source)
    document.title_block()
    document.flow(source.blocks)
    path = target / source.head["file"]
    document.output(str(path))
    return path, document.pages_count


def main() -> None:
    """Write every document and say what was written."""
    # fontTools stamps each embedded font with the present time unless told otherwise.
    os.environ["SOURCE_DATE_EPOCH"] = "1709283600"
    # The Chinese font holds bitmaps that cannot be subset; dropping them is what we want.
    logging.getLogger("fontTools.subset").setLevel(logging.ERROR)
    _TARGET.mkdir(exist_ok=True)
    for source_path in sorted(_SOURCES.glob("*.txt")):
        path, pages = build(source_path, _TARGET)
        print(f"{path.name}: {pages} pages, {path.stat().st_size // 1024} KiB")


if __name__ == "__main__":
    main()
