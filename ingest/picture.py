"""The picture of one page of a PDF, with the places of the words that are quoted from it.

It is drawn in a child process with a clock and a memory cap, as files are read.
"""

import json
import time
from dataclasses import dataclass

from bifolio.ingest.children import Done, TooSlow, run_child
from bifolio.ingest.document import Document
from bifolio.ingest.errors import UnreadableDocument
from bifolio.ingest.fork_server import Request
from bifolio.ingest.formats import BY_NAME
from bifolio.ingest.message import message

SECONDS = 30.0
_DRAW = "bifolio.ingest.pdf.draw"


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on a page: each side a share, from 0 to 1, of its width or height."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class PagePicture:
    """One page as WebP, ``width`` by ``height`` pixels; ``marked`` are where the words stand.

    Without an area the page was found and the words on it were not: it is a scan, perhaps.
    """

    webp: bytes
    width: int
    height: int
    marked: tuple[Area, ...]


def has_pictures(document: Document) -> bool:
    """Tell whether the pages of a document can be drawn."""
    return document.path.lower().endswith(".pdf") or document.parser.startswith("pdf")


def draw_page(
    data: bytes,
    document: Document,
    number: int,
    *,
    start: int = 0,
    end: int = 0,
    seconds: float = SECONDS,
) -> PagePicture:
    """Draw a page, counted from 1, of the document whose bytes these are.

    ``start`` and ``end`` are offsets in the document's text; what of them stands on the page is
    looked for there. Nothing is, if they are the same.

    Raises:
        UnreadableDocument: the page cannot be drawn; the reason says why.
    """
    page = next((page for page in document.pages if page.number == number), None)
    if page is None or not has_pictures(document):
        why = message("no-picture", "there is no picture of a page {page}", page=number)
        raise UnreadableDocument(document.path, why)
    asked = {
        "index": number - 1,
        "text": document.text[page.start : page.end],
        "start": max(0, min(start, page.end) - page.start),
        "end": max(0, min(end, page.end) - page.start),
    }
    # Escaped to ASCII, it is one line; the bytes stand behind it.
    given = json.dumps(asked).encode() + b"\n" + data
    request = Request(f"{_DRAW}:main", (), BY_NAME["pdf"].memory_mb, (_DRAW,))
    try:
        done = run_child(request, until=time.monotonic() + seconds, given=given)
    except TooSlow:
        sentence = "drawing page {page} took over {seconds:.0f} s and was stopped"
        why = message("slow-picture", sentence, page=number, seconds=seconds)
        raise UnreadableDocument(document.path, why) from None
    return _picture(done, document.path, number)


def _picture(done: Done, path: str, number: int) -> PagePicture:
    head, _, webp = done.output.partition(b"\n")
    try:
        reply = json.loads(head)
    except ValueError:
        reply = {"error": f"the program that draws pages stopped on it (exit {done.code})"}
    if "error" in reply:
        sentence = "page {page} cannot be drawn: {problem}"
        why = message("page-not-drawn", sentence, page=number, problem=str(reply["error"]))
        raise UnreadableDocument(path, why)
    areas = tuple(Area(*area) for area in reply["marked"])
    return PagePicture(webp, reply["width"], reply["height"], areas)
