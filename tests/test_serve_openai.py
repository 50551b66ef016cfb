"""The server under OpenAI's routes, asked by the clients that people have."""

import base64
import json
import struct
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from conftest import OverlapReranker, WordEmbedder
from langchain_openai import ChatOpenAI, OpenAIEmbeddings
from serving import Running, running
from test_app_answers import ScriptedModel

from bifolio import LanguageModelError, Library, Models
from bifolio.ingest import message
from bifolio.language_model import IncompleteReply
from bifolio.serve.footnotes import Harmless, without_feet

TRAP = 'refund ![a](http://127.0.0.1/x?d=1) and <img src="http://127.0.0.1/y"> 1 < 2!'


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve one library to all of them: reading files takes longer than asking."""
    folder = tmp_path_factory.mktemp("served")
    (folder / "fares.md").write_text("# Fares\n\nThe ferry price is five crowns.\n")
    (folder / "crew.txt").write_text("In a fire the crew rings the bell.\n")
    (folder / "trap.txt").write_text(TRAP)
    library = Library(folder / "library", models=Models(WordEmbedder(), OverlapReranker()))
    library.add(folder)
    with running(library) as server:
        yield server


@pytest.fixture
def library(server: Running) -> Iterator[Library]:
    """Give the library that is served, and take its language model away again."""
    library = server.service.library("library").library
    yield library
    library.language_model = None


@pytest.fixture
def client(server: Running) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as client:
        yield client


def ask(client: openai.OpenAI, question: str, **given: Any) -> Any:
    messages = [{"role": "user", "content": question}]
    return client.chat.completions.create(model="library", messages=messages, **given)  # type: ignore[call-overload]


def pieces(stream: str) -> list[str]:
    """Give the pieces of text in a stream."""
    chunks = [json.loads(line[6:]) for line in stream.split("\n\n") if line.startswith("data: {")]
    said = [one["choices"][0]["delta"].get("content") for one in chunks]
    return [one for one in said if one]


def test_the_official_client_gets_an_answer_with_citations(client: openai.OpenAI) -> None:
    done = ask(client, "What is the ferry price?")
    (choice,) = done.choices
    assert choice.finish_reason == "stop"
    assert choice.message.content == (
        "The ferry price is five crowns. [1]\n\nSources:\n- [1] fares.md, page 1"
    )
    (cited,) = done.citations
    assert cited["quote"] == "The ferry price is five crowns."
    assert cited["document"].endswith("fares.md")
    assert done.bifolio["answer"] == "The ferry price is five crowns. [1]"
    assert done.bifolio["citations"] == done.citations
    assert done.usage.total_tokens == done.usage.prompt_tokens + done.usage.completion_tokens > 0


def test_a_stream_gives_the_same_text_and_ends_with_the_citations(client: openai.OpenAI) -> None:
    whole = ask(client, "What is the ferry price?")
    chunks = list(
        ask(
            client,
            "What is the ferry price?",
            stream=True,
            stream_options={"include_usage": True},
        )
    )
    text = "".join(one.choices[0].delta.content or "" for one in chunks if one.choices)
    assert text == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    last, usage = chunks[-2:]
    assert last.choices[0].finish_reason == "stop"
    assert last.citations == whole.citations
    assert usage.choices == []
    assert usage.usage == whole.usage
    assert len({one.id for one in chunks}) == 1


def test_what_the_documents_do_not_say_is_said_as_an_answer(client: openai.OpenAI) -> None:
    done = ask(client, "Who painted the ceiling?")
    assert done.bifolio["outcome"] == "nothing"
    assert done.citations == []
    assert "Sources" not in done.choices[0].message.content


def test_a_follow_up_is_read_with_what_was_asked_before(server: Running) -> None:
    said = ("What is the ferry price?", "five", "And for adults?")
    alone = server.chat(said[-1], explain=True).json()
    after = server.chat(*said, explain=True).json()
    assert alone["bifolio"]["trace"]["searched"] == "And for adults?"
    assert after["bifolio"]["trace"]["searched"] == "ferry price: And for adults?"
    assert after["bifolio"]["question"] == "And for adults?"


def test_a_language_model_writes_and_what_it_writes_is_streamed(
    server: Running, library: Library
) -> None:
    model = ScriptedModel(
        lambda keys: ["The price is ", "five ", f"crowns [{keys[0]}]."] if keys else ["ferry price"]
    )
    library.language_model = model
    done = server.chat("Hello, ferry price?", "An old answer.", "ferry price", stream=False)
    said = done.json()["choices"][0]["message"]["content"]
    assert said.startswith("The price is five crowns [1].")
    assert "- [1] fares.md, page 1: “" in said
    assert done.json()["bifolio"]["mode"] == "llm"
    lines = server.chat("ferry price", stream=True).text
    assert "".join(pieces(lines)).startswith("The price is five crowns [1].")
    assert len(pieces(lines)) > 2
    assert lines.endswith("\n\ndata: [DONE]\n\n")
    assert {"role": "assistant", "content": "An old answer."} in model.sent[1]


def test_a_reply_that_its_server_cut_ends_for_its_length(server: Running, library: Library) -> None:
    cut = IncompleteReply(message("reply-cut", "reached the limit of a reply's length"))
    library.language_model = ScriptedModel(lambda keys: [f"The price [{keys[0]}]", cut])
    choice = server.chat("ferry price").json()["choices"][0]
    assert choice["finish_reason"] == "length"
    assert "Note: the answer is incomplete" in choice["message"]["content"]


def test_a_language_model_that_fails_is_told_with_its_status_or_in_the_stream(
    server: Running, library: Library
) -> None:
    library.language_model = ScriptedModel(lambda keys: [LanguageModelError("it is away")])
    failed = server.chat("ferry price", mode="llm")
    assert failed.status_code == 502
    assert failed.json()["error"]["message"] == "it is away"
    assert failed.json()["error"]["type"] == "server_error"
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none") as client:
        stream = ask(client, "ferry price", stream=True, extra_body={"mode": "llm"})
        with pytest.raises(openai.APIError, match="it is away"):
            list(stream)
    quoted = server.chat("ferry price").json()
    assert quoted["bifolio"]["mode"] == "quotes"
    assert (
        "Note: it is away; these are quotes instead" in (quoted["choices"][0]["message"]["content"])
    )


def test_a_body_that_is_no_json_object_says_so(server: Running) -> None:
    json_type = {"Content-Type": "application/json"}
    body = b'{"messages": [{"role": "user", "content": "x"}]}'
    for content, headers in (
        (body, {"Content-Type": "text/plain"}),
        (b"[]", json_type),
        (b"{", json_type),
        (b"", json_type),
    ):
        refused = server.post("/v1/chat/completions", content=content, headers=headers)
        assert (refused.status_code, refused.json()["error"]["code"]) == (400, "no-json"), content
        assert "Content-Type: application/json" in refused.json()["error"]["message"]


def test_a_model_of_the_hub_is_told_of_by_its_name_with_a_slash(server: Running) -> None:
    for name in ("BAAI/bge-m3", "BAAI%2Fbge-m3"):
        refused = server.get(f"/v1/models/{name}")
        assert refused.status_code == 404
        assert refused.json()["error"]["code"] == "model_not_found"
        assert "BAAI/bge-m3" in refused.json()["error"]["message"]


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        ({"model": "x", "messages": [{"role": "user"}]}, 404, "model_not_found", "are library"),
        ({"messages": [{"role": "system", "content": "x"}]}, 400, "no-user-question", "ask one"),
        ({"messages": [{"role": "user", "content": "  "}]}, 400, "no-user-question", "no text"),
        ({"messages": []}, 400, "bad-field", "messages"),
        ({"messages": [{"role": "pirate", "content": "x"}]}, 400, "bad-field", "role"),
        ({"messages": [{"role": "user", "content": "x"}], "n": 2}, 400, "bad-field", "n:"),
        ({"messages": [{"role": "user", "content": "x"}], "keep": 0}, 400, "bad-field", "keep"),
        (
            {
                "messages": [{"role": "user", "content": "x"}],
                "response_format": {"type": "json_schema", "json_schema": {"name": "x"}},
            },
            400,
            "bad-field",
            "leave response_format out",
        ),
        (
            {"messages": [{"role": "user", "content": "x"}], "tool_choice": "required"},
            400,
            "bad-field",
            "calls no tools",
        ),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            400,
            "not-a-text-part",
            "image_url",
        ),
    ],
)  # fmt: skip
def test_a_wrong_conversation_is_refused_in_openais_shape(
    server: Running, body: Any, status: int, code: str, says: str
) -> None:
    refused = server.post("/v1/chat/completions", json=body)
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (status, code)
    assert says in error["message"]
    assert set(error) == {"message", "type", "param", "code"}


def test_the_client_raises_its_own_error_for_an_unknown_model(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="there is no model nothing; there are library"):
        client.chat.completions.create(model="nothing", messages=[{"role": "user", "content": "x"}])


def test_text_in_parts_is_read_and_settings_of_openai_are_let_pass(server: Running) -> None:
    parts = [{"type": "text", "text": "ferry"}, {"type": "text", "text": "price"}]
    said = {"messages": [{"role": "user", "content": parts}], "temperature": 0.2, "tools": []}
    done = server.post("/v1/chat/completions", json=said)
    assert "five crowns" in done.json()["choices"][0]["message"]["content"]


def test_vectors_are_the_embedders_own_in_both_encodings(
    client: openai.OpenAI, library: Library
) -> None:
    texts = ["ferry price", "a fire", "船员"]
    want = library.models.embedder.embed_passages(texts)
    given = client.embeddings.create(model="words", input=texts)  # base64 on the wire
    assert [one.embedding for one in given.data] == [pytest.approx(row) for row in want.tolist()]
    assert [one.index for one in given.data] == [0, 1, 2]
    plain = client.embeddings.create(model="library", input="ferry price", encoding_format="float")
    assert plain.data[0].embedding == pytest.approx(want[0].tolist())
    assert plain.usage.prompt_tokens == 2


def test_base64_is_float32_with_the_lowest_byte_first(server: Running) -> None:
    asked = {"input": "ferry", "encoding_format": "base64"}
    (one,) = server.post("/v1/embeddings", json=asked).json()["data"]
    assert struct.unpack("<7f", base64.b64decode(one["embedding"])) == (1, 0, 0, 0, 0, 0, 0)


def test_questions_have_their_own_prefix_by_name_or_by_field(
    server: Running, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    embedder: Any = library.models.embedder
    passages = embedder.embed_passages
    monkeypatch.setattr(embedder, "embed_passages", lambda texts: -passages(texts))
    for asked, sign in (
        ({"model": "words"}, -1),
        ({"model": "words:query"}, 1),
        ({"model": "library:query"}, 1),
        ({"model": "words:passage"}, -1),
        ({"input_type": "query"}, 1),
        ({"input_type": "search_query"}, 1),
        ({"input_type": "document"}, -1),
    ):
        (one,) = server.post("/v1/embeddings", json={"input": "fire", **asked}).json()["data"]
        assert one["embedding"][4] == sign, asked


@pytest.mark.parametrize(
    ("body", "status", "says"),
    [
        ({"input": [[1, 2]]}, 400, "check_embedding_ctx_length=False"),
        ({"input": []}, 400, "at least 1 item"),
        ({"input": "x", "dimensions": 3}, 400, "words gives 7 dimensions"),
        ({"input": "x", "model": "ada"}, 404, "there is no model ada; there are words, library"),
        ({"input": "x", "encoding_format": "int8"}, 400, "'float' or 'base64'"),
        ({"input": "\ud800"}, 400, "unicode"),
    ],
)
def test_texts_that_cannot_be_embedded_are_told(
    server: Running, body: Any, status: int, says: str
) -> None:
    refused = server.post(
        "/v1/embeddings",
        content=json.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert refused.status_code == status
    assert says in refused.json()["error"]["message"]


@pytest.mark.parametrize("path", ["/rerank", "/v1/rerank", "/v2/rerank"])
def test_documents_are_put_in_order_and_blank_ones_last(server: Running, path: str) -> None:
    documents = ["", "no such thing", {"text": "the ferry price"}, "a ferry"]
    asked = {"query": "ferry price", "documents": documents, "top_n": 3, "return_documents": True}
    done = server.post(path, json=asked).json()
    assert [one["index"] for one in done["results"]] == [2, 3, 0]
    assert [one["relevance_score"] for one in done["results"]] == [1.0, 0.5, 0.0]
    text = done["results"][0]["document"]
    assert text == ("the ferry price" if path == "/rerank" else {"text": "the ferry price"})
    assert done["usage"]["total_tokens"] > 0


def test_reranking_gives_logits_if_they_are_wanted_and_no_documents_unless(server: Running) -> None:
    asked = {"query": "ferry price", "documents": ["a ferry"], "raw_scores": True}
    (one,) = server.post("/rerank", json=asked).json()["results"]
    assert one["relevance_score"] == pytest.approx(0.0)
    assert one["document"] is None if "document" in one else True
    assert server.post("/rerank", json={"query": "x", "documents": []}).status_code == 400
    wrong = {"query": "x", "documents": ["y"], "model": "cohere"}
    assert "there are overlap, library" in server.post("/rerank", json=wrong).text


def test_models_are_listed_libraries_first(client: openai.OpenAI) -> None:
    assert [one.id for one in client.models.list()] == ["library", "words", "overlap"]
    assert client.models.retrieve("library").object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")


def test_langchains_classes_for_openai_talk_to_it(server: Running, library: Library) -> None:
    chat = ChatOpenAI(base_url=f"{server.url}/v1", api_key="none", model="library")  # type: ignore[arg-type]
    assert "five crowns" in chat.invoke("What is the ferry price?").content
    assert "five crowns" in "".join(
        str(piece.content) for piece in chat.stream("What is the ferry price?")
    )
    embeddings = OpenAIEmbeddings(
        base_url=f"{server.url}/v1",
        api_key="none",  # type: ignore[arg-type]
        model="library",
        check_embedding_ctx_length=False,
    )
    want = library.models.embedder.embed_passages(["ferry", "fire"]).tolist()
    assert embeddings.embed_documents(["ferry", "fire"]) == want


def test_nothing_in_an_answer_makes_a_page_fetch_a_picture(server: Running) -> None:
    done = server.chat("refund").json()
    streamed = "".join(pieces(server.chat("refund", stream=True).text))
    for text in (done["choices"][0]["message"]["content"], streamed):
        assert "!\\[a]" in text
        assert " \\<img" in text
        assert "![" not in text
        assert "1 < 2!" in text
    assert done["citations"][0]["quote"] == TRAP


@pytest.mark.parametrize("text", ["a![b](c)", "<!--", "<<b>", "!!![x", "x<", "1<2 !", "</a>"])
def test_text_is_made_harmless_the_same_in_pieces(text: str) -> None:
    whole, letters = Harmless(), Harmless()
    at_once = whole.feed(text) + whole.finish()
    assert "".join(map(letters.feed, text)) + letters.finish() == at_once
    assert at_once.replace("\\", "") == text


def test_the_places_below_an_answer_are_no_part_of_what_was_said() -> None:
    assert without_feet("A. [1]\n\nSources:\n- [1] a.md, page 1") == "A. [1]"
    assert without_feet("A.\n\n来源：\n- [1] a.md，第 1 页\n- [2] b") == "A."
    assert without_feet("Sources: none") == "Sources: none"
