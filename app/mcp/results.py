"""What the tools give, as their output schemas say it: the JSON of ``bifolio --json``, and links.

An agent pays for every word, so of that JSON they have what an agent needs: no times, no trace.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Result(BaseModel):
    """Takes of a result's JSON the fields that it has."""

    model_config = ConfigDict(frozen=True)


class Place(Result):
    """Where words stand."""

    document: str = Field(description="the document's path within the library")
    title: str
    page_start: int = Field(description="counted from 1")
    page_end: int
    page_labels: list[str] = Field(description="the printed numbers of both pages, if known")
    start: int = Field(description="in characters of the document's text")
    end: int
    link: str = Field(description="the page as a resource of this server")


class FoundPassage(Place):
    """A passage: its text are the very words of the document."""

    text: str
    score: float
    goes_on: bool = Field(default=False, description="whether more of it was found")


class Search(Result):
    """Passages, best first."""

    library: str
    question: str
    passages: list[FoundPassage]
    nearest: FoundPassage | None = Field(
        default=None, description="if none passes the threshold: what came closest"
    )
    threshold: float | None
    threshold_source: str
    score_space: str
    next: str = Field(description="what can be done now")


class Cited(Place):
    """The words that an answer rests on."""

    marker: int = Field(description="its number in brackets in the answer")
    quote: str
    score: float
    supported: bool = Field(description="whether the sentence that cites it finds support in it")


class Checked(Result):
    """A sentence of the answer, checked by itself."""

    text: str
    markers: list[int]
    supported: bool
    reason: str


class Quote(Place):
    """The very words of one passage."""

    quote: str


class Contradiction(Result):
    """Two sentences of the documents that cannot both hold."""

    kind: str = Field(description="in what they differ")
    sides: list[Quote]


class Answered(Result):
    """An answer with its citations."""

    library: str
    question: str
    answer: str
    outcome: Literal["answered", "unsure", "nothing"]
    abstained: bool
    mode: Literal["quotes", "llm"] = Field(description="who wrote it: the documents, or a model")
    model: str | None
    citations: list[Cited]
    claims: list[Checked]
    disagreements: list[Contradiction]
    shown: list[FoundPassage] = Field(description="passages that may answer, if it is unsure")
    nearest: FoundPassage | None = Field(description="what came closest, if nothing answers")
    notice: str = Field(description="trouble on the way; empty if there was none")
    next: str


class Match(Result):
    """A place that holds the very words."""

    document: str
    title: str
    page: int
    label: str = Field(description="the printed number of the page, if known")
    line: int = Field(description="counted from 1 on its page")
    start: int
    end: int
    matched: str
    text: str = Field(description="the line that it stands in")
    link: str


class Grep(Result):
    """The places, by document and place."""

    library: str
    pattern: str
    matches: list[Match]
    more: bool = Field(description="whether there are further ones")
    next: str


class Outdated(Result):
    """Why a document is as its file was earlier, and since when."""

    reason: str
    day: str


class Listed(Result):
    """A document of a library."""

    library: str
    path: str
    title: str
    pages: int
    added: str
    stale: Outdated | None
    link: str = Field(description="the document as a resource of this server")


class Documents(Result):
    """The documents, by path."""

    documents: list[Listed]
    count: int = Field(description="how many there are in all")
    notes: list[str] = Field(description="libraries that cannot be listed, and what to do")
    next: str


class Read(Place):
    """What stands on a page."""

    library: str
    pages: int = Field(description="how many the document has")
    text: str
    next: str
