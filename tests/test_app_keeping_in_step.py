"""A document is its content: folders move, drives go, readers change, and no old text answers."""

import shutil
import unicodedata
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import storing
from bifolio.ingest import formats, moved_paths
from bifolio.ingest_report import IngestReport
from bifolio.library import Library
from bifolio.models import Models


@pytest.fixture
def at(tmp_path: Path) -> Path:
    """Give a folder ``old`` that holds documents and stands in a place of its own."""
    folder = tmp_path / "old" / "docs"
    (folder / "sub").mkdir(parents=True)
    (folder / "fares.md").write_text("# Fares\n\nThe ferry price is five crowns.\n")
    (folder / "safety.txt").write_text("In a fire the crew rings the bell.\n")
    (folder / "sub" / "engine.txt").write_text("The engine is served every three months.\n")
    return folder


def names(library: Library) -> list[str]:
    return [entry.path for entry in library.documents()]


def texts(library: Library) -> str:
    return "\n".join(library.document(path).text for path in names(library))


def nothing_lost(report: IngestReport) -> bool:
    return not (report.added or report.missing or report.removed or report.warnings)


# moved


@pytest.mark.parametrize("root", ["new/docs", "new", ""])
def test_a_moved_folder_is_a_rename_and_nothing_is_embedded(
    library: Library, embedder: WordEmbedder, at: Path, tmp_path: Path, root: str
) -> None:
    library.add(at)
    embedder.embedded.clear()
    (tmp_path / "old").rename(tmp_path / "new")

    report = library.add(tmp_path / root)

    assert len(report.renamed) == 3
    assert nothing_lost(report)
    assert embedder.embedded == []
    new = tmp_path / "new" / "docs"
    assert names(library) == [str(new / name) for name in ("fares.md", "safety.txt")] + [
        str(new / "sub" / "engine.txt")
    ]
    again = library.add(tmp_path / root)
    assert (again.unchanged, again.renamed) == (3, ())


def test_a_folder_moved_edited_and_pruned_answers_no_old_text(
    library: Library, at: Path, tmp_path: Path
) -> None:
    """Between two ingestions a file was edited, another one deleted, a third left as it was."""
    library.add(at)
    new = at.rename(tmp_path / "papers")
    (new / "fares.md").write_text("# Fares\n\nThe ferry price is seven crowns.\n")
    (new / "safety.txt").unlink()
    (new / "other.txt").write_text("The harbour opens at nine.\n")
    (new / "sub" / "more.txt").write_text("The oil is changed in May.\n")

    report = library.add(new, prune=True)

    assert [Path(file.path).name for file in report.updated] == ["fares.md"]
    assert len(report.removed) == 1
    assert "five" not in texts(library)
    assert "fire" not in texts(library)
    assert all(str(new) in path for path in names(library))
    assert library.add(new, prune=True).unchanged == 4


def test_a_library_that_moved_with_its_folder_knows_it_by_that_alone(
    at: Path, tmp_path: Path
) -> None:
    models = Models(WordEmbedder(), OverlapReranker())
    Library(at.parent / "lib", models=models).add(at)
    new = at.parent.rename(tmp_path / "new")
    for file in (new / "docs").glob("*.*"):
        file.write_text(f"{file.name} tells of something else.\n")
    shutil.rmtree(new / "docs" / "sub")

    library = Library(new / "lib", models=models)
    report = library.add(new / "docs", prune=True)

    assert (len(report.updated), len(report.removed), report.added) == (2, 1, ())
    assert "crowns" not in texts(library)
    assert "engine" not in texts(library)


def test_a_file_moved_and_renamed_at_once_is_a_rename(
    library: Library, at: Path, tmp_path: Path
) -> None:
    library.add(at)
    (tmp_path / "new").mkdir()
    (at / "fares.md").rename(tmp_path / "new" / "prices.md")

    report = library.add(tmp_path / "new")

    assert [moved.new for moved in report.renamed] == [str(tmp_path / "new" / "prices.md")]
    assert nothing_lost(report)


def test_a_copy_is_a_twin_as_long_as_the_first_holds_the_same(
    library: Library, at: Path, tmp_path: Path
) -> None:
    library.add(at)
    copy = tmp_path / "copy"
    shutil.copytree(at, copy)

    assert len(library.add(copy).warnings) == 3
    (at / "fares.md").write_text("# Fares\n\nThe ferry price is seven crowns.\n")
    assert [moved.new for moved in library.add(copy).renamed] == [str(copy / "fares.md")]
    assert [Path(file.path).parent for file in library.add(at).added] == [at]


def test_an_upload_takes_the_place_of_a_file_that_is_gone(
    library: Library, embedder: WordEmbedder, at: Path
) -> None:
    library.add(at)
    data = (at / "safety.txt").read_bytes()
    (at / "safety.txt").unlink()
    embedder.embedded.clear()

    report = library.add_bytes("safety.txt", data)

    assert [moved.new for moved in report.renamed] == ["safety.txt"]
    assert library.file("safety.txt") == data
    assert embedder.embedded == []


