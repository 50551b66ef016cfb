"""What is hidden is no text; words for pictures are, and so are the files that hang on a mail."""

import io
import subprocess
import sys
from email.message import EmailMessage

import docx
import pytest
from docx.shared import Inches
from pdf_pages import lines, page_bytes
from PIL import Image
from pptx import Presentation
from written_formats import WRITERS, Chapter, outlook_mail

from bifolio.ingest.inside import MOST_INSIDE, nothing_inside
from bifolio.ingest.office.docx import parse_docx
from bifolio.ingest.office.pptx import parse_pptx
from bifolio.ingest.readers.html import parse_html_page
from bifolio.ingest.readers.mail import parse_eml
from bifolio.ingest.readers.outlook import parse_msg
from bifolio.ingest.readers.rtf import parse_rtf

STORY = (Chapter("Fees 费用", "The berth costs 40 crowns.", (), (("Pier", "Fee"), ("P-7", "40"))),)


def rtf(body: str) -> str:
    return parse_rtf(b"{\\rtf1\\ansi " + body.encode() + b"}").text


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (r"One {\v secret}two.\par", "One two."),
        (r"One \v secret {\b too}\v0 two.\par", "One two."),
        (r"{\v \u23494?\'e9 secret}One\plain  two.\par", "One two."),
        (r"One {\deleted gone }{\revised new }two.\par", "One new two."),
        (r"\viewkind4\v1 a\plain One\par", "One"),
    ],
)
def test_hidden_and_deleted_text_of_rtf_is_no_text(body: str, text: str) -> None:
    assert " ".join(rtf(body).split()) == text


def test_hidden_text_of_rtf_is_told() -> None:
    (note,) = parse_rtf(rb"{\rtf1 a {\v b}c {\v {\i d}}\par}").notes

    assert str(note) == "2 pieces of hidden text were left out"


def test_struck_out_text_of_rtf_is_left_out_and_told() -> None:
    parsed = parse_rtf(rb"{\rtf1 The fee is \strike 5 \strike0 6{\striked1 , or 7}.\par}")

    assert parsed.text == "The fee is 6."
    assert [*map(str, parsed.notes)] == ["2 pieces of struck-out text were left out"]


def html(body: str) -> str:
    return parse_html_page(f"<html><body>{body}</body></html>".encode()).text


def test_the_words_for_a_picture_are_text_and_marked() -> None:
    shown = html(
        "<p><img src=a.png alt='Map of the harbour: pier 7 lies west'></p><p>Then "
        "<img alt='码头示意图'>text.</p><table><tr><td><img alt='Red flag'></td><td>No</td></tr>"
        "<tr><td>x</td><td>y</td></tr></table>"
    )

    assert shown.split("\n\n")[:2] == [
        "[Picture: Map of the harbour: pier 7 lies west]",
        "Then [Picture: 码头示意图] text.",
    ]
    assert "[Picture: Red flag] | No" in shown


@pytest.mark.parametrize("alt", ["", " ", "logo", "IMG_2041.jpg", "image 3", "图片1", "•"])
def test_words_that_say_nothing_of_a_picture_are_none(alt: str) -> None:
    assert html(f"<p>a<img alt='{alt}'></p>") == "a"


def test_words_for_a_picture_are_said_once() -> None:
    figure = "<figure><img alt='The pier'><figcaption>The pier</figcaption></figure>"

    assert html(figure) == "The pier"
    assert html("<p><img alt='New here'>a</p><p><img alt='New here'>b</p>").count("New here") == 1


def picture() -> io.BytesIO:
    held = io.BytesIO()
    Image.new("RGB", (8, 8)).save(held, "PNG")
    held.seek(0)
    return held


def test_descriptions_of_pictures_in_word_and_powerpoint_are_text() -> None:
    document, saved = docx.Document(), io.BytesIO()
    document.add_paragraph("Before.")
    shape = document.add_picture(picture(), width=Inches(1))
    shape._inline.docPr.set("descr", "Plan of berth 12")
    document.save(saved)
    assert "Before.\n\n[Picture: Plan of berth 12]" in parse_docx(saved.getvalue()).text

    slides, held = Presentation(), io.BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    image = slide.shapes.add_picture(picture(), 0, 0)
    image._element.nvPicPr.cNvPr.set("descr", "泊位平面图")
    slides.save(held)
    assert parse_pptx(held.getvalue()).text.strip() == "[Picture: 泊位平面图]"


def mail(*files: tuple[str, bytes]) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = "Fees"
    message.set_content("See below.")
    for name, data in files:
        message.add_attachment(data, maintype="application", subtype="x-any", filename=name)
    return message


