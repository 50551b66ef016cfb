"""The events of a language model's server become the text that it meant to be read."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bifolio.ingest import Message, message
from bifolio.language_model.deltas import Deltas
from bifolio.language_model.events import ServerEvent
from bifolio.language_model.troubles import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    ReplyTrouble,
)
from bifolio.retrieval.models.remote import words

# Characters: a server that lies could write without end.
MOST_TEXT = 200_000
_THOUGHTS = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_TOOLS = ("tool_calls", "function_call")
# Parts of a finish reason's name; "stop", "eos" and whatever else there is end a whole reply.
_CUT = re.compile(r"length|max_\w*tokens|\blimit", re.IGNORECASE)
_STOPPED = re.compile(
    r"abort|cancel|interrupt|time_?out|insufficient|shutdown|error|fail|overload|repetition|trunc",
    re.IGNORECASE,
)
_FILTERED = re.compile(
    r"filter|safety|prohibited|blocklist|recitation|sensitive|guardrail|moderation", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"context.{0,20}(?:length|window|size|limit)|n_ctx|too many (?:input )?tokens"
    r"|(?:prompt|input|request).{0,30}(?:too (?:long|large)|less than \d+ tokens)"
    r"|input length|maximum.{0,20}tokens|上下文|超出.{0,6}长度|[超过太]长",
    re.IGNORECASE,
)
# Names of the reason why a reply ended, and what says that it has not.
_FINISHES = ("finish_reason", "done_reason", "finishReason", "stop_reason")
_NO_FINISH = ("", "null", "none", "nil")
# What an event without words may hold; one with other names is of another interface.
_BESIDE = frozenset({"type", "id", "object", "created", "model", "usage"})
# Some servers wrap a whole event into another object.
_WRAPS = ("data", "output", "result", "response")
# Characters: of fewer a reply may well consist twice.
_REPEATED = 8
# What would steer a terminal or turn text around; line breaks and tabs stay.
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_HIGH_HALF = re.compile(r"[\ud800-\udbff]\Z")


@dataclass(slots=True)
class ServerReply:
    """Reads one reply. ``progress`` counts the events that brought words or thoughts."""

    progress: int = 0
    finish: str = ""
    _text: list[str] = field(default_factory=list)
    _length: int = 0
    _done: bool = False
    _thought: bool = False
    _refusal: str = ""
    _tool: bool = False
    _by_deltas: bool = False
    _deltas: Deltas = field(default_factory=Deltas)
    _strange: bool = False
    _half: str = ""

    @property
    def ended(self) -> bool:
        """Whether the server said that the reply is whole, or why it is not."""
        return self._done or bool(self.finish)

    def text(self, events: Iterable[ServerEvent]) -> Iterator[str]:
        """Yield the visible text as it comes.

        Raises:
            ReplyTrouble: the server reports an error, or the reply is empty or cut.
        """
        for event in events:
            if event.done:
                self._done = True
                break
            if piece := self._piece(event):
                yield self._kept(piece)
            if self._length > MOST_TEXT:
                why = message("reply-too-long", "wrote more than {most} characters", most=MOST_TEXT)
                raise ReplyTrouble(why, IncompleteReply)
        if piece := self._deltas.rest():
            yield self._kept(piece)
        self._check()

    def _kept(self, piece: str) -> str:
        self._text.append(piece)
        self._length += len(piece)
        return piece

    def _piece(self, event: ServerEvent) -> str:
        entries = event.data if isinstance(event.data, list) else [event.data]
        pieces = [self._take(event.name, entry) for entry in entries if isinstance(entry, dict)]
        return self._whole("".join(pieces))

    def _whole(self, piece: str) -> str:
        """Give a piece without what steers a terminal; of a letter cut in two the first half waits.

        Servers that write JSON by their own hand cut an emoji into its halves.
        """
        piece, self._half = self._half + piece, ""
        if half := _HIGH_HALF.search(piece):
            piece, self._half = piece[: half.start()], half[0]
        letters = piece.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        return _STEERING.sub("", letters)

    def _take(self, name: str, data: Mapping[str, Any]) -> str:
        data = next((data[key] for key in _WRAPS if "choices" in _dict(data.get(key))), data)
        choice = _choice(data)
        if error := _error(name, data, choice):
            raise trouble(error)
        if choice is None:
            self._strange |= "choices" not in data and not set(data) <= _BESIDE
            return ""
        self.finish = _finish(choice) or self.finish
        if choice.get("done") is True or choice.get("stop") is True:
            self.finish = self.finish or "stop"
        piece = self._words(choice, own="choices" not in data)
        # White space is no word: a server that sends nothing else has not begun.
        self.progress += bool(piece.strip())
        return piece

    def _words(self, choice: Mapping[str, Any], *, own: bool) -> str:
        delta, message = choice.get("delta"), choice.get("message")
        for part in (delta, message):
            self._note(part)
        piece = _text(delta.get("content") if isinstance(delta, dict) else delta)
        if piece:
            self._by_deltas = True
            # Some say all of it again where they say that it ended.
            again = len(piece) >= _REPEATED and _finish(choice) and piece == "".join(self._text)
            return "" if again else self._deltas.new(piece)
        if message is not None:
            sent = _text(message.get("content") if isinstance(message, dict) else message)
            return sent if own else self._rest(sent)
        names = ("text", "response", "content")
        return next((choice[name] for name in names if isinstance(choice.get(name), str)), "")

    def _note(self, part: object) -> None:
        if isinstance(part, dict):
            if any(part.get(name) for name in _THOUGHTS):
                self._thought = True
                self.progress += 1
            self._tool |= any(part.get(name) for name in _TOOLS)
            content = part.get("content")
            for entry in (part, *(content if isinstance(content, list) else ())):
                said = entry.get("refusal") if isinstance(entry, dict) else None
                self._refusal += said if isinstance(said, str) else ""

    def _rest(self, sent: str) -> str:
        """Of a message that says again what came before, give only what is new."""
        before = "".join(self._text)
        if before and sent.startswith(before):
            return sent[len(before) :]
        return "" if self._by_deltas else sent

    def _check(self) -> None:
        """Tell whether the reply is whole."""
        text = any(piece.strip() for piece in self._text)
        finish = self.finish.lower()
        if _CUT.search(finish) and text:
            why = message("reply-cut", "reached the limit of a reply's length")
            raise ReplyTrouble(why, IncompleteReply)
        if _CUT.search(finish):
            sentence = (
                "reached the limit of a reply's length before its first word; allow longer ones"
            )
            raise ReplyTrouble(message("no-room", sentence), EmptyReply)
        if _FILTERED.search(finish):
            why = message("reply-withheld", "withheld its reply: its content filter stopped it")
            raise ReplyTrouble(why, IncompleteReply if text else EmptyReply)
        if text and finish in _TOOLS:
            raise ReplyTrouble(_tool_asked(), IncompleteReply)
        if finish == "error":
            sentence = "stopped with an error; see the server's log"
            raise ReplyTrouble(message("reply-failed", sentence))
        if text and _STOPPED.search(finish):
            sentence = "stopped within its reply ({finish}); ask again"
            raise ReplyTrouble(message("reply-stopped", sentence, finish=finish), IncompleteReply)
        if text and not self.ended:
            sentence = "ended the connection before its reply was complete"
            why = message("reply-not-ended", sentence)
            raise ReplyTrouble(why, IncompleteReply)
        if not text:
            raise ReplyTrouble(self._why_empty(finish), EmptyReply)

    def _why_empty(self, finish: str) -> Message:
        if self._refusal:
            said = words.printable(self._refusal)
            return message("declined", "declined to answer: {said}", said=said)
        if self._tool or finish in _TOOLS:
            return _tool_asked()
        if self._thought:
            sentence = "thought, but wrote no answer; ask again, or switch its thinking off"
            return message("only-thought", sentence)
        if self._strange:
            sentence = "does not speak the language of chat completions; check OPENAI_BASE_URL"
            return message("other-interface", sentence)
        if not self.ended:
            sentence = "ended the connection without a reply; see the server's log"
            return message("no-reply", sentence)
        sentence = "gave an empty reply; ask again, or try another model"
        return message("empty-reply", sentence)


def _tool_asked() -> Message:
    sentence = "asked for a tool instead of answering; set another model"
    return message("tool-asked", sentence)


def trouble(error: object) -> ReplyTrouble:
    """Say what an error object of a server reports."""
    said = words.said(error) or message("error-not-said", "it does not say which")
    if _TOO_LONG.search(str(said)):
        sentence = "cannot read so much at once, set fewer context tokens: {said}"
        return ReplyTrouble(message("context-exceeded", sentence, said=said), ContextExceeded)
    return ReplyTrouble(message("server-error", "reports an error: {said}", said=said))


def _choice(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Give the first choice; the event itself where a server's own interface has no choices."""
    if "choices" not in data:
        own = any(isinstance(data.get(name), kind) for name, kind in _OWN_FIELDS)
        return data if own else None
    choices = data["choices"]
    for choice in choices if isinstance(choices, list) else (choices,):
        if isinstance(choice, dict) and choice.get("index") in (0, "0", None):
            return choice
    return None


