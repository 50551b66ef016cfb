"""Bombs, traps and far cells: refused in a sentence or harmless; nothing is fetched or written."""

import io
import json
import socket
import zipfile
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from written_formats import ENGLISH, WRITERS, unzipped, zipped

from bifolio.ingest import archive, read
from bifolio.ingest.child import _parse
from bifolio.ingest.office import sparse
from bifolio.ingest.parsed import Parsed, Unreadable
from bifolio.ingest.recognise import recognise

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "haha">'
    + "".join(
        f'<!ENTITY {new} "{f"&{old};" * 20}">'
        for old, new in zip("abcdefg", "bcdefgh", strict=True)
    )
    + "]>"
)


def parsed(data: bytes, suffix: str) -> Parsed:
    return _parse(recognise(data, suffix)[0], data)


def with_member(suffix: str, member: str, change: Any) -> bytes:
    """Give the story in a format, with the XML of one member changed."""
    members = unzipped(WRITERS[suffix](ENGLISH))
    text = members[member]
    members[member] = change(text if isinstance(text, str) else text.decode())
    return zipped(members)


MAIN_PARTS = {
    ".docx": "word/document.xml",
    ".pptx": "ppt/slides/slide1.xml",
    ".odt": "content.xml",
    ".odp": "content.xml",
}


def undeclared(text: str) -> str:
    """Leave out the XML declaration, which may stand only at the start."""
    return text[text.index("?>") + 2 :].lstrip() if text.startswith("<?xml") else text


@pytest.mark.parametrize("suffix", sorted(MAIN_PARTS))
def test_an_entity_bomb_is_refused(suffix: str) -> None:
    data = with_member(suffix, MAIN_PARTS[suffix], lambda text: LAUGHS + undeclared(text))

    with pytest.raises(Unreadable, match="declares entities"):
        parsed(data, suffix)


