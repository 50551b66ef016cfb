"""Pages laid out as nobody would: the reader of layouts keeps every word, and no page stops it."""

import random
from collections import Counter

import pytest
from pdf_pages import Shown, lines, page_bytes

from bifolio.ingest.pdf import first
from bifolio.ingest.pdf.line import lines_of
from bifolio.ingest.pdf.parse import parse_pdf
from bifolio.ingest.pdf.rules import NO_RULES, Rule, Rules
from bifolio.ingest.pdf.words import Word

WORDS = (
    *("Total", "2023", "1,234", "$", "—", "Name", "of", "ship", "12.5", "%", "(3)", "a", "1."),
    *("•", "No", "net income", "票价", "大船", "*", "(a)", "II"),
)
# Among them are pages that once lost the name of a group, or stopped the reader.
SEEDS = range(320, 520)


def scattered(chance: random.Random) -> list[Word]:
    """Give words in columns that hold cells now and then, none upon another."""
    words: list[Word] = []
    top = 50.0
    for _ in range(chance.randint(1, 5)):
        size = chance.choice([8, 10, 12, 16])
        lefts = sorted(chance.sample(range(30, 560, 10), chance.randint(1, 7)))
        for _ in range(chance.randint(1, 9)):
            free = 0.0
            for left in lefts:
                place = max(free, left + chance.choice([0.0, 0.0, chance.uniform(-20, 20)]))
                for number in range(chance.choice([0, 1, 1, 2, 4])):
                    text, order = chance.choice(WORDS), len(words)
                    right = place + len(text) * size / 2
                    box = place, top, right, top + size
                    words.append(Word(text, *box, size, order, order, number > 0))
                    free = right + 0.9 * size
                    place = right + size * chance.choice([0.25, 0.6, 0.8])
            top += size * chance.choice([1.1, 1.2, 1.5, 2.5])
    return words


def drawn(words: list[Word], chance: random.Random) -> Rules:
    """Give lines below some of the words, and down beside some."""
    if not words or chance.random() < 0.5:
        return NO_RULES
    below = sorted({word.bottom + 2 for word in chance.sample(words, min(len(words), 6))})
    beside = sorted({word.left - 3 for word in chance.sample(words, min(len(words), 3))})
    across = [Rule(place, 20, 700) for place in below]
    return Rules(across, [Rule(place, below[0] - 20, below[-1] + 20) for place in beside])


def test_no_word_is_lost_however_cells_stand() -> None:
    lost = {}
    for seed in SEEDS:
        chance = random.Random(seed)
        words = scattered(chance)
        lines = lines_of(words, drawn(words, chance))
        # The name of a group is told in each of its columns, so that some are told more often.
        told = Counter("".join("".join(line.text.split()) for line in lines))
        missing = Counter("".join(word.text.replace(" ", "") for word in words)) - told
        if missing:
            lost[seed] = missing

    assert not lost


def test_a_page_whose_layout_stops_the_reader_is_read_by_the_other_library(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*_: object) -> None:
        raise ValueError("nobody thought of this")

    monkeypatch.setattr(first, "lines_of", stop)

    assert parse_pdf(page_bytes([Shown(60, 100, "Fares from Ellowick")])).text == (
        "Fares from Ellowick"
    )


def test_rows_of_few_signs_stay_rows() -> None:
    head = [
        Shown(left, 60, text)
        for left, text in zip((60, 200, 280), ("Aid", "Day", "Week"), strict=True)
    ]
    rows = [("Water", "x", "x"), ("Power", "", "x"), ("Sauna", "", "x")]
    shown = [
        Shown(left, 80 + 16 * n, text)
        for n, row in enumerate(rows)
        for left, text in zip((60, 205, 285), row, strict=True)
        if text
    ]

    parsed = parse_pdf(page_bytes([*head, *shown]))

    assert parsed.text.split("\n") == [
        "Aid | Day | Week",
        "Water | x | x",
        "Power |  | x",
        "Sauna |  | x",
    ]


@pytest.mark.parametrize(
    ("mark", "shown"), [("{}", "{} | {}"), ("{}.", "{} {}"), ("A{}", "{} | {}")]
)
def test_numbers_that_are_written_before_all_rows_stand_before_each(mark: str, shown: str) -> None:
    things = ["bolt of steel", "nut of brass", "ring of iron", "washer of tin"]
    marks = [mark.format(n) for n in range(1, 5)]

    parsed = parse_pdf(page_bytes([*lines(marks, left=40), *lines(things, left=90)]))

    assert parsed.text.split("\n") == list(map(shown.format, marks, things))
