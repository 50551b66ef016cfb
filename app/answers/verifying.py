"""Anybody's answer checked against a library: its quotes at their places, then its claims."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from bifolio.answers.answer import Claim
from bifolio.answers.citing import Mark
from bifolio.answers.claims import check
from bifolio.answers.covering import covered
from bifolio.ingest import BifolioError, Chunk, Document
from bifolio.retrieval import Judge, Passage
from bifolio.settings import SUPPORT

Place = Literal["there", "elsewhere", "absent", "no document"]
_PLACES: tuple[Place, ...] = get_args(Place)

# Characters on both sides of a quote that belong to what is cited: a claim may rest on more than
# the sentence that was picked to be shown.
_AROUND = 600
# Markers as others write them too: [1, 2], [1-3], [^1], 【1】; in round brackets stands anything.
_MARKER = re.compile(
    r"[\[【［]\^?\s*(?:(?:passage|source|doc|citation|来源|文档)s?[\s:：]*)?"
    r"(?P<numbers>\d{1,4}(?:\s*[,，、;；–—-]\s*\^?\d{1,4})*)\s*(?:†[^\]】］]{0,40})?[\]】］]",
    re.IGNORECASE,
)
_SPAN = re.compile(r"(\d+)\s*[–—-]\s*(\d+)")
_WIDEST = 20
# Signs that are typed in more than one way.
_LIKE = {sign: f"[{alike}]" for alike in ("'‘’`", '"“”„', "‐‑–—-") for sign in alike}


class NotAnAnswer(BifolioError):  # noqa: N818 - the name says what is wrong
    """What is to be verified has not the form of an answer."""


@dataclass(frozen=True, slots=True)
class CheckedQuote:
    """A citation of the answer, and whether its words are in the document.

    "elsewhere" is a quote that stands at another place than it says; the claims that cite what is
    "absent", or a document that the library has not, are not supported.
    """

    marker: int
    document: str
    quote: str
    place: Place


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found about an answer: every citation, and every sentence."""

    quotes: tuple[CheckedQuote, ...]
    claims: tuple[Claim, ...]

    @property
    def sound(self) -> bool:
        """Whether every sentence is supported and every quote is in its document."""
        quoted = all(one.place in ("there", "elsewhere") for one in self.quotes)
        return quoted and all(one.supported for one in self.claims)


def verify(
    given: object,
    *,
    sources: Callable[[str, str], Sequence[Document]],
    judge: Judge,
    threshold: float = SUPPORT,
) -> Verified:
    """Check what ``bifolio ask --json`` prints, or what has the same fields.

    Read are ``answer``, ``question`` (may be missing) and ``citations``, each with ``marker``,
    ``document`` and ``quote``; ``start`` and ``end`` say where the quote stands. ``marks``, pairs
    of a place in the answer and a number, say which brackets are markers; without them all are
    that bear the number of a citation. ``sources`` gives the documents that are meant
    by a path, and by the ``library`` that a citation names or "".

    Raises:
        NotAnAnswer: what is given has not this form; the message names the field.
    """
    fields = _object(given, "the answer")
    text, question = _text(fields, "answer"), str(fields.get("question") or "")
    listed = fields.get("citations")
    if not isinstance(listed, list):
        raise NotAnAnswer("the answer has no list `citations`; give what `ask --json` prints")
    quotes: list[CheckedQuote] = []
    passages: dict[int, Passage] = {}
    for cited in (_object(entry, "a citation") for entry in listed):
        quote, passage = _check_quote(cited, sources)
        quotes.append(quote)
        if passage is not None:
            passages[quote.marker] = passage
    marks = _marks(text, fields.get("marks"), {quote.marker for quote in quotes})
    claims = check(text, marks, passages, judge=judge, question=question, threshold=threshold)
    claims = covered(claims, text, passages, judge=judge, question=question, threshold=threshold)
    lost = {quote.marker for quote in quotes} - passages.keys()
    return Verified(tuple(quotes), tuple(_lost(claim, lost) for claim in claims))


def _check_quote(
    cited: Mapping[str, Any], sources: Callable[[str, str], Sequence[Document]]
) -> tuple[CheckedQuote, Passage | None]:
    marker, path, words = cited.get("marker"), _text(cited, "document"), _text(cited, "quote")
    if not isinstance(marker, int) or isinstance(marker, bool):
        raise NotAnAnswer("a citation has no number `marker`; give what `ask --json` prints")
    found = [
        _in_document(cited, words, source)
        for source in sources(path, str(cited.get("library") or ""))
    ]
    if not found:
        return CheckedQuote(marker, path, words, "no document"), None
    place, passage = min(found, key=lambda one: _PLACES.index(one[0]))
    return CheckedQuote(marker, path, words, place), passage


def _in_document(
    cited: Mapping[str, Any], words: str, source: Document
) -> tuple[Place, Passage | None]:
    start, end = cited.get("start"), cited.get("end")
    span = _find(words, source.text)
    place: Place = "elsewhere" if span else "absent"
    if isinstance(start, int) and isinstance(end, int) and source.text[start:end] == words:
        span, place = (start, end), "there"
    if span is None or not words.strip():
        return "absent", None
    first, last = max(0, span[0] - _AROUND), min(len(source.text), span[1] + _AROUND)
    return place, Passage((Chunk(source, first, last),), 1.0)


def _find(words: str, text: str) -> tuple[int, int] | None:
    """Find a quote whatever its white space, its kind of quotation marks and dashes."""
    pieces = [
        "".join(_LIKE.get(sign) or re.escape(sign) for sign in word)
        for word in words.strip(" \n.…").split()
    ]
    found = re.search(r"\s+".join(pieces), text) if pieces else None
    return found.span() if found else None


def _marks(text: str, given: object, numbers: set[int]) -> list[Mark]:
    found = [
        Mark(*one.span(), number)
        for one in _MARKER.finditer(text)
        for number in _numbers(one["numbers"])
    ]
    if isinstance(given, list):
        return [mark for mark in found if [mark.start, mark.number] in given]
    return [mark for mark in found if mark.number in numbers]


def _numbers(written: str) -> list[int]:
    """Give the numbers of one bracket, those between the ends of a span too."""
    found = {int(number) for number in re.findall(r"\d+", written)}
    for first, last in _SPAN.findall(written):
        if int(last) - int(first) <= _WIDEST:
            found |= set(range(int(first), int(last)))
    return sorted(found)


def _lost(claim: Claim, lost: set[int]) -> Claim:
    if not lost & set(claim.markers):
        return claim
    return replace(claim, supported=False, reason="misquoted")


def _object(given: object, what: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise NotAnAnswer(f"{what} is no JSON object; give what `ask --json` prints")
    return given


def _text(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise NotAnAnswer(f"there is no text `{name}`; give what `ask --json` prints")
    return value
