"""However something is written, one form: width, capitals, accents, thousands, characters."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

from bifolio.ingest.simplified import rewritten, simplified_table

_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:,\d{3})+(?![\d,])")
_ACCENTS = range(0x300, 0x370)
_ACCENTED = (range(0xC0, 0x250), range(0x370, 0x400), range(0x1E00, 0x2000))


def normal(text: str) -> str:
    """Write a text in the one form in which texts are compared."""
    if text.isascii():
        text = text.lower()
    else:
        if not unicodedata.is_normalized("NFKC", text):
            text = unicodedata.normalize("NFKC", text)
        text = rewritten(text.casefold(), *_plainer())
    return _THOUSANDS.sub(lambda found: found.group().replace(",", ""), text)


@cache
def _plainer() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """Give the table of letters without their accents, and of simplified characters."""
    accents = {chr(code): "" for code in _ACCENTS}
    table = dict(simplified_table()[1]) | accents
    for letter in (chr(code) for codes in _ACCENTED for code in codes):
        decomposed = unicodedata.normalize("NFD", letter)
        if len(decomposed) > 1:
            table[letter] = "".join(accents.get(part, part) for part in decomposed)
    return re.compile(f"[{''.join(table)}]"), table
