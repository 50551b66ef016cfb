"""Forms, notes, labels, and pages that cannot be read are told as what they are."""

import io
import re
from collections.abc import Callable
from pathlib import Path

import pypdf
import pytest
from pdf_pages import Shown, lines, page_bytes, with_annotations, written
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject

from bifolio.ingest import UnreadableDocument, read, reader
from bifolio.ingest.pdf.parse import parse_pdf, parse_pdf_again
from bifolio.library import Library

FIELD = {"/Subtype": "/Widget", "/FT": "/Tx"}


def test_the_value_of_a_field_is_read_with_the_words_beside_it() -> None:
    page = page_bytes([Shown(40, 130, "Name:"), Shown(60, 300, "Sign below.")])
    data = with_annotations(page, FIELD | {"/T": "Text1", "/V": "Quiet Otter"})

    assert parse_pdf(data).text.split("\n") == ["Name:", "Sign below.", "Name: Quiet Otter"]


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (FIELD | {"/T": "form[0].page[0].berth_number[0]", "/V": "B 17"}, "berth number: B 17"),
        (FIELD | {"/T": "x", "/TU": "Length over all", "/V": "9.4 m"}, "Length over all: 9.4 m"),
        ({"/Subtype": "/Widget", "/FT": "/Btn", "/T": "motor", "/V": "/Yes"}, "motor: yes"),
        ({"/Subtype": "/Widget", "/FT": "/Ch", "/T": "fuel", "/V": "Diesel"}, "fuel: Diesel"),
        ({"/Subtype": "/FreeText", "/Contents": "Paid on\rMonday"}, "Paid on Monday"),
        ({"/Subtype": "/Text", "/Contents": "Ask the master"}, "Ask the master"),
        ({"/Subtype": "/Highlight", "/Contents": "too dear"}, "too dear"),
    ],
)
def test_fields_and_notes_are_lines_of_their_page(field: dict[str, str], expected: str) -> None:
    data = with_annotations(page_bytes([Shown(60, 400, "Berth")]), field)

    assert parse_pdf(data).text == f"Berth\n{expected}"
    assert parse_pdf_again(data).text == f"Berth\n{expected}"


@pytest.mark.parametrize(
    "field",
    [
        FIELD | {"/T": "empty", "/V": ""},
        {"/Subtype": "/Widget", "/FT": "/Btn", "/T": "motor", "/V": "/Off"},
        {"/Subtype": "/Link", "/Contents": "a link"},
        {"/Subtype": "/Popup", "/Contents": "again"},
    ],
)
def test_what_is_not_filled_in_is_no_text(field: dict[str, str]) -> None:
    assert parse_pdf(with_annotations(page_bytes([Shown(60, 400, "Berth")]), field)).text == "Berth"


PLACEHOLDER = lines(
    [
        "Please wait...",
        "If this message is not eventually replaced by the proper contents of the",
        "document, your PDF viewer may not be able to display this type of document.",
    ]
)


def test_a_form_that_cannot_be_shown_has_no_text_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(page_bytes(PLACEHOLDER))

    document = read(path)

    assert document.text == ""
    assert [page.reading for page in document.pages] == ["form"]
    assert re.search("XFA form.*print it to a PDF", str(document.notes[0]))


def test_a_form_that_cannot_be_shown_is_not_stored(library: Library, tmp_path: Path) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(page_bytes(PLACEHOLDER))

    (skipped,) = library.add(path).skipped

    assert "XFA form" in str(skipped.reason)
    assert not library.documents()


def test_what_stands_beside_a_form_that_cannot_be_shown_is_kept(
    library: Library, tmp_path: Path
) -> None:
    path = tmp_path / "form.pdf"
    path.write_bytes(page_bytes(lines(["Berths are let by the month."]), PLACEHOLDER))

    (warned,) = library.add(path).warnings

    assert library.document(str(path)).text.strip() == "Berths are let by the month."
    assert "XFA form" in str(warned.reason)


def test_printed_page_numbers_are_kept_beside_the_counted(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(
        clone_from=io.BytesIO(page_bytes(*[[Shown(60, 60, f"Part {n}")] for n in range(4)]))
    )
    writer.set_page_label(0, 1, style="/r")
    writer.set_page_label(2, 3, style="/D", prefix="A-")
    path = tmp_path / "a.pdf"
    path.write_bytes(written(writer))

    assert [(page.number, page.label) for page in read(path).pages] == [
        (1, "i"),
        (2, "ii"),
        (3, "A-1"),
        (4, "A-2"),
    ]


def test_a_page_that_cannot_be_read_is_told_as_failed(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(broken_page())

    document = read(path)

    assert [page.reading for page in document.pages] == ["text", "failed", "blank"]
    # The blank one is no scan that somebody has to recognise.
    assert (document.failed_pages, document.empty_pages) == ((2,), ())


def test_a_file_of_broken_pages_is_no_scan(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(broken_page(only=True))

    with pytest.raises(UnreadableDocument, match="damaged; open and save it anew"):
        read(path)


def broken_page(*, only: bool = False) -> bytes:
    """Give a readable page, one whose compressed content is damaged, and a blank one."""
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page_bytes([Shown(60, 60, "words")])))
    if only:
        writer = pypdf.PdfWriter()
    writer.add_blank_page(595, 842)
    content = pypdf.generic.StreamObject()
    content._data = b"\x00\x01 this was never compressed " * 9
    content[NameObject("/Filter")] = NameObject("/FlateDecode")
    writer.pages[-1][NameObject("/Contents")] = writer._add_object(content)
    if not only:
        writer.add_blank_page(595, 842)
    return written(writer)


def test_a_pdf_that_crashes_the_first_library_is_read_by_the_second(
    tmp_path: Path, planted: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program = "import os\nfrom bifolio.ingest import child\n"
    program += "return child.main(*arguments) if 'again' in arguments else os.abort()"
    monkeypatch.setattr(reader, "_WORK", planted(program))
    path = tmp_path / "a.pdf"
    path.write_bytes(page_bytes([Shown(60, 60, "saved words")]))

    assert read(path).text == "saved words"


def test_a_hostile_rectangle_costs_only_its_label() -> None:
    data = with_annotations(page_bytes([Shown(60, 60, "a")]), FIELD | {"/T": "t", "/V": "v"})
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(data))
    entry = writer.pages[0]["/Annots"][0].get_object()
    assert isinstance(entry, DictionaryObject)
    entry[NameObject("/Rect")] = ArrayObject([FloatObject(1)])

    assert parse_pdf(written(writer)).text == "a\nt: v"


@pytest.mark.parametrize(
    ("named", "title"),
    [("The fares of 2024", "The fares of 2024"), ("fares v2 (final).docx", ""), ("fares.html", "")],
)
def test_the_name_of_the_file_that_a_pdf_was_made_of_is_no_title(named: str, title: str) -> None:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(page_bytes([Shown(60, 60, "Words.")])))
    writer.add_metadata({"/Title": named})

    assert parse_pdf(written(writer)).title == title
