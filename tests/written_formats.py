"""Writes one known story into every format that is read, by other libraries or by hand."""

import io
import json
import struct
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from html import escape

import docx
import pptx
import xlsxwriter
from compound_files import Tree, compound_file
from pptx.util import Inches

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Chapter:
    """A title, a paragraph, a list and a table, whose first row is its head."""

    title: str
    paragraph: str
    items: tuple[str, ...]
    rows: Rows

    @property
    def words(self) -> list[str]:
        """All words, in the order in which a reader meets them."""
        cells = " ".join(cell for row in self.rows for cell in row)
        return f"{self.title} {self.paragraph} {' '.join(self.items)} {cells}".split()


ENGLISH = (
    Chapter(
        "Fares of the ferry",
        "A crossing costs five crowns. Children below six travel free & need no ticket.",
        ("Bring the printed ticket", "Arrive ten minutes early"),
        (("Name", "Price", "Part"), ("Adult", "5.50", "AB-1234/5"), ("Senior", "3.25", "AB-1235")),
    ),
    Chapter(
        "Refunds",
        "Whoever cancels before noon is paid back <in full>.",
        ("Write to the office", "Name the day"),
        (("Day", "Share"), ("Monday", "100%"), ("Sunday", "50%"), ("Holiday", "0%")),
    ),
)
CHINESE = (
    Chapter(
        "渡轮票价",
        "每次过海五元。六岁以下儿童免费，无需购票。",
        ("携带打印的船票", "提前十分钟到达"),
        (("类别", "票价", "部件"), ("成人", "5.50", "AB-1234/5"), ("长者", "3.25", "甲-7")),
    ),
    Chapter(
        "退款",
        "中午前取消可获“全额”退款。",
        ("致函办事处", "注明日期"),
        (("日期", "比例"), ("周一", "100%"), ("周日", "50%")),
    ),
)
Story = tuple[Chapter, ...]


def zipped(members: dict[str, str | bytes]) -> bytes:
    """Give a zip file of these members; the first is not packed, as books and ODF want it."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, (name, content) in enumerate(members.items()):
            kind = zipfile.ZIP_DEFLATED if number else zipfile.ZIP_STORED
            archive.writestr(name, content, compress_type=kind)
    return buffer.getvalue()


def unzipped(data: bytes) -> dict[str, str | bytes]:
    """Give the members of a zip file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_docx(story: Story) -> bytes:
    document = docx.Document()
    for chapter in story:
        document.add_heading(chapter.title, 1)
        document.add_paragraph(chapter.paragraph)
        for item in chapter.items:
            document.add_paragraph(item, style="List Bullet")
        table = document.add_table(len(chapter.rows), len(chapter.rows[0]))
        for row, cells in zip(table.rows, chapter.rows, strict=True):
            for cell, text in zip(row.cells, cells, strict=True):
                cell.text = text
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def write_pptx(story: Story) -> bytes:
    slides = pptx.Presentation()
    for chapter in story:
        slide = slides.slides.add_slide(slides.slide_layouts[1])
        slide.shapes.title.text = chapter.title
        frame = slide.placeholders[1].text_frame
        frame.text = chapter.paragraph
        for item in chapter.items:
            frame.add_paragraph().text = item
        height, width = len(chapter.rows), len(chapter.rows[0])
        table = slide.shapes.add_table(height, width, *[Inches(1)] * 4).table
        for at, cells in enumerate(chapter.rows):
            for column, text in enumerate(cells):
                table.cell(at, column).text = text
    buffer = io.BytesIO()
    slides.save(buffer)
    return buffer.getvalue()


def write_html(story: Story) -> bytes:
    return f"<!DOCTYPE html><html><body>{''.join(map(_html, story))}</body></html>".encode()


def _html(chapter: Chapter) -> str:
    items = "".join(f"<li>{escape(item)}</li>" for item in chapter.items)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in chapter.rows
    )
    return (
        f"<h1>{escape(chapter.title)}</h1><p>{escape(chapter.paragraph)}</p>"
        f"<ul>{items}</ul><table>{rows}</table>"
    )


def write_epub(story: Story) -> bytes:
    names = [f"text/chapter {number}.xhtml" for number in range(len(story))]
    manifest = "".join(
        f'<item id="c{number}" href="{name.replace(" ", "%20")}"/>'
        for number, name in enumerate(names)
    )
    spine = "".join(f'<itemref idref="c{number}"/>' for number in range(len(names)))
    page = '<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{}</body></html>'
    return zipped(
        {
            "mimetype": "application/epub+zip",
            "META-INF/container.xml": '<container xmlns="urn:c"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
            "OEBPS/book.opf": '<package xmlns="http://www.idpf.org/2007/opf">'
            f"<manifest>{manifest}</manifest><spine>{spine}</spine></package>",
            # Not in reading order: the spine tells it.
            **{
                f"OEBPS/{name}": page.format(_html(chapter))
                for name, chapter in reversed(list(zip(names, story, strict=True)))
            },
        }
    )


