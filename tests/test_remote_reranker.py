"""A reranker at a server, in each of the shapes that they have."""

from collections.abc import Iterator

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import KEY, Asked, ModelServer, Scripted, serving

from bifolio.retrieval import ModelUnavailable, UnknownModel
from bifolio.retrieval.models.remote import exchange
from bifolio.retrieval.models.remote.reranker import RemoteReranker

PASSAGES = ["the ferry leaves", "a fire", "the crew of the ferry"]
QUESTION = "ferry crew"
SHARES = [0.5, 0.0, 1.0]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setattr(exchange, "_FIRST_PAUSE", 0.0)
    with serving(WordEmbedder().embed_queries, OverlapReranker().scores) as served:
        yield served


def remote(server: ModelServer, kind: str = "infinity", options: str = "") -> RemoteReranker:
    return RemoteReranker(f"{kind}:overlap@{server.url}{options}", key=KEY)


def refusal(reranker: RemoteReranker, passages: list[str] = PASSAGES) -> str:
    with pytest.raises(ModelUnavailable) as raised:
        reranker.scores(QUESTION, passages)
    told = str(raised.value)
    assert KEY not in told
    assert f"the model overlap at {reranker.served.url}" in told
    return told


@pytest.mark.parametrize("kind", ["cohere", "jina", "siliconflow", "infinity", "tei", "vllm"])
def test_scores_come_back_in_the_callers_order(server: ModelServer, kind: str) -> None:
    found = remote(server, kind).scores(QUESTION, [*PASSAGES, PASSAGES[0], " "])

    np.testing.assert_allclose(found, [*SHARES, SHARES[0], 0])
    sent = server.asked[0].body.get("documents") or server.asked[0].body["texts"]
    assert sent == PASSAGES


def test_each_kind_is_asked_as_it_wants(server: ModelServer) -> None:
    for kind in ("cohere", "tei", "infinity"):
        remote(server, kind).scores(QUESTION, PASSAGES)

    cohere, tei, infinity = (asked.body for asked in server.asked)
    assert cohere == {"query": QUESTION, "documents": PASSAGES, "model": "overlap", "top_n": 3}
    assert tei == {"query": QUESTION, "texts": PASSAGES, "truncate": False, "raw_scores": False}
    assert infinity == cohere | {"raw_scores": False}


def test_logits_are_asked_for_and_become_sigmoids(server: ModelServer) -> None:
    server.score = lambda _, passages: np.array([2.0, -4.0, 0.0], np.float32)

    found = remote(server, "tei", "#scores=logits").scores(QUESTION, PASSAGES)

    np.testing.assert_allclose(found, [0.8808, 0.018, 0.5], atol=1e-3)
    assert server.asked[0].body["raw_scores"] is True
    np.testing.assert_allclose(remote(server, "llamacpp").scores(QUESTION, PASSAGES), found)


def test_scores_of_another_scale_are_told(server: ModelServer) -> None:
    server.score = lambda _, passages: np.array([2.0, -4.0, 0.0], np.float32)

    assert "gave a score of 2, which is none from 0 to 1" in refusal(remote(server))


def test_requests_carry_at_most_so_many_passages(server: ModelServer) -> None:
    passages = [f"ferry {number}" for number in range(70)]
    for kind, most in (("tei", 32), ("cohere", 100)):
        server.asked.clear()
        assert remote(server, kind).scores("ferry 3", passages)[3] == 1
        sizes = [len(a.body.get("documents") or a.body["texts"]) for a in server.asked]
        assert max(sizes) <= most
        assert sum(sizes) == 70


def test_a_passage_longer_than_the_model_reads_has_the_score_of_its_best_part(
    server: ModelServer,
) -> None:
    found = remote(server, options="#tokens=60").scores(QUESTION, ["fire " * 100 + "ferry crew"])

    parts = server.asked[0].body["documents"]
    assert len(parts) > 1
    assert found == [1]


def test_a_passage_that_the_server_finds_too_long_is_halved(server: ModelServer) -> None:
    def refuse(asked: Asked) -> Scripted | None:
        long = any(len(text) > 80 for text in asked.body["texts"])
        words = {"error": "`inputs` must have less than 512 tokens. Given: 700"}
        return Scripted(413, words) if long else None

    server.always = refuse

    found = remote(server, "tei").scores(QUESTION, ["a fire", "fire " * 40 + "ferry"])
    np.testing.assert_allclose(found, [0, 0.5])


def test_a_question_without_end_leaves_room_for_the_passage(server: ModelServer) -> None:
    remote(server, options="#tokens=200").scores("ferry " * 500, PASSAGES)

    assert len(server.asked[0].body["query"].split()) < 100


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([{"index": 0, "relevance_score": 0.5}], "1 results for 3 texts"),
        ([{"index": 0, "relevance_score": 0.5}] * 3, "index 0 stands there twice"),
        ([{"index": at, "relevance_score": 0.5} for at in (0, 1, 3)], "index 3 is that of no text"),
        (
            [{"index": at, "relevance_score": "high"} for at in range(3)],
            "a score in it is no number",
        ),
        ([{"index": at} for at in range(3)], "a score in it is no number"),
        ("none", "no list results"),
    ],
)
def test_a_reply_that_cannot_be_right_is_one_sentence(
    server: ModelServer, rows: object, told: str
) -> None:
    server.always = lambda _: Scripted(200, {"results": rows})

    assert told in refusal(remote(server))


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (401, "refused the key; check BIFOLIO_RERANKER_KEY"),
        (404, "does not know the model or has no such route"),
        (429, "is busy"),
        (500, "failed (HTTP 500"),
    ],
)
def test_each_refusal_is_one_sentence(server: ModelServer, status: int, told: str) -> None:
    server.always = lambda _: Scripted(status, {"message": KEY})

    assert told in refusal(remote(server))


def test_known_models_have_their_threshold_and_others_none() -> None:
    known = RemoteReranker("siliconflow:netease-youdao/bce-reranker-base_v1").recipe
    other = RemoteReranker("cohere:rerank-v3.5").recipe

    assert (known.threshold, known.max_tokens) == (0.4, 512)
    assert (other.threshold, str(other.score_space)) == (
        None,
        "score that the server of rerank-v3.5 gives, from 0 to 1",
    )
    assert RemoteReranker("tei:BAAI/bge-reranker-v2-gemma").recipe.prompt is None


def test_a_calibration_lasts_while_model_and_scores_are_the_same() -> None:
    one = RemoteReranker("tei:BAAI/bge-reranker-base")
    moved = RemoteReranker("infinity:BAAI/bge-reranker-base@https://example.org")

    assert one.fingerprint == moved.fingerprint
    logits = RemoteReranker("tei:BAAI/bge-reranker-base#scores=logits")
    assert logits.fingerprint != one.fingerprint


def test_a_kind_without_rerankers_says_so() -> None:
    with pytest.raises(UnknownModel, match="kind openai rerank nothing here; choose one of cohere"):
        RemoteReranker("openai:gpt-5")
