"""Answers and citations as HTML: pure functions, in which every foreign word is escaped.

Text of documents, answers, questions, file names and errors is foreign. It goes through
:func:`escaped` into ``st.html`` and never into Streamlit's Markdown. HTML escaping is complete
after one pass, and what is escaped stays a run of characters. Streamlit's Markdown cannot be
escaped so surely: bare addresses, ``:emoji:`` and ``:material/icons:`` are looked for after
backslashes and entities have been resolved, and a picture makes the browser send a request.
"""

import html
import re
from collections.abc import Iterable, Sequence

from bifolio import Answer, Citation, Claim, Passage
from bifolio.ui.texts import Texts

# Drawn here, because an emoji or an icon by name would be fetched from the network.
LEAVES = (
    '<svg viewBox="0 0 32 32"><path d="M15 7 4 4v21l11 3z" fill="#2c6e6a"/>'
    '<path d="m17 7 11-3v21l-11 3z" fill="#7fb5ae"/></svg>'
)
READER = (
    '<svg viewBox="0 0 32 32"><circle cx="16" cy="11" r="5" fill="#8a9399"/>'
    '<path d="M6 27c0-12 20-12 20 0z" fill="#8a9399"/></svg>'
)

# What has no place in HTML or cannot be sent as UTF-8: controls and halves of surrogate pairs.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
# With the space that language models like to put before it.
_MARKER = re.compile(r" ?(\[(\d{1,3})\])")
# Signs of private use: taken out of every text, so that they can only be ours.
_OPEN, _CLOSE, _DOUBT, _END = "\ue000", "\ue001", "\ue002", "\ue003"
_PRIVATE = re.compile("[\ue000-\ue003]")
_SIGNED_MARK = re.compile(f" ?{_OPEN}(\\d{{1,3}}){_CLOSE}")
# A quote may hold brackets of its own; the marker is what stands behind it.
_MARKER_BEHIND = re.compile(r" \[(\d{1,3})\]$")
_BOLD = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*")
# Characters of a passage to show on each side of what is quoted from it.
_AROUND = 400
_WORD_AT_START = re.compile(r"^[A-Za-z0-9]{1,30}")
_WORD_AT_END = re.compile(r"[A-Za-z0-9]{1,30}$")


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


def counts_label(pages: int | None, chunks: int | None, texts: Texts) -> str:
    """Say "4 pages, 1 chunk"."""
    said_pages = texts.one_page if pages == 1 else texts.some_pages.format(count=pages)
    said_chunks = texts.one_chunk if chunks == 1 else texts.some_chunks.format(count=chunks)
    return f"{said_pages}{texts.comma}{said_chunks}"


def source_line(citation: Citation | Passage, texts: Texts) -> str:
    """Say where words stand: "title · page 3". It is not escaped."""
    return f"{citation.document.title} · {pages_label(citation.pages, texts)}"


def heading_html(tagline: str) -> str:
    """Show the name of the program and what it does."""
    return f'<div class="bf-name">Bifolio</div><div class="bf-tagline">{escaped(tagline)}</div>'


def welcome_html(title: str, detail: str) -> str:
    """Greet at the start of a conversation."""
    return f'<div class="bf-welcome"><h1>{escaped(title)}</h1><p>{escaped(detail)}</p></div>'


def facts_html(facts: Iterable[tuple[str, str]]) -> str:
    """Show pairs of a name and what it is."""
    pairs = (f"<dt>{escaped(name)}</dt><dd>{isolated(fact)}</dd>" for name, fact in facts)
    return f'<dl class="bf-about">{"".join(pairs)}</dl>'


def question_html(question: str) -> str:
    """Show a question as it was typed."""
    return f'<div class="bf-question" dir="auto">{escaped(question)}</div>'


def status_html(text: str) -> str:
    """Show what is being done at the moment."""
    return f'<div class="bf-status" role="status">{escaped(text)}</div>'


def note_html(kind: str, text: str) -> str:
    """Show a sentence in a box; ``kind`` is "info", "warning" or "error"."""
    role = "alert" if kind == "error" else "status"
    return f'<div class="bf-note bf-{kind}" role="{role}" dir="auto">{escaped(text)}</div>'


def streamed_html(text: str) -> str:
    """Show as much of an answer as has come."""
    return f'<div class="bf-answer" dir="auto">{_MARKER.sub(_plain_mark, _bold(text))}</div>'


def answer_html(answer: Answer, texts: Texts) -> str:
    """Show the text of an answer; markers name their sources, doubtful claims their doubt."""
    marks = {str(cited.marker): _mark(cited, texts) for cited in answer.citations}
    if answer.mode == "quotes":
        return "".join(_quote_html(line, marks) for line in answer.text.split("\n\n"))
    doubts = [claim for claim in answer.claims if not claim.supported]
    opened = iter(_doubt_html(claim, texts) for claim in doubts)
    text = _bold(_with_signs(answer, doubts))
    text = _SIGNED_MARK.sub(lambda found: marks.get(found[1], f"[{found[1]}]"), text)
    text = re.sub(_DOUBT, lambda _: next(opened), text).replace(_END, "</span>")
    return f'<div class="bf-answer" dir="auto">{text}</div>'


