"""Small groups that need no mining: single sentences, and windows of translated text.

A sentence that answers stands against the others of its passage: quotes are chosen so. A sentence
in one language stands against windows of text in the other, one of which holds its translation:
reading across the languages begins with knowing which words stand for which.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from training.data import Direction, rows
from training.glossary import Glossary

# Sources whose answers are words of the passage.
_EXTRACTED = ("fairytaleqa-train", "cmrc2018-trial", "drcd-dev")
_END = re.compile(r"(?<=[.!?])\s+|(?<=[。！？])|\n+")
_SHORT = 3  # characters: no sentence
_WRONG = 7
_WINDOW = 4  # sentences at most
_APART = 24  # how many rows of a source a group is drawn from


@dataclass(frozen=True, slots=True)
class Small:
    """A question, the text that answers it, and texts that do not: in its language, and not.

    ``other`` is the question in the text's language, where the two differ.
    """

    direction: Direction
    kind: str
    question: str
    other: str
    right: str
    wrong: list[str]
    foreign: list[str]


def sentence_groups(folder: Path, *, count: int, seed: int) -> list[Small]:
    """Give questions whose answer stands in one sentence of the passage, a third across."""
    chance = random.Random(seed)
    glossary = Glossary(rows(folder / "dictionary_en_zh.jsonl.gz"))
    found = []
    for name in ("qa_en", "qa_zh"):
        for row in rows(folder / f"{name}.jsonl.gz"):
            if row["source"] in _EXTRACTED and (small := _sentence(row, glossary, chance)):
                found.append(small)
    chance.shuffle(found)
    return found[:count]


def split(text: str) -> list[str]:
    """Give the sentences of a text, each once."""
    parts = (part.strip() for part in _END.split(text) if len(part) > _SHORT)
    return list(dict.fromkeys(parts))


def _sentence(row: dict[str, Any], glossary: Glossary, chance: random.Random) -> Small | None:
    sentences = split(row["context"])
    answers = [answer for answer in row["answers"] if answer]
    right = [one for one in sentences if any(answer in one for answer in answers)]
    wrong = [one for one in sentences if one not in right]
    if len(right) != 1 or len(wrong) < 3:
        return None
    direction: Direction = row["lang"]
    question, other = row["question"], ""
    if chance.random() < 1 / 3:
        question, other = glossary.gloss(question, chance), question
        direction = "zh-en" if direction == "en" else "en-zh"
    some = chance.sample(wrong, min(_WRONG, len(wrong)))
    return Small(direction, "sentence", question, other, right[0], some, [])


def translation_groups(folder: Path, *, count: int, seed: int) -> list[Small]:
    """Give sentences with the window that holds their translation, and windows that do not."""
    chance = random.Random(seed)
    found: list[Small] = []
    every = rows(folder / "parallel_en_zh.jsonl.gz")
    for source, own in groupby(every, key=lambda row: row["source"]):
        if source != "teams-mt":
            found += _windows([row for row in own if row["en"] and row["zh"]], chance)
    chance.shuffle(found)
    return found[:count]


def _windows(own: list[dict[str, Any]], chance: random.Random) -> Iterator[Small]:
    for start in range(0, len(own) - _APART, _APART):
        run = own[start : start + _APART]
        size = chance.randint(1, _WINDOW)
        cuts = [run[at : at + size] for at in range(0, _APART - size + 1, size)]
        chosen = chance.randrange(len(cuts))
        asked, read = chance.sample(["en", "zh"], 2)
        sentence = chance.choice(cuts[chosen])
        question = sentence[asked]
        if not 15 <= len(question) * (3 if asked == "zh" else 1) <= 300:
            continue
        texts = {
            language: [
                (" " if language == "en" else "").join(row[language] for row in cut) for cut in cuts
            ]
            for language in (asked, read)
        }
        others = [place for place in range(len(cuts)) if place != chosen]
        wrong = chance.sample(others, min(5, len(others)))
        yield Small(
            "zh-en" if asked == "zh" else "en-zh",
            "translation",
            question,
            sentence[read],
            texts[read][chosen],
            [texts[read][place] for place in wrong],
            [texts[asked][place] for place in chance.sample(others, min(3, len(others)))],
        )
