"""One known story in every format: each word and each row once, in order, and where it stands."""

import re
from pathlib import Path

import pytest
from written_formats import CHINESE, ENGLISH, PROSE, TABLES, WRITERS, Story

from bifolio.ingest import SUFFIXES, Document, read

STORIES = pytest.mark.parametrize("story", [ENGLISH, CHINESE], ids=["english", "chinese"])
# Their text stays as it was written.
AS_WRITTEN = {".rst", ".org", ".adoc", ".ipynb"}
PICTURES = {".png", ".jpg", ".jpeg", ".tif", ".tiff"}
NOT_WRITTEN = PICTURES | {".pdf", ".txt", ".text", ".md", ".markdown", ".xlsb"}
# See test_ingest_formats_tail.
TAIL = {".tex", ".xml", ".srt", ".vtt", ".mht", ".mhtml", ".yaml", ".yml", ".toml", ".ini"}


def document_of(suffix: str, story: Story, folder: Path) -> Document:
    path = folder / f"story{suffix}"
    path.write_bytes(WRITERS[suffix](story))
    return read(path)


def words_of(text: str) -> list[str]:
    """Give the words without the marks of lists, cells, headings and mail."""
    return [word for word in text.split() if not re.fullmatch(r"-|\*|\||#+|=+", word)]


def rows_of(document: Document) -> list[list[tuple[str, ...]]]:
    return [
        [tuple(document.text[start:end].split(" | ")) for start, end in table.rows]
        for table in document.tables
    ]


@STORIES
@pytest.mark.parametrize("suffix", sorted(PROSE))
def test_every_word_is_read_once_and_in_order(suffix: str, story: Story, tmp_path: Path) -> None:
    document = document_of(suffix, story, tmp_path)

    expected = [word for chapter in story for word in chapter.words]
    assert words_of(document.text)[-len(expected) :] == expected
    # Before the story stand only the lines of a mail's head.
    assert len(words_of(document.text)) == len(expected) or suffix == ".eml"


@STORIES
@pytest.mark.parametrize("suffix", sorted({*PROSE, *TABLES} - AS_WRITTEN))
def test_every_row_of_a_table_is_a_line_with_its_cells(
    suffix: str, story: Story, tmp_path: Path
) -> None:
    document = document_of(suffix, story, tmp_path)

    assert rows_of(document) == [list(chapter.rows) for chapter in story]
    assert all(table.has_head for table in document.tables)
    for table in document.tables:
        assert (table.start, table.end) == (table.rows[0][0], table.rows[-1][1])


@STORIES
@pytest.mark.parametrize("suffix", sorted({*PROSE, *TABLES} - {".csv", ".tsv"}))
def test_headings_stand_where_their_titles_stand(suffix: str, story: Story, tmp_path: Path) -> None:
    document = document_of(suffix, story, tmp_path)

    assert [heading.title for heading in document.headings] == [one.title for one in story]
    for heading in document.headings:
        assert document.text[heading.start :].lstrip("#*= ").startswith(heading.title)


@STORIES
@pytest.mark.parametrize("suffix", [".pptx", ".odp", ".epub", ".xlsx", ".xls", ".ods"])
def test_slides_chapters_and_sheets_are_pages_with_names(
    suffix: str, story: Story, tmp_path: Path
) -> None:
    document = document_of(suffix, story, tmp_path)

    assert [page.label for page in document.pages] == [chapter.title for chapter in story]
    for page, chapter in zip(document.pages, story, strict=True):
        shown = document.text[page.start : page.end]
        assert shown.startswith(chapter.title)
        assert " | ".join(chapter.rows[-1]) in shown
    assert document.empty_pages == ()


@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_the_reader_and_its_version_are_told(suffix: str, tmp_path: Path) -> None:
    document = document_of(suffix, ENGLISH, tmp_path)

    assert re.fullmatch(r"[a-z]+/\d+", document.parser)
    assert document.notes == ()


@STORIES
@pytest.mark.parametrize("suffix", sorted(WRITERS))
def test_a_wrong_suffix_is_read_by_its_content_and_told(
    suffix: str, story: Story, tmp_path: Path
) -> None:
    right = document_of(suffix, story, tmp_path)
    text_formats = {".csv", ".tsv", ".json", ".jsonl", ".ipynb", ".rst", ".eml"}
    text_formats |= {".org", ".adoc"}
    wrong = tmp_path / "wrong.pdf"
    (tmp_path / f"story{suffix}").rename(wrong)

    document = read(wrong)

    assert "named .pdf but its content is" in str(document.notes[0])
    if suffix not in text_formats:
        assert document.text == right.text


def test_a_story_is_written_in_every_format() -> None:
    same = {".htm", ".xhtml", ".docm", ".dotx", ".pptm", ".ppsx", ".xlsm", ".ndjson", ".asciidoc"}
    assert {*WRITERS, *NOT_WRITTEN, *TAIL, *same} >= SUFFIXES
