"""Citations of documents that are out of date say so."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from bifolio import Library, Models
from bifolio.cli import commands
from bifolio.outdated import outdated


@pytest.fixture
def filled(library: Library, documents: Path) -> Library:
    library.add(documents)
    return library


def why(library: Library) -> list[str]:
    answer = library.ask("ferry price")
    assert [one.reason for one in answer.outdated] == [
        why for cited in answer.citations if (why := answer.why_outdated(cited))
    ]
    return [str(one.reason) for one in answer.outdated]


def test_a_document_as_its_file_is_has_no_mark(filled: Library) -> None:
    assert why(filled) == []


def test_a_file_that_changed_is_told_beside_its_citation(filled: Library, documents: Path) -> None:
    (documents / "fares.md").write_text("The ferry price is nine crowns.")
    assert why(filled) == ["its file has changed since it was read; ingest it again"]
    filled.add(documents)
    assert why(filled) == []


def test_a_file_that_was_only_touched_is_as_it_was(filled: Library, documents: Path) -> None:
    os.utime(documents / "fares.md")
    assert why(filled) == []


def test_a_file_that_is_gone_is_told(filled: Library, documents: Path) -> None:
    (documents / "fares.md").unlink()
    assert why(filled) == ["its file is no longer to be read (No such file or directory)"]


def test_a_file_that_cannot_be_read_any_more_is_told_with_its_reason(
    filled: Library, documents: Path
) -> None:
    (documents / "fares.md").write_bytes(b"\0\1\2\3" * 100)
    filled.add(documents)
    (told,) = why(filled)
    assert told.startswith("its file has changed, and cannot be read any more: ")


def test_uploads_and_documents_without_a_file_have_no_mark(library: Library) -> None:
    library.add_bytes("fares.txt", b"The ferry price is five crowns.")
    assert why(library) == []


def test_an_edition_that_the_library_has_no_more_is_told(filled: Library, documents: Path) -> None:
    path = str(documents / "fares.md")
    told = outdated([(path, "another"), ("gone.md", "hash")], filled.store)
    assert [str(reason) for reason in told.values()] == [
        "the library has a newer edition of it",
        "it has been taken out of the library",
    ]


def test_the_command_tells_it_beside_the_citation(
    filled: Library,
    documents: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Models, "open", lambda *_: filled.models)
    (documents / "fares.md").unlink()
    asking: list[Any] = ["ask", "ferry price", "--library", str(filled.folder)]
    commands.main([*asking, "--json"])
    told = json.loads(capsys.readouterr().out)
    assert told["citations"][0]["outdated"].startswith("its file is no longer to be read")
    assert [one["path"] for one in told["outdated"]] == [str(documents / "fares.md")]
    commands.main(asking)
    assert "OUT OF DATE: fares.md: its file is no longer" in capsys.readouterr().out
