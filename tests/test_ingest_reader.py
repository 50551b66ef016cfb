"""A file is read, or refused in one sentence that names it and says what to do."""

import hashlib
import io
import os
import random
import stat
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest

from bifolio.ingest import SUFFIXES, Document, UnreadableDocument, ocr, read, reader

MakePdf = Callable[..., bytes]
SAMPLES = Path(__file__).parents[1] / "sample_docs"


def write(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def refusal(path: Path, *, seconds: float = 60, memory_mb: int = 2048) -> str:
    """Read a file that cannot be read, and give the reason."""
    with pytest.raises(UnreadableDocument) as caught:
        read(path, name="shown.pdf", seconds=seconds, memory_mb=memory_mb)
    message = str(caught.value)
    assert message == f"shown.pdf: {caught.value.reason}"
    assert "\n" not in message
    assert "Traceback" not in message
    return str(caught.value.reason)


def encrypted(data: bytes, *, user: str, owner: str, algorithm: str) -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    writer.encrypt(user, owner, algorithm=algorithm)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


def test_a_text_file_becomes_a_document(tmp_path: Path) -> None:
    path = write(tmp_path, "note.txt", "渡轮 leaves".encode())

    document = read(path)

    assert (document.path, document.title, document.text) == (str(path), "note", "渡轮 leaves")
    assert document.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_pages_of_a_pdf_keep_their_numbers(tmp_path: Path, make_pdf: MakePdf) -> None:
    document = read(write(tmp_path, "a.pdf", make_pdf("first words", "", "third words")))

    spans = [document.text[page.start : page.end] for page in document.pages]
    assert spans == ["first words", "", "third words"]
    assert [page.number for page in document.pages] == [1, 2, 3]
    assert document.empty_pages == (2,)


def test_large_lines_of_a_pdf_are_headings(tmp_path: Path, make_pdf: MakePdf) -> None:
    data = make_pdf("# Fares\nThe ferry price is five crowns and more.", "# Refunds\nTen days.")

    document = read(write(tmp_path, "a.pdf", data))

    assert [heading.title for heading in document.headings] == ["Fares", "Refunds"]
    assert document.heading_path(document.text.index("Ten")) == ("Refunds",)
    assert document.title == "Fares"


@pytest.mark.parametrize("title", ["(anonymous)", "Untitled", "Microsoft Word - draft.doc"])
def test_a_title_in_a_pdf_that_nobody_gave_it_is_none(
    title: str, tmp_path: Path, make_pdf: MakePdf
) -> None:
    data = make_pdf("The ferry price is five crowns.", title=title)

    assert read(write(tmp_path, "a.pdf", data)).title == "a"


def test_the_title_in_a_pdf_wins_over_its_headings(tmp_path: Path, make_pdf: MakePdf) -> None:
    data = make_pdf("# Fares\nThe ferry price is five crowns.", title="Handbook")

    assert read(write(tmp_path, "a.pdf", data)).title == "Handbook"


def test_an_outline_gives_the_headings(tmp_path: Path, make_pdf: MakePdf) -> None:
    document = read(write(tmp_path, "a.pdf", outlined(make_pdf, "Fares", "Refunds")))

    found = [(heading.title, document.text[heading.start :][:5]) for heading in document.headings]
    assert found == [("Fares", "Fares"), ("Refunds", "Refun")]


def test_an_outline_entry_that_is_not_on_its_page_cuts_no_word(
    tmp_path: Path, make_pdf: MakePdf
) -> None:
    document = read(write(tmp_path, "a.pdf", outlined(make_pdf, "Fares", "Not to be found")))

    starts = [heading.start for heading in document.headings]
    assert all(start == 0 or document.text[start - 1].isspace() for start in starts)


def outlined(make_pdf: MakePdf, *titles: str) -> bytes:
    data = make_pdf("Fares\nThe ferry price is five crowns.\nRefunds\nTen days.")
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    for title in titles:
        writer.add_outline_item(title=title, page_number=0)
    buffer = io.BytesIO()
    writer.write(buffer)
    return buffer.getvalue()


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_with_a_password_asks_for_a_copy_without(
    tmp_path: Path, make_pdf: MakePdf, algorithm: str
) -> None:
    data = encrypted(make_pdf("secret"), user="key", owner="key", algorithm=algorithm)

    assert refusal(write(tmp_path, "a.pdf", data)) == (
        "it needs a password; save a copy without one"
    )


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_a_pdf_that_only_forbids_printing_opens(
    tmp_path: Path, make_pdf: MakePdf, algorithm: str
) -> None:
    data = encrypted(make_pdf("open words"), user="", owner="key", algorithm=algorithm)

    assert read(write(tmp_path, "a.pdf", data)).text == "open words"


def test_a_pdf_without_a_text_layer_asks_for_ocr(tmp_path: Path, make_pdf: MakePdf) -> None:
    expected = "holds text or a picture" if ocr.is_installed() else "has a text layer; run OCR"

    reason = refusal(write(tmp_path, "scan.pdf", make_pdf("", "")))

    assert f"none of its 2 pages {expected}" in reason


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("random.pdf", random.Random(1).randbytes(4000)),
        ("header.pdf", b"%PDF-1.7\n"),
    ],
)
def test_what_is_no_pdf_is_said_to_be_none(tmp_path: Path, name: str, data: bytes) -> None:
    reason = refusal(write(tmp_path, name, data))

    assert "not a readable PDF" in reason
    assert "save it anew" in reason


def test_an_empty_file_is_told(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "a.pdf", b"")) == "the file is empty"


