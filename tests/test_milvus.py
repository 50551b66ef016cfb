"""A library on Milvus: addresses, what fails on the way, and what a crash leaves behind."""

import json
import logging
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from hypothesis import given, settings
from hypothesis import strategies as st
from samples import ROOT
from stores import BOTH, EAST, MINE, NORTH, child, document, found, paths, put, write_until_killed

from bifolio import Library, Models, Settings
from bifolio.cli import commands
from bifolio.maintenance import rebuild, repair
from bifolio.retrieval import (
    LibraryBusy,
    LibraryMismatch,
    LibraryStore,
    StoreError,
    open_store,
    place_of,
)
from bifolio.retrieval.milvus import collection, terms
from bifolio.retrieval.milvus.address import is_address, parse
from bifolio.retrieval.milvus.collection import Collection, Freshness
from bifolio.retrieval.milvus.store import MilvusStore
from bifolio.retrieval.store import lock
from bifolio.retrieval.words import words


@pytest.fixture
def address(tmp_path: Path) -> str:
    return f"milvus+file:{tmp_path}/library"


@pytest.fixture
def store(address: str) -> Iterator[MilvusStore]:
    """Give a store of two documents: "north" at (1, 0), "east" at (0, 1)."""
    with closing(open_store(address, MINE)) as store:
        assert isinstance(store, MilvusStore)
        put(store, "north", "ferry", NORTH)
        put(store, "east", "crew", EAST)
        yield store


# addresses


@pytest.mark.parametrize(
    ("given", "shown", "uri"),
    [
        ("milvus://host:1/name", "milvus://host:1/name", "http://host:1"),
        ("milvus://host/name", "milvus://host:19530/name", "http://host:19530"),
        ("milvus+https://a.b:443/x_1", "milvus+https://a.b:443/x_1", "https://a.b:443"),
        ("milvus://[::1]:1/name", "milvus://[::1]:1/name", "http://[::1]:1"),
        ("milvus+file:/a/b", "milvus+file:/a/b", "/a/b/milvus.db"),
        ("milvus+file:///a/b", "milvus+file:/a/b", "/a/b/milvus.db"),
    ],
)
def test_an_address_stays_itself_through_a_path(given: str, shown: str, uri: str) -> None:
    for form in (given, Path(given), Path(given).absolute()):
        assert is_address(form)
        assert (str(parse(form)), parse(form).uri) == (shown, uri)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("milvus://", "host and port"),
        ("milvus://host:1", "letters, figures"),
        ("milvus://host:1/a b", "letters, figures"),
        ("milvus://host:1/a/b", "letters, figures"),
        ("milvus://host:1/1a", "letters, figures"),
        ("milvus://host:many/name", "host and port"),
        ("milvus://host:1/name?token=x", "host and port"),
        ("milvus://user:secret@host:1/name", "BIFOLIO_MILVUS_TOKEN"),
        ("milvus+file:", "no folder"),
    ],
)
def test_what_is_no_address_is_told_with_the_form_of_one(given: str, told: str) -> None:
    with pytest.raises(StoreError, match=told) as caught:
        parse(given)

    assert "milvus://HOST:19530/NAME" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("name", ["library", "milvus", "./milvus/x", "a milvus: b", "C:/milvus"])
def test_a_folder_is_no_address(name: str) -> None:
    assert not is_address(name)
    assert place_of(name) == Path(name)


def test_the_documents_stand_in_a_folder_for_each_server_and_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        place = parse(f"milvus://host:1/{name}", documents=str(tmp_path))
        assert place.folder == tmp_path / "host-1" / name
    database = parse("milvus://host:1/one", documents="postgresql://u:secret@h/d", token="secret")
    assert (database.database, database.folder.name) == ("postgresql://u:secret@h/d", "one")
    assert "secret" not in f"{database} {database!r}"


# the words


@settings(max_examples=30)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=40), max_size=5))
def test_terms_are_words_of_ascii_that_no_analyzer_breaks(texts: list[str]) -> None:
    for text, body in zip(texts, terms.bodies(texts), strict=True):
        assert all(
            (term.isascii() and term.isalnum() and term.islower()) or term.isdigit()
            for term in body.split()
        )
        asked = terms.query(words(text))
        assert set(asked.split()) <= set(body.split())


