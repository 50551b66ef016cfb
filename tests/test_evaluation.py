"""Questions put to a library of doubles: what each stage finds, refuses and cites."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bifolio import BifolioError, Library, SearchOptions, Settings, Turn
from bifolio.cli import commands
from bifolio.evaluation import Place, Question, evaluate, read_questions, whole
from bifolio.ingest import Document, Page
from bifolio.models import Models

CONTEXTS = {
    "weather": "Gales in winter.",
    "fares": "The ferry price is five crowns.",
    "refunds": "A refund of the price takes ten days.",
    "bells": "In a fire the crew rings the bell.",
    "timetable": "Departures at seven and nine.",
    "prices": "票价",
}


def asked(text: str, *right: str, direction: str = "") -> Question:
    places = tuple(Place(document=name) for name in right)
    return Question(id=text, text=text, right=places, direction=direction)


@pytest.fixture
def filled(library: Library) -> Library:
    """A library of the contexts, each one chunk."""
    library.add_chunks(
        [
            whole(Document(name, "", name, text, (Page(1, 0, len(text)),)))
            for name, text in CONTEXTS.items()
        ]
    )
    return library


def test_each_stage_ranks_by_its_own_search(filled: Library) -> None:
    """Words find the timetable, vectors the Chinese price, both what either finds."""
    done = evaluate(
        filled,
        [asked("departures", "timetable"), asked("price", "prices")],
        options=SearchOptions(recall=1),
    )
    hits = {
        stage: [outcome.stages[stage].right for outcome in done.outcomes] for stage in done.stages
    }
    assert hits["lexical"] == [(True,), (False,)]
    assert hits["dense"] == [(False,), (True,)]


def test_figures_are_means_over_the_answerable_questions(filled: Library) -> None:
    questions = [
        asked("fire bell", "bells"),
        asked("refund", "refunds"),
        asked("departures", "bells"),
        asked("Who painted the ceiling?"),
    ]
    report = evaluate(filled, questions, stages=["lexical"]).stages["lexical"]
    assert report.figures["hit@1"].value == pytest.approx(2 / 3)
    assert report.figures["mrr@10"].value == pytest.approx(2 / 3)
    assert report.figures["ndcg@10"].value == pytest.approx(2 / 3)
    assert report.figures["hit@1"].low < 2 / 3 < report.figures["hit@1"].high


def test_several_contexts_may_be_right(filled: Library) -> None:
    done = evaluate(filled, [asked("the price", "fares", "refunds")], stages=["lexical"])
    assert done.outcomes[0].stages["lexical"].right[:2] == (True, True)
    assert done.stages["lexical"].figures["ndcg@10"].value == 1.0


def test_abstaining_is_told_apart_by_whether_there_is_an_answer(filled: Library) -> None:
    """The overlap reranker gives the share of the question's words; its threshold is 0.5."""
    questions = [
        asked("fire bell", "bells"),
        asked("what may departures ever mean", "timetable"),
        asked("Who painted the ceiling?"),
        asked("ferry price"),
    ]
    done = evaluate(filled, questions, stages=["rerank"])
    assert done.abstain is not None
    assert (done.abstain.threshold.value, str(done.abstain.threshold.source)) == (
        0.5,
        "conftest.py",
    )
    assert (done.abstain.answerable, done.abstain.unanswerable) == (2, 2)
    shares = [done.abstain.wrongly, done.abstain.rightly, done.abstain.accuracy]
    assert [share and share.value for share in shares] == [0.5, 0.5, 0.5]


def test_a_score_elsewhere_is_that_of_documents_without_an_answer(filled: Library) -> None:
    done = evaluate(filled, [asked("fire bell price", "bells")], stages=["rerank"])
    marks = done.outcomes[0].marks
    assert marks is not None
    assert (marks.best, marks.right) == pytest.approx((2 / 3, 2 / 3))
    assert marks.elsewhere == pytest.approx(1 / 3)


def test_pages_are_right_where_a_question_names_them(library: Library, documents: Path) -> None:
    library.add(documents)
    place = Place(document="fares.md", pages=(1,))
    other = Place(document="fares.md", pages=(2,))
    questions = [
        Question(id="1", text="ferry price", right=(place,)),
        Question(id="2", text="refund days", right=(other,)),
    ]
    done = evaluate(library, questions, stages=["rerank"], citations=True)
    assert "ndcg@10" not in done.stages["rerank"].figures
    assert done.stages["rerank"].figures["hit@1"].value == 0.5
    assert done.citations is not None
    assert done.citations.right_page.value == 0.5
    assert done.citations.precision is not None
    assert 0 < done.citations.precision.value < 1


def test_each_direction_has_figures_of_its_own(filled: Library) -> None:
    questions = [
        asked("fire bell", "bells", direction="en-en"),
        asked("departures", "prices", direction="en-zh"),
        asked("Who?", direction="none"),
    ]
    done = evaluate(filled, questions, stages=["lexical"])
    hits = {
        name: part.stages["lexical"].figures["hit@1"].value
        for name, part in done.directions.items()
    }
    assert hits == {"en-en": 1.0, "en-zh": 0.0}


