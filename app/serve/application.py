"""The web application: routes behind one guard, and one form for whatever goes wrong."""

from collections.abc import Sequence

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.cors import CORSMiddleware

from bifolio import __version__
from bifolio.ingest import BifolioError
from bifolio.serve.completions import router as completions
from bifolio.serve.documents import router as documents
from bifolio.serve.guard import Guard
from bifolio.serve.problems import Problem, answer_problem
from bifolio.serve.reranking import router as reranking
from bifolio.serve.searching import router as searching
from bifolio.serve.service import Service
from bifolio.serve.state import router as state
from bifolio.serve.vectors import router as vectors

_ABOUT = """Answers from your own documents, with citations to the page and the very words.

A library is a `model`. What goes wrong is one JSON object, `error`, with `code` and `message`."""


def create_app(service: Service) -> FastAPI:
    """Make the application of a service, for uvicorn or any other server of ASGI."""
    app = FastAPI(
        title="Bifolio",
        version=__version__,
        description=_ABOUT,
        # Their pages would load scripts from elsewhere.
        docs_url=None,
        redoc_url=None,
        responses={"4XX": {"model": Problem}, "5XX": {"model": Problem}},
    )
    app.state.service = service
    for part in (completions, vectors, reranking, searching, documents, state):
        app.include_router(part)
    for kind in (BifolioError, RequestValidationError, HTTPException):
        app.add_exception_handler(kind, answer_problem)
    app.add_middleware(Guard, rules=service.rules, figures=service.figures)
    if service.rules.origins:
        _allow(app, list(service.rules.origins))
    return app


def _allow(app: FastAPI, origins: Sequence[str]) -> None:
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_methods=["GET", "POST", "DELETE"],
        allow_headers=["Authorization", "Content-Type", "X-API-Key"],
        expose_headers=["Bifolio-Areas", "Location", "Retry-After"],
    )
