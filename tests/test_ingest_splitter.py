"""Chunks are exact spans: nothing is lost, nothing is said twice, sentences stay whole."""

import re
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bifolio.ingest import Chunk, Document, Heading, Page, Stopped, UnreadableDocument, split

Length = Callable[[str], int]


def words(text: str) -> int:
    """Count as a tokenizer does: white space and invisible characters are no tokens."""
    return len(re.findall(r"[A-Za-z0-9]+|[^\sA-Za-z0-9\uf0b7\u200d]", text))


def document(
    text: str, *, breaks: tuple[int, ...] = (), headings: tuple[Heading, ...] = ()
) -> Document:
    """Make a document; each of the ``breaks`` is the offset of the line feed between two pages."""
    starts = [0, *(place + 1 for place in breaks)]
    ends = [*breaks, len(text)]
    pages = tuple(
        Page(number, start, end)
        for number, (start, end) in enumerate(zip(starts, ends, strict=True), start=1)
    )
    return Document("d.pdf", "d", "", text, pages, headings)


PIECES = st.sampled_from(
    [
        "The ferry leaves at nine. ",
        "It is late! ",
        "“Is it?” ",
        "渡轮九点出发。",
        "“为什么？”他问，",
        "票价：五元；",
        "WiFi密码",
        "\n",
        "\n\n",
        " ",
        "\t",
        "\uf0b7",
        "\uf0b7\n",
        "a b c\n",
        "\u200d",
        "x",
        "3.14",
        "supercalifragilistic",
        "。",
        "𠀀",
        "é",
    ]
)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """Join pieces to pages, pages to a text, and put headings anywhere."""
    pages = draw(st.lists(st.lists(PIECES, max_size=25).map("".join), min_size=1, max_size=4))
    text = "\n".join(pages)
    breaks = tuple(len("\n".join(pages[: count + 1])) for count in range(len(pages) - 1))
    places = draw(st.lists(st.integers(0, max(0, len(text) - 1)), max_size=5))
    headings = tuple(
        Heading(draw(st.integers(1, 3)), f"h{number}", place)
        for number, place in enumerate(sorted(places))
    )
    return document(text, breaks=breaks, headings=headings)


@pytest.mark.parametrize("length", [len, words], ids=["characters", "words"])
@settings(max_examples=150)
@given(document=documents(), size=st.integers(1, 30))
def test_chunks_cover_the_text_in_order_and_leave_out_only_white_space(
    length: Length, document: Document, size: int
) -> None:
    end = 0
    for chunk in split(document, size=size, length=length):
        assert chunk.start >= end, "chunks overlap"
        assert not document.text[end : chunk.start].strip(), "words are left out"
        assert chunk.text == document.text[chunk.start : chunk.end]
        assert chunk.text == chunk.text.strip() != ""
        end = chunk.end
    assert not document.text[end:].strip(), "the end is left out"
    assert end <= len(document.text)


@pytest.mark.parametrize("length", [len, words], ids=["characters", "words"])
@settings(max_examples=150)
@given(document=documents(), size=st.integers(1, 30))
def test_no_chunk_is_longer_than_size(length: Length, document: Document, size: int) -> None:
    for chunk in split(document, size=size, length=length):
        assert length(chunk.text) <= size or len(chunk.text) == 1


@settings(max_examples=100)
@given(document=documents(), size=st.integers(1, 30))
def test_a_chunk_names_the_pages_that_its_letters_stand_on(document: Document, size: int) -> None:
    for chunk in split(document, size=size, length=len):
        touched = [
            page.number
            for page in document.pages
            if document.text[max(page.start, chunk.start) : min(page.end, chunk.end)].strip()
        ]
        assert chunk.pages == (touched[0], touched[-1])


@settings(max_examples=100)
@given(document=documents(), size=st.integers(1, 30))
def test_a_chunk_names_the_headings_above_it(document: Document, size: int) -> None:
    for chunk in split(document, size=size, length=len):
        path: dict[int, str] = {}
        for heading in document.headings:
            if heading.start <= chunk.start:
                path = {level: title for level, title in path.items() if level < heading.level}
                path[heading.level] = heading.title
        assert document.heading_path(chunk.start) == tuple(path.values())


ENGLISH = (
    "The ferry leaves at nine. It carries forty cars! Is there a café on board? Yes, there is. "
    "Tickets are sold at the pier; they cost five crowns. Children under six travel free of charge."
)
CHINESE = (
    "渡轮每天九点出发。船上可载四十辆汽车！船上有餐厅吗？有的。"
    "船票在码头出售；每张五元。六岁以下儿童免费乘船。他说：“请准时登船。”然后离开了。"
)


