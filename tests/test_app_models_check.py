"""``bifolio models --check`` calls the chosen models and tells what they give."""

import json
from collections.abc import Iterator

import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import KEY, ModelServer, Scripted, serving

from bifolio.cli import commands
from bifolio.retrieval.models.remote import exchange


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setattr(exchange, "_FIRST_PAUSE", 0.0)
    monkeypatch.setenv("BIFOLIO_EMBEDDER_KEY", KEY)
    with serving(WordEmbedder().embed_queries, OverlapReranker().scores) as served:
        yield served


def chosen(server: ModelServer) -> list[str]:
    embedder, reranker = f"vllm:words@{server.url}", f"tei:overlap@{server.url}"
    return ["models", "--check", "--embedder", embedder, "--reranker", reranker]


def test_models_at_a_server_are_tried(
    server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(chosen(server)) == 0

    embedder, reranker = capsys.readouterr().out.splitlines()
    assert embedder.startswith(f"embedder words ({server.url}): 7 dimensions; ")
    assert embedder.endswith(" ms a call")
    assert "score that the server of overlap gives, from 0 to 1" in reranker
    assert "no threshold yet" in reranker


def test_what_fails_is_told_and_the_other_is_still_tried(
    server: ModelServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.always = lambda asked: Scripted(401) if "input" in asked.body else None

    assert commands.main([*chosen(server), "--json"]) == 1

    told = json.loads(capsys.readouterr().out)
    embedder, reranker = told["tried"]
    assert not told["sound"]
    assert "refused the key; check BIFOLIO_EMBEDDER_KEY" in embedder["problem"]
    assert reranker["problem"] is None
    assert KEY not in str(told)


def test_the_starter_is_tried_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["models", "--check"]) == 0

    told = capsys.readouterr().out
    assert "embedder starter-embedder (" in told
    assert "dimensions" in told
    assert "leaning on vectors and words" in told
