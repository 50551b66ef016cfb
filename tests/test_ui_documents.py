"""Documents in the page: uploaded, added, read again, searched, removed."""

import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import streamlit
from chatting import PATIENCE
from paging import ask, go_to, last, page, settled, shown

from bifolio import Entry, Library, LibraryBusy
from bifolio.ingest_report import IngestReport, OnProgress, Progress
from bifolio.jobs import Uploads
from bifolio.ui import uploading
from bifolio.ui.state import Beside
from bifolio.ui.texts import ENGLISH


def test_an_upload_is_added_once_and_told(opened: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    add_bytes = opened.add_bytes

    def counted(name: str, data: bytes, **options: Any) -> Any:
        names.append(name)
        return add_bytes(name, data, **options)

    monkeypatch.setattr(opened, "add_bytes", counted)
    app = page()
    files = [("a.txt", b"The ferry price is nine.", "text/plain"), ("b.exe", b"MZ", "text/plain")]
    settled(app.file_uploader[0].set_value(files).run())
    assert names == ["a.txt", "b.exe"]
    text = shown(app.sidebar)
    assert "a.txt: added, 1 page, 1 chunk" in text
    assert "b.exe: not added: programs hold no text" in text
    assert "Documents (1)" in text
    assert not app.chat_input[0].disabled
    assert not app.exception


def test_a_question_that_comes_with_an_upload_is_asked(filled: Library) -> None:
    app = page()
    app.file_uploader[0].set_value([("b.txt", b"The tram has a bell.", "text/plain")])
    assert "five crowns" in last(ask(app, "What is the ferry price?"))
    assert "b.txt: added" in shown(app.sidebar)


def test_a_question_is_asked_though_an_upload_ends_while_the_page_is_drawn(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = page()
    begun = iter([True])

    def draws_anew(*_: object) -> None:
        if next(begun, False):
            streamlit.rerun()

    monkeypatch.setattr(uploading, "show_queue", draws_anew)
    assert "five crowns" in last(ask(app, "What is the ferry price?"))


def test_files_that_the_browser_tells_of_again_are_taken_once(
    opened: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed: list[Callable[[], None]] = []
    field = streamlit.file_uploader

    def kept(*given: Any, on_change: Callable[[], None], **options: Any) -> Any:
        changed.append(on_change)
        return field(*given, on_change=on_change, **options)

    monkeypatch.setattr(streamlit, "file_uploader", kept)

    def told_again(*_: object) -> str:
        if len(changed) == 1:
            changed[0]()
        return ""

    app = page()
    monkeypatch.setattr("bifolio.ui.entering.who_enters", told_again)
    settled(app.file_uploader[0].set_value([("b.txt", b"The tram rings.", "text/plain")]).run())
    assert "b.txt: added" in shown(app.sidebar)
    assert "already" not in shown(app.sidebar)


def test_how_far_an_upload_has_come_is_told_beside_the_conversation_too(
    filled: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    go_on, add_bytes = threading.Event(), filled.add_bytes

    def held(*given: Any, **options: Any) -> Any:
        assert go_on.wait(PATIENCE)
        return add_bytes(*given, **options)

    monkeypatch.setattr(filled, "add_bytes", held)
    app = page()
    files = [(f"{n}.txt", f"The ferry price is {n}.".encode(), "text/plain") for n in range(2)]
    app.file_uploader[0].set_value(files).run()
    told = "1 of 2 · Adding 0.txt"
    assert told in shown(app.sidebar)
    assert told in shown(app.main)
    go_on.set()
    assert "Adding" not in shown(settled(app).main)


def test_of_many_good_uploads_only_their_number_is_told(opened: Library) -> None:
    app = page()
    files = [(f"{n}.txt", f"The ferry price is {n}.".encode(), "text/plain") for n in range(6)]
    settled(app.file_uploader[0].set_value([*files, ("b.exe", b"MZ", "text/plain")]).run())
    assert ENGLISH.all_done.format(count=6) in shown(app)
    assert "b.exe" in shown(app)
    assert "0.txt: added" not in shown(app)


def test_a_new_edition_is_asked_about(opened: Library) -> None:
    opened.add_bytes("a.txt", b"The ferry price is nine.")
    app = page()
    app.file_uploader[0].set_value([("a.txt", b"The ferry price is ten.", "text/plain")]).run()
    assert "The library has a.txt already" in shown(app.sidebar)
    assert "nine" in opened.document("a.txt").text
    settled(app.button(key="upload-replace").click().run())
    assert [entry.path for entry in opened.documents()] == ["a.txt"]
    assert "ten" in opened.document("a.txt").text


def test_a_name_that_is_held_twice_is_said_once(opened: Library) -> None:
    opened.add_bytes("a.txt", b"The ferry price is nine.")
    app = page()
    files = [("a.txt", f"The ferry price is {n}.".encode(), "text/plain") for n in (6, 7)]
    app.file_uploader[0].set_value(files).run()
    assert ENGLISH.known_name.format(names="a.txt") in shown(app.sidebar)


def test_of_a_name_that_is_known_nothing_is_asked_or_told_twice(opened: Library) -> None:
    nine, six = b"The ferry price is nine.", b"The ferry price is six."
    opened.add_bytes("a.txt", nine)
    app = page()
    app.file_uploader[0].set_value([("a.txt", six, "text/plain")]).run()
    settled(app.button(key="upload-keep").click().run())
    kept = f"a ({sha256(six).hexdigest()[:8]}).txt"
    assert [entry.path for entry in opened.documents()] == [kept, "a.txt"]
    assert f"{kept}: added, 1 page, 1 chunk" in shown(app.sidebar)
    assert "beside it" not in shown(app.sidebar)
    # The same bytes again are no new edition; what went well before is told no more.
    settled(app.file_uploader[0].set_value([("a.txt", nine, "text/plain")]).run())
    assert "a.txt: already in the library" in shown(app.sidebar)
    assert "added" not in shown(app.sidebar)
    assert len(opened.documents()) == 2


def test_documents_are_searched_opened_and_removed(filled: Library) -> None:
    app = go_to(page(), "documents")
    assert "Documents (3)" in shown(app.main)
    next(one for one in app.text_input if one.key == "search-documents").set_value("fares").run()
    assert "Documents (1 of 3)" in shown(app.main)
    path = next(one.path for one in filled.documents() if one.path.endswith("fares.md"))
    app.session_state["bifolio"].beside = Beside(path=path, page=1)
    app.run()
    assert "The ferry price is five crowns." in shown(app.main)
    assert ENGLISH.page_in_chunks.format(count=1) in [one.label for one in app.expander]
    app.button(key="remove").click().run()
    assert len(filled.documents()) == 2
    assert not app.exception


def test_a_document_is_read_again_as_its_file_is_now(filled: Library, documents: Path) -> None:
    file = documents / "fares.md"
    file.write_text("The ferry price is nine crowns.")
    app = go_to(page(), "documents")
    app.session_state["bifolio"].beside = Beside(path=str(file), page=1)
    app.run()
    app.button(key="read-again").click()
    settled(app.run())
    assert "nine" in filled.document(str(file)).text
    # At the top of the page and beside the document, which may be far below.
    assert shown(app.main).count("fares.md: updated, 1 page, 1 chunk") == 2


def test_a_folder_of_this_machine_is_added_by_its_path(opened: Library, documents: Path) -> None:
    app = go_to(page(), "documents")
    app.text_input(key="folder-path-0").set_value("no/such")
    next(one for one in app.button if one.label == ENGLISH.add_folder).click().run()
    assert "There is no folder no/such" in shown(app.main)
    app.text_input(key="folder-path-0").set_value(str(documents))
    next(one for one in app.button if one.label == ENGLISH.add_folder).click()
    settled(app.run())
    assert len(opened.documents()) == 3


def test_what_was_added_of_a_folder_is_told_though_the_rest_was_not(
    opened: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def add(_: Path, *, on_progress: OnProgress) -> IngestReport:
        for done in range(2):
            on_progress(Progress("a.txt", done, 5, 1.0))
        raise LibraryBusy("the library is busy")

    monkeypatch.setattr(opened, "add", add)
    app = page()
    app.text_input(key="folder-path-0").set_value(str(documents))
    next(one for one in app.button if one.label == ENGLISH.add_folder).click()
    told = shown(settled(app.run()))
    assert ENGLISH.some_kept.format(count=2, total=5) in told


def test_an_empty_library_is_filled_with_samples_at_one_press(opened: Library) -> None:
    settled(page().button(key="samples").click().run())
    assert len(opened.documents()) == 11


def test_an_upload_that_ends_while_the_page_is_drawn_is_in_its_list(
    opened: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents, made = opened.documents, list[Uploads]()

    def _made(library: Library, **options: Any) -> Uploads:
        made.append(Uploads(library, **options))
        return made[-1]

    def _late() -> list[Entry]:
        entries = documents()
        assert all(uploads.wait(PATIENCE) for uploads in made)
        return entries

    monkeypatch.setattr("bifolio.ui.opened.Uploads", _made)
    monkeypatch.setattr(opened, "documents", _late)
    app = page()
    app.file_uploader[0].set_value([("a.txt", b"The ferry price is nine.", "text/plain")]).run()
    assert "Documents (1)" in shown(settled(app).sidebar)
