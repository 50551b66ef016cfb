"""Reading by pypdf: slower and without places, but it mends files and knows forms and notes."""

import io
import logging
import re
from collections.abc import Iterator, Sequence
from typing import Any, cast

import pypdf
from pypdf.errors import DependencyError, PdfReadError, PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, StreamObject

from bifolio.ingest.formats import BY_NAME
from bifolio.ingest.message import message
from bifolio.ingest.parsed import Unreadable, clean, is_wide
from bifolio.ingest.pdf.line import Line
from bifolio.ingest.pdf.notes import notes_of
from bifolio.ingest.pdf.reading import LIMITS, FileRead, PageRead
from bifolio.ingest.pdf.tables import without_leaders
from bifolio.ingest.reasons import LOCKED, not_readable

_SPACE = 32
# So many bytes may be what no content becomes when it is compressed.
_NOTHING = 16
# The commands that show text, pictures and what stands elsewhere in the file.
_SHOWS = re.compile(rb"\b(?:BT|BI|Do)\b")
# Deeper trees of pages are jokes.
_MAX_DEPTH = 50
# pypdf tells no places, so lines are laid out as on a typewriter, in points.
_SIZE, _WIDTH, _STEP = 10.0, 5.0, 12.0


class Second:
    """The file as pypdf reads it, opened when something is first asked of it."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._reader: pypdf.PdfReader | None = None

    def page(self, index: int) -> PageRead:
        """Read a page; one that cannot be read says so in ``reading``."""
        # One broken page must not cost the others, and pypdf raises many kinds of errors on it.
        try:
            with pypdf.apply_configuration(**LIMITS):
                page = self._open().pages[index]
                lines, notes = tuple(_lines(page)), notes_of(page)
                if not lines and _is_damaged(page):
                    return PageRead(notes=notes, reading="failed")
        except (MemoryError, Unreadable):
            raise
        except Exception:
            return PageRead(reading="failed")
        height = lines[-1].bottom if lines else 0.0
        return PageRead(lines, notes, height, reading="text" if lines else "empty")

    def blank(self, index: int) -> PageRead:
        """Read a page on which pdfium found nothing at all: few hold something all the same."""
        try:
            with pypdf.apply_configuration(**LIMITS):
                page = _leaf(self._open(), index)
                if not _is_damaged(page) and not _SHOWS.search(_commands(page)):
                    return PageRead(notes=notes_of(page), reading="blank")
        except MemoryError:
            raise
        except Exception:
            return self.page(index)
        return self.page(index)

    def notes(
        self, index: int, lines: Sequence[Line], corner: tuple[float, float]
    ) -> tuple[str, ...]:
        """Give the form values and notes of a page; none if they cannot be read.

        The ``lines`` of the page tell what is printed beside its fields, see notes_of.
        """
        try:
            with pypdf.apply_configuration(**LIMITS):
                return notes_of(_leaf(self._open(), index), lines, corner)
        except MemoryError:
            raise
        except Exception:
            return ()

    def read(self) -> FileRead:
        """Read the whole file.

        Raises:
            Unreadable: if it is no PDF, needs a password, or its encryption is not known.
        """
        try:
            with pypdf.apply_configuration(**LIMITS):
                reader = self._open()
                pages = tuple(self.page(index) for index in range(len(reader.pages)))
                return FileRead(pages, _title(reader), tuple(_outline(reader)))
        except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError) as problem:
            raise Unreadable(not_readable(BY_NAME["pdf"].kind, problem)) from problem
        except RecursionError as problem:
            sentence = "its page tree never ends; open and save it anew"
            raise Unreadable(message("endless-pages", sentence)) from problem

    def _open(self) -> pypdf.PdfReader:
        if self._reader is None:
            logging.getLogger("pypdf").setLevel(logging.CRITICAL)
            reader = pypdf.PdfReader(io.BytesIO(self._data))
            _unlock(reader)
            self._reader = reader
        return self._reader


def _unlock(reader: pypdf.PdfReader) -> None:
    try:
        # Many files are encrypted with an empty password, only to forbid printing.
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable(LOCKED)
    except (DependencyError, NotImplementedError, PdfReadError) as problem:
        sentence = "its encryption is not supported; save a copy without it"
        raise Unreadable(message("unknown-encryption", sentence)) from problem


def _title(reader: pypdf.PdfReader) -> str:
    try:
        return clean(str((reader.metadata and reader.metadata.title) or "")).strip()
    except Exception:
        return ""


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


def _lines(page: pypdf.PageObject) -> Iterator[Line]:
    _mend_spaces(page)
    for number, line in enumerate(page.extract_text().split("\n")):
        text, leaders = without_leaders(" ".join(line.split()))
        if text.strip():
            width = _WIDTH * sum(2 if is_wide(letter) else 1 for letter in text)
            top = _STEP * number
            yield Line(((text.strip(),),), 0.0, top, width, top + _SIZE, _SIZE, is_entry=leaders)


def _leaf(reader: pypdf.PdfReader, index: int) -> DictionaryObject:
    """Give a page without what it inherits, and without reading all others as pypdf does.

    Where the tree of the pages does not say where it is, pypdf looks for it.
    """
    node: Any = reader.root_object["/Pages"]
    left = index
    for _ in range(_MAX_DEPTH):
        if "/Kids" not in node:
            break
        for kid in node["/Kids"]:
            node = kid.get_object()
            pages = int(node.get("/Count", 1)) if "/Kids" in node else 1
            if left < pages:
                break
            left -= pages
    if "/Kids" in node or left:
        return reader.pages[index]
    return cast(DictionaryObject, node)


def _content(page: DictionaryObject) -> list[StreamObject]:
    found: Any = page.get("/Contents")
    found = found.get_object() if found is not None else None
    streams = [part.get_object() for part in found] if isinstance(found, ArrayObject) else [found]
    return [stream for stream in streams if isinstance(stream, StreamObject)]


def _commands(page: DictionaryObject) -> bytes:
    return b"\n".join(stream.get_data() for stream in _content(page))


def _is_damaged(page: DictionaryObject) -> bool:
    """Tell whether the page has content of which nothing can be decompressed."""
    stored = sum(len(stream._data.strip()) for stream in _content(page))
    return stored > _NOTHING and not _commands(page).strip()


def _mend_spaces(page: pypdf.PageObject) -> None:
    """Keep pypdf from taking the width of an unrelated glyph for that of a space.

    Fonts of XeTeX and others number their glyphs and hold no space; pypdf 7.1 then reads the
    width of glyph 32, finds every gap between words too narrow for a space, and drops them all.
    With no width there it falls back to its default.
    """
    for font in _fonts(page):
        if font.get("/Encoding") != "/Identity-H" or _maps_a_space(font):
            continue
        descendants: Any = font["/DescendantFonts"]
        for descendant in descendants:
            known: Any = descendant.get_object().get("/W", ArrayObject()).get_object()
            widths = [*known, NumberObject(_SPACE), ArrayObject([NumberObject(0)])]
            descendant.get_object()[NameObject("/W")] = ArrayObject(widths)


def _fonts(page: pypdf.PageObject) -> list[DictionaryObject]:
    resources: Any = page.get("/Resources", DictionaryObject()).get_object()
    fonts: Any = resources.get("/Font", DictionaryObject()).get_object()
    return [font.get_object() for font in fonts.values()]


def _maps_a_space(font: DictionaryObject) -> bool:
    mapping: Any = font.get("/ToUnicode")
    stream = mapping.get_object() if mapping is not None else None
    return stream is None or not hasattr(stream, "get_data") or b"<0020>" in stream.get_data()
