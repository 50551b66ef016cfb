"""Answers and uploads that go on while nobody looks."""

import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from bifolio import Document, Library
from bifolio.chats import Chats
from bifolio.jobs import Answers, Uploads
from bifolio.retrieval.store.writer import Writer

PATIENCE = 30.0


class SlowModel:
    """A language model that says a word and then waits until it may go on."""

    name = "slow"

    def __init__(self) -> None:
        self.spoke, self.go_on = threading.Event(), threading.Event()
        self.heard: list[Sequence[Any]] = []

    def stream(self, messages: Sequence[Any]) -> Iterator[str]:
        self.heard.append(messages)
        yield "The ferry leaves. It has a "
        self.spoke.set()
        assert self.go_on.wait(PATIENCE)
        yield "price."


@pytest.fixture
def filled(library: Library, documents: Path) -> Library:
    library.add(documents)
    return library


@pytest.fixture
def chats(filled: Library) -> Chats:
    return Chats(filled.folder)


@pytest.fixture
def answers(filled: Library, chats: Chats) -> Answers:
    return Answers(filled, chats)


def test_an_answer_is_kept_though_nobody_looks(answers: Answers, chats: Chats) -> None:
    id_ = chats.begin("ferry price")
    assert answers.start(id_, "ferry price")
    assert answers.wait(PATIENCE)
    (exchange,) = chats.exchanges(id_)
    assert exchange.state == "done"
    assert exchange.reply is not None
    assert "five crowns" in exchange.reply.text
    assert answers.coming(id_) is None


def test_an_answer_can_be_watched_and_stopped(
    filled: Library, answers: Answers, chats: Chats
) -> None:
    filled.language_model = model = SlowModel()
    id_ = chats.begin("ferry price")
    answers.start(id_, "ferry price")
    assert model.spoke.wait(PATIENCE)
    until = time.monotonic() + PATIENCE
    while not (coming := answers.coming(id_)) or coming.stage != "writing":
        assert time.monotonic() < until
        time.sleep(0.01)
    assert "The ferry" in coming.text
    assert not answers.start(id_, "another")
    answers.stop(id_)
    model.go_on.set()
    assert answers.wait(PATIENCE)
    (exchange,) = chats.exchanges(id_)
    assert (exchange.state, exchange.reply) == ("stopped", None)
    assert exchange.partial.startswith("The ferry")


def test_an_answer_that_was_stopped_does_not_disturb_the_next(
    filled: Library, answers: Answers, chats: Chats
) -> None:
    filled.language_model = model = SlowModel()
    id_ = chats.begin("ferry price")
    answers.start(id_, "ferry price")
    assert model.spoke.wait(PATIENCE)
    answers.stop(id_)
    filled.language_model = None
    answers.start(id_, "refund days")
    model.go_on.set()
    assert answers.wait(PATIENCE)
    assert [exchange.state for exchange in chats.exchanges(id_)] == ["stopped", "done"]


def test_twenty_conversations_are_answered_at_once_and_nothing_mixes(
    answers: Answers, chats: Chats
) -> None:
    asked = {chats.begin("q"): ("ferry price", "refund days")[n % 2] for n in range(20)}
    for id_, question in asked.items():
        answers.start(id_, question)
    assert answers.wait(PATIENCE)
    for id_, question in asked.items():
        (exchange,) = chats.exchanges(id_)
        assert exchange.reply is not None
        right = "five crowns" if question == "ferry price" else "ten days"
        assert right in exchange.reply.text


