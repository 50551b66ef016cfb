"""The documents of a library: files come in, are followed, listed, drawn and taken out."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict
from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException

from bifolio import as_json
from bifolio.as_json import Json
from bifolio.ingest import has_pictures, message
from bifolio.jobs import Task
from bifolio.naming import key_of
from bifolio.retrieval import Entry
from bifolio.serve.attending import attend
from bifolio.serve.problems import Refused, sentence
from bifolio.serve.served import Served
from bifolio.serve.service import TheLibrary, TheService

router = APIRouter(prefix="/libraries/{library}", tags=["documents"])

MOST_FILES = 100
_LONGEST_NAME = 255
_FIELDS = ("files", "file")
_MULTIPART = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["files"],
                    "properties": {
                        "files": {
                            "type": "array",
                            "minItems": 1,
                            "items": {"type": "string", "format": "binary"},
                        }
                    },
                }
            }
        },
    }
}


class DocumentRow(BaseModel):
    """A document; ``id`` is what it is called in addresses."""

    model_config = ConfigDict(extra="allow")

    id: str
    path: str
    title: str
    pages: int
    chunks: int


class Documents(BaseModel):
    """Documents, by path."""

    documents: list[DocumentRow]


class Job(BaseModel):
    """A file on its way: ``state`` is waiting, working, done, failed or cancelled."""

    id: int
    name: str
    state: str
    share: float
    report: dict[str, Any] | None = None
    problem: str | None = None


class Jobs(BaseModel):
    """Files on their way, and those that came of late, the oldest first."""

    jobs: list[Job]


Document = Annotated[str, Path(max_length=4096, description="an id, or a file's name")]


@router.post("/documents", status_code=202, response_model=Jobs, openapi_extra=_MULTIPART)
async def upload(
    request: Request, served: TheLibrary, service: TheService, replaces: bool = False
) -> Response:
    """Take files in; each is a job to be followed, which goes on whether or not you stay.

    Another upload of a name is kept beside the new one, or gives way to it with ``replaces``.
    """
    service.check_writable()
    limits = service.rules.limits
    length = int(request.headers.get("content-length", "0"))
    if served.held + length > limits.held:
        told = message("too-many-files", "too much waits to be read already; send it in a while")
        raise Refused(429, told, wait=10)
    if not request.headers.get("content-type", "").startswith("multipart/form-data"):
        told = message("not-multipart", "send the files as multipart/form-data, field `files`")
        raise Refused(415, told)
    async with _form(request) as form:
        given = [one for name in _FIELDS for one in form.getlist(name)]
        files = [one for one in given if isinstance(one, UploadFile) and one.filename]
        if not files:
            told = message("no-file", "no file came; send some in the field `files`")
            raise Refused(400, told, param="files")
        held = [(_name(one.filename or ""), await one.read()) for one in files]
    ids = [served.take(name, data, replaces=replaces) for name, data in held]
    jobs = [_job(task, served) for task in served.uploads.tasks() if task.id in ids]
    where = f"/libraries/{served.name}/jobs/{ids[0]}"
    return JSONResponse(Jobs(jobs=jobs).model_dump(), 202, {"Location": where})


@router.get("/jobs")
def jobs(served: TheLibrary) -> Jobs:
    """List the files on their way, and those that came of late."""
    return Jobs(jobs=[_job(task, served) for task in served.uploads.tasks()])


@router.get("/jobs/{job}")
def job(served: TheLibrary, job: int) -> Job:
    """Follow one file."""
    for task in served.uploads.tasks():
        if task.id == job:
            return _job(task, served)
    told = "there is no job {job}, or no more; GET /libraries/{library}/jobs lists them"
    raise Refused(404, message("unknown-job", told, job=job, library=served.name))


@router.get("/documents")
def documents(served: TheLibrary) -> Documents:
    """List the documents."""
    return _rows(served.library.documents(), served)


@router.get("/documents/{document}")
def document(served: TheLibrary, document: Document) -> DocumentRow:
    """Tell of one document."""
    return _rows([served.names.find(document)], served).documents[0]


@router.get("/documents/{document}/text")
async def text(
    request: Request, served: TheLibrary, document: Document, service: TheService
) -> Json:
    """Give the text of a document, whose ``text[start:end]`` is what a citation quotes."""

    def _work() -> Json:
        found = served.library.document(served.names.find(document).path)
        pages = [{"number": one.number, "start": one.start, "end": one.end} for one in found.pages]
        return {
            "path": served.names.name(found.path),
            "title": found.title,
            "text": found.text,
            "pages": pages,
        }

    return await attend(request, _work, service.searches)


@router.delete("/documents/{document}")
def remove(served: TheLibrary, document: Document, service: TheService) -> Documents:
    """Take a document out of the library; a file in a folder stays where it is."""
    service.check_writable()
    entry = served.names.find(document)
    served.library.remove(entry.path)
    return _rows([entry], served)


@router.get(
    "/documents/{document}/pages/{page}",
    response_class=Response,
    responses={200: {"content": {"image/webp": {"schema": {"type": "string"}}}}},
)
async def page(
    request: Request,
    served: TheLibrary,
    document: Document,
    page: Annotated[int, Path(ge=1, le=10**9)],
    service: TheService,
    start: Annotated[int, Query(ge=0, le=10**12)] = 0,
    end: Annotated[int, Query(ge=0, le=10**12)] = 0,
) -> Response:
    """Draw a page of a PDF, counted from 1, as WebP.

    The header ``Bifolio-Areas`` tells where ``text[start:end]`` of the document stands on it: a
    list of left, top, right and bottom, each a share of the page's width or height.
    """

    def _work() -> Response:
        path = served.names.find(document).path
        text = served.library.document(path)
        if not has_pictures(text) or page > len(text.pages):
            told = "{name} has no picture of page {page}; PDFs have one of each page, others none"
            shown = served.names.name(path)
            raise Refused(404, message("no-such-page", told, name=shown, page=page))
        drawn = served.library.page_picture(path, page, start=start, end=end)
        areas = [[area.left, area.top, area.right, area.bottom] for area in drawn.marked]
        headers = {"Bifolio-Areas": json.dumps(areas), "Cache-Control": "private, max-age=300"}
        return Response(drawn.webp, media_type="image/webp", headers=headers)

    return await attend(request, _work, service.pictures)


@asynccontextmanager
async def _form(request: Request) -> AsyncIterator[FormData]:
    """Give what a form holds.

    Raises:
        Refused: it holds too many files.
    """
    try:
        async with request.form(max_files=MOST_FILES, max_fields=10) as form:
            yield form
    except HTTPException as problem:
        if not problem.detail.startswith("Too many files"):
            raise
        told = "over {most} files came at once; send them in several requests"
        raise Refused(400, message("many-files", told, most=MOST_FILES), param="files") from problem


def _name(given: str) -> str:
    """Give the last part of a file's name, which is only shown.

    Raises:
        Refused: there is none, or it is too long.
    """
    name = given.replace("\\", "/").rpartition("/")[2].replace("\0", "").strip()
    if name in ("", ".", "..") or len(name.encode("utf-8", "replace")) > _LONGEST_NAME:
        told = "a file has no name, or one over {most} bytes; rename it"
        raise Refused(400, message("bad-name", told, most=_LONGEST_NAME), param="files")
    return name


def _job(task: Task, served: Served) -> Job:
    # Where the library lies on this machine is nobody's business.
    report = served.names.within(as_json.report(task.report)) if task.report else None
    return Job(
        id=task.id,
        name=task.name,
        state=task.state,
        share=task.share,
        report=report,
        problem=sentence(task.problem) if task.problem else None,
    )


def _rows(entries: list[Entry], served: Served) -> Documents:
    shown = as_json.documents(entries)["documents"]
    rows = [DocumentRow(id=key_of(row["path"]), **served.names.within(row)) for row in shown]
    return Documents(documents=rows)
