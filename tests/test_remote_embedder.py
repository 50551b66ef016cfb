"""An embedder at a server: the same vectors as here, and one sentence where there are none."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import KEY, Asked, ModelServer, Scripted, serving

from bifolio.retrieval import EmbedderOptions, ModelUnavailable, UnknownModel
from bifolio.retrieval.models.embedder_recipes import BGE_ZH
from bifolio.retrieval.models.remote import exchange
from bifolio.retrieval.models.remote.embedder import RemoteEmbedder
from bifolio.retrieval.models.remote.parts import fitting, halves


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with serving(WordEmbedder().embed_queries, OverlapReranker().scores) as served:
        yield served


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exchange, "_FIRST_PAUSE", 0.0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


def remote(server: ModelServer, model: str = "words", options: str = "") -> RemoteEmbedder:
    return RemoteEmbedder(f"infinity:{model}@{server.url}{options}", key=KEY)


def refusal(embedder: RemoteEmbedder) -> str:
    with pytest.raises(ModelUnavailable) as raised:
        embedder.embed_queries(["ferry"])
    told = str(raised.value)
    assert KEY not in told
    assert embedder.served.url in told
    return told


def test_the_vectors_are_those_of_the_server_in_the_callers_order(server: ModelServer) -> None:
    texts = ["ferry", "fire and crew", "ferry", "退款"]

    found = remote(server).embed_passages(texts)

    np.testing.assert_allclose(found, WordEmbedder().embed_queries(texts), atol=1e-6)
    assert found.dtype == np.float32


def test_vectors_may_come_in_base64_and_are_made_unit(server: ModelServer) -> None:
    server.embed = lambda texts: np.array([[3.0, 4.0]] * len(texts), np.float32)

    found = RemoteEmbedder(f"openai:m@{server.url}/v1", key=KEY).embed_queries(["x"])

    assert server.asked[-1].body["encoding_format"] == "base64"
    assert server.asked[-1].path == "/v1/embeddings"
    np.testing.assert_allclose(found, [[0.6, 0.8]], atol=1e-6)


def test_requests_carry_at_most_so_many_texts_and_characters(server: ModelServer) -> None:
    embedder = remote(server, options="#batch=4")
    embedder.embed_passages([f"ferry {number}" for number in range(10)])
    assert [len(texts) for texts in server.texts[1:]] == [4, 4, 2]

    server.asked.clear()
    embedder.embed_passages(["a" * 60_000 + str(number) for number in range(3)])
    assert [len(texts) for texts in server.texts] == [1, 1, 1]


def test_a_blank_text_is_not_sent_and_is_like_nothing(server: ModelServer) -> None:
    found = remote(server).embed_passages(["", "ferry", " \n"])

    assert found[[0, 2]].any() == False  # noqa: E712
    assert found[1].any()
    assert ["ferry"] in server.texts
    assert remote(server).embed_passages([]).shape == (0, 7)


def test_known_models_get_their_prefixes_and_a_user_may_say_others(server: ModelServer) -> None:
    remote(server, "BAAI/bge-base-zh-v1.5").embed_queries(["ferry"])
    assert server.texts[-1] == [BGE_ZH + "ferry"]

    remote(server, "intfloat/multilingual-e5-base").embed_passages(["ferry"])
    assert server.texts[-1] == ["passage: ferry"]

    name = f"ollama:bge-large-zh-v1.5:latest@{server.url}"
    RemoteEmbedder(name, EmbedderOptions(query_prefix="")).embed_queries(["ferry"])
    assert server.texts[-1] == ["ferry"]


def test_how_long_the_vectors_are_is_asked_once_and_remembered(server: ModelServer) -> None:
    assert remote(server).dims == 7
    assert remote(server).dims == 7
    assert len(server.asked) == 1


def test_a_server_may_move_and_the_fingerprint_stays(server: ModelServer) -> None:
    there = RemoteEmbedder("tei:BAAI/bge-m3@https://models.example.org/v1")
    here = RemoteEmbedder(f"ollama:bge-m3@{server.url}")

    assert (there.name, there.fingerprint) == (here.name, here.fingerprint)
    assert here.fingerprint != RemoteEmbedder(f"ollama:bge-m3@{server.url}#dims=64").fingerprint


def test_other_dims_than_before_are_an_error_once_and_then_asked_anew(server: ModelServer) -> None:
    assert remote(server).dims == 7
    server.embed = lambda texts: np.ones((len(texts), 3), np.float32)

    assert "gave vectors of 3 dimensions, not 7" in refusal(remote(server))
    assert remote(server).dims == 3


def test_dims_that_are_asked_for_are_sent_and_checked(server: ModelServer) -> None:
    embedder = remote(server, options="#dims=5")

    assert "gave vectors of 7 dimensions, not 5" in refusal(embedder)
    assert server.asked[-1].body["dimensions"] == 5


def test_a_text_longer_than_the_model_reads_is_the_mean_of_its_parts(
    server: ModelServer, caplog: pytest.LogCaptureFixture
) -> None:
    text = "crew " * 30 + "fire " * 30

    with caplog.at_level(logging.WARNING):
        (found,) = remote(server, options="#tokens=40").embed_passages([text])

    assert all(len(part.split()) <= 40 for part in server.texts[-1])
    np.testing.assert_allclose(found[[2, 4]], [0.5**0.5] * 2, atol=1e-6)
    assert "longer than words reads" in caplog.text


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (413, "Input validation error: `inputs` must have less than 512 tokens. Given: 700"),
        (400, "This model's maximum context length is 512 tokens"),
        (500, "input is too large to process. increase the physical batch size"),
    ],
)
def test_a_text_that_the_server_finds_too_long_is_halved(
    server: ModelServer, status: int, words: str
) -> None:
    def refuse(asked: Asked) -> Scripted | None:
        long = any(len(text) > 100 for text in asked.body["input"])
        return Scripted(status, {"error": {"message": words}}) if long else None

    server.always = refuse

    found = remote(server).embed_passages(["ferry " * 40, "fire"])

    np.testing.assert_allclose(found[:, [0, 4]], [[1, 0], [0, 1]], atol=1e-6)


def test_a_smaller_batch_that_the_server_asks_for_is_kept(server: ModelServer) -> None:
    def refuse(asked: Asked) -> Scripted | None:
        words = {
            "error": "batch size 32 > maximum allowed batch size 10",
            "error_type": "Validation",
        }
        return Scripted(413, words) if len(asked.body["input"]) > 10 else None

    server.always = refuse
    embedder = remote(server)
    embedder.embed_passages([f"ferry {number}" for number in range(32)])
    server.asked.clear()

    embedder.embed_passages([f"fire {number}" for number in range(32)])

    assert max(len(texts) for texts in server.texts) <= 10


def test_what_passes_is_tried_again_after_the_pause_that_is_asked_for(server: ModelServer) -> None:
    busy = Scripted(429, {"error": "slow down"}, headers=(("Retry-After", "0"),))
    server.scripted = [busy, Scripted(503), Scripted(502)]

    assert remote(server).dims == 7
    assert len(server.asked) == 4


def test_tries_are_bounded_and_a_long_pause_is_not_waited_for(server: ModelServer) -> None:
    server.always = lambda _: Scripted(500, {"message": "CUDA error"})
    assert "failed (HTTP 500: CUDA error); see the server's log" in refusal(remote(server))
    assert len(server.asked) == 4

    server.always = lambda _: Scripted(
        429, {"message": "daily"}, headers=(("Retry-After", "3600"),)
    )
    assert "is busy or the account's limit is reached" in refusal(remote(server))
    assert len(server.asked) == 5


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            Scripted(401, {"error": f"Incorrect API key: {KEY}"}),
            "refused the key; check BIFOLIO_EMB",
        ),
        (Scripted(403), "refused the key"),
        (
            Scripted(404, {"error": {"message": "model 'words' not found"}}),
            "model 'words' not found",
        ),
        (Scripted(400, {"message": f"no, {KEY}"}), "refused the request: no, ***"),
        (
            Scripted(307, headers=(("Location", "https://x.org/a?k=1"),)),
            "sends on to https://x.org/a,",
        ),
        (
            Scripted(200, b"<html>Welcome</html>"),
            "something else than JSON ('<html>Welcome</html>')",
        ),
        (Scripted(200, b""), "it is empty"),
        (Scripted(200, {"error": {"message": "loading"}}), "reports an error: loading"),
        (Scripted(200, {"data": []}), "0 results for 1 texts"),
        (Scripted(200, {"data": [{"index": 1, "embedding": [1]}]}), "index 1 is that of no text"),
        (Scripted(200, {"data": [{"index": 0, "embedding": ["x"]}]}), "no row of numbers"),
        (Scripted(200, {"data": [{"index": 0, "embedding": [float("nan")]}]}), "no row of numbers"),
        (Scripted(200, {"data": [{"index": 0, "embedding": "%%%"}]}), "no row of numbers"),
        (Scripted(200, {"data": [{"index": 0, "embedding": []}]}), "no row of numbers"),
        (Scripted(200, {"data": [{"index": 0}]}), "no row of numbers"),
        (Scripted(200, [1, 2]), "it holds no list data"),
    ],
)
def test_each_trouble_is_one_sentence_about_the_server(
    server: ModelServer, given: Scripted, told: str
) -> None:
    server.always = lambda _: given

    assert told in refusal(remote(server))


def test_doubled_places_are_an_error(server: ModelServer) -> None:
    row = {"index": 0, "embedding": [1.0] * 7}
    embedder = remote(server)
    assert embedder.dims == 7
    server.always = lambda _: Scripted(200, {"data": [row, row]})

    with pytest.raises(ModelUnavailable, match="index 0 stands there twice"):
        embedder.embed_passages(["ferry", "fire"])


def test_without_a_key_one_is_asked_for_and_none_is_sent(server: ModelServer) -> None:
    server.always = lambda _: Scripted(401)
    embedder = RemoteEmbedder(f"infinity:words@{server.url}")

    assert "wants a key; set BIFOLIO_EMBEDDER_KEY" in refusal(embedder)
    assert "authorization" not in server.asked[0].headers


def test_the_key_goes_in_its_header_alone(server: ModelServer) -> None:
    remote(server).embed_queries(["ferry"])

    assert server.asked[0].headers["authorization"] == f"Bearer {KEY}"
    assert all(KEY not in f"{asked.path}{asked.body}" for asked in server.asked)


def test_a_key_that_is_none_is_told_without_showing_it(server: ModelServer) -> None:
    with pytest.raises(ModelUnavailable, match="check BIFOLIO_EMBEDDER_KEY") as raised:
        RemoteEmbedder(f"infinity:words@{server.url}", key="sk-\nInjected: 1")
    assert "Injected" not in str(raised.value)


def test_a_redirect_takes_nothing_elsewhere(server: ModelServer) -> None:
    with serving(server.embed, server.score) as other:
        moved = (("Location", f"{other.url}/embeddings"),)
        server.always = lambda _: Scripted(308, headers=moved)

        assert f"sends on to {other.url}" in refusal(remote(server))
        assert not other.asked


def test_an_unreachable_server_is_told_by_its_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]

    told = refusal(RemoteEmbedder(f"vllm:words@http://127.0.0.1:{port}/v1", key=KEY))
    assert f"the model words at http://127.0.0.1:{port}/v1 cannot be reached" in told


def test_no_wait_is_without_end(server: ModelServer) -> None:
    over = threading.Event()
    server.always = lambda _: over.wait(5) and None

    try:
        told = refusal(remote(server, options="#seconds=0.2"))
    finally:
        over.set()
    assert "did not answer within 0.2 seconds" in told


def test_a_reply_that_drips_ends_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        over = threading.Event()

        def drip() -> None:
            wire, _ = listener.accept()
            with wire:
                wire.sendall(b"HTTP/1.1 200 OK\r\n")
                while not over.wait(0.05):
                    wire.sendall(b"X: 1\r\n")

        thread = threading.Thread(target=drip)
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        try:
            told = refusal(RemoteEmbedder(f"infinity:words@{address}#seconds=0.4"))
        finally:
            over.set()
            thread.join()
    assert "did not answer within 0.4 seconds" in told


def test_a_proxy_is_not_asked_for_this_machine(
    server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert remote(server).dims == 7


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("openai:ada@http://models.example.org/v1", "sent your documents and the key unencrypted"),
        ("openai:ada@http://127.0.0.1.example.org/v1", "unencrypted"),
        ("openai:ada@https://me:pw@example.org/v1", "given with a name or password"),
        ("openai:ada@https:///v1", "is no address of a server"),
        ("openai:ada@https://example.org:port/v1", "is no address of a server"),
        ("openai:@https://example.org/v1", "write KIND:MODEL@URL"),
        ("openai:ada@example.org/v1", "write KIND:MODEL@URL"),
        ("openapi:ada@https://example.org", "openapi is no kind of server; choose one of openai"),
        ("cohere:embed-v4.0", "servers of the kind cohere embed nothing here"),
        ("openai:ada#dimensions=3", "#dimensions=3 is not understood"),
        ("openai:ada#dims=many", "#dims=many is not understood"),
        ("openai:ada#scores=percent", "#scores=percent is not understood"),
    ],
)
def test_a_name_that_cannot_be_meant_is_refused(name: str, told: str) -> None:
    with pytest.raises(UnknownModel) as raised:
        RemoteEmbedder(name)
    assert told in str(raised.value)
    assert "pw" not in str(raised.value).replace("password", "")


@pytest.mark.parametrize(
    ("name", "model", "route"),
    [
        (
            "openai:text-embedding-3-small",
            "text-embedding-3-small",
            "https://api.openai.com/v1/embeddings",
        ),
        ("tei:m@http://localhost:8080", "m", "http://localhost:8080/v1/embeddings"),
        ("tei:m@http://[::1]:8080/v1", "m", "http://[::1]:8080/v1/embeddings"),
        (
            "openai:@cf/baai/bge-m3@https://a.org/v1/",
            "@cf/baai/bge-m3",
            "https://a.org/v1/embeddings",
        ),
        ("openai:m@https://a.org/v1/embeddings", "m", "https://a.org/v1/embeddings"),
        ("openai:m@https://a.org/v1?version=2", "m", "https://a.org/v1/embeddings?version=2"),
        ("ollama:bge-m3:latest", "bge-m3:latest", "http://127.0.0.1:11434/v1/embeddings"),
    ],
)
def test_a_name_says_kind_model_and_address(name: str, model: str, route: str) -> None:
    served = RemoteEmbedder(name).served

    assert served.model == model
    assert served.kind.embeds is not None
    assert served.route(served.kind.embeds) == route


def test_what_is_remembered_holds_neither_key_nor_query(
    server: ModelServer, tmp_path: Path
) -> None:
    embedder = RemoteEmbedder(f"openai:m@{server.url}/v1?secret=1", key=KEY)
    assert embedder.dims == 7

    (kept,) = (tmp_path / "cache" / "bifolio").glob("*")
    assert json.loads(kept.read_text()) == {f"m@{server.url}/v1": 7}
    assert KEY not in repr(vars(embedder))


def test_halves_lose_nothing_and_fit() -> None:
    text = "渡轮九点离开港口。" * 50

    assert "".join(halves(text)) == text
    assert max(map(len, fitting(text, 60, len))) <= 60
    assert "".join(fitting(text, 60, len)) == text
