"""The store of a folder survives crashes and damage; whoever reads it sees whole documents only."""

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Fingerprint, LibraryBusy, LibraryMismatch, Store, StoreError
from bifolio.retrieval.store import lock, texts
from bifolio.retrieval.store.index import DamagedIndex, Index
from bifolio.retrieval.store.segments import Saved

MINE = Fingerprint("two", "two/1", 2, "1/400")
NORTH, EAST = np.array([1, 0], np.float32), np.array([0, 1], np.float32)

Damage = Callable[[Path], object]


def put(store: Store, path: str, text: str = "ferry", vector: Any = NORTH, chunks: int = 1) -> None:
    with store.writing() as writer:
        whole = "\n".join([text] * chunks)
        document = Document(path, path, "hash", whole, (Page(1, 0, len(whole)),))
        step = len(text) + 1
        spans = [Chunk(document, n * step, n * step + len(text)) for n in range(chunks)]
        writer.put(document, spans, np.array([vector] * chunks, np.float32))


def found(store: Store, vector: Any = NORTH, count: int = 10) -> list[tuple[str, float]]:
    """Give (path, inner product) of what the vector finds."""
    with store.reading() as view:
        hits = view.dense(vector, count)
        chunks = view.chunks([id_ for id_, _ in hits])
    return [(chunks[id_].document.path, product) for id_, product in hits]


def paths(store: Store) -> list[str]:
    with store.reading() as view:
        return [entry.path for entry in view.entries()]


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def store(folder: Path) -> Store:
    """Give a store of two documents: "north" at (1, 0), "east" at (0, 1)."""
    store = Store(folder, MINE)
    put(store, "north", "ferry", NORTH)
    put(store, "east", "crew", EAST)
    return store


BOTH = [("north", 1.0), ("east", 0.0)]


def index_file(folder: Path) -> Path:
    """Give the newest index file."""
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        row = connection.execute("SELECT file FROM segments WHERE current").fetchone()
    return folder / str(row[0])


# what is stored


def test_what_an_older_library_tells_in_sentences_is_read_as_it_stands(
    folder: Path, store: Store
) -> None:
    change(folder, "UPDATE outlines SET notes = ?", json.dumps(["hidden {slides} too"]))
    change(folder, "UPDATE documents SET stale_reason = ?, stale_day = ?", "it is {bad}", "today")

    with store.reading() as view:
        entry, note = view.entry("north"), view.document("north").notes[0]

    assert str(note) == "hidden {slides} too"
    assert entry.stale is not None
    assert str(entry.stale.reason) == "it is {bad}"


def test_a_removed_document_leaves_nothing_behind(folder: Path, store: Store) -> None:
    with store.writing() as writer:
        assert writer.remove("north")
        assert not writer.remove("north")

    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        counts = {
            table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
            for table in ("documents", "outlines", "texts", "chunks", "words")
        }
    assert set(counts.values()) == {1}
    assert found(store) == [("east", 0.0)]


@pytest.mark.parametrize("name", ["a b", "100%25", "a?b#c", "渡轮", "a'b", "x" * 100])
def test_a_library_may_have_any_name(tmp_path: Path, name: str) -> None:
    put(Store(tmp_path / name, MINE), "a")

    assert paths(Store(tmp_path / name, MINE, create=False)) == ["a"]


def test_a_library_stays_where_it_is_when_the_process_moves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    store = Store(Path("library"), MINE)
    put(store, "a")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")

    assert found(store) == [("a", 1.0)]


