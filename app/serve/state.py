"""Whether the server lives, what it serves, and what it has counted."""

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict

from bifolio import __version__
from bifolio.serve.figures import TYPE
from bifolio.serve.guard import ending
from bifolio.serve.served import unknown_model
from bifolio.serve.service import Service, TheService

router = APIRouter(tags=["server"])


class Health(BaseModel):
    """The server lives."""

    status: str
    version: str


class ServedModel(BaseModel):
    """Something to be named as ``model``: a library, an embedder or a reranker."""

    model_config = ConfigDict(extra="allow")

    id: str
    object: str = "model"
    created: int
    owned_by: str = "bifolio"
    kind: str


class ServedModels(BaseModel):
    """All that can be named, libraries first."""

    object: str = "list"
    data: list[ServedModel]


@router.get("/health")
async def health() -> Health:
    """Tell that the server lives; no key is needed."""
    return Health(status="ok", version=__version__)


@router.get("/ready")
async def ready(service: TheService) -> Health:
    """Tell whether requests are taken: 503 once the server is being stopped."""
    if service.rules.ending:
        raise ending()
    return Health(status="ready", version=__version__)


@router.get("/v1/models")
async def models(service: TheService) -> ServedModels:
    """List what can be named as ``model``."""
    return ServedModels(data=_models(service))


@router.get("/models", include_in_schema=False)
async def models_as_infinity(service: TheService) -> ServedModels:
    """List the same for clients of infinity."""
    return ServedModels(data=_models(service))


@router.get("/v1/models/{model:path}")
async def model(model: str, service: TheService) -> ServedModel:
    """Tell of one of them."""
    for one in _models(service):
        if one.id == model:
            return one
    raise unknown_model(model, (one.id for one in _models(service)))


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(service: TheService) -> Response:
    """Give all figures as Prometheus reads them."""
    return Response(service.figures.text(_gauges(service)), headers={"Content-Type": TYPE})


def _models(service: Service) -> list[ServedModel]:
    def _model(name: str, kind: str, **more: Any) -> ServedModel:
        return ServedModel(id=name, created=service.started, kind=kind, **more)

    listed = [
        _model(served.name, "library", embedder=served.library.models.embedder.name)
        for served in service
    ]
    for served in service:
        held = served.library.models
        listed.append(_model(held.embedder.name, "embedder", dims=held.embedder.dims))
        listed.append(_model(held.reranker.name, "reranker"))
    return list({one.id: one for one in reversed(listed)}.values())[::-1]


def _gauges(service: Service) -> dict[str, dict[tuple[str, ...], float]]:
    batching = service.batching
    entries = {(served.name,): served.library.documents() for served in service}
    return {
        "requests_running": {(): service.figures.running},
        "answers_running": {(): service.answers.running},
        "answers_waiting": {(): service.answers.waiting},
        "model_runs": {(): batching.runs},
        "model_callers": {(): batching.callers},
        "model_rows": {(): batching.rows},
        "documents": {name: len(listed) for name, listed in entries.items()},
        "chunks": {name: sum(entry.chunks for entry in listed) for name, listed in entries.items()},
        "jobs_open": {
            (served.name,): sum(task.is_open for task in served.uploads.tasks())
            for served in service
        },
    }
