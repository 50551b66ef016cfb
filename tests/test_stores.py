"""Whatever keeps a library, a folder or Milvus with a SQL database, keeps the same promises."""

import os
import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from stores import (
    BOTH,
    EAST,
    MINE,
    NORTH,
    Place,
    child,
    document,
    forget,
    found,
    hold,
    paths,
    postgres,
    put,
    write_until_killed,
)

from bifolio.ingest import Chunk, Document, Heading, Page, message
from bifolio.retrieval import (
    Calibration,
    Failure,
    Fingerprint,
    LibraryBusy,
    LibraryMismatch,
    LibraryStore,
    StoreError,
    has_library,
    open_store,
    place_of,
    stored_fingerprint,
)
from bifolio.retrieval.store import lock
from bifolio.retrieval.words import Language, words

Opening = Callable[[], LibraryStore]


@pytest.fixture(autouse=True)
def _short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.1)


@pytest.fixture(scope="module")
def database() -> Iterator[str | None]:
    with postgres() as address:
        yield address


@pytest.fixture(params=["folder", "Milvus and SQLite", "Milvus and PostgreSQL"])
def place(request: pytest.FixtureRequest, tmp_path: Path, database: str | None) -> Place:
    """Give the place of a library that is not there yet."""
    if request.param == "folder":
        return place_of(tmp_path / "library")
    address = f"milvus+file:{tmp_path}/library"
    if request.param == "Milvus and SQLite":
        return place_of(address)
    if database is None:
        pytest.skip("PostgreSQL is not installed")
    forget(database)
    return place_of(address, documents=database)


@pytest.fixture
def store(place: Place) -> Iterator[LibraryStore]:
    """Give a store of two documents: "north" at (1, 0), "east" at (0, 1)."""
    store = open_store(place, MINE)
    put(store, "north", "ferry", NORTH)
    put(store, "east", "crew", EAST)
    yield store
    store.close()


@pytest.fixture
def again(place: Place) -> Iterator[Opening]:
    """Give what opens the library anew, as another process would."""
    with ExitStack() as stack:

        def opened() -> LibraryStore:
            return stack.enter_context(closing(open_store(place, MINE, create=False)))

        yield opened


# what is stored


def test_what_was_stored_comes_back_whole(store: LibraryStore) -> None:
    with store.reading() as view:
        stored = view.document("north")
        (entry, *_) = (entry for entry in view.entries() if entry.path == "north")
        assert view.entry("north") == entry
        with pytest.raises(KeyError):
            view.entry("west")

    assert (stored.text, stored.pages) == ("ferry", (Page(1, 0, 5),))
    assert (entry.pages, entry.chunks, entry.sha256) == (1, 1, "hash")


def test_what_is_told_of_a_document_comes_back_with_its_facts(store: LibraryStore) -> None:
    line = message("line-number", "line {line}", line=7)
    note = message("not-json", "{what} is not JSON {{", what=line)
    with store.writing() as writer:
        noted = Document("a", "a", "hash", "ferry", (Page(1, 0, 5),), notes=(note,))
        writer.put(noted, [Chunk(noted, 0, 5)], np.array([NORTH]))
        writer.mark_stale("a", note)
    with store.reading() as view:
        assert view.document("a").notes == (note,)
        stale = view.entry("a").stale

    assert stale is not None
    assert stale.reason == note
    assert str(stale.reason) == "line 7 is not JSON {"


def test_a_stale_document_can_be_fresh_again(store: LibraryStore) -> None:
    with store.writing() as writer:
        writer.mark_stale("north", message("gone", "gone"))
        writer.mark_fresh("north")

    with store.reading() as view:
        assert view.entry("north").stale is None


def test_what_could_not_be_read_is_known_until_it_is_read(store: LibraryStore) -> None:
    failure = Failure("hash 2", "pdf/2", message("damaged", "it is damaged"))
    with store.writing() as writer:
        writer.keep_failure(failure)
        writer.keep_failure(failure)
        assert writer.failures() == {"hash 2": failure}
    with store.reading() as view:
        assert view.failures() == {"hash 2": failure}
    with store.writing() as writer:
        read = Document("a", "a", "hash 2", "ferry", (Page(1, 0, 5),))
        writer.put(read, [Chunk(read, 0, 5)], np.array([NORTH]))
        assert writer.failures() == {}


