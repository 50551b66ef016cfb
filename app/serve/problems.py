"""What goes wrong, as one JSON error in OpenAI's shape: a code, what happened, what to do."""

import logging
import math
import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import compile_path

from bifolio.chinese import CLIENTS, FIELDS, MESSAGES, translated
from bifolio.choosing import AmbiguousName, UnknownDocument
from bifolio.ingest import BifolioError, Message, Stopped, UnreadableDocument, message
from bifolio.jobs.answers import UNEXPECTED
from bifolio.language_model import LanguageModelError
from bifolio.naming import without_places
from bifolio.retrieval import (
    LibraryBusy,
    LibraryMismatch,
    LibraryReadOnly,
    ModelUnavailable,
    StoreError,
    UnknownModel,
)
from bifolio.shelf import NotOnShelf

_log = logging.getLogger(__name__)

# The first class that fits says the status; other errors of Bifolio are a client's, 400.
_STATUS: tuple[tuple[type[BifolioError], int], ...] = (
    (Stopped, 499),
    (UnknownDocument, 404),
    (NotOnShelf, 404),
    (AmbiguousName, 409),
    (UnknownModel, 404),
    (UnreadableDocument, 422),
    (LibraryBusy, 503),
    (LibraryReadOnly, 403),
    (LibraryMismatch, 503),
    (StoreError, 500),
    (ModelUnavailable, 503),
    (LanguageModelError, 502),
)
_KINDS = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}
# Sentences that name the command line's options elsewhere, over the same facts.
_FOR_CLIENTS: Mapping[str, str] = {
    "unknown-document": "there is no document {path}; the library's /documents lists them",
    "ambiguous-name": "{count} documents are called {path}; give the id of one",
    "no-regular-expression": (
        "{pattern} is no regular expression ({problem}); mend it, or leave `regex` out"
    ),
    "slow-pattern": "{pattern} took over {seconds:g} s and was stopped; make it simpler",
    "no-language-model": "the server has no language model; ask with `mode` quotes or auto",
}
_IN_CHINESE = {**MESSAGES, **FIELDS, **CLIENTS}
_LONGEST_HEADER = 1000
_chinese: ContextVar[bool] = ContextVar("chinese", default=False)
_BUSY_SECONDS = 5.0
_KIND = re.compile(r"\[|^constrained-|^(?:str|int|float|bool|dict)$")
# What Starlette itself finds.
_OWN = {
    404: message(
        "no-route",
        "there is no such address; /openapi.json lists all, and /v1/chat/completions chats",
    ),
    405: message("wrong-method", "this address has no such method; /openapi.json lists them"),
}
_NO_OBJECT = ("model_attributes_type", "dict_type", "missing")
_NO_JSON = message(
    "no-json", "the body is no JSON object; send one, with Content-Type: application/json"
)
_MALFORMED = message(
    "malformed", "the body cannot be read; send JSON in UTF-8, or files as multipart/form-data"
)


class ProblemDetail(BaseModel):
    """What happened and what to do; ``param`` names the field that is at fault."""

    message: str
    type: str
    param: str | None = None
    code: str


class Problem(BaseModel):
    """The body of every answer whose status is 400 or above."""

    error: ProblemDetail


class Refused(BifolioError):  # noqa: N818 - the name says what is wrong
    """A request that is not served; ``wait`` is in how many seconds it may be."""

    def __init__(
        self, status: int, told: Message, *, param: str | None = None, wait: float | None = None
    ) -> None:
        super().__init__(told)
        self.status, self.param, self.wait = status, param, wait


@dataclass(frozen=True, slots=True)
class Told:
    """A problem as it is answered."""

    status: int
    problem: Problem
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> dict[str, Any]:
        """The body."""
        return self.problem.model_dump()

    @property
    def response(self) -> JSONResponse:
        """The whole answer."""
        return JSONResponse(self.json, self.status, dict(self.headers))


