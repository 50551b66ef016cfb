"""PDF: the text of every page, headings from the outline or from the size of the type."""

import io
import logging
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pypdf
from pypdf.errors import DependencyError, PdfReadError, PyPdfError

from bifolio.ingest.parsed import Parsed, Unreadable, clean
from bifolio.ingest.pdf.layout import drop_running_lines, find_line, unwrap
from bifolio.ingest.pdf.page import Run, read_page

# Tighter than pypdf's defaults: a page of text never needs more, a decompression bomb does.
LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
}
# A heading is set at least this much larger than the body text.
HEADING_SCALE = 1.12
MAX_HEADING = 120


def parse_pdf(data: bytes) -> Parsed:
    """Read a PDF; a page that cannot be read counts as a page without text."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with pypdf.apply_configuration(**LIMITS):
            reader = pypdf.PdfReader(io.BytesIO(data))
            _unlock(reader)
            return _parse(reader)
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
        raise Unreadable(
            f"it is not a readable PDF ({_brief(problem)}); open and save it anew"
        ) from problem
    except RecursionError as problem:
        raise Unreadable("its page tree never ends; open and save it anew") from problem


def _unlock(reader: pypdf.PdfReader) -> None:
    try:
        # Many files are encrypted with an empty password, only to forbid printing.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("it needs a password; save a copy without one")
    except (DependencyError, NotImplementedError, PdfReadError) as problem:
        raise Unreadable("its encryption is not supported; save a copy without it") from problem


def _parse(reader: pypdf.PdfReader) -> Parsed:
    texts, runs = [], []
    for page in reader.pages:
        text, page_runs = read_page(page)
        texts.append(text)
        runs.append(page_runs)
    text, pages = _join_pages([unwrap(text) for text in drop_running_lines(texts)])
    large = list(_large_lines(runs))
    headings = _locate(_outline(reader) or large, text, pages)
    return Parsed(
        title=_title(reader, large),
        text=text,
        pages=pages,
        headings=headings,
        why_empty=f"none of its {len(pages)} pages has a text layer; run OCR on it first",
    )


def _join_pages(texts: list[str]) -> tuple[str, list[tuple[int, int, int]]]:
    pages, start = [], 0
    for number, text in enumerate(texts, start=1):
        pages.append((number, start, start + len(text)))
        start += len(text) + 1
    # One line feed: a sentence may go on across the pages.
    return "\n".join(texts), pages


def _outline(reader: pypdf.PdfReader) -> list[tuple[int, int, str]]:
    """Give the outline as (page index, level, title); empty when there is none to be read."""

    def _walk(entries: list[Any], level: int) -> Iterator[tuple[int, int, str]]:
        for entry in entries:
            if isinstance(entry, list):
                yield from _walk(entry, level + 1)
            elif (page := reader.get_destination_page_number(entry)) is not None:
                yield page, level, clean(str(entry.title)).strip()

    try:
        return list(_walk(reader.outline, 1))
    except Exception:
        return []


def _large_lines(runs: list[list[Run]]) -> Iterator[tuple[int, int, str]]:
    """Yield (page index, level, title) of the lines set larger than the body text."""
    letters: Counter[float] = Counter()
    for text, size in (run for page in runs for run in page):
        letters[size] += len(text)
    if not letters:
        return
    body = letters.most_common(1)[0][0]
    sizes = sorted((size for size in letters if size >= body * HEADING_SCALE), reverse=True)
    for index, page in enumerate(runs):
        title, previous = "", 0.0
        for text, size in [*page, ("", 0.0)]:
            if size != previous and (title := title.strip()):
                if previous in sizes and len(title) <= MAX_HEADING and any(map(str.isalpha, title)):
                    yield index, min(6, sizes.index(previous) + 1), title
                title = ""
            title, previous = title + clean(text), size


def _locate(
    found: list[tuple[int, int, str]], text: str, pages: list[tuple[int, int, int]]
) -> list[tuple[int, str, int]]:
    headings, last = [], -1
    for index, level, title in found:
        if not title or index >= len(pages):
            continue
        _, start, end = pages[index]
        place = find_line(title, text, max(start, last + 1), end)
        # Not one further than the last: that would be inside a word.
        place = max(start, last) if place is None else place
        if place < len(text):
            headings.append((level, " ".join(title.split()), place))
            last = place
    return headings


def _title(reader: pypdf.PdfReader, large: list[tuple[int, int, str]]) -> str:
    try:
        named = clean(str((reader.metadata and reader.metadata.title) or "")).strip()
    except Exception:
        named = ""
    # Word processors put the file's name here.
    if named and not named.lower().startswith(("microsoft word", "untitled")):
        return named[:200]
    first = [entry for entry in large if entry[0] == 0]
    return " ".join(min(first, key=lambda entry: entry[1])[2].split()) if first else ""


def _brief(problem: Exception) -> str:
    return " ".join(str(problem).split())[:120] or type(problem).__name__
