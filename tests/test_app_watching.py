"""A watched folder is followed, files that are being written wait, and Ctrl-C ends all at once."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from threading import Event, Thread

import pytest

from bifolio import storing, watching
from bifolio.cli.progress import _rates
from bifolio.ingest import Stopped, reader
from bifolio.ingest_report import Progress
from bifolio.library import Library
from bifolio.watching import watch


@pytest.fixture
def watched(library: Library, documents: Path) -> Iterator[list[frozenset[str]]]:
    """Watch the documents, with the library among them; give which were busy at each comparison."""
    stop, calls = Event(), []

    def sync(busy: Collection[str]) -> bool:
        library.add(documents, prune=True, busy=busy)
        calls.append(frozenset(busy))
        return True

    options = {"without": library.folder, "stop": stop}
    thread = Thread(target=watch, args=([documents], sync), kwargs=options)
    thread.start()
    until(lambda: len(calls) == 1)
    yield calls
    stop.set()
    thread.join(5)
    assert not thread.is_alive()


def until(holds: Callable[[], bool], seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)


def held(library: Library) -> dict[str, str]:
    # In one state of it: the watcher goes on meanwhile.
    with library.store.reading() as view:
        return {Path(one.path).name: view.document(one.path).text for one in view.entries()}


def test_what_is_written_moved_and_deleted_is_followed(
    library: Library, documents: Path, watched: list[frozenset[str]]
) -> None:
    assert len(held(library)) == 3

    (documents / "sub").mkdir()
    (documents / "sub" / "new.txt").write_text("The crew is six.\n")
    (documents / "fares.md").rename(documents / "prices.md")
    (documents / "safety.txt").unlink()
    until(lambda: set(held(library)) == {"new.txt", "prices.md", "轮机.txt"})

    # Our own reading is no change, nor is what hidden files do.
    time.sleep(watching.QUIET + 0.5)
    count = len(watched)
    (documents / ".hidden").write_text("x")
    time.sleep(watching.QUIET + 0.5)
    assert len(watched) == count


def test_a_file_that_is_being_written_waits_and_keeps_nobody_else_waiting(
    library: Library, documents: Path, watched: list[frozenset[str]]
) -> None:
    (documents / "other.txt").write_text("The crew is six.\n")
    with (documents / "long.txt").open("w") as file:
        begun = time.monotonic()
        while "other.txt" not in held(library):
            assert time.monotonic() - begun < 30
            file.write("The ferry leaves at seven.\n")
            file.flush()
            time.sleep(0.1)
        assert "long.txt" not in held(library)
        file.write("The end.\n")
    until(lambda: "The end." in held(library).get("long.txt", ""))


def test_a_busy_document_is_neither_changed_nor_missing(library: Library, documents: Path) -> None:
    library.add(documents)
    (documents / "safety.txt").write_text("half a sent")

    report = library.add(documents, prune=True, busy=[str(documents / "safety.txt")])

    assert (report.unchanged, report.updated, report.removed, report.warnings) == (3, (), (), ())


def test_a_comparison_that_failed_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "_AGAIN", 0.1)
    stop, calls = Event(), []

    def sync(_: Collection[str]) -> bool:
        calls.append(1)
        if len(calls) == 3:
            stop.set()
        return False

    watch([tmp_path, tmp_path / "none"], sync, without=tmp_path / "library", stop=stop)

    assert len(calls) == 3


def test_a_folder_that_goes_and_comes_back_is_told_and_followed(
    library: Library, documents: Path
) -> None:
    """As a drive that is taken out and put in again; what it held is kept."""
    stop, skipped = Event(), []

    def sync(busy: Collection[str]) -> bool:
        report = library.add(documents, prune=True, busy=busy)
        skipped.append([str(one) for one in report.skipped])
        return True

    options = {"without": library.folder, "stop": stop}
    thread = Thread(target=watch, args=([documents], sync), kwargs=options)
    thread.start()
    try:
        until(lambda: skipped == [[]])
        away = documents.rename(documents.with_name("away"))
        until(lambda: "no such file or folder" in str(skipped[-1]))
        assert len(held(library)) == 3

        away.rename(documents)
        until(lambda: skipped[-1] == [])
        (documents / "new.txt").write_text("The crew is six.\n")
        until(lambda: len(held(library)) == 4)
    finally:
        stop.set()
        thread.join(5)


# stopped


def test_an_ingestion_that_is_stopped_keeps_what_it_had(library: Library, documents: Path) -> None:
    stop = Event()

    def show(progress: Progress) -> None:
        if progress.done == 1:
            stop.set()

    with pytest.raises(Stopped, match="run again to go on"):
        library.add(documents, on_progress=show, stop=stop)

    assert 1 <= len(library.documents()) < 3
    library.add(documents)
    assert len(library.documents()) == 3


def test_a_slow_reader_is_stopped_in_a_moment(
    library: Library,
    tmp_path: Path,
    planted: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "_WORK", planted("import time; time.sleep(60)"))
    (tmp_path / "a.txt").write_text("words\n")
    stop = Event()
    Thread(target=lambda: (time.sleep(0.5), stop.set())).start()
    began = time.monotonic()

    with pytest.raises(Stopped):
        library.add(tmp_path / "a.txt", stop=stop)

    assert time.monotonic() - began < 3


@pytest.mark.parametrize("more", [[], ["--watch"]])
def test_ctrl_c_ends_the_command_at_once(tmp_path: Path, more: list[str]) -> None:
    """Also with text for minutes before it; what was stored is there at the next run."""
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(3 if more else 200):
        text = f"The ferry {number} leaves at seven from pier {number}.\n" * (1 if more else 300)
        (docs / f"{number:03}.txt").write_text(text)
    place = str(tmp_path / "library")
    command = [sys.executable, "-m", "bifolio.cli", "ingest", str(docs), "--library", place, *more]
    with subprocess.Popen(
        command,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # What runs in the background, as this suite may, is made deaf to Ctrl-C by its shell.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    ) as running:
        try:
            until(lambda: stored(Path(place)) >= (3 if more else 2), 300)
            began = time.monotonic()
            os.kill(running.pid, signal.SIGINT)
            _, errors = running.communicate(timeout=20)
            taken = time.monotonic() - began
        finally:
            running.kill()

    assert taken < 8  # two, and more on a busy machine
    assert running.returncode == 130, errors.decode()
    assert "what was stored stays" in errors.decode()


def stored(place: Path) -> int:
    import sqlite3
    from contextlib import closing

    if not (place / "db.sqlite").exists():
        return 0
    with closing(sqlite3.connect(f"{(place / 'db.sqlite').as_uri()}?mode=ro", uri=True)) as base:
        return int(base.execute("SELECT count(*) FROM documents").fetchone()[0])


def test_progress_tells_pages_chunks_and_the_time_left(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(storing, "_TOLD_AFTER", 0.0)
    told: list[Progress] = []

    library.add(documents, on_progress=told.append)

    ends = [one for one in told if one.share == 1.0]
    assert [(one.done, one.pages, one.chunks) for one in ends] == [(0, 1, 1), (1, 2, 2), (2, 3, 3)]
    left = [one.left or 0.0 for one in ends]
    assert left[0] > left[1] > left[2] == 0.0
    assert "pages/s" in _rates(ends[1])
    assert " left" in _rates(ends[1])
