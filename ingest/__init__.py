"""Files become documents, documents become chunks. Knows nothing of models, search or settings."""

from bifolio.ingest.document import Chunk, Document, Heading, Page, Table
from bifolio.ingest.errors import BifolioError, UnreadableDocument
from bifolio.ingest.folder import Changes, Finding, compare, find
from bifolio.ingest.formats import OTHER_KIND, SUFFIXES, other_kind
from bifolio.ingest.message import Message, message, verbatim
from bifolio.ingest.picture import Area, PagePicture, draw_page, has_pictures
from bifolio.ingest.reader import read
from bifolio.ingest.splitter import split

__all__ = [
    "OTHER_KIND",
    "SUFFIXES",
    "Area",
    "BifolioError",
    "Changes",
    "Chunk",
    "Document",
    "Finding",
    "Heading",
    "Message",
    "Page",
    "PagePicture",
    "Table",
    "UnreadableDocument",
    "compare",
    "draw_page",
    "find",
    "has_pictures",
    "message",
    "other_kind",
    "read",
    "split",
    "verbatim",
]
