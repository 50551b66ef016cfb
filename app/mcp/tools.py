"""The tools: what an agent asks of a library, and what it is given.

Each gives typed results, and the same as text for agents that read nothing else.
"""

import base64
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from itertools import islice
from pathlib import PurePath
from typing import Annotated

from mcp.types import CallToolResult, ContentBlock, ImageContent, TextContent
from pydantic import Field

from bifolio import as_json
from bifolio.answers.answer import Answer
from bifolio.answers.drafting import Event
from bifolio.batching import check_wanted
from bifolio.ingest import BifolioError, Stopped, has_pictures
from bifolio.library import Library
from bifolio.matching import Match
from bifolio.mcp import as_text, places, results
from bifolio.retrieval import Passage
from bifolio.shelf import NotOnShelf, Shelf

# In rows: documents listed at once, matches given at once.
MOST_DOCUMENTS, MOST_MATCHES = 50, 50
_LONGEST_QUESTION = 4000
# No document has more pages or characters.
_MOST = 2**31 - 1

_Name = Annotated[str, Field(description="which library, by its name; may be left out if one")]
_Question = Annotated[
    str,
    Field(
        description="a full question in English or Chinese, as a person would ask it",
        max_length=_LONGEST_QUESTION,
    ),
]
_Document = Annotated[
    str, Field(description="a document by its file name, path, title or link", max_length=4000)
]


