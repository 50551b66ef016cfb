"""RTF: paragraphs, headings by their outline level, tables, notes, comments, heads and feet."""

import re
from collections import Counter
from itertools import groupby

from striprtf import striprtf

from bifolio.ingest.building import Building, one_line
from bifolio.ingest.parsed import Parsed
from bifolio.ingest.raised import lowered, raised
from bifolio.ingest.reasons import hidden, struck
from bifolio.ingest.tables import at_tabs, tabbed_rows

# Characters of the private area stand for what the library does not tell: levels from here on,
# and what stands aside of the text between two others.
_LEVEL = 0xE000
_OPEN, _CLOSE = "\ue00f", "\ue00e"
_OUTLINE = re.compile(r"\\outlinelevel([0-8])(?!\d) ?")
_ASIDE = re.compile(
    r"\{(?:\\\*)?\\(footnote|annotation|header[lrf]?|footer[lrf]?)(?![a-z])(\\ftnalt)?"
)
_LABELS = {"f": "Footnote", "a": "Comment", "h": "Header", "r": "Footer"}
_ASIDE_TEXT = re.compile(f"{_OPEN}(.)([^{_OPEN}{_CLOSE}]*){_CLOSE}")
_ASIDE_IN_LINE = re.compile(f"{_ASIDE_TEXT.pattern}([^\n]*)")
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_HIDING = frozenset(("v", "deleted"))
_STRIKING = frozenset(("strike", "striked"))
_SCRIPTS = {"super": raised, "sub": lowered}
_STATES = re.compile(r"\\(?:v|deleted|striked?|super|sub)1?(?![a-z\d])")
# Commands that are letters themselves.
_CHARACTERS = frozenset(("u", "emdash", "endash", "lquote", "rquote", "ldblquote", "rdblquote"))
_TOKEN = re.compile(
    r"\\(?P<word>[a-z]+)(?P<number>-?\d+)? ?|\\'[\da-fA-F]{2}|\\.|[{}]|[^\\{}]+|\\", re.S
)
_HIGH = re.compile(rb"[\x80-\xff]")
_TITLE = re.compile(r"\{\\title ((?:[^{}\\]|\\.)*)\}")


# Lines and paragraphs inside the cells of a row, and the number or the sign before an item.
_TABLE_ROW = re.compile(r"\\trowd(?![a-z]).*?\\row(?![a-z])", re.DOTALL)
_LINE = re.compile(r"\\(?:line|par)(?![a-z])\s?")
# What a link leads to, which the library would write behind its words.
_LINK = re.compile(r"(\\fldinst\s*\{?\s*)HYPERLINK\b")
_ITEM = re.compile(r"\{\\(?:pntext|listtext)(?![a-z])((?:[^{}\\]|\\.)*)\}", re.DOTALL)


def parse_rtf(data: bytes) -> Parsed:
    """Read RTF; what stands aside of the text follows the paragraph that it belongs to."""
    # RTF is ASCII; bytes beyond are meant in the code page of the file.
    source = _HIGH.sub(lambda found: b"\\'%02x" % found.group()[0], data).decode("ascii")
    title = _TITLE.search(source)
    source = _LINK.sub(r"\1", source)
    source = _TABLE_ROW.sub(lambda found: _LINE.sub(" ", found.group()), source)
    source, pieces = _as_shown(_ITEM.sub(_marked, source))
    source = _OUTLINE.sub(lambda found: _sign(chr(_LEVEL + int(found[1]))), _keep_asides(source))
    text = _ASIDE_TEXT.sub(lambda found: found.group().replace("\n", " "), _text_of(source))
    while (moved := _ASIDE_IN_LINE.sub(_behind_its_line, text)) != text:
        text = moved
    building, rows, seen = Building(), list[list[str]](), set[str]()
    for cells, group in groupby(text.split("\n"), _count_tabbed):
        lines = list(group)
        if cells and (tabbed := tabbed_rows([_at_tabs(line) for line in lines])):
            _append_table(building, rows)
            _append_table(building, tabbed)
            continue
        for line in lines:
            if line.rstrip().endswith("|"):
                rows.append(line.rstrip().removesuffix("|").split("|"))
                continue
            _append_table(building, rows)
            # The same head may be given for left and right pages.
            if not line.startswith(("Header: ", "Footer: ")) or line not in seen:
                _append_line(building, line)
            seen.add(line)
    _append_table(building, rows)
    if pieces[True]:
        building.notes.append(hidden(pieces[True]))
    if pieces[False]:
        building.notes.append(struck(pieces[False]))
    return building.parsed(title=_text_of("{\\rtf1 " + title[1] + "}") if title else "")


