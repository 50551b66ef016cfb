"""Real text to measure with, of any length: the sentences of sample_docs in random order."""

import random
import re
from collections.abc import Callable
from pathlib import Path

from bifolio.ingest import Document, read

ROOT = Path(__file__).resolve().parent.parent


def documents() -> list[Document]:
    """Read sample_docs."""
    return [read(path) for path in sorted((ROOT / "sample_docs").iterdir())]


def sentences() -> dict[str, list[str]]:
    """Give the English and the Chinese sentences of sample_docs, under ``en`` and ``zh``."""
    found: dict[str, list[str]] = {"en": [], "zh": []}
    for document in documents():
        text = re.sub(r"\s+", " ", document.text)
        language = "zh" if text.count("。") > text.count(". ") else "en"
        found[language] += re.split(r"(?<=\.) |(?<=。) ?", text)
    return {language: [part for part in parts if part] for language, parts in found.items()}


def passage(
    parts: list[str], least: int, *, length: Callable[[str], int], chance: random.Random
) -> str:
    """Join sentences at random until the length, as measured by ``length``, is reached."""
    text = chance.choice(parts)
    while length(text) < least:
        text += " " + chance.choice(parts)
    return text
