"""What a file is, its content tells; what is not read, is told with what to do."""

import io
import zipfile
from pathlib import Path

import pytest
from compound_files import compound_file
from written_formats import CHINESE, ENGLISH, WRITERS, write_html, write_xlsx, zipped

from bifolio.ingest import SUFFIXES, UnreadableDocument, other_kind, read
from bifolio.ingest.child import _parse
from bifolio.ingest.formats import BY_NAME, BY_SUFFIX, FORMATS
from bifolio.ingest.parsed import Unreadable
from bifolio.ingest.recognise import recognise


def refusal(data: bytes, suffix: str) -> str:
    """Read bytes as the child does, and give the reason why they are not read."""
    with pytest.raises(Unreadable) as caught:
        _parse(recognise(data, suffix)[0], data)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def outcome(data: bytes, suffix: str) -> str:
    """Read bytes as the child does, and tell that it went well, or the remedy that is named."""
    try:
        _parse(recognise(data, suffix)[0], data)
    except Unreadable as problem:
        found = [remedy for remedy in ("anew", "UTF-8", "correct it") if remedy in str(problem)]
        return found[0] if found else str(problem)
    return "read"


def test_every_suffix_has_one_format_and_every_format_a_parser() -> None:
    from importlib import import_module

    assert len(BY_SUFFIX) == sum(len(entry.suffixes) for entry in FORMATS)
    for entry in FORMATS:
        module, function = entry.parser.split(":")
        assert callable(getattr(import_module(module), function))


@pytest.mark.parametrize("suffix", sorted({".docx", ".xlsx", ".epub", ".odt", ".msg", ".rtf"}))
def test_a_format_is_told_without_a_suffix(suffix: str) -> None:
    assert suffix in recognise(WRITERS[suffix](CHINESE), "")[0].suffixes


@pytest.mark.parametrize(
    ("suffix", "remedy"),
    [
        (".doc", ".docx"),
        (".PPT", ".pptx"),
        (".wps", ".docx"),
        (".zip", "unpack"),
        (".mp3", "written down"),
        (".caj", "PDF"),
        (".mobi", ".epub"),
        (".unheard", "known are"),
    ],
)
def test_kinds_that_are_not_read_come_with_what_to_do(suffix: str, remedy: str) -> None:
    assert remedy in str(other_kind(suffix))


@pytest.mark.parametrize(
    ("data", "remedy"),
    [
        (compound_file({"WordDocument": b"x" * 9}), "save it as .docx"),
        (compound_file({"PowerPoint Document": b"x" * 9}), "save it as .pptx"),
        (zipped({"a.txt": "words"}), "unpack it"),
        (b"Rar!\x1a\x07\x00\xff\xff", "unpack it"),
        (b"ID3\x03\x00\x00\x00\x01\x02", "written down"),
    ],
)
@pytest.mark.parametrize("suffix", [".docx", ".pdf", ".txt"])
def test_other_kinds_under_a_wrong_suffix_are_told(data: bytes, remedy: str, suffix: str) -> None:
    assert remedy in refusal(data, suffix)


def test_a_text_about_a_format_is_no_file_of_it() -> None:
    for text in ("# Files\nThey begin with `%PDF-1.7`.", "ID3 is a decision tree.", "PK and more"):
        assert recognise(text.encode(), ".md")[0].name == "markdown"


def test_a_saved_page_that_is_called_a_workbook_is_read_as_a_page() -> None:
    entry, note = recognise(write_html(ENGLISH), ".xls")

    assert entry.name == "html"
    assert str(note) == "named .xls but its content is that of a web page; it was read as one"


def test_words_under_the_suffix_of_a_binary_format_are_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_text("渡轮 leaves\n")

    document = read(path)

    assert document.text.strip() == "渡轮 leaves"
    assert "text file" in str(document.notes[0])
    assert document.parser == BY_NAME["text"].parser_version


@pytest.mark.parametrize("suffix", sorted(WRITERS))
@pytest.mark.parametrize("share", [0.3, 0.7, 0.98])
def test_a_truncated_file_is_read_or_refused_in_a_sentence(suffix: str, share: float) -> None:
    data = WRITERS[suffix](ENGLISH)
    cut = data[: int(len(data) * share)]

    assert outcome(cut, suffix) in ("read", "anew", "correct it")


@pytest.mark.parametrize("suffix", sorted(SUFFIXES - {".pdf"}))
def test_random_bytes_are_read_or_refused_in_a_sentence(suffix: str) -> None:
    import random

    data = random.Random(suffix).randbytes(4000)

    assert outcome(data, suffix) in ("read", "anew", "UTF-8", "correct it")


def test_an_encrypted_office_file_needs_a_password() -> None:
    data = compound_file({"EncryptedPackage": b"x" * 5000, "EncryptionInfo": b"x"})

    for suffix in (".docx", ".xlsx", ".pptx"):
        assert refusal(data, suffix) == "it needs a password; save a copy without one"


def test_an_encrypted_open_document_needs_a_password() -> None:
    locked = '<m xmlns="urn:m"><file-entry><encryption-data/></file-entry></m>'
    for suffix, kind in ((".odt", "text"), (".ods", "spreadsheet"), (".odp", "presentation")):
        members: dict[str, str | bytes] = {
            "mimetype": f"application/vnd.oasis.opendocument.{kind}",
            "META-INF/manifest.xml": locked,
            "content.xml": b"\x00\x01",
        }
        assert "needs a password" in refusal(zipped(members), suffix)


def test_a_zip_with_a_password_needs_it() -> None:
    data = bytearray(write_xlsx(ENGLISH))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for member in archive.infolist():
            # The first bit of the flags, in the entry of the directory at the end.
            at = bytes(data).rindex(b"PK\x01\x02", 0, bytes(data).rindex(member.filename.encode()))
            data[at + 8] |= 1

    assert "needs a password" in refusal(bytes(data), ".xlsx")


def test_a_protected_book_is_told() -> None:
    members = {
        "mimetype": "application/epub+zip",
        "META-INF/encryption.xml": '<e><EncryptionMethod Algorithm="aes256"/></e>',
    }

    assert "protected against copying" in refusal(zipped({**members}), ".epub")


def test_the_reason_names_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(zipped({"word/nothing.xml": "x"}))

    with pytest.raises(UnreadableDocument, match=r"a\.docx: its main part is missing"):
        read(path)
