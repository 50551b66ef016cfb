"""A large library's index: in segments, compressed, kept in step with what changes alone."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Fingerprint, Store
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.store.index import Index
from bifolio.retrieval.store.layout import Layout, planned
from bifolio.retrieval.store.segments import Range, Saved, Segment, read_segments

DIMS = 16
MINE = Fingerprint("many", "many/1", DIMS, "1/400")
# As a library of a million is laid out, a thousandth of its size.
SMALL = Layout(exact=400, small=100, joined=16)


def vectors(count: int, *, seed: int) -> Floats:
    found = np.random.default_rng(seed).standard_normal((count, DIMS)).astype(np.float32)
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)


def put(store: Store, path: str, rows: Floats, word: str = "ferry") -> None:
    """Store a document with a chunk for each of the vectors."""
    text = "\n".join([word] * len(rows))
    document = Document(path, path, "hash", text, (Page(1, 0, len(text)),))
    step = len(word) + 1
    chunks = [Chunk(document, n * step, n * step + len(word)) for n in range(len(rows))]
    with store.writing() as writer:
        writer.put(document, chunks, rows)


def exact(folder: Path, question: Floats, count: int = 10) -> list[int]:
    """Give the ids of the nearest vectors by reading all of them."""
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        rows = connection.execute("SELECT id, vector FROM chunks").fetchall()
    products = {id_: float(np.frombuffer(vector, "<f4") @ question) for id_, vector in rows}
    return sorted(products, key=lambda id_: -products[id_])[:count]


def found(store: Store, question: Floats, count: int = 10) -> list[int]:
    with store.reading() as view:
        return [id_ for id_, _ in view.dense(question, count)]


def segments(folder: Path) -> list[Segment]:
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        return read_segments(connection)


def recall(store: Store, questions: Floats) -> float:
    shares = [
        len(set(found(store, question)) & set(exact(store.folder, question))) / 10
        for question in questions
    ]
    return float(np.mean(shares))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def large(folder: Path) -> Store:
    """Give a library of 600 English and 300 Chinese chunks, beyond the limit."""
    store = Store(folder, MINE, layout=SMALL)
    put(store, "en", vectors(600, seed=1))
    put(store, "zh", vectors(300, seed=2), "渡轮")
    return store


# what is divided how


def range_(
    chunks: int, *, saved: bool = True, held: int | None = None, exact: bool = True
) -> Range:
    """Give a range, of a segment of ``held`` chunks unless nothing is saved."""
    segment = Segment(Saved("file", "", 0), "en", 0, 9, 1, held or chunks, exact)
    return Range("en", 0, 9, chunks, segment if saved else None)


@pytest.mark.parametrize(
    ("chunks", "whole", "expected"),
    [
        ([300, 5], False, [300, 5]),
        ([300, 16, 9], False, [300, 25]),
        ([300, 60, 40], False, [300, 100]),
        ([300, 90, 60], False, [300, 90, 60]),
        ([300, 90, 60], True, [300, 150]),
        ([300, 100, 80], True, [480]),
    ],
)
def test_a_file_is_joined_with_newer_ones_that_hold_half_as_much(
    chunks: Sequence[int], whole: bool, expected: list[int]
) -> None:
    first, *between, last = chunks
    ranges = [range_(first, exact=False), *map(range_, between), range_(last, saved=False)]

    plan = planned(ranges, SMALL, compressed=True, whole=whole)

    assert [one.chunks for one in plan] == expected
    assert plan[-1].segment is None


def test_a_file_of_which_much_is_gone_is_written_again() -> None:
    ranges = [range_(700, held=1000), range_(80, held=100)]

    plan = planned(ranges, SMALL, compressed=False, whole=False)

    assert [bool(one.segment) for one in plan] == [False, True]


# a compressed library


def test_a_large_library_is_compressed_by_language_and_finds_nearly_all(large: Store) -> None:
    held = segments(large.folder)

    assert {one.language for one in held} == {"en", "zh"}
    assert not any(one.exact for one in held if one.chunks > SMALL.small)
    assert recall(large, vectors(30, seed=3)) > 0.97


def test_products_of_a_compressed_library_are_those_of_the_stored_vectors(large: Store) -> None:
    question = vectors(1, seed=3)[0]
    with large.reading() as view:
        hits = view.dense(question, 5)
        assert view.products(question, [id_ for id_, _ in hits]) == [part for _, part in hits]
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection:
        for id_, product in hits:
            row = connection.execute("SELECT vector FROM chunks WHERE id = ?", (id_,)).fetchone()
            assert product == pytest.approx(np.frombuffer(row[0], "<f4") @ question, abs=1e-6)


def test_each_language_of_a_compressed_library_is_searched_by_itself(large: Store) -> None:
    with large.reading() as view:
        for language in ("en", "zh"):
            hits = view.dense(vectors(1, seed=3)[0], 50, language=language)
            assert len(hits) == 50
            assert {span.language for span in view.spans([id_ for id_, _ in hits]).values()} == {
                language
            }


def test_what_is_added_or_removed_is_seen_at_once_and_no_large_file_is_written(
    large: Store,
) -> None:
    before = {one.saved.file for one in segments(large.folder) if not one.exact}
    question = vectors(1, seed=9)
    put(large, "new", question)

    (best, *_) = found(large, question[0])
    assert best == exact(large.folder, question[0])[0]
    with large.writing() as writer:
        writer.remove("new")

    assert best not in found(large, question[0], 900)
    assert len(found(large, question[0], 1000)) == 900
    assert before == {one.saved.file for one in segments(large.folder) if not one.exact}


def test_what_was_removed_stays_so_for_whoever_opens_the_library_later(large: Store) -> None:
    put(large, "more", vectors(50, seed=5))
    with large.writing() as writer:
        writer.remove("zh")

    again = Store(large.folder, MINE, layout=SMALL)

    question = vectors(1, seed=6)[0]
    assert found(again, question, 10_000) == exact(large.folder, question, 10_000)
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection:
        assert connection.execute("SELECT count(*) FROM gone").fetchone() == (0,)


def test_a_question_reads_no_index_again_that_is_held(
    large: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(large, vectors(1, seed=3)[0])

    def refuse(*_: object) -> Any:
        raise AssertionError("an index was read again")

    monkeypatch.setattr(Index, "load", refuse)
    monkeypatch.setattr("bifolio.retrieval.store.parts.all_of", refuse)
    with large.writing() as writer:
        writer.rename("en", "english")

    assert len(found(large, vectors(1, seed=3)[0])) == 10


def test_a_library_that_shrinks_is_exact_again(large: Store) -> None:
    with large.writing() as writer:
        writer.remove("en")
        writer.remove("zh")
    put(large, "few", vectors(150, seed=7))

    assert [(one.chunks, one.exact) for one in segments(large.folder)] == [(150, True)]


def test_random_changes_leave_what_a_new_library_would_hold(folder: Path) -> None:
    store = Store(folder, MINE, layout=SMALL)
    other = Store(folder, MINE, layout=SMALL)
    chance = np.random.default_rng(0)
    for number in range(12):
        word = "ferry" if chance.random() < 0.7 else "渡轮"
        put(
            store, f"{chance.integers(12)}", vectors(int(chance.integers(1, 90)), seed=number), word
        )
        question = vectors(1, seed=100 + number)[0]
        for one in (store, other) if chance.random() < 0.5 else (store,):
            assert set(found(one, question, 10_000)) == set(exact(folder, question, 10_000))

    assert store.check(whole=True) == ()
    again = Store(folder, MINE, layout=SMALL)
    assert recall(again, vectors(20, seed=99)) > 0.95


# damage


@pytest.mark.parametrize("wreck", ["removed", "changed", "swapped", "longer"])
def test_a_damaged_segment_alone_is_built_again(large: Store, wreck: str) -> None:
    put(large, "new", vectors(20, seed=4))
    held = segments(large.folder)
    first, second = (large.folder / one.saved.file for one in (held[0], held[-1]))
    if wreck == "removed":
        first.unlink()
    elif wreck == "swapped":
        data = first.read_bytes()
        shutil.copy(second, first)
        second.write_bytes(data)
    else:
        data = bytearray(first.read_bytes())
        data[len(data) // 2] ^= 1
        first.write_bytes(data + b"more" * (wreck == "longer"))
    question = vectors(1, seed=8)[0]

    again = Store(large.folder, MINE, layout=SMALL)
    assert len(set(found(again, question, 50)) & set(exact(large.folder, question, 50))) > 45
    with again.writing():
        pass  # What is built beside the answers is built by now, or waited for here.

    assert again.check(whole=True) == ()


def test_questions_are_answered_exactly_while_no_index_is_there(
    large: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for file in large.folder.glob("index-*.faiss"):
        file.unlink()
    monkeypatch.setattr("bifolio.retrieval.store.beside.Beside.start", lambda _: None)
    again = Store(large.folder, MINE, layout=SMALL)
    question = vectors(1, seed=8)[0]

    assert found(again, question) == exact(large.folder, question)
    with again.reading() as view:
        ids = found(again, question, 100)
        assert view.products(question, ids) == sorted(view.products(question, ids), reverse=True)


def test_counts_that_do_not_fit_are_noticed_and_the_database_is_believed(
    large: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection, connection:
        connection.execute("DELETE FROM gone")
        connection.execute("DROP TRIGGER chunk_removed")
        connection.execute("DELETE FROM chunks WHERE id <= 5")
        connection.execute("UPDATE tally SET chunks = chunks - 5 WHERE language = 'en'")
    again = Store(large.folder, MINE, layout=SMALL)

    assert not {1, 2, 3, 4, 5} & set(found(again, vectors(1, seed=8)[0], 1000))
    assert "do not fit the database" in caplog.text


KILLED = """
import os, signal, sys
from pathlib import Path
import numpy as np
sys.path.insert(0, sys.argv[3])
import test_retrieval_segments as tests
from bifolio.retrieval import Store
die = lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL)
module, _, name = sys.argv[2].rpartition(":")
__import__(module)
owner = sys.modules[module]
*holders, last = name.split(".")
for holder in holders:
    owner = getattr(owner, holder)
