"""Exact words and codes are found with page and line, and no pattern can hang."""

import json
import time
import unicodedata
from pathlib import Path

import pytest
from conftest import MakePdf

from bifolio.cli.commands import main
from bifolio.library import Library
from bifolio.matching import BadPattern


def lines(library: Library, pattern: str, **options: bool) -> list[tuple[int, int, str]]:
    return [
        (match.page, match.line, match.matched)
        for match in library.grep(pattern, **options)  # type: ignore[misc]
    ]


def test_a_match_tells_document_page_line_and_its_very_place(
    library: Library, tmp_path: Path, make_pdf: MakePdf
) -> None:
    pages = ("The pump is AB-1234/5.", "First comes a word.\nThe seal is AB-1234/6.")
    (tmp_path / "parts.pdf").write_bytes(make_pdf(*pages))
    library.add(tmp_path / "parts.pdf")

    (match,) = library.grep("AB-1234/6")

    assert (match.document, match.page) == (str(tmp_path / "parts.pdf"), 2)
    text = library.document(match.document).text
    assert text[match.start : match.end] == match.matched == "AB-1234/6"
    assert "The seal is AB-1234/6." in match.text
    assert lines(library, "AB-1234", whole_words=True) != []
    assert lines(library, "AB-123", whole_words=True) == []


def test_the_line_is_that_of_the_file(library: Library) -> None:
    library.add_bytes("a.txt", b"one\ntwo\n\nthree two\n")

    assert lines(library, "two") == [(1, 2, "two"), (1, 4, "two")]


def test_a_pattern_is_literal_unless_told_otherwise(library: Library) -> None:
    library.add_bytes("a.txt", b"It costs $5 (five).\nIt costs $55.\n")

    assert lines(library, "$5 (five).") == [(1, 1, "$5 (five).")]
    assert lines(library, "c.sts") == []
    assert lines(library, r"^It.*\$\d+\.$", regex=True) == [(1, 2, "It costs $55.")]
    assert lines(library, "IT COSTS $55", ignore_case=True) == [(1, 2, "It costs $55")]
    assert lines(library, "x*", regex=True) == []


def test_words_are_found_across_the_end_of_a_line_and_however_accents_are_written(
    library: Library,
) -> None:
    library.add_bytes("a.txt", "The period of\nnotice at the café.\n通知期为三十天。\n".encode())

    assert lines(library, "of notice") == [(1, 1, "of\nnotice")]
    assert lines(library, unicodedata.normalize("NFD", "café")) == [(1, 2, "café")]
    assert lines(library, "三十天") == [(1, 3, "三十天")]


def test_a_code_is_found_in_letters_of_either_width_and_over_the_end_of_a_line(
    library: Library,
) -> None:
    library.add_bytes(
        "a.txt", "The pump HX-\n200.1, the ＡＢ－１２０３／３ and 环境\n修复.\n".encode()
    )

    assert lines(library, "HX-200.1", whole_words=True) == [(1, 1, "HX-\n200.1")]
    assert lines(library, "AB-1203/3") == [(1, 2, "ＡＢ－１２０３／３")]
    assert lines(library, "ｐｕｍｐ") == [(1, 1, "pump")]
    assert lines(library, "环境修复") == [(1, 2, "环境\n修复")]
    assert lines(library, "HX200.1") == lines(library, "and环") == []


@pytest.mark.parametrize("pattern", [r"(a|aa)+$", r"(?:(?:a{1,500}){1,500}){1,500}c"])
def test_a_regular_expression_that_would_never_end_is_stopped(
    library: Library, pattern: str
) -> None:
    library.add_bytes("a.txt", b"a" * 3000 + b"b")
    began = time.monotonic()

    with pytest.raises(BadPattern, match=r"took over 0\.5 s"):
        list(library.grep(pattern, regex=True, seconds=0.5))

    assert time.monotonic() - began < 5


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "(?P<x>a)(?P=y)"])
def test_what_is_no_regular_expression_is_told(library: Library, pattern: str) -> None:
    with pytest.raises(BadPattern, match="is no regular expression"):
        list(library.grep(pattern, regex=True))


@pytest.mark.parametrize("pattern", ["", "  ", "a" * 1001])
def test_an_empty_or_endless_pattern_is_refused(library: Library, pattern: str) -> None:
    with pytest.raises(BadPattern, match="1 to 1000"):
        list(library.grep(pattern))


def test_the_command_tells_by_its_exit_code_what_it_found(
    library: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    library.add_bytes("a.txt", b"The pump is AB-1234/5.\n")
    place = ["--library", str(library.folder)]

    assert main(["grep", "AB-1234/5", *place]) == 0
    assert capsys.readouterr().out == "a.txt, page 1, line 1: The pump is AB-1234/5.\n"
    assert main(["grep", "AB-9", *place]) == 4
    assert "does not stand" in capsys.readouterr().out
    assert main(["grep", "(", "--regex", *place]) == 1
    assert main(["grep", "AB", "--library", str(library.folder / "none")]) == 1
    capsys.readouterr()
    assert main(["grep", "ab-1234", "-i", "--json", *place]) == 0
    (match,) = json.loads(capsys.readouterr().out)["matches"]
    assert (match["page"], match["line"], match["matched"]) == (1, 1, "AB-1234")
