"""One page of a PDF: its text in reading order, and the sizes in which it is set."""

import math
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject

from bifolio.ingest.parsed import clean
from bifolio.ingest.pdf.layout import close_gaps

Run = tuple[str, float]  # text set in one size, and that size in points

_SPACE = 32


def read_page(page: pypdf.PageObject) -> tuple[str, list[Run]]:
    """Give the text of a page and its runs; both are empty if the page cannot be read."""
    runs: list[Run] = []

    def _visit(text: str, matrix: list[float], place: list[float], _: Any, size: float) -> None:
        upright = abs(place[1]) < 0.01 and abs(matrix[1]) < 0.01
        if text.strip() and upright:
            scale = math.hypot(place[2], place[3]) * math.hypot(matrix[2], matrix[3])
            runs.append((text, round(size * scale, 1)))

    # One broken page must not cost the others, and pypdf raises many kinds of errors on it.
    try:
        _mend_spaces(page)
        return close_gaps(clean(page.extract_text(visitor_text=_visit))), runs
    except MemoryError:
        raise
    except Exception:
        return "", []


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
