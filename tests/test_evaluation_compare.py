"""Two configurations side by side, and pictures."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from bifolio import BifolioError, Library, Settings
from bifolio.cli import commands
from bifolio.evaluation import (
    Outcome,
    Place,
    Question,
    Ranked,
    compare,
    configuration,
    evaluate,
    plot,
    whole,
)
from bifolio.ingest import Document, Page
from bifolio.models import Models
from bifolio.retrieval import SearchOptions

SETTINGS = Settings(models="starter")
RIGHT = (Place(document="here"),)


def outcome(rank: int) -> Outcome:
    """A question whose right one stands at that rank."""
    right = tuple(place == rank for place in range(1, 11))
    question = Question(id="", text="?", right=RIGHT)
    return Outcome(question=question, stages={"rerank": Ranked(right=right, milliseconds=1.0)})


def sides(*texts: str) -> Any:
    return tuple(
        configuration(text, settings=SETTINGS, options=SearchOptions(recall=100)) for text in texts
    )


def test_a_configuration_is_a_pairs_name_or_settings() -> None:
    plain = configuration("bce", settings=SETTINGS, options=SearchOptions(recall=100))
    assert (plain.settings.models, plain.options.recall, plain.stage) == ("bce", 100, "rerank")
    told = configuration(
        "recall=50, stage=hybrid, query-prefix=ask: , bge-zh",
        settings=SETTINGS,
        options=SearchOptions(recall=100),
    )
    assert (told.options.recall, told.stage) == (50, "hybrid")
    assert (told.settings.models, told.settings.query_prefix) == ("bge-zh", "ask:")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("depth=3", "there is no setting 'depth'; choose among models"),
        ("recall=0", "recall 0 is no whole number from 1 to 1000"),
        ("stage=magic", "stage is none of dense, lexical, hybrid, rerank"),
        ("library=elsewhere", "there is no setting 'library'"),
    ],
)
def test_a_setting_that_there_is_not_is_told(text: str, said: str) -> None:
    with pytest.raises(BifolioError, match=said):
        configuration(text, settings=SETTINGS, options=SearchOptions(recall=100))


def test_the_better_one_is_named_when_chance_is_unlikely() -> None:
    before = [outcome(2)] * 30
    after = [outcome(1)] * 25 + [outcome(3)] * 5
    done = compare(before, after, sides("starter", "bce"))
    assert done.differences["mrr@10"].value == pytest.approx((25 * 0.5 - 5 / 6) / 30)
    assert done.differences["hit@10"].value == 0.0
    assert (done.better, done.worse, done.questions) == (25, 5, 30)
    assert done.verdict.startswith("bce is better than starter: its mrr@10 is higher by 0.389")
    assert compare(after, before, sides("starter", "bce")).verdict.startswith(
        "starter is better than bce"
    )


def test_a_difference_that_may_be_chance_names_no_winner() -> None:
    before, after = [outcome(1), outcome(2)] * 5, [outcome(2), outcome(1)] * 5
    assert (
        "do not tell starter and bce apart"
        in compare(before, after, sides("starter", "bce")).verdict
    )


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Any, reranker: Any
) -> list[str]:
    """The options of an evaluation over two contexts by the doubles."""

    def opened(folder: Path, *, settings: Settings | None = None, create: bool = True) -> Library:
        return Library(folder, models=Models(embedder, reranker), create=create)

    monkeypatch.setattr(Library, "open", opened)
    contexts, questions = tmp_path / "c.jsonl", tmp_path / "q.jsonl"
    rows = [{"context_id": "a", "text": "Ferry price"}, {"context_id": "b", "text": "票价"}]
    contexts.write_text("\n".join(map(json.dumps, rows)))
    questions.write_text(json.dumps({"question": "price", "context_id": "b"}))
    return ["--contexts", str(contexts), "--questions", str(questions)]


def test_compare_prints_both_the_differences_and_a_verdict(
    home: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The vectors find the Chinese price first, the words find nothing but the English one."""
    compared = ["--compare", "stage=lexical", "stage=dense"]
    assert commands.main(["eval", *home, *compared, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [side["hit@1"] for side in told["configurations"]] == [0.0, 1.0]
    assert told["differences"]["hit@1"]["value"] == 1.0
    assert (told["better"], told["worse"]) == (1, 0)
    assert commands.main(["eval", *home, *compared]) == 0
    assert told["verdict"] in capsys.readouterr().out


def test_plot_writes_a_picture(
    home: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = tmp_path / "stages.png"
    assert commands.main(["eval", *home, "--plot", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert commands.main(["eval", *home, "--plot", str(tmp_path / "none" / "x.png")]) == 1
    assert "give another --plot" in capsys.readouterr().err
    assert commands.main(["eval", *home, "--plot", "x.png", "--compare", "bce", "starter"]) == 1
    assert "leave out --plot or --compare" in capsys.readouterr().err


def test_without_matplotlib_a_sentence_says_what_to_install(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add_chunks([whole(Document("here", "", "x", "ferry", (Page(1, 0, 5),)))])
    question = Question(id="", text="ferry", right=RIGHT)
    done = evaluate(library, [question], stages=["dense"])
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(BifolioError, match=r"pip install 'bifolio\[plot\]'"):
        plot(done, tmp_path / "x.png")