def test_no_two_terms_are_written_alike() -> None:
    said = ["z", "za", "z61", "a", "渡轮", "渡", "z6e21", "z6e21z8f6e", "zebra"]
    codes = [terms.query([word]) for word in said]

    assert len(set(codes)) == len(said)


def test_very_long_texts_are_cut_between_words() -> None:
    (body,) = terms.bodies(["engine " * 20_000])

    assert len(body) <= terms.LONGEST
    assert set(body.split()) == {"engin"}


# a server that is not there, or goes away


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def test_a_server_that_cannot_be_reached_is_told_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("bifolio.retrieval.milvus.client._CONNECT", 0.5)
    place = place_of(
        f"milvus://127.0.0.1:{closed_port()}/name", documents=str(tmp_path), token="a-secret"
    )
    with caplog.at_level(logging.DEBUG), pytest.raises(StoreError) as caught:
        open_store(place, MINE)

    assert f"{place}: Milvus cannot be reached" in str(caught.value)
    assert "start it or check the address" in str(caught.value)
    assert "a-secret" not in str(caught.value) + caplog.text
    assert not list(tmp_path.rglob("*.sqlite"))


class Down:
    """A client whose server has gone: every call fails."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        from pymilvus import MilvusException

        def fail(*_: Any, **__: Any) -> Any:
            raise MilvusException(message="server unavailable: connection refused")

        return getattr(self._client, name) if name == "close" else fail


def test_a_server_that_goes_down_between_questions_is_told_and_answers_again_later(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = store._collection._client
    store._collection._client = Down(client)
    with pytest.raises(StoreError, match=r"Milvus failed \(server unavailable.* nothing is lost"):
        found(store)
    with pytest.raises(StoreError, match="Milvus failed"):
        put(store, "new")
    assert paths(store) == ["east", "north"]

    store._collection._client = client
    assert found(store) == BOTH
    put(store, "new")
    assert len(found(store)) == 3
    assert store.check(whole=True) == ()


def test_a_database_that_is_not_there_is_told_without_its_password(address: str) -> None:
    documents = f"postgresql://someone:a-secret@127.0.0.1:{closed_port()}/name"
    with pytest.raises(StoreError) as caught:
        open_store(place_of(address, documents=documents), MINE)

    assert "the documents cannot be reached" in str(caught.value)
    assert "a-secret" not in str(caught.value)


@pytest.mark.parametrize("documents", ["nonsense://x", "postgresql://h:x/d", "mysql+no://h/d"])
def test_an_address_of_documents_that_is_none_is_told(address: str, documents: str) -> None:
    with pytest.raises(StoreError, match="BIFOLIO_DOCUMENTS is no address of a database"):
        open_store(place_of(address, documents=documents), MINE)


# half of a document


STEPS = ["reserved", "indexed", "committed"]


@pytest.mark.parametrize("step", STEPS)
def test_what_fails_on_the_way_is_whole_or_not_there_and_leaves_nothing(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Vectors without a document, and a document whose old vectors are still there."""

    class Killed(BaseException):
        pass

    def dying(works: Any = None) -> Any:
        def die(*arguments: Any, **options: Any) -> None:
            if works:
                works(*arguments, **options)
            raise Killed

        return die

    with store.writing() as writer:
        if step == "reserved":
            monkeypatch.setattr(store._collection, "put", dying())
        elif step == "indexed":
            monkeypatch.setattr(store._collection, "put", dying(store._collection.put))
        else:
            monkeypatch.setattr(writer, "_sweep_many", dying())
        with pytest.raises(Killed):
            writer.put(*document("north", "engine"), np.array([NORTH]))
    monkeypatch.undo()

    expected = "engine" if step == "committed" else "ferry"
    assert found(store) == BOTH
    with store.reading() as view:
        assert view.document("north").text == expected
        assert len(view.lexical(["engine", "ferry"], 10)) == 1
    assert store._collection.count() == (2 if step == "reserved" else 3)
    with store.writing():
        pass
    assert store._collection.count() == 2
    assert store.check(whole=True) == ()
    put(store, "north", "engine")
    assert sorted(found(store)) == sorted(BOTH)


