"""Kinds of files that are met now and then: subtitles, XML, LaTeX, Org, saved pages, settings."""

from pathlib import Path

import pytest

from bifolio.ingest import Document, UnreadableDocument, other_kind, read


def document(folder: Path, name: str, text: str) -> Document:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return read(path)


SRT = """1
00:00:01,000 --> 00:00:04,000
<i>The ferry leaves</i>
at nine.

2
00:00:04,500 --> 00:00:06,000 X1:40
{\\an8}7 crowns

3
00:00:06,500 --> 00:00:08,000
7 crowns
渡轮九点开。
"""
VTT = """WEBVTT - crossing

NOTE made by hand
for nobody

intro
00:01.000 --> 00:04.000 align:start
<v Pilot>The ferry leaves

00:04.000 --> 00:06.000
The ferry leaves
at <00:05.000><c>nine</c>.
"""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.srt", SRT, ["The ferry leaves", "at nine.", "7 crowns", "渡轮九点开。"]),
        ("a.vtt", VTT, ["Pilot: The ferry leaves", "at nine."]),
    ],
)
def test_of_subtitles_what_is_said_is_read(
    tmp_path: Path, name: str, text: str, said: list[str]
) -> None:
    assert document(tmp_path, name, text).text.split("\n") == said


def test_what_each_voice_says_is_a_paragraph_that_begins_with_its_name(tmp_path: Path) -> None:
    titles = (
        "<v Ada Keel>When does",
        "<v Ada Keel>it leave?</v>",
        "<v.loud Bo>At nine, Keel &amp; Co.",
    )
    text = "WEBVTT\n\n" + "\n\n".join(
        f"00:0{n}.000 --> 00:0{n}.900\n{t}" for n, t in enumerate(titles)
    )

    found = document(tmp_path, "a.vtt", text).text

    assert found == "Ada Keel: When does\nit leave?\n\nBo: At nine, Keel & Co."


def test_records_of_xml_keep_the_names_of_their_fields(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.xml",
        """<?xml version="1.0"?><fares xmlns="urn:x"><title>Fares</title>
        <fare><name>Adult</name><price>5.50</price></fare>
        <fare><name>长者</name><price unit="crown"/></fare>
        <para>A crossing <b>costs</b> five crowns.</para><!-- hidden --></fares>""",
    )

    assert found.text.split("\n\n") == [
        "Fares",
        "name: Adult\nprice: 5.50",
        "name: 长者\nprice: unit: crown",
        "A crossing costs five crowns.",
    ]
    assert [heading.title for heading in found.headings] == ["Fares"]


def test_the_attributes_of_a_record_of_xml_are_fields(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.xml",
        """<parts xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
        <part no="AB-1" xml:lang="en" xsi:type="t"><name>Bolt</name>
        <price unit="crown">3.50</price></part>
        </parts>""",
    )

    assert found.text == "no: AB-1\nname: Bolt\nprice: 3.50 (unit: crown)"


def test_attributes_of_xml_beside_text_and_around_elements_are_read(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.xml",
        """<plan name="Harbour" v="2"><hall name="North" seats="120">Closed on Mondays.</hall>
        <fee price="5">Adults</fee><fee price="3">Children</fee></plan>""",
    )

    assert found.text.split("\n\n") == [
        "name: Harbour",
        "name: North, seats: 120\nClosed on Mondays.",
        "price: 5\nAdults",
        "price: 3\nChildren",
    ]


def test_attributes_that_only_set_the_text_of_xml_are_not_read(tmp_path: Path) -> None:
    found = document(
        tmp_path,
        "a.xml",
        """<doc><p align="center" title="Hours">Open <b rank="1">daily</b>.</p>
        <p align="left">Closed at nine.</p></doc>""",
    )

    assert found.text == "title: Hours\nOpen daily.\n\nClosed at nine."


def test_xml_that_declares_entities_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableDocument, match="declares entities"):
        document(tmp_path, "a.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')


@pytest.mark.parametrize(
    ("name", "text", "title", "headings"),
    [
        (
            "a.tex",
            "\\title{The ferry}\n\\section*{Fares}\nFive crowns.\n"
            "\\subsection[s]{Of a \\emph{dog}}\nTwo.",
            "The ferry",
            [(3, "Fares"), (4, "Of a \\emph{dog}")],
        ),
        (
            "a.org",
            "#+TITLE: The ferry\n* TODO Fares  :money:\nFive crowns.\n** 狗\n*Two* crowns.",
            "The ferry",
            [(1, "Fares"), (2, "狗")],
        ),
        (
            "a.adoc",
            "= The ferry\n\n== Fares\nFive crowns.\n\n=== Of a dog\nTwo.\n====\n",
            "The ferry",
            [(2, "Fares"), (3, "Of a dog")],
        ),
    ],
)
def test_marked_text_stays_as_it_is_written_and_has_headings(
    tmp_path: Path, name: str, text: str, title: str, headings: list[tuple[int, str]]
) -> None:
    found = document(tmp_path, name, text)

    assert (found.text, found.title) == (text, title)
    assert [(heading.level, heading.title) for heading in found.headings] == headings


SAVED = """From: <Saved by a browser>
Subject: Fares
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="x"

--x
Content-Type: text/html; charset="utf-8"
Content-Location: https://ferry.example/fares

<html><body><h1>Fares</h1><p>五 crowns.</p><img src="cid:a"></body></html>
--x
Content-Type: application/javascript
Content-Location: https://ferry.example/a.js

alert(1)
--x--
"""


@pytest.mark.parametrize("suffix", [".mht", ".mhtml"])
def test_a_page_that_was_saved_whole_is_read_without_its_parts(tmp_path: Path, suffix: str) -> None:
    found = document(tmp_path, f"a{suffix}", SAVED)

    assert found.text.endswith("Fares\n\n五 crowns.")
    assert [heading.title for heading in found.headings] == ["Fares"]
    assert not found.notes


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".toml", ".ini"])
def test_settings_are_read_as_they_are_written(tmp_path: Path, suffix: str) -> None:
    assert document(tmp_path, f"a{suffix}", "price: 5\n").text == "price: 5\n"


@pytest.mark.parametrize("suffix", [".log", ".chm", ".enex"])
def test_kinds_that_are_not_read_say_what_to_do(suffix: str) -> None:
    assert any(word in str(other_kind(suffix)) for word in ("copy it", "unpack it", "export"))


@pytest.mark.parametrize("name", ["a.rst", "a.org", "a.tex"])
def test_a_file_without_marks_of_its_kind_has_the_headings_of_plain_text(
    tmp_path: Path, name: str
) -> None:
    found = document(tmp_path, name, "1. Fares\n\nDogs pay 7.\n\n2. Times\n\nNine.\n")

    assert [heading.title for heading in found.headings] == ["1. Fares", "2. Times"]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<ol type=a><li>one<li>two</ol>", "a. one\n\nb. two"),
        ("<ol type=I start=4><li>one</ol>", "IV. one"),
        ("<h2>Fares<a href='#fares'>¶</a></h2><p>See<a href='#n'>[1]</a>", "Fares\n\nSee[1]"),
        ("<math><mfrac><mn>1</mn><mn>2</mn></mfrac></math> h", "1/2 h"),
    ],
)
def test_a_page_is_read_as_a_browser_shows_it(tmp_path: Path, body: str, text: str) -> None:
    assert document(tmp_path, "a.html", f"<html><body>{body}").text == text
