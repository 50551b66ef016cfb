"""Which files a folder holds, and how they differ from what is known."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from bifolio.ingest import Finding, compare, find, folder
from bifolio.library import Library


def write(path: Path, text: str = "words") -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return str(path)


def names(files: Mapping[str, str], base: Path) -> list[str]:
    return [os.path.relpath(path, base) for path in files]


# find


def test_a_folder_is_walked_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "a.md", "sub/c.PDF", "sub/deep/d.markdown"):
        write(tmp_path / name)

    assert names(find([tmp_path]).files, tmp_path) == [
        "a.md",
        "b.txt",
        "sub/c.PDF",
        "sub/deep/d.markdown",
    ]


def test_a_file_is_known_by_the_hash_of_its_bytes(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt", "渡轮")

    assert find([path]).files == {path: hashlib.sha256("渡轮".encode()).hexdigest()}


def test_a_file_named_twice_is_found_once(tmp_path: Path) -> None:
    path = write(tmp_path / "a.txt")

    assert list(find([path, tmp_path, path]).files) == [path]


def test_relative_paths_become_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "sub" / "a.txt")
    monkeypatch.chdir(tmp_path / "sub")

    assert list(find(["."]).files) == list(find(["../sub"]).files) == [path]


def test_files_of_other_kinds_are_counted_by_suffix(tmp_path: Path) -> None:
    for name in ("a.zip", "b.zip", "c.XYZ", "README"):
        write(tmp_path / name)

    assert find([tmp_path]).ignored == {".zip": 2, ".xyz": 1, "no suffix": 1}


def test_hidden_files_and_folders_are_passed_over(tmp_path: Path) -> None:
    write(tmp_path / ".git" / "a.txt")
    write(tmp_path / ".b.txt")

    finding = find([tmp_path])

    assert not finding.files
    assert not finding.ignored


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    inside = tmp_path / "inside"
    secret = write(outside / "secret.txt")
    inside.mkdir()
    (inside / "file.txt").symlink_to(secret)
    (inside / "folder").symlink_to(outside)
    (inside / "loop").symlink_to(inside)
    (inside / "dangling.txt").symlink_to(tmp_path / "nowhere")

    assert not find([inside]).files


def test_a_pipe_in_a_folder_is_passed_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")

    assert find([tmp_path]).ignored == {".txt": 1}


def test_a_pipe_that_is_asked_for_holds_nobody(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.txt")
    program = f"from bifolio.ingest import find; print(find([{str(tmp_path / 'pipe.txt')!r}]))"

    done = subprocess.run([sys.executable, "-c", program], capture_output=True, timeout=10)

    assert b"not a regular file" in done.stdout


def told(finding: Finding) -> dict[str, str]:
    return {path: str(reason) for path, reason in finding.skipped.items()}


def test_a_missing_path_is_told(tmp_path: Path) -> None:
    missing = str(tmp_path / "none.txt")

    assert told(find([missing])) == {missing: "no such file or folder; check the name"}


def test_a_name_that_no_file_can_bear_is_told(tmp_path: Path) -> None:
    name = str(tmp_path / ("n" * 300 + ".txt"))

    assert list(find([name]).skipped) == [name]


def test_a_file_of_another_kind_that_is_asked_for_is_told(tmp_path: Path) -> None:
    other, old = write(tmp_path / "a.unknown"), write(tmp_path / "a.DOC")

    skipped = told(find([other, old]))

    assert "known are .adoc, .asciidoc, .csv, .docm, .docx" in skipped[other]
    assert "save it as .docx" in skipped[old]


def test_an_unreadable_file_is_told_and_the_others_are_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, bad = write(tmp_path / "good.txt"), write(tmp_path / "bad.txt")
    forbid(monkeypatch, bad)

    finding = find([tmp_path])

    assert list(finding.files) == [good]
    assert told(finding) == {bad: "Permission denied; check its permissions"}


def forbid(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    """Make a file unreadable, also for root."""
    hashed = folder._sha256

    def refuse(candidate: Path) -> str:
        if str(candidate) == path:
            raise PermissionError(13, "Permission denied", path)
        return hashed(candidate)

    monkeypatch.setattr(folder, "_sha256", refuse)


@pytest.mark.parametrize(
    "name", ["two\nlines.txt", "<b>bold.txt", " spaces .txt", "票价.md", "n" * 200 + ".txt"]
)
def test_odd_names_are_found_as_they_are(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name)

    assert list(find([tmp_path]).files) == [path]


def test_a_name_that_is_not_utf_8_is_told_in_words_that_can_be_printed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.txt")).write_text("words")
    write(tmp_path / "good.txt")

    finding = find([tmp_path])

    assert len(finding.files) == 1
    assert told(finding) == {f"{tmp_path}/caf\ufffd.txt": "its name is not UTF-8; rename it"}


def test_a_suffix_that_is_not_utf_8_can_be_printed(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a.\xe9")).write_text("words")

    assert "".join(find([tmp_path]).ignored).encode()


# compare


def test_files_are_new_changed_or_unchanged() -> None:
    changes = compare({"/d/a": "1", "/d/b": "2", "/d/c": "3"}, {"/d/b": "0", "/d/c": "3"}, roots=())

    assert (changes.new, changes.changed, changes.unchanged) == (("/d/a",), ("/d/b",), ("/d/c",))


def test_what_has_gone_from_a_folder_is_missing() -> None:
    assert compare({}, {"/d/a": "1"}, roots=["/d"]).missing == ("/d/a",)


def test_what_has_gone_from_another_folder_is_not_spoken_of() -> None:
    assert compare({}, {"/d2/a": "1", "upload.pdf": "2"}, roots=["/d"]).missing == ()


def test_a_new_file_with_the_content_of_a_missing_one_was_renamed() -> None:
    changes = compare({"/d/new": "1"}, {"/d/old": "1"}, roots=["/d"])

    assert changes.renamed == {"/d/old": "/d/new"}
    assert not changes.new
    assert not changes.missing


def test_a_new_file_with_the_content_of_a_known_one_is_a_duplicate() -> None:
    changes = compare({"/d/a": "1", "/d/b": "1"}, {"/d/a": "1"}, roots=["/d"])

    assert changes.duplicates == {"/d/b": "/d/a"}
    assert not changes.new


def test_of_two_new_files_with_one_content_the_first_is_kept() -> None:
    changes = compare({"/d/a": "1", "/d/b": "1"}, {}, roots=["/d"])

    assert (changes.new, changes.duplicates) == (("/d/a",), {"/d/b": "/d/a"})


def test_a_renamed_file_and_its_copy_are_told_apart() -> None:
    changes = compare({"/d/b": "1", "/d/c": "1"}, {"/d/a": "1"}, roots=["/d"])

    assert (changes.renamed, changes.duplicates) == ({"/d/a": "/d/b"}, {"/d/c": "/d/b"})


def test_two_files_that_swapped_names_have_changed() -> None:
    changes = compare({"/d/a": "2", "/d/b": "1"}, {"/d/a": "1", "/d/b": "2"}, roots=["/d"])

    assert changes.changed == ("/d/a", "/d/b")


def test_a_copy_of_what_a_file_was_before_it_changed_is_new() -> None:
    """report.pdf was kept as report-2025.pdf, and another report.pdf took its place."""
    changes = compare({"/d/old": "1", "/d/report": "2"}, {"/d/report": "1"}, roots=["/d"])

    assert (changes.new, changes.changed) == (("/d/old",), ("/d/report",))
    assert not changes.duplicates


def test_a_copy_of_what_a_file_has_become_is_a_duplicate() -> None:
    changes = compare({"/d/a": "2", "/d/b": "2"}, {"/d/a": "1"}, roots=["/d"])

    assert (changes.changed, changes.duplicates) == (("/d/a",), {"/d/b": "/d/a"})


def test_a_root_with_dots_in_it_is_the_same_root(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    changes = compare({}, {f"{tmp_path}/docs/a": "1"}, roots=["../docs"])

    assert changes.missing == (f"{tmp_path}/docs/a",)


# A library follows its folder.


def paths(library: Library) -> list[str]:
    return [Path(entry.path).name for entry in library.documents()]


def test_adding_a_folder_again_embeds_nothing(
    library: Library, embedder: Any, documents: Path
) -> None:
    library.add(documents)
    embedded = list(embedder.embedded)

    report = library.add(documents)

    assert (report.unchanged, report.added) == (3, ())
    assert embedder.embedded == embedded


def test_a_changed_file_replaces_its_old_chunks(library: Library, documents: Path) -> None:
    library.add(documents)
    write(documents / "safety.txt", "The ferry has lifeboats.")

    report = library.add(documents)

    assert [Path(file.path).name for file in report.updated] == ["safety.txt"]
    texts = [hit.span.text for hit in library.retrieve("fire crew bell").trace.hits]
    assert "The ferry has lifeboats." in texts
    assert "In a fire the crew rings the bell." not in texts


def test_a_renamed_file_with_a_title_is_not_embedded_again(
    library: Library, embedder: Any, documents: Path
) -> None:
    library.add(documents)
    embedded = list(embedder.embedded)
    (documents / "fares.md").rename(documents / "prices.md")

    library.add(documents)

    assert embedder.embedded == embedded
    assert paths(library) == ["prices.md", "safety.txt", "轮机.txt"]


def test_a_missing_file_is_told_and_stays(library: Library, documents: Path) -> None:
    library.add(documents)
    (documents / "safety.txt").unlink()

    report = library.add(documents)

    assert [Path(path).name for path in report.missing] == ["safety.txt"]
    assert "safety.txt" in paths(library)


def test_a_missing_file_goes_when_that_is_asked_for(library: Library, documents: Path) -> None:
    library.add(documents)
    (documents / "safety.txt").unlink()

    library.add(documents, prune=True)

    assert paths(library) == ["fares.md", "轮机.txt"]


def test_a_file_that_cannot_be_read_today_is_not_pruned(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(documents)
    forbid(monkeypatch, str(documents / "safety.txt"))

    library.add(documents, prune=True)

    assert "safety.txt" in paths(library)


def test_a_dry_run_changes_nothing(library: Library, documents: Path) -> None:
    report = library.add(documents, dry_run=True)

    assert len(report.added) == 3
    assert library.documents() == []


def test_one_bad_file_does_not_cost_the_others(library: Library, documents: Path) -> None:
    write(documents / "broken.pdf", "%PDF-1.7 but nothing else")

    report = library.add(documents)

    assert [Path(file.path).name for file in report.skipped] == ["broken.pdf"]
    assert len(paths(library)) == 3


def test_a_broken_byte_is_told_in_the_report(library: Library, tmp_path: Path) -> None:
    (tmp_path / "pier.txt").write_bytes(
        "The café opens.\nThe pier is long.\n".encode() * 20 + b"\x81"
    )

    report = library.add(tmp_path / "pier.txt")

    (warned,) = report.warnings
    assert "in line 41 " in str(warned.reason)