def test_documents_whose_vectors_are_lost_are_told_and_made_again_without_the_model(
    store: MilvusStore, address: str
) -> None:
    store._collection._client.drop_collection("library")

    with pytest.raises(StoreError, match="Milvus failed"):
        found(store)
    (damage,) = store.check()
    assert (damage.part, "bifolio repair" in str(damage.told)) == ("index", True)
    with closing(open_store(address, MINE)) as opened:
        done = repair(opened, WordEmbedder())
        assert ([one.part for one in done.mended], done.left) == (["index"], ())
        assert found(opened) == BOTH
        with opened.reading() as view:
            assert len(view.lexical(["crew"], 10)) == 1


def test_vectors_that_are_missing_or_too_many_are_told_and_mended(store: MilvusStore) -> None:
    store._collection.delete([(1, 1)])
    store._collection.put([collection.Row(99, "en", NORTH, "ferri")])

    assert found(store) == [("east", 0.0)]
    assert store.check() == ()
    (damage,) = store.check(whole=True)
    assert "lacks 1 chunks and holds 1 too many" in str(damage.told)
    assert repair(store, WordEmbedder()).left == ()
    assert found(store) == BOTH


def test_a_damaged_vector_is_told_and_made_again(store: MilvusStore, tmp_path: Path) -> None:
    import sqlite3

    with closing(sqlite3.connect(tmp_path / "library/documents.sqlite")) as damaging, damaging:
        damaging.execute("UPDATE chunks SET vector = x'00' WHERE id = 1")
        damaging.execute("UPDATE texts SET checksum = 0 WHERE document = 2")

    told = {one.part: one.document for one in store.check(whole=True)}
    assert told == {"text": "east", "vectors": "north"}
    with store.writing() as writer:
        assert list(writer.damaged_vectors()) == [1]
        writer.vectors_again([1], np.array([NORTH]))
    assert [one.part for one in store.check(whole=True)] == ["text"]
    assert found(store) == BOTH


def test_more_than_was_asked_for_is_looked_at_where_much_has_left(store: MilvusStore) -> None:
    """What left lies nearest, and stands in Milvus until the next writer."""
    put(store, "many", "ferry", NORTH, chunks=30)
    with store.writing() as writer:
        writer.remove("many")

    assert store._collection.count() == 32
    assert found(store, NORTH, 2) == BOTH


