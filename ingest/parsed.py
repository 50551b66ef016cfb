"""What a parser hands back, and the cleaning that every text goes through."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from bifolio.ingest.message import Message, verbatim
from bifolio.ingest.reasons import NO_TEXT

# Glyph variants that PDFs hold in place of the characters people type: CJK radicals, ligatures.
_VARIANTS = re.compile("[\u2e80-\u2fdf\ufb00-\ufb06\uf900-\ufaff]")
# Colours of terminals and letters that another is printed over; control characters but tab and line
# feed, lone surrogates, zero-width marks, soft hyphens.
_INVISIBLE = re.compile(
    "\x1b\\[[0-9;?]*[A-Za-z]|[^\n]\x08|[\x00-\x08\x0b-\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff]"
)

# The halves of a letter beyond the first 65,536, which pdfium gives one by one.
_HALVES = re.compile("[\ud800-\udbff][\udc00-\udfff]")

# The fields of a Page, the last two or none of them, and of a Table, as JSON holds them.
PageFields = tuple[int, int, int] | tuple[int, int, int, str, str]
TableFields = tuple[int, int, list[tuple[int, int]], bool]

# What stands above a column of amounts: 2023, FY 2023/24, Q1 2024, 31 Dec 2023, 2023年度, 3月.
_PERIOD = re.compile(
    r"(?:FY|CY|[HQ][1-4]|as at|as of|at|[A-Z][a-z]{2,8}\.?|\d{1,2}(?!\d)(?:st|nd|rd|th)?"
    r"|[\s,./'’–-])*(?:19|20)\d\d(?:\s?[/–-]\s?\d{2,4})?"
    r"(?:\s?(?:[AEFPe*]|年度?|年?[上下]半年|年?[一二三四1-4]季度|年?\d{1,2}月(?:\d{1,2}日)?(?:止)?|年末))?"
    r"|(?:FY|[HQ])\s?\d{1,4}|第?[一二三四1-4]季度|\d{1,2}月|[A-Z][a-z]{2}\s?[-'’]?\d\d",
)


class Unreadable(Exception):  # noqa: N818 - the name says what is wrong
    """The file cannot be parsed; the message is the reason and the remedy."""

    def __init__(self, told: Message | str) -> None:
        if isinstance(told, str):
            told = verbatim("unreadable", told)
        super().__init__(str(told))
        self.message = told


@dataclass(frozen=True, slots=True)
class Parsed:
    """Text with the spans of its pages, headings and tables, in characters.

    ``pages`` holds (number, start, end) or (number, start, end, label, reading), ``headings``
    (level, title, start), ``tables`` (start, end, rows, has_head); ``left_out`` counts the lines
    that are not in the text; ``notes`` say what a user should know of how it was read; ``parser``
    names the reader and its version, as the table of formats has it; ``why_empty`` is what to tell
    the user if there is no text at all.
    """

    title: str
    text: str
    pages: Sequence[PageFields]
    headings: list[tuple[int, str, int]]
    tables: list[TableFields] = field(default_factory=list)
    left_out: int = 0
    notes: list[Message] = field(default_factory=list)
    parser: str = ""
    why_empty: Message = NO_TEXT

    @property
    def is_form(self) -> bool:
        """Whether there is a page of which only a form is left that cannot be shown."""
        return any(page[3:] and page[-1] == "form" for page in self.pages)

    def to_json(self) -> dict[str, Any]:
        """Give the fields as JSON can hold them."""
        # Not asdict of the whole, which copies each row of each table.
        told = {one.name: getattr(self, one.name) for one in fields(self)}
        notes, why_empty = [asdict(note) for note in self.notes], asdict(self.why_empty)
        return told | {"notes": notes, "why_empty": why_empty}


def clean(text: str) -> str:
    """Make line ends plain, drop what cannot be seen, and write variants as usual characters."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\f", "\n").replace("\xa0", " ")
    text = _INVISIBLE.sub("", _HALVES.sub(_whole, text))
    return _VARIANTS.sub(lambda found: unicodedata.normalize("NFKC", found.group()), text)


def _whole(halves: re.Match[str]) -> str:
    return halves.group().encode("utf-16-le", "surrogatepass").decode("utf-16-le")


def is_wide(letter: str) -> bool:
    """Tell whether a letter takes the place of two, as Chinese characters do."""
    return letter >= "\u1100" and unicodedata.east_asian_width(letter) in "WF"


def is_label(cell: str) -> bool:
    """Tell whether a cell names the value beside it, as in a form: "Name:" heads no column."""
    return cell.rstrip().endswith((":", "："))


def is_period(cell: str) -> bool:
    """Tell whether a cell names a year, or a part of one, as a head above amounts may."""
    return bool(_PERIOD.fullmatch(cell.strip()))
