"""Part numbers, order numbers, other codes, numbered rows: which of a question's a text has."""

import re

from bifolio.retrieval.dates import DATE
from bifolio.retrieval.normal import normal

_JOINT = r"[-‐‑‒–—−/._#+]"
_CODE = re.compile(rf"(?<![A-Za-z0-9.])[A-Za-z0-9]+(?:{_JOINT}[A-Za-z0-9]+)*(?![A-Za-z0-9])")
_DATE = re.compile(DATE)
# 2nd, 5pm, 24h, 10kg; 24-hour, mid-2021, 2020-2024, 9-17, 3.5: no codes.
_QUANTITY = re.compile(
    r"\d+(?:\.\d+)?(?:st|nd|rd|th|s|am|pm|h|hrs?|min|kg|g|mg|t|km|m|mm|cm|ml|l|w|kw|kwh|v|a|mb|gb|tb"
    r"|k|d|x|hz|mhz|ghz|nm|bar|c|f)"
    rf"|\d+(?:{_JOINT}[a-z]{{2,}})+|(?:[a-z]{{2,}}{_JOINT})+(?:19|20)\d\d|\d{{1,3}}{_JOINT}\d{{1,3}}"
    rf"|(?:19|20)\d\d{_JOINT}(?:19|20)?\d\d"
    r"|v?\d+(?:\.\d+)*"
)
_DIGITS_OF_A_NUMBER = 5
_PIECES = re.compile(r"[a-z]+|\d+")
# The first cell of a row, if it is a name with a number (Elm 46, 甲板 5), not an amount.
_NUMBERED_ROW = re.compile(r"^(?:\|[ \t]*)?([^\W\d_][^|\n]{0,40}?\d)[ \t]*\|", re.MULTILINE)


def missing_codes(question: str, text: str) -> tuple[str, ...]:
    """Give the codes of the question, as they are written there, that do not stand in the text.

    A code has figures and letters, or figures parted by dashes: AB-1234/5, ISO-9001, 4471-22-7. It
    stands in a text that parts it otherwise (AB 1234/5) or goes on behind it (AB-1234/5 for
    AB-1234), not in one with its neighbour (AB-12345).
    """
    said = normal(text)
    return tuple(code for code in codes(question) if not _stands_in(code, said))


def codes(question: str) -> tuple[str, ...]:
    """Give the codes of a question, as they are written there, each once."""
    found = dict.fromkeys(one.group() for one in _CODE.finditer(_DATE.sub(" ", question)))
    return tuple(code for code in found if _is_code(code))


def holds_named(question: str, text: str) -> bool:
    """Tell whether a text holds what the question names: all of its codes, or a row of a table."""
    if codes(question):
        return not missing_codes(question, text)
    return names_row(question, text)


def names_row(question: str, text: str) -> bool:
    """Tell whether the question names a row of a table by its first cell, as Elm 46."""
    if not any(map(str.isdigit, question)):
        return False
    asked = normal(_DATE.sub(" ", question))
    rows = (normal(_DATE.sub(" ", cell)) for cell in _NUMBERED_ROW.findall(text))
    return any(_is_said(row, asked) for row in rows)


def _is_said(name: str, asked: str) -> bool:
    if not any(map(str.isdigit, name)):
        return False  # it was a date
    return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![\w.,-]*\d)", asked) is not None


def _is_code(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    if not digits or _QUANTITY.fullmatch(word.lower()):
        return False
    return any(map(str.isalpha, word)) or digits >= _DIGITS_OF_A_NUMBER


def _stands_in(code: str, said: str) -> bool:
    pieces = _PIECES.findall(normal(code))
    parted = rf"(?:{_JOINT}|\s){{0,2}}".join(pieces)
    return re.search(rf"(?<![^\W_]){parted}(?![^\W_])", said, re.ASCII) is not None
