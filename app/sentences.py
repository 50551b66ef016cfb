"""Where the sentences of a passage begin and end."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bifolio.retrieval import Passage

# A sentence ends at a line's end, after Chinese punctuation, and after a Latin full stop that is
# followed by a space and what can open a sentence.
_BREAK = re.compile(
    r"\n+|(?<=[。！？；])(?![。！？；”’」』）])|(?<=[。！？；][”’」』）])"
    r"|(?<=[.!?])\s+(?=[A-Z0-9\"“‘(\u4e00-\u9fff])|(?<=[.!?][\"”’)])\s+(?=[A-Z0-9\"“‘(])"
)
# What holds neither a word nor two Chinese characters says nothing: "4.", "- -".
_WORDS = re.compile(r"[^\W\d_]{2}")
_ABBREVIATION = re.compile(
    r"\b(?:Mr|Mrs|Ms|Dr|Prof|No|Nos|Fig|Figs|Eq|Sec|St|vs|cf|al|e\.g|i\.e|approx|pp?)\.\s*$"
)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of a passage's document: ``document.text[start:end]``."""

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """Its words, as they stand in the document."""
        return self.passage.document.text[self.start : self.end]


def sentences(passage: Passage) -> list[Sentence]:
    """Cut a passage into its sentences; a table's row or a list's item counts as one."""
    spans = list(sentence_spans(passage.document.text, passage.start, passage.end))
    spans = spans or [(passage.start, passage.end)]
    return [Sentence(passage, start, end) for start, end in spans]


def is_heading(sentence: Sentence) -> bool:
    """Tell whether the sentence is a heading of its document, or a question."""
    document = sentence.passage.document
    return sentence.text.endswith(("?", "？")) or any(
        sentence.start <= heading.start < sentence.end
        and len(sentence.text) <= len(heading.title) + 16
        for heading in document.headings
    )


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield where the sentences of ``text[start:end]`` begin and end."""
    breaks = [found.span() for found in _BREAK.finditer(text, start, end)]
    begin = start
    for stop, after in [*breaks, (end, end)]:
        piece = text[begin:stop]
        if _ABBREVIATION.search(piece) and stop < end:
            continue
        if _WORDS.search(piece):
            yield begin + len(piece) - len(piece.lstrip()), begin + len(piece.rstrip())
        begin = after
