"""Answers and conversations as Markdown, to be taken elsewhere."""

import re
from collections.abc import Iterable

from bifolio.chats import Exchange
from bifolio.ui.texts import Texts
from bifolio.ui.view_sources import source_line
from bifolio.ui.words import file_name

_NO_NAME = re.compile(r"[^\w\- ]+")


def with_sources(exchange: Exchange, texts: Texts) -> str:
    """Give an answer with its sources below it: title, page, file and the quoted words."""
    reply = exchange.reply
    if reply is None:
        return exchange.partial
    lines = [reply.text.strip()]
    if reply.sources:
        lines += ["", f"{texts.sources}:", ""]
    for source in reply.sources:
        quote = " ".join(source.quote.split())
        flag = "" if source.supported else f" ({texts.unsupported})"
        flag += f" ({texts.found})" if source.found else ""
        if source.outdated:
            told = texts.out_of_date.format(reason=texts.say(source.outdated))
            flag += f" ({told})"
        place = f"{source_line(source, texts)} ({file_name(source.path)}){flag}"
        lines.append(f"[{source.marker}] {place}: “{quote}”")
    return "\n".join(lines)


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
