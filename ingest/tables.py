"""Tables in Markdown and in plain text: which lines are their rows, and whether one is a head."""

import csv
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from bifolio.ingest.parsed import Parsed, TableFields, is_label, is_period

Span = tuple[int, int]
Cells = list[str]

_RULE = re.compile(r"[\s|+:=\-─-╬]*[-=─-╬][\s|+:=\-─-╬]*")
# The bars between cells that are drawn by characters for it.
_BARS = str.maketrans("│┃║", "|||")
_NUMBER = re.compile(r"[^\w]*\d[\d\s.,:/%‰+\-–~()]*\s?[^\W\d_]{0,4}[^\w]*")
_PARTED = re.compile(r"[|│┃║\t]|\S\s{2,}\S|[,;].*[,;]")
_GAP = re.compile(r"\s{2,}")
# The lines of a table of reStructuredText: each stretch is as wide as its column.
_COLUMNS = re.compile(r"[ \t]*=+(?: +=+)+[ \t]*")
_GRID = re.compile(r"[ \t]*\+(?:[-=]+\+)+[ \t]*")
_TABULAR = re.compile(
    r"\\begin\{(tabular[xy*]?|longtable|array|tabu|tabulary)\}"
    r"(?:\s*(?:\[[^]\n]*\]|\{(?:[^{}\n]|\{[^{}\n]*\})*\}))*"
)
_ROW_END = re.compile(r"\\\\(?:\*|\[[^]\n]*\])?|\\tabularnewline\b")
_RULES = re.compile(
    r"(?:\s|%[^\n]*\n|\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot)\b"
    r"|\\c(?:mid)?(?:line|rule)(?:\([a-z]*\))?\{[^}\n]*\})*"
)
# What numbers or marks an item, and a tab parts from its words.
_ITEM = re.compile(r"\W*|[(（\[]?\w{1,4}(?:\.\w{1,3})*[.)）\]、．]+")
# Wider cells are the columns of a page, not of a table.
_WIDEST_CELL = 48
# So many lines stand below each other by chance.
_FEWEST_ALIGNED = 3
_FEWEST_COMMAS = 3


def tex_tables(text: str) -> list[TableFields]:
    """Find the tables of LaTeX, wherever they are written: a row ends with two backslashes."""
    found: list[TableFields] = []
    for begun in _TABULAR.finditer(text):
        end = text.find(f"\\end{{{begun[1]}}}", begun.end())
        end = len(text) if end < 0 else end
        rows: list[Span] = []
        cells: list[Cells] = []
        place, ruled = begun.end(), False
        while place < end:
            stop = _ROW_END.search(text, place, end)
            rules = _RULES.match(text, place, end)
            start = rules.end() if rules else place
            # A rule below the first row parts the head.
            ruled |= len(rows) == 1 and bool(rules and rules.group().strip())
            last, place = (stop.start(), stop.end()) if stop else (end, end)
            if "&" in text[start:last]:
                rows.append(_trimmed(text, start, place))
                cells.append(_cells(re.split(r"(?<!\\)&", text[start:last])))
        if len(rows) > 1:
            headed = ruled and not any(_NUMBER.fullmatch(cell) for cell in cells[0][1:])
            found.append(table(rows, cells, has_head=headed or looks_like_head(cells)))
    return found


def plain_tables(text: str) -> list[TableFields]:
    """Find tables in plain text: lines whose cells are parted by bars, tabs, commas or columns."""
    lines = list(_lines(text))
    found: list[TableFields] = []
    place = 0
    while place < len(lines):
        if drawn := _drawn(text, lines, place):
            found.append(drawn)
            while place < len(lines) and lines[place][0] < drawn[1]:
                place += 1
            continue
        parted = _PARTED.search(text, *lines[place])
        cells, rows = _begun_at(text, lines, place) if parted else ([], [])
        if cells and _average(cells) <= _WIDEST_CELL:
            found.append(table(rows, cells))
        end = rows[-1][1] if rows else 0
        place += 1
        while place < len(lines) and lines[place][0] < end:
            place += 1
    return found


def at_tabs(line: str, *, has_stops: bool) -> list[str]:
    """Part a line of an office document at its tabs; nothing if it is no row but, say, an item.

    Without stops of its own a writer goes by several tabs to where the next cell stands.
    """
    cells = re.split("\t" if has_stops else "\t+", line.rstrip())
    is_row = len(cells) > 2 or (len(cells) == 2 and not _ITEM.fullmatch(cells[0].strip()))
    return cells if is_row else []


def tabbed_rows(rows: Sequence[Cells]) -> list[Cells]:
    """Give the cells of lines that were parted at tabs; none if they make no table."""
    if len(set(map(len, rows))) != 1:
        return []
    indent = next((at for at, cells in enumerate(zip(*rows, strict=True)) if any(cells)), 0)
    tabbed = [_cells(row[indent:]) for row in rows]
    columns = list(zip(*tabbed, strict=True))
    if len(columns) < 2 or len(rows) < (_FEWEST_ALIGNED if len(columns) == 2 else 2):
        return []
    widest = max(_average([list(column)]) for column in columns)
    return tabbed if widest <= _WIDEST_CELL else []


