"""Files come into a library whole and once, whoever else adds, and whatever interrupts it."""

import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from conftest import MakePdf, OverlapReranker, WordEmbedder

from bifolio import as_json, storing
from bifolio.library import Library
from bifolio.models import Models
from bifolio.retrieval import Entry, Store, StoreError

SEVEN, NINE = b"The ferry leaves at seven.", b"The ferry leaves at nine."


@pytest.fixture
def sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Library, Library]:
    """Give two sessions of one library; both have looked before either writes."""
    both = threading.Barrier(2, timeout=20)
    writing = Store.writing

    def together(store: Store) -> Any:
        both.wait()
        return writing(store)

    place = tmp_path / "library"
    one, other = (
        Library(place, models=Models(WordEmbedder(), OverlapReranker())) for _ in range(2)
    )
    monkeypatch.setattr(Store, "writing", together)
    return one, other


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def uploads(library: Library) -> list[str]:
    return sorted(file.name for file in (library.folder / "files").iterdir())


def by_words(library: Library, *asked: str) -> list[str]:
    """Give the paths of the documents that hold any of the words."""
    with library.store.reading() as view:
        ids = [id_ for id_, _ in view.lexical(asked, 10)]
        return sorted(chunk.document.path for chunk in view.chunks(ids).values())


def entry(library: Library, name: str) -> Entry:
    return next(one for one in library.documents() if Path(one.path).name == name)


# several at once


def test_two_uploads_of_one_name_at_once_are_both_kept(sessions: tuple[Library, Library]) -> None:
    one, other = sessions

    at_once(
        lambda: one.add_bytes("ferry.txt", SEVEN),
        lambda: other.add_bytes("ferry.txt", NINE),
    )

    texts = {one.document(entry.path).text for entry in one.documents()}
    assert texts == {SEVEN.decode(), NINE.decode()}
    assert len(uploads(one)) == 2


def test_the_same_file_uploaded_twice_at_once_is_stored_once(
    sessions: tuple[Library, Library],
) -> None:
    one, other = sessions

    reports = at_once(
        lambda: one.add_bytes("ferry.txt", SEVEN),
        lambda: other.add_bytes("boat.txt", SEVEN),
    )

    assert sorted(report.unchanged for report in reports) == [0, 1]
    assert len(one.documents()) == 1


def test_a_folder_ingested_twice_at_once_is_read_once(
    sessions: tuple[Library, Library], documents: Path
) -> None:
    one, other = sessions

    reports = at_once(lambda: one.add(documents), lambda: other.add(documents))

    assert sorted(len(report.added) for report in reports) == [0, 3]
    assert sorted(report.unchanged for report in reports) == [0, 3]
    assert len(one.documents()) == 3


def test_no_name_of_an_upload_takes_anothers_place(library: Library) -> None:
    """Even one that bears the name which the next upload would have been given."""
    library.add_bytes("ferry.txt", b"The crew is six.")
    library.add_bytes("ferry.txt", SEVEN)
    (given,) = (one.path for one in library.documents() if one.path != "ferry.txt")
    library.remove(given)
    library.add_bytes(given, NINE)

    library.add_bytes("ferry.txt", SEVEN)

    assert len(library.documents()) == 3
    assert len({library.document(one.path).text for one in library.documents()}) == 3


# interrupted


@pytest.mark.parametrize("problem", [KeyboardInterrupt, MemoryError, RuntimeError])
def test_an_interrupted_upload_leaves_no_bytes(
    library: Library,
    embedder: WordEmbedder,
    monkeypatch: pytest.MonkeyPatch,
    problem: type[BaseException],
) -> None:
    library.add_bytes("ferry.txt", SEVEN)
    before = uploads(library)

    def interrupt(*_: object) -> Any:
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr(embedder, "embed_passages", interrupt)
        with pytest.raises(problem):
            library.add_bytes("late.txt", NINE)

    assert uploads(library) == before
    assert library.add_bytes("late.txt", NINE).added