def write_odt(story: Story) -> bytes:
    body = "".join(
        f'<text:h text:outline-level="1">{escape(chapter.title)}</text:h>'
        f"<text:p>{escape(chapter.paragraph)}</text:p>{_odf_list(chapter)}{_odf_table(chapter.rows)}"
        for chapter in story
    )
    return open_document("text", "text", f"<office:text>{body}</office:text>")


def write_odp(story: Story) -> bytes:
    slides = "".join(
        '<draw:page><draw:frame presentation:class="title"><draw:text-box>'
        f"<text:p>{escape(chapter.title)}</text:p></draw:text-box></draw:frame>"
        f"<draw:frame><draw:text-box><text:p>{escape(chapter.paragraph)}</text:p>"
        f"{_odf_list(chapter)}</draw:text-box></draw:frame>"
        f"<draw:frame>{_odf_table(chapter.rows)}</draw:frame></draw:page>"
        for chapter in story
    )
    return open_document(
        "presentation", "presentation", f"<office:presentation>{slides}</office:presentation>"
    )


def write_ods(story: Story) -> bytes:
    sheets = "".join(_odf_table(chapter.rows, name=chapter.title) for chapter in story)
    body = f"<office:spreadsheet>{sheets}</office:spreadsheet>"
    return open_document("spreadsheet", "spreadsheet", body)