def test_a_failure_is_told_in_the_conversation(
    filled: Library, answers: Answers, chats: Chats, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(filled, "stream", fail)
    id_ = chats.begin("ferry price")
    answers.start(id_, "ferry price")
    assert answers.wait(PATIENCE)
    (exchange,) = chats.exchanges(id_)
    assert exchange.problem is not None
    assert "secret" not in str(exchange.problem)


def test_a_conversation_deleted_meanwhile_stays_deleted(
    filled: Library, answers: Answers, chats: Chats
) -> None:
    filled.language_model = model = SlowModel()
    id_ = chats.begin("ferry price")
    answers.start(id_, "ferry price")
    assert model.spoke.wait(PATIENCE)
    chats.delete(id_)
    model.go_on.set()
    assert answers.wait(PATIENCE)
    assert chats.exchanges(id_) == []


def test_uploads_are_added_in_turn(library: Library) -> None:
    uploads = Uploads(library)
    with uploads.together():
        uploads.upload("a.txt", b"The ferry price is nine.")
        assert uploads.wait(PATIENCE)
        uploads.upload("b.exe", b"MZ")
        uploads.upload("c.txt", b"The crew rings.")
    assert uploads.wait(PATIENCE)
    assert [(task.name, task.state) for task in uploads.tasks()] == [
        ("a.txt", "done"),
        ("b.exe", "done"),
        ("c.txt", "done"),
    ]
    reports = [task.report for task in uploads.tasks()]
    assert [len(report.skipped) for report in reports if report] == [0, 1, 0]
    uploads.upload("d.txt", b"The crew rows.")
    # What came later counts anew: "1 of 1", not "4 of 4".
    assert [task.round for task in uploads.tasks()] == [1, 1, 1, 2]
    assert uploads.wait(PATIENCE)
    uploads.forget()
    assert uploads.tasks() == ()


def test_what_waits_can_be_cancelled(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()
    embed = library.models.embedder.embed_passages

    def slowly(texts: Sequence[str]) -> Any:
        reached.set()
        assert go_on.wait(PATIENCE)
        return embed(texts)

    monkeypatch.setattr(library.models.embedder, "embed_passages", slowly)
    uploads = Uploads(library)
    for name in ("a.txt", "b.txt"):
        uploads.upload(name, f"The ferry of {name}.".encode())
    assert reached.wait(PATIENCE)
    uploads.cancel()
    # Of what is being read it cannot be told yet.
    assert [(task.state, task.leaving) for task in uploads.tasks()] == [
        ("working", True),
        ("cancelled", False),
    ]
    uploads.upload("c.txt", b"The crew.")
    go_on.set()
    assert uploads.wait(PATIENCE)
    stored = {entry.path for entry in library.documents()}
    told = {task.name: task.state for task in uploads.tasks()}
    assert stored == {name for name, state in told.items() if state == "done"}
    assert told["b.txt"] == "cancelled"
    assert told["c.txt"] == "done"


@pytest.mark.parametrize("ends", ["cancelled", "failed"])
def test_of_a_folder_that_ends_midway_it_is_counted_what_was_stored(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ends: str
) -> None:
    for name in ("a", "b", "c", "d"):
        (tmp_path / f"{name}.txt").write_text(f"The ferry of {name}.")
    uploads = Uploads(library)
    put, stored = Writer.put, []

    def second_is_the_last(writer: Writer, document: Document, *rest: Any) -> None:
        if len(stored) == 2 and ends == "failed":
            raise ZeroDivisionError
        put(writer, document, *rest)
        stored.append(document.path)
        if len(stored) == 2 and ends == "cancelled":
            uploads.cancel()

    monkeypatch.setattr(Writer, "put", second_is_the_last)
    uploads.folder(tmp_path)
    assert uploads.wait(PATIENCE)
    (task,) = uploads.tasks()
    assert (task.state, task.stored, task.total) == (ends, 2, 4)
    assert [entry.path for entry in library.documents()] == stored


def test_a_fault_does_not_end_the_queue(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    add_bytes = library.add_bytes

    def faulty(name: str, data: bytes, **options: Any) -> Any:
        if name == "a.txt":
            raise ZeroDivisionError("secret")
        return add_bytes(name, data, **options)

    monkeypatch.setattr(library, "add_bytes", faulty)
    uploads = Uploads(library)
    uploads.upload("a.txt", b"a")
    uploads.upload("b.txt", b"The ferry.")
    assert uploads.wait(PATIENCE)
    assert [task.state for task in uploads.tasks()] == ["failed", "done"]
    assert "secret" not in str(uploads.tasks()[0].problem)


def test_a_new_edition_replaces_the_old_one_or_is_kept_beside_it(library: Library) -> None:
    library.add_bytes("a.txt", b"The ferry price is nine.")
    uploads = Uploads(library)
    uploads.upload("a.txt", b"The ferry price is ten.", replaces=True)
    assert uploads.wait(PATIENCE)
    assert [entry.path for entry in library.documents()] == ["a.txt"]
    assert "ten" in library.document("a.txt").text
    uploads.upload("a.txt", b"The ferry price is six.")
    assert uploads.wait(PATIENCE)
    assert len(library.documents()) == 2


def test_a_new_edition_that_cannot_be_read_leaves_the_old_one(library: Library) -> None:
    library.add_bytes("a.pdf.txt", b"The ferry price is nine.")
    uploads = Uploads(library)
    uploads.upload("a.pdf.txt", b"", replaces=True)
    assert uploads.wait(PATIENCE)
    assert "nine" in library.document("a.pdf.txt").text


def test_a_document_is_read_again(library: Library, tmp_path: Path) -> None:
    library.add_bytes("a.txt", b"The ferry price is nine.")
    file = tmp_path / "b.txt"
    file.write_text("The crew.")
    library.add(file)
    file.write_text("The crew rings.")
    uploads = Uploads(library)
    uploads.again("a.txt")
    uploads.again(str(file))
    uploads.again("gone.txt")
    assert uploads.wait(PATIENCE)
    assert [task.state for task in uploads.tasks()] == ["done", "done", "failed"]
    assert "rings" in library.document(str(file)).text
    assert library.file("a.txt")


def test_questions_are_answered_while_two_hundred_files_wait(
    filled: Library, answers: Answers, chats: Chats
) -> None:
    uploads = Uploads(filled)
    before = len(filled.documents())
    for number in range(200):
        uploads.upload(f"{number}.txt", f"The engine has part {number}.".encode())
    asked = {chats.begin("q"): ("ferry price", "refund days")[n % 2] for n in range(6)}
    for id_, question in asked.items():
        answers.start(id_, question)
    assert answers.wait(PATIENCE)
    is_open = [task.is_open for task in uploads.tasks()]
    assert any(is_open), "an answer need not wait for the uploads"
    for id_, question in asked.items():
        (exchange,) = chats.exchanges(id_)
        assert exchange.reply is not None
        right = "five crowns" if question == "ferry price" else "ten days"
        assert right in exchange.reply.text
    uploads.cancel()
    done = sum(task.state == "done" for task in uploads.tasks())
    assert uploads.wait(PATIENCE)
    states = [task.state for task in uploads.tasks()]
    assert states.count("done") <= done + 1
    assert "cancelled" in states
    # What was being stored as it was cancelled may still be.
    assert 0 <= len(filled.documents()) - before - states.count("done") <= 1
