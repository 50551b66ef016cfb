"""The bytes of a text file become text: which encoding they are in, and what of them is broken."""

import codecs
import re
import unicodedata
from functools import cache

from bifolio.ingest.message import Message, message
from bifolio.ingest.parsed import Unreadable

# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# In which English and Chinese files are still found, the likelier first.
_OTHERS = ("gb18030", "big5", "cp932", "cp1252", "utf-16-le", "utf-16-be")
# Others that are recognised, by what is written most in them and the share that it has at least.
_HIRAGANA = "".join(map(chr, range(0x3041, 0x3097)))
_CYRILLIC = "оеаинтсрвл"
_FOREIGN = (
    ("cp932", _HIRAGANA, 0.2),
    ("euc_jp", _HIRAGANA, 0.2),
    ("cp949", "이다는에의가을를은하고한로서사기지도시대자리인어나니습요해", 0.2),
    ("cp1251", _CYRILLIC, 0.4),
    ("koi8-r", _CYRILLIC, 0.45),
)
# Fewer of those stand in a text by chance; and letters with accents stand alone, others in words.
_FEWEST = 8
_WORD_LENGTH = 3
_BROKEN = "\ufffd"
# A text in UTF-8 holds so many whole characters for each broken one, and others hold none.
_WHOLE = 10
# So much of what is not ASCII has to be common, to believe in an encoding.
_COMMON = 0.85
# So much of a text may be broken bytes and control characters; what has more is no text.
_NONSENSE = 0.03
# What looks like ASCII may have so many stray bytes in a thousand.
_STRAY = 0.001
_SAMPLE = 100_000

# Tab, line ends, backspace and escape are found in logs and manuals.
_CONTROL = re.compile("[\x00-\x07\x0e-\x1a\x1c-\x1f\x7f-\x84\x86-\x9f\ufffd]")
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_HIGH = re.compile(rb"[\x80-\xff]")
_SIGNS = re.compile("[\u2010-\u203b\u20ac\u2122\u2460-\u2473\u3000-\u303f\uff01-\uffe5]")
_NARROW_KATAKANA = re.compile("[\uff61-\uff9f]")
# Letters with accents and the signs that Western Windows has: one or two in a row.
_WESTERN = re.compile("[\u00a0-\u00ff\u0152-\u017e\u2013-\u203a\u20ac\u2122\u02c6\u02dc]{1,2}")


def decode(data: bytes) -> tuple[str, list[Message]]:
    """Give the text, and what of it could not be read.

    Raises:
        Unreadable: the bytes are in no known encoding, or are no text.
    """
    text = data.decode(_encoding(data), errors="replace")
    sample = text[:_SAMPLE]
    strange = sum(unicodedata.category(letter) in ("Cn", "Co") for letter in sample)
    share = (len(_CONTROL.findall(text)) - 1) / max(1, len(text)) + strange / max(1, len(sample))
    if share > _NONSENSE:
        raise Unreadable(
            message(
                "not-text",
                "it is not text, whatever its name says; give the document it was made of",
            )
        )
    return text, _notes(text)


def _encoding(data: bytes) -> str:
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding
    wide = b"\0" in data and max(_OTHERS[-2:], key=lambda name: _ascii_share(data, name))
    if wide and _ascii_share(data, wide) > 0.5:
        return wide
    text = data.decode("utf-8", errors="replace")
    broken = text.count(_BROKEN)
    whole = sum(map(len, _NOT_ASCII.findall(text))) - broken
    if whole >= _WHOLE * broken:
        return "utf-8"
    if foreign := _foreign(data):
        return foreign
    best = max(_OTHERS, key=lambda name: _common_share(data, name))
    if _common_share(data, best) >= _COMMON:
        return best
    if broken <= max(1, _STRAY * len(text)):
        return "utf-8"
    sentence = "it is not text in any known encoding; save it as UTF-8"
    raise Unreadable(message("unknown-encoding", sentence))


def _foreign(data: bytes) -> str:
    """Give the encoding of Japanese, Korean or Russian; empty if it is none of them."""
    shares = {name: _frequent_share(data, name, letters) for name, letters, _ in _FOREIGN}
    best, _, least = max(_FOREIGN, key=lambda entry: shares[entry[0]] / entry[2])
    return best if shares[best] >= least else ""


def _frequent_share(data: bytes, encoding: str, frequent: str) -> float:
    """Give the share of the most frequent letters among those that are not ASCII."""
    text = data[:_SAMPLE].decode(encoding, errors="replace")
    runs = _NOT_ASCII.findall(text)
    total = sum(map(len, runs))
    found = sum(letter in frequent for run in runs for letter in run)
    broken = text.count(_BROKEN)
    in_words = total >= _WORD_LENGTH * len(runs)
    return found / total if in_words and found >= _FEWEST and broken <= 0.01 * total else 0.0


def _notes(text: str) -> list[Message]:
    broken = text.count(_BROKEN)
    if not broken:
        return []
    line = text.count("\n", 0, text.index(_BROKEN)) + 1
    if broken == 1:
        what = message("broken-character", "a character in line {line}", line=line)
    else:
        sentence = "{count} characters, the first in line {line}"
        what = message("broken-characters", sentence, count=broken, line=line)
    sentence = "{what} cannot be read and stands as {sign}; save the file as UTF-8"
    return [message("not-utf-8", sentence, what=what, sign=_BROKEN)]


def _ascii_share(data: bytes, encoding: str) -> float:
    text = data[:_SAMPLE].decode(encoding, errors="replace")
    return sum(letter.isascii() and letter != "\0" for letter in text) / max(1, len(text))


def _common_share(data: bytes, encoding: str) -> float:
    """Give the share of common characters among those that are not ASCII."""
    high = _HIGH.search(data)
    start = high.start() // 2 * 2 if high else 0
    start = 0 if encoding.startswith("utf-16") else start
    text = data[start : start + _SAMPLE].decode(encoding, errors="replace")
    runs = _NOT_ASCII.findall(text)
    total = sum(map(len, runs))
    if encoding == "cp1252":
        common = sum(len(run) for run in runs if _WESTERN.fullmatch(run))
    elif encoding == "cp932":
        # Any byte of Chinese is one of the narrow letters; what is left of them tells.
        narrow = len(_NARROW_KATAKANA.findall(text))
        common = sum(letter in _common_kanji() for run in runs for letter in run)
        total = max(total - narrow, narrow)
    else:
        known = _common_han()
        common = sum(letter in known for run in runs for letter in run)
        common += sum(len(_SIGNS.findall(run)) for run in runs)
    return common / max(1, total)


@cache
def _common_han() -> frozenset[str]:
    """Give the first levels of GB 2312 and Big5: what is written daily, 7,000 characters."""
    simplified = bytes(
        byte for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for byte in (row, cell)
    )
    cells = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    traditional = bytes(byte for row in range(0xA4, 0xC7) for cell in cells for byte in (row, cell))
    return frozenset(
        simplified.decode("gb2312", errors="ignore") + traditional.decode("big5", errors="ignore")
    )


@cache
def _common_kanji() -> frozenset[str]:
    """Give the first level of JIS X 0208, wide katakana and the signs beside them."""
    leads = [0x81, 0x83, *range(0x88, 0x99)]
    pairs = (bytes((lead, cell)) for lead in leads for cell in range(0x40, 0xFD))
    letters = (pair.decode("cp932", errors="ignore") for pair in pairs)
    # A pair that is none gives its second half.
    return frozenset(one for one in letters if one >= "\u3000" and not _NARROW_KATAKANA.match(one))
