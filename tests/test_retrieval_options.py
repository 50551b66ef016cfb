"""How a search is done, and which threshold is in force: one value each, the same everywhere."""

from typing import Any

import pytest
from conftest import OverlapReranker

from bifolio import BadOption, Library, SearchOptions, Settings
from bifolio.cli import options as cli
from bifolio.evaluation import configuration
from bifolio.retrieval import Calibration, choose_threshold

CALIBRATED = Calibration(
    threshold=0.3, fits="these", reranker="overlap", questions=40, rule="", day="2026-01-01"
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"recall": -1},
        {"recall": 1001},
        {"recall": True},
        {"recall": 2.5},
        {"keep": 0},
        {"keep": 101},
        {"threshold": 1.5},
        {"threshold": float("nan")},
        {"legs": ()},
        {"legs": ("words",)},
    ],
)
def test_what_no_search_can_do_is_refused_where_it_is_said(
    wrong: dict[str, Any], library: Library
) -> None:
    name = next(iter(wrong))
    with pytest.raises(BadOption, match=f"^{name} "):
        SearchOptions(**wrong)
    with pytest.raises(BadOption, match=f"^{name} "):
        library.ask("ferry", **wrong)


@pytest.mark.parametrize(("name", "most"), [("recall", 1000), ("keep", 100)])
def test_python_commands_and_comparisons_have_the_same_limits(
    name: str, most: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert SearchOptions(**{name: most})  # type: ignore[arg-type]
    assert getattr(cli.parse(["ask", "q", f"--{name}", str(most)]), name) == most
    assert configuration(f"{name}={most}", settings=Settings()).options

    with pytest.raises(SystemExit):
        cli.parse(["ask", "q", f"--{name}", str(most + 1)])
    with pytest.raises(BadOption, match=f"from 1 to {most}"):
        configuration(f"{name}={most + 1}", settings=Settings())
    assert f"from 1 to {most}" in capsys.readouterr().err


def test_the_threshold_asked_for_goes_before_the_calibrated_and_that_before_the_rerankers() -> None:
    recipe = OverlapReranker().recipe

    own = choose_threshold(recipe)
    calibrated = choose_threshold(recipe, calibration=CALIBRATED, in_use="these")
    asked = choose_threshold(recipe, asked=0.0, calibration=CALIBRATED, in_use="these")

    assert [one.value for one in (own, calibrated, asked)] == [0.5, 0.3, 0.0]
    assert [one.source.code for one in (own, calibrated, asked)] == [
        "double",
        "calibrated",
        "asked",
    ]
    assert choose_threshold(None, asked=0.9).value is None


def test_a_library_tells_its_threshold_without_a_search(library: Library) -> None:
    assert library.threshold.value == 0.5

    library.set_threshold(0.2, questions=7, rule="recall")

    assert (library.threshold.value, library.threshold.source.code) == (0.2, "calibrated")
