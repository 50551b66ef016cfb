"""Gaps and headings in the text of a page, whatever its spacing."""

import re

_HAN = "[\u3000-\u303f\u4e00-\u9fff\uff00-\uff65]"


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
