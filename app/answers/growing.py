"""A passage grows to its section, best first, as far as the budget of a language model goes."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace

from bifolio.ingest import Document
from bifolio.ingest.sentences import sentences_of
from bifolio.retrieval import Passage

Span = tuple[int, int]
Count = Callable[[str], int]

# Tokens by which a passage grows at most within a section that does not fit as a whole, so that
# one long section leaves room for the neighbours of the other passages.
_PART = 400
# Characters of a token at most, roughly: farther away nothing can be within the budget.
_LONGEST_TOKEN = 8


def grow(passages: Sequence[Passage], *, count: Count, budget: int) -> tuple[Passage, ...]:
    """Let passages grow by ``budget`` tokens together, as ``count`` counts them, best first.

    A passage becomes its whole section, which is what stands under the same headings, where that
    fits; else as many of the sentences next to it as do, those behind it first. None reaches into
    another passage. The order of the passages stays.
    """
    grown = list(passages)
    left = budget
    for place, passage in enumerate(passages):
        others = [one for other, one in enumerate(grown) if other != place]
        grown[place], spent = _grown(passage, _room(passage, others), count, left)
        left -= spent
    return tuple(grown)


def section(document: Document, offset: int) -> Span:
    """Give the span of what stands under the same headings as an offset, the last of them too."""
    starts = [heading.start for heading in document.headings]
    place = bisect_right(starts, offset)
    first = starts[place - 1] if place else 0
    return first, starts[place] if place < len(starts) else len(document.text)


def _room(passage: Passage, others: Sequence[Passage]) -> Span:
    """Give how far a passage may reach: to its sections' ends, and to the next passages."""
    document = passage.document
    first, _ = section(document, passage.start)
    _, last = section(document, passage.end - 1)
    for other in others:
        if other.document.path == document.path:
            if other.end <= passage.start:
                first = max(first, other.end)
            elif other.start >= passage.end:
                last = min(last, other.start)
    return min(first, passage.start), max(last, passage.end)


def _grown(passage: Passage, room: Span, count: Count, left: int) -> tuple[Passage, int]:
    """Give the passage within its room, and the tokens that it took."""
    document, far = passage.document, max(0, left) * _LONGEST_TOKEN
    before = sentences_of(document, max(room[0], passage.start - far), passage.start)
    behind = sentences_of(document, passage.end, min(room[1], passage.end + far))
    if left <= 0 or not (before or behind):
        return passage, 0
    own = count(passage.text)
    whole = _widened(passage, before[0][0] if before else None, behind[-1][1] if behind else None)
    reached = room[0] >= passage.start - far and room[1] <= passage.end + far
    if reached and (spent := count(whole.text) - own) <= left:
        return whole, max(0, spent)
    part = _part(passage, before, behind, count, min(left, _PART))
    return part, max(0, count(part.text) - own)


def _part(
    passage: Passage, before: list[Span], behind: list[Span], count: Count, left: int
) -> Passage:
    """Add sentences in turn, the next one behind and the next one before, while they fit."""
    text, widened = passage.document.text, passage
    before, behind = before[::-1], list(behind)
    while before or behind:
        for near, is_behind in ((behind, True), (before, False)):
            if not near:
                continue
            start, end = near.pop(0)
            left -= count(text[start:end])
            if left < 0:
                return widened
            widened = _widened(widened, None, end) if is_behind else _widened(widened, start, None)
    return widened


def _widened(passage: Passage, start: int | None, end: int | None) -> Passage:
    """Let the first chunk begin earlier and the last one end later."""
    chunks = list(passage.chunks)
    if start is not None:
        chunks[0] = replace(chunks[0], start=start)
    if end is not None:
        chunks[-1] = replace(chunks[-1], end=end)
    return Passage(tuple(chunks), passage.score, passage.best)
