"""The keys of passages in a model's reply become markers, whatever brackets it put them in.

A marker is known by its place, never by how it looks: a model or a document may write "[1]" too,
and that stays what it is, text.
"""

import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bifolio.answers.code import Fences, Part, open_span, spans
from bifolio.retrieval import Passage

_KEY_BYTES = 2
# So many citations of what has just been cited are no more than a model that cannot stop.
_STUCK = 20
# The form of our keys: a letter and a digit at least, so that no year, word or number is one.
_FORM = r"(?=[0-9a-f]*[0-9])(?=[0-9a-f]*[a-f])[0-9a-f]{4}"
_OURS = re.compile(rf"{_FORM}\Z")
_POWER = re.compile(r"\d+e\d+\Z")
_ONLY_FORMS = re.compile(rf"\W*{_FORM}(?:\W+{_FORM})*\W*\Z", re.IGNORECASE)

_OPEN, _CLOSE = "[【［〔〖⟦«(（<{", "]】］〕〗⟧»)）>}"
_SQUARE = "[【［〔〖⟦«<"
_PLAIN = rf"[^{re.escape(_OPEN + _CLOSE)}\n]"
_TAGS = r"<(?:cite|ref|sup|source|citation)>"
# As Markdown or TeX would have it: \\[key\\], \\cite{key}.
_ESCAPED = r"\\(?:cite[a-z]{0,5}|ref|footnote)?(?=[\[({])"
_WRAP = rf"(?:{_TAGS}|{_ESCAPED}|[`*_^]{{1,3}})"
_LINK = re.compile(r"\([^()\n]{0,300}\)")
# Words that say no more than that a key follows.
_FILLER = re.compile(
    r"\b(?:keys?|passages?|sources?|refs?|references?|cite[ds]?|citations?|documents?|docs?|ids?"
    r"|see|cf|per|according to|and|from|p|pp|pages?|lines?)\b|[LlPp]?\d+"
    r"|来源|出处|参见|引用|文档|段落|密钥|键|见|和|第|页",
    re.IGNORECASE,
)
_SIGNS = " .,;:，；：.、#@†-–^`*_\\"
# What may still become a citation, at the end of what has come so far.
_MAYBE = re.compile(
    rf"{_WRAP}?[{re.escape(_OPEN)}]{{1,4}}{_PLAIN}{{0,80}}[{re.escape(_CLOSE)}]{{0,4}}"
    rf"(?:\([^()\n]{{0,300}}\)?|</?\w{{0,8}}>?|[`*_^]{{1,3}})?\Z"
    rf"|{_WRAP}?(?<!\w)[0-9a-f]{{1,4}}(?:</?\w{{0,8}}>?|[`*_^]{{1,3}})?\Z"
    rf"|</?\w{{0,8}}>?\Z|[`*_^]{{1,3}}\Z|\\[a-z]{{0,9}}\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A marker that we wrote: ``text[start:end]`` of the answer's text, such as [1]."""

    start: int
    end: int
    number: int


def with_keys(passages: Iterable[Passage]) -> dict[str, Passage]:
    """Give each passage a random key, so that no document can cite itself."""
    keyed: dict[str, Passage] = {}
    for passage in passages:
        key = ""
        while key in keyed or not _OURS.match(key) or _POWER.match(key):
            key = secrets.token_hex(_KEY_BYTES)
        keyed[key] = passage
    return keyed


class Markers:
    """Replaces keys by numbers in the order of their first use.

    What has the form of a key and was not handed out is dropped; every other bracket stays, and
    so does all code: a key alone between ticks is none.
    ``marks`` are the places of the markers in all the text that was given back.
    """

    def __init__(self, keys: Iterable[str]) -> None:
        self._known = {key.lower() for key in keys}
        self.numbers: dict[str, int] = {}
        self.marks: list[Mark] = []
        self._held = ""
        self._fences = Fences()
        self._length = 0
        self._last = ""
        self._run = Run()
        known = "|".join(map(re.escape, sorted(self._known))) or r"(?!)"
        self._key = re.compile(rf"(?<![0-9a-z])(?:{known})(?![0-9a-z])", re.IGNORECASE)
        self._citation = re.compile(
            rf"(?P<wrap>{_WRAP})?"
            rf"(?:(?P<open>[{re.escape(_OPEN)}]{{1,4}})(?P<inside>{_PLAIN}{{1,80}})"
            rf"(?P<close>[{re.escape(_CLOSE)}]{{1,4}})|(?P<bare>{known})(?![\w/=-]))",
            re.IGNORECASE,
        )

    @property
    def is_stuck(self) -> bool:
        """Whether the model cites again and again what it has just cited, as small ones may."""
        return self._run.again >= _STUCK

    def replace(self, pieces: Iterable[str]) -> Iterator[str]:
        """Yield the pieces with markers for keys, holding back what may become a key."""
        for piece in pieces:
            if shown := self.feed(piece):
                yield shown
        if shown := self.finish():
            yield shown

    def feed(self, piece: str) -> str:
        """Take a piece, and give what can be shown."""
        return "".join(map(self._part, self._fences.feed(piece)))

    def finish(self) -> str:
        """Give what was held back, now that nothing more comes."""
        return "".join(map(self._part, self._fences.finish())) + self._settled()

    def _part(self, part: Part) -> str:
        if part.code:
            before = self._settled()
            self._length += len(part.text)
            self._last = part.text[-1:]
            return before + part.text
        text = self._held + part.text
        open_ = _MAYBE.search(text)
        cut = open_span(text, open_.start() if open_ else len(text))
        self._held = text[cut:]
        return self._marked(text[:cut])

    def _settled(self) -> str:
        text, self._held = self._held, ""
        return self._marked(text)

    def _marked(self, text: str) -> str:
        shown = _Shown(self._length, self._run)
        code = [(start, end) for start, end in spans(text) if self._is_code(text[start:end])]
        place = 0
        while found := self._citation.search(text, place):
            inside = next((end for start, end in code if start <= found.start() < end), None)
            if inside is not None:
                shown.add(text[place:inside])
                place = inside
                continue
            before = text[found.start() - 1] if found.start() else self._last
            shown.add(text[place : found.start()])
            place = self._cite(text, found, before, shown)
        shown.add(text[place:])
        self._length += len(shown.text)
        self._last = text[-1:] or self._last
        self.marks += shown.marks
        return shown.text

    def _cite(self, text: str, found: re.Match[str], before: str, shown: "_Shown") -> int:
        """Show what was found, as markers or as it is; give the place behind it in the text."""
        wrap = found["wrap"] or ""
        if found["bare"]:
            if before.isascii() and (before.isalnum() or before in tuple("_/=#.-")) and not wrap:
                shown.add(found[0])
                return found.end()
            stays, behind = _unwrapped(text, found.end(), wrap)
            shown.add(stays)
            shown.mark(self._numbers(found["bare"]))
            return behind
        opened, inside = found["open"], found["inside"]
        depth = _depth(opened, found["close"])
        numbers = self._numbers(inside)
        end = found.end() - len(found["close"]) + depth
        outer = opened[len(opened) - depth] if depth else ""
        if not depth or not (numbers or self._unknown(inside, outer)):
            # Only its opening is settled: what is inside may hold a key without brackets.
            shown.add(wrap + opened)
            return found.start("inside")
        kept = opened[: len(opened) - depth]
        if outer in _SQUARE or not self._words(inside):
            link = _LINK.match(text, end) if outer == "[" else None
            end = link.end() if link else end
            stays, behind = (wrap + kept, end) if kept else _unwrapped(text, end, wrap)
            shown.add(stays)
            shown.mark(numbers)
            return behind
        shown.add(wrap + opened)
        return found.start("inside")

    def _numbers(self, inside: str) -> list[int]:
        keys = dict.fromkeys(key.lower() for key in self._key.findall(inside))
        return [self.numbers.setdefault(key, len(self.numbers) + 1) for key in keys]

    def _words(self, inside: str) -> str:
        return _FILLER.sub("", self._key.sub("", inside)).strip(_SIGNS)

    def _is_code(self, span: str) -> bool:
        """Tell whether there is more between ticks than a citation."""
        inside = re.sub(rf"[{re.escape(_OPEN + _CLOSE)}]", " ", span)
        return bool(self._words(inside)) and not _ONLY_FORMS.match(inside)

    def _unknown(self, inside: str, outer: str) -> bool:
        return outer in _SQUARE and bool(_ONLY_FORMS.match(inside))


class Run:
    """Markers that follow each other with nothing but blanks between them.

    ``again`` counts those that repeat one of them.
    """

    def __init__(self) -> None:
        self.again = 0
        self._numbers: set[int] = set()
        self._same_line = True

    def passes(self, text: str) -> None:
        """Take text that stands behind the markers: more than blanks ends the run."""
        if text.strip():
            self.again, self._numbers = 0, set()
        self._same_line = self._same_line and "\n" not in text

    def shows(self, number: int) -> bool:
        """Tell whether a marker is to be shown: not one again in its line.

        One that begins a line may belong to the sentence behind it.
        """
        repeats = number in self._numbers
        self.again += repeats
        shown = not (repeats and self._same_line)
        self._numbers.add(number)
        self._same_line = True
        return shown


class _Shown:
    """Text that is being put together, and the markers in it."""

    def __init__(self, offset: int, run: Run) -> None:
        self.text = ""
        self.marks: list[Mark] = []
        self._offset, self._run = offset, run

    def add(self, text: str) -> None:
        """Append text that is no marker."""
        self.text += text
        self._run.passes(text)

    def mark(self, numbers: Iterable[int]) -> None:
        """Append a marker for each number."""
        for number in numbers:
            if not self._run.shows(number):
                continue
            start = self._offset + len(self.text)
            self.text += f"[{number}]"
            self.marks.append(Mark(start, start + len(f"[{number}]"), number))


def _depth(opened: str, closed: str) -> int:
    """Count the brackets that close in the order in which they were opened."""
    depth = 0
    for one, other in zip(reversed(opened), closed, strict=False):
        if _CLOSE[_OPEN.index(one)] != other:
            break
        depth += 1
    return depth


def _unwrapped(text: str, place: int, wrap: str) -> tuple[str, int]:
    """Skip what closes the wrapping, the same signs or the closing tag; give what stays of it.

    Stars that close nothing behind the key end bold words before it.
    """
    closing = wrap.replace("<", "</") if wrap.startswith("<") else wrap
    if closing and text.startswith(closing, place):
        return "", place + len(closing)
    return ("" if wrap.strip("*_") else wrap), place
