"""PDF: the text of every page in reading order, its tables, headings, form values and notes."""

import re
from collections.abc import Sequence
from dataclasses import replace
from importlib.resources import files
from itertools import chain

from bifolio.ingest import ocr
from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import PageFields, Parsed
from bifolio.ingest.pdf.first import NotForPdfium, read_first
from bifolio.ingest.pdf.headings import first_large, large_headings, outline_headings
from bifolio.ingest.pdf.hyphens import Vocabulary
from bifolio.ingest.pdf.reading import FileRead, PageRead
from bifolio.ingest.pdf.running import Cleared, Sheet, drop_running_lines
from bifolio.ingest.pdf.second import Second
from bifolio.ingest.pdf.text import Joined, join_pages

# What Adobe's software writes on the one page that other software can show of an XFA form.
_PLACEHOLDER = "If this message is not eventually replaced by the proper contents"
_IS_FORM = message(
    "xfa-form",
    "it is an XFA form, which only Adobe's software can show; open it there and print it to a PDF",
)
# The name of the file that a PDF was made of, which programs give as its title.
_OTHER_FILE = re.compile(
    r".*\.(?:docx?|wps|odt|rtf|html?|xhtml|xlsx?|pptx?|tex|dvi|indd|pages|pdf|e?ps|txt|md)", re.I
)
# Word processors put the file's name here, and libraries that nobody named one.
_NO_TITLES = ("microsoft word", "untitled", "(anonymous)", "(unspecified)", "无标题")


def get_ready() -> None:
    """Read a sample, so that those who read next find warm what they all need."""
    sample = files("bifolio.samples").joinpath("passenger-guide.pdf")
    parse_pdf(sample.read_bytes())


def parse_pdf(data: bytes) -> Parsed:
    """Read a PDF by pdfium, and by pypdf what pdfium cannot open."""
    try:
        return assemble(read_first(data))
    except NotForPdfium:
        return parse_pdf_again(data)


def parse_pdf_again(data: bytes) -> Parsed:
    """Read a PDF by pypdf alone: pdfium has been seen to crash on it."""
    return assemble(Second(data).read())


def assemble(read: FileRead) -> Parsed:
    """Make one text of the pages: what runs along them, paragraphs, tables, headings."""
    read = _without_placeholder(read)
    cleared = drop_running_lines([Sheet(page.lines, page.height) for page in read.pages])
    lines = [sheet.lines for sheet in cleared.sheets]
    parts = (part for sheet in lines for line in sheet for part in line.parts)
    vocabulary = Vocabulary([*chain.from_iterable(parts)])
    joined = join_pages(lines, [page.notes for page in read.pages], vocabulary)
    large = large_headings(joined)
    return Parsed(
        title=_title(read.title) or first_large(joined, large),
        text=joined.text,
        pages=_pages(read, cleared, joined),
        headings=outline_headings(joined, read.outline) or large,
        tables=joined.tables,
        left_out=cleared.left_out + joined.left_out + sum(page.left_out for page in read.pages),
        notes=[*_told_ocr(read.pages), *read.notes],
        why_empty=_why_empty(read),
    )


def _told_ocr(pages: Sequence[PageRead]) -> list[Message]:
    """Say how many pages were read by OCR, and how sure the worst of them is."""
    scans = [(page.sure, number) for number, page in enumerate(pages, 1) if page.reading == "ocr"]
    if not scans:
        return []
    sure, number = min(scans)
    told = message(
        "read-by-ocr",
        "{count} of its {pages} pages were read by OCR; the least sure of them is page {page}, to"
        " {sure:.0%}",
        count=len(scans),
        pages=len(pages),
        page=number,
        sure=sure,
    )
    return [told]


def _without_placeholder(read: FileRead) -> FileRead:
    """Leave out and tell what only says that a form would be here; what was filled in stays."""
    pages = tuple(
        replace(page, lines=(), reading="form") if _is_placeholder(page) else page
        for page in read.pages
    )
    is_form = any(page.reading == "form" for page in pages)
    return replace(read, pages=pages, notes=(*read.notes, _IS_FORM)) if is_form else read


def _is_placeholder(page: PageRead) -> bool:
    return _PLACEHOLDER in " ".join(" ".join(line.text for line in page.lines).split())


def _pages(read: FileRead, cleared: Cleared, joined: Joined) -> list[PageFields]:
    labelled = any(page.label for page in read.pages)
    pages: list[PageFields] = []
    for index, (page, (start, end)) in enumerate(zip(read.pages, joined.pages, strict=True)):
        label = page.label if labelled else cleared.labels[index]
        reading = "text" if page.reading in ("empty", "blank") and page.notes else page.reading
        pages.append((index + 1, start, end, label, reading))
    return pages


def _title(named: str) -> str:
    is_none = named.lower().startswith(_NO_TITLES) or _OTHER_FILE.fullmatch(named)
    return "" if is_none else named[:200]


def _why_empty(read: FileRead) -> Message:
    count = len(read.pages)
    failed = sum(page.reading == "failed" for page in read.pages)
    if failed == count:
        sentence = "none of its {count} pages can be read, they are damaged; open and save it anew"
        return message("pages-damaged", sentence, count=count)
    if ocr.is_installed():
        sentence = "none of its {count} pages holds text or a picture of it"
        scans = message("pages-empty", sentence, count=count)
    else:
        sentence = "none of its {count} pages has a text layer; run OCR on it first"
        scans = message("no-text-layer", sentence, count=count)
    if not failed:
        return scans
    sentence = "{reason} ({count} of them are damaged)"
    return message("some-damaged", sentence, reason=scans, count=failed)
