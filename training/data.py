"""The training data: parallel texts, and questions with the passages that answer them."""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar

from training.glossary import Glossary

Language = Literal["en", "zh"]
One = TypeVar("One")
Direction = Literal["en", "zh", "en-zh", "zh-en"]  # the question's language, and the passage's

# Machine translation of chat and of user interfaces: many lines are garbled.
_GARBLED = "teams-mt"
_LANGUAGES: tuple[Language, ...] = ("en", "zh")
_GLOSSED: dict[Language, Direction] = {"en": "zh-en", "zh": "en-zh"}  # by the passage's language
_RUN = 16  # neighbours in a file that are sampled together
# Sources whose questions stand in both languages, or are made by rule.
_MANUALS = ("docs-faq", "factbook", "cn-laws")


@dataclass(frozen=True, slots=True)
class Pair:
    """The same text in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Example:
    """A question, or a heading, and the passage that answers it.

    ``other`` is the question in the passage's language, where the two differ: words can only be
    looked up in one language. ``twin`` is the passage in the other language, where it stands there;
    ``xids`` are those of all that the passage says.
    """

    direction: Direction
    kind: Literal["question", "heading", "written"]
    question: str
    passage: str
    other: str = ""
    twin: str = ""
    xids: frozenset[str] = frozenset()

    @property
    def language(self) -> Language:
        """The passage's language."""
        return "zh" if self.direction.endswith("zh") else "en"


def rows(file: Path) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file of JSON lines, gzipped or not."""
    opener: Callable[..., Any] = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def page_of(title: str, text: str) -> str:
    """Name the page of a section: headings of one page begin alike, and what has none is alone."""
    return title.split(" - ")[0] or text


def write(file: Path, lines: Iterator[dict[str, Any]]) -> None:
    """Write objects as gzipped JSON lines."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def parallel(folder: Path, *, cap: int | None = None) -> list[Pair]:
    """Give the parallel sentences and the dictionary's entries, each once.

    ``cap`` is how many of each source at most: a few sources make up most of the lines.
    """
    found: dict[str, dict[Pair, None]] = {}
    for name in ("parallel_en_zh", "dictionary_en_zh"):
        for row in rows(folder / f"{name}.jsonl.gz"):
            if row["en"] and row["zh"] and row["source"] != _GARBLED:
                found.setdefault(row["source"], {})[Pair(row["en"], row["zh"])] = None
    chance = random.Random(0)
    pairs: dict[Pair, None] = {}
    for own in found.values():
        pairs.update(dict.fromkeys(_sample(list(own), cap, chance)))
    return list(pairs)


def _sample(pairs: list[Pair], cap: int | None, chance: random.Random) -> list[Pair]:
    return pairs if cap is None or cap >= len(pairs) else chance.sample(pairs, cap)


def examples(
    folder: Path,
    *,
    seed: int,
    headings: int,
    across: int,
    glossed: int = 0,
    questions: int | None = None,
) -> list[Example]:
    """Give questions in their own language, headings, and both across the languages.

    ``questions`` counts those of each source (default all), ``headings`` those of each language,
    ``across`` and ``glossed`` those of each direction. Neighbours in a file come together, for the
    wrong passages that are hard to tell from the right one are those of its own document.
    """
    chance = random.Random(seed)
    sources: dict[tuple[Language, str], list[dict[str, Any]]] = {}
    for language in _LANGUAGES:
        for row in rows(folder / f"qa_{language}.jsonl.gz"):
            sources.setdefault((language, _family(row["source"])), []).append(row)
    found = [
        Example(language, "question", row["question"], _titled(row))
        for (language, _), own in sources.items()
        for row in _in_runs(own, len(own) if questions is None else questions, chance)
    ]
    if glossed:
        glossary = Glossary(rows(folder / "dictionary_en_zh.jsonl.gz"))
        found += _glossed(sources, glossary, glossed, chance)
    every = list(rows(folder / "heading_passage.jsonl.gz"))
    for language in _LANGUAGES:
        own = [row for row in every if row["lang"] == language]
        found += [
            Example(language, "heading", row["query"], row["passage"], xids=_xids(row))
            for row in _in_runs(own, headings, chance)
        ]
    both = _in_runs(_translated(folder), None, chance)
    # A question answered in both languages is worth more than a heading.
    both.sort(key=lambda pair: "question" not in pair["en"])
    for pair in both[:across]:
        found += [_across(pair["en"], pair["zh"]), _across(pair["zh"], pair["en"])]
    chance.shuffle(found)
    return found


def _xids(row: dict[str, Any]) -> frozenset[str]:
    return frozenset([row["xid"]] if row.get("xid") else [])


def _titled(row: dict[str, Any]) -> str:
    """Give every other passage with its title on top, as the application reads chunks."""
    title, passage = row.get("title"), row["context"]
    return f"{title}\n{passage}" if title and len(passage) % 2 else str(passage)


def _family(source: str) -> str:
    """Give what parts of one source have in common: ``docs-faq`` has one for each manual."""
    return _MANUALS[0] if source.startswith(_MANUALS[0]) else source


def _in_runs(every: Sequence[One], count: int | None, chance: random.Random) -> list[One]:
    """Sample so many, a run of neighbours at a time."""
    runs = [every[start : start + _RUN] for start in range(0, len(every), _RUN)]
    chance.shuffle(runs)
    return [one for run in runs for one in run][:count]


def _glossed(
    sources: dict[tuple[Language, str], list[dict[str, Any]]],
    glossary: Glossary,
    count: int,
    chance: random.Random,
) -> list[Example]:
    """Put questions into the other language word by word: no others cross it outside manuals."""
    found = []
    for language, direction in _GLOSSED.items():
        everyday = [
            row
            for (own, source), every in sources.items()
            if own == language and not source.startswith(_MANUALS)
            for row in every
        ]
        for row in _in_runs(everyday, count, chance):
            question = glossary.gloss(row["question"], chance)
            found.append(Example(direction, "question", question, row["context"], row["question"]))
    return found


def _translated(folder: Path) -> list[dict[str, dict[str, Any]]]:
    """Give what stands in both languages under one id."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for name in ("qa_en", "qa_zh", "heading_passage"):
        for row in rows(folder / f"{name}.jsonl.gz"):
            if row.get("xid"):
                found.setdefault(f"{name[:2]}{row['xid']}", {})[row["lang"]] = row
    return [both for both in found.values() if len(both) == 2]


def _across(asked: dict[str, Any], answers: dict[str, Any]) -> Example:
    direction: Direction = "en-zh" if answers["lang"] == "zh" else "zh-en"
    if "question" in asked:
        return Example(
            direction,
            "question",
            asked["question"],
            answers["context"],
            other=answers["question"],
            twin=asked["context"],
            xids=_xids(answers),
        )
    return Example(
        direction,
        "heading",
        asked["query"],
        answers["passage"],
        other=answers["query"],
        twin=asked["passage"],
        xids=_xids(answers),
    )
