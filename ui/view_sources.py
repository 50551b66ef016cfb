"""Sources of an answer, and pages with the quoted words marked, as HTML."""

import base64
import re
from collections.abc import Iterable

from bifolio import PagePicture
from bifolio.chats import Source, flowed
from bifolio.ui.markdown import marked_markdown_html
from bifolio.ui.texts import Texts
from bifolio.ui.words import (
    button_html,
    escaped,
    file_name,
    isolated,
    pages_html,
    pages_label,
    table_html,
    whole_html,
)

_HERE = '<mark class="bf-here">'
# Characters of a cell that no narrow column breaks.
_SHORT = 12
# So many of the passages that may answer fill a screen.
_OPENED = 3
_WORD_AT_START = re.compile(r"^[A-Za-z0-9]{1,30}")
_WORD_AT_END = re.compile(r"[A-Za-z0-9]{1,30}$")


def source_line(source: Source, texts: Texts) -> str:
    """Say where words stand: "title · page 3", and in which library if told. It is not escaped."""
    told = f"{source.title} · {pages_label(source.pages, texts)}"
    return f"{told} · {source.library}" if source.library else told


def _line_html(source: Source, texts: Texts) -> str:
    """Show what :func:`source_line` says."""
    told = f"{isolated(source.title)} · {pages_html(source.pages, texts)}"
    return f"{told} · {isolated(source.library)}" if source.library else told


def source_html(exchange: int, source: Source, texts: Texts) -> str:
    """Show a source that opens to the quote, marked in its passage."""
    flag = "" if source.supported else _flag(texts.unsupported)
    flag += _flag(texts.is_stale) if source.outdated else ""
    facts = [isolated(file_name(source.path)), pages_html(source.pages, texts)]
    if source.found:
        facts.append(escaped(texts.found))
    if source.section:
        facts.append(isolated(texts.section.format(section=source.section)))
    facts.append(texts.score.format(score=source.score))
    opens = button_html(f"source:{exchange}:{source.marker}", texts.show_page)
    return (
        f'<details class="bf-source"><summary><span class="bf-number">[{source.marker}]</span> '
        f"{_line_html(source, texts)}{flag}</summary>"
        f'<p class="bf-facts">{" · ".join(facts)}</p>{_outdated(source, texts)}'
        f'{passage_html(source)}<p class="bf-opens">{opens}</p></details>'
    )


def _flag(told: str) -> str:
    return f'<span class="bf-flag">{escaped(told)}</span>'


def _outdated(source: Source, texts: Texts) -> str:
    if source.outdated is None:
        return ""
    told = texts.out_of_date.format(reason=texts.say(source.outdated))
    return f'<p class="bf-facts">{isolated(told)}</p>'


def sources_html(exchange: int, sources: Iterable[Source], texts: Texts) -> str:
    """Show all sources of an answer under their heading."""
    entries = "".join(source_html(exchange, source, texts) for source in sources)
    return f'<div class="bf-label">{escaped(texts.sources)}</div>{entries}' if entries else ""


def against_html(exchange: int, pairs: Iterable[tuple[Source, Source]], texts: Texts) -> str:
    """Show side by side what disagrees."""
    found = "".join(
        f'<div class="bf-against">{"".join(_side(exchange, side, texts) for side in pair)}</div>'
        for pair in pairs
    )
    return f'<div class="bf-label">{escaped(texts.disagree)}</div>{found}' if found else ""


def _side(exchange: int, source: Source, texts: Texts) -> str:
    opens = button_html(f"source:{exchange}:{source.marker}", texts.show_page)
    return (
        f'<div class="bf-side"><p class="bf-facts">{_line_html(source, texts)}</p>'
        f'<p dir="auto">{escaped(*flowed(source.quote))}</p><p class="bf-opens">{opens}</p></div>'
    )


