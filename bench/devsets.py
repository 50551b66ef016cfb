"""Labelled questions to measure with: the development sets, or those about sample_docs."""

import gzip
import json
import random
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from samples import ROOT, documents

from bifolio import evaluation
from bifolio.evaluation import Place, Question, read_contexts, read_questions
from bifolio.ingest import Chunk, Document, Page, split
from bifolio.retrieval import Embedder

DEV = Path("../shared/data/dev")
NEWS = "ntrex_news.pairs.jsonl.gz"
# (name, contexts, questions); arrows cross the languages.
SETS = (
    ("en qamr", "qamr_dev_en", "qamr_dev_en"),
    ("en fairytale", "fairytale_dev_en", "fairytale_dev_en"),
    ("zh cmrc", "cmrc_dev_zh", "cmrc_dev_zh"),
    ("en d365hr", "d365hr_docs_en", "d365hr_docs_en"),
    ("zh d365hr", "d365hr_docs_zh", "d365hr_docs_zh"),
    ("hfcourse, en", "hfcourse_docs_en", "hfcourse_docs_en"),
    ("hfcourse, zh", "hfcourse_docs_zh", "hfcourse_docs_zh"),
    ("zh->en hfcourse", "hfcourse_docs_en", "hfcourse_docs_zh"),
    ("en->zh hfcourse", "hfcourse_docs_zh", "hfcourse_docs_en"),
    ("zh->en d365hr", "d365hr_docs_en", "d365hr_docs_zh"),
    ("en->zh d365hr", "d365hr_docs_zh", "d365hr_docs_en"),
)


@dataclass(frozen=True, kw_only=True)
class Pool:
    """Contexts, questions, and which of the contexts answers each question."""

    contexts: list[str]
    questions: list[str]
    gold: list[int]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A question, its candidates, and which of them answers it."""

    question: str
    passages: list[str]
    gold: int


def add_options(parser: ArgumentParser) -> None:
    """Add the options that say which questions fidelity is measured with."""
    add = parser.add_argument
    add("--questions", type=int, default=70, help="sample of all sets; 0: no fidelity")
    add("--pool", type=int, default=120, help="contexts of a set among which they are searched")
    told = f"folder of dev sets; default: {DEV}, or where that is missing the questions of tests/"
    add("--dev", type=Path, help=told)


def pools(dev: Path | None, *, questions: int, size: int, seed: int = 0) -> list[Pool]:
    """Draw so many questions from all sets together, each set with contexts around its own.

    Raises:
        SystemExit: the folder holds no sets.
    """
    if not questions:
        return []
    if dev is None and not DEV.is_dir():
        return [_sample_pool(questions)]
    folder = dev or DEV
    files = sorted(folder.glob("*.questions.jsonl.gz"))
    if not files:
        raise SystemExit(f"no *.questions.jsonl.gz in {folder}; give another --dev")
    chance = random.Random(seed)
    shares = [(questions + place) // len(files) for place in range(len(files))]
    return [_pool(file, share, size, chance) for file, share in zip(files, shares, strict=True)]


def cases(pools: Sequence[Pool], embedder: Embedder, *, candidates: int) -> list[Case]:
    """Give each question the contexts nearest to it, and the right one in any case."""
    return [case for pool in pools for case in _cases(pool, embedder, candidates)]


def labelled(
    folder: Path, contexts: str, questions: str, *, count: int
) -> tuple[list[Chunk], list[Question]]:
    """Give the contexts of a set, each one chunk, and so many of its questions."""
    pool = read_contexts(folder / f"{contexts}.contexts.jsonl.gz")
    asked = read_questions(
        folder / f"{questions}.questions.jsonl.gz",
        documents=[context.path for context in pool],
        pages=False,
    )
    return [evaluation.whole(context) for context in pool], evaluation.sample(asked, count)


def rows(path: Path) -> list[dict[str, Any]]:
    """Read gzipped JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def sample(path: Path, count: int) -> list[dict[str, Any]]:
    """Draw the same questions at every run."""
    everything = rows(path)
    return random.Random(0).sample(everything, min(count, len(everything)))


def news_groups(folder: Path) -> list[list[dict[str, str]]]:
    """Give the news in both languages, five sentences that follow each other at a time."""
    pairs = rows(folder / NEWS)
    return [pairs[place : place + 5] for place in range(0, len(pairs) - 4, 5)]


def news(folder: Path, asked: str, answered: str) -> tuple[list[Document], list[dict[str, Any]]]:
    """Give news in one language, five sentences a text, and their middle ones in the other.

    Nobody asks like this; but no set of questions across the languages is about the world at large.
    """
    joint = " " if answered == "en" else ""
    texts, questions = [], []
    for group in news_groups(folder):
        name, text = group[0]["id"], joint.join(pair[answered] for pair in group)
        texts.append(Document(name, "", name, text, (Page(1, 0, len(text)),)))
        questions.append({"question": group[2][asked], "context_id": name})
    return texts, questions


def _pool(file: Path, count: int, size: int, chance: random.Random) -> Pool:
    contexts = rows(file.with_name(file.name.replace("questions", "contexts")))
    texts = {row["context_id"]: row["text"] for row in contexts}
    asked = rows(file)
    asked = chance.sample(asked, min(count, len(asked)))
    gold = list(dict.fromkeys(row["context_id"] for row in asked))
    others = [name for name in texts if name not in set(gold)]
    names = gold + chance.sample(others, min(len(others), max(0, size - len(gold))))
    return Pool(
        contexts=[texts[name] for name in names],
        questions=[row["question"] for row in asked],
        gold=[names.index(row["context_id"]) for row in asked],
    )


def _sample_pool(count: int) -> Pool:
    """Give the questions of tests/questions.jsonl with the chunks of sample_docs."""
    chunks = [
        chunk
        for document in documents()
        for chunk in split(document, length=lambda text: len(text) // 3)
    ]
    lines = (ROOT / "tests/questions.jsonl").read_text(encoding="utf-8").splitlines()
    asked = [row for row in map(json.loads, lines) if row["document"]][:count]
    right = [
        [
            _place(row).holds(chunk.document.path, chunk.pages)
            and _holds(chunk.text, row["answer"])
            for chunk in chunks
        ]
        for row in asked
    ]
    return Pool(
        contexts=[chunk.text for chunk in chunks],
        questions=[row["question"] for row in asked],
        gold=[places.index(True) for places in right],
    )


def _place(row: dict[str, Any]) -> Place:
    return Place(document=row["document"], pages=tuple(row["pages"]))


def _holds(text: str, words: str) -> bool:
    # A row's cells stand with bars between them.
    return " ".join(words.split()) in " ".join(text.replace("|", " ").split())


def _cases(pool: Pool, embedder: Embedder, candidates: int) -> list[Case]:
    vectors = embedder.embed_passages(pool.contexts)
    found = []
    for question, right in zip(pool.questions, pool.gold, strict=True):
        near = vectors @ embedder.embed_queries([question])[0]
        best = np.argsort(-near, kind="stable")[:candidates].tolist()
        if right not in best:
            best[-1] = right
        passages = [pool.contexts[place] for place in best]
        found.append(Case(question=question, passages=passages, gold=best.index(right)))
    return found
