"""Libraries for agents, asked by the protocol's own client."""

import base64
import os
import shutil
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from conftest import MakePdf, OverlapReranker, WordEmbedder
from jsonschema import validate
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client
from mcp.types import CallToolResult, ImageContent, TextContent
from test_app_answers import ScriptedModel

from bifolio import BifolioError, Library
from bifolio.cli.commands import main
from bifolio.mcp import Shelf, mcp_server
from bifolio.mcp.http import http_app
from bifolio.mcp.places import MOST_OF_LINE, MOST_OF_PAGE, MOST_OF_PASSAGE
from bifolio.models import Models
from bifolio.naming import key_of
from bifolio.shelf import NotOnShelf, by_name

Ask = Callable[..., CallToolResult]

FARES = """# Fares

## Adults

The ferry price is five crowns.

## Refunds

A refund takes ten days.
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, make_pdf: MakePdf) -> Library:
    """Give a library that every test only reads."""
    folder = tmp_path_factory.mktemp("documents")
    (folder / "deck.pdf").write_bytes(make_pdf("The crew of the deck.", "The engine is below."))
    (folder / "fares.md").write_text(FARES, encoding="utf-8")
    (folder / "轮机.txt").write_text("轮机每三个月检修一次。\n", encoding="utf-8")
    library = Library(folder / "library", models=Models(WordEmbedder(), OverlapReranker()))
    library.add(folder)
    return library


def asked(shelf: Shelf, tool: str, **arguments: Any) -> CallToolResult:
    """Call a tool through the client, which checks what comes back against the tool's schema."""

    async def call() -> CallToolResult:
        async with Client(mcp_server(shelf)) as client:
            found = await client.call_tool(tool, arguments)
            if not found.is_error:
                schemas = {one.name: one.output_schema for one in (await client.list_tools()).tools}
                validate(found.structured_content, schemas[tool] or {})
            return found

    return anyio.run(call)


@pytest.fixture
def ask(filled: Library) -> Ask:
    shelf = Shelf({"ferries": filled})
    return lambda tool, **arguments: asked(shelf, tool, **arguments)


def text(found: CallToolResult) -> str:
    first = found.content[0]
    assert isinstance(first, TextContent)
    return first.text


def told(found: CallToolResult) -> dict[str, Any]:
    assert not found.is_error, text(found)
    assert found.structured_content is not None
    return found.structured_content


def refusal(found: CallToolResult) -> str:
    """Give the one sentence of a refused call."""
    assert found.is_error
    assert found.structured_content is None
    assert "\n" not in text(found)
    return text(found)


# results


def test_passages_come_with_file_page_and_link(ask: Ask, filled: Library) -> None:
    found = ask("search", question="ferry price")
    first = told(found)["passages"][0]
    assert first["title"] == "Fares"
    assert (first["page_start"], first["page_end"]) == (1, 1)
    assert (
        first["link"] == f"bifolio://library/ferries/{key_of(filled.sources('fares.md')[0].path)}/1"
    )
    assert first["text"] in text(found)
    assert f"fares.md (“Fares”), page 1, score 1.00 <{first['link']}>" in text(found)
    assert 'page(document="fares.md", page=1)' in told(found)["next"]


def test_nothing_that_is_given_tells_where_the_library_is(
    ask: Ask, filled: Library, tmp_path: Path
) -> None:
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("search", {"question": "ferry price refund crew"}),
        ("search", {"question": "volcano"}),
        ("ask", {"question": "What is the ferry price?"}),
        ("ask", {"question": "volcano"}),
        ("grep", {"pattern": "e"}),
        ("documents", {}),
        ("documents", {"contains": "pytest"}),
        ("page", {"document": "fares.md"}),
        ("page", {"document": "no.md"}),
        ("page", {"document": "deck.pdf", "picture": True}),
    )
    place = str(filled.folder.parent)
    for tool, arguments in calls:
        assert place not in ask(tool, **arguments).model_dump_json()
    assert told(ask("documents", contains="pytest"))["count"] == 0
    empty = Library(tmp_path / "empty", models=filled.models)
    assert str(tmp_path) not in refusal(asked(Shelf({"one": empty}), "search", question="ferry"))


def test_a_passage_is_the_very_words_of_its_span(ask: Ask, filled: Library) -> None:
    for one in told(ask("search", question="ferry price refund crew"))["passages"]:
        (document,) = filled.sources(one["document"])
        assert document.text[one["start"] : one["end"]] == one["text"]


