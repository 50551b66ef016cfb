"""Pictures of pages, and the places on them of words that are quoted."""

import io
from pathlib import Path

import pytest
from conftest import MakePdf
from PIL import Image

from bifolio import Library, PagePicture, UnreadableDocument
from bifolio.ingest import Document, draw_page, read
from bifolio.ingest.pdf.places import find_letters, only_letters

LINES = "The ferry leaves.\nThe ferry price is five crowns.\nThe ferry leaves.\nNobody knows why."
SAMPLES = Path(__file__).parent.parent / "sample_docs"


def drawn(data: bytes, document: Document, quote: str, *, after: int = 0) -> PagePicture:
    start = document.text.index(quote, after)
    end = start + len(quote)
    page = document.pages_of(start, end)[0]
    return draw_page(data, document, page, start=start, end=end)


@pytest.fixture
def written(tmp_path: Path, make_pdf: MakePdf) -> tuple[bytes, Document]:
    data = make_pdf("A first page.", LINES)
    file = tmp_path / "ferry.pdf"
    file.write_bytes(data)
    return data, read(file)


def test_a_page_is_drawn_with_the_place_of_the_quote(written: tuple[bytes, Document]) -> None:
    picture = drawn(*written, "The ferry price is five crowns.")
    image = Image.open(io.BytesIO(picture.webp))
    assert image.size == (picture.width, picture.height)
    assert picture.height > picture.width > 1000
    (area,) = picture.marked
    # 50 of 595 points from the left; the second line of 842, 30 points under the first.
    assert area.left == pytest.approx(50 / 595, abs=0.01)
    assert area.top < 1 - (800 - 30) / 842 < area.bottom
    inside = image.convert("L").crop(
        (
            int(area.left * image.width),
            int(area.top * image.height),
            int(area.right * image.width),
            int(area.bottom * image.height),
        )
    )
    assert inside.getextrema()[0] < 100


def test_of_words_that_stand_twice_the_quoted_ones_are_marked(
    written: tuple[bytes, Document],
) -> None:
    quote = "The ferry leaves."
    second = written[1].text.index(quote) + 5
    (first,) = drawn(*written, quote).marked
    (last,) = drawn(*written, quote, after=second).marked
    assert first.bottom < last.top


@pytest.mark.parametrize(
    ("on_page", "text", "quote", "found"),
    [
        (
            "It is indus\x02\r\ntrial work",
            "It is industrial work",
            "industrial work",
            "industrialwork",
        ),
        ("Fee 75 Dog 3", "Fee | 75\nDog | 3", "Fee | 75", "Fee75"),
        ("Fee  Dog  75  3", "Fee | 75\nDog | 3", "Fee | 75\nDog | 3", "Fee75Dog3"),
        ("左栏的字 右栏的字", "左栏的字\n右栏的字", "右栏的字", "右栏的字"),
        ("The oﬃce closes", "The office closes", "office", "oﬃce"),
        ("nothing of it", "words apart", "words apart", ""),
    ],
)
def test_a_quote_is_found_by_its_letters(on_page: str, text: str, quote: str, found: str) -> None:
    start = text.index(quote)
    places = find_letters(on_page, text, start, start + len(quote))
    assert "".join(on_page[place] for place in dict.fromkeys(places)) == found


def test_letters_keep_the_place_they_stand_at() -> None:
    assert only_letters("a-ﬁ B") == ("afib", [0, 2, 2, 4])


@pytest.mark.parametrize(
    ("page", "reason"), [(9, "no picture of a page 9"), (1, "cannot be drawn")]
)
def test_what_cannot_be_drawn_is_told(
    written: tuple[bytes, Document], page: int, reason: str
) -> None:
    with pytest.raises(UnreadableDocument, match=reason):
        draw_page(b"no PDF", written[1], page)


def test_a_page_that_takes_too_long_is_given_up(written: tuple[bytes, Document]) -> None:
    with pytest.raises(UnreadableDocument, match="page 1 took over 0 s"):
        draw_page(*written, 1, seconds=0.01)


def test_a_library_draws_the_pages_of_its_files(library: Library) -> None:
    file = SAMPLES / "passenger-guide.pdf"
    library.add(file)
    document = library.document(str(file))
    start = document.text.index("suitcase")
    page = document.pages_of(start, start)[0]
    picture = library.page_picture(str(file), page, start=start, end=start + 8)
    assert len(picture.marked) == 1
    assert not library.page_picture(str(file), page).marked