KILLED = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from conftest import OverlapReranker, WordEmbedder
from bifolio.library import Library
from bifolio.models import Models
library = Library(Path(sys.argv[1]), models=Models(WordEmbedder(), OverlapReranker()))
WordEmbedder.embed_passages = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
library.add_bytes("late.txt", b"The ferry leaves at nine.")
"""


def test_the_bytes_of_a_killed_upload_go_with_the_next_writer(library: Library) -> None:
    library.add_bytes("ferry.txt", SEVEN)
    kept = uploads(library)
    arguments = [sys.executable, "-c", KILLED, str(library.folder), str(Path(__file__).parent)]
    done = subprocess.run(arguments, capture_output=True, timeout=60)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert len(uploads(library)) == 2, "the upload was not interrupted where it matters"
    (library.folder / "files" / "notes.txt").write_text("of the user")

    library.forget_threshold()

    assert uploads(library) == sorted([*kept, "notes.txt"])


def test_an_interrupted_ingest_keeps_what_was_done_and_its_index(
    library: Library, documents: Path, embedder: WordEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def interrupt(texts: list[str]) -> Any:
        calls.append(texts)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return embedder.embed_queries(texts)

    with monkeypatch.context() as patch:
        patch.setattr(storing, "_TOGETHER", 1)
        patch.setattr(embedder, "embed_passages", interrupt)
        with pytest.raises(KeyboardInterrupt):
            library.add(documents)

    assert len(library.documents()) == 1
    assert len(list(library.folder.glob("index-*.faiss"))) == 1
    assert len(library.add(documents).added) == 2


# renamed


def test_a_renamed_file_is_found_by_its_new_name_and_not_by_its_old(
    library: Library, documents: Path, embedder: WordEmbedder
) -> None:
    library.add(documents)
    embedder.embedded.clear()
    old, new = documents / "safety.txt", documents / "refund rules.txt"
    old.rename(new)

    report = library.add(documents)

    assert [(moved.old, moved.new) for moved in report.renamed] == [(str(old), str(new))]
    assert (report.added, report.updated) == ((), ())
    assert entry(library, new.name).title == "refund rules"
    assert by_words(library, "safety") == []
    assert by_words(library, "rules") == [str(new)]
    # The vector too: the name speaks of a refund, which the text does not.
    assert embedder.embedded == ["refund rules\nIn a fire the crew rings the bell."]
    dense = library.retrieve("refund", legs=["dense"]).trace.hits
    assert str(new) in [hit.span.path for hit in dense if (hit.scores.dense or 0) > 0.1]
    assert library.add(documents).unchanged == 3


@pytest.mark.parametrize("new", ["prices.md", "elsewhere/fares.md", "elsewhere/prices.md"])
def test_a_title_of_its_own_stays_and_nothing_is_computed(
    library: Library, tmp_path: Path, embedder: WordEmbedder, new: str
) -> None:
    folder = tmp_path / "texts"
    (folder / "elsewhere").mkdir(parents=True)
    (folder / "fares.md").write_text("# fares\n\nThe ferry price is five crowns.\n")
    library.add(folder)
    embedder.embedded.clear()
    (folder / "fares.md").rename(folder / new)

    report = library.add(folder)

    assert [moved.new for moved in report.renamed] == [str(folder / new)]
    assert embedder.embedded == []
    assert entry(library, Path(new).name).title == "fares"


def test_a_file_moved_under_its_name_is_not_computed_again(
    library: Library, documents: Path, embedder: WordEmbedder
) -> None:
    library.add(documents)
    embedder.embedded.clear()
    (documents / "old").mkdir()
    (documents / "safety.txt").rename(documents / "old" / "safety.txt")

    assert len(library.add(documents).renamed) == 1

    assert embedder.embedded == []
    assert entry(library, "safety.txt").title == "safety"


def test_a_renamed_document_is_what_a_new_library_would_hold(
    library: Library, tmp_path: Path, make_pdf: MakePdf
) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    (folder / "one.pdf").write_bytes(make_pdf("The ferry leaves.", "The crew is six."))
    (folder / "船员.txt").write_text("船员有六人。\n" * 400, encoding="utf-8")
    library.add(folder)
    (folder / "one.pdf").rename(folder / "two.pdf")
    (folder / "船员.txt").rename(folder / "名单.txt")
    library.add(folder)

    fresh = Library(tmp_path / "fresh", models=Models(WordEmbedder(), OverlapReranker()))
    fresh.add(folder)

    def held(one: Library) -> list[Any]:
        with one.store.reading() as view:
            spans = [replace(span, id=0) for span in view.spans(view.ids()).values()]
        facts = [(each.path, each.title, each.sha256, each.chunks) for each in one.documents()]
        return [*facts, *sorted(map(asdict, spans), key=str)]

    assert held(library) == held(fresh)


# changed, but unreadable


@pytest.fixture
def broken(library: Library, documents: Path) -> Path:
    """Give a file that was read, and then became one that cannot be."""
    library.add(documents)
    file = documents / "safety.txt"
    file.write_bytes(b"")
    return file


def test_the_copy_of_a_file_that_cannot_be_read_is_told_as_one(
    library: Library, tmp_path: Path
) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / "docs" / name).parent.mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_bytes(b"")

    report = library.add(tmp_path / "docs")

    assert [str(file.reason) for file in report.skipped] == ["the file is empty"] * 2
    assert not report.warnings


def test_an_unreadable_change_is_told_and_remembered(library: Library, broken: Path) -> None:
    (skipped,) = library.add(broken.parent).skipped

    day = entry(library, "safety.txt").added[:10]
    assert str(skipped.reason) == f"the file is empty; the text read on {day} still answers"
    stale = entry(library, "safety.txt").stale
    assert stale is not None
    assert (str(stale.reason), stale.day) == ("the file is empty", day)
    shown = {row["path"]: row for row in as_json.documents(library.documents())["documents"]}
    assert shown[str(broken)]["stale"] == {"reason": "the file is empty", "day": day}
    assert shown[str(broken.parent / "fares.md")]["stale"] is None
    assert by_words(library, "bell") == [str(broken)]


def test_a_new_file_that_cannot_be_read_answers_nothing(library: Library, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_bytes(b"")

    (skipped,) = library.add(tmp_path / "new.txt").skipped

    assert str(skipped.reason) == "the file is empty"


@pytest.mark.parametrize("text", ["In a fire the crew rings the bell.\n", "In a fire, run.\n"])
def test_a_document_is_stale_until_its_file_can_be_read(
    library: Library, broken: Path, text: str
) -> None:
    library.add(broken.parent)
    broken.write_text(text)

    library.add(broken.parent)

    assert entry(library, "safety.txt").stale is None
    assert library.document(str(broken)).text == text


def test_a_stale_document_whose_file_comes_back_under_another_name_is_fresh(
    library: Library, broken: Path
) -> None:
    library.add(broken.parent)
    broken.unlink()
    moved = broken.with_name("rescue.txt")
    moved.write_text("In a fire the crew rings the bell.\n")

    library.add(broken.parent)

    assert entry(library, "rescue.txt").stale is None


def test_a_document_whose_file_is_no_file_any_more_is_stale(library: Library, broken: Path) -> None:
    broken.unlink()
    os.mkfifo(broken)

    (skipped,) = library.add(broken).skipped

    assert "not a regular file" in str(skipped.reason)
    assert "still answers" in str(skipped.reason)
    assert entry(library, "safety.txt").stale is not None


def test_a_dry_run_marks_nothing(library: Library, broken: Path) -> None:
    library.add(broken.parent, dry_run=True)

    assert entry(library, "safety.txt").stale is None


# the bytes of a document


def test_the_bytes_of_a_document_are_those_that_were_read(
    library: Library, documents: Path
) -> None:
    library.add(documents)
    library.add_bytes("Ferry.TXT", SEVEN)
    fares = documents / "fares.md"

    assert library.store.file("Ferry.TXT") == SEVEN
    assert library.store.file(str(fares)) == fares.read_bytes()
    with pytest.raises(KeyError):
        library.store.file("nothing.txt")


def test_bytes_that_changed_or_are_gone_are_refused(library: Library, documents: Path) -> None:
    library.add(documents)
    library.add_bytes("ferry.txt", SEVEN)
    fares, safety = documents / "fares.md", documents / "safety.txt"
    fares.write_text("others")
    safety.unlink()
    (upload,) = (library.folder / "files").iterdir()
    upload.write_bytes(NINE)

    with pytest.raises(StoreError, match=r"fares.md has changed since .* ingest it again"):
        library.store.file(str(fares))
    with pytest.raises(StoreError, match=r"safety.txt is no longer to be read \(No such file"):
        library.store.file(str(safety))
    with pytest.raises(StoreError, match=r"ferry.txt has changed since .* upload it again"):
        library.store.file("ferry.txt")
    os.mkfifo(safety)
    with pytest.raises(StoreError, match="not a regular file"):
        library.store.file(str(safety))


def test_a_library_does_not_take_in_its_own_uploads_however_it_is_reached(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_bytes("upload.txt", b"The ferry leaves at seven.")
    (tmp_path / "deep").mkdir()
    (tmp_path / "link").symlink_to(library.folder)
    monkeypatch.chdir(tmp_path / "deep")

    report = library.add(["..", library.folder, tmp_path / "link"])

    assert (report.added, report.warnings) == ((), ())
    assert [entry.path for entry in library.documents()] == ["upload.txt"]


def test_a_folder_reached_by_a_link_holds_no_second_copies(
    library: Library, documents: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link"
    link.symlink_to(documents)

    both = library.add([documents, link])
    later = library.add(link)

    assert len(both.added) == 3
    assert (both.warnings, later.warnings, later.added) == ((), (), ())


def test_an_upload_that_bears_a_known_name_says_that_both_are_kept(library: Library) -> None:
    library.add_bytes("prices.md", b"A bicycle costs nine euros.")

    report = library.add_bytes("prices.md", b"A bicycle costs eleven euros.")

    assert [
        str(warned.reason).startswith("another document named") for warned in report.warnings
    ] == [True]


def test_files_that_the_disk_has_no_room_for_are_refused_before_any_is_read(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (documents / "long.txt").write_text("The ferry leaves at seven. " * 20_000)

    def left(free: int) -> None:
        total = shutil.disk_usage(documents)._replace(free=free)
        monkeypatch.setattr("bifolio.estimating.shutil.disk_usage", lambda _: total)

    left(1_000_000)
    with pytest.raises(StoreError, match=r"4 files will take about \d MB in .* 1 MB left; free"):
        library.add(documents)
    nothing = library.documents()
    left(20_000_000)

    assert nothing == []
    assert len(library.add(documents).added) == 4


@pytest.mark.parametrize(
    ("cores", "memory_mb", "expected"),
    [(1, 2_000, 2), (2, 24_000, 2), (4, 32_000, 4), (16, 24_000, 5), (64, 512_000, 8)],
)
def test_a_file_is_read_on_each_core_if_memory_holds_the_readers(
    cores: int, memory_mb: float, expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "MOST_MEMORY_MB", 4096)
    assert storing.workers_for(cores, memory_mb) == expected
