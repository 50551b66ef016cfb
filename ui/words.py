"""Foreign words in HTML, and how pages, files and counts are called.

Text of documents, answers, questions, file names and errors is foreign. It goes through
:func:`escaped` into ``st.html`` and never into Streamlit's Markdown. HTML escaping is complete
after one pass, and what is escaped stays a run of characters. Streamlit's Markdown cannot be
escaped so surely: bare addresses, ``:emoji:`` and ``:material/icons:`` are looked for after
backslashes and entities have been resolved, and a picture makes the browser send a request.
"""

import html
import re
from collections.abc import Iterable

from bifolio.ui.texts import Texts

# What has no place in HTML or cannot be sent as UTF-8: controls and halves of surrogate pairs.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def escaped(text: str) -> str:
    """Make text that shows as itself, whatever it holds, in HTML and in its attributes."""
    return html.escape(_UNPRINTABLE.sub("\ufffd", text.replace("\r\n", "\n")), quote=True)


def isolated(text: str) -> str:
    """Escape a short text, and keep its direction of writing from turning what is beside it."""
    return f"<bdi>{escaped(text)}</bdi>"


def file_name(path: str) -> str:
    """Give the last part of a path: folders of the server are no user's business."""
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2] or path


def pages_label(pages: tuple[int, int], texts: Texts) -> str:
    """Say "page 3" or "pages 3-4"."""
    first, last = pages
    return (texts.page if first == last else texts.pages).format(first=first, last=last)


def pages_html(pages: tuple[int, int], texts: Texts) -> str:
    """Say it in one piece: a number alone on the next line is overlooked."""
    return whole_html(pages_label(pages, texts))


def whole_html(text: str) -> str:
    """Show a short text that no line breaks."""
    return f'<span class="bf-whole">{escaped(text)}</span>'


def counts_label(pages: int | None, chunks: int | None, texts: Texts) -> str:
    """Say "4 pages, 1 chunk"."""
    said_pages = texts.one_page if pages == 1 else texts.some_pages.format(count=pages)
    said_chunks = texts.one_chunk if chunks == 1 else texts.some_chunks.format(count=chunks)
    return f"{said_pages}{texts.comma}{said_chunks}"


def button_html(action: str, label: str, *, kind: str = "bf-button", title: str = "") -> str:
    """Show something to press: ``action`` is what the page is told (wires.py)."""
    named = f' title="{escaped(title)}" aria-label="{escaped(title)}"' if title else ""
    return (
        f'<button type="button" class="{kind}" data-bf="{escaped(action)}"{named}>'
        f"{isolated(label)}</button>"
    )


def copy_html(text: str, label: str) -> str:
    """Show something to press that puts a text on the clipboard."""
    return (
        f'<button type="button" class="bf-button" data-bf-copy="{escaped(text)}">'
        f"{escaped(label)}</button>"
    )


def table_html(head: Iterable[str], rows: Iterable[Iterable[str]], *, kind: str = "bf-wide") -> str:
    """Make a table; the cells of ``rows`` are HTML already, those of the head are words."""
    heading = "".join(f'<th scope="col">{escaped(cell)}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    heading = f"<tr>{heading}</tr>" if heading else ""
    # What scrolls sideways has to be reached by keys.
    return f'<div class="{kind}" tabindex="0"><table>{heading}{body}</table></div>'
