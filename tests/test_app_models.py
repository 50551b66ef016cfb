"""The models that a user asks for, by option, by environment and in Python, are those that run."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from tiny_models import sentence_transformers_layout, tiny_model

from bifolio import Library, LibraryMismatch, Settings
from bifolio.cli import chat, commands, options


def settings(*arguments: str) -> Settings:
    return options.settings_from(options.parse([*arguments, "list"]))


def test_options_of_the_embedder_go_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIFOLIO_POOLING", "cls")
    monkeypatch.setenv("BIFOLIO_QUERY_PREFIX", "query: ")
    monkeypatch.setenv("BIFOLIO_PASSAGE_PREFIX", "passage: ")

    inherited, given = settings(), settings("--pooling", "mean", "--query-prefix", "Q ")

    assert (inherited.pooling, inherited.query_prefix) == ("cls", "query: ")
    assert (given.pooling, given.query_prefix, given.passage_prefix) == ("mean", "Q ", "passage: ")


def test_an_empty_prefix_is_something_said(monkeypatch: pytest.MonkeyPatch) -> None:
    assert settings().query_prefix is None
    assert settings("--query-prefix", "").query_prefix == ""
    monkeypatch.setenv("BIFOLIO_PASSAGE_PREFIX", "")
    assert settings().passage_prefix == ""


def test_a_pooling_that_is_none_is_wrong_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        settings("--pooling", "middle")

    assert ended.value.code == 2
    assert "cls" in capsys.readouterr().err


@pytest.mark.parametrize("prefix", ["Q: ", "", None])
def test_the_web_chat_is_given_the_same_models(
    prefix: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = Settings(embedder="e", reranker="r", pooling="cls", query_prefix=prefix)
    started: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: started.append(arguments))

    chat.serve(given, address="127.0.0.1", hosts=(), port=1)

    ((_, _, environment),) = started
    read = Settings.from_env(environment)
    assert (read.embedder, read.reranker, read.pooling) == ("e", "r", "cls")
    assert (read.query_prefix, read.passage_prefix) == (prefix, None)


def test_an_embedder_of_which_nothing_is_known_runs_once_its_pooling_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = tiny_model(tmp_path / "model")
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.")
    arguments = ["ingest", str(tmp_path / "ferry.txt"), "--library", str(tmp_path / "library")]
    arguments += ["--embedder", str(model)]

    assert commands.main(arguments) == 1
    assert "give --pooling cls or --pooling mean" in capsys.readouterr().err
    assert commands.main([*arguments, "--pooling", "mean"]) == 0


def test_a_fine_tuned_folder_runs_as_it_says(tmp_path: Path) -> None:
    model = sentence_transformers_layout(
        tiny_model(tmp_path / "model"), pooling="cls", prompts={"query": "Q: "}, dense=[16]
    )
    folder = tmp_path / "library"

    library = Library.open(folder, settings=Settings(embedder=str(model)))
    library.add_bytes("ferry.txt", b"The ferry leaves at seven.")

    assert library.retrieve("When?", rerank=False).trace.hits
    for other in (Settings(embedder=str(model), query_prefix=""), Settings()):
        with pytest.raises(LibraryMismatch, match="choose those models again, or make it anew"):
            Library.open(folder, settings=other)


def test_the_list_of_models_says_what_is_known_of_each(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main(["models", "--json"]) == 0
    rows = {row["name"]: row for row in json.loads(capsys.readouterr().out)["models"]}

    starter, chinese, api = (
        rows[name] for name in ("starter-embedder", "bge-small-zh-v1.5", "text-embedding-ada-002")
    )
    assert (starter["dims"], starter["at_hand"], starter["refused"]) == (384, True, "")
    assert (chinese["pooling"], chinese["query_prefix"][-1]) == ("cls", "\uff1a")
    assert "API only" in api["refused"]


def test_the_list_for_people_says_which_models_are_not_run(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main(["models"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}

    assert lines["starter-embedder"].endswith("at hand, 384 dimensions")
    assert "not run: it needs code" in lines["jina-embeddings-v2-base-en"]
