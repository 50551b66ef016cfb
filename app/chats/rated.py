"""Answers that a reader judged, and the questions for an evaluation that they make."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

from bifolio.chats.written import read_reply


@dataclass(frozen=True, slots=True)
class Rated:
    """A question whose answer a reader judged, with the files and pages that it rested on."""

    question: str
    thumb: int
    note: str
    answer: str
    places: tuple[tuple[str, tuple[int, ...]], ...]


def rated_of(question: str, thumb: int, note: str, reply: str) -> Rated:
    """Make it of what stands in the file of conversations."""
    read = read_reply(reply)
    pages: dict[str, set[int]] = {}
    for source in read.sources:
        first, last = source.pages
        pages.setdefault(PurePath(source.path).name, set()).update(range(first, last + 1))
    places = tuple((name, tuple(sorted(found))) for name, found in pages.items())
    return Rated(question, thumb, note, read.text, places)


def evaluation_lines(rated: Iterable[Rated]) -> str:
    """Write the questions that were answered well, a line of JSON each, for ``bifolio eval``.

    The place is the first document that the answer cites, and its pages. A bad answer tells no
    right place, so it makes no question.
    """
    lines: list[dict[str, object]] = []
    for one in rated:
        row: dict[str, object] = {"id": str(len(lines) + 1), "question": one.question}
        if one.thumb > 0 and one.places:
            name, pages = one.places[0]
            lines.append(row | {"document": name, "pages": pages, "note": one.note})
        elif one.thumb > 0:
            lines.append(row | {"answerable": False, "note": one.note})
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
