"""A passage grows to its section under the budget of a language model, and into nothing else."""

from pathlib import Path

import pytest

from bifolio import Library, Passage
from bifolio.answers.context import fit
from bifolio.answers.growing import grow, section
from bifolio.ingest import Chunk, Document, Heading, Page

TEXT = (
    "# Fares\n\nAdults pay five. Children pay two. Dogs pay one.\n\nCrew ride free.\n\n"
    "# Refunds\n\nA refund takes ten days. It is paid in cash.\n"
)


def count(text: str) -> int:
    return len(text.split())


def document(path: str = "fares.md", text: str = TEXT) -> Document:
    headings = [Heading(1, line[2:], text.index(line)) for line in text.split("\n") if "# " in line]
    return Document(path, "Fares", "", text, (Page(1, 0, len(text)),), tuple(headings))


def passage(words: str, score: float = 1.0, path: str = "fares.md") -> Passage:
    whole = document(path)
    start = whole.text.index(words)
    return Passage((Chunk(whole, start, start + len(words)),), score)


def grown(*passages: Passage, budget: int) -> list[str]:
    return [" ".join(one.text.split()) for one in grow(passages, count=count, budget=budget)]


def test_a_section_is_what_stands_under_the_same_headings() -> None:
    whole = document()
    first, last = section(whole, whole.text.index("Dogs"))
    assert whole.text[first:last] == TEXT[: TEXT.index("# Refunds")]
    assert section(whole, whole.text.index("cash"))[1] == len(TEXT)


def test_a_passage_becomes_its_whole_section_and_not_more() -> None:
    (found,) = grown(passage("Children pay two."), budget=100)
    assert found == "# Fares Adults pay five. Children pay two. Dogs pay one. Crew ride free."


@pytest.mark.parametrize(
    ("budget", "expected"),
    [
        (0, "Children pay two."),
        (2, "Children pay two."),
        (3, "Children pay two. Dogs pay one."),
        (6, "Adults pay five. Children pay two. Dogs pay one."),
        (9, "Adults pay five. Children pay two. Dogs pay one. Crew ride free."),
    ],
)
def test_as_many_sentences_are_added_as_fit_the_next_ones_first(budget: int, expected: str) -> None:
    assert grown(passage("Children pay two."), budget=budget) == [expected]


def test_the_best_passage_grows_first_and_none_reaches_into_another() -> None:
    best, other = passage("Children pay two.", 0.9), passage("A refund takes ten days.", 0.5)
    assert grown(best, other, budget=11) == [
        "# Fares Adults pay five. Children pay two. Dogs pay one. Crew ride free.",
        "A refund takes ten days.",
    ]
    beside = passage("Dogs pay one.", 0.5)
    first, second = grown(best, beside, budget=100)
    assert first.endswith("Children pay two.")
    assert second == "Dogs pay one. Crew ride free."


def test_the_same_words_of_another_document_are_another_place() -> None:
    found = grown(passage("Dogs pay one."), passage("Dogs pay one.", path="old.md"), budget=100)
    assert found[0] == found[1]


def test_what_is_given_and_that_it_grew_is_in_the_trace() -> None:
    found = [passage("Children pay two.")]
    context = fit(found, (), "what?", count=count, budget=40)
    assert context.passages[0].text.startswith("# Fares")
    assert "1 of 1 passages, 1 of them grown within their sections" in str(context.detail)
    assert context.short is None


def test_a_reader_is_told_where_much_did_not_fit() -> None:
    many = [passage(words) for words in ("Children pay two.", "Dogs pay one.", "It is paid")]
    assert "1 of 3 passages: no more fits in 4 tokens" in str(
        fit(many, (), "what?", count=count, budget=4).short
    )
    assert "the best one cut" in str(fit(many, (), "what?", count=count, budget=2).short)


def test_a_quote_of_a_grown_passage_stands_at_its_place(library: Library, tmp_path: Path) -> None:
    (tmp_path / "fares.md").write_text(TEXT)
    library.add(tmp_path / "fares.md")
    found = library.search("A refund takes how long?", threshold=0.0)
    for one in grow(found, count=count, budget=100):
        assert one.document.text[one.start : one.end] == one.text
        assert one.start <= one.chunks[one.best].start < one.chunks[one.best].end <= one.end