def _with_signs(answer: Answer, doubts: Sequence[Claim]) -> str:
    """Put signs of our own where markers and doubtful claims stand, which no text can hold."""
    text = _PRIVATE.sub("\ufffd", answer.text)
    changes = [(m.start, 2, m.end, f"{_OPEN}{m.number}{_CLOSE}") for m in answer.marks]
    changes += [(claim.start, 1, claim.start, _DOUBT) for claim in doubts]
    changes += [(claim.end, 0, claim.end, _END) for claim in doubts]
    # From the end, so that the places before stay true; at one place what opens stands behind what
    # ends there, and a marker behind both.
    for start, _, end, sign in sorted(changes, reverse=True):
        text = text[:start] + sign + text[end:]
    return text


def _doubt_html(claim: Claim, texts: Texts) -> str:
    reason = texts.reasons.get(claim.reason, claim.reason)
    return f'<span class="bf-claim" title="{escaped(reason)}">'


def citation_html(citation: Citation, texts: Texts) -> str:
    """Show a citation that opens to the quote, marked in its passage."""
    flag = (
        "" if citation.supported else f'<span class="bf-flag">{escaped(texts.unsupported)}</span>'
    )
    headings = " › ".join(citation.document.heading_path(citation.start))
    facts = [isolated(file_name(citation.document.path)), pages_label(citation.pages, texts)]
    if headings:
        facts.append(isolated(texts.section.format(section=headings)))
    facts.append(texts.score.format(score=citation.score))
    return (
        f'<details class="bf-source"><summary><span class="bf-number">[{citation.marker}]</span> '
        f"{isolated(source_line(citation, texts))}{flag}</summary>"
        f'<p class="bf-facts">{" · ".join(facts)}</p>'
        f"{passage_html(citation.passage, (citation.start, citation.end))}</details>"
    )


def citations_html(citations: Iterable[Citation], texts: Texts) -> str:
    """Show all citations of an answer under their heading."""
    entries = "".join(citation_html(citation, texts) for citation in citations)
    return f'<div class="bf-label">{escaped(texts.sources)}</div>{entries}' if entries else ""


def nearest_html(passage: Passage, texts: Texts) -> str:
    """Show the passage that came closest, as what it is and not as an answer."""
    facts = [
        isolated(source_line(passage, texts)),
        isolated(file_name(passage.document.path)),
        texts.score.format(score=passage.score),
    ]
    return (
        f'<details class="bf-source bf-nearest" open><summary>{escaped(texts.nearest)}</summary>'
        f'<p class="bf-facts">{" · ".join(facts)}</p>'
        f"{passage_html(passage, (passage.start, passage.start))}</details>"
    )


def passage_html(passage: Passage, marked: tuple[int, int]) -> str:
    """Show a passage with one span of it marked, given as offsets in the document's text.

    Far from the span it is cut, which an ellipsis tells.
    """
    text, (start, end) = passage.document.text, marked
    before, behind = text[passage.start : start], text[end : passage.end]
    if len(before) > _AROUND:
        before = "… " + _WORD_AT_START.sub("", before[-_AROUND:]).lstrip()
    if len(behind) > _AROUND:
        behind = _WORD_AT_END.sub("", behind[:_AROUND]).rstrip() + " …"
    # Each part is escaped by itself, so that the mark cannot fall into an entity.
    quote = f"<mark>{escaped(text[start:end])}</mark>" if end > start else ""
    words = f"{escaped(before)}{quote}{escaped(behind)}"
    return f'<div class="bf-passage" dir="auto">{words}</div>'


def _quote_html(line: str, marks: dict[str, str]) -> str:
    found = _MARKER_BEHIND.search(line)
    mark = marks.get(found[1], "") if found else ""
    words = escaped(line[: found.start()] if found and mark else line)
    return f'<blockquote class="bf-quote" dir="auto">{words}{mark}</blockquote>'


def _bold(text: str) -> str:
    """Escape an answer; of the Markdown that language models write, only bold type is shown."""
    return _BOLD.sub(r"<strong>\1</strong>", escaped(text.strip()))


def _mark(citation: Citation, texts: Texts) -> str:
    kind = "bf-mark" if citation.supported else "bf-mark bf-doubt"
    title = source_line(citation, texts)
    if not citation.supported:
        title += f" · {texts.unsupported}"
    # The word joiner keeps the mark on the line of the word before it.
    return f'\u2060<sup class="{kind}" title="{escaped(title)}">[{citation.marker}]</sup>'


def _plain_mark(found: re.Match[str]) -> str:
    return f'\u2060<sup class="bf-mark">{found[1]}</sup>'