def test_a_threshold_is_kept_and_forgotten(store: LibraryStore) -> None:
    kept = Calibration(threshold=0.25, fits="both", reranker="one", questions=9, rule="f1")
    with store.writing() as writer:
        writer.calibrate(kept)
    with store.reading() as view:
        assert view.calibration() == kept
    with store.writing() as writer:
        writer.calibrate(None)
    with store.reading() as view:
        assert view.calibration() is None


def test_the_nearest_vector_comes_first(store: LibraryStore) -> None:
    assert found(store, NORTH) == BOTH
    assert found(store, EAST, 1) == [("east", 1.0)]
    with store.reading() as view:
        assert view.products(EAST, view.ids()) == [0.0, 1.0]
        assert view.dense(EAST, 0) == []


def test_a_document_takes_the_place_of_the_one_with_its_path(store: LibraryStore) -> None:
    put(store, "north", "engine", EAST)

    assert sorted(paths(store)) == ["east", "north"]
    assert sorted(found(store, NORTH)) == [("east", 0.0), ("north", 0.0)]
    with store.reading() as view:
        assert view.lexical(["ferry"], 10) == []
        assert len(view.lexical(["engine"], 10)) == 1


def test_a_document_takes_the_place_of_one_with_another_path(store: LibraryStore) -> None:
    with store.writing() as writer:
        writer.put(*document("south"), np.array([NORTH]), instead_of="north")

    assert paths(store) == ["east", "south"]
    assert found(store) == [("south", 1.0), ("east", 0.0)]


def test_several_documents_are_stored_in_one_step(store: LibraryStore) -> None:
    vectors = np.array([NORTH])
    with store.writing() as writer:
        writer.put_many([(*document("a"), vectors), (*document("north", "crew"), vectors)])
        writer.put_many([])
        with pytest.raises(ValueError, match=r"vectors \(1, 2\) for 2 chunks"):
            writer.put_many([(*document("b"), vectors), (*document("c", chunks=2), vectors)])

    assert paths(store) == ["a", "east", "north"]
    assert len(found(store)) == 3
    with store.reading() as view:
        assert len(view.lexical(["crew"], 10)) == 2


def test_a_document_without_chunks_is_kept(store: LibraryStore) -> None:
    with store.writing() as writer:
        writer.put(*document("blank", "", 0), np.zeros((0, 2), np.float32))

    assert paths(store) == ["blank", "east", "north"]
    assert found(store) == BOTH


def test_a_removed_document_leaves_nothing_to_find(store: LibraryStore) -> None:
    with store.writing() as writer:
        assert writer.remove("north")
        assert not writer.remove("north")

    assert found(store) == [("east", 0.0)]
    with store.reading() as view:
        assert view.lexical(["ferry"], 10) == []
        assert len(view.ids()) == 1
    with store.writing():
        pass
    assert store.check(whole=True) == ()


def test_ids_are_never_used_again(store: LibraryStore) -> None:
    with store.reading() as view:
        before = set(view.ids())
    with store.writing() as writer:
        writer.remove("north")
        writer.remove("east")
    put(store, "new")

    with store.reading() as view:
        assert before.isdisjoint(view.ids())


def test_a_renamed_document_is_found_under_its_new_path(store: LibraryStore) -> None:
    with store.writing() as writer:
        writer.rename("north", "south")

    assert found(store, NORTH, 1) == [("south", 1.0)]


def test_vectors_that_do_not_fit_the_chunks_store_nothing(store: LibraryStore) -> None:
    with store.writing() as writer, pytest.raises(ValueError, match=r"vectors \(1, 3\)"):
        writer.put(*document("bad"), np.zeros((1, 3), np.float32))

    assert "bad" not in paths(store)


