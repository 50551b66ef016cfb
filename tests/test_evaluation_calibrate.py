"""A threshold chosen on questions, judged on others, stored, told and forgotten."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import threshold
from hypothesis import given
from hypothesis import strategies as st

from bifolio import BifolioError, Library, Settings
from bifolio.cli import commands
from bifolio.evaluation import Marks, Place, Question, calibrate, estimate, whole
from bifolio.evaluation.calibrating import at, choose, collect
from bifolio.ingest import Document, Page
from bifolio.retrieval import CrossEncoder

HERE = (Place(document="here"),)


def marks(right: float, *, best: float = 0.0, elsewhere: float = 0.0) -> Marks:
    return Marks(
        best=max(right, best, elsewhere),
        right=right,
        elsewhere=elsewhere,
        right_kept=True,
        threshold=threshold(0.5),
    )


def question(right: tuple[Place, ...] = HERE) -> Question:
    return Question(id="", text="?", right=right)


@pytest.mark.parametrize(
    ("count", "wanted", "expected"),
    [
        (10, 0.95, 0.1),  # none of ten may be lost
        (20, 0.95, 0.1),  # one of twenty may
        (100, 0.95, 0.06),
        (10, 0.8, 0.3),
        (10, 1.0, 0.1),
    ],
)
def test_the_threshold_is_the_largest_that_enough_right_scores_reach(
    count: int, wanted: float, expected: float
) -> None:
    """The scores are 0.1, 0.2, ... of ten; 0.05, 0.10, ... of twenty; 0.01, ... of a hundred."""
    scores = np.arange(1, count + 1) / count
    assert choose(scores, wanted) == pytest.approx(expected, abs=1e-4)


@given(st.lists(st.floats(0.001, 1), min_size=1, max_size=60), st.floats(0, 1))
def test_the_wanted_share_always_passes(scores: list[float], wanted: float) -> None:
    threshold = choose(np.array(scores), wanted)
    assert np.mean(np.array(scores) >= threshold) >= wanted - 1e-9


def test_scores_are_sorted_by_what_a_threshold_should_do() -> None:
    """One found, one missed, one without an answer."""
    scored = collect(
        [
            (question(), marks(0.8, elsewhere=0.3)),
            (question(), marks(0.0, best=0.4)),
            (question(()), marks(0.0, best=0.6)),
        ]
    )
    assert (scored.right.tolist(), scored.found.tolist()) == ([0.8, 0.0], [0.8])
    assert (scored.wrong.tolist(), scored.made_up) == ([0.6], False)
    point = at(scored, 0.7)
    assert (point.right_kept, point.wrong_refused) == (1.0, 1.0)


def test_without_unanswerable_questions_the_documents_are_thought_away() -> None:
    scored = collect([(question(), marks(0.8, elsewhere=0.3)), (question(), marks(0.9))])
    assert (scored.wrong.tolist(), scored.made_up) == ([0.3], True)


@pytest.fixture
def filled(library: Library) -> Library:
    """Twenty documents, each about a thing of its own and a bell."""
    library.add_chunks(
        [
            whole(Document(f"d{n}.txt", "", f"{n}", text, (Page(1, 0, len(text)),)))
            for n in range(20)
            if (text := f"The ferry thing{n} rings its bell.")
        ]
    )
    return library


def about(number: int, words: str = "") -> Question:
    place = Place(document=f"d{number}.txt")
    return Question(id=f"{number}", text=f"thing{number} bell {words}".strip(), right=(place,))


def test_calibrating_parts_right_passages_from_others(filled: Library) -> None:
    """A right passage has both words of its question, another one has the bell alone."""
    done = calibrate(filled, [about(n) for n in range(20)])
    assert done.threshold == 1.0
    assert (done.recall.value, done.refused and done.refused.value) == (1.0, 1.0)
    assert done.precision is not None
    assert done.precision.value == 1.0
    assert (done.before.value, str(done.before.source)) == (0.5, "conftest.py")
    assert filled.calibration is None


def test_a_question_is_judged_by_a_threshold_that_it_did_not_choose(filled: Library) -> None:
    """The one hard question lowers the threshold of its own half, and fails the other's."""
    hard = about(19, "unsaid unheard")
    done = calibrate(filled, [*(about(n) for n in range(19)), hard], wanted=1.0)
    assert done.threshold == 0.5
    assert done.recall.value == 0.95