def _finish(choice: Mapping[str, Any]) -> str:
    """Give the reason why the reply ended; empty while it goes on."""
    for name in _FINISHES:
        said = choice.get(name)
        said = said.get("type") if isinstance(said, dict) else said
        if said and str(said).strip().lower() not in _NO_FINISH:
            return str(said)
    return ""


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


# Ollama's chat and generate, llama.cpp's completion.
_OWN_FIELDS: tuple[tuple[str, type], ...] = (("message", dict), ("response", str), ("content", str))


def _error(name: str, data: Mapping[str, Any], choice: Mapping[str, Any] | None) -> object:
    if error := data.get("error") or (choice or {}).get("error"):
        return error
    if name == "error" or "error" in (data.get("object"), data.get("type")):
        return data
    # MiniMax's and RAGFlow's.
    if (own := _dict(data.get("base_resp"))).get("status_code"):
        return {"message": own.get("status_msg"), **own}
    if data.get("retcode"):
        return {"message": data.get("retmsg"), **data}
    told = any(data.get(key) for key in ("detail", "message", "msg", "errors", "error_msg", "code"))
    return data if choice is None and "choices" not in data and told else None


def _text(content: object) -> str:
    """Give the words of a content: a string, or a list of parts of which thoughts are none."""
    if isinstance(content, str):
        return content
    if isinstance(content, int | float) and not isinstance(content, bool):
        return str(content)
    if isinstance(content, list):
        return "".join(_text(part) for part in content if not isinstance(part, list))
    if isinstance(content, dict) and content.get("type", "text") in ("text", "output_text"):
        held = content.get("text")
        return _text(held.get("value") if isinstance(held, dict) else held)
    return ""
