"""Questions, answers and notes as HTML: pure functions, in which every foreign word is escaped."""

import re
from collections.abc import Iterable, Sequence

from bifolio.chats import Doubt, Exchange, Reply, Source
from bifolio.ui.markdown import CLOSE, DOUBT, END, OPEN, SIGNS, markdown_html, words_of
from bifolio.ui.texts import Texts
from bifolio.ui.view_sources import is_markdown, quoted_table, source_line
from bifolio.ui.words import escaped, isolated

# Drawn here, because an emoji or an icon by name would be fetched from the network.
LEAVES = (
    '<svg viewBox="0 0 32 32"><path d="M15 7 4 4v21l11 3z" fill="#2c6e6a"/>'
    '<path d="m17 7 11-3v21l-11 3z" fill="#7fb5ae"/></svg>'
)
READER = (
    '<svg viewBox="0 0 32 32"><circle cx="16" cy="11" r="5" fill="#8a9399"/>'
    '<path d="M6 27c0-12 20-12 20 0z" fill="#8a9399"/></svg>'
)
# Questions above these scroll, and so have to be reached by keys.
_LONG, _MANY_LINES = 300, 5
# A quote may hold brackets of its own; the marker is what stands behind it.
_BULLET = re.compile(r"^[•▪●◦‣∙·]\s+")
_MARKER_BEHIND = re.compile(r" \[(\d{1,3})\]$")


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
    """Show a question as it was typed; a pasted page scrolls."""
    long = ' tabindex="0"' if len(question) > _LONG or question.count("\n") > _MANY_LINES else ""
    return f'<div class="bf-question" dir="auto"{long}>{escaped(question)}</div>'


def status_html(text: str) -> str:
    """Show what is being done at the moment."""
    return f'<div class="bf-status" role="status">{escaped(text)}</div>'


def title_html(title: str) -> str:
    """Show what a page is called; the keys go there when it is turned to (wires.js)."""
    return f'<h1 tabindex="-1">{escaped(title)}</h1>'


def note_html(kind: str, text: str) -> str:
    """Show a sentence in a box; ``kind`` is "info", "warning" or "error"."""
    role = "alert" if kind == "error" else "status"
    return f'<div class="bf-note bf-{kind}" role="{role}" dir="auto">{escaped(text)}</div>'


def streamed_html(text: str) -> str:
    """Show as much of an answer as has come; only its end tells which brackets are markers."""
    shown = markdown_html(SIGNS.sub("\ufffd", text.strip()), mark=str)
    return f'<div class="bf-answer" dir="auto">{shown}</div>'


def answer_html(exchange: Exchange, reply: Reply, texts: Texts) -> str:
    """Show the text of an answer; markers open their sources, doubtful claims tell their doubt."""
    marks = {source.marker: _mark(exchange.id, source, texts) for source in reply.sources}
    if reply.mode == "quotes":
        sources = {source.marker: source for source in reply.sources}
        lines = reply.text.split("\n\n")
        return "".join(_quote_html(line, marks, sources) for line in lines)
    signed, doubts = _with_signs(reply)
    text = markdown_html(
        signed,
        mark=lambda number: marks.get(number, f"[{number}]"),
        doubts=[_doubt_html(doubt, texts) for doubt in doubts],
    )
    return f'<div class="bf-answer" dir="auto">{text}</div>{_doubts_html(doubts, texts)}'


def _doubts_html(doubts: Iterable[Doubt], texts: Texts) -> str:
    """Say below an answer why sentences are marked: no finger finds what a mouse is shown."""
    reasons = dict.fromkeys(texts.reasons.get(doubt.reason, doubt.reason) for doubt in doubts)
    if not reasons:
        return ""
    told = texts.underlined.format(reasons=texts.semicolon.join(reasons))
    return f'<p class="bf-facts bf-doubts">{escaped(told)}</p>'


def _with_signs(reply: Reply) -> tuple[str, list[Doubt]]:
    """Put signs of our own where markers and doubtful claims stand, which no text can hold.

    The doubts are those that have words to stand on: the rule of a table has none.
    """
    doubts = []
    text = SIGNS.sub("\ufffd", reply.text)
    changes = [(mark.start, 2, mark.end, f"{OPEN}{mark.number}{CLOSE}") for mark in reply.marks]
    for doubt in reply.doubts:
        start, end = words_of(text, doubt.start, doubt.end)
        if start < end:
            changes += [(start, 1, start, DOUBT), (end, 0, end, END)]
            doubts.append(doubt)
    # From the end, so that the places before stay true; at one place what opens stands behind what
    # ends there, and a marker behind both.
    for start, _, end, sign in sorted(changes, reverse=True):
        text = text[:start] + sign + text[end:]
    return text, doubts


def _doubt_html(doubt: Doubt, texts: Texts) -> str:
    reason = texts.reasons.get(doubt.reason, doubt.reason)
    return f'<span class="bf-claim" title="{escaped(reason)}">'


def _quote_html(line: str, marks: dict[int, str], sources: dict[int, Source]) -> str:
    found = _MARKER_BEHIND.search(line)
    mark = marks.get(int(found[1]), "") if found else ""
    words = _BULLET.sub("", line[: found.start()] if found and mark else line)
    source = sources.get(int(found[1])) if found else None
    table = quoted_table(source) if source else ""
    if source and mark and not table and is_markdown(source.path):
        return _markdown_quote_html(words, source, mark)
    # A mark alone on a line is behind nothing.
    last = f'<span class="bf-whole">{escaped(words[-1:])}{mark}</span>'
    shown = f"{table}{mark}" if table else f"{escaped(words[:-1])}{last}"
    return f'<blockquote class="bf-quote" dir="auto">{shown}</blockquote>'


def _markdown_quote_html(words: str, source: Source, mark: str) -> str:
    """Show a quote of Markdown as it reads, in the lines of its document."""
    if source.quote.split() == words.split():
        words = source.quote
    words = SIGNS.sub("\ufffd", words)
    shown = markdown_html(f"{words}{OPEN}{source.marker}{CLOSE}", mark=lambda _: mark)
    if mark not in shown:
        # Code shows no marks.
        shown = markdown_html(words, mark=str) + mark
    return f'<blockquote class="bf-quote bf-read" dir="auto">{shown}</blockquote>'


def _mark(exchange: int, source: Source, texts: Texts) -> str:
    kind = "bf-mark" if source.supported else "bf-mark bf-doubt"
    title = source_line(source, texts)
    if not source.supported:
        title += f" · {texts.unsupported}"
    if source.found:
        kind, title = f"{kind} bf-found", f"{title} · {texts.found}"
    # The word joiner keeps the mark on the line of the word before it.
    return (
        f'\u2060<button type="button" class="{kind}" data-bf="source:{exchange}:{source.marker}"'
        f' title="{escaped(title)}" aria-label="[{source.marker}] {escaped(title)}">'
        f"[{source.marker}]</button>"
    )


def suggestions_html(questions: Sequence[str], label: str) -> str:
    """Show questions that can be pressed; they are told by their place in the list."""
    buttons = "".join(
        f'<button type="button" class="bf-suggestion" data-bf="suggested:{place}" dir="auto">'
        f"{escaped(question)}</button>"
        for place, question in enumerate(questions)
    )
    return f'<div class="bf-suggestions"><p>{escaped(label)}</p>{buttons}</div>'