def test_a_file_of_white_space_has_no_text(tmp_path: Path) -> None:
    assert refusal(write(tmp_path, "a.txt", b" \n\n ")) == "there is no text in it"


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
def test_a_truncated_pdf_is_read_as_far_as_it_goes_or_refused(tmp_path: Path, share: float) -> None:
    data = (SAMPLES / "safety-manual.pdf").read_bytes()
    path = write(tmp_path, "cut.pdf", data[: int(len(data) * share)])

    try:
        outcome: Document | str = read(path, name="shown.pdf")
    except UnreadableDocument as problem:
        outcome = str(problem.reason)
    if isinstance(outcome, str):
        assert any(remedy in outcome for remedy in ("save it anew", "run OCR"))
        assert "0 pages" not in outcome
    else:
        assert outcome.text.strip()


def test_a_pdf_with_one_broken_page_keeps_the_others(tmp_path: Path, make_pdf: MakePdf) -> None:
    data = make_pdf("first words", "second words").replace(
        b"(second words) Tj", b"((((((((((((( Tj"
    )

    document = read(write(tmp_path, "a.pdf", data))

    assert "first words" in document.text
    assert len(document.pages) == 2


@pytest.mark.parametrize(
    "sample", sorted(path.name for path in SAMPLES.iterdir() if path.suffix in SUFFIXES)[:2]
)
def test_a_parser_that_takes_too_long_is_stopped(sample: str) -> None:
    assert "took over" in refusal(SAMPLES / sample, seconds=0.001)


def test_a_parser_that_needs_too_much_memory_is_stopped(tmp_path: Path) -> None:
    reason = refusal(write(tmp_path, "a.txt", b"words " * 1_000_000), memory_mb=1)

    assert reason == "reading it needs more than 1 MiB of memory; split the file"


def test_a_decompression_bomb_is_held_by_the_cap(tmp_path: Path) -> None:
    """A text of 200 MB under a cap of 300 MiB."""
    path = tmp_path / "big.txt"
    with path.open("wb") as file:
        file.truncate(200_000_000)

    assert "300 MiB of memory" in refusal(path, memory_mb=300)


def test_a_small_file_needs_little_memory(tmp_path: Path) -> None:
    assert read(write(tmp_path, "a.txt", b"words"), memory_mb=400).text == "words"


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        ("import os; os.abort()", "the parser crashed on it (signal 6)"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "crashed on it (signal 11)"),
        ("import sys; sys.exit(3)", "the parser stopped on it (exit 3)"),
        ("raise ValueError", "the parser stopped on it (exit 1)"),
        ("return 'not JSON'", "the parser stopped on it"),
        ("return '[1, 2]'", "the parser stopped on it"),
        ("pass", "the parser stopped on it"),
        ("while True: print('words' * 10000)", "the parser crashed on it (signal 9)"),
    ],
)
def test_a_parser_that_dies_is_told_and_harms_nobody(
    tmp_path: Path,
    planted: Callable[[str], str],
    monkeypatch: pytest.MonkeyPatch,
    program: str,
    expected: str,
) -> None:
    path = write(tmp_path, "a.txt", b"words")
    with monkeypatch.context() as patch:
        patch.setattr(reader, "_WORK", planted(program))
        assert expected in refusal(path, seconds=20, memory_mb=150)

    assert read(path).text == "words"


def test_a_pipe_in_a_files_place_holds_nobody(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.txt"
    os.mkfifo(pipe)

    assert refusal(pipe, seconds=10) == "not a regular file; give a document"


def test_a_folder_is_no_document(tmp_path: Path) -> None:
    (tmp_path / "folder.txt").mkdir()

    assert "directory" in refusal(tmp_path / "folder.txt")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.txt") == (
        "No such file or directory; check the file and its permissions"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", b"words")
    path.chmod(0)

    assert "Permission denied" in refusal(path)


def test_a_file_over_the_limit_is_refused_at_once(tmp_path: Path) -> None:
    path = tmp_path / "sparse.txt"
    with path.open("wb") as file:
        file.truncate(1_000_000_000)

    assert refusal(path, seconds=10) == "1000 MB is over the limit of 524 MB; split the file"


def test_a_file_of_an_unknown_kind_is_told(tmp_path: Path) -> None:
    assert "kind of file" in refusal(write(tmp_path, "a.unknown", b"words"))


@pytest.mark.parametrize(
    "name",
    [
        "-rf.txt",
        "--help.txt",
        "two\nlines.txt",
        "<b>bold.txt",
        " spaces .txt",
        "UPPER.TXT",
        "渡轮票价.txt",
        "e\u0301.txt",
        "$(touch x);'\".txt",
        "n" * 250 + ".txt",
    ],
)
def test_a_file_with_an_odd_name_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    write(tmp_path, name, b"words")
    monkeypatch.chdir(tmp_path)

    document = read(Path(name))

    assert (document.path, document.text) == (name, "words")


def test_a_module_in_the_folder_of_the_user_is_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, "json.py", b"raise SystemExit('planted')")
    path = write(tmp_path, "a.txt", b"words")
    monkeypatch.chdir(tmp_path)

    assert read(path).text == "words"


def test_reading_changes_nothing_in_the_folder(tmp_path: Path) -> None:
    path = write(tmp_path, "a.txt", b"words")
    path.chmod(stat.S_IRUSR)

    read(path)

    assert [entry.name for entry in tmp_path.iterdir()] == ["a.txt"]


@pytest.mark.parametrize("sample", ["incident-report.pdf", "轮机维护规程.pdf"])
def test_a_sample_document_has_headings_and_no_empty_pages(sample: str) -> None:
    document = read(SAMPLES / sample)

    assert document.headings
    assert not document.empty_pages
    starts = [heading.start for heading in document.headings]
    assert starts == sorted(starts)
