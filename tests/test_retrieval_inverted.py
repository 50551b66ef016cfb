"""Words in lists: ranked as by FTS5, in step with what changes, made again when in doubt."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest
from listed_words import (
    MINE,
    QUESTIONS,
    SMALL,
    by_fts5,
    by_lists,
    files,
    is_as_by_fts5,
    put,
    segments,
    texts,
)
from test_retrieval_ranking import CHINESE, ENGLISH, same

from bifolio.retrieval import Store
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.store.lexical import Lexical
from bifolio.retrieval.store.postings import Postings
from bifolio.retrieval.store.ranking import Weighed
from bifolio.retrieval.words import LANGUAGES, words


@pytest.fixture
def large(tmp_path: Path) -> Store:
    """Give a library of 600 English and 300 Chinese chunks, which is large by its layout."""
    store = Store(tmp_path / "library", MINE, layout=SMALL)
    put(store, "en", texts(600, ENGLISH, 1))
    put(store, "zh", texts(300, CHINESE, 2))
    return store


@pytest.fixture
def no_fts5(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let nothing be ranked by FTS5."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("asked FTS5")

    monkeypatch.setattr(Lexical, "ranked", refuse)


# as FTS5 ranks


def test_the_best_few_of_many_are_those_of_all(large: Store) -> None:
    for question in QUESTIONS:
        for language in LANGUAGES:
            some = by_lists(large, question, language, 10)
            assert same(some, by_fts5(large.folder, question, language))
            assert len(some) == min(10, len(by_fts5(large.folder, question, language)))


def test_a_rare_word_spares_reading_frequent_ones(
    large: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(large, "rare", ["the xylophone of a crew"])
    question, read = "the of xylophone", list[int]()
    expected = by_fts5(large.folder, question, "en")[:1]
    whole = Weighed.add_to

    def note(one: Weighed, scores: Floats, norms: Floats) -> None:
        read.append(one.listed.count)
        whole(one, scores, norms)

    monkeypatch.setattr(Weighed, "add_to", note)

    assert same(by_lists(large, question, "en", 1), expected)
    assert 1 in read
    assert len([count for count in read if count > 100]) < 2 * len(files(large.folder)) - 1


# in step


def test_a_large_library_has_its_words_in_files_beside_its_vectors(
    large: Store, no_fts5: None
) -> None:
    assert all(file.exists() for file in files(large.folder))
    assert is_as_by_fts5(large)
    assert is_as_by_fts5(Store(large.folder, MINE, layout=SMALL))
    assert large.check(whole=True) == ()


def test_a_small_library_has_none(tmp_path: Path) -> None:
    store = Store(tmp_path / "library", MINE, layout=SMALL)
    put(store, "en", texts(20, ENGLISH, 1))

    assert segments(store.folder)
    assert not list(store.folder.glob("*.words"))
    with store.reading() as view:
        assert view.lexical(["the"], 5)
        assert view.inverted is None
    assert store.check(whole=True) == ()


def test_random_changes_rank_as_fts5_does_for_who_stays_and_who_comes(
    tmp_path: Path, no_fts5: None
) -> None:
    store = Store(tmp_path / "library", MINE, layout=SMALL)
    put(store, "first", texts(300, ENGLISH, 0))
    chance = np.random.default_rng(0)
    for number in range(12):
        said = ENGLISH if chance.random() < 0.6 else CHINESE
        put(store, f"{chance.integers(6)}", texts(int(chance.integers(1, 90)), said, number))
        if chance.random() < 0.3:
            with store.writing() as writer:
                writer.remove(f"{chance.integers(6)}")
        if chance.random() < 0.7:
            assert is_as_by_fts5(store)

    assert is_as_by_fts5(store)
    assert is_as_by_fts5(Store(store.folder, MINE, layout=SMALL))
    assert store.check(whole=True) == ()
    assert set(store.folder.glob("*.words")) >= set(files(store.folder))


def test_what_is_added_is_read_alone(large: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_lists(large, "the", "en")

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(Postings, "load", refuse)
    put(large, "new", ["a xylophone"])

    assert [id_ for id_, _ in by_lists(large, "xylophone", "en")] == [901]
    with large.writing() as writer:
        writer.remove("new")
    assert by_lists(large, "xylophone", "en") == []
    assert is_as_by_fts5(large)


def test_another_process_sees_what_was_added_and_removed(large: Store, no_fts5: None) -> None:
    other = Store(large.folder, MINE, layout=SMALL)
    assert is_as_by_fts5(other)
    put(large, "new", texts(70, CHINESE, 8))
    assert is_as_by_fts5(other)
    with large.writing() as writer:
        writer.remove("en")

    assert is_as_by_fts5(other)


def test_who_comes_back_after_what_was_removed_is_forgotten_reads_again(large: Store) -> None:
    other = Store(large.folder, MINE, layout=SMALL)
    put(large, "old", texts(5, ENGLISH, 3))
    assert is_as_by_fts5(other)
    with large.writing() as writer:
        writer.remove("old")
    put(large, "new", texts(5, ENGLISH, 4))
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection, connection:
        connection.execute("DELETE FROM gone")

    assert is_as_by_fts5(other)


def test_words_that_are_indexed_again_are_listed_again(large: Store) -> None:
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection, connection:
        connection.execute("UPDATE words SET body = 'nothing' WHERE rowid = 1")
    held = set(large.folder.glob("*.words"))
    with large.writing() as writer:
        writer.words_again()

    assert is_as_by_fts5(large)
    assert not held & set(files(large.folder))
    assert large.check(whole=True) == ()


# damage


@pytest.mark.parametrize(
    "wreck", ["removed", "changed", "truncated", "longer", "swapped", "empty", "folder"]
)
def test_damaged_words_are_noticed_told_and_written_again(large: Store, wreck: str) -> None:
    first, second = files(large.folder)[0], files(large.folder)[-1]
    data = first.read_bytes()
    if wreck in ("removed", "folder"):
        first.unlink()
        if wreck == "folder":
            first.mkdir()
    elif wreck == "swapped":
        first.write_bytes(second.read_bytes())
        second.write_bytes(data)
    elif wreck == "changed":
        first.write_bytes(data[: len(data) // 2] + b"?" + data[len(data) // 2 + 1 :])
    else:
        few = {"truncated": data[:-9], "longer": data + b"more", "empty": b""}
        first.write_bytes(few[wreck])
    again = Store(large.folder, MINE, layout=SMALL)

    assert [damage.part for damage in again.check()] == ["index"]
    if wreck == "folder":
        first.rmdir()
    with again.reading() as view:
        rank = view.lexical(words("anchor crew"), 5, language="en")
    assert rank[0][0] in {id_ for id_, _ in by_fts5(large.folder, "anchor crew", "en")[:50]}
    with again.writing():
        pass  # What is missing is written when the writer ends.
    assert is_as_by_fts5(again)
    assert again.check(whole=True) == ()


def test_words_of_another_library_are_not_believed(large: Store, tmp_path: Path) -> None:
    other = Store(tmp_path / "other", MINE, layout=SMALL)
    put(other, "en", texts(600, ENGLISH, 5))
    put(other, "zh", texts(300, CHINESE, 6))
    for mine, theirs in zip(files(large.folder), files(other.folder), strict=True):
        mine.write_bytes(theirs.read_bytes())
    again = Store(large.folder, MINE, layout=SMALL)

    assert again.check() != ()
    with again.writing():
        pass
    assert is_as_by_fts5(again)


def test_counts_that_do_not_fit_leave_the_answer_to_fts5(
    large: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with closing(sqlite3.connect(large.folder / "db.sqlite")) as connection, connection:
        connection.execute("DROP TRIGGER chunk_removed")
        connection.execute("DELETE FROM chunks WHERE id <= 5")
        connection.execute("UPDATE tally SET chunks = chunks - 5 WHERE language = 'en'")
    again = Store(large.folder, MINE, layout=SMALL)

    with again.reading() as view:
        found = view.lexical(["the"], 1000, language="en")
    assert not {1, 2, 3, 4, 5} & {id_ for id_, _ in found}
    assert "do not fit the database" in caplog.text


def test_a_folder_that_cannot_be_written_to_is_answered_by_its_files_or_by_fts5(
    large: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("bifolio.retrieval.store.beside.writer_lock", refuse)
    monkeypatch.setattr(Path, "unlink", refuse)
    damaged = files(large.folder)[0]
    assert is_as_by_fts5(Store(large.folder, MINE, layout=SMALL))
    damaged.write_bytes(b"damaged")

    again = Store(large.folder, MINE, layout=SMALL)
    with again.reading() as view:
        assert view.lexical(["anchor"], 5, language="en")
        assert view.inverted is None
    assert damaged.read_bytes() == b"damaged"
    assert "written again" in caplog.text


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
import listed_words as tests
from bifolio.retrieval import Store
store = Store(Path(sys.argv[1]), tests.MINE, layout=tests.SMALL)
with store.writing() as writer:
    # Once nothing more can be written but to files that are long already.
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
"""