def test_questions_without_any_answer_are_refused(filled: Library) -> None:
    with pytest.raises(BifolioError, match="no question names where its answer stands"):
        evaluate(filled, [asked("Who?")])


# the command

Written = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Written:
    def _write(name: str, *rows: dict[str, Any]) -> Path:
        path = tmp_path / name
        lines = [json.dumps(row, ensure_ascii=False) for row in rows]
        path.write_text("\n".join(lines), encoding="utf-8")
        return path

    return _write


@pytest.fixture
def doubles(embedder: Any, reranker: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every library that a command opens have the doubles for models."""

    def opened(folder: Path, *, settings: Settings | None = None, create: bool = True) -> Library:
        return Library(folder, models=Models(embedder, reranker), create=create)

    monkeypatch.setattr(Library, "open", opened)


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert commands.main(["eval", "--json", *map(str, arguments)]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


@pytest.mark.usefixtures("doubles")
def test_eval_prints_the_figures_that_scripts_rely_on(
    write: Written, capsys: pytest.CaptureFixture[str]
) -> None:
    contexts = write("c", *({"context_id": id_, "text": text} for id_, text in CONTEXTS.items()))
    questions = write("q", {"id": "1", "question": "fire bell", "context_id": "bells"})
    report = run(capsys, "--contexts", contexts, "--questions", questions)
    assert set(report["stages"]) == {"dense", "lexical", "hybrid", "rerank"}
    figures = {"hit@1", "hit@5", "hit@10", "mrr@10", "ndcg@10"}
    assert figures <= set(report["stages"]["rerank"])
    assert report["stages"]["rerank"]["hit@1"] == 1.0
    assert report["stages"]["rerank"]["latency_ms"] > 0
    assert (report["questions"], report["contexts"]) == (1, 6)
    assert report["abstain"]["wrongly_abstained"]["value"] == 0.0
    assert report["abstain"]["rightly_abstained"] is None

    chosen = run(
        capsys, "--contexts", contexts, "--questions", questions, "--stages", "hybrid,dense"
    )
    assert list(chosen["stages"]) == ["dense", "hybrid"]
    assert chosen["abstain"] is None


@pytest.mark.usefixtures("doubles")
def test_eval_over_a_library_tells_pages_and_citations(
    write: Written, documents: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["ingest", "--library", str(tmp_path / "l"), str(documents)]) == 0
    capsys.readouterr()
    questions = write(
        "q",
        {"question": "ferry price", "document": "fares.md", "pages": [1]},
        {"question": "Who painted the ceiling?", "document": None},
    )
    report = run(capsys, "--library", tmp_path / "l", "--questions", questions)
    assert report["stages"]["rerank"]["hit@1"] == 1.0
    assert report["citations"]["precision"]["value"] == 1.0
    assert report["abstain"]["rightly_abstained"]["value"] == 1.0

    assert (
        commands.main(["eval", "--library", str(tmp_path / "l"), "--questions", str(questions)])
        == 0
    )
    said = capsys.readouterr().out
    assert "unanswerable questions refused, rightly: 100% of 1" in said
    assert "citations on a right page: 100%" in said


@pytest.mark.usefixtures("doubles")
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "eval needs --questions FILE"),
        (["--questions", "none.jsonl", "--contexts", "none.jsonl"], "there is no file none.jsonl"),
        (["--questions", "none.jsonl", "--library", "none"], "there is no library at none"),
    ],
)
def test_eval_tells_what_is_missing(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["eval", *arguments]) == 1
    assert said in capsys.readouterr().err


def test_eval_refuses_a_stage_that_there_is_not(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        commands.main(["eval", "--questions", "q", "--stages", "dense,magic"])
    assert ended.value.code == 2
    assert "'magic' is none of dense, lexical, hybrid, rerank" in capsys.readouterr().err


def test_a_follow_up_is_searched_with_the_subject_that_its_history_gives(filled: Library) -> None:
    turns = (Turn("What is the ferry price?", "Five crowns."),)
    alone = replace(asked("And how much is it?", "fares"), id="alone")
    done = evaluate(filled, [alone, replace(alone, id="told", history=turns)])
    first = {outcome.question.id: outcome.stages["lexical"].right for outcome in done.outcomes}
    assert not first["alone"][0]
    assert first["told"][0]


@pytest.mark.parametrize("history", [["Q"], [{"role": "user", "content": "Q"}], "Q"])
def test_a_history_is_read_from_the_file_and_a_wrong_one_is_told(
    tmp_path: Path, history: object
) -> None:
    file = tmp_path / "questions.jsonl"
    row = {"question": "And it?", "document": "a", "history": [{"question": "Q", "answer": "A"}]}
    file.write_text(json.dumps(row))
    (read,) = read_questions(file, documents=["a"], pages=True)
    assert read.history == (Turn("Q", "A"),)
    file.write_text(json.dumps(row | {"history": history}))
    with pytest.raises(BifolioError, match="history is no list of turns"):
        read_questions(file, documents=["a"], pages=True)
