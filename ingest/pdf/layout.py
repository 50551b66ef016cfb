"""Gaps and headings in the text of a page, whatever its spacing."""

import re
from bisect import bisect_right
from itertools import accumulate

# What may stand before a heading that the outline names without its number.
_LONGEST_NUMBER = 10
# Programs set quotes and dashes in a text that stay plain in its outline.
_PLAIN = str.maketrans("‘’“”‐‑–—", "''\"\"----")
_OTHER = re.compile("[^\\dA-Z.、第章节]")
_HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uff65]"
_TIGHT = re.compile(f"{_HAN}(?={_HAN})")
_SPACED = re.compile(f"{_HAN} (?={_HAN})")
_GAP = re.compile(f"(?<={_HAN}) (?={_HAN})")


def close_gaps(text: str) -> str:
    """Undo the spaces that stand between all Chinese characters of a line.

    Some fonts put them on every line, justified type on the line before a long word.
    """
    if text.isascii():
        return text
    return "\n".join(_close_gaps(line) for line in text.split("\n"))


def _close_gaps(line: str) -> str:
    spaced = len(_SPACED.findall(line))
    return _GAP.sub("", line) if spaced > max(2, len(_TIGHT.findall(line))) else line


def find_line(title: str, text: str, start: int, end: int) -> int | None:
    """Find where the heading stands in ``text[start:end]``, whatever its spacing and number."""
    wanted = "".join(title.translate(_PLAIN).split())
    if start and text[start - 1] != "\n":
        start = text.find("\n", start, end) + 1 or end
    lines = text[start:end].split("\n")
    bare = ["".join(line.translate(_PLAIN).split()) for line in lines]
    # Where each line starts among the letters of all.
    places = [0, *accumulate(map(len, bare))]
    letters = "".join(bare)
    at = letters.find(wanted) if wanted else -1
    while at >= 0:
        number = bisect_right(places, at) - 1
        if at - places[number] <= _LONGEST_NUMBER and not _OTHER.search(
            letters, places[number], at
        ):
            return start + sum(len(line) + 1 for line in lines[:number])
        at = letters.find(wanted, at + 1)
    return None
