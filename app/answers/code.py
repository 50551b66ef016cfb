"""Code in a model's reply, told while it comes: blocks between fences, and spans between ticks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,2}[.)])[ \t]+)?(?P<sign>`{3,}|~{3,})(?P<info>[^`\n]*)")
# What may still become a fence, at the beginning of a line.
_MAYBE_FENCE = re.compile(r"[ \t]*(?:(?:[-*+]|\d{1,2}[.)]?)[ \t]*)?(?:`{0,2}|~{0,2})\Z")
# A model that puts its whole answer between fences wrote no code.
_PROSE = frozenset(["", "markdown", "md", "text", "txt", "plaintext", "plain"])
_SPAN = re.compile(r"(?P<ticks>`+)[^\n]*?(?<!`)(?P=ticks)(?!`)")
_TICKS = re.compile(r"`+")
_LONGEST_SPAN = 200


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a reply that is code, or none of it is."""

    text: str
    code: bool


class Fences:
    """Parts a reply into code blocks and the rest; fences belong to their block.

    A block that begins the reply and names no language is no code.
    """

    def __init__(self) -> None:
        self._held = ""
        self._sign = ""
        self._code = False
        # What was given back of the current line: a fence begins a line.
        self._begun = False
        self._said = False

    def feed(self, piece: str) -> Iterator[Part]:
        """Take a piece, and yield what is settled."""
        lines = (self._held + piece).splitlines(keepends=True)
        self._held = ""
        for line in lines:
            ended = line.endswith("\n")
            open_ = not ended and (_MAYBE_FENCE.match(line) or _FENCE.match(line))
            if not self._begun and open_:
                self._held = line
                return
            yield self._part(line)
            self._begun = not ended

    def finish(self) -> Iterator[Part]:
        """Yield what was held back, now that nothing more comes."""
        if self._held:
            yield self._part(self._held)
        self._held = ""

    def _part(self, line: str) -> Part:
        found = None if self._begun else _FENCE.match(line)
        code = self._code
        if found and not self._sign:
            first = not self._said and found["info"].strip().lower() in _PROSE
            self._sign = found["sign"]
            self._code = code = not first
        elif found and found["sign"].startswith(self._sign) and not found["info"].strip():
            self._sign, self._code = "", False
        self._said = self._said or bool(line.strip())
        return Part(line, code)


def spans(text: str) -> list[tuple[int, int]]:
    """Give the places of the spans between ticks, ticks included."""
    return [found.span() for found in _SPAN.finditer(text)]


def open_span(text: str, cut: int) -> int:
    """Give the first place from which ticks may still become another span; at most ``cut``."""
    closed = spans(text)
    for found in _TICKS.finditer(text, text.rfind("\n") + 1):
        if len(text) - found.start() > _LONGEST_SPAN or found.start() >= cut:
            continue
        end = next((end for start, end in closed if start <= found.start() < end), None)
        if end is None or cut < end or end == len(text):
            return found.start()
    return cut
