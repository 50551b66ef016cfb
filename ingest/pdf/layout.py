"""The lines of a PDF page become paragraphs again."""

import math
import re
import unicodedata
from collections import Counter

_ENDS_SENTENCE = re.compile(r"[.!?:;。！？：；…][\"'”’」』）)\]]*$")
_OPENS_ITEM = re.compile(
    r"^\s*([-–•●▪◦*·]|\(?\d{1,3}[.)、]|[（(][一二三四五六七八九十\d]+[)）]|第.{1,3}[章节条])"
)
_WIDE = "WF"
_HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uff65]"


def unwrap(text: str) -> str:
    """Join the lines that were broken only because the page ends there.

    A line is continued by the next when it reaches the right margin (three quarters of the widest
    lines of the page), ends no sentence, and the next line opens no list item. Between Chinese
    characters nothing is put in the gap, elsewhere a space; "exam-" + "ple" loses its hyphen.
    """
    lines = [line.strip() for line in text.split("\n")]
    margin = 0.75 * _right_margin([_width(line) for line in lines])
    joined: list[str] = []
    continues = False
    for line in lines:
        if continues and line and not _OPENS_ITEM.match(line):
            joined[-1] = _join(joined[-1], line)
        else:
            joined.append(line)
        continues = bool(line) and _width(line) >= margin and not _ENDS_SENTENCE.search(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(joined)).strip()


def drop_running_lines(pages: list[str]) -> list[str]:
    """Leave out the first and last lines that repeat on most pages: page numbers, running titles.

    They would stand in the middle of sentences that go on across the pages.
    """
    lines = [page.strip().split("\n") for page in pages]
    seen = Counter(
        shape
        for number, page in enumerate(lines)
        for shape in _shapes(page[0], number) | _shapes(page[-1], number)
    )
    often = max(3, len(pages) / 2)
    for number, page in enumerate(lines):
        for end in (0, -1):
            if page and any(seen[shape] >= often for shape in _shapes(page[end], number)):
                del page[end]
    return ["\n".join(page) for page in lines]


def _shapes(line: str, number: int) -> set[str]:
    """Give the line, and the line with each of its numbers counted from the page's own."""
    line = " ".join(line.split())
    return {line} | {
        f"{line[: found.start()]}#{int(found.group()) - number}{line[found.end() :]}"
        for found in re.finditer(r"\d{1,6}", line)
    }


def close_gaps(text: str) -> str:
    """Undo the spaces that stand between all Chinese characters of a line.

    Some fonts put them on every line, justified type on the line before a long word.
    """
    return "\n".join(_close_gaps(line) for line in text.split("\n"))


def _close_gaps(line: str) -> str:
    tight = len(re.findall(f"{_HAN}(?={_HAN})", line))
    spaced = len(re.findall(f"{_HAN} (?={_HAN})", line))
    return re.sub(f"(?<={_HAN}) (?={_HAN})", "", line) if spaced > max(2, tight) else line


def find_line(title: str, text: str, start: int, end: int) -> int | None:
    """Find where the heading stands in ``text[start:end]``, whatever its spacing and number."""
    letters = [re.escape(letter) for letter in title if not letter.isspace()]
    if not letters:
        return None
    pattern = re.compile(r"^[ \t]*[\dA-Z.、第章节 ]{0,10}?" + r"\s*".join(letters), re.MULTILINE)
    found = pattern.search(text, start, end)
    return found.start() if found else None


def _join(before: str, after: str) -> str:
    if re.search(r"[a-z]-$", before) and after[:1].islower():
        return before[:-1] + after
    if _is_wide(before[-1]) or _is_wide(after[0]):
        return before + after
    return f"{before} {after}"


def _right_margin(widths: list[int]) -> int:
    filled = sorted(width for width in widths if width)
    return filled[math.ceil(0.9 * (len(filled) - 1))] if filled else 0


def _width(line: str) -> int:
    return sum(2 if _is_wide(letter) else 1 for letter in line)


def _is_wide(letter: str) -> bool:
    return unicodedata.east_asian_width(letter) in _WIDE