setattr(owner, last, die)
store = Store(Path(sys.argv[1]), tests.MINE, layout=tests.SMALL)
tests.put(store, "more", tests.vectors(500, seed=5))
"""


@pytest.mark.parametrize(
    "point",
    [
        "bifolio.retrieval.store.saving:compressed_index",
        "bifolio.retrieval.store.saving:Index.save",
        "bifolio.retrieval.store.saving:replace_segments",
        "bifolio.retrieval.store.saving:forget_gone",
        "bifolio.retrieval.store.saving:sweep",
        "pathlib:Path.rename",
    ],
)
def test_a_writer_killed_while_it_writes_the_index_leaves_a_library_that_is_whole(
    large: Store, point: str
) -> None:
    command = [sys.executable, "-c", KILLED, str(large.folder), point, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    again = Store(large.folder, MINE, layout=SMALL)
    question = vectors(1, seed=8)[0]
    assert len(set(found(again, question, 50)) & set(exact(large.folder, question, 50))) > 45
    put(again, "after", vectors(1, seed=10))

    assert again.check(whole=True) == ()
    named = {one.saved.file for one in segments(large.folder)}
    assert named <= {file.name for file in large.folder.glob("index-*.faiss")}
    assert not list(large.folder.glob("*.tmp"))
    assert len(list(large.folder.glob("index-*.faiss"))) <= 2 * len(named) + 2


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import test_retrieval_segments as tests
from bifolio.retrieval import Store
store = Store(Path(sys.argv[1]), tests.MINE, layout=tests.SMALL)
with store.writing() as writer:
    # Once nothing more can be written but to files that are long already.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
"""