def written_in(
    text: str, read: Iterable[tuple[Span, Parsed]], *, behind: str = ""
) -> tuple[str, list[TableFields]]:
    """Write what was read in the place of spans of a text; give also where its tables stand then.

    ``behind`` is written behind each.
    """
    written, done = "", 0
    tables: list[TableFields] = []
    for (first, last), parsed in read:
        written += text[done:first]
        by = len(written)
        tables += [
            (start + by, end + by, [(one + by, two + by) for one, two in spans], head)
            for start, end, spans, head in parsed.tables
        ]
        written += parsed.text + behind
        done = last
    return written + text[done:], tables


def with_others(tables: list[TableFields], others: Iterable[TableFields]) -> list[TableFields]:
    """Give the tables, and those of the others that none of them touches, in text order."""
    apart = [
        entry
        for entry in others
        if not any(found[0] < entry[1] and entry[0] < found[1] for found in tables)
    ]
    return sorted([*tables, *apart])


def table(
    rows: Sequence[Span], cells: Sequence[Cells], *, has_head: bool | None = None
) -> TableFields:
    """Make a table of its rows; without ``has_head`` the cells tell whether the first is a head."""
    headed = looks_like_head(cells) if has_head is None else has_head
    return rows[0][0], rows[-1][1], list(rows), headed


def looks_like_head(cells: Sequence[Cells]) -> bool:
    """Tell whether the first row names the columns: no figures above a column that has them.

    Without figures anywhere it does in a table of three columns and rows or more.
    """
    head, *body = cells
    columns = [[row[place] for row in body if place < len(row)] for place in range(len(head))]
    names = [_names(cell, column) for cell, column in zip(head, columns, strict=True)]
    years = any(map(_NUMBER.fullmatch, head[1:]))
    if not body or not all(names[1:]) or is_label(head[0]):
        return False
    if years and _NUMBER.fullmatch(head[0]):
        return False
    figures = [sum(bool(_NUMBER.fullmatch(cell)) for cell in column) for column in columns]
    # Of two columns the rows may be names and their values, of which none heads the others.
    share = 2 / 3 if len(head) == 2 else 1 / 2
    numeric = [count >= share * len(body) for count in figures]
    if any(numeric):
        return all(names[place] for place, is_ in enumerate(numeric) if is_)
    return len(head) >= 3 and len(cells) >= 3 and len(set(head)) == len(head)


def _names(cell: str, column: Sequence[str]) -> bool:
    """Tell whether a cell may name the column below it: words, or a year above amounts."""
    if not _NUMBER.fullmatch(cell):
        return bool(cell)
    return is_period(cell) and 2 * sum(map(is_period, column)) < len(column)


def _lines(text: str) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        yield start, start + len(line)
        start += len(line) + 1


def _drawn(text: str, lines: Sequence[Span], first: int) -> TableFields | None:
    """Give the table of reStructuredText that begins with a line of its columns or its frame."""
    if _COLUMNS.fullmatch(text, *lines[first]):
        return _simple(text, lines, first)
    return _framed(text, lines, first) if _GRID.fullmatch(text, *lines[first]) else None


def _framed(text: str, lines: Sequence[Span], first: int) -> TableFields | None:
    """Give a table in which a line is drawn between any two rows, which may have several lines.

    Others, as databases print them, have such a line below the head alone.
    """
    rows: list[Span] = []
    headed, rules = False, 0
    for start, end in (lines[at] for at in range(first, len(lines))):
        if _GRID.fullmatch(text, start, end):
            headed |= "=" in text[start:end] and len(rows) == 1
            rules, fresh = rules + 1, True
        elif not text[start:end].lstrip().startswith("|"):
            break
        elif fresh:
            rows.append(_trimmed(text, start, end))
            fresh = False
        else:
            rows[-1] = (rows[-1][0], _trimmed(text, start, end)[1])
    drawn = headed or rules > 3
    return (rows[0][0], rows[-1][1], rows, headed) if drawn and len(rows) > 1 else None


def _simple(text: str, lines: Sequence[Span], first: int) -> TableFields | None:
    """Give the table of reStructuredText that begins with a line of its columns: head and rows."""
    rule = text[slice(*lines[first])].rstrip()
    column = rule.index("=")
    rows: list[Span] = []
    rules = [first]
    for place in range(first + 1, len(lines)):
        start, end = lines[place]
        line = text[start:end]
        if line.rstrip() == rule:
            rules.append(place)
            if len(rules) == 3 or place + 1 == len(lines) or not text[slice(*lines[place + 1])]:
                break
        elif not line.strip():
            if len(rules) == 1:
                return None
        elif rows and not line[column : column + 1].strip():
            # Nothing in the first column: the row goes on.
            rows[-1] = (rows[-1][0], start + len(line.rstrip()))
        else:
            rows.append(_trimmed(text, start, end))
    if len(rules) == 1 or len(rows) < 2:
        return None
    return rows[0][0], rows[-1][1], rows, len(rules) == 3


