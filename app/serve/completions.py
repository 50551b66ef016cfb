"""``/v1/chat/completions``: a library answers as a model of OpenAI would, with citations."""

import json
import secrets
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict

from bifolio import as_json
from bifolio.answers.answer import Answer, Turn
from bifolio.answers.drafting import Event
from bifolio.as_json import Json
from bifolio.ingest import Message, message
from bifolio.serve.asking import STREAM, Asked, EventStream
from bifolio.serve.attending import while_there
from bifolio.serve.footnotes import Harmless, feet, harmless, streamed, without_feet
from bifolio.serve.problems import Refused, told
from bifolio.serve.schemas import LONGEST_QUESTION, TURNS, ChatAsked, ChatMessage
from bifolio.serve.served import Served, unknown_model
from bifolio.serve.service import Service, TheService
from bifolio.shelf import NotOnShelf

router = APIRouter(tags=["OpenAI"])

# What a language model's server says of a reply that it cut.
_FINISH = {"reply-cut": "length", "local-cut": "length", "reply-withheld": "content_filter"}


class Usage(BaseModel):
    """Tokens, as the embedder counts them; a language model's own count is its server's."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class Choice(BaseModel):
    """The one answer."""

    index: int
    message: Json
    finish_reason: str


class ChatCompletion(BaseModel):
    """A completion of OpenAI, with the ``citations`` and all that ``bifolio ask --json`` prints."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: str
    created: int
    model: str
    choices: list[Choice]
    usage: Usage
    citations: list[Json]
    bifolio: Json


@router.post("/v1/chat/completions", response_model=ChatCompletion, responses=STREAM)
async def complete(request: Request, given: ChatAsked, service: TheService) -> Response:
    """Answer the last question of a conversation from the library that ``model`` names.

    Messages of the system change nothing: a library answers from its documents alone.
    """
    served = await to_thread.run_sync(_named, given.model, service)
    question, turns = conversation(given.messages)
    asked = Asked(
        lambda: served.library.stream(
            question, history=turns, mode=given.mode, options=given.options
        ),
        service.answers,
    )
    completion = _Completion(served, given, service)
    if not given.stream:
        answer = await while_there(request, asked.whole(), asked.gone)
        return JSONResponse(completion.whole(answer))
    # What cannot be asked has its status; from then on the stream itself tells.
    first = await while_there(request, asked.first(), asked.gone)
    return EventStream(completion.lines(first, asked), asked)


def _named(model: str | None, service: Service) -> Served:
    try:
        return service.library(model)
    except NotOnShelf as problem:
        raise unknown_model(model, service.shelf.names) from problem


def conversation(messages: Sequence[ChatMessage]) -> tuple[str, list[Turn]]:
    """Give the last question, and the turns before it, of which the latest count.

    Raises:
        Refused: there is no question.
    """
    asked = [place for place, one in enumerate(messages) if one.role == "user"]
    question = _text(messages[asked[-1]]) if asked else ""
    if not question.strip() or len(question) > LONGEST_QUESTION:
        sentence = "the last message of the user has no text, or over {most} characters; ask one"
        told_so = message("no-user-question", sentence, most=LONGEST_QUESTION)
        raise Refused(400, told_so, param="messages")
    turns: list[Turn] = []
    for place, one in enumerate(messages[: asked[-1]]):
        if one.role == "user":
            replied = messages[place + 1]
            said = without_feet(_text(replied)) if replied.role == "assistant" else ""
            turns.append(Turn(_text(one), said))
    return question, turns[-TURNS:]


def _text(said: ChatMessage) -> str:
    """Give the text of a message.

    Raises:
        Refused: it holds a picture, or what else is no text.
    """
    if not isinstance(said.content, list):
        return said.content or ""
    for part in said.content:
        if part.type not in ("text", "input_text"):
            sentence = "a part of a message is {kind}; a library is asked in text alone"
            told_so = message("not-a-text-part", sentence, kind=part.type[:40])
            raise Refused(400, told_so, param="messages")
    return "\n".join(part.text or "" for part in said.content)


@dataclass(slots=True)
class _Completion:
    """Writes one completion: as a whole, or in the lines of a stream."""

    served: Served
    given: ChatAsked
    service: Service
    id: str = field(default_factory=lambda: f"chatcmpl-{secrets.token_hex(12)}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answer: Answer) -> Json:
        """Give the completion."""
        text = harmless(answer.text) + feet(answer)
        choice = {
            "index": 0,
            "message": {"role": "assistant", "content": text, "refusal": None},
            "logprobs": None,
            "finish_reason": _finish(answer),
        }
        said = {"choices": [choice], "usage": self._usage(answer, text)}
        return self._head("chat.completion") | said | self._sources(answer)

    async def lines(self, first: Event, asked: Asked) -> AsyncIterator[str]:
        """Yield the stream of server-sent events."""
        try:
            yield self._chunk({"role": "assistant", "content": ""})
            shown, sent, text = Harmless(), "", ""
            async for event in asked.events(first):
                if isinstance(event, Answer):
                    rest = "".join(map(shown.feed, streamed(event, sent))) + shown.finish()
                    rest += feet(event)
                    yield self._chunk({"content": rest})
                    for line in self._end(event, text + rest):
                        yield line
                elif isinstance(event, str):
                    sent, piece = sent + event, shown.feed(event)
                    text += piece
                    if piece:
                        yield self._chunk({"content": piece})
        except Exception as problem:
            yield _data(told(problem).json)
        yield "data: [DONE]\n\n"

    def _end(self, answer: Answer, text: str) -> Iterator[str]:
        yield self._chunk({}, finish=_finish(answer), **self._sources(answer))
        if self.given.stream_options and self.given.stream_options.include_usage:
            usage = {"choices": [], "usage": self._usage(answer, text)}
            yield _data(self._head("chat.completion.chunk") | usage)

    def _chunk(self, delta: Json, *, finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish}
        return _data(self._head("chat.completion.chunk") | {"choices": [choice]} | more)

    def _head(self, kind: str) -> Json:
        head = {"id": self.id, "object": kind, "created": self.created}
        return head | {"model": self.served.name}

    def _sources(self, answer: Answer) -> Json:
        self.service.figures.answer(self.served.name, answer.mode, answer.outcome)
        shown = self.served.names.within(as_json.answer(answer, explain=self.given.explain))
        return {"citations": shown["citations"], "bifolio": shown}

    def _usage(self, answer: Answer, text: str) -> Json:
        count = self.served.library.models.count
        read = [_text(one) for one in self.given.messages]
        read += [passage.text for passage in answer.passages]
        prompt, completion = sum(map(count, read)), count(text)
        return Usage(
            prompt_tokens=prompt,
            completion_tokens=completion,
            total_tokens=prompt + completion,
        ).model_dump()


def _finish(answer: Answer) -> str:
    codes = _codes(answer.notice) if answer.notice else []
    return next((_FINISH[code] for code in codes if code in _FINISH), "stop")


def _codes(said: Message) -> list[str]:
    facts = [fact for fact in said.facts.values() if isinstance(fact, Message)]
    return [said.code, *(code for fact in facts for code in _codes(fact))]


def _data(content: Json) -> str:
    return f"data: {json.dumps(content, ensure_ascii=False)}\n\n"
