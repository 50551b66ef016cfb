"""Each setting has one name in Python, in the environment, on the command line and in a file."""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bifolio import BadSetting, Settings
from bifolio.cli import options
from bifolio.settings import names

# A value of each setting that is not its default.
OTHERS: dict[str, Any] = {
    "library": Path("/elsewhere"),
    "models": "bce",
    "embedder": "someone/embedder",
    "reranker": "someone/reranker",
    "embedder_key": "secret",
    "reranker_key": "secret",
    "pooling": "cls",
    "query_prefix": "",
    "passage_prefix": "passage: ",
    "llm": "qwen",
    "base_url": "http://127.0.0.1:1/v1",
    "api_key": "secret",
    "servers": "https://one.example http://127.0.0.1:2",
    "sources": os.pathsep.join(["someone/embedder", "/models/one.gguf"]),
    "documents": "postgresql://someone:secret@host/name",
    "milvus_token": "secret",
    "first_seconds": 7.5,
    "idle_seconds": 2.5,
    "context_tokens": 777,
    "support": 0.25,
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the user's own folder of settings."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_is_tried_here() -> None:
    assert [name for name, _ in names()] == list(OTHERS)
    assert Settings(**OTHERS) != Settings()


@pytest.mark.parametrize("name", OTHERS)
def test_a_setting_comes_back_from_the_environment_the_flags_and_a_file(
    name: str, home: Path
) -> None:
    wanted = replace(Settings(), **{name: OTHERS[name]})
    environment = wanted.environment()
    named = dict(names())[name]
    secret = named.secret

    assert (named.env in environment) is not secret
    read = Settings.from_env({**environment, named.env: str(OTHERS[name])})
    assert getattr(read, name) == OTHERS[name]

    if not secret:
        given = options.parse([f"--{name.replace('_', '-')}", str(OTHERS[name]), "list"])
        assert getattr(options.settings_from(given), name) == OTHERS[name]

    file = wanted.save()
    assert getattr(Settings.from_env(), name) == getattr(Settings() if secret else wanted, name)
    assert "secret" not in file.read_text()


def test_option_goes_before_environment_before_library_before_user_before_default(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = home / "library"
    models = lambda: Settings.from_env(given={"library": library}).models  # noqa: E731

    assert models() == "starter"
    Settings(models="bge-m3").save()
    assert models() == "bge-m3"
    Settings(models="bge-en").save(library)
    assert models() == "bge-en"
    monkeypatch.setenv("BIFOLIO_MODELS", "bge-zh")
    assert models() == "bge-zh"
    assert options.settings_from(options.parse(["--models", "bce", "list"])).models == "bce"


def test_an_empty_variable_says_nothing_but_for_a_prefix(home: Path) -> None:
    read = Settings.from_env({"BIFOLIO_MODELS": "", "BIFOLIO_QUERY_PREFIX": ""})

    assert (read.models, read.query_prefix, read.passage_prefix) == ("starter", "", None)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "settings.json cannot be read as settings"),
        ('{"colour": 1}', "its names must be some of"),
        ('{"api_key": "x"}', "its names must be some of"),
        ('{"context_tokens": "many"}', "settings.json: 'many' is no context_tokens"),
        ('{"context_tokens": 3}', "give 200 at least"),
        ('{"support": 1.5}', "give a number from 0 to 1"),
        ('{"idle_seconds": 0}', "give more than 0, at most 3600"),
    ],
)
def test_a_file_that_says_nonsense_is_named(content: str, told: str, home: Path) -> None:
    file = Settings(models="bce").save()
    file.write_text(content)

    with pytest.raises(BadSetting, match=told):
        Settings.from_env()


def test_a_flag_with_a_wrong_value_ends_in_usage(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        options.parse(["--context-tokens", "few", "list"])

    assert ended.value.code == 2
    assert "--context-tokens: 'few' is no context_tokens" in capsys.readouterr().err
