"""A library is searched, asked, and looked through for exact words; answers are checked."""

import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from itertools import islice

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from bifolio import as_json
from bifolio.answers.answer import Answer
from bifolio.answers.drafting import Event
from bifolio.as_json import Json
from bifolio.serve.asking import STREAM, Asked, EventStream
from bifolio.serve.attending import attend, while_there
from bifolio.serve.problems import told
from bifolio.serve.schemas import Answered, AskAsked, GrepAsked, SearchAsked
from bifolio.serve.served import Served
from bifolio.serve.service import Service, TheLibrary, TheService

router = APIRouter(tags=["libraries"])


class LibraryRow(BaseModel):
    """A library that is served."""

    name: str
    documents: int
    chunks: int
    embedder: str
    reranker: str
    language_model: str | None


class Libraries(BaseModel):
    """All of them."""

    libraries: list[LibraryRow]


@router.get("/libraries")
def libraries(service: TheService) -> Libraries:
    """List the libraries."""
    rows = []
    for served in service:
        entries, models = served.library.documents(), served.library.models
        row = LibraryRow(
            name=served.name,
            documents=len(entries),
            chunks=sum(entry.chunks for entry in entries),
            embedder=models.embedder.name,
            reranker=models.reranker.name,
            language_model=models.language_model.name if models.language_model else None,
        )
        rows.append(row)
    return Libraries(libraries=rows)


@router.post("/libraries/{library}/search")
async def search(
    request: Request, given: SearchAsked, served: TheLibrary, service: TheService
) -> Json:
    """Find the passages for a question, with what became of each hit and why."""

    def _work() -> Json:
        found = served.library.retrieve(given.question, options=given.options)
        shown: Json = served.names.within(as_json.hits(found, explain=given.explain))
        return shown

    return await attend(request, _work, service.searches)


@router.post("/libraries/{library}/ask", response_model=Json, responses=STREAM)
async def ask(
    request: Request, given: AskAsked, served: TheLibrary, service: TheService
) -> Response:
    """Answer a question: what ``bifolio ask --json`` prints.

    As a stream: the event ``passages`` (how many), ``text`` pieces, and the whole ``answer``, or
    ``error``.
    """
    asked = Asked(
        lambda: served.library.stream(
            given.question, history=given.turns, mode=given.mode, options=given.options
        ),
        service.answers,
    )
    if not given.stream:
        answer = await while_there(request, asked.whole(), asked.gone)
        service.figures.answer(served.name, answer.mode, answer.outcome)
        return JSONResponse(_shown(answer, served, given))
    first = await while_there(request, asked.first(), asked.gone)
    return EventStream(_events(first, asked, given, served, service), asked)


async def _events(
    first: Event, asked: Asked, given: AskAsked, served: Served, service: Service
) -> AsyncIterator[str]:
    try:
        async for event in asked.events(first):
            if isinstance(event, Answer):
                service.figures.answer(served.name, event.mode, event.outcome)
                yield _event("answer", _shown(event, served, given))
            elif isinstance(event, str):
                yield _event("text", {"text": event})
            else:
                yield _event("passages", {"passages": len(event)})
    except Exception as problem:
        yield _event("error", told(problem).json)


@router.post("/libraries/{library}/verify")
async def verify(
    request: Request, given: Answered, served: TheLibrary, service: TheService
) -> Json:
    """Check anybody's answer, in the form that ``ask`` gives: its quotes, then its claims."""

    def _work() -> Json:
        return as_json.verified(served.library.verify(given))

    return await attend(request, _work, service.searches)


@router.post("/libraries/{library}/grep")
async def grep(request: Request, given: GrepAsked, served: TheLibrary, service: TheService) -> Json:
    """Find exact words and codes; ``more`` tells that there are more than the limit."""

    def _work() -> Json:
        found = served.library.grep(
            given.pattern,
            regex=given.regex,
            ignore_case=given.ignore_case,
            whole_words=given.whole_words,
        )
        every = [asdict(match) for match in islice(found, given.limit + 1)]
        matches: list[Json] = served.names.within(every)
        shown = matches[: given.limit]
        return {"pattern": given.pattern, "matches": shown, "more": len(matches) > given.limit}

    return await attend(request, _work, service.searches)


def _shown(answer: Answer, served: Served, given: AskAsked) -> Json:
    shown: Json = served.names.within(as_json.answer(answer, explain=given.explain))
    return shown


def _event(kind: str, content: Json) -> str:
    return f"event: {kind}\ndata: {json.dumps(content, ensure_ascii=False)}\n\n"