def open_document(kind: str, body_kind: str, body: str, *, styles: str = "") -> bytes:
    """Write a file of a kind; the body is that of its content, the styles are its own."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{full}:1.0"'
        for name, full in (
            ("office", "office"),
            ("text", "text"),
            ("table", "table"),
            ("draw", "drawing"),
            ("presentation", "presentation"),
            ("style", "style"),
        )
    )
    mime = f"application/vnd.oasis.opendocument.{kind}"
    content = f"<office:document-content{spaces}><office:automatic-styles>{styles}"
    content += f"</office:automatic-styles><office:body>{body}</office:body>"
    return zipped(
        {
            "mimetype": mime,
            "content.xml": f"{content}</office:document-content>",
            "META-INF/manifest.xml": '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:'
            'opendocument:xmlns:manifest:1.0"><manifest:file-entry manifest:full-path="/"'
            f' manifest:media-type="{mime}"/></manifest:manifest>',
        }
    )


def _odf_list(chapter: Chapter) -> str:
    items = "".join(
        f"<text:list-item><text:p>{escape(item)}</text:p></text:list-item>"
        for item in chapter.items
    )
    return f"<text:list>{items}</text:list>"


def _odf_table(rows: Rows, name: str = "t") -> str:
    cells = "".join(
        "<table:table-row>"
        + "".join(
            f'<table:table-cell office:value-type="string"><text:p>{escape(cell)}</text:p>'
            "</table:table-cell>"
            for cell in row
        )
        + "</table:table-row>"
        for row in rows
    )
    return f'<table:table table:name="{escape(name)}">{cells}</table:table>'


def write_rtf(story: Story) -> bytes:
    parts = ["{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Arial;}}"]
    for chapter in story:
        parts.append(f"\\pard\\s1\\outlinelevel0 {_rtf(chapter.title)}\\par")
        parts += [f"\\pard {_rtf(text)}\\par" for text in (chapter.paragraph, *chapter.items)]
        for row in chapter.rows:
            cells = "".join(f"{_rtf(cell)}\\cell " for cell in row)
            parts.append(f"\\trowd\\intbl {cells}\\row\n")
        parts.append("\\pard")
    return ("".join(parts) + "}").encode()


def _rtf(text: str) -> str:
    return "".join(letter if ord(letter) < 128 else f"\\u{ord(letter)}?" for letter in text)


def write_rst(story: Story) -> bytes:
    return "\n".join(_marked(chapter, f"{chapter.title}\n{'=' * 40}") for chapter in story).encode()


def write_org(story: Story) -> bytes:
    return "\n".join(_marked(chapter, f"* {chapter.title}") for chapter in story).encode()


def write_asciidoc(story: Story) -> bytes:
    return "\n".join(_marked(chapter, f"== {chapter.title}") for chapter in story).encode()


def write_ipynb(story: Story) -> bytes:
    cells = [
        {"cell_type": "markdown", "source": [_marked(chapter, f"# {chapter.title}")]}
        for chapter in story
    ]
    return json.dumps({"nbformat": 4, "cells": cells}).encode()


def _marked(chapter: Chapter, title: str) -> str:
    items = "\n".join(f"- {item}" for item in chapter.items)
    rows = "\n".join(" ".join(row) for row in chapter.rows)
    return f"{title}\n\n{chapter.paragraph}\n\n{items}\n\n{rows}\n"


def write_xlsx(story: Story) -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        for chapter in story:
            sheet = book.add_worksheet(chapter.title)
            for at, row in enumerate(chapter.rows):
                sheet.write_row(at + 1, 2, row)
    return buffer.getvalue()


def write_xls(story: Story) -> bytes:
    """Write a BIFF8 stream: a list of the sheets, then each with its cells as labels."""
    start = _record(0x809, struct.pack("<HHHHII", 0x600, 5, 0, 0, 0, 0))
    ends = _record(0x0A, b"")
    sheets = [_xls_sheet(chapter.rows) for chapter in story]
    names = [chapter.title.encode("utf-16-le") for chapter in story]
    offset = len(start) + sum(4 + 8 + len(name) for name in names) + len(ends)
    bounds = b""
    for name, sheet in zip(names, sheets, strict=True):
        bounds += _record(0x85, struct.pack("<IHBB", offset, 0, len(name) // 2, 1) + name)
        offset += len(sheet)
    return compound_file({"Workbook": start + bounds + ends + b"".join(sheets)})


def _xls_sheet(rows: Rows) -> bytes:
    sheet = _record(0x809, struct.pack("<HHHHII", 0x600, 0x10, 0, 0, 0, 0))
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            text = cell.encode("utf-16-le")
            head = struct.pack("<HHHHB", at, column, 0, len(text) // 2, 1)
            sheet += _record(0x204, head + text)
    return sheet + _record(0x0A, b"")


def _record(kind: int, data: bytes) -> bytes:
    return struct.pack("<HH", kind, len(data)) + data


def write_csv(story: Story, delimiter: str = ",") -> bytes:
    blocks = ("\n".join(delimiter.join(row) for row in chapter.rows) for chapter in story)
    return "\n\n".join(blocks).encode()


def write_tsv(story: Story) -> bytes:
    return write_csv(story, "\t")


def write_json(story: Story) -> bytes:
    return json.dumps({chapter.title: _records(chapter) for chapter in story}).encode()


def write_jsonl(story: Story) -> bytes:
    return "\n".join(json.dumps(record) for record in _records(story[0])).encode()


def _records(chapter: Chapter) -> list[dict[str, str]]:
    head, *rows = chapter.rows
    return [dict(zip(head, row, strict=True)) for row in rows]


def write_eml(story: Story) -> bytes:
    message = EmailMessage()
    message["Subject"] = story[0].title
    message["From"] = "Office <office@example.org>"
    message["To"] = "crew@example.org"
    message.set_content(write_html(story).decode(), subtype="html")
    return message.as_bytes()


def write_msg(story: Story) -> bytes:
    return outlook_mail(story[0].title, body=story[0].paragraph)


def outlook_mail(
    subject: str, *, body: str = "", html: str = "", files: Sequence[tuple[str, bytes]] = ()
) -> bytes:
    """Give a mail as Outlook saves it: each property is a stream, each attached file a storage."""
    streams = {
        "0037001F": subject.encode("utf-16-le"),
        "1000001F": body.encode("utf-16-le"),
        "10130102": html.encode(),
    }
    header = bytes(8) + struct.pack("<IIII", 0, 0, 0, len(files)) + bytes(8)
    attached = {
        f"__attach_version1.0_#{number:08X}": _properties(
            bytes(8), {"3707001F": name.encode("utf-16-le"), "37010102": data}
        )
        for number, (name, data) in enumerate(files)
    }
    return compound_file(_properties(header, streams) | attached)


def _properties(header: bytes, streams: dict[str, bytes]) -> "dict[str, bytes | Tree]":
    """Give the streams of an object of Outlook, with the one that lists them and the encoding."""
    kept = {name: data for name, data in streams.items() if data}
    for name, data in kept.items():
        header += struct.pack("<IIII", int(name, 16), 6, len(data) + 2, 0)
    header += struct.pack("<IIII", 0x3FDE0003, 6, 65001, 0)
    named = {f"__substg1.0_{name}": data for name, data in kept.items()}
    return {"__properties_version1.0": header, **named}


Writer = Callable[[Story], bytes]

# Formats with prose, and those that hold only the tables.
PROSE: dict[str, Writer] = {
    ".docx": write_docx,
    ".pptx": write_pptx,
    ".html": write_html,
    ".epub": write_epub,
    ".odt": write_odt,
    ".odp": write_odp,
    ".rtf": write_rtf,
    ".rst": write_rst,
    ".org": write_org,
    ".adoc": write_asciidoc,
    ".ipynb": write_ipynb,
    ".eml": write_eml,
}
TABLES: dict[str, Writer] = {
    ".xlsx": write_xlsx,
    ".xls": write_xls,
    ".ods": write_ods,
    ".csv": write_csv,
    ".tsv": write_tsv,
    ".json": write_json,
}
OTHERS: dict[str, Writer] = {".jsonl": write_jsonl, ".msg": write_msg}
WRITERS = PROSE | TABLES | OTHERS