def test_a_full_disk_costs_the_files_of_words_and_no_answer(large: Store) -> None:
    for file in files(large.folder):
        file.unlink()
    command = [sys.executable, "-c", FULL, str(large.folder), str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False, text=True)

    assert done.returncode == 0, done.stderr
    assert "was not saved" in done.stderr
    assert not list(large.folder.glob("*.words"))
    again = Store(large.folder, MINE, layout=SMALL)
    with again.reading() as view:
        assert view.lexical(["anchor"], 5, language="en")
    with again.writing():
        pass
    assert is_as_by_fts5(again)


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
import listed_words as tests
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
tests.put(store, "more", tests.texts(500, ('ferry', 'crew', 'anchor'), 5))
"""


@pytest.mark.parametrize(
    "point",
    [
        "bifolio.retrieval.store.beside:collected",
        "bifolio.retrieval.store.postings:Postings.save",
        "bifolio.retrieval.store.postings:fields",
        "os:fsync",
    ],
)
def test_a_writer_killed_while_it_writes_words_leaves_a_library_that_is_whole(
    large: Store, point: str
) -> None:
    if point == "os:fsync":
        for file in files(large.folder):
            file.unlink()
    command = [sys.executable, "-c", KILLED, str(large.folder), point, str(Path(__file__).parent)]
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()

    again = Store(large.folder, MINE, layout=SMALL)
    with again.reading() as view:
        assert view.lexical(["crew"], 5, language="en")
    put(again, "after", ["a xylophone"])
    assert is_as_by_fts5(again)
    assert again.check(whole=True) == ()
    assert not list(large.folder.glob("*.tmp"))
    named = {segment.saved.file for segment in segments(large.folder)}
    assert len(list(large.folder.glob("*.words"))) <= 2 * len(named) + 2
