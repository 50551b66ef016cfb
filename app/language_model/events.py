"""Bytes from a language model's server become events, whatever form the server chose.

Read are server-sent events, lines of JSON (Ollama's own interface) and one JSON body; an event
that is followed by the next without a blank line is read too.
"""

import codecs
import json
import re
from collections.abc import Generator, Iterable, Iterator
from dataclasses import dataclass

from bifolio.ingest import message
from bifolio.language_model.troubles import IncompleteReply, ReplyTrouble

# Characters of one event: a lying server could send a line that never ends.
MOST_CHARACTERS = 2_000_000
_LINE_END = re.compile(r"\r\n|\n|\r(?!\Z)")
# An older llama.cpp has a field of its own for what went wrong.
_FIELD = re.compile(r"(data|event|id|retry|error)(?:: ?(.*))?\Z", re.DOTALL)
_DONE = re.compile(r"\W*DONE\W*\Z", re.IGNORECASE)
_NOTHING = object()
# How JSON may begin; "data: ping" keeps a connection open, and other words may tell of trouble.
_JSON = re.compile(r"[{\"\d-]|\[(?![A-Z])|(?:null|true|false)\b")
_TROUBLE = re.compile(r"error|exception|fail|traceback|错误|失败|异常", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event: its name, mostly empty, and its JSON; ``done`` is the server's own last word."""

    name: str
    data: object
    done: bool = False


def server_events(pieces: Iterable[bytes]) -> Generator[ServerEvent, None, None]:
    """Yield the events as they come.

    Raises:
        ReplyTrouble: what was sent is no reply, or broke off within an event.
    """
    reading = _Reading()
    seen = False
    for line in _lines(pieces):
        if event := reading.take(line):
            seen = True
            yield event
    if reading.waiting:
        why = message("reply-broken-off", "broke off within its reply; try again")
        raise ReplyTrouble(why, IncompleteReply)
    if reading.stray and not seen:
        if reading.stray.startswith("<"):
            raise ReplyTrouble(message("sent-page", "sent a web page; check OPENAI_BASE_URL"))
        raise ReplyTrouble(message("sent-other", "sent what is no reply; check OPENAI_BASE_URL"))


@dataclass(slots=True)
class _Reading:
    """The lines of an event that is not whole yet, and the first line that is none of any."""

    name: str = ""
    waiting: str = ""
    stray: str = ""
    fields: bool = False

    def take(self, line: str) -> ServerEvent | None:
        """Take one line, and give the event that it completes."""
        if not line.strip():
            self._end()
            return None
        field = _FIELD.match(line)
        kind = field[1] if field else ""
        value = (field[2] or "").strip() if field else line
        if kind in ("data", "error"):
            self.fields = True
            if _DONE.match(value):
                return ServerEvent(self.name, None, done=True)
            if value and not (self.waiting or _JSON.match(value)):
                return self._words(value, error=kind == "error")
            self.name = "error" if kind == "error" else self.name
        elif kind == "event":
            self.name = value
            return None
        elif not (kind or self.waiting) and line.lstrip().startswith("[") and _DONE.match(line):
            return ServerEvent(self.name, None, done=True)
        elif kind or not (self.waiting or line.lstrip().startswith(("{", "["))):
            self.stray = self.stray or ("" if kind or line.startswith(":") else line.strip())
            return None
        self.waiting = f"{self.waiting}\n{value}".strip()
        data = _json(self.waiting) if self.waiting else _NOTHING
        if data is _NOTHING:
            return None
        self.waiting = ""
        return ServerEvent(self.name, data)

    def _words(self, value: str, *, error: bool) -> ServerEvent | None:
        """Take a field of plain words: what is wrong, or nothing but that the server lives."""
        if error or self.name == "error" or _TROUBLE.search(value):
            return ServerEvent("error", {"message": value})
        self.stray = self.stray or value
        return None

    def _end(self) -> None:
        """Between fields a blank line ends the event; in a JSON body it says nothing."""
        if self.waiting and self.fields:
            raise ReplyTrouble(message("broken-reply", "sent a broken reply; check the server"))
        self.name = ""


def _json(text: str) -> object:
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _NOTHING


def _lines(pieces: Iterable[bytes]) -> Iterator[str]:
    # A byte that is no UTF-8 costs one character, not the reply.
    decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")
    held = ""
    for piece in pieces:
        # A zero byte now and then keeps a connection open.
        *lines, held = _LINE_END.split(held + decoder.decode(piece).replace("\0", ""))
        yield from lines
        if len(held) > MOST_CHARACTERS:
            sentence = "sent an event without end; check the server"
            raise ReplyTrouble(message("endless-event", sentence))
    held += decoder.decode(b"", True)
    if held:
        yield held.rstrip("\r")
