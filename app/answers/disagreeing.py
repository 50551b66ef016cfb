"""Passages that disagree: a sentence of one says what another's denies, or has another number."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from bifolio.answers.guards import findings
from bifolio.answers.names import strange_name
from bifolio.answers.quoted import Quoted
from bifolio.answers.sentences import Sentence, sentences
from bifolio.retrieval import Passage
from bifolio.retrieval.telling import telling

Kind = Literal["number", "date", "negation"]

# So much of the words of both, numbers aside, must be the same for them to speak of one thing.
_ALIKE = 0.6
# Of fewer words too much is alike.
_FEWEST = 3
_MOST = 3
_SAME_HEADING = 0.5
_NUMBER = re.compile(r"\d{2,}", re.ASCII)
_YEAR = re.compile(r"(?:19|20)\d\d\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Side(Quoted):
    """What one passage says: ``document.text[start:end]``."""

    passage: Passage
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sentences about one thing that cannot both hold; the first is one that is cited.

    ``kind`` is in what they differ; for "negation" one of them has a "not" more.
    """

    kind: Kind
    one: Side
    other: Side


def disagreements(cited: Sequence[Side], passages: Sequence[Passage]) -> tuple[Disagreement, ...]:
    """Compare what is cited with the sentences of all passages; three are found at most.

    Rows of tables differ as they should, and so do paragraphs under headings that name other
    things; neither is compared.
    """
    found: dict[frozenset[tuple[tuple[str, str], int]], Disagreement] = {}
    for side in cited:
        for mine in sentences(side.passage):
            if side.start <= mine.start and mine.end <= side.end:
                for one in _against(mine, passages):
                    found.setdefault(_places(one), one)
    return tuple(found.values())[:_MOST]


def _against(mine: Sentence, passages: Sequence[Passage]) -> Iterator[Disagreement]:
    if mine.topic or mine.head:
        return
    for passage in passages:
        for other in sentences(passage):
            same = _whole(other.passage) == _whole(mine.passage)
            if other.topic or other.head or (same and other.start == mine.start):
                continue
            if _about_one_thing(mine, other) and (kind := _difference(mine.text, other.text)):
                yield Disagreement(kind, _side(mine), _side(other))


def _about_one_thing(one: Sentence, other: Sentence) -> bool:
    mine, theirs = _plain(one.text), _plain(other.text)
    if min(len(mine), len(theirs)) < _FEWEST:
        return False
    # "Adults pay 80" and "children pay 40" speak of two things, and so do two names.
    heads = [next(iter(telling(sentence.text)), "") for sentence in (one, other)]
    apart = heads[0] not in telling(other.text) or heads[1] not in telling(one.text)
    if apart or (strange_name(one.text, other.text) and strange_name(other.text, one.text)):
        return False
    alike = len(mine & theirs) / max(len(mine), len(theirs))
    return alike >= _ALIKE and _under_one_heading(one, other)


def _plain(text: str) -> set[str]:
    return {word for word in telling(text) if not any(map(str.isdigit, word))}


def _under_one_heading(one: Sentence, other: Sentence) -> bool:
    """Tell whether the headings name one thing; editions differ in years, and may disagree."""
    paths = [sentence.passage.document.heading_path(sentence.start) for sentence in (one, other)]
    titles = [sentence.passage.document.title for sentence in (one, other)]
    ours, theirs = (
        {number for number in _NUMBER.findall(" ".join([title, *path])) if not _YEAR.match(number)}
        for title, path in zip(titles, paths, strict=True)
    )
    # Invoice 1003 and invoice 1004 may well differ.
    if ours != theirs:
        return False
    mine, others = (set(telling(path[-1])) if len(path) > 1 else set() for path in paths)
    fewer = min(len(mine), len(others))
    return not fewer or len(mine & others) >= _SAME_HEADING * fewer


def _difference(one: str, other: str) -> Kind | None:
    """Both ways: what is only said more exactly by one of them is no disagreement."""
    there, back = findings(one, other), findings(other, one)
    kinds = [finding.code for finding in there if finding.code in {back_.code for back_ in back}]
    if "negation" in kinds:
        return "negation"
    if "date" in kinds:
        return "date"
    return "number" if {"number", "unit"} & set(kinds) else None


def _side(sentence: Sentence) -> Side:
    return Side(sentence.passage, sentence.start, sentence.end)


def _places(one: Disagreement) -> frozenset[tuple[tuple[str, str], int]]:
    return frozenset((_whole(side.passage), side.start) for side in (one.one, one.other))


def _whole(passage: Passage) -> tuple[str, str]:
    """Tell which document a passage is of: two libraries may have one of a path each."""
    return passage.library, passage.document.path
