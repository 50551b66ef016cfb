"""Youdao's own service: texts in a form with a signature, which a double checks as documented."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import ModelServer, Scripted, serving

from bifolio.retrieval import ModelUnavailable
from bifolio.retrieval.models.remote import exchange
from bifolio.retrieval.models.remote.embedder import RemoteEmbedder
from bifolio.retrieval.models.remote.youdao import length, signed_part


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[ModelServer]:
    monkeypatch.setattr(exchange, "_FIRST_PAUSE", 0.0)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    with serving(WordEmbedder().embed_queries, OverlapReranker().scores) as served:
        yield served


def youdao(server: ModelServer, key: str | None = "ID:SECRET") -> RemoteEmbedder:
    return RemoteEmbedder(f"youdao:@{server.url}", key=key)


def test_a_request_is_signed_over_all_its_texts(server: ModelServer) -> None:
    texts = ["ferry", "渡轮", *[f"fire {number} & crew=1" for number in range(30)]]

    found = youdao(server).embed_passages(texts)

    np.testing.assert_allclose(found, WordEmbedder().embed_queries(texts), atol=1e-6)
    assert max(len(asked.body["q"]) for asked in server.asked) == 16
    assert all("SECRET" not in str(asked) for asked in server.asked)


@pytest.mark.parametrize(
    ("text", "part"),
    [("x" * 20, "x" * 20), ("0123456789abcdefghijk", "012345678921bcdefghijk"), ("", "")],
)
def test_of_a_long_text_its_ends_and_its_length_are_signed(text: str, part: str) -> None:
    assert signed_part(text) == part


def test_a_text_beyond_four_hundred_words_or_characters_goes_in_parts(server: ModelServer) -> None:
    youdao(server).embed_passages(["渡轮" * 500, "ferry " * 900])

    sent = [text for asked in server.asked for text in asked.body["q"]]
    assert max(map(length, sent)) <= 400
    assert len(sent) > 6


@pytest.mark.parametrize("key", [None, "ID", "ID:", ":SECRET"])
def test_without_id_and_secret_nothing_is_sent(server: ModelServer, key: str | None) -> None:
    with pytest.raises(ModelUnavailable, match="set BIFOLIO_EMBEDDER_KEY to ID:SECRET"):
        youdao(server, key).embed_queries(["ferry"])
    assert not server.asked


def test_a_wrong_secret_is_told_without_showing_it(server: ModelServer) -> None:
    with pytest.raises(ModelUnavailable, match=r"signature \(error 202\)") as raised:
        youdao(server, "ID:WRONGONE").embed_queries(["ferry"])
    assert "WRONGONE" not in str(raised.value)


def test_a_busy_service_is_asked_again_with_a_new_signature(server: ModelServer) -> None:
    server.scripted = [Scripted(200, {"errorCode": "411"})]

    assert youdao(server).dims == 7
    assert server.asked[0].body["salt"] != server.asked[1].body["salt"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"errorCode": "401"}, "no money left"),
        ({"errorCode": "411"}, "asked too often"),
        ({"errorCode": "103", "msg": "too long"}, "reports the error 103 too long"),
        ({"errorCode": "0"}, "no list of 1 vectors"),
        ({"errorCode": "0", "result": {"embeddingList": [["x"]]}}, "no row of numbers"),
    ],
)
def test_each_error_of_the_service_is_a_sentence(
    server: ModelServer, given: object, told: str
) -> None:
    server.always = lambda _: Scripted(200, given)

    with pytest.raises(ModelUnavailable, match="the model youdao at http") as raised:
        youdao(server).embed_queries(["ferry"])
    assert told in str(raised.value)
