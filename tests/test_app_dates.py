"""Dates in English and Chinese sentences."""

import pytest

from bifolio.answers.dates import days


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("She was docked in November 2024.", (2024, 11, None)),
        ("It closes from November 5, 2024.", (2024, 11, 5)),
        ("It opens by 3 March.", (None, 3, 3)),
        ("It opens every March 3rd.", (None, 3, 3)),
        ("It opens in May.", (None, 5, None)),
        ("它于2024年11月进坞。", (2024, 11, None)),
        ("2024-11-05", (2024, 11, 5)),
    ],
)
def test_a_date_has_all_that_is_said_of_it(text: str, date: tuple[int | None, ...]) -> None:
    (day,) = days(text)

    assert (day.year, day.month, day.day) == date


@pytest.mark.parametrize("text", ["They may march in line.", "She may go."])
def test_a_verb_is_no_month(text: str) -> None:
    assert days(text) == []