@pytest.mark.parametrize("text", [ENGLISH, CHINESE], ids=["English", "Chinese"])
def test_chunks_of_prose_end_where_sentences_end(text: str) -> None:
    chunks = split(document(text), size=20, length=words)

    assert len(chunks) > 2
    assert all(re.search(r"[.!?。！？][”]?$", chunk.text) for chunk in chunks)


def test_a_paragraph_that_fits_is_not_cut() -> None:
    first, second = "One. Two. Three.", "Four. Five. Six."

    chunks = split(document(f"{first}\n\n{second}"), size=7, length=words)

    assert [chunk.text for chunk in chunks] == [first, second]


def test_a_closing_quotation_mark_stays_with_its_sentence() -> None:
    chunks = split(document("他说：“请登船。”她走了。"), size=9, length=words)

    assert [chunk.text for chunk in chunks] == ["他说：“请登船。”", "她走了。"]


def test_a_heading_opens_a_chunk() -> None:
    text = "one two three four.\nFares\nfive six."
    heading = Heading(1, "Fares", text.index("Fares"))

    chunks = split(document(text, headings=(heading,)), size=12, length=words)

    assert [chunk.text for chunk in chunks] == ["one two three four.", "Fares\nfive six."]


def test_short_sections_share_a_chunk() -> None:
    text = "A\none\nB\ntwo"
    headings = (Heading(1, "A", 0), Heading(1, "B", text.index("B")))

    assert len(split(document(text, headings=headings), size=40, length=words)) == 1


def test_a_sentence_that_goes_on_across_pages_belongs_to_both() -> None:
    text = "The ferry leaves\nat nine."

    (chunk,) = split(document(text, breaks=(16,)), size=40, length=words)

    assert chunk.pages == (1, 2)


def test_a_text_of_white_space_has_no_chunks() -> None:
    assert split(document(" \n\n\t "), size=40, length=words) == []


def test_a_word_longer_than_size_is_cut_and_not_lost() -> None:
    chunks = split(document("x" * 25), size=10, length=len)

    assert [chunk.text for chunk in chunks] == ["x" * 10, "x" * 10, "x" * 5]


def test_a_bullet_that_is_no_token_moves_no_boundary() -> None:
    """Word processors set bullets in private characters, which tokenizers pass over."""
    text = "a b c\n\uf0b7\nd e f\n\uf0b7\ng h i\n\uf0b7\n"
    heading = Heading(1, "End", len(text))

    chunks = split(document(f"{text}End", headings=(heading,)), size=4, length=words)

    assert [chunk.text for chunk in chunks] == [
        "a b c",
        "\uf0b7\nd e f",
        "\uf0b7\ng h i\n\uf0b7",
        "End",
    ]


def test_what_takes_too_long_to_cut_is_told() -> None:
    with pytest.raises(UnreadableDocument, match=r"d\.pdf: cutting .* over 0 s .* split the file"):
        split(document("One. Two. Three."), length=words, seconds=0)


def test_cutting_ends_when_that_is_asked_for() -> None:
    with pytest.raises(Stopped):
        split(document("One. Two. Three."), length=words, stopped=lambda: True)


def test_a_text_of_nothing_but_short_lines_and_blanks_is_cut_at_once() -> None:
    began = time.process_time()

    spans = split(document("a\n" * 20_000 + "**b**" + " " * 200_000 + "c"), length=words)

    assert sum(chunk.text.count("a") for chunk in spans) == 20_000
    assert time.process_time() - began < 5


def test_the_context_of_a_chunk_is_its_title_and_the_headings_above() -> None:
    text = "Rules\nLeave\nThirty days."
    headings = (Heading(1, "Rules", 0), Heading(2, "Leave", 6))
    chunk = Chunk(document(text, headings=headings), 12, len(text))

    assert chunk.context == "d > Rules > Leave"


def test_a_heading_that_repeats_the_title_is_said_once() -> None:
    chunk = Chunk(document("d\nwords", headings=(Heading(1, "d", 0),)), 2, 7)

    assert chunk.context == "d"


def test_a_blank_page_is_told() -> None:
    assert document("one\n\nthree", breaks=(3, 4)).empty_pages == (2,)


def test_a_span_behind_a_blank_page_is_not_on_it() -> None:
    assert document("one\n\nthree", breaks=(3, 4)).pages_of(5, 10) == (3, 3)