def watched(store: Store, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Give the list to which every statement of the store's connections will be added."""
    statements: list[str] = []
    connect = sqlite3.connect

    def connected(*arguments: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*arguments, **options)
        connection.set_trace_callback(statements.append)
        return connection

    monkeypatch.setattr(sqlite3, "connect", connected)
    return statements


def test_listing_documents_reads_no_text(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    statements = watched(store, monkeypatch)

    assert paths(store) == ["east", "north"]

    assert not [one for one in statements if "texts" in one or "outlines" in one]


@given(st.text(st.characters(codec="utf-8")), st.integers(0, 60), st.integers(0, 60))
def test_a_span_of_a_text_is_read_as_it_was_kept(text: str, start: int, end: int) -> None:
    with closing(sqlite3.connect(":memory:")) as connection, pytest.MonkeyPatch.context() as patch:
        patch.setattr(texts, "BLOCK", 8)
        connection.execute("CREATE TABLE texts (document, start, text, checksum)")
        texts.keep_text(connection, 1, "another")
        texts.keep_text(connection, 2, text)

        assert texts.text_between(connection, 2) == text
        assert texts.text_between(connection, 2, start, end) == text[start:end]


# what is refused


def test_a_library_of_a_newer_version_is_refused_and_not_touched(
    folder: Path, store: Store
) -> None:
    change(folder, "UPDATE meta SET value = '99' WHERE key = 'schema'")
    before = (folder / "db.sqlite").read_bytes()

    with pytest.raises(LibraryMismatch, match=r"schema 99.* reads 5.* update bifolio"):
        Store(folder, MINE)

    assert (folder / "db.sqlite").read_bytes() == before


def test_a_library_of_an_older_version_is_told_from_a_newer_one(folder: Path, store: Store) -> None:
    change(folder, "UPDATE meta SET value = '1' WHERE key = 'schema'")

    with pytest.raises(LibraryMismatch, match=r"older version \(schema 1.* new --library"):
        Store(folder, MINE)


def change(folder: Path, statement: str, *values: Any) -> None:
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection, connection:
        connection.execute(statement, values)


def test_a_missing_library_is_made_only_if_told_to(folder: Path) -> None:
    with pytest.raises(StoreError, match="there is no library at"):
        Store(folder, MINE, create=False)

    assert not folder.exists()


def test_a_file_where_the_folder_should_be_is_told(folder: Path) -> None:
    folder.write_text("a file")

    with pytest.raises(StoreError, match="give another --library"):
        Store(folder, MINE)


def _forget(folder: Path) -> None:
    change(folder, "DELETE FROM meta")


def _garble(folder: Path) -> None:
    change(folder, "UPDATE meta SET value = '{' WHERE key = 'fingerprint'")


def _strip(folder: Path) -> None:
    change(folder, "UPDATE meta SET value = '{}' WHERE key = 'fingerprint'")


def _truncate(folder: Path) -> None:
    os.truncate(folder / "db.sqlite", 5000)


def _zero(folder: Path) -> None:
    (folder / "db.sqlite").write_bytes(b"\0" * 50_000)


def _replace(folder: Path) -> None:
    (folder / "db.sqlite").write_text("not a database\n" * 1000)


def _foreign(folder: Path) -> None:
    (folder / "db.sqlite").unlink()
    change(folder, "CREATE TABLE notes (text)")


@pytest.mark.parametrize(
    "damage",
    [_forget, _garble, _strip, _truncate, _zero, _replace, _foreign],
    ids=lambda damage: damage.__name__[1:],
)
def test_a_damaged_database_is_refused_with_a_sentence(
    folder: Path, store: Store, damage: Damage
) -> None:
    for leftover in folder.glob("db.sqlite-*"):
        leftover.unlink()
    damage(folder)

    with pytest.raises(StoreError, match=r"(another|new) (--library|one)") as caught:
        Store(folder, MINE)

    assert str(folder) in str(caught.value)


def test_damage_inside_the_database_ends_in_a_sentence_or_the_right_answer(folder: Path) -> None:
    store = Store(folder, MINE)
    put(store, "big", "ferry " * 40, NORTH, chunks=60)
    file = folder / "db.sqlite"
    whole = file.read_bytes()
    for page in range(1, len(whole) // 4096):
        with file.open("r+b") as opened:
            opened.seek(page * 4096)
            opened.write(b"\xff" * 4096)
        with suppress(StoreError):
            assert all(path == "big" for path, _ in found(Store(folder, MINE)))
        file.write_bytes(whole)


# the index file is a cache


def _remove(file: Path) -> None:
    file.unlink()


def _empty(file: Path) -> None:
    file.write_bytes(b"")


def _cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-3])


def _lengthen(file: Path) -> None:
    file.write_bytes(file.read_bytes() + b"more")


def _flip(place: int) -> Damage:
    def flip(file: Path) -> None:
        data = bytearray(file.read_bytes())
        data[place] ^= 1
        file.write_bytes(data)

    return flip


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize(
    "damage",
    [_remove, _empty, _cut, _lengthen, _flip(0), _flip(30), _flip(-1), _folder],
    ids=["removed", "empty", "cut", "longer", "flipped 0", "flipped 30", "flipped -1", "folder"],
)
def test_a_damaged_index_is_built_again(folder: Path, store: Store, damage: Damage) -> None:
    damage(index_file(folder))

    assert found(Store(folder, MINE)) == BOTH

    data = index_file(folder).read_bytes()
    assert found(Store(folder, MINE)) == BOTH
    assert index_file(folder).read_bytes() == data, "the good file was not used"


def test_an_index_of_another_generation_is_brought_into_step(folder: Path, store: Store) -> None:
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        before = connection.execute("SELECT * FROM segments WHERE NOT current").fetchall()
    assert len(before) == 1
    change(folder, "DELETE FROM segments WHERE current")
    change(folder, "UPDATE segments SET current = 1")

    assert found(Store(folder, MINE)) == BOTH


def test_an_index_of_another_library_is_not_used(folder: Path, store: Store) -> None:
    other = Store(folder.parent / "other", MINE)
    put(other, "other", "words", EAST)
    shutil.copy(index_file(other.folder), index_file(folder))

    assert found(Store(folder, MINE)) == BOTH


def test_a_library_that_was_replaced_while_open_is_read_as_it_is_now(
    folder: Path, store: Store
) -> None:
    """The other library has as many changes, so only its own name can tell it apart."""
    assert found(store) == BOTH
    other = Store(folder.parent / "other", MINE)
    put(other, "south", "fire", EAST)
    put(other, "west", "price", NORTH)

    shutil.rmtree(folder)
    other.folder.rename(folder)

    assert found(store) == [("west", 1.0), ("south", 0.0)]


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "/etc/passwd", "..", "", ".", "db.sqlite", "a\0b", "\udcff"]
)
def test_a_hostile_index_name_opens_nothing_outside(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    opened: list[Path] = []
    read_bytes = Path.read_bytes

    def watched(path: Path) -> bytes:
        opened.append(path)
        return read_bytes(path)

    with pytest.MonkeyPatch.context() as watching:
        watching.setattr(Path, "read_bytes", watched)
        with pytest.raises(DamagedIndex):
            Index.load(folder, Saved(name, "hash", 4), 2)
    assert all(path.parent == folder or path == folder for path in opened)


def test_a_hostile_index_name_in_the_database_does_no_harm(folder: Path, store: Store) -> None:
    outside = folder.parent / "outside.faiss"
    outside.write_text("mine")
    change(folder, "UPDATE segments SET file = '../outside.faiss' WHERE current")

    assert found(Store(folder, MINE)) == BOTH
    assert outside.read_text() == "mine"


def test_only_the_last_two_index_files_stay(folder: Path, store: Store) -> None:
    for number in range(4):
        put(store, f"{number}")

    assert len(list(folder.glob("index-*.faiss"))) == 2
    assert not list(folder.glob("*.tmp"))


def test_a_half_written_index_file_is_swept_away(folder: Path, store: Store) -> None:
    (folder / "index-9-dead.tmp").write_bytes(b"half")

    put(store, "new")

    assert not list(folder.glob("*.tmp"))


def test_an_index_of_other_dimensions_is_damaged(folder: Path, store: Store) -> None:
    file = index_file(folder)
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        row = connection.execute(
            "SELECT sha256, size FROM segments WHERE file = ?", (file.name,)
        ).fetchone()

    assert Index.load(folder, Saved(file.name, *row), 2).ids.tolist() == [1, 2]
    with pytest.raises(DamagedIndex, match="2 dimensions, not 3"):
        Index.load(folder, Saved(file.name, *row), 3)


def test_an_index_finds_no_more_than_it_holds() -> None:
    index = Index.of(np.array([4, 9]), np.array([NORTH, EAST]))

    assert index.search(EAST, 100) == [(9, 1.0), (4, 0.0)]
    assert Index.of(np.zeros(0, np.int64), np.zeros((0, 2), np.float32)).search(EAST, 5) == []


# writers and readers


CHILD = """
import json, os, signal, sys, time
from pathlib import Path
import numpy as np
from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import Fingerprint, Store
folder, point = Path(sys.argv[1]), sys.argv[2]
die = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
if point == "making":
    from bifolio.retrieval.store import store as module
    module.sql = die
if point == "index":
    import bifolio.retrieval.store.saving as module
    module.Index.save = die
if point == "rename":
    Path.rename = die
store = Store(folder, Fingerprint("two", "two/1", 2, "1/400"))
with store.writing() as writer:
    for number in range(3):
        text = f"ferry {number}"
        document = Document(f"new {number}", "t", "hash", text, (Page(1, 0, len(text)),))
        if point == "middle" and number == 1:
            import bifolio.retrieval.store.writer as module
            module.body = die
        if point == "between" and number == 2:
            die()
        if point == "hold" and number == 1:
            print("ready", flush=True)
            time.sleep(60)
        writer.put(document, [Chunk(document, 0, 7)], np.array([[1, 0]], np.float32))
"""


def run_until_killed(folder: Path, point: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), point], capture_output=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()