def test_counts_follow_what_is_stored(store: LibraryStore) -> None:
    text = "one\ntwo\nthree"
    paged = Document("paged", "t", "", text, (Page(1, 0, 4), Page(2, 4, 8), Page(3, 8, 13)))
    chunks = [Chunk(paged, 0, 7), Chunk(paged, 8, 13)]
    with store.writing() as writer:
        writer.put(paged, chunks, np.array([NORTH, EAST]))
        assert writer.chunks("paged") == chunks

    with store.reading() as view:
        (entry,) = (entry for entry in view.entries() if entry.path == "paged")
        assert view.document("paged") == paged
    assert (entry.pages, entry.chunks) == (3, 2)


def test_a_chunk_is_read_without_the_rest_of_its_document(store: LibraryStore) -> None:
    text = "# Fares\n\nfive crowns\n" + "more " * 20_000
    heading = Heading(1, "Fares", 0)
    long = Document("long", "Guide", "", text, (Page(1, 0, len(text)),), (heading,))
    chunk = Chunk(long, 9, 20)
    with store.writing() as writer:
        writer.put(long, [chunk], np.array([NORTH]))

    with store.reading() as view:
        id_ = view.ids()[-1]
        (span,) = view.spans([id_]).values()
        assert view.chunks([id_]) == {id_: chunk}
        assert view.document("long").text == text
    assert (span.path, span.title, span.pages, span.language) == ("long", "Guide", (1, 1), "en")
    assert (span.start, span.end, span.text) == (9, 20, "five crowns")
    assert (span.context, span.searched) == (chunk.context, chunk.searched)


def test_documents_are_listed_by_the_code_points_of_their_paths(store: LibraryStore) -> None:
    for path in ("a b", "B", "é", "渡轮", "%", "a'b", "_"):
        put(store, path)

    assert paths(store) == sorted(paths(store))
    assert len(paths(store)) == 9


def test_a_sample_is_the_same_for_a_seed(store: LibraryStore) -> None:
    put(store, "more", chunks=9)
    with store.reading() as view:
        assert view.sample(3, seed=1) == view.sample(3, seed=1)
        assert len(view.sample(100, seed=1)) == 11
        assert all(chunk in view.chunks_of(chunk.document.path) for chunk in view.sample(9, seed=1))


def test_an_upload_is_kept_with_its_document_and_gone_without(store: LibraryStore) -> None:
    data, name = b"five crowns", "fares.txt"
    sha256 = "f5e2dc12b2e3ee0fa1ff2cbb5d4b4bbcc7b7cd5ba2a3e9a4bbc1f1b8f5f4f9d6"
    with store.writing() as writer:
        kept = writer.keep_upload(data, name)
        sha256 = kept.name.removesuffix(".txt")
        upload = Document(name, name, sha256, "five crowns", (Page(1, 0, 11),))
        writer.put(upload, [Chunk(upload, 0, 11)], np.array([NORTH]))
        spare = writer.keep_upload(b"nobody's", "spare.txt")
        assert writer.source(name).read_bytes() == data

    assert store.file(name) == data
    assert store.source(name) == kept
    assert store.check(whole=True) == ()
    with store.writing() as writer:
        writer.remove(name)
    with store.writing():
        pass
    with pytest.raises(KeyError):
        store.file(name)
    assert not kept.exists()
    assert not spare.exists()


# recall


def test_recall_keeps_to_a_language(store: LibraryStore) -> None:
    """The English "north" lies nearest, yet the Chinese document is found where it is asked for."""
    put(store, "chinese", "船员", EAST)
    put(store, "mixed", "船员 crew", EAST)

    with store.reading() as view:
        names = {id_: chunk.document.path for id_, chunk in view.chunks(view.ids()).items()}

        def dense(language: Language | None) -> list[str]:
            return sorted(names[id_] for id_, _ in view.dense(NORTH, 10, language=language))

        def lexical(language: Language | None) -> list[str]:
            found = view.lexical(["crew", "船员"], 10, language=language)
            return sorted(names[id_] for id_, _ in found)

        assert dense("zh") == ["chinese", "mixed"]
        assert dense("en") == ["east", "north"]
        assert dense(None) == ["chinese", "east", "mixed", "north"]
        assert lexical("zh") == ["chinese", "mixed"]
        assert lexical("en") == ["east"]
        assert lexical(None) == ["chinese", "east", "mixed"]
        assert view.languages() == {"en": 2, "zh": 2}


