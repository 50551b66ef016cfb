"""Answers and conversations as Markdown, to be taken elsewhere."""

import re
from collections.abc import Iterable

from bifolio.chats import Exchange, Reply, Source
from bifolio.ui.texts import Texts
from bifolio.ui.view_sources import source_line
from bifolio.ui.words import file_name

# A quote may hold brackets of its own; its number stands behind it.
_BEHIND = re.compile(r" (\[\d{1,3}\])(?=\n\n|\Z)")
_NO_NAME = re.compile(r"[^\w\- ]+")


def with_sources(exchange: Exchange, texts: Texts) -> str:
    """Give an answer with all that is shown below it: title, page, file and the quoted words."""
    reply = exchange.reply
    if reply is None:
        return exchange.partial
    text, letter = _numbered(reply)
    cited = [f"[{letter}{one.marker}] {_source(one, texts)}" for one in reply.sources]
    near = [f"- {_source(one, texts)}" for one in reply.shown]
    sides = [f"- {_source(one, texts)}" for pair in reply.disagreements for one in pair]
    nearest = texts.nearest_too if cited else texts.nearest
    lists = ((texts.sources, cited), (nearest, near), (texts.disagree, sides))
    told = [f"{label}:\n\n" + "\n".join(lines) for label, lines in lists if lines]
    return "\n\n".join([text.strip(), *told])


def _numbered(reply: Reply) -> tuple[str, str]:
    """Give the text, and a letter for its numbers where other brackets look like them.

    The page shows numbers that lead to sources as buttons, and foreign ones as words.
    """
    places = [(mark.start, mark.end) for mark in reply.marks]
    if reply.mode == "quotes":
        places = [(found.start(1), found.end()) for found in _BEHIND.finditer(reply.text)]
    text = foreign = reply.text
    for start, end in reversed(places):
        foreign = foreign[:start] + foreign[end:]
        text = f"{text[: start + 1]}S{text[start + 1 :]}"
    if any(f"[{source.marker}]" in foreign for source in reply.sources):
        return text, "S"
    return reply.text, ""


def _source(source: Source, texts: Texts) -> str:
    """Say in a line where words stand and what they are; of a passage without a quote, all."""
    flag = "" if source.supported else f" ({texts.unsupported})"
    flag += f" ({texts.found})" if source.found else ""
    if source.outdated:
        told = texts.out_of_date.format(reason=texts.say(source.outdated))
        flag += f" ({told})"
    before, after = "… " * source.cut[0], " …" * source.cut[1]
    words = source.quote or f"{before}{source.before}{source.after}{after}"
    place = f"{source_line(source, texts)} ({file_name(source.path)}){flag}"
    return f"{place}: “{_one_line(words)}”"


def as_markdown(title: str, exchanges: Iterable[Exchange], texts: Texts) -> str:
    """Give a conversation: a heading for each question, then its answer and sources."""
    parts = [f"# {_one_line(title)}"]
    for exchange in exchanges:
        parts.append(f"## {_one_line(exchange.question)}")
        if exchange.reply is None:
            told = texts.sentence(exchange.problem) if exchange.problem else texts.stopped
            parts += [exchange.partial, told] if exchange.partial else [told]
        else:
            parts.append(with_sources(exchange, texts))
        if exchange.note:
            parts.append(f"> {_one_line(exchange.note)}")
    return "\n\n".join(parts) + "\n"


def file_name_of(title: str) -> str:
    """Give a name for the file of a conversation."""
    return f"{_NO_NAME.sub('', title).strip()[:60] or 'bifolio'}.md"


def _one_line(text: str) -> str:
    return " ".join(text.split())
