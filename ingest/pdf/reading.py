"""What a reader of PDF files hands on, whichever library it uses."""

from dataclasses import dataclass, field
from typing import Any

from bifolio.ingest.message import Message
from bifolio.ingest.pdf.line import Line

# Tighter than pypdf's defaults: a page of text never needs more, a decompression bomb does.
LIMITS: dict[str, Any] = {
    "zlib_maximum_output_length": 20_000_000,
    "lzw_maximum_output_length": 20_000_000,
    "run_length_maximum_output_length": 20_000_000,
    "stream_decoding_work_maximum_length": 60_000_000,
}


@dataclass(frozen=True, slots=True)
class PageRead:
    """One page: its lines in reading order, and the notes and form values that lie upon it.

    ``label`` and ``reading`` are those of Page; the height is in points. ``sure`` tells of a page
    that was read by OCR how sure its lines are, from 0 to 1; ``left_out`` counts what is none of
    its text.
    """

    lines: tuple[Line, ...] = ()
    notes: tuple[str, ...] = ()
    height: float = 0.0
    label: str = ""
    reading: str = "text"
    sure: float = 0.0
    left_out: int = 0

    @property
    def letters(self) -> int:
        """How many letters its lines hold."""
        return sum(len(line.text) for line in self.lines)


@dataclass(frozen=True, slots=True)
class FileRead:
    """All pages, the title that the file gives, and its outline as (page index, level, title).

    ``notes`` are those of Parsed.
    """

    pages: tuple[PageRead, ...]
    title: str = ""
    outline: tuple[tuple[int, int, str], ...] = field(default=())
    notes: tuple[Message, ...] = ()