def test_recall_in_a_language_follows_what_is_written(store: LibraryStore) -> None:
    for name in ("first", "second"):
        put(store, name, "船员", EAST)
        with store.reading() as view:
            ids = [id_ for id_, _ in view.dense(EAST, 10, language="zh")]
            assert view.chunks(ids)[max(ids)].document.path == name


def test_a_library_without_a_language_finds_nothing_in_it(store: LibraryStore) -> None:
    with store.reading() as view:
        assert view.dense(NORTH, 10, language="zh") == []
        assert view.lexical(["ferry"], 10, language="zh") == []
        assert view.languages() == {"en": 2, "zh": 0}


def test_a_word_with_a_quote_is_only_a_word(store: LibraryStore) -> None:
    with store.reading() as view:
        assert view.lexical(['fer"ry" OR "x', "crew"], 10) != []
        assert view.lexical([], 10) == []


SAID = {
    "ferries": "the ferry leaves",
    "leaving": "two boats leave",
    "渡轮": "这艘渡轮今天开",
    "票": "船票五元",
    "zebra": "a zebra crossing",
    "straße": "die strasse dort",
    "12.5": "it is 12.5 metres",
    "AB-1234": "part ab-1234 is out of stock",
    "𠮷野": "在𠮷野家吃饭",
    "naïve": "a naive question",
}


def test_words_are_found_as_they_are_in_the_index_of_a_folder(store: LibraryStore) -> None:
    with store.writing() as writer:
        for text in SAID.values():
            writer.put(*document(text, text), np.array([EAST]))

    with store.reading() as view:
        for word, text in SAID.items():
            hits = view.lexical(words(word), 10)
            told = [chunk.text for chunk in view.chunks([id_ for id_, _ in hits]).values()]
            assert text in told, word
            assert all(score > 0 for _, score in hits)
        assert view.lexical(words("zebu 轮渡 nobody 1234567"), 10) == []


def test_a_library_of_nothing_finds_nothing(place: Place) -> None:
    store = open_store(place, MINE)

    with store.reading() as view:
        assert view.dense(NORTH, 5) == []
        assert view.lexical(["ferry"], 5) == []
        assert (view.ids(), view.entries(), view.spans([]), view.chunks([])) == ([], [], {}, {})
    assert store.check(whole=True) == ()
    store.close()


# what is refused


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (Fingerprint("six", "six/1", 6, "1/400"), r"embedder two \(2 dim.* asked for six \(6\)"),
        (Fingerprint("two", "two/1", 3, "1/400"), r"two \(2 dimensions\), asked for two \(3\)"),
        (Fingerprint("two", "two/2", 2, "1/400"), "other weights or settings of the embedder two"),
        (Fingerprint("two", "two/1", 2, "2/400"), r"splitter 1/400, this one has 2/400\)"),
    ],
    ids=["model", "dimensions", "weights", "splitter"],
)
def test_a_library_made_otherwise_is_refused(
    place: Place, store: LibraryStore, other: Fingerprint, told: str
) -> None:
    with pytest.raises(LibraryMismatch, match=told) as caught:
        open_store(place, other)

    assert str(place) in str(caught.value)
    remedies = "choose those models again, or|bring it up to date by `bifolio rebuild`"
    assert re.search(remedies, str(caught.value))
    assert stored_fingerprint(place) == MINE


def test_a_missing_library_is_made_only_if_told_to(place: Place) -> None:
    assert not has_library(place)
    with pytest.raises(StoreError, match=re.escape(f"no library at {place}")):
        open_store(place, MINE, create=False)
    assert not has_library(place)

    open_store(place, MINE).close()
    assert has_library(place)


# writers and readers


