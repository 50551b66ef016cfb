"""Cells that stand for a range, and the one of them that a quantity lies in."""

import math

import pytest

from bifolio.answers.quantities import quantities
from bifolio.answers.ranges import held, range_of

INFINITE = math.inf


@pytest.mark.parametrize(
    ("cell", "head", "least", "most"),
    [
        ("3 to 14 days", "", 3 * 86400, 14 * 86400),
        ("24 hours to 3 days", "", 86400, 3 * 86400),
        ("between 2 and 4 m", "", 2, 4),
        ("6 至 8 米", "", 6, 8),
        ("more than 5 kg", "", 5000, INFINITE),
        ("5 kg and more", "", 5000, INFINITE),
        ("up to 6 m", "", -INFINITE, 6),
        ("under 4 years", "", -INFINITE, 48),
        ("不超过6米", "", -INFINITE, 6),
        ("不少于6米", "", 6, INFINITE),
        ("not less than 6 m", "", 6, INFINITE),
        ("not under 6 m", "", 6, INFINITE),
        ("不小于6米", "", 6, INFINITE),
        ("no longer than 6 m", "", -INFINITE, 6),
        ("not over 6 m", "", -INFINITE, 6),
        ("满五年不满十年", "", 60, 120),
        ("14天以上30天以下", "", 14 * 86400, 30 * 86400),
        ("4–11", "Age (years)", 48, 132),
        ("12+", "年龄（岁）", 144, INFINITE),
    ],
)
def test_a_range_lies_between_its_bounds(cell: str, head: str, least: float, most: float) -> None:
    found = range_of(cell, head)

    assert found is not None
    assert (found.least, found.most) == (least, most)


@pytest.mark.parametrize("cell", ["", "Bicycle", "6 m", "2024", "4–11", "Deck 3 to 5", "3 m, 5 kg"])
def test_what_has_no_bounds_or_no_unit_is_none(cell: str) -> None:
    assert range_of(cell) is None


@pytest.mark.parametrize(
    ("cell", "said", "inside"),
    [
        ("more than 14 days", "14 days", False),
        ("at least 14 days", "14 days", True),
        ("3 to 14 days", "two weeks", True),
        ("不满十年", "十年", False),
        ("十年以上", "十年", True),
        ("6 至 8 米", "7 kg", False),
    ],
)
def test_a_bound_belongs_to_it_or_not(cell: str, said: str, inside: bool) -> None:
    found = range_of(cell)
    (quantity,) = quantities(said)

    assert found is not None
    assert found.holds(quantity) is inside


def test_only_the_one_row_that_holds_what_is_said_is_meant() -> None:
    rows = [range_of(cell) for cell in ("more than 14 days", "3 to 14 days", "1 to 3 days", "all")]

    assert held(rows, "five days before") == 1
    assert held(rows, "提前五天") == 1
    assert held(rows, "they asked", "five days before") == 1
    # In two of them, in none, more than one, a range itself, another measure, nothing.
    for said in ("3 days", "2 hours", "2 days or 5 days", "within 5 days", "5 m", "soon"):
        assert held(rows, said) is None
    # One range alone tells no rows apart.
    assert held([range_of("3 to 14 days"), None], "five days before") is None


@pytest.mark.parametrize(
    ("amount", "measure"), [("18 克朗", "crown"), ("18 crowns", "crown"), ("5000日元", "yen")]
)
def test_an_amount_of_money_is_no_weight_and_no_time(amount: str, measure: str) -> None:
    assert [one.measure for one in quantities(amount)] == [measure]
