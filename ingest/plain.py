"""Text and Markdown files: one page, headings from the Markdown grammar."""

import codecs
import re
from itertools import pairwise

from bifolio.ingest.parsed import Parsed, Unreadable, clean

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}

_FRONT_MATTER = re.compile(r"\A---\n.*?\n---(?:\n|\Z)", re.DOTALL)


def parse_text(data: bytes) -> Parsed:
    """Read plain text in whatever encoding it is."""
    text = clean(_decode(data))
    return Parsed(title="", text=text, pages=[(1, 0, len(text))], headings=[])


def parse_markdown(data: bytes) -> Parsed:
    """Read Markdown; the text stays as written, and the first top heading is the title."""
    from markdown_it import MarkdownIt

    text = clean(_decode(data))
    starts = [0]
    # Not splitlines, which also splits where Markdown does not.
    for line in text.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    headings = []
    # Front matter would read as a heading underlined with its own end.
    body = _FRONT_MATTER.sub(lambda found: "\n" * found.group().count("\n"), text)
    tokens = MarkdownIt().parse(body)
    for token, inline in pairwise(tokens):
        if token.type == "heading_open" and token.map and inline.content.strip():
            headings.append(
                (int(token.tag[1]), " ".join(inline.content.split()), starts[token.map[0]])
            )
    title = next((title for level, title, _ in headings if level == 1), "")
    return Parsed(title=title, text=text, pages=[(1, 0, len(text))], headings=headings)


def _decode(data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    from charset_normalizer import from_bytes

    # The encodings in which English and Chinese files are still found.
    guess = from_bytes(data, cp_isolation=["gb18030", "big5", "cp1252", "utf_16"]).best()
    if guess is None:
        raise Unreadable("it is not text in any known encoding; save it as UTF-8")
    return str(guess)