@pytest.mark.parametrize(
    ("point", "expected"), [("middle", ["new 0"]), ("between", ["new 0", "new 1"])]
)
def test_a_killed_writer_leaves_whole_documents_only(
    place: Place, store: LibraryStore, point: str, expected: list[str], again: Opening
) -> None:
    store.close()
    with child(write_until_killed, place, point) as process:
        process.join(60)
        assert process.exitcode == -signal.SIGKILL

    opened = again()
    assert paths(opened) == ["east", *expected, "north"]
    assert len(found(opened)) == 2 + len(expected)
    put(opened, "after")
    assert "after" in paths(opened)
    assert len(found(opened)) == 3 + len(expected)
    assert opened.check(whole=True) == ()


def test_a_second_session_of_one_process_is_not_told_of_another_process(
    place: Place, store: LibraryStore, again: Opening
) -> None:
    with store.writing(), pytest.raises(LibraryBusy, match="another session of this program"):
        put(again(), "mine")


def test_an_interrupted_writer_keeps_what_it_stored(
    place: Place, store: LibraryStore, again: Opening
) -> None:
    def interrupted() -> None:
        with store.writing() as writer:
            writer.put(*document("new"), np.array([NORTH]))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()

    assert len(found(again())) == 3
    put(store, "more")
    assert len(found(again())) == 4


def test_a_reader_sees_the_old_state_until_it_looks_again(store: LibraryStore) -> None:
    with store.reading() as view:
        assert len(view.entries()) == 2
        put(store, "new")
        with store.writing() as writer:
            writer.remove("north")
        assert [entry.path for entry in view.entries()] == ["east", "north"]
        assert len(view.dense(NORTH, 10)) == 2

    assert paths(store) == ["east", "new"]
    assert len(found(store)) == 2


def test_a_reader_elsewhere_sees_what_was_written(
    place: Place, store: LibraryStore, again: Opening
) -> None:
    other = again()
    assert len(found(other)) == 2
    put(store, "new")

    assert len(found(other)) == 3


def test_readers_beside_a_writer_find_only_texts_that_are_there(store: LibraryStore) -> None:
    """Four readers while documents come and go: a hit always has its text."""
    stop = threading.Event()
    problems: list[Exception] = []

    def read() -> None:
        while not stop.is_set():
            try:
                assert {path for path, _ in found(store)} >= {"north", "east"}
            except Exception as problem:
                problems.append(problem)
                return

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(5):
        put(store, f"{number}")
        with store.writing() as writer:
            writer.remove(f"{number}")
    stop.set()
    for reader in readers:
        reader.join()
    assert not problems


def test_a_writer_that_fails_undoes_only_the_document_at_hand(store: LibraryStore) -> None:
    vectors = np.array([NORTH])

    with store.writing() as writer:
        writer.put(*document("good"), vectors)
        bad, _ = document("bad")
        with pytest.raises(AttributeError):
            writer.put(bad, [None], vectors)  # type: ignore[list-item]

    assert paths(store) == ["east", "good", "north"]
    assert len(found(store)) == 3


def test_an_error_of_the_caller_is_not_blamed_on_the_library(store: LibraryStore) -> None:
    with pytest.raises(BrokenPipeError), store.writing():
        raise BrokenPipeError


def test_a_writer_waits_for_one_that_is_soon_done(
    place: Place, store: LibraryStore, monkeypatch: pytest.MonkeyPatch, again: Opening
) -> None:
    monkeypatch.setattr(lock, "WAIT", 30.0)
    held = threading.Event()

    def holding() -> None:
        with store.writing():
            held.set()
            time.sleep(0.3)

    with ThreadPoolExecutor() as pool:
        done = pool.submit(holding)
        assert held.wait(20)
        put(again(), "mine")
        done.result()

    assert "mine" in paths(store)


def test_a_second_process_is_refused_until_the_first_is_killed(place: Place) -> None:
    """Two processes at once: not with Milvus Lite, which is for one alone."""
    if not isinstance(place, Path):
        pytest.skip("see test_milvus.py")
    store = open_store(place, MINE)
    ready = get_context("forkserver").Event()
    with child(hold, place, ready) as process:
        assert ready.wait(60)
        assert paths(store) == ["new 0"]
        with pytest.raises(LibraryBusy, match=rf"process {process.pid}, since .* wait for its end"):
            put(store, "mine")
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        put(store, "mine")
    assert paths(store) == ["mine", "new 0"]
