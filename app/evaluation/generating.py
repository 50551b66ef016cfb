"""Questions written by the configured language model, each kept with where its answer stands."""

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from bifolio.answers.prompts import question_messages
from bifolio.answers.replies import Reply
from bifolio.ingest import Chunk
from bifolio.language_model import EmptyReply, LanguageModel, LanguageModelError
from bifolio.library import Library
from bifolio.retrieval import is_chinese

NONE = "NONE"
# What a model may put before a question: a number, a dash, its name.
_LABEL = re.compile(r"^(?:[-*•]|\d+[.)、]|(?:Question|问题|Q)\s*\d*\s*[:：])\s*", re.IGNORECASE)
_QUOTES = "\"'“”「」 "
_LONGEST = 300
# A shorter chunk is a heading or a line of a table: nobody asks for it.
_SHORTEST = 60
# Not each chunk is worth a question; twice as many are tried, and some more.
_SPARE = 10
# Chinese says in one character what takes about this many Latin letters.
_LETTERS = 3
_CHINESE_SHARE = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Generated:
    """A question and its source: a span of a document's text, in characters, and its pages.

    ``direction`` says in which language it asks and in which the source is, such as "en-zh".
    """

    question: str
    document: str
    pages: tuple[int, ...]
    start: int
    end: int
    text: str
    direction: str
    model: str

    @property
    def context_id(self) -> str:
        """A name for the source."""
        return f"{self.document}#{self.start}-{self.end}"


def generate(library: Library, count: int, *, other_language: bool = False) -> Iterator[Generated]:
    """Yield at most ``count`` questions for chunks drawn from the library.

    They are in the language of the chunk, Chinese or English, or in the other one.

    Raises:
        LanguageModelError: none is set, or it fails.
    """
    model = library.language_model
    if model is None:
        raise LanguageModelError(
            "questions are written by a language model, and none is set; set BIFOLIO_LLM to a"
            " model's name, or write questions yourself (docs/evaluation.md)"
        )
    made = 0
    for chunk in library.sample(2 * count + _SPARE):
        if made == count:
            return
        if question := _ask(chunk, model, other_language):
            made += 1
            yield question


def _ask(chunk: Chunk, model: LanguageModel, other_language: bool) -> Generated | None:
    """Have a question written; None if the chunk or the reply is none to keep."""
    source_chinese = _mostly_chinese(chunk.text)
    if len(chunk.text) * (_LETTERS if source_chinese else 1) < _SHORTEST:
        return None
    chinese = source_chinese != other_language
    messages = question_messages(chunk, secrets.token_hex(2), chinese=chinese)
    try:
        text = _cleaned(Reply(model.stream(messages)).whole())
    except EmptyReply:
        return None
    if not text or len(text) > _LONGEST or is_chinese(text) != chinese:
        return None
    first, last = chunk.pages
    names = ["zh" if is_ else "en" for is_ in (chinese, source_chinese)]
    return Generated(
        question=text,
        document=chunk.document.path,
        pages=tuple(range(first, last + 1)),
        start=chunk.start,
        end=chunk.end,
        text=chunk.text,
        direction="-".join(names),
        model=model.name,
    )


def _cleaned(reply: str) -> str:
    """Give the question that a reply holds, empty if it holds none."""
    lines = [line.strip() for line in reply.splitlines() if line.strip()]
    text = _LABEL.sub("", lines[-1]).strip(_QUOTES) if lines else ""
    return "" if text.strip(".").upper() == NONE else text


def _mostly_chinese(text: str) -> bool:
    """Tell whether a text is Chinese; an English one may name something in Chinese."""
    seen = [character for character in text if not character.isspace()]
    return sum(map(is_chinese, seen)) > _CHINESE_SHARE * len(seen)
