"""One question over several libraries."""

import json
from pathlib import Path
from typing import Any

import pytest

from bifolio import DifferentModels, Libraries, Library, Models
from bifolio.cli import commands
from bifolio.libraries import named

TEXTS = {
    "fares.txt": "The ferry price is five crowns.",
    "safety.txt": "In a fire the crew rings the bell.",
    "refunds.txt": "A refund of the ferry price takes ten days.",
    "轮机.txt": "轮机每三个月检修一次。",
}


@pytest.fixture
def both(tmp_path: Path, embedder: Any, reranker: Any) -> Libraries:
    """Give two libraries, each with half of the texts."""
    models = Models(embedder, reranker)
    libraries = [Library(tmp_path / name, models=models) for name in ("sea", "land")]
    for place, (name, text) in enumerate(TEXTS.items()):
        libraries[place % 2].add_bytes(name, text.encode())
    return Libraries(libraries)


def test_an_answer_cites_both_and_tells_the_library_of_each(both: Libraries) -> None:
    answer = both.ask("ferry price crew bell", threshold=0.2)
    found = {cited.library: cited.document.path for cited in answer.citations}
    sea, land = both
    assert found[str(land.folder)] == "safety.txt"
    assert found[str(sea.folder)] in ("fares.txt", "refunds.txt")
    assert answer.trace.libraries == (str(sea.folder), str(land.folder))


def test_two_libraries_give_what_one_with_all_texts_gives(
    both: Libraries, library: Library
) -> None:
    for name, text in TEXTS.items():
        library.add_bytes(name, text.encode())
    for question in ("ferry price", "the crew in a fire", "轮机多久检修一次？"):
        whole, parts = library.retrieve(question), both.retrieve(question)
        # Ties stand in any order.
        assert {(hit.span.path, hit.kept, hit.scores.dense) for hit in parts.trace.hits} == {
            (hit.span.path, hit.kept, hit.scores.dense) for hit in whole.trace.hits
        }
        assert [p.text for p in parts.passages] == [p.text for p in whole.passages]


def test_documents_of_one_path_in_two_libraries_stay_apart(
    tmp_path: Path, embedder: Any, reranker: Any
) -> None:
    models = Models(embedder, reranker)
    one, other = (Library(tmp_path / name, models=models) for name in ("one", "other"))
    one.add_bytes("notes.txt", b"The ferry price is five crowns.")
    other.add_bytes("notes.txt", b"The ferry price is nine crowns.")
    passages = Libraries([one, other]).search("ferry price")
    assert {(passage.library, passage.text) for passage in passages} == {
        (str(one.folder), "The ferry price is five crowns."),
        (str(other.folder), "The ferry price is nine crowns."),
    }
    (found,) = Libraries([one, other]).ask("ferry price").disagreements
    assert {found.one.library, found.other.library} == {str(one.folder), str(other.folder)}


def test_what_two_libraries_both_hold_is_cited_once(
    tmp_path: Path, embedder: Any, reranker: Any
) -> None:
    models = Models(embedder, reranker)
    libraries = [Library(tmp_path / name, models=models) for name in ("one", "other")]
    for library in libraries:
        library.add_bytes("notes.txt", b"The ferry price is five crowns.")
    found = Libraries(libraries).retrieve("ferry price")
    assert [passage.library for passage in found.passages] == [str(libraries[0].folder)]
    assert [str(hit.reason) for hit in found.trace.hits] == [
        "rank 1",
        "the same words as in another library",
    ]


def test_other_models_are_refused_in_one_sentence(
    tmp_path: Path, library: Library, reranker: Any
) -> None:
    class Other:
        name, dims, fingerprint = "others", 7, "others/1"

    apart = Library(tmp_path / "apart", models=Models(Other(), reranker))  # type: ignore[arg-type]
    with pytest.raises(DifferentModels, match=r"library and .*apart have .*words and others"):
        Libraries([library, apart])
    with pytest.raises(DifferentModels, match="ask each by itself"):
        Libraries.open([library.folder, apart.folder], models=library.models)


def test_the_strictest_threshold_holds_for_all(both: Libraries) -> None:
    sea, land = both
    land.set_threshold(0.9, questions=20, rule="f1")
    sea.set_threshold(0.3, questions=20, rule="f1")
    assert both.retrieve("ferry").trace.threshold.value == 0.9
    assert both.retrieve("ferry", threshold=0.1).trace.threshold.value == 0.1
    land.forget_threshold()
    assert both.retrieve("ferry").trace.threshold.value == 0.5


def test_a_library_that_is_named_twice_is_searched_once(both: Libraries) -> None:
    sea, _ = both
    assert len(Libraries([sea, sea]).retrieve("ferry price").trace.libraries) == 1


def test_the_command_asks_several_and_its_json_tells_the_library_of_each_citation(
    both: Libraries, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    sea, land = both
    monkeypatch.setattr(Models, "open", lambda *_: sea.models)
    flags = ["--library", str(sea.folder), "--library", str(land.folder)]
    question = "ferry price crew bell"
    commands.main(["ask", question, *flags, "--threshold", "0.2", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert {cited["library"] for cited in told["citations"]} == {str(sea.folder), str(land.folder)}
    commands.main(["search", question, *flags, "--threshold", "0.2"])
    text = capsys.readouterr().out
    assert "(safety.txt in land), page 1" in text
    assert "(fares.txt in sea), page 1" in text
    assert commands.main(["list", *flags]) == 1
    assert "`list` works on one library; give --library once" in capsys.readouterr().err


def test_libraries_of_one_name_are_told_apart_by_their_paths() -> None:
    assert named(["/a/x", "/b/x", "/b/y"]) == {"/a/x": "/a/x", "/b/x": "/b/x", "/b/y": "y"}
