"""Books: pages begin where those of the printed book do, and bear its numbers."""

import pytest
from written_formats import zipped

from bifolio.ingest.parsed import Parsed
from bifolio.ingest.readers.epub import parse_epub

OPS = 'xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"'


def book(*chapters: str, **lists: str) -> Parsed:
    """Read a book of these chapters; its lists of pages are given by what tells them as such."""
    head = f"<html {OPS}><head><title>Book</title></head>"
    members: dict[str, str | bytes] = {
        f"t/c{number}.xhtml": f"{head}<body>{body}</body></html>"
        for number, body in enumerate(chapters)
    }
    manifest = "".join(f'<item id="{name}" href="{name}"/>' for name in members)
    spine = "".join(f'<itemref idref="{name}"/>' for name in members)
    for told, listed in lists.items():
        said = 'properties="nav"' if told == "nav" else 'media-type="application/x-dtbncx+xml"'
        manifest += f'<item id="{told}" href="{told}.xml" {said}/>'
        members[f"{told}.xml"] = listed
    rootfile = '<rootfile full-path="book.opf"/>'
    container = f'<container xmlns="urn:c"><rootfiles>{rootfile}</rootfiles></container>'
    package = f'<package xmlns="http://www.idpf.org/2007/opf"><manifest>{manifest}</manifest>'
    return parse_epub(
        zipped(
            {
                "mimetype": "application/epub+zip",
                "META-INF/container.xml": container,
                "book.opf": f"{package}<spine>{spine}</spine></package>",
                **members,
            }
        )
    )


def pages(parsed: Parsed) -> list[tuple[str, str]]:
    return [(page[3], parsed.text[page[1] : page[2]]) for page in parsed.pages if len(page) > 3]


@pytest.mark.parametrize(
    "mark",
    [
        '<span epub:type="pagebreak" id="p2" title="2"/>',
        '<span role="doc-pagebreak" aria-label="page 2"/>',
        '<span epub:type="pagebreak">2</span>',
    ],
)
def test_a_printed_page_begins_within_a_paragraph_and_its_number_is_no_word(mark: str) -> None:
    parsed = book(f"<h1>Fares</h1><p>An adult pays {mark} five for a har{mark}bour.</p>")

    assert parsed.text == "Fares\n\nAn adult pays five for a harbour."
    assert [(label, text.strip()) for label, text in pages(parsed)] == [
        ("Fares", "Fares\n\nAn adult pays"),
        ("2", "five for a har"),
        ("2", "bour."),
    ]


def test_a_chapter_that_begins_with_a_printed_page_is_no_page_of_its_own() -> None:
    mark = '<div role="doc-pagebreak" aria-label="{}"/>'
    row = "<tr><td>Dog</td><td>7</td></tr>"
    table = f"<table>{row}<tr><td>{mark.format(6)}Bike</td><td>9</td></tr></table>"

    parsed = book(
        f"{mark.format('v')}<h1>Fares</h1><p>Five.</p>",
        f"<h1>{mark.format(5)}Rules</h1>{table}<p>Late</p>",
    )

    assert pages(parsed) == [
        ("v", "Fares\n\nFive."),
        ("5", "Rules\n\nDog | 7\nBike | 9"),
        ("6", "Late"),
    ]


@pytest.mark.parametrize("told", ["nav", "ncx"])
def test_the_list_of_pages_names_where_they_begin(told: str) -> None:
    places = {"3": "t/c0.xhtml#p3", "4": "t/c0.xhtml#p4", "5": "t/c1.xhtml#p5"}
    links = "".join(f'<li><a href="{href}">{label}</a></li>' for label, href in places.items())
    targets = "".join(
        f'<pageTarget><navLabel><text>{label}</text></navLabel><content src="{href}"/></pageTarget>'
        for label, href in places.items()
    )
    lists = {
        "nav": f'<html {OPS}><body><nav epub:type="page-list"><ol>{links}</ol></nav></body></html>',
        "ncx": f'<ncx xmlns="urn:n"><pageList>{targets}</pageList></ncx>',
    }

    parsed = book(
        '<p id="p3">Five is due.</p><p>It is<a id="p4"/> paid.</p>',
        '<span epub:type="pagebreak" id="p5"/><p>Late.</p>',
        **{told: lists[told]},
    )

    assert [(label, text.strip()) for label, text in pages(parsed)] == [
        ("3", "Five is due.\n\nIt is"),
        ("4", "paid."),
        ("5", "Late."),
    ]


def test_a_book_without_printed_pages_has_its_chapters_as_pages() -> None:
    parsed = book("<h1>Fares</h1><p>Five.</p>", "<h1>Rules</h1><p>Late.</p>")

    assert pages(parsed) == [("Fares", "Fares\n\nFive."), ("Rules", "Rules\n\nLate.")]
