"""Conversations that are kept beside the library."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from bifolio import Library, StoreError
from bifolio.chats import Chats, UnknownConversation, evaluation_lines, reply_of
from bifolio.chats.written import read_message, read_reply, write_message, write_reply
from bifolio.evaluation.questions import read_questions
from bifolio.ingest import message


@pytest.fixture
def chats(tmp_path: Path) -> Chats:
    return Chats(tmp_path)


@pytest.fixture
def filled(library: Library, documents: Path) -> Library:
    library.add(documents)
    return library


@pytest.mark.parametrize("question", ["ferry price", "who painted the chapel?"])
def test_a_reply_is_read_as_it_was_written(filled: Library, question: str) -> None:
    reply = reply_of(filled.ask(question))
    again = read_reply(write_reply(reply))
    assert write_reply(again) == write_reply(reply)
    assert again.sources == reply.sources
    assert [str(looked.reason) for looked in again.searched.looked] == [
        str(looked.reason) for looked in reply.searched.looked
    ]


def test_a_source_tells_place_hash_and_the_words_around(filled: Library) -> None:
    (source,) = reply_of(filled.ask("ferry price")).sources
    document = filled.document(source.path)
    assert document.sha256 == source.sha256
    assert document.text[source.start : source.end] == source.quote
    assert source.before + source.quote + source.after in document.text
    assert source.section == "Fares › Adults"


def test_what_disagrees_is_kept_with_markers_of_its_own(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "two"
    folder.mkdir()
    for name, days in (("old", 20), ("new", 30)):
        text = f"The refund of the ferry price takes {days} days.\n"
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    library.add(folder)
    reply = reply_of(library.ask("How long does the refund of the ferry price take?"))
    ((one, other),) = reply.disagreements
    assert {one.quote, other.quote} == {
        f"The refund of the ferry price takes {days} days." for days in (20, 30)
    }
    assert len({one.marker, other.marker, *(source.marker for source in reply.sources)}) == 4
    assert read_reply(write_reply(reply)).disagreements == reply.disagreements


def test_a_reply_of_another_version_is_read_too(filled: Library) -> None:
    row = json.loads(write_reply(reply_of(filled.ask("ferry price"))))
    for hit in row["searched"]["looked"]:
        # As it was kept before all pages of a chunk were.
        hit["page"], _ = hit.pop("pages")
    again = read_reply(json.dumps(row | {"later": 1}))
    assert again.text == row["text"]
    assert again.searched.looked[0].pages == (1, 1)


def test_a_message_keeps_its_code_and_the_messages_in_it() -> None:
    told = message("outer", "{why} {file} {n:g}", why=message("inner", "so"), file=Path("a"), n=1.5)
    again = read_message(write_message(told))
    assert again is not None
    assert (again.code, str(again)) == ("outer", "so a 1.5")


def test_a_conversation_outlives_the_program(filled: Library, chats: Chats, tmp_path: Path) -> None:
    id_ = chats.begin("What  is the\nferry price?")
    exchange = chats.ask(id_, "ferry price")
    chats.finish(exchange, state="done", reply=reply_of(filled.ask("ferry price")))
    (kept,) = Chats(tmp_path).exchanges(id_)
    assert kept.reply is not None
    assert "five crowns" in kept.reply.text
    (listed,) = Chats(tmp_path).conversations()
    assert (listed.id, listed.title) == (id_, "What is the ferry price?")


def test_what_was_waiting_when_the_program_ended_is_stopped(chats: Chats, tmp_path: Path) -> None:
    id_ = chats.begin("a")
    chats.ask(id_, "a")
    again = Chats(tmp_path)
    again.end_what_waits()
    assert [exchange.state for exchange in again.exchanges(id_)] == ["stopped"]


def test_conversations_are_found_by_their_words(filled: Library, chats: Chats) -> None:
    fares, other = chats.begin("About fares"), chats.begin("50% of it")
    exchange = chats.ask(fares, "ferry price")
    chats.finish(exchange, state="done", reply=reply_of(filled.ask("ferry price")))
    assert [found.id for found in chats.conversations()] == [fares, other]
    assert [found.id for found in chats.conversations("FIVE crowns")] == [fares]
    assert [found.id for found in chats.conversations("0%")] == [other]
    assert chats.conversations("_") == []


def test_a_conversation_is_renamed_and_deleted(chats: Chats, tmp_path: Path) -> None:
    id_ = chats.begin("canary-words")
    chats.ask(id_, "canary-words")
    chats.rename(id_, " ")
    chats.rename(id_, "Other \ud800 name")
    assert [one.title for one in chats.conversations()] == ["Other ? name"]
    chats.delete(id_)
    assert chats.conversation(id_) is None
    assert chats.exchanges(id_) == []
    with pytest.raises(UnknownConversation, match="begin a new one"):
        chats.ask(id_, "more")
    with sqlite3.connect(tmp_path / "chats.sqlite") as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    assert b"canary-words" not in (tmp_path / "chats.sqlite").read_bytes()


def test_a_question_is_cut_off_with_all_that_follows_it(chats: Chats) -> None:
    one, other = chats.begin("a"), chats.begin("b")
    ids = [chats.ask(one, text) for text in "abc"]
    chats.ask(other, "z")
    chats.cut(ids[1])
    assert [exchange.question for exchange in chats.exchanges(one)] == ["a"]
    assert len(chats.exchanges(other)) == 1


def test_each_person_has_conversations_of_their_own(chats: Chats) -> None:
    id_ = chats.begin("secret", owner="ann")
    assert chats.conversations() == []
    assert chats.conversation(id_, owner="bob") is None
    assert chats.conversation(id_, owner="ann") is not None


def test_judged_answers_become_questions_of_an_evaluation(
    filled: Library, chats: Chats, tmp_path: Path
) -> None:
    id_ = chats.begin("a")
    for question, thumb in (("ferry price", 1), ("refund days", -1), ("painted chapel", 1)):
        exchange = chats.ask(id_, question)
        chats.finish(exchange, state="done", reply=reply_of(filled.ask(question)))
        chats.rate(exchange, thumb=thumb, note="so")
    assert [one.thumb for one in chats.rated()] == [1, -1, 1]
    file = tmp_path / "questions.jsonl"
    file.write_text(evaluation_lines(chats.rated()), encoding="utf-8")
    paths = [entry.path for entry in filled.documents()]
    read = read_questions(file, documents=paths, pages=True)
    assert [(one.text, one.answerable) for one in read] == [
        ("ferry price", True),
        ("painted chapel", False),
    ]
    assert read[0].right[0].document == "fares.md"


def test_a_damaged_file_of_conversations_is_told(tmp_path: Path) -> None:
    (tmp_path / "chats.sqlite").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match=r"chats.sqlite is damaged .* move it away"):
        Chats(tmp_path)


def test_a_full_disk_is_told_and_what_was_kept_stays(
    chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    chats.begin("before")
    connect = sqlite3.connect

    def full(*args: Any, **options: Any) -> sqlite3.Connection:
        connection = connect(*args, **options)
        connection.execute("PRAGMA max_page_count = 1")
        return connection

    id_ = chats.begin("full")
    with monkeypatch.context() as disk:
        disk.setattr("bifolio.chats.history.sqlite3.connect", full)
        with pytest.raises(StoreError, match="is there room on the disk"):
            chats.ask(id_, "long " * 5000)
    assert "before" in [one.title for one in chats.conversations()]


def test_a_folder_that_cannot_be_written_keeps_conversations_elsewhere(tmp_path: Path) -> None:
    chats = Chats(tmp_path / "missing")
    chats.begin("a")
    assert len(chats.conversations()) == 1
    assert not (tmp_path / "missing").exists()
