"""Files become documents, documents become chunks. Knows nothing of models, search or settings."""

from bifolio.ingest.causes import cause
from bifolio.ingest.document import Chunk, Document, Heading, Page, Table
from bifolio.ingest.errors import BifolioError, Stopped, UnreadableDocument
from bifolio.ingest.folder import Changes, Finding, bases_of, compare, find, is_under
from bifolio.ingest.formats import (
    MOST_MEMORY_MB,
    OTHER_KIND,
    SUFFIXES,
    other_kind,
    reads_otherwise,
    tried_by,
)
from bifolio.ingest.message import Message, from_json, message, verbatim
from bifolio.ingest.moves import moved_paths
from bifolio.ingest.picture import Area, PagePicture, draw_page, has_pictures
from bifolio.ingest.reader import read
from bifolio.ingest.selection import EVERYTHING, BadGlob, Selection
from bifolio.ingest.splitter import split

__all__ = [
    "EVERYTHING",
    "MOST_MEMORY_MB",
    "OTHER_KIND",
    "SUFFIXES",
    "Area",
    "BadGlob",
    "BifolioError",
    "Changes",
    "Chunk",
    "Document",
    "Finding",
    "Heading",
    "Message",
    "Page",
    "PagePicture",
    "Selection",
    "Stopped",
    "Table",
    "UnreadableDocument",
    "bases_of",
    "cause",
    "compare",
    "draw_page",
    "find",
    "from_json",
    "has_pictures",
    "is_under",
    "message",
    "moved_paths",
    "other_kind",
    "read",
    "reads_otherwise",
    "split",
    "tried_by",
    "verbatim",
]