def test_an_answer_has_checked_citations(ask: Ask, filled: Library) -> None:
    given = told(ask("ask", question="What is the ferry price?"))
    assert given["outcome"] == "answered"
    (cited, *_) = given["citations"]
    (document,) = filled.sources(cited["document"])
    assert document.text[cited["start"] : cited["end"]] == cited["quote"]
    assert f"[{cited['marker']}]" in given["answer"]


def test_what_is_not_in_the_documents_says_so_and_what_to_do(ask: Ask) -> None:
    found = ask("search", question="volcano")
    assert told(found)["passages"] == []
    assert "grep" in told(found)["next"]
    assert "No passage passes the threshold" in text(found)
    assert told(ask("ask", question="volcano"))["outcome"] == "nothing"


def test_exact_words_are_found_with_page_and_line(ask: Ask) -> None:
    found = ask("grep", pattern="ENGINE")
    (match,) = told(found)["matches"]
    assert (match["title"], match["page"], match["line"]) == ("deck", 2, 1)
    assert "deck.pdf, page 2, line 1: The engine is below." in text(found)


def test_documents_are_listed_and_chosen_by_a_part_of_the_name(ask: Ask) -> None:
    found = ask("documents")
    assert [Path(one["path"]).name for one in told(found)["documents"]] == [
        "deck.pdf",
        "fares.md",
        "轮机.txt",
    ]
    assert "fares.md (“Fares”), 1 page" in text(found)
    (only,) = told(ask("documents", contains="FARE"))["documents"]
    assert only["title"] == "Fares"


@pytest.mark.parametrize("name", ["deck.pdf", "deck", "path", "key", "link"])
def test_a_page_is_read_by_any_name_of_its_document(ask: Ask, filled: Library, name: str) -> None:
    path = next(entry.path for entry in filled.documents() if entry.path.endswith("deck.pdf"))
    link = f"bifolio://library/ferries/{key_of(path)}/2"
    names = {"path": path, "key": key_of(path), "link": link}
    page = told(ask("page", document=names.get(name, name), page=2))
    assert page["text"].strip() == "The engine is below."
    assert (page["pages"], page["link"]) == (2, link)


def test_the_picture_of_a_page_comes_when_asked(ask: Ask) -> None:
    assert len(ask("page", document="deck.pdf").content) == 1
    _, picture = ask("page", document="deck.pdf", picture=True).content
    assert isinstance(picture, ImageContent)
    assert picture.mime_type == "image/webp"
    assert base64.b64decode(picture.data)[8:12] == b"WEBP"
    without = ask("page", document="fares.md", picture=True)
    assert len(without.content) == 1
    assert "there is no picture of this kind of document" in told(without)["next"]


# limits


def test_a_long_page_is_read_in_parts_that_join_to_the_whole(
    library: Library, tmp_path: Path
) -> None:
    lines = [f"Line {number} of the ferry's log, 渡轮." for number in range(2000)]
    (tmp_path / "log.txt").write_text("\n".join(lines), encoding="utf-8")
    library.add(tmp_path / "log.txt")
    shelf = Shelf({"log": library})
    whole, start, parts = library.documents()[0].path, 0, []
    while start < len(library.document(whole).text):
        part = told(asked(shelf, "page", document="log.txt", start=start))
        assert len(part["text"]) <= MOST_OF_PAGE
        parts.append(part["text"])
        start = part["end"]
        if start < len(library.document(whole).text):
            assert f"start={start}" in part["next"]
    assert len(parts) > 5
    assert "".join(parts) == library.document(whole).text
    assert "the end of the document" in part["next"]


def test_long_passages_and_lines_are_cut_and_tell_how_to_get_more(
    library: Library, tmp_path: Path
) -> None:
    (tmp_path / "long.txt").write_text("the ferry price rises again " * 800, encoding="utf-8")
    library.add(tmp_path / "long.txt")
    shelf = Shelf({"long": library})
    found = told(asked(shelf, "search", question="ferry price", limit=20))
    assert all(len(one["text"]) <= MOST_OF_PASSAGE for one in found["passages"])
    assert found["passages"][0]["goes_on"]
    assert f"start={found['passages'][0]['end']}" in found["next"]
    matches = told(asked(shelf, "grep", pattern="ferry", limit=2, skip=700))
    assert all(len(one["text"]) <= MOST_OF_LINE + 2 for one in matches["matches"])
    assert "skip=702" in matches["next"]
    assert not told(asked(shelf, "grep", pattern="ferry", skip=799))["more"]