Parted = Callable[[Iterator[str]], list[Cells]]


def _begun_at(text: str, lines: Sequence[Span], first: int) -> tuple[list[Cells], list[Span]]:
    """Give the cells and the spans of the rows that begin at the line ``first``, if any do."""
    for parted in _KINDS:
        spans = list[Span]()
        if cells := parted(_block(text, lines, first, spans)):
            return cells, [_trimmed(text, *span) for span in spans[: len(cells)]]
    return [], []


def _block(text: str, lines: Sequence[Span], first: int, taken: list[Span]) -> Iterator[str]:
    """Yield the lines up to a blank one, rules left out; the spans of those go to ``taken``."""
    for start, end in (lines[at] for at in range(first, len(lines))):
        line = text[start:end]
        if not line.strip():
            return
        if not _is_rule(line):
            taken.append((start, end))
            yield line


def _is_rule(line: str) -> bool:
    return bool(_RULE.fullmatch(line))


def _bars(lines: Iterator[str]) -> list[Cells]:
    plain = (line.translate(_BARS).strip().strip("|") for line in lines)
    return _alike((_cells(line.split("|")) for line in plain), fewest=2)


def _tabs(lines: Iterator[str]) -> list[Cells]:
    return _alike((_cells(line.split("\t")) for line in lines), fewest=2)


def _commas(lines: Iterator[str]) -> list[Cells]:
    return _alike(map(_cells_by_comma, lines), fewest=_FEWEST_COMMAS)


def _cells_by_comma(line: str) -> Cells:
    mark = "," if line.count(",") >= line.count(";") else ";"
    if line.count(mark) < 2:
        return []
    # Prose has a space behind each comma, and ends with a full stop.
    prose = line.count(f"{mark} ") > line.count(mark) / 2 or line.rstrip().endswith(("。", "."))
    if prose:
        return []
    return _cells(next(csv.reader([line], delimiter=mark), []))


def _alike(rows: Iterable[Cells], *, fewest: int) -> list[Cells]:
    """Give the first rows that have as many cells as the first, two at least; none if too few."""
    taken: list[Cells] = []
    for row in rows:
        if len(row) < 2 or (taken and len(row) != len(taken[0])):
            break
        taken.append(row)
    return taken if len(taken) >= fewest else []


def _aligned(lines: Iterator[str]) -> list[Cells]:
    """Give the cells of lines that share columns of blanks, two wide at least."""
    taken: list[list[str]] = []
    gutters: list[Span] = []
    blank: list[bool] = []
    for line in lines:
        if not _GAP.search(line.strip()):
            break
        spread = _spread(line)
        blank = _blank_in_both(blank, spread) if taken else [letter == " " for letter in spread]
        still = _gutters(blank)
        # An indented line has nothing to be named by in the first column.
        if not still or spread[:1] == [" "]:
            break
        taken.append(spread)
        gutters = still
    if len(taken) < _FEWEST_ALIGNED:
        return []
    return [_cut(line, gutters) for line in taken]


def _spread(line: str) -> list[str]:
    """Give the characters by column: a Chinese one takes two."""
    columns: list[str] = []
    for letter in line.expandtabs().rstrip():
        columns.append(letter)
        if unicodedata.east_asian_width(letter) in "WF":
            columns.append("")
    return columns


def _blank_in_both(blank: Sequence[bool], line: Sequence[str]) -> list[bool]:
    width = max(len(blank), len(line))
    return [
        (at >= len(blank) or blank[at]) and (at >= len(line) or line[at] == " ")
        for at in range(width)
    ]


def _gutters(blank: Sequence[bool]) -> list[Span]:
    """Give the columns, two or more, that are blank in every line with text on both sides."""
    return [
        found.span()
        for found in re.finditer("(?<=x) {2,}(?=x)", "".join(" " if is_ else "x" for is_ in blank))
    ]


def _cut(line: Sequence[str], gutters: Sequence[Span]) -> Cells:
    bounds = [0, *(place for gutter in gutters for place in gutter), len(line)]
    return ["".join(line[start:end]).strip() for start, end in list(pairwise(bounds))[::2]]


def _cells(cells: Sequence[str]) -> Cells:
    return [" ".join(cell.split()) for cell in cells]


def _average(rows: Sequence[Cells]) -> float:
    lengths = [len(cell) for row in rows for cell in row]
    return sum(lengths) / max(1, len(lengths))


def _trimmed(text: str, start: int, end: int) -> Span:
    line = text[start:end]
    return start + len(line) - len(line.lstrip()), start + len(line.rstrip())


_KINDS: tuple[Parted, ...] = (_bars, _tabs, _commas, _aligned)
