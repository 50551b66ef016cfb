"""How much there is to read, and how long it will take, told before it is begun."""

import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from bifolio.ingest import message
from bifolio.ingest.counting import count_pages
from bifolio.retrieval import Embedder, StoreError

# As a child process and a page take on one core; what embeds is measured where it runs.
_SECONDS_A_FILE = 0.02
_SECONDS_A_PAGE = 0.01
_CHARACTERS_A_CHUNK = 1300
_CHARACTERS_A_PAGE = 2600
# How many characters of text a byte of such a file holds.
_CHARACTERS_A_BYTE = {
    **dict.fromkeys((".txt", ".text", ".md", ".markdown", ".rst", ".csv", ".tsv"), 0.95),
    **dict.fromkeys((".html", ".htm", ".xhtml", ".ipynb", ".json", ".jsonl", ".eml"), 0.4),
    **dict.fromkeys((".epub", ".xlsx", ".ods"), 1.5),
}
_OTHERWISE = 0.1
_SAMPLE = 4
# Where so many bytes are free for each of the files, there is room: text takes half of that.
_AMPLE = 16
# Text, words and context of a chunk beside its vector.
_BYTES_A_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class Estimate:
    """What an ingestion would take in: counts, and ``seconds``; pages and chunks are guesses."""

    files: int
    pages: int
    chunks: int
    seconds: float


def estimate(files: Sequence[str], embedder: Embedder, *, workers: int) -> Estimate:
    """Guess the pages, chunks and seconds of files that are given by their paths.

    Pages of PDFs, slides and sheets are counted; text is guessed by the size of the files, and a
    few texts are embedded to see how long that takes here.
    """
    pages = count_pages(files)
    chunks = sum(_chunks(path, pages[path]) for path in files)
    read = len(files) * _SECONDS_A_FILE + sum(pages.values()) * _SECONDS_A_PAGE
    embedded = chunks * _seconds_a_chunk(embedder) if files else 0.0
    # The next files are read while one is embedded.
    seconds = max(read / max(1, workers), embedded)
    return Estimate(len(files), sum(pages.values()), chunks, round(seconds, 1))


def check_room(files: Sequence[str], folder: Path, dims: int) -> None:
    """Refuse files that the library's disk has no room for, before any of them is read.

    Raises:
        StoreError: less is free than they will take, by a guess.
    """
    try:
        free = shutil.disk_usage(folder).free
    except OSError:
        return
    if free > _AMPLE * sum(map(_size, files)):
        return
    pages = count_pages(files)
    # A vector of float32 stands in the database, in the index, and in the file that replaces it.
    needed = sum(_chunks(path, pages[path]) for path in files) * (3 * 4 * dims + _BYTES_A_CHUNK)
    if needed > free:
        sentence = (
            "{files} files will take about {needed:.0f} MB in {folder}, and its disk has"
            " {free:.0f} MB left; free some space, add fewer files or give another --library"
        )
        told = {"files": len(files), "needed": needed / 1e6, "free": free / 1e6}
        raise StoreError(message("disk-nearly-full", sentence, folder=folder, **told))


def _size(path: str) -> int:
    try:
        return Path(path).stat().st_size
    except OSError:
        return 0


def _chunks(path: str, pages: int) -> int:
    suffix = PurePath(path).suffix.lower()
    if suffix == ".pdf":
        characters = float(pages * _CHARACTERS_A_PAGE)
    else:
        characters = _size(path) * _CHARACTERS_A_BYTE.get(suffix, _OTHERWISE)
    return max(pages, round(characters / _CHARACTERS_A_CHUNK))


def _seconds_a_chunk(embedder: Embedder) -> float:
    words = "The notice period of a lease of more than one year is three months. "
    texts = [f"{number}. {words * 20}" for number in range(_SAMPLE)]
    embedder.embed_passages(texts[:1])
    began = time.perf_counter()
    embedder.embed_passages(texts)
    return (time.perf_counter() - began) / _SAMPLE