# refusals


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("search", {"question": " "}, "the question is empty"),
        ("search", {"question": "ferry", "limit": 99}, "limit: Input should be less"),
        ("search", {"query": "ferry"}, "search has no query; it takes question"),
        ("search", {}, "question: Field required"),
        ("search", {"question": "x" * 5000}, "question: String should have at most"),
        ("ask", {"question": "ferry", "library": "trains"}, "no library trains; there are: ferr"),
        ("grep", {"pattern": "(", "regex": True}, "no regular expression"),
        ("grep", {"pattern": ""}, "give a pattern of 1 to"),
        ("page", {"document": "nothing.pdf"}, "no document nothing.pdf; the tool documents"),
        ("page", {"document": "/etc/passwd"}, "no document /etc/passwd"),
        ("page", {"document": "deck.pdf", "page": 9}, "it has pages 1 to 2"),
        ("page", {"document": "deck.pdf", "page": 10**30}, "page: Input should be less"),
        ("page", {"document": "deck.pdf", "start": 10**30}, "start: Input should be less"),
        ("grep", {"pattern": "e", "skip": 10**30}, "skip: Input should be less"),
        ("documents", {"skip": 10**30}, "skip: Input should be less"),
        ("page", {"document": "deck.pdf", "start": 10**9}, "no such page or place"),
        ("write", {}, "no tool write; there are: search"),
    ],
)
def test_a_call_that_fails_says_in_one_sentence_what_to_do(
    ask: Ask, tool: str, arguments: dict[str, Any], said: str
) -> None:
    assert said in refusal(ask(tool, **arguments))


def test_a_fault_of_the_server_is_told_without_its_insides(
    filled: Library, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("secret insides")

    monkeypatch.setattr(filled, "retrieve", broken)
    said = refusal(asked(Shelf({"ferries": filled}), "search", question="ferry"))
    assert said == "search failed by a fault of the server (RuntimeError); its log tells more"
    assert "secret insides" in caplog.text


def test_documents_of_one_name_are_told_apart_by_their_paths(
    library: Library, tmp_path: Path
) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "notes.txt").write_text(f"the ferry {folder}", encoding="utf-8")
    library.add([tmp_path / "a", tmp_path / "b"])
    shelf = Shelf({"notes": library})
    assert "give the path" in refusal(asked(shelf, "page", document="notes.txt"))
    page = told(asked(shelf, "page", document=str(tmp_path / "b" / "notes.txt")))
    assert page["text"] == "the ferry b"


def test_a_library_that_is_missing_or_empty_says_what_to_do_until_it_is_filled(
    tmp_path: Path, library: Library
) -> None:
    gone = Shelf({"gone": tmp_path / "gone"})
    for tool, arguments in (("search", {"question": "ferry"}), ("documents", {})):
        assert "ingest" in refusal(asked(gone, tool, **arguments))
    shelf = Shelf({"new": library})
    assert "ingest PATH --library" in refusal(asked(shelf, "search", question="ferry"))
    library.add_bytes("fares.md", FARES.encode())
    assert told(asked(shelf, "search", question="ferry price"))["passages"]


# several libraries, several calls


def test_of_several_libraries_the_one_named_is_asked(
    filled: Library, tmp_path: Path, embedder: WordEmbedder, reranker: OverlapReranker
) -> None:
    other = Library(tmp_path / "other", models=Models(embedder, reranker))
    (tmp_path / "trains.txt").write_text("The train price is nine crowns.", encoding="utf-8")
    other.add(tmp_path / "trains.txt")
    shelf = Shelf({"ferries": filled, "trains": other, "gone": tmp_path / "gone"})
    said = refusal(asked(shelf, "search", question="price"))
    assert said == "say which library is meant: ferries, trains, gone"
    (one,) = told(asked(shelf, "search", question="price", library="trains"))["passages"]
    assert one["title"] == "trains"
    every = told(asked(shelf, "documents"))
    assert {row["library"] for row in every["documents"]} == {"ferries", "trains"}
    assert every["notes"][0].startswith("gone: ")


def test_libraries_are_called_by_their_folders_or_as_told(tmp_path: Path) -> None:
    folder = tmp_path / "handbook.bifolio"
    assert by_name([str(folder), f"old={tmp_path}/b.bifolio"]) == {
        "handbook": folder,
        "old": tmp_path / "b.bifolio",
    }
    assert list(by_name([".bifolio"])) == ["bifolio"]
    with pytest.raises(BifolioError, match="two libraries are called handbook"):
        by_name([str(folder), str(tmp_path / "b" / "handbook")])
    with pytest.raises(NotOnShelf):
        Shelf({})