class Tools:
    """The tools over a shelf of libraries. Any thread may use them."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    def search(
        self,
        question: _Question,
        library: _Name = "",
        limit: Annotated[int, Field(description="passages at most", ge=1, le=20)] = 5,
    ) -> Annotated[CallToolResult, results.Search]:
        """Find the passages that answer a question, best first, each with file and page.

        Finds by meaning and by words, across English and Chinese. Use it to answer from the
        documents yourself; cite file and page.
        """
        name = self._shelf.name(library)
        found = self._filled(name).retrieve(question, keep=limit)
        shown = [places.passage(one, name) for one in found.passages]
        nearest = None if shown else found.nearest
        result = results.Search.model_validate(
            self._shelf.called(name).within(
                as_json.hits(found)
                | {
                    "library": name,
                    "passages": shown,
                    "nearest": places.passage(nearest, name) if nearest else None,
                    "next": _after_search(shown, found.passages),
                }
            )
        )
        return _given(result, as_text.search(result))

    def ask(
        self, question: _Question, library: _Name = ""
    ) -> Annotated[CallToolResult, results.Answered]:
        """Answer a question from the documents, with checked citations.

        Without a language model of its own the server quotes the documents' sentences word for
        word. It says so if the documents do not answer.
        """
        name = self._shelf.name(library)
        given = _followed(self._filled(name).stream(question))
        told = as_json.answer(given, explain=False)
        result = results.Answered.model_validate(
            self._shelf.called(name).within(
                told
                | {
                    "library": name,
                    "citations": [places.linked(cited, name) for cited in told["citations"]],
                    "disagreements": [
                        one | {"sides": [places.linked(side, name) for side in one["sides"]]}
                        for one in told["disagreements"]
                    ],
                    "shown": [places.passage(one, name) for one in given.shown],
                    "nearest": places.passage(given.nearest, name) if given.nearest else None,
                    "next": _after_answer(given.outcome),
                }
            )
        )
        return _given(result, as_text.answer(result))

    def grep(
        self,
        pattern: Annotated[
            str, Field(description="the words as they stand in the documents", max_length=1000)
        ],
        library: _Name = "",
        regex: Annotated[bool, Field(description="it is a regular expression")] = False,
        ignore_case: Annotated[bool, Field(description="capitals or not is the same")] = True,
        whole_words: Annotated[bool, Field(description="AB-1 is not in AB-12")] = False,
        limit: Annotated[int, Field(description="matches at most", ge=1, le=MOST_MATCHES)] = 20,
        skip: Annotated[
            int, Field(description="matches to leave out: the next ones", ge=0, le=_MOST)
        ] = 0,
    ) -> Annotated[CallToolResult, results.Grep]:
        """Find exact words, names, numbers and codes, with file, page and line.

        Use it for what stands literally in a document; for what is meant, use search.
        """
        name = self._shelf.name(library)
        every = self._filled(name).grep(
            pattern, regex=regex, ignore_case=ignore_case, whole_words=whole_words
        )
        matches = list(islice(every, skip, skip + limit + 1))
        shown, more = matches[:limit], len(matches) > limit
        result = results.Grep.model_validate(
            self._shelf.called(name).within(
                {
                    "library": name,
                    "pattern": pattern,
                    "matches": [_match(one, name) for one in shown],
                    "more": more,
                    "next": _after_grep(len(shown), skip, more),
                }
            )
        )
        return _given(result, as_text.grep(result))

    def documents(
        self,
        library: Annotated[str, Field(description="which library; all if left out")] = "",
        contains: Annotated[
            str, Field(description="only those with this in their path or title")
        ] = "",
        skip: Annotated[
            int, Field(description="documents to leave out, for the next", ge=0, le=_MOST)
        ] = 0,
    ) -> Annotated[CallToolResult, results.Documents]:
        """List the documents, with titles and numbers of pages."""
        names = [self._shelf.name(library)] if library else self._shelf.names
        rows, notes, wanted = [], [], contains.casefold()
        for name in names:
            try:
                entries = self._filled(name).documents()
            except BifolioError as problem:
                if len(names) == 1:
                    raise
                notes.append(f"{name}: {problem}")
                continue
            called = self._shelf.called(name)
            listed = [
                called.within(row) | {"library": name, "link": places.link(name, row["path"])}
                for row in as_json.documents(entries)["documents"]
            ]
            rows += [one for one in listed if wanted in f"{one['path']}\n{one['title']}".casefold()]
        shown = rows[skip : skip + MOST_DOCUMENTS]
        following = _after_documents(len(rows), skip, len(shown))
        result = results.Documents.model_validate(
            {"documents": shown, "count": len(rows), "notes": notes, "next": following}
        )
        return _given(result, as_text.documents(result, several=len(self._shelf.names) > 1))

    def page(
        self,
        document: _Document,
        page: Annotated[int, Field(description="counted from 1", ge=1, le=_MOST)] = 1,
        library: _Name = "",
        start: Annotated[
            int | None,
            Field(
                description="read from this offset on instead, as results have it", ge=0, le=_MOST
            ),
        ] = None,
        picture: Annotated[bool, Field(description="of a PDF: the page as a picture too")] = False,
    ) -> Annotated[CallToolResult, results.Read]:
        """Read the text of a page, to see what stands around a passage; or look at it."""
        of_link, document, page = places.read_link(document, page)
        name = self._shelf.name(of_link or library)
        opened = self._shelf.library(name)
        path = self._shelf.called(name).find(document).path
        text = opened.document(path)
        part = places.part(text, page, start)
        if part is None:
            pages, end = text.pages[-1].number, len(text.text) - 1
            sentence = f"it has pages 1 to {pages}, and offsets 0 to {end}"
            raise NotOnShelf(f"{PurePath(path).name} has no such page or place; {sentence}")
        more: list[ContentBlock] = []
        if picture and has_pictures(text):
            drawn = opened.page_picture(path, part.page)
            data = base64.b64encode(drawn.webp).decode()
            more.append(ImageContent(type="image", data=data, mime_type="image/webp"))
        shown = self._shelf.called(name).name(path)
        result = _read(part, name, shown, no_picture=picture and not more)
        return _given(result, as_text.read(result), more)

    def _filled(self, name: str) -> Library:
        """Give the library of a name if it holds documents.

        Raises:
            BifolioError: it cannot be opened, or holds none; the message says what to do.
        """
        library = self._shelf.library(name)
        if not library.documents():
            raise NotOnShelf(
                f"the library {name} holds no documents; somebody has to fill it with"
                f" `ingest PATH --library {library.folder.name}`"
            )
        return library


def _followed(events: Iterator[Event]) -> Answer:
    """Give the answer, unless it is cancelled before."""
    for event in events:
        check_wanted()
        if isinstance(event, Answer):
            return event
    raise Stopped


def _read(part: places.Part, library: str, shown: str, *, no_picture: bool) -> results.Read:
    document = part.document
    pages = document.pages[-1].number
    return results.Read(
        library=library,
        document=shown,
        title=document.title,
        page_start=part.page,
        page_end=part.page,
        page_labels=list(document.labels_of(part.start, part.end)),
        start=part.start,
        end=part.end,
        link=places.link(library, document.path, part.page),
        pages=pages,
        text=part.text,
        next=_after_page(part, pages, no_picture),
    )


def _match(one: Match, library: str) -> as_json.Json:
    return asdict(one) | {
        "text": places.line(one.text, one.matched),
        "matched": one.matched[: places.MOST_OF_LINE],
        "link": places.link(library, one.document, one.page),
    }


def _given(result: results.Result, text: str, more: Sequence[ContentBlock] = ()) -> CallToolResult:
    return CallToolResult(
        content=[TextContent(type="text", text=text), *more],
        structured_content=result.model_dump(mode="json"),
    )


def _call(path: str, place: str) -> str:
    return f'page(document="{PurePath(path).name}", {place})'


def _after_search(shown: Sequence[as_json.Json], passages: Sequence[Passage]) -> str:
    if not passages:
        return (
            "ask in other words, or look for words that must stand there with grep; if nothing"
            " is found, say that the documents do not tell."
        )
    said = f"cite file and page; {_call(passages[0].document.path, f'page={passages[0].pages[0]}')}"
    said += " reads around a passage"
    for number, one in enumerate(shown, start=1):
        if one["goes_on"]:
            place = f"start={one['end']}"
            return f"{said}; {number} goes on: {_call(one['document'], place)}."
    return f"{said}."


def _after_answer(outcome: str) -> str:
    if outcome == "answered":
        return "keep the citations, with file and page; page reads what stands around them."
    if outcome == "unsure":
        return "nothing certain was found: read the passages and judge, or search in other words."
    return "search in other words or grep; else say that the documents do not tell."


def _after_grep(count: int, skip: int, more: bool) -> str:
    if more:
        return f"there are more: give skip={skip + count}."
    if count:
        return "these are all; page reads around a match."
    return "no further match." if skip else "it does not stand in the documents; try search."


def _after_documents(count: int, skip: int, shown: int) -> str:
    if skip + shown < count:
        return f"{skip + 1} to {skip + shown} of {count}; give skip={skip + shown} for more."
    if not count:
        return "no document matches; leave contains out to list all."
    return f"these are all {count}; search finds passages in them." if not skip else "that is all."


def _after_page(part: places.Part, pages: int, no_picture: bool) -> str:
    said = "there is no picture of this kind of document; " if no_picture else ""
    if part.end < part.ends:
        here = f"start={part.end}"
        return f"{said}the page goes on: {_call(part.document.path, here)}."
    if part.page < pages:
        return f"{said}{_call(part.document.path, f'page={part.page + 1}')}."
    return f"{said}this is the end of the document."
