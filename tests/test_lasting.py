"""Rounds without end, odd clocks and poor surroundings: a library stays what it is."""

import os
import resource
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bifolio import Library
from bifolio.retrieval.store import saving, segments, writer

ROUNDS = 50


def size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())


def open_files() -> int:
    return len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - links that may be gone at once


def test_rounds_of_adding_and_removing_leave_size_and_open_files_level(
    library: Library, documents: Path
) -> None:
    def one_round(number: int) -> tuple[int, int]:
        (documents / "changing.txt").write_text(f"Ferry number {number}. " * 500, encoding="utf-8")
        library.add(documents)
        library.add_bytes("upload.txt", f"The crew of ferry {number}.".encode() * 300)
        assert library.search("ferry price")
        library.remove("upload.txt")
        library.remove("changing.txt")
        return size(library.folder), open_files()

    warm = [one_round(number) for number in range(5)][-1]
    sizes, files = zip(*(one_round(number) for number in range(5, ROUNDS)), strict=True)

    assert max(sizes[-5:]) <= 1.1 * max(warm[0], max(sizes[:5]))
    assert files[-1] <= warm[1]
    assert library.store.check(whole=True) == ()
    assert len(library.documents()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
def test_the_database_names_a_file_only_when_it_would_outlast_a_power_cut(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, str]] = []
    fsync, rename, name_them = os.fsync, Path.rename, segments.replace_segments

    def synced(descriptor: int) -> None:
        done.append(("synced", os.readlink(f"/proc/self/fd/{descriptor}")))  # noqa: PTH115
        fsync(descriptor)

    def renamed(self: Path, target: Path) -> Path:
        done.append(("renamed", str(target)))
        return rename(self, target)

    def named(connection: sqlite3.Connection, some: Sequence[segments.Segment]) -> None:
        done.extend(("named", str(library.folder / one.saved.file)) for one in some)
        name_them(connection, some)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(Path, "rename", renamed)
    monkeypatch.setattr(saving, "replace_segments", named)
    library.add(documents)
    library.add_bytes("upload.txt", b"The crew of the ferry.")

    files = {file for event, file in done if event == "named"}
    assert files
    for file in files:
        written = done.index(("synced", f"{file}.tmp"))
        moved = done.index(("renamed", file), written)
        kept = done.index(("synced", str(library.folder)), moved)
        assert done.index(("named", file)) > kept


class Backwards(datetime):
    """A clock that was set to 1970 and goes backwards from there."""

    ticks = 10_000

    @classmethod
    def now(cls, tz: Any = None) -> "Backwards":
        cls.ticks -= 100
        return cls.fromtimestamp(cls.ticks, UTC)


def test_a_clock_that_goes_backwards_changes_nothing(
    library: Library, documents: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add(documents)
    monkeypatch.setattr(writer, "datetime", Backwards)
    for number, seconds in enumerate((0, 4_102_444_800, 1)):
        (documents / "fares.md").write_text(f"The ferry price is {number} crowns.")
        os.utime(documents / "fares.md", (seconds, seconds))

        report = library.add(documents)

        assert [Path(file.path).name for file in report.updated] == ["fares.md"]
        assert f"{number} crowns" in library.search("ferry price")[0].text
    assert library.add(documents).unchanged == 3


def test_readers_in_threads_find_what_a_writer_leaves_whole(
    library: Library, documents: Path
) -> None:
    library.add(documents)
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            try:
                if "five crowns" not in library.search("ferry price")[0].text:
                    wrong.append("another text")
            except Exception as problem:
                wrong.append(problem)

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for number in range(20):
        library.add_bytes(f"{number}.txt", f"The crew drills, number {number}.".encode())
    stop.set()
    for reader in readers:
        reader.join()
    assert wrong == []


def run(
    *arguments: str, files: int | None = None, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command as its own process, with so many open files at most."""

    def limited() -> None:
        if files:
            resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))

    return subprocess.run(
        [sys.executable, "-m", "bifolio.cli", *arguments],
        env={**os.environ, **(environment or {})},
        preexec_fn=limited,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of a library made by the command, of one document with a Chinese name."""
    folder = tmp_path_factory.mktemp("shelf")
    (folder / "渡轮.txt").write_text("渡轮票价五元。", encoding="utf-8")
    done = run("ingest", "--library", str(folder / "library"), str(folder / "渡轮.txt"))
    assert done.returncode == 0, done.stderr
    return folder / "library"


@pytest.mark.parametrize(
    "environment",
    [
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        {"TMPDIR": "/nowhere"},
        {"HOME": "/nowhere"},
        {"TZ": "Pacific/Kiritimati"},
    ],
    ids=["locale", "temporary folder", "home", "time zone"],
)
def test_commands_work_in_poor_surroundings(shelf: Path, environment: dict[str, str]) -> None:
    done = run("list", "--library", str(shelf), environment=environment)
    assert (done.returncode, done.stderr) == (0, "")
    assert "渡轮.txt" in done.stdout


def test_a_low_limit_of_open_files_is_enough_or_told(shelf: Path) -> None:
    done = run("search", "--library", str(shelf), "渡轮票价", files=32)
    assert "Traceback" not in done.stderr
    if done.returncode == 0:
        assert "五元" in done.stdout
    else:
        assert done.stderr.startswith("bifolio: ")


def test_an_output_that_is_closed_early_ends_quietly(shelf: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "bifolio.cli", "list", "--library", str(shelf)],
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
        timeout=120,
        check=False,
    )
    os.close(writing)
    assert "Traceback" not in done.stderr
