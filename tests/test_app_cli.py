"""The commands as users' scripts call them: JSON, exit codes, one sentence for each trouble."""

import json
from pathlib import Path
from typing import Any

import pytest

from bifolio import Library, as_json
from bifolio.cli import as_text, commands, options
from bifolio.ingest import Chunk, Document, Page
from bifolio.ingest.lines import width


@pytest.fixture
def home(library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with documents, in which the commands use the library of the doubles."""

    def opened(*_: object, create: bool = True, **__: object) -> Library:
        return library

    monkeypatch.setattr(Library, "open", opened)
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "ferry.txt").write_text("The ferry leaves at seven.")
    (docs / "bridge.txt").write_text("The bridge closes at night.")
    monkeypatch.chdir(tmp_path)
    return docs


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any]]:
    code = commands.main([*arguments, "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_ingest_reports_each_file(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / "blank.txt").write_text("")
    (home / "picture.png").write_bytes(b"x")
    code, report = run(capsys, "ingest", "docs")
    assert code == 3
    assert [
        (Path(file["path"]).name, file["pages"], file["chunks"]) for file in report["added"]
    ] == [
        ("bridge.txt", 1, 1),
        ("ferry.txt", 1, 1),
    ]
    assert [Path(file["path"]).name for file in report["skipped"]] == ["blank.txt"]
    assert report["ignored"] == {".png": 1}


def test_ingest_again_changes_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "ingest", "docs")
    code, report = run(capsys, "ingest", "docs")
    assert (code, report["unchanged"], report["added"]) == (0, 2, [])


def test_a_dry_run_stores_nothing(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, report = run(capsys, "ingest", "docs", "--dry-run")
    assert len(report["added"]) == 2
    assert run(capsys, "list")[1] == {"documents": []}


def test_a_changed_a_renamed_and_a_removed_file(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", "docs")
    (home / "ferry.txt").write_text("The ferry leaves at nine.")
    (home / "bridge.txt").rename(home / "crossing.txt")
    _, report = run(capsys, "ingest", "docs")
    assert [Path(file["path"]).name for file in report["updated"]] == ["ferry.txt"]
    assert [Path(moved["to"]).name for moved in report["renamed"]] == ["crossing.txt"]
    (home / "crossing.txt").unlink()
    assert len(run(capsys, "ingest", "docs")[1]["missing"]) == 1
    assert len(run(capsys, "ingest", "docs", "--prune")[1]["removed"]) == 1
    assert [Path(d["path"]).name for d in run(capsys, "list")[1]["documents"]] == ["ferry.txt"]


def test_ask_gives_the_answer_and_its_citations(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", "docs")
    code, answer = run(capsys, "ask", "The ferry leaves when?")
    assert code == 0
    assert set(answer["citations"][0]) == {
        "marker", "document", "title", "page_start", "page_end", "start", "end", "quote", "score",
        "supported", "found", "page_labels", "library", "outdated",
    }  # fmt: skip
    assert set(answer["timings_ms"]) == {"embed", "recall", "rerank", "answer", "total"}
    assert "trace" not in answer


def test_ask_abstains_with_exit_code_4(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(capsys, "ingest", "docs")
    code, answer = run(capsys, "ask", "Who painted the ceiling?")
    assert (code, answer["abstained"], answer["citations"]) == (4, True, [])


def test_explain_shows_every_candidate_with_a_reason(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", "docs")
    _, answer = run(capsys, "ask", "The ferry leaves when?", "--explain")
    assert {bool(hit["reason"]) for hit in answer["trace"]["hits"]} == {True}
    assert commands.main(["ask", "The ferry leaves when?", "--explain"]) == 0
    said = capsys.readouterr().out
    assert "scores: sigmoid of the logit of overlap" in said
    assert "threshold 0.5 (conftest.py): the best 8 that reach it are kept" in said


def test_search_shows_dropped_hits_behind_the_kept(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", "docs")
    _, found = run(capsys, "search", "The ferry leaves when?")
    assert [hit["kept"] for hit in found["hits"]] == [True, False]
    _, found = run(capsys, "search", "The ferry leaves when?", "--no-rerank")
    assert {hit["scores"]["rerank"] for hit in found["hits"]} == {None}


def test_remove_takes_a_document_out_by_its_name(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(capsys, "ingest", "docs")
    _, gone = run(capsys, "remove", "ferry.txt")
    assert [Path(entry["path"]).name for entry in gone["documents"]] == ["ferry.txt"]
    assert commands.main(["remove", "ferry.txt"]) == 1
    assert "no document ferry.txt" in capsys.readouterr().err


def test_models_lists_the_starter_pair_as_at_hand(capsys: pytest.CaptureFixture[str]) -> None:
    _, listed = run(capsys, "models")
    starters = [model for model in listed["models"] if model["name"].startswith("starter")]
    assert [(model["kind"], model["at_hand"]) for model in starters] == [
        ("embedder", True),
        ("reranker", True),
    ]
    assert commands.main(["models"]) == 0


def test_a_library_that_is_not_there_is_said_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["ask", "Why?", "--library", str(tmp_path / "none")]) == 1
    error = capsys.readouterr().err
    assert "there is no library at" in error
    assert "Traceback" not in error
    assert not (tmp_path / "none").exists()


def test_models_tells_each_rerankers_threshold_or_that_there_is_none_yet(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert commands.main(["models"]) == 0
    lines = {line.split()[0]: line for line in capsys.readouterr().out.splitlines()}
    bce, bge = lines["bce-reranker-base_v1"], lines["bge-reranker-large"]
    assert bce.endswith("threshold 0.4 (its author, BCEmbedding issue 15)")
    assert bge.endswith("no threshold yet")


def test_an_unknown_pair_of_models_is_answered_with_those_there_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["list", "--library", str(tmp_path), "--models", "gpt-9"]) == 1
    assert "choose one of starter, bce" in capsys.readouterr().err


def test_debug_shows_the_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["--debug", "list", "--library", str(tmp_path / "none")]) == 1
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["ask", "Why?", "--keep", "0"],
        ["ask", "Why?", "--threshold", "2"],
        ["ask", "Why?", "--mode", "loud"],
        ["ingest"],
        ["dance"],
        [],
    ],
)
def test_wrong_usage_ends_with_exit_code_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(arguments)
    assert ended.value.code == 2


def test_options_may_stand_before_or_behind_the_command(tmp_path: Path) -> None:
    for arguments in (["--library", "here", "list"], ["list", "--library", "here"]):
        assert options.settings_from(options.parse(arguments)).library == Path("here")


def test_an_upload_is_known_by_its_name_and_stored_by_its_hash(library: Library) -> None:
    report = library.add_bytes("../../etc/ferry.txt", b"The ferry leaves at seven.")
    assert [file.path for file in report.added] == ["ferry.txt"]
    assert [len(file.stem) for file in (library.folder / "files").iterdir()] == [64]
    assert library.add_bytes("again.txt", b"The ferry leaves at seven.").unchanged == 1
    assert str(library.add_bytes("ferry.exe", b"x").skipped[0].reason).startswith(
        "programs hold no text"
    )
    assert library.ask("The ferry leaves when?").citations[0].document.path == "ferry.txt"


def test_an_upload_of_the_same_name_replaces_nothing_and_its_bytes_go_with_it(
    library: Library,
) -> None:
    library.add_bytes("ferry.txt", b"The ferry leaves at seven.")
    library.add_bytes("ferry.txt", b"The ferry leaves at nine.")
    paths = [entry.path for entry in library.documents()]
    assert len(paths) == 2
    library.remove(paths)
    assert list((library.folder / "files").iterdir()) == []


def test_an_upload_that_cannot_be_read_leaves_nothing_behind(library: Library) -> None:
    assert library.add_bytes("empty.txt", b" ").skipped
    assert list((library.folder / "files").iterdir()) == []


def test_a_library_among_its_documents_does_not_take_itself_in(
    library: Library, tmp_path: Path
) -> None:
    library.add_bytes("ferry.txt", b"The ferry leaves at seven.")
    assert library.add(tmp_path).warnings == ()


def test_a_dry_run_makes_no_library(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_text("The ferry leaves at seven.")
    place = tmp_path / "library"
    arguments = ["ingest", str(tmp_path / "a.txt"), "--library", str(place), "--dry-run"]
    assert commands.main(arguments) == 0
    assert "1 added" in capsys.readouterr().out
    assert not place.exists()


def test_a_citation_tells_the_number_that_is_printed_on_its_page(library: Library) -> None:
    text = "The key hangs in the boathouse."
    document = Document("a", "Guide", "0", text, (Page(5, 0, len(text), label="iv"),))
    library.add_chunks([Chunk(document, 0, len(text))])

    answer = library.ask("Where hangs the key, in the boathouse?")

    assert "page 5 (printed as page iv)" in as_text.answer(answer, explain=False)
    shown = as_json.answer(answer, explain=False)["citations"][0]
    assert (shown["page_start"], shown["page_labels"]) == (5, ["iv", "iv"])


@pytest.mark.parametrize(
    ("wrapped", "read_on"),
    [
        (
            "the crew who are on watch that night " * 2 + "keep\nwater by the stern. " * 4,
            "keep water",
        ),
        (
            "值班船员应当在船尾备好饮用水，并且在每班交接时检查一次，发现不足时立即补\n充。" * 3,
            "立即补充",
        ),
    ],
)
def test_a_passage_is_wrapped_by_the_columns_of_its_letters(
    library: Library, tmp_path: Path, wrapped: str, read_on: str
) -> None:
    (tmp_path / "watch.txt").write_text(wrapped, encoding="utf-8")
    library.add(tmp_path / "watch.txt")
    shown = as_text.hits(library.retrieve("watch 船员 crew", threshold=0.0), explain=False)
    lines = [line for line in shown.splitlines() if line.startswith("    ")]
    assert read_on in "".join(line.removeprefix("    ") for line in lines)
    assert 60 < max(map(width, lines)) <= 100
