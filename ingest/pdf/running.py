"""Running heads and feet and page numbers, told by their place on the pages."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from bifolio.ingest.pdf.line import NO_TABLE, Line

# So many lines at the top and at the bottom of a page may be running ones.
DEPTH = 5
# On fewer pages nothing runs, but on all of a file that has two.
LEAST = 3
# The share of a page's height in which they stand.
_ZONE = 0.25
# Points by which the place of a running line may differ from page to page.
_TOLERANCE = 4.0
# What is turned, as a watermark is, may stand anywhere.
_EDGES = ("top", "bottom", "turned")
_PARTING = re.compile(
    r"\s+[|·•–—-]\s+|\s{2,}|(?<=\S)\s+(?=page \d+)|(?<=\S)\s+(?=第\s?\d+\s?[页頁])", re.IGNORECASE
)
_PAGE_NUMBER = re.compile(
    r"[-–—|·\[(\s]*(?P<word>page|p\.|pg\.?|seite|第)?\s*(?P<value>\d{1,5}|[ivxlc]{1,8})"
    r"\s*[页頁]?[\s,，]*(?:(?P<of>of|/\s*共?|von|共)\s*第?\s*\d{1,5}\s*[页頁]?)?[-–—|·\])\s]*$",
    re.IGNORECASE,
)
_ANY_NUMBER = re.compile(r"\d|\b[ivxlc]+\b", re.IGNORECASE)
# The number of a page that is alone.
_ONLY = re.compile(
    r"page\s?1(?:\s?of\s?1)?|第\s?1\s?[页頁](?:[\s,，]*共\s?1\s?[页頁])?|([-–—])\s?1\s?\1",
    re.IGNORECASE,
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page's lines in reading order, and its height in points."""

    lines: tuple[Line, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Cleared:
    """What is left of the pages: lines, how many were left out, and the page numbers they bore."""

    sheets: tuple[Sheet, ...]
    left_out: int
    labels: tuple[str, ...]


_Edges = dict[str, list[Line]]  # the outermost lines of a page


class _Bare(NamedTuple):
    """A line, its parts without its page number, and this as it is printed.

    ``in_row`` tells that the number is a cell of a table: it is one if the rest runs.
    """

    line: Line
    rest: tuple[tuple[str, ...], ...]
    shown: str
    in_row: bool = False


class _Number(NamedTuple):
    """A page number: how it differs from the count of the pages, in which numerals, and where."""

    edge: str
    is_roman: bool
    offset: int


def drop_running_lines(sheets: Sequence[Sheet]) -> Cleared:
    """Keep lines that repeat at one place of at least three pages the first time only.

    Only the outermost lines of a page are looked at, up to the first that does not repeat. Page
    numbers, which count with the pages at one place, are left out altogether; "Week 3" and
    "Invoice 1003" are none. Places are measured from the top for heads, from the bottom for feet.
    """
    edges = [{edge: _outermost(sheet, edge) for edge in _EDGES} for sheet in sheets]
    bare = _without_numbers(sheets, edges, _counting(sheets, edges))
    repeated = _repeated(sheets, bare)
    seen: set[tuple[str, str]] = set()
    kept, labels, left_out = [], [], 0
    for index, sheet in enumerate(sheets):
        label, changed = "", {}
        for edge, outer in bare[index].items():
            for line, rest, shown, in_row in outer:
                if in_row and (edge, _spaced(rest)) not in repeated:
                    break
                runs = (edge, _spaced(rest)) in repeated if rest else bool(shown)
                if not (runs or shown) or (
                    line.is_head and not in_row and not _is_letterhead(sheet, line, edge, repeated)
                ):
                    break
                label = label or shown
                known = (edge, _spaced(rest)) in seen
                seen.add((edge, _spaced(rest)))
                changed[line] = rest if rest and not known else None
                if not runs:
                    break
        left_out += sum(rest is None for rest in changed.values())
        lines = [
            line._replace(parts=changed.get(line, line.parts) or (), is_running=line in changed)
            for line in sheet.lines
            if changed.get(line, line.parts)
        ]
        kept.append(Sheet(tuple(lines), sheet.height))
        labels.append(label)
    return Cleared(tuple(kept), left_out, tuple(labels))


def _outermost(sheet: Sheet, edge: str) -> list[Line]:
    """Give the first or the last lines, as far as they stand at the edge: a page may be short."""
    if edge == "turned":
        return [line for line in sheet.lines if line.is_turned][:DEPTH]
    ordered = sorted(sheet.lines, key=lambda line: (line.top, line.left))
    outer = ordered[:DEPTH] if edge == "top" else ordered[::-1][:DEPTH]
    return [line for line in outer if _place(sheet, line, edge) <= _ZONE * sheet.height]


def _place(sheet: Sheet, line: Line, edge: str) -> float:
    return sheet.height - line.bottom if edge == "bottom" else line.bottom


def _is_near(one: float, two: float) -> bool:
    return abs(one - two) <= _TOLERANCE


def _spaced(parts: tuple[tuple[str, ...], ...]) -> str:
    return " ".join(" ".join(" ".join(part) for part in parts).split())


def _counting(sheets: Sequence[Sheet], edges: Sequence[_Edges]) -> dict[_Number, float]:
    """Find the page numbers that count with the pages, and at which place they stand."""
    found: dict[_Number, dict[int, float]] = defaultdict(dict)
    worded: dict[_Number, set[int]] = defaultdict(set)
    for index, sheet in enumerate(sheets):
        for edge, outer in edges[index].items():
            for line in outer:
                for text in (piece for part in _with_whole(line) for piece in _pieces(part)):
                    number, named, _ = _read_number(text, edge, index)
                    if number:
                        found[number].setdefault(index, _place(sheet, line, edge))
                        if _ONLY.fullmatch(text) if len(sheets) == 1 else named:
                            worded[number].add(index)
    counting = {}
    for number, places in found.items():
        middle = median(places.values())
        count = sum(_is_near(place, middle) for place in places.values())
        if count >= _least(sheets) or len(worded[number]) >= min(2, len(sheets)):
            counting[number] = middle
    return counting


def _with_whole(line: Line) -> Iterator[tuple[str, ...]]:
    """Yield the parts of a line, and before them all in one: "第", "1", "页" is a page number."""
    if len(line.parts) > 1 and line.table == NO_TABLE:
        yield (line.text,)
    yield from line.parts


def _pieces(part: tuple[str, ...]) -> Iterator[str]:
    text = " ".join(part).strip()
    yield text
    if not _ANY_NUMBER.search(text):
        return
    pieces = [piece for piece in _PARTING.split(text) if piece.strip()]
    if len(pieces) > 1:
        yield from (pieces[0], pieces[-1])


def _read_number(text: str, edge: str, index: int) -> tuple[_Number | None, bool, str]:
    """Read a text that is only a page number: the number, whether it says so, as it is printed."""
    match = _PAGE_NUMBER.match(text)
    if not match:
        return None, False, ""
    shown = match["value"]
    value = int(shown) if shown.isdigit() else _roman(shown.lower())
    named = bool(match["word"] or match["of"])
    return _Number(edge, not shown.isdigit(), value - index), named, shown


def _without_numbers(
    sheets: Sequence[Sheet], edges: Sequence[_Edges], numbers: dict[_Number, float]
) -> list[dict[str, list[_Bare]]]:
    return [
        {
            edge: [_without_number(sheet, line, edge, index, numbers) for line in outer]
            for edge, outer in edges[index].items()
        }
        for index, sheet in enumerate(sheets)
    ]


def _without_number(
    sheet: Sheet, line: Line, edge: str, index: int, numbers: dict[_Number, float]
) -> _Bare:
    """Part a line from its page number, if it bears one."""
    rest, shown, in_row = [], "", False
    height = _place(sheet, line, edge)
    number, _, printed = _read_number(line.text.strip(), edge, index)
    if number is not None and line.table == NO_TABLE:
        if number in numbers and _is_near(height, numbers[number]):
            return _Bare(line, (), printed)
        # The first page of a chapter bears its number at another place.
        counts = any(number[1:] == known[1:] for known in numbers)
        if counts and line == next(iter(_outermost(sheet, edge)), None):
            return _Bare(line, (), printed)
    for part in line.parts:
        left = part
        for text in _pieces(part):
            number, named, printed = _read_number(text, edge, index)
            if number in numbers and _is_near(height, numbers[number]):
                in_row = line.table != NO_TABLE and not named
                whole, shown = " ".join(part).strip(), printed
                inner = (
                    whole.removeprefix(text) if whole.startswith(text) else whole.removesuffix(text)
                )
                left = (inner.strip(" |·•–—-\t"),)
                break
        if any(left):
            rest.append(left)
    return _Bare(line, tuple(rest), shown, in_row)


def _repeated(
    sheets: Sequence[Sheet], bare: Sequence[dict[str, list[_Bare]]]
) -> set[tuple[str, str]]:
    """Find the texts that stand at one place on enough pages, as (edge, text)."""
    places: dict[tuple[str, str], list[float]] = defaultdict(list)
    for sheet, edges in zip(sheets, bare, strict=True):
        on_page: dict[tuple[str, str], float] = {}
        for edge, outer in edges.items():
            for line, rest, *_ in outer:
                if rest:
                    on_page.setdefault((edge, _spaced(rest)), _place(sheet, line, edge))
        for key, place in on_page.items():
            places[key].append(place)
    return {
        key
        for key, heights in places.items()
        if sum(_is_near(height, median(heights)) for height in heights) >= _least(sheets)
    }


def _least(sheets: Sequence[Sheet]) -> int:
    return min(LEAST, max(len(sheets), 2))


def _is_letterhead(sheet: Sheet, head: Line, edge: str, repeated: set[tuple[str, str]]) -> bool:
    """Tell whether what looks like the head of a table has nothing but repeated rows below."""
    return all(
        (edge, _spaced(line.parts)) in repeated
        for line in sheet.lines
        if line.table == head.table and line.block == head.block
    )


def _roman(text: str) -> int:
    values = [_ROMAN[letter] for letter in text]
    total = 0
    for value, after in zip(values, [*values[1:], 0], strict=True):
        total += -value if value < after else value
    return total