def _at_tabs(line: str) -> list[str]:
    return at_tabs(line, has_stops=False)


def _count_tabbed(line: str) -> int:
    """Count the cells of a line that may be a row drawn by tabs, as no heading may."""
    is_other = line.rstrip().endswith("|") or _plain(line) != line
    return 0 if is_other or line.startswith(("Header: ", "Footer: ")) else len(_at_tabs(line))


def _marked(found: re.Match[str]) -> str:
    """Write what Word counts before an item as it shows it; signs of other fonts as a dash."""
    mark = _text_of("{\\rtf1 " + found[1] + "}").strip()
    # In a group, lest the number belong to the command before it.
    return f"{{{mark if any(map(str.isalnum, mark)) else '-'} }}"


def _as_shown(source: str) -> tuple[str, Counter[bool]]:
    """Leave out what is hidden or deleted (True), or struck out, and count the pieces of each.

    Figures that are raised or lowered are written as such. A word of command counts to the end of
    its group, or to the same word with a 0.
    """
    pieces = Counter[bool]()
    if not _STATES.search(source):
        return source, pieces
    kept: list[str] = []
    groups: list[frozenset[str]] = []
    now, fresh = frozenset[str](), True
    for found in _TOKEN.finditer(source):
        piece, word = found.group(), found["word"]
        if piece == "{":
            groups.append(now)
        elif piece == "}":
            now = groups.pop() if groups else frozenset()
        elif word == "plain":
            now = frozenset()
        elif word == "nosupersub":
            now -= _SCRIPTS.keys()
        elif word in _HIDING | _STRIKING or word in _SCRIPTS:
            now = now - {word} if found["number"] == "0" else now | {word}
            fresh = True
            continue
        elif now & (_HIDING | _STRIKING) and (word in _CHARACTERS or not word):
            pieces[bool(now & _HIDING)] += fresh and bool(piece.strip())
            fresh = fresh and not piece.strip()
            continue
        elif not word and piece[0] != "\\" and (state := next(iter(now & _SCRIPTS.keys()), "")):
            written = _SCRIPTS[state](piece)
            piece = piece if written == piece else _sign(written)
        kept.append(piece)
    return "".join(kept), pieces


def _keep_asides(source: str) -> str:
    """Put signs around the groups that the library would pass over."""
    parts, done = [], 0
    for found in _ASIDE.finditer(source):
        end = _group_end(source, found.start())
        if found.start() < done or end is None:
            continue
        name = found[1]
        kind = "r" if name.startswith("footer") else name[0]
        parts += [source[done : found.start()], "{", _sign(_OPEN + kind)]
        parts += [source[found.end() : end], _sign(_CLOSE)]
        done = end
    return "".join(parts) + source[done:]


def _group_end(source: str, start: int) -> int | None:
    depth = 0
    for found in _BRACE.finditer(source, start):
        depth += {"{": 1, "}": -1}.get(found.group(), 0)
        if not depth:
            return found.start()
    return None


def _behind_its_line(found: re.Match[str]) -> str:
    text = one_line(found[2])
    return f"{found[3]}\n{_LABELS.get(found[1], 'Note')}: {text}" if text else found[3]


def _sign(characters: str) -> str:
    """Write characters so that they come out whatever the file says of such."""
    return "{\\uc0" + "".join(f"\\u{ord(letter)} " for letter in characters) + "}"


def _text_of(source: str) -> str:
    text: str = striprtf.rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
    return text


def _append_table(building: Building, rows: list[list[str]]) -> None:
    if rows:
        building.table([[_plain(cell) for cell in row] for row in rows])
        rows.clear()


def _append_line(building: Building, line: str) -> None:
    level = next((ord(letter) - _LEVEL for letter in line if 0 <= ord(letter) - _LEVEL < 9), None)
    if level is None:
        building.paragraph(line)
    else:
        building.heading(level + 1, _plain(line))


def _plain(text: str) -> str:
    return re.sub("[\ue000-\ue00f]", "", text)
