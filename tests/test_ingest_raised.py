"""Figures that are set higher or lower are not run into the number before them."""

import io

import docx
import pytest
from pdf_pages import Shown, page_bytes
from pptx import Presentation
from written_formats import open_document

from bifolio.ingest.office.docx import parse_docx
from bifolio.ingest.office.odf import parse_odt
from bifolio.ingest.office.pptx import parse_pptx
from bifolio.ingest.pdf.parse import parse_pdf
from bifolio.ingest.raised import lowered, raised
from bifolio.ingest.readers.html import parse_html_page
from bifolio.ingest.readers.rtf import parse_rtf


@pytest.mark.parametrize(("text", "high", "low"), [("6", "⁶", "₆"), ("-3", "⁻³", "₋₃")])
def test_figures_are_written_with_the_signs_for_such(text: str, high: str, low: str) -> None:
    assert (raised(text), lowered(text)) == (high, low)


@pytest.mark.parametrize("text", ["th", "", " ", "[1]", "1st", "+"])
def test_other_words_stay_as_they_are(text: str) -> None:
    assert raised(text) == lowered(text) == text


def test_raised_figures_of_a_page_are_kept_apart() -> None:
    body = "<p>10<sup>6</sup> of H<sub>2</sub>O, the 1<sup>st</sup>, 40<sup><a>2</a></sup></p>"
    table = "<table><tr><td>m<sup>2</sup><td>5<tr><td>a<td>6</table>"

    parsed = parse_html_page(f"<html><body>{body}{table}</body></html>".encode())

    assert parsed.text == "10⁶ of H₂O, the 1st, 40²\n\nm² | 5\na | 6"


def test_raised_figures_of_word_and_powerpoint_are_kept_apart() -> None:
    document, saved = docx.Document(), io.BytesIO()
    paragraph = document.add_paragraph("It costs 40")
    paragraph.add_run("1").font.superscript = True
    paragraph.add_run(" crowns for CO")
    paragraph.add_run("2").font.subscript = True
    document.save(saved)
    assert parse_docx(saved.getvalue()).text == "It costs 40¹ crowns for CO₂"

    slides, held = Presentation(), io.BytesIO()
    slide = slides.slides.add_slide(slides.slide_layouts[6])
    text = slide.shapes.add_textbox(0, 0, 10, 10).text_frame.paragraphs[0]
    text.add_run().text = "10"
    run = text.add_run()
    run.text = "6"
    run.font._element.set("baseline", "30000")
    slides.save(held)
    assert parse_pptx(held.getvalue()).text.strip() == "10⁶"


@pytest.mark.parametrize("gap", [0.1, 1.5])
def test_raised_figures_of_a_pdf_are_kept_apart(gap: float) -> None:
    # "It costs 40" is 50.1 points wide in Helvetica of 11.
    shown = [Shown(60, 100, "It costs 40"), Shown(110.1 + gap, 96, "12", 7)]

    parsed = parse_pdf(page_bytes([*shown, Shown(123, 100, "crowns.")]))

    assert parsed.text == "It costs 40¹² crowns."


def test_raised_figures_of_open_document_are_kept_apart() -> None:
    def span(style: str, text: str) -> str:
        return f'<text:span text:style-name="{style}">{text}</text:span>'

    styles = "".join(
        f'<style:style style:name="{name}" style:family="text"><style:text-properties'
        f' style:text-position="{place}"/></style:style>'
        for name, place in (("T1", "super 58%"), ("T2", "-33% 58%"), ("T3", "0% 100%"))
    )
    said = f"10{span('T1', '2')} of H{span('T2', '2')}O, 1{span('T1', 'st')} of 1{span('T3', '2')}"
    body = f"<office:text><text:p>{said}</text:p></office:text>"

    data = open_document("text", "text", body, styles=styles)

    assert parse_odt(data).text == "10² of H₂O, 1st of 12"


def test_raised_figures_of_rtf_are_kept_apart() -> None:
    body = rb"{\rtf1 10{\super 6} m\super 2\nosupersub  of H{\sub 2}O, 1{\super st}\par}"

    assert parse_rtf(body).text == "10⁶ m² of H₂O, 1st"
