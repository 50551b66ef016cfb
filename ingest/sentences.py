"""Where the sentences of a text begin and end: one answer for chunks, quotes and citations."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise

from bifolio.ingest.document import Document
from bifolio.ingest.lines import Span, kind_of, paragraph_spans, width
from bifolio.ingest.stops import HAN, sentence_ends

# So much of the text around a span is looked at to tell how its lines were broken.
_AROUND = 1500
_LONGEST_LINE = 20_000
# A heading's line may bear a number and marks beside its title.
_MARKS = 16
# So wide, in columns, are lines that were broken for want of room.
_BROKEN = 48
_BREAK = re.compile(r"[^\S\n]*\n\s*+(?!>)")
_UNSPACED_BREAK = re.compile(
    rf"(?<=[{HAN}\u3000-\u303f\uff01-\uff65])\s*\n\s*(?=[{HAN}\u3000-\u303f\uff01-\uff65])"
)


def unit_spans(text: str, start: int, end: int, *, wholes: Sequence[Span] = ()) -> list[Span]:
    """Cut ``text[start:end]`` into paragraphs, items of lists, rows and headings, in text order.

    ``wholes`` are units that are known: spans in text order, such as the rows of a table. The
    spans do not overlap, begin and end without white space, and leave out nothing else.
    """
    return list(units_in(text, start, end, wholes))


def sentence_spans(text: str, start: int, end: int, *, wholes: Sequence[Span] = ()) -> list[Span]:
    """Cut ``text[start:end]`` into sentences, in text order.

    A row of a table, a heading and a line of code count as one; a line break ends a sentence only
    where ``unit_spans`` ends a unit. The spans are as its: in order, apart, and nothing left out.
    """
    return list(sentences_in(text, units_in(text, start, end, wholes), wholes))


def units_in(text: str, start: int, end: int, wholes: Sequence[Span]) -> Iterator[Span]:
    """Yield what ``unit_spans`` gives, one by one."""
    place = start
    for first, last in wholes:
        first, last = max(first, place), min(last, end)
        if first < last:
            yield from paragraph_spans(text, place, first)
            yield from _trimmed(text, first, last)
            place = last
    yield from paragraph_spans(text, place, end)


def sentences_in(text: str, units: Iterable[Span], wholes: Sequence[Span]) -> Iterator[Span]:
    """Yield what ``sentence_spans`` gives, one by one, of a text whose units are known."""
    known = {span[0] for span in wholes}
    for first, last in units:
        if first in known or _is_alone(text[first:last]):
            yield first, last
            continue
        bounds = [first, *sentence_ends(text, first, last), last]
        for begin, stop in pairwise(bounds):
            yield from _trimmed(text, begin, stop)


def sentences_of(document: Document, start: int, end: int) -> list[Span]:
    """Give the sentences of a part of a document, cut off where they reach beyond the part."""
    text = document.text
    first = text.rfind("\n", max(0, start - _AROUND - _LONGEST_LINE), max(0, start - _AROUND)) + 1
    if start - first > _AROUND + _LONGEST_LINE:
        first = start
    last = text.find("\n", end + _AROUND, end + _AROUND + _LONGEST_LINE)
    last = min(len(text), end + _AROUND) if last < 0 else last
    wholes = wholes_of(document, first, last)
    spans = sentence_spans(text, first, last, wholes=wholes)
    inside = [(max(first, start), min(last, end)) for first, last in spans]
    return [span for begin, stop in inside if begin < stop for span in _trimmed(text, begin, stop)]


def wholes_of(document: Document, start: int, end: int) -> list[Span]:
    """Give the rows and headings of a document that touch a part of it, as ``wholes``."""
    rows = (row for table in document.tables for row in table.rows)
    spans = sorted([*rows, *heading_spans(document)])
    return [span for span in _apart(spans) if span[0] < end and span[1] > start]


def heading_spans(document: Document) -> list[Span]:
    """Give the lines on which the headings stand; one that is not where it should be has none."""
    spans = []
    for heading in document.headings:
        wanted = _letters(heading.title)
        end, found = heading.start, ""
        while end < len(document.text) and len(found) < len(wanted):
            stop = document.text.find("\n", end + 1)
            end = len(document.text) if stop < 0 else stop
            found = _letters(document.text[heading.start : end])
        if wanted and wanted in found and len(found) <= len(wanted) + _MARKS:
            spans.append((heading.start, end))
    return spans


def is_heading(document: Document, start: int, end: int) -> bool:
    """Tell whether a span is a heading of its document."""
    starts = [heading.start for heading in document.headings]
    near = document.headings[bisect_left(starts, start) : bisect_right(starts, end)]
    return any(end - start <= len(heading.title) + _MARKS for heading in near)


def one_line(text: str) -> str:
    """Write a text on one line: a space for each break, none between Chinese characters."""
    return " ".join(_UNSPACED_BREAK.sub("", text).split())


def flowed(*parts: str) -> list[str]:
    """Join the lines that were broken for want of room, in parts of a text that follow each other.

    Short lines stay as they are: verse, addresses.
    """
    text = "".join(parts)
    shown = list(text)
    for first, last in unit_spans(text, 0, len(text)):
        for found in _BREAK.finditer(text, first, last):
            line = text[text.rfind("\n", 0, found.start()) + 1 : found.start()]
            if width(line) < _BROKEN:
                continue
            joint = "" if _UNSPACED_BREAK.match(text, found.start()) else " "
            shown[found.start() : found.end()] = [joint] + [""] * (len(found[0]) - 1)
    ends = accumulate(map(len, parts))
    return ["".join(shown[end - len(part) : end]) for part, end in zip(parts, ends, strict=True)]


def _is_alone(unit: str) -> bool:
    return "\n" not in unit and kind_of(unit) == "alone"


def _apart(spans: Iterable[Span]) -> Iterable[Span]:
    end = 0
    for span in spans:
        if span[0] >= end:
            yield span
            end = span[1]


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text)).lower()


def _trimmed(text: str, start: int, end: int) -> list[Span]:
    """Leave out the white space at both ends; nothing is left of a blank span."""
    piece = text[start:end]
    first = start + len(piece) - len(piece.lstrip())
    return [(first, start + len(piece.rstrip()))] if piece.strip() else []
