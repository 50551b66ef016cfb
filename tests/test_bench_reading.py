"""The bench of reading draws the same pages at every run, and counts what it says it counts."""

import pytest
from reading import Sample, samples, score


def test_the_samples_are_always_the_same() -> None:
    assert list(samples()) == list(samples())


@pytest.mark.parametrize(
    ("text", "words", "order", "rows"),
    [
        ("one two\nthree 4", 1.0, 1.0, 1.0),
        ("three 4\none two", 1.0, 0.5, 1.0),
        ("one two three", 0.75, 0.75, 0.0),
        ("one | two\nthree", 0.75, 0.75, 0.5),
    ],
)
def test_a_score_counts_words_order_and_rows(
    text: str, words: float, order: float, rows: float
) -> None:
    sample = Sample("s", b"", "one two three 4", [("one", "two"), ("three", "4")])

    assert score(sample, lambda _: text)[:3] == (words, order, rows)