def test_a_full_disk_costs_the_index_file_and_no_answer(large: Store) -> None:
    for file in large.folder.glob("index-*.faiss"):
        file.unlink()
    command = [sys.executable, "-c", FULL, str(large.folder), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, text=True)

    assert done.returncode == 0, done.stderr
    assert "was not saved" in done.stderr
    assert not list(large.folder.glob("index-*.faiss"))
    question = vectors(1, seed=8)[0]
    again = Store(large.folder, MINE, layout=SMALL)
    assert found(again, question) == exact(large.folder, question)


# the schema before


def test_a_library_of_the_schema_before_is_brought_to_this_one(large: Store) -> None:
    question = vectors(1, seed=8)[0]
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection:
        connection.executescript(
            "DROP TABLE segments; DROP TABLE gone; DROP TABLE tally;"
            "DROP TRIGGER chunk_added; DROP TRIGGER chunk_removed;"
            "CREATE TABLE snapshots (generation INTEGER PRIMARY KEY, file TEXT, sha256 TEXT);"
            "UPDATE meta SET value = '4' WHERE key = 'schema';"
        )

    again = Store(large.folder, MINE, layout=SMALL)

    assert found(again, question) == exact(large.folder, question)
    with again.reading() as view:
        assert view.languages() == {"en": 600, "zh": 300}
    with again.writing() as writer:
        writer.remove("zh")
    with again.reading() as view:
        assert view.languages() == {"en": 600, "zh": 0}
    assert again.check(whole=True) == ()
