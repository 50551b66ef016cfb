"""``/rerank`` as infinity answers, ``/v1/rerank`` and ``/v2/rerank`` as Cohere and Jina do."""

import math
import secrets
import time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from bifolio.models import Models
from bifolio.serve.attending import attend
from bifolio.serve.schemas import Rankable, RerankAsked
from bifolio.serve.served import unknown_model
from bifolio.serve.service import Service, TheService
from bifolio.serve.vectors import EmbeddingsUsage

router = APIRouter(tags=["rerank"])

# Scores of exactly 0 or 1 have no logit.
_EDGE = 1e-7


class Ranked(BaseModel):
    """A document's place in the list that was given, and its score from 0 to 1."""

    index: int
    relevance_score: float
    document: Rankable | str | None = None


class Reranked(BaseModel):
    """The documents, best first; fields of Cohere, Jina and infinity together."""

    id: str
    object: str
    created: int
    model: str
    results: list[Ranked]
    usage: EmbeddingsUsage
    meta: dict[str, Any]


@router.post("/rerank", response_model=Reranked)
async def rerank_as_infinity(request: Request, given: RerankAsked, service: TheService) -> Response:
    """Put documents in order for a question; ``document`` is the text itself."""
    return await _rerank(request, given, service, version="")


@router.post("/v1/rerank", response_model=Reranked)
async def rerank_as_jina(request: Request, given: RerankAsked, service: TheService) -> Response:
    """Put documents in order for a question; ``document`` holds the ``text``."""
    return await _rerank(request, given, service, version="1")


@router.post("/v2/rerank", response_model=Reranked)
async def rerank_as_cohere(request: Request, given: RerankAsked, service: TheService) -> Response:
    """Put documents in order for a question; ``document`` holds the ``text``."""
    return await _rerank(request, given, service, version="2")


async def _rerank(
    request: Request, given: RerankAsked, service: TheService, *, version: str
) -> Response:
    models = _choose(service, given.model)
    texts = given.texts

    def _work() -> dict[str, Any]:
        scores = models.judge.scores(given.query, texts)
        # Blank ones have nothing to say, and come last whatever speaks for them.
        rated = [float(score) if text.strip() else 0.0 for score, text in zip(scores, texts)]  # noqa: B905
        order = sorted(range(len(texts)), key=lambda place: -rated[place])
        results = []
        for place in order[: given.top_n]:
            result: dict[str, Any] = {"index": place, "relevance_score": rated[place]}
            if given.raw_scores:
                result["relevance_score"] = _logit(rated[place])
            if given.return_documents:
                text = texts[place]
                result["document"] = {"text": text} if version else text
            results.append(result)
        tokens = models.count(given.query) * len(texts) + sum(map(models.count, texts))
        return _head(given.model or models.reranker.name, version) | {
            "results": results,
            "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
        }

    return JSONResponse(await attend(request, _work, service.searches))


def _head(name: str, version: str) -> dict[str, Any]:
    meta = {"api_version": {"version": version or "1"}, "billed_units": {"search_units": 1}}
    return {
        "id": f"rerank-{secrets.token_hex(12)}",
        "object": "rerank",
        "created": int(time.time()),
        "model": name,
        "meta": meta,
    }


def _choose(service: Service, name: str | None) -> Models:
    """Give the models of a library, or those that a reranker belongs to."""
    if name is None:
        return service.models
    for served in service:
        models = served.library.models
        if name in (served.name, models.reranker.name):
            return models
    known = [
        name for served in service for name in (served.library.models.reranker.name, served.name)
    ]
    raise unknown_model(name, known)


def _logit(score: float) -> float:
    score = min(max(score, _EDGE), 1 - _EDGE)
    return math.log(score / (1 - score))
