"""Exact words and codes in the documents of a library, each with its page and line."""

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypedDict
from unicodedata import normalize

from bifolio.ingest import BifolioError, Document, Message, message
from bifolio.ingest.parsed import is_wide
from bifolio.retrieval import LibraryStore

SECONDS = 10.0
_LONGEST = 1000
_SPACE = re.compile(r"\s+")
# So far behind a letter its full-width form stands among the characters.
_WIDER = 0xFEE0
_BREAKING, _END = "-/－／", r"(?:\n[ \t]*)?"


class BadPattern(BifolioError):  # noqa: N818 - the name says what is wrong
    """A pattern cannot be looked for, or took too long."""


@dataclass(frozen=True, slots=True)
class Match:
    """A place of a document that a pattern fits: ``start`` and ``end`` in characters of its text.

    ``page`` is the counted page and ``label`` the printed one, empty where none is known; ``line``
    counts from 1 on that page. ``text`` is the whole line, or the lines that the match lies on.
    """

    document: str
    title: str
    page: int
    label: str
    line: int
    start: int
    end: int
    matched: str
    text: str


class GrepOptions(TypedDict, total=False):
    """The options of :func:`grep`."""

    regex: bool
    ignore_case: bool
    whole_words: bool
    seconds: float


def grep(
    store: LibraryStore,
    pattern: str,
    *,
    regex: bool = False,
    ignore_case: bool = False,
    whole_words: bool = False,
    seconds: float = SECONDS,
) -> Iterator[Match]:
    """Yield every place of the library's documents that holds the pattern, by path and place.

    The pattern is meant literally, but that a space of it stands for any white space, since lines
    break anywhere, also behind a hyphen and between Chinese characters; full-width letters are
    those of the usual width. A regular expression may look at the documents for ``seconds`` in all.

    Raises:
        BadPattern: it is empty, no regular expression, or took too long.
        StoreError: the library cannot be read.
    """
    search = _searcher(pattern, regex, ignore_case, whole_words)
    with store.reading() as view:
        paths = [entry.path for entry in view.entries()]
    left = seconds
    for path in paths:
        # A document at a time, so that a long search keeps nobody waiting and little in memory.
        with store.reading() as view:
            try:
                document = view.document(path)
            except KeyError:
                continue
        began = time.monotonic()
        try:
            found = list(_places(document.text, search, left))
        except TimeoutError:
            raise BadPattern(_too_long(pattern, path, seconds)) from None
        left -= time.monotonic() - began
        for start, end in found:
            yield _match(document, start, end)


def _places(text: str, search: "_Search", seconds: float) -> Iterator[tuple[int, int]]:
    """Yield the start and end of each place, one behind the other, in so many seconds in all."""
    at, until = 0, time.monotonic() + seconds
    while at <= len(text):
        found = search(text, at, until - time.monotonic())
        if found is None:
            return
        start, end = found
        at = max(end, start + 1)
        # What fits between two characters shows nothing.
        if end > start:
            yield start, end


_Search = Callable[[str, int, float], tuple[int, int] | None]


def _searcher(pattern: str, regex: bool, ignore_case: bool, whole_words: bool) -> _Search:
    from regex import IGNORECASE, MULTILINE, compile, error

    if not pattern.strip() or len(pattern) > _LONGEST:
        sentence = "give a pattern of 1 to {most} characters"
        raise BadPattern(message("bad-pattern", sentence, most=_LONGEST))
    if not regex:
        # As it is written, or with its accents apart or in one with their letters.
        forms = dict.fromkeys([pattern, *(normalize(form, pattern) for form in ("NFC", "NFD"))])
        pattern = "|".join(map(_literal, forms))
    if whole_words:
        pattern = rf"(?<!\w)(?:{pattern})(?!\w)"
    try:
        compiled: Any = compile(pattern, MULTILINE | (IGNORECASE if ignore_case else 0))
    except (error, RecursionError, OverflowError) as problem:
        sentence = "{pattern} is no regular expression ({problem}); leave out --regex to take it"
        sentence += " literally"
        raise BadPattern(
            message("no-regular-expression", sentence, pattern=pattern, problem=str(problem))
        ) from problem

    def search(text: str, at: int, left: float) -> tuple[int, int] | None:
        """Give the first place from there on, in so many seconds."""
        if left <= 0 and regex:
            raise TimeoutError
        found = compiled.search(text, at, timeout=left if regex else None)
        return found.span() if found else None

    return search


def _literal(text: str) -> str:
    return r"\s+".join(map(_word, _SPACE.split(text)))


def _word(word: str) -> str:
    """Give the expression for letters of either width, in which a line may end.

    It may behind a hyphen or a slash, as in a code, and between Chinese characters.
    """
    parts = []
    for letter, after in zip(word, [*word[1:], ""], strict=True):
        code = ord(letter)
        other = chr(code + _WIDER) if 0x21 <= code <= 0x7E else ""
        other = chr(code - _WIDER) if 0xFF01 <= code <= 0xFF5E else other
        parts.append(f"[{re.escape(letter)}{re.escape(other)}]" if other else re.escape(letter))
        if after and (letter in _BREAKING or (is_wide(letter) and is_wide(after))):
            parts.append(_END)
    return "".join(parts)


def _too_long(pattern: str, path: str, seconds: float) -> Message:
    sentence = (
        "{pattern} took over {seconds:g} s and was stopped at {path}; make it simpler, or allow"
        " more by --seconds"
    )
    return message("slow-pattern", sentence, pattern=pattern, seconds=seconds, path=path)


def _match(document: Document, start: int, end: int) -> Match:
    text = document.text
    page, label = document.pages_of(start, end)[0], document.labels_of(start, end)[0]
    begins = next(one.start for one in document.pages if one.number == page)
    first = text.rfind("\n", 0, start) + 1
    last = text.find("\n", end - 1 if text[end - 1] == "\n" else end)
    return Match(
        document=document.path,
        title=document.title,
        page=page,
        label=label,
        line=text.count("\n", begins, start) + 1,
        start=start,
        end=end,
        matched=text[start:end],
        text=text[first : len(text) if last < 0 else last],
    )
