"""Links to documents and pages, and texts cut to what an agent can take."""

from dataclasses import dataclass
from urllib.parse import quote, unquote

from bifolio import as_json
from bifolio.as_json import Json
from bifolio.ingest import Document
from bifolio.naming import key_of
from bifolio.retrieval import Passage

LINK = "bifolio://library/"
# In characters: a passage, a page or a part of one, a line.
MOST_OF_PASSAGE, MOST_OF_PAGE, MOST_OF_LINE = 2500, 10_000, 300


def link(library: str, path: str, page: int | None = None) -> str:
    """Give the address of a document, or of a page of it, as a resource."""
    behind = f"/{page}" if page else ""
    return f"{LINK}{quote(library, safe='')}/{key_of(path)}{behind}"


def linked(place: Json, library: str) -> Json:
    """Give a place of ``as_json`` with the link to its first page."""
    return place | {"link": link(library, place["document"], place["page_start"])}


def passage(found: Passage, library: str) -> Json:
    """Give a passage with its link; of a long one the chunks around the best one."""
    short = _around_the_best(found)
    cut = len(short.chunks) < len(found.chunks)
    return linked(as_json.passage(short), library) | {"goes_on": cut}


def _around_the_best(found: Passage) -> Passage:
    chunks = found.chunks
    first = last = found.best
    while True:
        wider = [
            (one, other)
            for one, other in ((first, last + 1), (first - 1, last))
            if one >= 0
            and other < len(chunks)
            and chunks[other].end - chunks[one].start <= MOST_OF_PASSAGE
        ]
        if not wider:
            return Passage(chunks[first : last + 1], found.score, found.best - first)
        first, last = wider[0]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a document, on one page: ``document.text[start:end]``; ``ends`` is where it does.

    ``page`` counts from 1.
    """

    document: Document
    page: int
    start: int
    end: int
    ends: int

    @property
    def text(self) -> str:
        """Its words."""
        return self.document.text[self.start : self.end]


def part(document: Document, page: int, start: int | None = None) -> Part | None:
    """Give a page of a document as far as it may be shown, or what follows an offset.

    None if the document has no such page or place.
    """
    if start is not None and start < len(document.text):
        page = document.pages_of(start, start + 1)[0]
    elif start is not None:
        return None
    for one in document.pages:
        if one.number == page:
            begins = one.start if start is None else min(start, one.end)
            return Part(document, one.number, begins, _end(document, begins, one.end), one.end)
    return None


def _end(document: Document, start: int, end: int) -> int:
    """Give where to stop: at the end of the page, or at the last line or space that is allowed."""
    if end - start <= MOST_OF_PAGE:
        return end
    most = start + MOST_OF_PAGE
    for sign in ("\n", " "):
        found = document.text.rfind(sign, start + MOST_OF_PAGE // 2, most)
        if found > 0:
            return found + 1
    return most


def line(text: str, matched: str) -> str:
    """Give the line around what was found in it, with "…" where it is cut."""
    text, matched = " ".join(text.split()), " ".join(matched.split())
    if len(text) <= MOST_OF_LINE:
        return text
    at = max(0, text.find(matched) - MOST_OF_LINE // 3)
    shown = text[at : at + MOST_OF_LINE]
    return "…" * (at > 0) + shown + "…" * (at + MOST_OF_LINE < len(text))


def read_link(document: str, page: int) -> tuple[str, str, int]:
    """Give the library, the document's key and the page of a link; what is none stays as it is."""
    if not document.startswith(LINK):
        return "", document, page
    library, _, behind = document.removeprefix(LINK).partition("/")
    key, _, number = behind.partition("/")
    return unquote(library), key, int(number) if number.isdecimal() and int(number) else page
