"""A library whose models are behind a server finds what it finds with the same models here."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import KEY, Asked, ModelServer, Scripted, serving

from bifolio import Library, LibraryMismatch, Settings
from bifolio.cli import commands
from bifolio.models import Models
from bifolio.retrieval import CrossEncoder, EmbedderOptions, ModelEmbedder, embedder_recipe
from bifolio.retrieval.models.remote import exchange
from bifolio.retrieval.models.remote.embedder import RemoteEmbedder

QUESTIONS = ("How much does the ferry cost?", "退款要多久？", "What happens in a fire?")


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelServer]:
    monkeypatch.setattr(exchange, "_FIRST_PAUSE", 0.0)
    monkeypatch.setenv("BIFOLIO_EMBEDDER_KEY", KEY)
    with serving(WordEmbedder().embed_queries, OverlapReranker().scores) as served:
        yield served


@pytest.fixture(scope="module")
def bare() -> ModelEmbedder:
    """The starter's embedder as a server runs it: what stands before a text is the client's."""
    nothing = EmbedderOptions(query_prefix="", passage_prefix="")
    return ModelEmbedder(embedder_recipe("starter-embedder"), nothing)


def test_the_starter_behind_a_server_finds_the_same_passages(
    tmp_path: Path,
    documents: Path,
    bare: ModelEmbedder,
    starter_embedder: ModelEmbedder,
    starter_reranker: CrossEncoder,
) -> None:
    (documents / "long.txt").write_text("The harbour is closed in winter. " * 90, "utf-8")
    with serving(bare.embed_queries, starter_reranker.scores) as server:
        settings = Settings(
            embedder=f"infinity:starter-embedder@{server.url}",
            reranker=f"infinity:starter-reranker@{server.url}",
        )
        there = Library.open(tmp_path / "there", settings=settings)
        here = Library(tmp_path / "here", models=Models(starter_embedder, starter_reranker))
        for library in (there, here):
            library.add([documents])
        for question in QUESTIONS:
            far, near = there.retrieve(question), here.retrieve(question)
            assert [p.text for p in far.passages] == [p.text for p in near.passages]
            scores = [[p.score for p in found.passages] for found in (far, near)]
            np.testing.assert_allclose(*scores, atol=1e-4)


def test_a_server_that_goes_down_loses_nothing_and_ingest_goes_on(
    server: ModelServer, tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def down(asked: Asked) -> Scripted | None:
        return Scripted(503, {"error": "out of memory"}) if "fire" in str(asked.body) else None

    server.always = down
    arguments = [
        "--library",
        str(tmp_path / "library"),
        "--embedder",
        f"vllm:words@{server.url}/v1",
    ]

    assert commands.main(["ingest", str(documents), *arguments]) == 1
    told = capsys.readouterr().err
    assert f"the model words at {server.url}/v1 failed (HTTP 503: out of memory)" in told
    assert "what was stored stays, run again to go on" in told
    stored = len(server.texts)

    server.always = None
    assert commands.main(["ingest", str(documents), *arguments]) == 0
    again = [text for texts in server.texts[stored:] for text in texts]
    assert any("fire" in text for text in again)


def test_documents_are_listed_while_the_server_is_away(
    server: ModelServer, tmp_path: Path, documents: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [
        "--library",
        str(tmp_path / "library"),
        "--embedder",
        f"vllm:words@{server.url}/v1",
    ]
    assert commands.main(["ingest", str(documents), *arguments]) == 0
    server.always = lambda _: Scripted(503)

    assert commands.main(["list", *arguments]) == 0
    assert "fares.md" in capsys.readouterr().out
    assert commands.main(["search", "ferry", *arguments]) == 1
    assert "see the server's log" in capsys.readouterr().err


def test_a_library_says_when_another_model_answers(
    server: ModelServer, tmp_path: Path, documents: Path
) -> None:
    settings = Settings(embedder=f"vllm:words@{server.url}/v1", embedder_key=KEY)
    library = Library.open(tmp_path / "library", settings=settings)
    library.add([documents])
    server.embed = lambda texts: np.ones((len(texts), 3), np.float32)

    with pytest.raises(Exception, match="gave vectors of 3 dimensions, not 7"):
        library.retrieve("ferry")
    with pytest.raises(LibraryMismatch, match=r"words \(7 dimensions\), asked for words \(3\)"):
        Library.open(tmp_path / "library", settings=settings)


def test_the_key_is_stored_nowhere(
    server: ModelServer,
    tmp_path: Path,
    documents: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    settings = Settings.from_env(given={"embedder": f"vllm:words@{server.url}/v1"})
    library = Library.open(tmp_path / "library", settings=settings)
    library.add([documents])
    settings.save(tmp_path / "library")

    assert server.asked[-1].headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in repr(settings)
    assert KEY not in str(settings.environment())
    assert KEY not in caplog.text
    kept = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert {"settings.json", "db.sqlite"} <= {file.name for file in kept}
    assert not any(KEY.encode() in file.read_bytes() for file in kept)


def test_the_starter_behind_a_server_gives_the_same_vectors(
    bare: ModelEmbedder,
    starter_embedder: ModelEmbedder,
) -> None:
    texts = ["The notice period is three months.", "渡轮九点离开港口。", "word " * 900]
    with serving(bare.embed_queries, OverlapReranker().scores) as server:
        found = RemoteEmbedder(f"infinity:starter-embedder@{server.url}").embed_passages(texts)

    here = starter_embedder.embed_passages(texts)
    np.testing.assert_allclose(found[:2], here[:2], atol=1e-4)
    assert float(found[2] @ here[2]) > 0.99
