"""Sentences beside a passage in the other language that says them, from the sets that have both."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from devsets import NEWS, news_groups, rows

from bifolio.ingest.sentences import sentence_spans

_PAIRED = ("d365hr_docs", "hfcourse_docs")
_SHORTEST, _LONGEST = {"en": 25, "zh": 10}, 300


@dataclass(frozen=True, slots=True)
class Across:
    """A sentence, and what says it in the other language; ``half`` is 0 or 1, by its passage.

    ``said`` is its translation, that stands in the passage; ``near`` is the passage that stands
    next in its document: what it says is said of the same thing.
    """

    sentence: str
    said: str
    passage: str
    near: str
    half: int
    source: str


def across(folder: Path) -> Iterator[Across]:
    """Give all sentences, each half's passages apart from those of the other."""
    for name in _PAIRED:
        if (folder / f"{name}_en.contexts.jsonl.gz").exists():
            yield from _paired(folder, name)
    if (folder / NEWS).exists():
        yield from _news(news_groups(folder))


def _paired(folder: Path, name: str) -> Iterator[Across]:
    texts = {
        language: {
            row["context_id"]: row["text"]
            for row in rows(folder / f"{name}_{language}.contexts.jsonl.gz")
        }
        for language in ("en", "zh")
    }
    ids = list(texts["en"])
    for place, one in enumerate(ids):
        after = ids[(place + 1) % len(ids)]
        english, chinese = texts["en"][one], texts["zh"][one]
        for mine, theirs in _aligned(english, chinese):
            half = zlib.crc32(one.encode()) % 2
            yield Across(mine, theirs, chinese, texts["zh"][after], half, name)
            yield Across(theirs, mine, english, texts["en"][after], half, name)


def _aligned(english: str, chinese: str) -> Iterator[tuple[str, str]]:
    """Pair the sentences of lines that have as many in both languages."""
    lines, others = english.split("\n"), chinese.split("\n")
    if len(lines) != len(others):
        return
    for one, other in zip(lines, others, strict=True):
        mine, theirs = _sentences(one), _sentences(other)
        if len(mine) == len(theirs):
            for pair in zip(mine, theirs, strict=True):
                if _whole(pair[0], "en") and _whole(pair[1], "zh"):
                    yield pair


def _sentences(line: str) -> list[str]:
    return [line[start:end] for start, end in sentence_spans(line, 0, len(line))]


def _whole(sentence: str, language: str) -> bool:
    return (
        _SHORTEST[language] <= len(sentence) <= _LONGEST
        and sentence.rstrip("”\"'’)）")[-1:] in ".。!！"
    )


def _news(groups: list[list[dict[str, str]]]) -> Iterator[Across]:
    for group, after in pairwise(groups):
        half = zlib.crc32(group[0]["id"].encode()) % 2
        for row in group:
            for mine, theirs in (("en", "zh"), ("zh", "en")):
                if _whole(row[mine], mine):
                    passage, near = (
                        "\n".join(one[theirs] for one in some) for some in (group, after)
                    )
                    yield Across(row[mine], row[theirs], passage, near, half, "news")