def told(problem: Exception) -> Told:
    """Say what went wrong; what should not have happened is written to the log alone."""
    if isinstance(problem, Refused):
        return _tell(problem.status, problem.message, param=problem.param, wait=problem.wait)
    if isinstance(problem, ClientDisconnect):
        problem = Stopped()
    if isinstance(problem, BifolioError):
        status = next((status for kind, status in _STATUS if isinstance(problem, kind)), 400)
        # What nobody asked for: the client may ask in another mode.
        status = 400 if problem.message.code == "no-language-model" else status
        busy = _BUSY_SECONDS if status == 503 else None
        return _tell(status, problem.message, wait=busy)
    if isinstance(problem, RequestValidationError):
        return _invalid(problem.errors())
    if isinstance(problem, HTTPException):
        given = _tell(problem.status_code, _OWN.get(problem.status_code, _MALFORMED))
        return replace(given, headers={**given.headers, **(problem.headers or {})})
    _log.error("a request failed that should not", exc_info=problem)
    return _tell(500, UNEXPECTED)


async def answer_problem(request: Request, problem: Exception) -> JSONResponse:
    """Answer with a problem, as FastAPI wants it."""
    answer = told(problem).response
    if answer.status_code == 405 and (methods := _methods(request)):
        # Starlette names those of the first route alone.
        answer.headers["Allow"] = ", ".join(sorted(methods))
    return answer


def _methods(request: Request) -> set[str]:
    """Give the methods that an address has."""
    paths: Mapping[str, Mapping[str, object]] = request.app.openapi()["paths"]
    fits = (own for path, own in paths.items() if compile_path(path)[0].match(request.url.path))
    return {method.upper() for own in fits for method in own}


def sentence(said: Message) -> str:
    """Say a message in the language of the request, without where things lie on this machine."""
    told = without_places(said)
    if _chinese.get():
        return translated(told, _IN_CHINESE)
    return told.said(_FOR_CLIENTS.get(told.code, told.english))


def speak(header: str) -> None:
    """Say what goes wrong with this request in the language that its Accept-Language prefers."""
    _chinese.set(_prefers_chinese(header))


def _prefers_chinese(header: str) -> bool:
    best, found = 0.0, False
    for one in header[:_LONGEST_HEADER].split(","):
        tag, _, weight = one.partition(";")
        name, digits = tag.strip().lower()[:2], weight.strip().removeprefix("q=")
        try:
            share = float(digits) if digits else 1.0
        except ValueError:
            continue
        if name in ("en", "zh") and share > best:
            best, found = share, name == "zh"
    return found


def _tell(
    status: int, said: Message, *, param: str | None = None, wait: float | None = None
) -> Told:
    kind = _KINDS.get(status, "server_error" if status >= 500 else "invalid_request_error")
    detail = ProblemDetail(message=sentence(said), type=kind, param=param, code=said.code)
    headers = {"Content-Language": "zh"} if _chinese.get() else {}
    headers |= {"Retry-After": str(max(1, math.ceil(wait)))} if wait is not None else {}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Told(status, Problem(error=detail), headers)


def _invalid(errors: Sequence[Mapping[str, Any]]) -> Told:
    """Name the field that is wrong, but not its value: it may be a question.

    Of a field that may be this or that, what is wrong with the kind that was given goes before
    that it is not of the other kind.
    """
    first = min(errors, key=lambda one: str(one.get("type", "")).endswith("_type"), default={})
    whole = tuple(first.get("loc", ())) == ("body",) and first.get("type") in _NO_OBJECT
    if whole or first.get("type") == "json_invalid":
        return _tell(400, _NO_JSON)
    parts = [str(part) for part in first.get("loc", ())][1:]
    # pydantic puts kinds among the names: list[str], constrained-str.
    name = ".".join(part for part in parts if not _KIND.search(part))
    sentence = "{name}: {why}; mend it and ask again"
    told_so = message("bad-field", sentence, name=name or "the body", why=_why(first))
    return _tell(400, told_so, param=name or None)


def _why(error: Mapping[str, Any]) -> Message:
    """Make a message of what pydantic found, by its kind and its facts."""
    facts = {**error.get("ctx", {}), "said": error.get("msg", "it is not as it should be")}
    return Message(str(error.get("type")), "{said}", facts)
