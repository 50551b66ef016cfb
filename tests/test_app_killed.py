"""An ingestion that is killed, at any moment and again and again, loses and doubles nothing."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import MakePdf, OverlapReranker, WordEmbedder
from written_formats import CHINESE, ENGLISH, WRITERS

from bifolio.ingest_report import IngestReport
from bifolio.library import Library
from bifolio.models import Models

INGEST = """
import os, signal, sys
from pathlib import Path
place, docs, tests, what, count = sys.argv[1:]
sys.path.insert(0, tests)
from conftest import OverlapReranker, WordEmbedder
from bifolio import storing
from bifolio.library import Library
from bifolio.models import Models
from bifolio.retrieval import Writer

def die(owner, name, *, late):
    real, calls = getattr(owner, name), []
    def dying(*given, **named):
        calls.append(name)
        last = len(calls) == int(count)
        if last and not late:
            os.kill(os.getpid(), signal.SIGKILL)
        made = real(*given, **named)
        if last:
            os.kill(os.getpid(), signal.SIGKILL)
        return made
    setattr(owner, name, dying)

POINTS = {
    "reading": (storing, "read", False),
    "read": (storing, "read", True),
    "embedding": (WordEmbedder, "embed_passages", False),
    "storing": (Writer, "put", False),
    "stored": (Writer, "put", True),
}
owner, name, late = POINTS[what]
die(owner, name, late=late)
Library(Path(place), models=Models(WordEmbedder(), OverlapReranker())).add(Path(docs))
"""
# Where each of the runs is killed, one after the other.
KILLS = (("reading", 3), ("stored", 4), ("embedding", 2), ("storing", 9))


@pytest.fixture
def mixed(tmp_path: Path, make_pdf: MakePdf) -> Path:
    """Give a folder of files of every kind that is written, in two languages, and of bad ones."""
    folder = tmp_path / "mixed"
    folder.mkdir()
    for suffix, write in WRITERS.items():
        for name, story in (("english", ENGLISH), ("chinese", CHINESE)):
            (folder / f"{name}{suffix}").write_bytes(write(story))
    for number in range(6):
        (folder / f"{number}.pdf").write_bytes(make_pdf(f"The ferry price is {number} crowns."))
    (folder / "cut.pdf").write_bytes(make_pdf("The crew")[:60])
    (folder / "bad.docx").write_bytes(b"PK\x03\x04 no zip")
    (folder / "empty.txt").write_bytes(b"")
    return folder


def opened(place: Path) -> Library:
    return Library(place, models=Models(WordEmbedder(), OverlapReranker()))


def held(library: Library) -> list[tuple[str, int, int, str]]:
    """Give the place and the text of every chunk."""
    chunks = library.sample(100_000)
    return sorted((chunk.document.path, chunk.start, chunk.end, chunk.text) for chunk in chunks)


def test_killed_again_and_again_it_comes_to_what_one_run_makes(tmp_path: Path, mixed: Path) -> None:
    whole = opened(tmp_path / "whole")
    expected: IngestReport = whole.add(mixed)
    assert len(expected.skipped) == 3
    place = tmp_path / "killed"

    kept = 0
    for what, count in KILLS:
        done = subprocess.run(
            [sys.executable, "-c", INGEST, place, mixed, Path(__file__).parent, what, str(count)],
            capture_output=True,
            timeout=120,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr.decode()
        stored = len(opened(place).documents())
        assert stored >= kept
        kept = stored
    library = opened(place)
    report = library.add(mixed)

    assert 0 < kept < len(expected.added)
    assert len(report.added) == len(expected.added) - kept
    assert held(library) == held(whole)
    again = library.add(mixed)
    assert (again.added, again.updated, again.reread) == ((), (), ())
