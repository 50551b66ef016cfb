"""Codes that fonts without the names of their letters leave in a text, as the letters they show."""

import re

# Ours for a hyphen at the end of a line, be it hard or soft; pdfium has one of the others.
HYPHEN = "\u2010"
# Fonts of signs stand in the private area, where word processors take the marks of lists from; the
# last is the bullet of TeX.
_SIGNS = str.maketrans(
    dict.fromkeys("\x02\xad\ufffe", HYPHEN)
    | dict(zip("\uf0b7\uf0a7\uf0d8\uf0fc\x88", "•▪➢✓•", strict=True))
)
_LIGATURES = "\ufb00\ufb01\ufb02\ufb03\ufb04"
# TeX's fonts of pictures hold no names; its two ways to number their letters are told by where the
# ligatures stand. In the older one these may also be letters of a formula.
_NEW = str.maketrans("\x10\x11\x12\x13\x14\x15\x16\x1b\x1c\x1d\x1e\x1f", f"“”„«»–—{_LIGATURES}")
_IS_NEW = re.compile("[\x15\x16\x1b-\x1f]")
_IS_OLD = re.compile("[\x0b\x0c\x0e\x0f]")
_OLD = dict(zip("\x0b\x0c\r\x0e\x0f", _LIGATURES, strict=True))
_OLD_DASHES = str.maketrans("{|", "–—")
_OLD_LIGATURE = re.compile(
    "(?<=[A-Za-z])(?:[\x0b\x0c\x0e\x0f]|\r(?!\n))|[\x0b\x0c\x0e\x0f](?=[a-z])"
)
# What neither of them has: here codes mean nothing that can be known.
_UNKNOWN = re.compile("[\x01\x03-\x08]")


def as_shown(letters: str) -> str:
    """Give the letters of a page for its codes, one for each."""
    letters = letters.translate(_SIGNS)
    if _UNKNOWN.search(letters):
        return letters
    if _IS_NEW.search(letters):
        return letters.translate(_NEW)
    if not _IS_OLD.search(letters):
        return letters
    shown, count = _OLD_LIGATURE.subn(lambda found: _OLD[found.group()], letters)
    # A program would close its brackets.
    return shown.translate(_OLD_DASHES) if count and "}" not in shown else shown
