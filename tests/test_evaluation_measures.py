"""The figures against ones that were worked out by hand."""

from math import log2

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bifolio.evaluation.measures import (
    Bootstrap,
    average_precision,
    hit,
    ndcg,
    reciprocal_rank,
)

NO, YES = False, True


@pytest.mark.parametrize(
    ("right", "depth", "expected"),
    [
        ([NO, YES], 1, 0.0),
        ([NO, YES], 2, 1.0),
        ([NO] * 10 + [YES], 10, 0.0),
        ([], 5, 0.0),
    ],
)
def test_a_hit_is_right_and_among_the_best(right: list[bool], depth: int, expected: float) -> None:
    assert hit(right, depth) == expected


@pytest.mark.parametrize(
    ("right", "expected"),
    [([YES], 1.0), ([NO, NO, YES, YES], 1 / 3), ([NO] * 10 + [YES], 0.0), ([], 0.0)],
)
def test_the_reciprocal_rank_is_that_of_the_first_right_one(
    right: list[bool], expected: float
) -> None:
    assert reciprocal_rank(right) == expected


@pytest.mark.parametrize(
    ("right", "total", "expected"),
    [
        ([YES], 1, 1.0),
        ([NO, YES], 1, 1 / log2(3)),
        ([NO, YES, YES], 2, (1 / log2(3) + 1 / log2(4)) / (1 + 1 / log2(3))),
        ([YES], 2, 1 / (1 + 1 / log2(3))),
        ([NO] * 10, 3, 0.0),
        ([YES] * 10, 99, 1.0),
        ([], 0, 0.0),
    ],
)
def test_ndcg_is_the_share_of_the_best_order(
    right: list[bool], total: int, expected: float
) -> None:
    assert ndcg(right, total) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("right", "total", "expected"),
    [
        ([YES, NO, YES], 2, (1 / 1 + 2 / 3) / 2),
        ([NO, YES], 1, 1 / 2),
        ([YES], 2, 1 / 2),
        ([NO, NO], 1, 0.0),
        ([], 0, 0.0),
    ],
)
def test_average_precision_counts_the_precision_at_each_right_one(
    right: list[bool], total: int, expected: float
) -> None:
    assert average_precision(right, total) == pytest.approx(expected)


def test_a_figure_is_the_mean_in_its_interval_and_the_same_every_time() -> None:
    values = [1.0, 0.0, 1.0, 1.0] * 25
    figure = Bootstrap(100).figure(values)
    assert figure.value == 0.75
    # The normal approximation: 1.96 * sqrt(0.75 * 0.25 / 100) = 0.085.
    assert figure.low == pytest.approx(0.75 - 0.085, abs=0.015)
    assert figure.high == pytest.approx(0.75 + 0.085, abs=0.015)
    assert Bootstrap(100).figure(values) == figure


def test_more_questions_make_the_interval_narrower() -> None:
    few, many = (Bootstrap(n).figure([0.0, 1.0] * (n // 2)) for n in (20, 2000))
    assert many.high - many.low < (few.high - few.low) / 5


def test_a_figure_by_weight_leaves_out_what_weighs_nothing() -> None:
    figure = Bootstrap(3).share([1.0, 0.0, 1.0], [2, 2, 0])
    assert figure is not None
    assert figure.value == 0.5
    assert Bootstrap(2).share([1.0, 1.0], [0, 0]) is None


def test_equal_lists_do_not_differ() -> None:
    same = Bootstrap(30).difference([0.5] * 30, [0.5] * 30)
    assert (same.value, same.low, same.high, same.p) == (0.0, 0.0, 0.0, 1.0)


def test_a_gain_at_every_question_is_no_chance() -> None:
    gain = Bootstrap(30).difference([0.2] * 30, [0.5] * 30)
    assert gain.value == pytest.approx(0.3)
    assert gain.p < 0.01


@pytest.mark.parametrize(("questions", "p"), [(1, 1.0), (5, 2 / 2**5)])
def test_few_gains_may_be_chance(questions: int, p: float) -> None:
    """Of five gains, each as likely a loss, all go the same way in 2 of 32 cases."""
    gain = Bootstrap(questions).difference([0.0] * questions, [1.0] * questions)
    assert gain.p == pytest.approx(p, abs=0.02)


def test_gains_as_often_as_losses_are_chance() -> None:
    assert Bootstrap(40).difference([0.0, 1.0] * 20, [1.0, 0.0] * 20).p > 0.5


@given(st.lists(st.booleans(), min_size=1, max_size=10))
def test_figures_stay_between_0_and_1_and_agree_at_the_top(right: list[bool]) -> None:
    total = sum(right)
    figures = [reciprocal_rank(right), ndcg(right, total), average_precision(right, total)]
    assert all(0 <= figure <= 1 for figure in figures)
    assert all((figure > 0) == bool(total) for figure in figures)
    if not np.any(np.diff(np.array(right, int)) > 0) and total:
        assert figures == pytest.approx([1.0, 1.0, 1.0])
