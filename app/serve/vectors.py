"""``/v1/embeddings``, as OpenAI's clients ask for them."""

import base64
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from bifolio.ingest import message
from bifolio.retrieval import Embedder
from bifolio.retrieval.arrays import Floats
from bifolio.serve.attending import attend
from bifolio.serve.problems import Refused
from bifolio.serve.schemas import EmbeddingsAsked
from bifolio.serve.served import unknown_model
from bifolio.serve.service import Service, TheService

router = APIRouter(tags=["OpenAI"])

QUERY, PASSAGE = ":query", ":passage"


class Embedding(BaseModel):
    """One vector, of length 1: numbers, or the base64 of float32, the lowest byte first."""

    object: str
    index: int
    embedding: list[float] | str


class EmbeddingsUsage(BaseModel):
    """Tokens of the texts."""

    prompt_tokens: int
    total_tokens: int


class Embeddings(BaseModel):
    """Vectors in the order of the texts."""

    object: str
    data: list[Embedding]
    model: str
    usage: EmbeddingsUsage


@router.post("/v1/embeddings", response_model=Embeddings)
@router.post("/embeddings", response_model=Embeddings, include_in_schema=False)
async def embed(request: Request, given: EmbeddingsAsked, service: TheService) -> Response:
    """Embed texts; the prefix of the model stands before each, as its authors want it."""
    embedder, name, is_query = _choose(service, given)
    if given.dimensions not in (None, embedder.dims):
        sentence = "{name} gives {dims} dimensions, no others; leave `dimensions` out"
        told = message("other-dimensions", sentence, name=embedder.name, dims=embedder.dims)
        raise Refused(400, told, param="dimensions")
    texts = given.texts

    def _work() -> dict[str, Any]:
        vectors = embedder.embed_queries(texts) if is_query else embedder.embed_passages(texts)
        tokens = sum(map(embedder.count, texts))
        data = [
            {"object": "embedding", "index": index, "embedding": _written(vector, given)}
            for index, vector in enumerate(vectors)
        ]
        usage = {"prompt_tokens": tokens, "total_tokens": tokens}
        return {"object": "list", "data": data, "model": name, "usage": usage}

    return JSONResponse(await attend(request, _work, service.searches))


def _choose(service: Service, given: EmbeddingsAsked) -> tuple[Embedder, str, bool]:
    """Give the embedder, its name as it was said, and whether queries are embedded."""
    name = given.model or service.models.embedder.name
    bare = name.removesuffix(QUERY).removesuffix(PASSAGE)
    said = given.input_type or ("query" if name.endswith(QUERY) else "passage")
    for served in service:
        embedder = served.library.models.embedder
        if bare in (served.name, embedder.name):
            return embedder, name, said.endswith("query")
    known = [
        name for served in service for name in (served.library.models.embedder.name, served.name)
    ]
    raise unknown_model(name, known)


def _written(vector: Floats, given: EmbeddingsAsked) -> list[float] | str:
    if given.encoding_format == "base64":
        return base64.b64encode(vector.astype("<f4").tobytes()).decode("ascii")
    numbers: list[float] = vector.tolist()
    return numbers
