"""What a library's folder says of servers holds only where the user's own settings say so too."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from conftest import OverlapReranker, WordEmbedder
from model_server import serving

from bifolio import BadSetting, Library, Models, Settings
from bifolio.cli.commands import main
from bifolio.maintenance import BadArchive, export_library, import_library
from bifolio.servers import origin

THERE = "https://there.example/v1"
NAMED = (
    ({"embedder": f"openai:some@{THERE}"}, "embedder"),
    ({"embedder": "youdao:any"}, "embedder"),
    ({"reranker": f"cohere:some@{THERE}"}, "reranker"),
    ({"reranker": "jina:some"}, "reranker"),
    ({"llm": "some", "base_url": THERE}, "base_url"),
    ({"base_url": THERE}, "base_url"),
    ({"llm": "some"}, "llm"),
    ({"llm": "docs"}, "llm"),
    ({"base_url": "http://127.0.0.1:9"}, "base_url"),
)


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder that came from elsewhere, and the user a home."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "library"
    folder.mkdir()
    return folder


def _says(folder: Path, content: Mapping[str, Any]) -> None:
    (folder / "settings.json").write_text(json.dumps(content))


def _read(folder: Path, environ: Mapping[str, str] | None = None) -> Settings:
    return Settings.from_env({**os.environ, **(environ or {})}, given={"library": folder})


@pytest.mark.parametrize(("content", "name"), NAMED)
def test_a_server_that_only_the_folder_names_is_refused(
    content: dict[str, str], name: str, library: Path
) -> None:
    _says(library, content)

    with pytest.raises(BadSetting, match=rf"settings\.json names the server http\S+ \({name}\)"):
        _read(library, {"OPENAI_API_KEY": "sk-secret"})


@pytest.mark.parametrize(("content", "name"), NAMED)
def test_it_is_used_where_the_user_allows_it_in_one_of_four_ways(
    content: dict[str, str], name: str, library: Path
) -> None:
    _says(library, content)
    everything = {
        "BIFOLIO_SERVERS": "https://there.example, https://openapi.youdao.com"
        " https://api.jina.ai https://api.openai.com http://127.0.0.1:9"
    }
    allowed = _read(library, everything)
    assert {key: getattr(allowed, key) for key in content} == content

    assert Settings.from_env(given={"library": library} | content).library == library
    Settings(servers=everything["BIFOLIO_SERVERS"].replace(",", "")).save()
    assert _read(library) == allowed
    # Allowed for this time does not take back what is allowed for good.
    assert getattr(_read(library, {"BIFOLIO_SERVERS": "https://other.example"}), name)


def test_what_the_user_saves_here_goes_on_working_and_does_not_travel(
    library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Settings(models="bce").save()
    Settings(llm="some", base_url=THERE).save(library)
    assert _read(library).base_url == THERE
    assert _read(library).models == "bce"

    moved = library.rename(tmp_path / "moved")
    assert _read(moved).base_url == THERE
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "another machine"))
    with pytest.raises(BadSetting, match=r"https://there\.example"):
        _read(moved)


@pytest.mark.parametrize(
    "address",
    [
        "https://there.example:8443/v1",
        "http://there.example/v1",
        "https://there.example.other.example/v1",
        "https://there.example@other.example/v1",
        "https://other.example\\@there.example/v1",
        "https://there.example\t.other.example/v1",
        "//there.example/v1",
        "ftp://there.example/v1",
        "https://there.example:port/v1",
    ],
)
def test_another_server_with_a_likeness_is_not_the_one_that_is_allowed(
    address: str, library: Path
) -> None:
    _says(library, {"base_url": address})

    with pytest.raises(BadSetting, match="names the server"):
        _read(library, {"BIFOLIO_SERVERS": "https://there.example"})


def test_a_library_cannot_allow_itself_a_server_nor_take_the_users_own_away(library: Path) -> None:
    _says(library, {"servers": "https://there.example", "base_url": THERE})
    with pytest.raises(BadSetting, match="its names must be some of"):
        _read(library)

    # An empty address would send what was meant for the user's own server to OpenAI.
    _says(library, {"base_url": ""})
    Settings(base_url=THERE, llm="some").save()
    with pytest.raises(BadSetting, match=r"https://api\.openai\.com"):
        _read(library)


def test_addresses_are_the_same_server_however_they_are_written() -> None:
    assert origin("HTTPS://There.example:443/v1/") == origin(THERE) == "https://there.example"
    assert origin("http://[::1]:80/x") == "http://[::1]"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        ({"llm": "/models/some.gguf"}, "llm"),
        ({"llm": "~/Some.GGUF"}, "llm"),
        ({"embedder": "{folder}"}, "embedder"),
        ({"reranker": "{folder}"}, "reranker"),
        ({"embedder": "{folder}/bge-m3"}, "embedder"),
        ({"embedder": "here"}, "embedder"),
        ({"embedder": "bge-m3"}, "embedder"),
        ({"models": "bce"}, "embedder"),
        ({"embedder": "starter-embedder", "models": "bge-zh"}, "reranker"),
        ({"reranker": "someone/reranker"}, "reranker"),
        ({"reranker": "someone/reranker/onnx/model.onnx"}, "reranker"),
        ({"embedder": "../../owner/name"}, "embedder"),
    ],
)
def test_a_model_that_only_the_folder_names_is_loaded_from_no_file_and_not_fetched(
    content: dict[str, str], name: str, library: Path
) -> None:
    (library.parent / "here").mkdir()
    content = {key: value.format(folder=library) for key, value in content.items()}
    _says(library, content)
    with pytest.raises(BadSetting, match=rf"names the model \S+ \({name}\)") as refused:
        _read(library)

    model = str(refused.value.message.facts["model"])
    assert f"set BIFOLIO_SOURCES={model}" in str(refused.value)
    for allowed in (
        _read(
            library, {"BIFOLIO_SOURCES": os.pathsep.join(["other", model, "bce-reranker-base_v1"])}
        ),
        Settings.from_env(given={"library": library} | content),
    ):
        assert {key: getattr(allowed, key) for key in content} == content
    Settings(**content).save(library)  # type: ignore[arg-type]
    assert _read(library).llm == content.get("llm")


def test_a_folder_may_name_what_is_in_the_package_or_in_the_hubs_cache(
    library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _says(library, {"models": "starter", "embedder": "starter-embedder"})
    assert _read(library).embedder == "starter-embedder"
    monkeypatch.setattr("bifolio.sources.in_cache", lambda source: Path("/cache"))
    _says(library, {"embedder": "someone/embedder"})
    assert _read(library).embedder == "someone/embedder"
    # The folder of that name on this machine would be taken before the hub's.
    (library.parent / "someone" / "embedder").mkdir(parents=True)
    with pytest.raises(BadSetting, match="names the model"):
        _read(library)


def test_no_request_is_made_and_the_command_says_it_in_a_sentence(
    library: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("BIFOLIO_EMBEDDER_KEY", "sk-secret")
    with serving(WordEmbedder().embed_passages, OverlapReranker().scores) as server:
        _says(library, {"embedder": f"openai:some@{server.url}"})
        assert main(["--library", str(library), "search", "ferry"]) != 0
        assert not server.asked
    told = capsys.readouterr().err
    assert "library's folder alone may not say where texts and keys go" in told
    assert "Traceback" not in told


def test_an_archive_holds_no_settings_and_none_are_taken_out_of_one(
    library: Path, embedder: WordEmbedder, reranker: OverlapReranker, tmp_path: Path
) -> None:
    models = Models(embedder, reranker)
    with Library.open(library, models=models) as opened:
        _says(library, {"base_url": THERE})
        file = tmp_path / "library.zip"
        export_library(opened.store, file, originals=True)
    with ZipFile(file, "a") as archive:
        assert "settings.json" not in archive.namelist()
        archive.writestr("settings.json", json.dumps({"base_url": THERE}))

    with pytest.raises(BadArchive, match=r"it holds 'settings\.json'"):
        import_library(file, tmp_path / "new", models)
    assert not (tmp_path / "new" / "settings.json").exists()
