"""A server's own words, as far as they may be shown: its address, its errors, the pause it asks."""

import email.utils
import json
import re
import time
from urllib.parse import urlsplit

_MOST_WORDS = 300
# Escapes, line breaks, and what turns the direction of writing.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+")
# Statuses of HTTP that may be over soon.
PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
_PAGE = re.compile(r"\s*<(?:!doctype|html|head|body|\?xml)", re.IGNORECASE)
_NAMES = ("message", "error", "detail", "errors", "msg", "error_msg", "code", "errorCode", "type")


def address(url: str) -> str:
    """Name a server by its address, without what may be secret in it: a password, a query."""
    parts = urlsplit(url)
    plain = parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="")
    return plain.geturl()


def said(error: object) -> str:
    """Find the words in what a server reports, whatever its form; nothing if there are none.

    A page of HTML is made for eyes, and says nothing here.
    """
    for _ in range(4):
        if isinstance(error, list) and error:
            error = error[0]
        if not isinstance(error, dict):
            break
        error = next((error[name] for name in _NAMES if error.get(name)), None)
    if isinstance(error, dict | list):
        error = json.dumps(error, ensure_ascii=False)
    words = str(error or "")
    return "" if _PAGE.match(words) else printable(words)


def printable(words: str) -> str:
    """Make words of a server fit to be shown on a terminal: no escapes, and not without end."""
    return _UNPRINTABLE.sub(" ", words[: 4 * _MOST_WORDS]).strip()[:_MOST_WORDS]


def asked_pause(header: str | None) -> float | None:
    """Read Retry-After, seconds or a date: the seconds to wait."""
    if not header:
        return None
    try:
        seconds = float(header)
    except ValueError:
        try:
            seconds = email.utils.parsedate_to_datetime(header).timestamp() - time.time()
        except ValueError:
            return None
    return max(0.0, seconds) if seconds == seconds else None