def test_models_are_opened_once_for_calls_at_once_and_for_all_libraries(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened, both = [], threading.Barrier(2, timeout=30)
    models = replace(filled.models)

    def open_models(_: object, **__: object) -> Models:
        opened.append(1)
        return models

    class Meeting(OverlapReranker):
        def scores(self, question: str, passages: Any) -> Any:
            both.wait()
            return super().scores(question, passages)

    Library(tmp_path / "other", models=models).add_bytes("fares.md", FARES.encode())
    models = replace(models, reranker=Meeting())
    monkeypatch.setattr(Models, "open", open_models)
    shelf = Shelf({"one": filled.folder, "two": tmp_path / "other"})
    found = []

    async def call(client: Client, name: str) -> None:
        found.append(await client.call_tool("search", {"question": "ferry price", "library": name}))

    async def together() -> None:
        async with Client(mcp_server(shelf)) as client, anyio.create_task_group() as group:
            for name in shelf.names:
                group.start_soon(call, client, name)

    anyio.run(together)
    assert [len(told(one)["passages"]) > 0 for one in found] == [True, True]
    assert opened == [1]


def test_a_library_that_is_made_again_by_other_models_is_opened_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Others(WordEmbedder):
        def __init__(self) -> None:
            super().__init__()
            self.fingerprint = "words/2"

    folder, models = tmp_path / "library", Models(WordEmbedder(), OverlapReranker())
    others = Models(Others(), OverlapReranker())
    Library(folder, models=models).add_bytes("fares.md", FARES.encode())
    monkeypatch.setattr(
        Models, "open", lambda settings, **_: others if settings.models == "bce" else models
    )
    shelf = Shelf({"ferries": folder})
    assert told(asked(shelf, "search", question="ferry price"))["passages"]
    shutil.rmtree(folder)
    Library(folder, models=others).add_bytes("fares.md", FARES.encode())
    # Still opened by the models of before, it says why that cannot be.
    assert "words" in refusal(asked(shelf, "search", question="ferry price"))
    monkeypatch.setenv("BIFOLIO_MODELS", "bce")
    assert told(asked(shelf, "search", question="ferry price"))["passages"]


def test_a_question_that_is_cancelled_is_not_answered_to_its_end(tmp_path: Path) -> None:
    began, ended = threading.Event(), threading.Event()

    def endless(_: object) -> Iterator[str]:
        try:
            while True:
                began.set()
                yield "The ferry "
                time.sleep(0.01)
        finally:
            ended.set()

    model: Any = ScriptedModel(endless)  # type: ignore[arg-type]
    library = Library(tmp_path / "library", models=Models(WordEmbedder(), OverlapReranker(), model))
    library.add_bytes("fares.md", FARES.encode())

    async def call() -> None:
        async with Client(mcp_server(Shelf({"ferries": library}))) as client:
            async with anyio.create_task_group() as group:
                group.start_soon(client.call_tool, "ask", {"question": "ferry price"})
                assert await anyio.to_thread.run_sync(began.wait, 30)
                group.cancel_scope.cancel()
            assert await anyio.to_thread.run_sync(ended.wait, 30)
            assert told(await client.call_tool("documents", {}))["count"] == 1

    anyio.run(call)


# resources


def read(shelf: Shelf, uri: str) -> Any:
    async def call() -> Any:
        async with Client(mcp_server(shelf)) as client:
            try:
                (content,) = (await client.read_resource(uri)).contents
            except MCPError as problem:
                return problem.message
            return content

    return anyio.run(call)


def test_links_lead_to_documents_pages_and_pictures(ask: Ask, filled: Library) -> None:
    shelf = Shelf({"ferries": filled})
    link = told(ask("grep", pattern="engine is below"))["matches"][0]["link"]
    assert read(shelf, link).text.strip() == "The engine is below."
    assert "The crew of the deck." in read(shelf, link.rpartition("/")[0]).text
    assert read(shelf, f"{link}/picture").mime_type == "image/webp"


def test_documents_are_listed_as_resources_that_can_be_read(filled: Library) -> None:
    shelf = Shelf({"ferries": filled})

    async def call() -> None:
        async with Client(mcp_server(shelf)) as client:
            listed = (await client.list_resources()).resources
            assert [one.name for one in listed][:2] == ["deck.pdf", "fares.md"]
            for one in listed:
                assert (await client.read_resource(one.uri)).contents
            templates = (await client.list_resource_templates()).resource_templates
            assert len(templates) == 3

    anyio.run(call)


@pytest.mark.parametrize(
    ("behind", "said"),
    [
        ("ferries/..%2F..%2Fetc%2Fpasswd", "Unknown resource"),
        ("ferries/%2Fetc%2Fpasswd/1", "Unknown resource"),
        ("ferries/0000000000000000/1", "there is no document 0000000000000000"),
        ("trains/000000000000", "there is no library trains; there are: ferries"),
        ("ferries/KEY/9", "deck.pdf has no page 9"),
        ("ferries/KEY/nine", "nine is no number of a page"),
        ("ferries/KEY/-1/picture", "-1 is no number of a page"),
        ("ferries/KEY/99999999999999999999", "is no number of a page"),
    ],
)
def test_a_link_to_nothing_says_so(filled: Library, behind: str, said: str) -> None:
    key = key_of(filled.documents()[0].path)
    uri = f"bifolio://library/{behind.replace('KEY', key)}"
    assert said.replace("KEY", key) in read(Shelf({"ferries": filled}), uri)


# transports

SAFE = {"PATH": os.environ["PATH"], "HF_HUB_OFFLINE": "1"}


def test_nothing_but_the_protocol_is_on_standard_output(
    tmp_path: Path, starter_embedder: Any, starter_reranker: Any
) -> None:
    """The real program with the real models, whose engine and bars would print."""
    (tmp_path / "fares.md").write_text(FARES, encoding="utf-8")
    folder = tmp_path / "real.bifolio"
    Library(folder, models=Models(starter_embedder, starter_reranker)).add(tmp_path / "fares.md")
    parameters = StdioServerParameters(
        command=sys.executable,
        args=["-m", "bifolio.cli", "mcp", "--library", f"real={folder}"],
        env=SAFE | {"XDG_CACHE_HOME": os.environ["XDG_CACHE_HOME"], "HOME": str(tmp_path)},
    )
    strange: list[object] = []

    async def handler(message: object) -> None:
        if isinstance(message, Exception):
            strange.append(message)

    async def call() -> None:
        async with Client(stdio_client(parameters), message_handler=handler) as client:
            found = await client.call_tool("ask", {"question": "What is the ferry price?"})
            assert "five crowns" in text(found)

    anyio.run(call)
    assert not strange


@asynccontextmanager
async def served(
    library: Library, **options: Any
) -> AsyncIterator[tuple[httpx.ASGITransport, Any]]:
    """Run the app, as a server would, and give a way to reach it."""
    app: Any = http_app(mcp_server(Shelf({"ferries": library})), address="127.0.0.1", **options)
    inner = getattr(app, "_app", app)
    async with inner.router.lifespan_context(inner):
        yield httpx.ASGITransport(app), app


def statuses(library: Library, requests: list[dict[str, str]], **options: Any) -> list[int]:
    body = {"jsonrpc": "2.0", "id": 1, "method": "ping"}
    found = []

    async def call() -> None:
        async with (
            served(library, **options) as (transport, _),
            httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8765") as client,
        ):
            for headers in requests:
                accepts = {"Accept": "application/json, text/event-stream"}
                reply = await client.post("/mcp", json=body, headers=accepts | headers)
                found.append(reply.status_code)

    anyio.run(call)
    return found


def test_another_sites_page_does_not_reach_it_over_http(filled: Library) -> None:
    requests = [
        {},
        {"Host": "evil.example"},
        {"Host": "localhost:8765"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8501"},
        {"Host": "papers.example"},
    ]
    found = statuses(filled, requests, hosts=["papers.example"])
    assert found == [200, 421, 200, 403, 200, 200]


def test_where_a_key_is_set_everybody_is_asked_and_wrong_tries_are_slowed(
    filled: Library,
) -> None:
    right, wrong = {"Authorization": "Bearer 钥匙".encode()}, {"Authorization": "Bearer no"}
    requests: list[Any] = [{}, right, wrong, right, wrong, wrong, wrong, right]
    found = statuses(filled, requests, key="钥匙")
    assert found == [401, 200, 401, 200, 401, 401, 401, 429]


def test_the_protocols_own_client_asks_over_http(filled: Library) -> None:
    async def call() -> None:
        async with (
            served(filled, key="a key") as (transport, _),
            httpx.AsyncClient(
                transport=transport, headers={"Authorization": "Bearer a key"}
            ) as carrier,
            Client(
                streamable_http_client("http://127.0.0.1:8765/mcp", http_client=carrier)
            ) as client,
        ):
            found = await client.call_tool("search", {"question": "ferry price"})
            assert "five crowns" in text(found)

    anyio.run(call)


def test_other_machines_need_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["mcp", "--library", str(tmp_path), "--http", "--address", "0.0.0.0"]
    assert main(command) == 1
    assert "set BIFOLIO_API_KEY" in capsys.readouterr().err