def test_much_that_left_is_taken_out_at_once(
    store: MilvusStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bifolio.retrieval.milvus.writer._LEFT", 5)
    put(store, "many", "ferry", NORTH, chunks=6)
    with store.writing() as writer:
        writer.remove("many")

    assert store._collection.count() == 2


def test_a_search_waits_for_new_writes_and_not_for_old_ones() -> None:
    fresh = Freshness(seconds=0.05)

    assert fresh.strong(1)
    time.sleep(0.06)
    assert not fresh.strong(1)
    assert fresh.strong(2)


# whose library it is


def test_documents_of_another_place_are_not_mixed_with_a_collection(
    store: MilvusStore, address: str, tmp_path: Path
) -> None:
    store.close()
    (tmp_path / "library/documents.sqlite").unlink()

    with pytest.raises(LibraryMismatch, match=r"documents that are not in .*BIFOLIO_DOCUMENTS"):
        open_store(address, MINE)


def test_a_collection_of_somebody_else_is_not_touched(address: str) -> None:
    place = parse(address)
    with closing(Collection(place)) as others:
        others._client.create_collection("library", dimension=2)
        with pytest.raises(LibraryMismatch, match="is not Bifolio's"):
            open_store(place, MINE)
        assert others._client.has_collection("library")


def test_a_library_of_a_newer_version_is_refused(
    store: MilvusStore, address: str, tmp_path: Path
) -> None:
    import sqlite3

    with closing(sqlite3.connect(tmp_path / "library/documents.sqlite")) as newer, newer:
        newer.execute("UPDATE meta SET value = '99' WHERE key = 'schema'")

    with pytest.raises(LibraryMismatch, match="schema 99, this one reads 1"):
        open_store(address, MINE)


def test_a_second_process_is_told_that_lite_is_for_one(store: MilvusStore, address: str) -> None:
    with child(write_until_killed, address, "never") as process:
        process.join(60)
        assert process.exitcode == 1


def test_two_writers_at_once_are_not_mixed(
    store: MilvusStore, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock, "WAIT", 0.1)
    with closing(open_store(address, MINE)) as other:
        with store.writing() as writer:
            with pytest.raises(LibraryBusy, match="is writing to this library"):
                put(other, "mine")
            writer.put(*document("new"), np.array([NORTH]))
        put(other, "mine")
        assert paths(store) == ["east", "mine", "new", "north"]


# the whole


def library(place: str) -> Library:
    return Library.open(place, models=Models(WordEmbedder(), OverlapReranker()))


def test_a_few_questions_find_the_same_best_passages_on_milvus_as_in_a_folder(
    tmp_path: Path, address: str
) -> None:
    lines = (ROOT / "tests/questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines[::5]]
    here, there = library(str(tmp_path / "here")), library(address)
    for one in (here, there):
        one.add(ROOT / "sample_docs")

    for question in questions:
        # All chunks: which are the best fifty differs, for a word's rarity is a segment's there.
        mine, its = (one.search(question, recall=100, threshold=0.0)[0] for one in (here, there))
        assert (mine.document.path, mine.pages) == (its.document.path, its.pages), question
    there.close()


def test_the_commands_take_an_address(
    address: str, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--library", address]

    assert commands.main(["ingest", *here, "--dry-run", str(documents)]) == 0
    assert commands.main(["list", *here]) == 1
    assert f"no library at {address}" in capsys.readouterr().err
    assert commands.main(["ingest", *here, str(documents)]) == 0
    assert commands.main(["grep", *here, "five crowns"]) == 0
    assert "fares.md" in capsys.readouterr().out
    assert commands.main(["check", *here, "--whole"]) == 0
    assert address in capsys.readouterr().out
    assert commands.main(["export", *here, "/nowhere/archive"]) == 1
    assert "are for libraries in a folder" in capsys.readouterr().err


def test_uploads_and_changes_reach_another_session(address: str, documents: Path) -> None:
    one, other = library(address), library(address)
    one.add(documents)
    one.add_bytes("note.txt", b"The crew gets a refund.")
    assert other.search("crew refund", threshold=0.0)[0].document.path == "note.txt"
    assert other.file("note.txt") == b"The crew gets a refund."
    one.remove("note.txt")
    assert all(p.document.path != "note.txt" for p in other.search("crew refund", threshold=0.0))
    one.close()
    other.close()


def test_rebuilding_is_refused_in_a_sentence(address: str) -> None:
    library(address).close()

    with pytest.raises(StoreError, match="for libraries in a folder"):
        rebuild(place_of(address), Models(WordEmbedder(), OverlapReranker()))


def test_settings_hand_the_secrets_on_and_never_show_them() -> None:
    settings = Settings.from_env(
        {"BIFOLIO_MILVUS_TOKEN": "a-secret", "BIFOLIO_DOCUMENTS": "postgresql://u:a-secret@h/d"}
    )
    place = settings.place_of("milvus://host:1/name")

    assert not isinstance(place, Path)
    assert (place.token, place.database) == ("a-secret", "postgresql://u:a-secret@h/d")
    assert "a-secret" not in f"{settings!r} {place} {place!r} {settings.environment()}"


def test_a_killed_writer_on_milvus_leaves_nothing_half(store: LibraryStore, address: str) -> None:
    store.close()
    with child(write_until_killed, address, "middle") as process:
        process.join(60)
        assert process.exitcode == -signal.SIGKILL

    with closing(open_store(address, MINE)) as opened:
        assert isinstance(opened, MilvusStore)
        assert paths(opened) == ["east", "new 0", "north"]
        assert opened._collection.count() == 4
        with opened.writing():
            pass
        assert opened._collection.count() == 3
        assert opened.check(whole=True) == ()
