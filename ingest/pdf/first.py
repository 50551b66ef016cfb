"""Reading by pdfium: fast, and it knows the place of every letter."""

from collections.abc import Iterator
from dataclasses import replace

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from bifolio.ingest.parsed import Unreadable, clean, is_wide
from bifolio.ingest.pdf.line import NO_TABLE, Line, lines_of
from bifolio.ingest.pdf.margins import without_line_numbers
from bifolio.ingest.pdf.objects import has_notes, has_passed_over
from bifolio.ingest.pdf.reading import FileRead, PageRead
from bifolio.ingest.pdf.scans import Scanner
from bifolio.ingest.pdf.second import Second
from bifolio.ingest.pdf.styles import Styles
from bifolio.ingest.pdf.words import read_words
from bifolio.ingest.reasons import LOCKED

# Deeper outlines are loops or jokes.
MAX_OUTLINE = 10


class NotForPdfium(Exception):  # noqa: N818 - the name says what is wrong
    """pdfium cannot open the file; another library may."""


def read_first(data: bytes) -> FileRead:
    """Read a PDF by pdfium, and by pypdf what lies upon its pages: forms and notes.

    Raises:
        NotForPdfium: if it is damaged, or encrypted in a way that pdfium does not know.
        Unreadable: if it needs a password.
    """
    second = Second(data)
    try:
        document = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as problem:
        if problem.err_code == pdfium_c.FPDF_ERR_PASSWORD:
            raise Unreadable(LOCKED) from problem
        raise NotForPdfium(str(problem)) from problem
    try:
        if not len(document):
            raise NotForPdfium("it has no pages")
        scanner = Scanner()
        pages = tuple(
            scanner.read(document, index, _read_page(document, index, second))
            for index in range(len(document))
        )
        title = document.get_metadata_value("Title")
        return FileRead(pages, clean(title).strip(), tuple(_outline(document)), scanner.notes)
    finally:
        document.close()


def _read_page(document: pdfium.PdfDocument, index: int, second: Second) -> PageRead:
    try:
        page = document[index]
    except pdfium.PdfiumError:
        return second.page(index)
    try:
        lines, height, left_out = _lines(page)
        letters = sum(len(line.text) for line in lines)
        if not lines and not pdfium_c.FPDFPage_CountObjects(page.raw):
            # pdfium says nothing of a damaged page: it takes it for an empty one.
            read = replace(second.blank(index), label=document.get_page_label(index))
        elif _lacks_letters(page, lines) and (other := second.page(index)).letters > letters:
            read = replace(other, label=document.get_page_label(index))
        else:
            left, _, _, top = page.get_bbox()
            notes = second.notes(index, lines, (left, top)) if has_notes(page) else ()
            reading = "text" if lines else "empty"
            label = document.get_page_label(index)
            read = PageRead(lines, notes, height, label, reading, left_out=left_out)
    except MemoryError:
        raise
    # Nobody has thought of every layout, and one odd page must not cost the file.
    except Exception:
        read = second.page(index)
    finally:
        page.close()
    return read


def _lines(page: pdfium.PdfPage) -> tuple[tuple[Line, ...], float, int]:
    """Give the lines of a page, and how high it is as they stand on it, in points.

    With them comes how many numbers of lines were left out.
    """
    text = page.get_textpage()
    try:
        styles = Styles(text.raw)
        words, rules = read_words(page, text)
        words, left_out = without_line_numbers(words)
        lines = lines_of(words, rules)
        left, bottom, right, top = page.get_bbox()
        is_turned = bool(words) and words[0].turn % 2 == 1
        styled = [_styled(line, styles) for line in lines]
        for place in _starts(lines):
            if _is_bold_head(lines[place], lines[place + 1], styles):
                styled[place] = lines[place]._replace(is_head=True)
        return tuple(styled), right - left if is_turned else top - bottom, left_out
    finally:
        text.close()


def _styled(line: Line, styles: Styles) -> Line:
    if line.table != NO_TABLE:
        return line
    bold, fixed = styles.of(line.order)
    if not (bold or fixed):
        return line
    all_bold, all_fixed = styles.of(line.last)
    return line._replace(is_bold=bold and all_bold, is_fixed=fixed and all_fixed)


def _starts(lines: list[Line]) -> Iterator[int]:
    """Yield the places of the first rows of tables that have more."""
    tables = [NO_TABLE, *(line.table for line in lines)]
    for place, (before, own, after) in enumerate(zip(tables, tables[1:], tables[2:], strict=False)):
        if own != NO_TABLE and before != own == after:
            yield place


def _is_bold_head(row: Line, below: Line, styles: Styles) -> bool:
    """Tell whether a row is bold above one that is not: it names the columns, whatever it says."""
    # One name may span columns, and the first column may have none.
    if sum(map(any, row.parts)) < 2 or not any(row.parts[-1]):
        return False
    bold, bold_below = (
        all(styles.of(place)[0] for place in (line.order, line.last)) for line in (row, below)
    )
    return bold and not bold_below


def _lacks_letters(page: pdfium.PdfPage, lines: tuple[Line, ...]) -> bool:
    """Tell whether pdfium may have passed over text: it does over Chinese alone."""
    if lines and not any(is_wide(line.text[0]) or is_wide(line.text[-1]) for line in lines):
        return False
    return has_passed_over(page)


def _outline(document: pdfium.PdfDocument) -> list[tuple[int, int, str]]:
    entries = []
    for entry in document.get_toc(max_depth=MAX_OUTLINE):
        place = entry.get_dest()
        index = place.get_index() if place else None
        if index is not None:
            entries.append((index, entry.level + 1, clean(entry.get_title()).strip()))
    return entries