@pytest.mark.parametrize(
    ("point", "expected"),
    [
        ("middle", ["new 0"]),
        ("between", ["new 0", "new 1"]),
        ("index", ["new 0", "new 1", "new 2"]),
        ("rename", ["new 0", "new 1", "new 2"]),
    ],
)
def test_a_killed_writer_leaves_whole_documents_only(
    folder: Path, store: Store, point: str, expected: list[str]
) -> None:
    run_until_killed(folder, point)

    again = Store(folder, MINE)
    assert paths(again) == ["east", *expected, "north"]
    assert len(found(again)) == 2 + len(expected)
    put(again, "after")
    assert "after" in paths(again)
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert connection.execute("PRAGMA foreign_key_check").fetchall() == []


def test_a_library_whose_making_was_killed_can_be_made(folder: Path) -> None:
    run_until_killed(folder, "making")

    put(Store(folder, MINE), "a")

    assert paths(Store(folder, MINE)) == ["a"]


@pytest.fixture
def holder(folder: Path, store: Store) -> Iterator[subprocess.Popen[str]]:
    """Give another process that has stored "new 0" and holds the writer."""
    command = [sys.executable, "-c", CHILD, str(folder), "hold"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
        process.kill()


def test_a_second_writer_is_refused_with_the_first_ones_name(
    store: Store, holder: subprocess.Popen[str]
) -> None:
    with pytest.raises(LibraryBusy, match=rf"process {holder.pid}, since .* wait for its end"):
        put(store, "mine")


def test_a_killed_writer_leaves_no_lock(store: Store, holder: subprocess.Popen[str]) -> None:
    holder.kill()
    holder.wait()

    put(store, "mine")

    assert "mine" in paths(store)


def test_readers_do_not_wait_for_a_writer(store: Store, holder: subprocess.Popen[str]) -> None:
    assert paths(store) == ["east", "new 0", "north"]
    assert len(found(store)) == 3


def test_a_process_that_bears_our_number_elsewhere_is_another(folder: Path, store: Store) -> None:
    """Two containers with one folder may each call their process 1."""
    with store.writing():
        told = json.loads((folder / "writer.json").read_text())
        (folder / "writer.json").write_text(json.dumps(told | {"process": "other"}))
        with pytest.raises(LibraryBusy, match=rf"another process \(process {os.getpid()}"):
            put(Store(folder, MINE), "mine")


@pytest.mark.parametrize("told", ["", "{", "[]", "{}", '{"pid": 1}'])
def test_a_writer_that_is_not_told_of_is_still_waited_for(
    folder: Path, store: Store, told: str
) -> None:
    with store.writing():
        (folder / "writer.json").write_text(told)
        with pytest.raises(LibraryBusy, match="another process is writing"):
            put(Store(folder, MINE), "mine")


def test_a_reader_does_not_wait_to_save_the_index(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "WAIT", 60.0)
    index_file(folder).unlink()

    with store.writing():
        began = time.monotonic()
        assert found(Store(folder, MINE)) == BOTH
        assert time.monotonic() - began < 30


def test_an_interrupted_writer_saves_the_index(folder: Path, store: Store) -> None:
    def interrupted() -> None:
        document = Document("new", "t", "", "words", (Page(1, 0, 5),))
        with store.writing() as writer:
            writer.put(document, [Chunk(document, 0, 5)], np.array([NORTH]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    again = Store(folder, MINE)
    with again.reading() as view:
        assert len(view.dense(NORTH, 10)) == 3
        assert not view.needs_saving


def test_what_a_killed_writer_left_unsaved_is_saved_by_the_next_reader(
    folder: Path, store: Store
) -> None:
    run_until_killed(folder, "index")
    before = index_file(folder)

    assert len(found(Store(folder, MINE))) == 5

    assert index_file(folder) != before
    with Store(folder, MINE).reading() as view:
        view.dense(NORTH, 10)
        assert not view.needs_saving


def test_a_writer_does_not_read_again_what_its_process_holds(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> Any:
        raise AssertionError("the saved index was read again")

    assert found(store) == BOTH
    monkeypatch.setattr(Index, "load", refuse)

    put(store, "new", "ferry", NORTH)
    with store.writing() as writer:
        writer.calibrate(None)
    with store.writing() as writer:
        writer.remove("new")

    monkeypatch.undo()
    assert found(Store(folder, MINE)) == BOTH
    assert len(list(folder.glob("index-*.faiss"))) == 2


def test_an_index_that_another_process_saved_is_not_saved_again(folder: Path, store: Store) -> None:
    other = Store(folder, MINE)
    assert found(other) == BOTH
    put(store, "new")
    assert len(found(other)) == 3
    file = index_file(folder)

    with other.writing():
        pass

    assert index_file(folder) == file
    assert len(found(Store(folder, MINE))) == 3


# a folder that may only be read

READER = """
import os, sys
from pathlib import Path
import faiss, numpy as np
from bifolio.ingest import BifolioError, Chunk, Document, Page
from bifolio.retrieval import Fingerprint, Store, search
if os.getuid() == 0:
    os.setgid(65534)
    os.setuid(65534)
try:
    store = Store(Path(sys.argv[1]), Fingerprint("two", "two/1", 2, "1/400"))
    with store.reading() as view:
        hits = view.dense(np.array([1, 0], np.float32), 10)
        words = view.lexical(["crew"], 10)
        print(len(view.entries()), len(hits), len(words))
        if sys.argv[2:]:
            print("reading", flush=True)
            sys.stdin.readline()
            print(len(view.entries()))
    if not sys.argv[2:]:
        with store.writing() as writer:
            writer.remove("north")
except BifolioError as problem:
    print(problem)
"""


@pytest.fixture
def shown() -> Iterator[Path]:
    """Give a folder that any user can reach: rights prove nothing to root."""
    with tempfile.TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        yield Path(place) / "library"


def forbid(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)


def as_another(folder: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", READER, str(folder)], capture_output=True, timeout=60, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("state", ["closed", "read last", "killed", "without its index", "copied"])
def test_a_library_that_may_only_be_read_is_searched_and_says_so_to_a_writer(
    shown: Path, state: str
) -> None:
    store = Store(shown, MINE)
    put(store, "north", "ferry", NORTH)
    put(store, "east", "crew", EAST)
    expected = "2 2 1"
    if state == "read last":
        assert found(store) == BOTH
    if state == "killed":
        run_until_killed(shown, "index")
        expected = "5 5 1"
    if state == "without its index":
        index_file(shown).unlink()
    if state == "copied":
        for beside in (".lock", "writer.json"):
            (shown / beside).unlink(missing_ok=True)
    forbid(shown)

    searched, told = as_another(shown)

    assert searched == expected
    assert told.startswith(f"{shown} is read-only for you: it can be searched, but nothing")
    shown.chmod(0o755)


def test_who_may_only_read_sees_what_a_writer_of_other_rights_has_stored(shown: Path) -> None:
    if os.getuid() != 0:
        pytest.skip("needs two users")
    store = Store(shown, MINE)
    put(store, "north", "ferry", NORTH)
    for path in shown.iterdir():
        path.chmod(0o644)

    with store.writing() as writer:
        document = Document("east", "t", "", "crew", (Page(1, 0, 4),))
        writer.put(document, [Chunk(document, 0, 4)], np.array([EAST]))
        assert as_another(shown)[0] == "2 2 1"

    assert as_another(shown)[0] == "2 2 1"


def test_a_writer_of_other_rights_waits_for_who_may_only_read(
    shown: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if os.getuid() != 0:
        pytest.skip("needs two users")
    store = Store(shown, MINE)
    put(store, "north", "ferry", NORTH)
    command = [sys.executable, "-c", READER, str(shown), "hold"]
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, **pipes) as reader:
        assert reader.stdout is not None
        assert [reader.stdout.readline() for _ in range(2)] == ["1 1 0\n", "reading\n"]
        with pytest.raises(LibraryBusy):
            put(store, "east", "crew", EAST)
        monkeypatch.setattr(lock, "WAIT", 30.0)
        assert reader.communicate("go on\n") == ("1\n", None)
        put(store, "east", "crew", EAST)

    assert as_another(shown)[0] == "2 2 1"


FULL = """
import resource, sys
from pathlib import Path
import numpy as np
from bifolio.ingest import BifolioError, Chunk, Document, Page
from bifolio.retrieval import Fingerprint, Store
store = Store(Path(sys.argv[1]), Fingerprint("two", "two/1", 2, "1/400"))
resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))
text = "ferry " * 200_000
document = Document("big", "t", "hash", text, (Page(1, 0, len(text)),))
try:
    with store.writing() as writer:
        writer.put(document, [Chunk(document, 0, len(text))], np.array([[1, 0]], np.float32))
except BifolioError as problem:
    print(problem)
"""


def test_a_full_disk_is_told_and_costs_only_the_document_at_hand(
    folder: Path, store: Store
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", FULL, str(folder)], capture_output=True, timeout=60, text=True
    )

    assert str(folder) in done.stdout, done.stderr
    assert found(Store(folder, MINE)) == BOTH


def test_a_search_works_where_no_index_can_be_saved(
    folder: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read-only file system lets SQLite open for writing, and says no at the first write."""
    index_file(folder).unlink()

    def refuse(*_: object, **__: object) -> None:
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr("bifolio.retrieval.store.store.save_index", refuse)

    assert found(Store(folder, MINE)) == BOTH


def test_the_settings_of_a_library_are_plain_json(folder: Path, store: Store) -> None:
    with closing(sqlite3.connect(folder / "db.sqlite")) as connection:
        meta = dict(connection.execute("SELECT key, value FROM meta").fetchall())

    assert json.loads(meta["fingerprint"])["embedder"] == "two"
    assert json.loads(meta["generation"]) == 2