def test_few_files_of_the_same_names_are_no_moved_folder() -> None:
    """A drive that is not there must not be emptied for the sake of a README elsewhere."""
    drive = {f"/mnt/drive/{name}": name for name in ("README.md", "a.txt", "b.txt", "c.txt")}

    assert moved_paths(drive, {"/home/README.md": "other"}) == {}
    assert moved_paths(drive, {"/home/x/a.txt": "a.txt"}) == {"/mnt/drive/a.txt": "/home/x/a.txt"}


def test_folders_full_of_equal_names_are_compared_in_time() -> None:
    old = {f"/old/{number}/index.html": f"{number}" for number in range(2000)}
    new = {f"/new/{number}/index.html": f"{number}!" for number in range(2000)}

    assert len(moved_paths(old, new)) == 2000


# gone


@pytest.mark.parametrize("sort", ["missing", "empty", "other files"])
def test_a_folder_that_is_suddenly_without_documents_loses_none(
    library: Library, at: Path, sort: str
) -> None:
    library.add(at)
    shutil.rmtree(at)
    if sort != "missing":
        at.mkdir()
    if sort == "other files":
        (at / "lost+found").mkdir()
        (at / "picture.xyz").write_bytes(b"x")

    report = library.add(at, prune=True)

    assert report.removed == ()
    assert len(names(library)) == 3
    assert report.skipped or report.warnings
    if sort != "missing":
        (warned,) = report.warnings
        assert "nothing is found here any more of 3 known" in str(warned.reason)


def test_an_empty_folder_within_another_loses_no_document(library: Library, at: Path) -> None:
    library.add(at)
    (at / "sub" / "engine.txt").unlink()
    (at / "safety.txt").unlink()

    report = library.add(at, prune=True)

    assert report.removed == (str(at / "safety.txt"),)
    assert [warned.path for warned in report.warnings] == [str(at / "sub")]
    (at / "sub").rmdir()
    assert len(library.add(at, prune=True).removed) == 1


# failed


def test_a_file_that_failed_is_tried_again_only_when_it_changed(
    library: Library, at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = at / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 but nothing else")
    first = library.add(at)
    tried: list[str] = []
    reading = storing.read

    def read(file: Path, **options: Any) -> Any:
        tried.append(file.name)
        return reading(file, **options)

    monkeypatch.setattr(storing, "read", read)
    assert library.add(at).skipped == first.skipped
    broken.rename(at / "moved.pdf")
    assert [Path(file.path).name for file in library.add(at).skipped] == ["moved.pdf"]
    assert tried == []

    library.add(at / "moved.pdf")
    assert tried == ["moved.pdf"]
    (at / "moved.pdf").write_bytes(b"%PDF-1.7 and again nothing")
    library.add(at)
    assert tried == ["moved.pdf"] * 2


def test_a_document_whose_new_state_failed_before_stays_stale(library: Library, at: Path) -> None:
    library.add(at)
    (at / "safety.txt").write_bytes(b"")

    for _ in range(2):
        (skipped,) = library.add(at).skipped
        assert "still answers" in str(skipped.reason)
    assert [bool(entry.stale) for entry in library.documents()] == [False, True, False]


# named as macOS names


def test_a_name_with_accents_apart_is_found_and_renamed(library: Library, tmp_path: Path) -> None:
    apart, whole = (unicodedata.normalize(form, "Gebühren café.txt") for form in ("NFD", "NFC"))
    (tmp_path / apart).write_text("The ferry price is five crowns.\n")
    library.add(tmp_path / apart)

    assert library.remove(whole) == (str(tmp_path / apart),)
    library.add(tmp_path / apart)
    assert library.remove(str(tmp_path / whole)) == (str(tmp_path / apart),)
    library.add_bytes(apart, b"The engine is served.")
    assert library.remove(whole) == (whole,)


# readers


def test_what_an_older_reader_read_is_read_again_and_told(
    library: Library, at: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(at)
    library.add_bytes("upload.txt", b"The crew is six.")
    text, markdown = (formats.BY_NAME[name] for name in ("text", "markdown"))
    by_markdown = f"markdown/{markdown.version}"
    stored = {entry.parser for entry in library.documents()}
    assert stored == {by_markdown, f"text/{text.version}"}
    assert library.document(str(at / "fares.md")).parser == by_markdown
    newer = replace(text, version=text.version + 1)
    monkeypatch.setattr(formats, "BY_NAME", {**formats.BY_NAME, "text": newer})

    report = library.add(at)

    read = sorted(Path(file.path).name for file in report.reread)
    assert read == ["engine.txt", "safety.txt", "upload.txt"]
    assert (report.unchanged, report.updated, report.added) == (1, (), ())
    assert library.add_bytes("upload.txt", b"The crew is six.").reread