@pytest.mark.parametrize("suffix", [".docx", ".pptx", ".xlsx", ".odt", ".rtf", ".html", ".csv"])
def test_a_file_that_hangs_on_a_mail_is_read_like_the_file_itself(suffix: str) -> None:
    parsed = parse_eml(mail((f"费用{suffix}", WRITERS[suffix](STORY))).as_bytes())

    assert f"Attachment: 费用{suffix}" in parsed.text
    assert "P-7 | 40" in parsed.text
    (table,) = parsed.tables
    assert [parsed.text[start:end] for start, end in table[2]][-1] == "P-7 | 40"
    assert not parsed.notes


@pytest.mark.parametrize("suffix", [".docx", ".csv"])
def test_a_file_that_hangs_on_a_mail_of_outlook_is_read_like_the_file_itself(suffix: str) -> None:
    files = ((f"费用{suffix}", WRITERS[suffix](STORY)), ("secret.zip", b"PK\x05\x06secret"))

    parsed = parse_msg(outlook_mail("Fees", body="See below.", files=files))

    assert f"See below.\n\nAttachment: 费用{suffix}" in parsed.text
    (table,) = parsed.tables
    assert [parsed.text[start:end] for start, end in table[2]][-1] == "P-7 | 40"
    assert parsed.text.endswith("- Attachment: secret.zip")
    assert str(parsed.notes[-1]).startswith("1 attached files are named but not read")


def test_the_pages_of_a_file_that_hangs_on_a_mail_are_named() -> None:
    pages = [lines([text], top=70) for text in ("Pier seven is closed.", "Pier nine is open.")]
    files = (
        ("piers.pdf", page_bytes(*pages)),
        ("note.rtf", b"{\\rtf1 Ask Lee.}"),
        ("x.zip", b"PK"),
    )

    parsed = parse_eml(mail(*files).as_bytes())

    told = [(parsed.text[page[1] : page[2]], page[3:]) for page in parsed.pages]
    assert told[0] == ("Subject: Fees\n\nSee below.", ("", "text"))
    assert told[1:] == [
        ("Attachment: piers.pdf\n\nPier seven is closed.", ("piers.pdf: 1", "text")),
        ("Pier nine is open.", ("piers.pdf: 2", "text")),
        ("Attachment: note.rtf\n\nAsk Lee.", ("note.rtf", "text")),
        ("- Attachment: x.zip", ("", "text")),
    ]


def test_a_pdf_that_hangs_on_a_mail_that_hangs_on_a_mail_is_read() -> None:
    inner = mail(("a.pdf", page_bytes(lines(["Pier seven is closed."], top=70))))

    parsed = parse_eml(mail(("inner.eml", inner.as_bytes())).as_bytes())

    assert "Pier seven is closed." in parsed.text


def test_mails_are_opened_so_deep_and_no_deeper() -> None:
    message = mail()
    for _ in range(MOST_INSIDE + 2):
        message = mail(("inner.eml", message.as_bytes()))

    parsed = parse_eml(message.as_bytes())

    assert parsed.text.count("See below.") == MOST_INSIDE + 1
    assert parsed.text.endswith("- Attachment: inner.eml")
    assert "named but not read" in str(parsed.notes[0])


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04 broken", b"\x89PNG\r\n\x1a\n", b"\x00\x01", b"%PDF-1.4 broken"]
)
def test_a_file_that_cannot_be_read_costs_neither_the_mail_nor_the_others(data: bytes) -> None:
    parsed = parse_eml(mail(("bad.bin", data), ("good.rtf", b"{\\rtf1 Good.}")).as_bytes())

    assert "See below." in parsed.text
    assert "Attachment: good.rtf\n\nGood." in parsed.text
    assert parsed.text.endswith("- Attachment: bad.bin")
    assert str(parsed.notes[-1]).startswith("1 attached files are named but not read")


def test_what_crashes_its_reader_is_left_closed_the_second_time() -> None:
    with nothing_inside():
        parsed = parse_eml(mail(("a.rtf", b"{\\rtf1 Words.}")).as_bytes())

    assert parsed.text.endswith("See below.\n\n- Attachment: a.rtf")


# In a process of its own, as files are read: an alarm there disturbs no other test.
FOREVER = """
from bifolio.ingest.inside import out_of_time
from bifolio.ingest.parsed import Unreadable

try:
    with out_of_time(0.05):
        while True:
            pass
except Unreadable as problem:
    print(problem)
"""


def test_what_is_read_inside_ends_with_its_time() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FOREVER], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "reading it took too long\n"