def test_too_few_questions_are_refused(filled: Library) -> None:
    with pytest.raises(BifolioError, match="3 questions have a right page that the search finds"):
        calibrate(filled, [about(n) for n in range(3)])


def test_without_questions_unrelated_texts_give_a_threshold(filled: Library) -> None:
    """Of the five words of each sentence four stand in every other: none scores more than 0.8."""
    done = estimate(filled)
    assert 0.6 < done.threshold <= 0.85
    assert done.pairs == 20 * 10


def test_an_estimate_needs_two_documents(library: Library) -> None:
    with pytest.raises(BifolioError, match="two documents at least"):
        estimate(library)


def test_a_threshold_that_is_no_score_is_refused(library: Library) -> None:
    with pytest.raises(BifolioError, match=r"threshold 1\.5 is no score"):
        library.set_threshold(1.5, questions=20, rule="")


def test_a_fingerprint_changes_with_what_scores_depend_on_and_with_nothing_else(
    starter_reranker: CrossEncoder,
) -> None:
    recipe = starter_reranker.recipe
    same = CrossEncoder(replace(recipe, threshold=0.9, licence="other"))
    other = CrossEncoder(replace(recipe, dense_weight=0.0))
    assert same.fingerprint == starter_reranker.fingerprint
    assert other.fingerprint != starter_reranker.fingerprint


# the command


@pytest.fixture
def home(
    filled: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: Any, reranker: Any
) -> Path:
    """A file of questions; the commands use the filled library."""

    def opened(folder: Path, *, settings: Settings | None = None, create: bool = True) -> Library:
        return filled

    monkeypatch.setattr(Library, "open", opened)
    rows: list[dict[str, Any]] = [
        {"question": f"thing{n} bell", "document": f"d{n}.txt", "pages": [1]} for n in range(20)
    ]
    rows.append({"question": "Who painted the ceiling?", "document": None})
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    assert commands.main([*map(str, arguments), "--json"]) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_calibrate_stores_what_ask_then_applies(
    home: Path, filled: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    told = run(capsys, "calibrate", "--questions", home)
    assert (told["threshold"], told["questions"], told["unanswerable"]) == (1.0, 20, 1)
    assert told["stored"] is True
    assert any("20 questions are few" in warning for warning in told["warnings"])
    answer = run(capsys, "search", "thing3 bell")
    assert answer["threshold"] == 1.0
    assert answer["threshold_source"].startswith("calibrated on 20 questions on 20")
    assert commands.main(["search", "thing3 bell", "--threshold", "0.25"]) == 0
    assert "threshold 0.25 (asked for)" in capsys.readouterr().out

    assert run(capsys, "calibrate", "--forget") == {"forgotten": 1.0}
    assert run(capsys, "search", "thing3 bell")["threshold_source"] == "conftest.py"
    assert commands.main(["calibrate", "--forget"]) == 1
    assert "never calibrated" in capsys.readouterr().err


def test_a_dry_run_explains_and_stores_nothing(
    home: Path, filled: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["calibrate", "--questions", str(home), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "The threshold would be 1; until now it was 0.5 (conftest.py)." in said
    assert "questions without an answer, refused: 100% of 1" in said
    assert filled.calibration is None


def test_calibrate_without_questions_says_what_it_did(
    home: Path, filled: Library, capsys: pytest.CaptureFixture[str]
) -> None:
    assert commands.main(["calibrate"]) == 0
    assert "for want of questions" in capsys.readouterr().out
    assert filled.calibration is not None
    assert str(filled.calibration.source).startswith("estimated from the documents on")
