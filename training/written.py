"""The written questions as examples: with whole chunks as passages, and with single sentences."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

from training.data import Direction, Example, Language, page_of, rows
from training.sentences import Small, split

_LONGEST: dict[Language, int] = {"en": 1500, "zh": 560}  # characters of a chunk
# By the passage's language, and the question's.
_DIRECTIONS: dict[Language, dict[Language, Direction]] = {
    "en": {"en": "en", "zh": "zh-en"},
    "zh": {"en": "en-zh", "zh": "zh"},
}
_WRONG = 7
_SEARCHED = 0.3  # of the questions, as search words too


def examples(file: Path, *, seed: int) -> list[Example]:
    """Give the questions of each section, and some as search words, with the chunk that holds it.

    Chunks are one section or several that follow each other on a page, every other one under its
    heading, as the application reads them.
    """
    chance = random.Random(seed)
    found = []
    for page in _pages(file):
        for chunk in _chunks(page, chance):
            text = _text(chunk, chance)
            xids = frozenset(row["xid"] for row in chunk if row["xid"])
            for row in chunk:
                found += [replace(one, passage=text, xids=xids) for one in _asked(row, chance)]
    return found


def _pages(file: Path) -> Iterator[list[dict[str, Any]]]:
    every = sorted(rows(file), key=lambda row: int(row["place"]))
    for _, page in groupby(every, lambda row: (row["source"], page_of(row["title"], row["text"]))):
        yield list(page)


def _chunks(
    page: Sequence[dict[str, Any]], chance: random.Random
) -> Iterator[list[dict[str, Any]]]:
    """Cut a page, half the time into its sections."""
    longest = chance.choice((0, _LONGEST[page[0]["lang"]]))
    chunk: list[dict[str, Any]] = []
    for row in page:
        if chunk and sum(len(one["text"]) for one in (*chunk, row)) > longest:
            yield chunk
            chunk = []
        chunk.append(row)
    yield chunk


def _text(chunk: Sequence[dict[str, Any]], chance: random.Random) -> str:
    titled = chance.random() < 0.5
    parts = [
        part
        for row in chunk
        for part in ((row["title"], row["text"]) if titled or len(chunk) > 1 else (row["text"],))
        if part
    ]
    return "\n".join(dict.fromkeys(parts))


def _asked(row: dict[str, Any], chance: random.Random) -> Iterator[Example]:
    language: Language = row["lang"]
    for asked, direction in _DIRECTIONS[language].items():
        other = "" if asked == language else row[language]
        yield Example(direction, "written", row[asked], "", other)
    if chance.random() < _SEARCHED:
        yield Example(language, "written", row["search"], "")


def sentences(file: Path, *, count: int, seed: int) -> list[Small]:
    """Give questions with the sentence that answers, against the others of its section."""
    chance = random.Random(seed)
    found = []
    for row in rows(file):
        others = [one for one in split(row["text"]) if one != row["sentence"] and len(one) > 8]
        if len(others) < 3:
            continue
        language: Language = row["lang"]
        asked, direction = chance.choice([*_DIRECTIONS[language].items()])
        other = "" if asked == language else row[language]
        wrong = chance.sample(others, min(_WRONG, len(others)))
        found.append(Small(direction, "sentence", row[asked], other, row["sentence"], wrong, []))
    chance.shuffle(found)
    return found[:count]
