"""An answer as the text of a chat: its words, then where they stand."""

import re
from collections.abc import Iterator
from pathlib import PurePath

from bifolio.answers.answer import Answer, Citation
from bifolio.answers.disagreeing import Side
from bifolio.retrieval import Passage, is_chinese

# Characters of a quote.
_LONGEST = 240
# What a page that shows Markdown might fetch: a picture, or any HTML.
_FETCHES = re.compile(r"!(?=\[)|<(?=[A-Za-z/!?])")
_MAY_FETCH = "!<"
_HEADS = ("Sources:", "来源：")
_FEET = re.compile(r"\n\n(?:Sources:|来源：)\n- [\s\S]*\Z")
_SPACE = re.compile(r"\s+")


class Harmless:
    """Passes text on in pieces, and lets no page fetch anything because of it."""

    def __init__(self) -> None:
        self._held = ""

    def feed(self, piece: str) -> str:
        """Give what can be shown of the text so far."""
        text = self._held + piece
        ready = text.rstrip(_MAY_FETCH)
        self._held = text[len(ready) :]
        return harmless(ready)

    def finish(self) -> str:
        """Give the rest."""
        held, self._held = self._held, ""
        return held


def harmless(text: str) -> str:
    """Keep pictures and HTML from being more than text: Markdown shows what follows a backslash."""
    return _FETCHES.sub(lambda found: "!\\" if found[0] == "!" else "\\<", text)


def without_feet(text: str) -> str:
    """Take off what :func:`feet` put below an answer."""
    return _FEET.sub("", text)


def feet(answer: Answer) -> str:
    """Give what stands below an answer: the places of its citations, and what is doubtful."""
    chinese = is_chinese(answer.question)
    lines = [
        f"- [{cited.marker}] {_place(cited, chinese=chinese)}{_quote(cited, answer)}"
        for cited in answer.citations
    ]
    lines += [
        f"- {_place(passage, chinese=chinese)}: {_quoted(passage.text)}" for passage in answer.shown
    ]
    blocks = [f"{_HEADS[chinese]}\n" + "\n".join(lines)] if lines else []
    for found in answer.disagreements:
        sides = " / ".join(
            f"{_place(side, chinese=chinese)}: {_quoted(side.quote)}"
            for side in (found.one, found.other)
        )
        blocks.append(("文档之间有出入：" if chinese else "The documents disagree: ") + sides)
    if answer.notice:
        blocks.append(("提示：" if chinese else "Note: ") + str(answer.notice))
    return "".join(harmless(f"\n\n{block}") for block in blocks)


def streamed(answer: Answer, sent: str) -> Iterator[str]:
    """Give what is left to send of an answer of which ``sent`` has gone out."""
    if answer.text.startswith(sent):
        yield answer.text[len(sent) :]
    elif sent.strip() != answer.text.strip():
        # What was sent turned out to be no part of it, and cannot be called back.
        yield f"\n\n---\n\n{answer.text}"


def _quote(cited: Citation, answer: Answer) -> str:
    """Give the words cited where the answer is not made of them."""
    return f": {_quoted(cited.quote)}" if answer.mode == "llm" else ""


def _quoted(text: str) -> str:
    text = _SPACE.sub(" ", text).strip()
    return f"“{text if len(text) <= _LONGEST else text[:_LONGEST].rstrip() + '…'}”"


def _place(span: Citation | Passage | Side, *, chinese: bool) -> str:
    name = _SPACE.sub(" ", PurePath(span.document.path).name)
    first, last = span.pages
    if chinese:
        return f"{name}，第 {first} 页" if first == last else f"{name}，第 {first}–{last} 页"
    return f"{name}, page {first}" if first == last else f"{name}, pages {first}–{last}"
