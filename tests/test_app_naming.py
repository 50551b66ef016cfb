"""Documents are called by their paths within the library, and are found by these."""

from pathlib import Path

import pytest
from conftest import OverlapReranker, WordEmbedder

from bifolio import Libraries, Library, Models, as_json
from bifolio.choosing import meant
from bifolio.cli import commands
from bifolio.ingest import message
from bifolio.naming import Names, without_places


@pytest.fixture
def models(embedder: WordEmbedder, reranker: OverlapReranker) -> Models:
    return Models(embedder, reranker)


def _library(place: Path, models: Models, **files: str) -> Library:
    for name, text in files.items():
        file = place / "docs" / f"{name.replace('__', '/')}.md"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    library = Library.open(place / "library", models=models)
    library.add(place / "docs")
    return library


def test_a_name_is_the_path_below_the_folder_that_all_files_share(
    models: Models, tmp_path: Path
) -> None:
    library = _library(tmp_path, models, fares="ferry price", more__crew="crew", more__x__y="fire")
    library.add_bytes("uploaded.md", b"refund")
    names = Names(library, "shown")

    called = {names.name(one.path) for one in library.documents()}
    assert called == {"fares.md", "more/crew.md", "more/x/y.md", "uploaded.md"}
    (tmp_path / "fire.md").write_text("fire")
    library.add(tmp_path / "fire.md")
    assert names.name(str(tmp_path / "fire.md")) == "fire.md"
    assert names.name(str(tmp_path / "docs" / "fares.md")) == "docs/fares.md"
    # The name that it had before is still its own.
    assert [one.title for one in library.sources("more/crew.md")] == ["crew"]


def test_the_end_of_a_path_is_no_part_of_a_name() -> None:
    known = ["/a/x.md", "/a/b/x.md", "/c/ax.md", "up.md"]

    assert meant("b/x.md", known) == ["/a/b/x.md"]
    assert meant("x.md", known) == ["/a/x.md", "/a/b/x.md"]
    assert meant("ax.md", known) == ["/c/ax.md"]
    assert meant("up.md", known) == ["up.md"]
    assert meant("", known) == meant("/x.md", known) == meant("../a/x.md", known) == []


def test_an_answer_from_two_libraries_is_verified_in_both(
    models: Models, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = _library(tmp_path / "one", models, notes="The ferry price is five crowns.")
    other = _library(tmp_path / "other", models, notes="The crew is nine strong.")
    both = Libraries([one, other])
    for question, library in (("ferry price", one), ("crew", other)):
        printed = as_json.answer(both.ask(question), explain=False)
        assert printed["citations"][0]["library"] == str(library.folder)
        assert both.verify(printed).sound
        for cited in printed["citations"]:
            cited["document"], cited["library"] = "notes.md", ""
        assert both.verify(printed).sound
        alone = other if library is one else one
        assert [quote.place for quote in alone.verify(printed).quotes] == ["absent"]


def test_the_command_verifies_against_several_libraries(
    models: Models,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(Models, "open", lambda *_, **__: models)
    one = _library(tmp_path / "one", models, fares="The ferry price is five crowns.")
    _library(tmp_path / "other", models, crew="The crew is nine strong.")
    named = [f"--library={tmp_path / name / 'library'}" for name in ("other", "one")]
    assert commands.main([*named, "--json", "ask", "ferry price"]) == 0
    file = tmp_path / "answer.json"
    file.write_text(capsys.readouterr().out, encoding="utf-8")

    assert one.folder.is_dir()
    assert commands.main([*named, "verify", str(file)]) == 0
    assert commands.main([named[0], "verify", str(file)]) == commands.UNSOUND


def test_messages_tell_no_place_but_what_was_asked_for() -> None:
    inner = message("x", "{file} is away", file="/home/some/where.db")
    said = message(
        "y", "{folder}: {why}, {pattern}", folder=Path("/a/lib"), why=inner, pattern="/p"
    )

    assert str(without_places(said)) == "lib: where.db is away, /p"
    asked = message("unknown-document", "{folder} has no {path}", folder=Path("/a/l"), path="/x/y")
    assert str(without_places(asked)) == "l has no /x/y"
