"""The protocols of published tables, on doubles whose numbers can be worked out by hand."""

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from bifolio import Library, Settings
from bifolio.cli import commands
from bifolio.evaluation import BadEvaluationFile, overlapping, read_cases
from bifolio.ingest import Document, Page
from bifolio.models import Models


def words(text: str) -> int:
    return len(text.split())


def test_chunks_overlap_and_leave_nothing_out() -> None:
    text = " ".join(f"Sentence number {n} of this text ends here." for n in range(300))
    document = Document("a", "", "a", text, (Page(1, 0, len(text)),))
    chunks = overlapping(document, words)
    assert (chunks[0].start, chunks[-1].end) == (0, len(text))
    assert all(words(chunk.text) <= 512 for chunk in chunks)
    for before, after in pairwise(chunks):
        shared = words(text[after.start : before.end])
        assert 150 <= shared <= 200
    assert len(chunks) == len({chunk.start for chunk in chunks})


def test_a_short_text_is_one_chunk_and_a_long_word_ends() -> None:
    short = Document("a", "", "a", "One line.", (Page(1, 0, 9),))
    assert [chunk.text for chunk in overlapping(short, words)] == ["One line."]
    long = Document("a", "", "a", "x" * 20_000, (Page(1, 0, 20_000),))
    assert overlapping(long, len)[-1].end == 20_000


@pytest.fixture
def doubles(monkeypatch: pytest.MonkeyPatch, embedder: Any, reranker: Any) -> list[Settings]:
    """Let each library have the doubles; remember with which settings it was opened."""
    seen: list[Settings] = []

    def opened(folder: Path, *, settings: Settings, create: bool = True) -> Library:
        seen.append(settings)
        return Library(folder, models=Models(embedder, reranker), create=create)

    def opened_alone(settings: Settings) -> Models:
        seen.append(settings)
        return Models(embedder, reranker)

    monkeypatch.setattr(Library, "open", opened)
    monkeypatch.setattr(Models, "open", opened_alone)
    return seen


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> list[dict[str, Any]]:
    assert commands.main(["eval", "--json", *map(str, arguments)]) == 0
    table: list[dict[str, Any]] = json.loads(capsys.readouterr().out)["table"]
    return table


def written(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return path


def test_the_table_reranks_the_ten_nearest_and_looks_at_five(
    doubles: list[Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The more prices, the less is said of the ferry: the vectors order the contexts a to l."""
    rows = [
        {"context_id": name, "text": f"ferry word{name} {'price ' * place}"}
        for place, name in enumerate("abcdefghijkl")
    ]
    contexts = written(tmp_path / "c", *rows)
    questions = written(
        tmp_path / "q",
        {"question": "ferry wordh", "context_id": "h"},
        {"question": "ferry wordb", "context_id": "b"},
        {"question": "ferry wordl", "context_id": "l"},
    )
    table = run(
        capsys,
        "--preset", "llamaindex", "--contexts", contexts, "--questions", questions,
        "--embedders", "one,two", "--rerankers", "three",
    )  # fmt: skip
    assert [row["reranker"] for row in table] == [None, "overlap", None, "overlap"]
    assert [row["hit_rate"]["value"] for row in table[:2]] == pytest.approx(
        [1 / 3, 2 / 3], abs=1e-4
    )
    assert [row["mrr"]["value"] for row in table[:2]] == pytest.approx([1 / 6, 2 / 3], abs=1e-4)
    assert [settings.embedder for settings in doubles] == ["one", "one", "two", "two"]
    assert [settings.reranker for settings in doubles] == [None, "three"] * 2


def test_the_table_cuts_the_documents_of_a_library_anew(
    doubles: list[Settings], documents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["ingest", "--library", str(tmp_path / "l"), str(documents)]) == 0
    capsys.readouterr()
    file = written(tmp_path / "q", {"question": "fire", "document": "safety.txt", "pages": [1]})
    table = run(capsys, "--preset", "llamaindex", "--library", tmp_path / "l", "--questions", file)
    assert [row["mrr"]["value"] for row in table] == [1.0, 1.0]


def test_mteb_orders_the_texts_of_each_query(
    doubles: list[Settings], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The reranker shares words with one positive; by vectors both positives beat the negative."""
    file = written(
        tmp_path / "q",
        {"query": "ferry price", "positive": ["ferry price", "渡轮票价"], "negative": ["ferry"]},
        {"query": "nothing to tell", "positive": ["x"], "negative": []},
    )
    table = run(capsys, "--preset", "mteb-reranking", "--questions", file)
    assert [row["kind"] for row in table] == ["embedder", "reranker"]
    assert table[0]["map"]["value"] == 1.0
    assert table[1]["map"]["value"] == pytest.approx((1 + 2 / 3) / 2, abs=1e-4)
    assert table[1]["mrr@10"]["value"] == 1.0
    assert commands.main(["eval", "--preset", "mteb-reranking", "--questions", str(file)]) == 0
    assert "1 queries" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({"query": "a", "positive": "b", "negative": []}, "line 1: positive is no list of texts"),
        ({"query": "", "positive": ["b"], "negative": ["c"]}, "line 1: query is missing or empty"),
        ({"query": "a", "positive": ["b"], "negative": []}, "no line has both"),
    ],
)
def test_a_bad_case_is_told(tmp_path: Path, row: dict[str, Any], said: str) -> None:
    with pytest.raises(BadEvaluationFile, match=said):
        read_cases(written(tmp_path / "q", row))


def test_a_preset_without_questions_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["eval", "--preset", "llamaindex"]) == 1
    assert "a preset needs --questions FILE" in capsys.readouterr().err