def nearest_html(exchange: int, sources: Iterable[Source], texts: Texts, *, is_all: bool) -> str:
    """Show passages that may answer, as what they are; open, if there is nothing else, the best."""
    entries = "".join(
        _near_html(exchange, source, texts, is_open=is_all and place < _OPENED)
        for place, source in enumerate(sources)
    )
    label = texts.nearest if is_all else texts.nearest_too
    return f'<div class="bf-label">{escaped(label)}</div>{entries}' if entries else ""


def _near_html(exchange: int, source: Source, texts: Texts, *, is_open: bool) -> str:
    facts = [isolated(file_name(source.path)), texts.score.format(score=source.score)]
    flag = _flag(texts.is_stale) if source.outdated else ""
    opens = button_html(f"source:{exchange}:{source.marker}", texts.show_page)
    return (
        f'<details class="bf-source bf-nearest"{" open" * is_open}>'
        f"<summary>{_line_html(source, texts)}{flag}</summary>"
        f'<p class="bf-facts">{" · ".join(facts)}</p>{_outdated(source, texts)}'
        f'{passage_html(source)}<p class="bf-opens">{opens}</p></details>'
    )


def passage_html(source: Source) -> str:
    """Show the quote marked in its passage; where the passage is cut an ellipsis tells it."""
    before, after = source.before, source.after
    if source.cut[0]:
        before = "… " + _WORD_AT_START.sub("", before).lstrip()
    if source.cut[1]:
        after = _WORD_AT_END.sub("", after).rstrip() + " …"
    return marked_html(before, source.quote, after, as_markdown=is_markdown(source.path))


def is_markdown(path: str) -> bool:
    """Tell whether a document's text is Markdown, which is shown as it reads."""
    return path.lower().endswith((".md", ".markdown"))


def marked_html(before: str, quote: str, after: str, *, as_markdown: bool = False) -> str:
    """Show text with a part of it marked, Markdown as it reads where that keeps the mark.

    An empty mark is the place that is scrolled to. A paragraph reads on over the ends of its lines.
    """
    before, quote, after = flowed(before, quote, after)
    if as_markdown:
        end = len(before) + len(quote)
        read = marked_markdown_html(before + quote + after, len(before), end, _HERE)
        if read:
            return f'<div class="bf-passage bf-read" dir="auto" tabindex="0">{read}</div>'
    # Each part is escaped by itself, so that the mark cannot fall into an entity.
    words = f"{escaped(before)}{_HERE}{escaped(quote)}</mark>{escaped(after)}"
    return f'<div class="bf-passage" dir="auto" tabindex="0">{words}</div>'


def quoted_table(source: Source) -> str:
    """Show quoted rows as a small table below their head; empty if the quote is none of rows."""
    if not source.in_table or " | " not in source.quote:
        return ""
    head = _cells(source.head) if source.head else []
    rows = [[_cell(cell) for cell in _cells(line)] for line in source.quote.split("\n")]
    return table_html(head, rows, kind="bf-rows")


def _cells(row: str) -> list[str]:
    """Give the cells of a row, which Markdown may close on both sides."""
    row = row.strip()
    if row.startswith("| ") and row.endswith(" |"):
        row = row[2:-2]
    return [cell.strip() for cell in row.split(" | ")]


def _cell(text: str) -> str:
    """Show a cell; a short one, as a code or a date, stands in one piece."""
    return whole_html(text) if len(text) <= _SHORT else escaped(text)


def picture_html(picture: PagePicture, label: str) -> str:
    """Show a page with areas of it marked; the first is where the page is scrolled to."""
    data = base64.b64encode(picture.webp).decode("ascii")
    marks = "".join(
        f'<span class="bf-area{" bf-here" * (not place)}" style="left:{area.left:.3%};'
        f"top:{area.top:.3%};width:{area.right - area.left:.3%};"
        f'height:{area.bottom - area.top:.3%}"></span>'
        for place, area in enumerate(picture.marked)
    )
    return (
        f'<div class="bf-picture"><img src="data:image/webp;base64,{data}" alt="{escaped(label)}"'
        f' width="{picture.width}" height="{picture.height}">{marks}</div>'
    )