@pytest.mark.parametrize("suffix", sorted(MAIN_PARTS))
def test_an_entity_that_names_a_local_file_reads_none(suffix: str, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    trap = f'<!DOCTYPE x [<!ENTITY a SYSTEM "{secret.as_uri()}">]>'
    data = with_member(suffix, MAIN_PARTS[suffix], lambda text: trap + undeclared(text))

    with pytest.raises(Unreadable, match="declares entities"):
        parsed(data, suffix)


def test_entities_in_the_chapter_of_a_book_stay_harmless(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("canary")
    trap = f'<!DOCTYPE html [<!ENTITY a SYSTEM "{secret.as_uri()}"><!ENTITY b "&a;">]>'
    name = "OEBPS/text/chapter 0.xhtml"
    data = with_member(
        ".epub", name, lambda text: trap + text.replace("</body>", "<p>x&a;&b;&nbsp;y</p></body>")
    )

    text = parsed(data, ".epub").text

    assert "canary" not in text
    assert "Fares of the ferry" in text
    assert "Refunds" in text


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def _refuse(*_: Any) -> None:
        raise AssertionError("a document made a connection")

    monkeypatch.setattr(socket.socket, "connect", _refuse)
    page = (
        b"<!DOCTYPE html SYSTEM 'http://127.0.0.1:9/a.dtd'><html><head>"
        b"<link rel=stylesheet href='http://127.0.0.1:9/a.css'><base href='http://127.0.0.1:9/'>"
        b"</head><body><img src='http://127.0.0.1:9/a.png'><iframe src='http://127.0.0.1:9/'>"
        b"</iframe>words<script src='http://127.0.0.1:9/a.js'></script></body></html>"
    )
    link = (
        '<Relationship Id="r99" TargetMode="External" Target="http://127.0.0.1:9/t.dotm"'
        ' Type="x/styles"/></Relationships>'
    )
    document = with_member(
        ".docx",
        "word/_rels/document.xml.rels",
        lambda text: text.replace("</Relationships>", link),
    )

    assert parsed(page, ".html").text == "words"
    assert "Refunds" in parsed(document, ".docx").text


@pytest.mark.parametrize("suffix", [".docx", ".xlsx", ".epub", ".odt", ".pptx", ".ods"])
def test_what_unpacks_to_too_much_is_refused_unopened(
    suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBER", 10_000_000)
    members = unzipped(WRITERS[suffix](ENGLISH))
    members["filler.xml"] = bytes(10_000_001)

    with pytest.raises(Unreadable, match=r"would unpack to 1\d MB"):
        parsed(zipped(members), suffix)


def test_many_members_of_which_none_is_large_are_refused_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    members = unzipped(WRITERS[".docx"](ENGLISH))
    members |= {f"word/{number}.xml": bytes(100_000) for number in range(100)}

    monkeypatch.setattr(archive, "MAX_TOTAL", 9_000_000)
    with pytest.raises(Unreadable, match=r"would unpack to 1\d MB"):
        parsed(zipped(members), ".docx")
    monkeypatch.setattr(archive, "MAX_MEMBERS", 100)
    with pytest.raises(Unreadable, match=r"packs 11\d files"):
        parsed(zipped(members), ".docx")


def test_a_member_that_says_less_than_it_holds_gives_no_more_than_it_says() -> None:
    data = bytearray(zipped({"word/document.xml": b"x" * 100_000}))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        at = bytes(data).index(mark) + offset
        data[at : at + 4] = (10).to_bytes(4, "little")

    with pytest.raises(Unreadable, match="damaged"):
        archive.Archive(bytes(data)).read("word/document.xml")


def test_names_that_lead_out_of_the_archive_are_only_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    members = unzipped(WRITERS[".docx"](ENGLISH))
    members |= {"../../outside.txt": "x", "/tmp/bifolio-outside.txt": "x", "C:\\outside": "x"}
    path = tmp_path / "a.docx"
    path.write_bytes(zipped(members))

    assert "Refunds" in read(path).text
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.docx"]
    assert not Path("/tmp/bifolio-outside.txt").exists()


@pytest.mark.parametrize("suffix", [".json", ".jsonl", ".ipynb"])
def test_json_nested_without_end_is_refused(suffix: str) -> None:
    deep = b"[" * 200_000 + b"]" * 200_000
    data = b'{"cells": ' + deep + b"}" if suffix == ".ipynb" else deep

    with pytest.raises(Unreadable, match="nested too deeply"):
        parsed(data, suffix)


def test_json_that_is_rather_deep_is_read() -> None:
    assert "words" in parsed(b"[" * 200 + b'"words"' + b"]" * 200, ".json").text


def test_html_nested_without_end_is_read_as_far_as_it_goes() -> None:
    page = b"<html><p>top words</p>" + b"<div>" * 50_000 + b"deep words" + b"</div>" * 50_000

    found = parsed(page, ".html")

    assert found.text.startswith("top words")
    assert [*map(str, found.notes)] == ["it is nested too deeply; what stands deeper was left out"]


def test_xml_nested_without_end_is_refused() -> None:
    deep = "<w:p>" * 5000 + "</w:p>" * 5000
    data = with_member(
        ".docx", "word/document.xml", lambda text: text.replace("<w:body>", "<w:body>" + deep)
    )

    with pytest.raises(Unreadable, match=r"part word/document\.xml is damaged"):
        parsed(data, ".docx")


def far_cell(*cells: tuple[int, int, str]) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, column, text in cells:
            sheet.write(row, column, text)
    return buffer.getvalue()


def test_one_far_cell_takes_no_memory_and_is_read(tmp_path: Path) -> None:
    path = tmp_path / "far.xlsx"
    path.write_bytes(
        far_cell(
            (0, 0, "Name"), (0, 1, "Price"), (1, 0, "Adult"), (1, 1, "5"), (1048575, 16383, "far")
        )
    )

    document = read(path, memory_mb=700)

    assert document.text == "Name | Price\nAdult | 5\n\nfar"


def test_a_sheet_that_is_full_as_far_as_it_goes_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse, "MAX_CELLS", 100)
    diagonal = far_cell(*((at * 2, at * 2, "x") for at in range(40)))

    with pytest.raises(Unreadable, match="spans 79 rows and 79 columns; split it"):
        parsed(diagonal, ".xlsx")


@pytest.mark.parametrize("count", ["1000000000", "-5", "x", "0"])
def test_cells_that_claim_to_span_everything_are_held(count: str) -> None:
    page = f"<table><tr><td colspan={count} rowspan={count}>a<td>b<tr><td>c<td>d</table>"

    rows = parsed(f"<html>{page}".encode(), ".html").text.split("\n")

    # What spans rows is read with each of them.
    below = "a" if count == "1000000000" else ""
    assert "".join(rows).replace(" ", "").replace("|", "") == f"ab{below}cd"
    assert all(len(row) < 1000 for row in rows)


def test_an_open_document_sheet_that_repeats_without_end_is_held() -> None:
    data = with_member(
        ".ods",
        "content.xml",
        lambda text: text.replace(
            "<table:table-row>",
            '<table:table-row table:number-rows-repeated="1000000">',
            1,
        ).replace(
            "<table:table-cell ", '<table:table-cell table:number-columns-repeated="10000" ', 1
        ),
    )

    text = parsed(data, ".ods").text

    assert "Adult | 5.50 | AB-1234/5" in text
    assert len(text) < 200_000


def test_a_picture_in_a_page_is_no_text() -> None:
    page = b"<html><p>words<img src='data:image/png;base64," + b"iVBORw0KGgo" * 5000 + b"'></p>"

    assert parsed(page, ".html").text == "words"


def test_hidden_text_of_a_page_is_no_text() -> None:
    page = (
        b"<html><p>seen</p><p hidden>a</p><p style='display: none'>b</p><template>c</template>"
        b"<div style='VISIBILITY:hidden'>d</div><!-- e --><p aria-hidden=true>f</p>"
    )

    assert parsed(page, ".html").text == "seen"


def test_a_notebook_of_the_wrong_shape_is_refused() -> None:
    for value in ([], {"cells": [5]}, {"cells": {"a": 1}}, {"cells": None}, 5):
        with pytest.raises(Unreadable, match=r"not a (readable )?(Jupyter )?notebook"):
            parsed(json.dumps(value).encode(), ".ipynb")


def test_overlapping_members_do_no_harm() -> None:
    """A zip whose members all point at the same bytes, as in bombs that need no nesting."""
    data = zipped({"word/document.xml": b"\0" * 1_000_000})
    with zipfile.ZipFile(io.BytesIO(data)) as single:
        entry = data[single.start_dir : data.rindex(b"PK\x05\x06")]
    bomb = data[: single.start_dir] + entry * 2000
    end = b"PK\x05\x06\0\0\0\0" + (2000).to_bytes(2, "little") * 2
    end += (
        len(entry * 2000).to_bytes(4, "little") + single.start_dir.to_bytes(4, "little") + b"\0\0"
    )

    with pytest.raises(Unreadable, match="would unpack to 2000 MB"):
        parsed(bomb + end, ".docx")
