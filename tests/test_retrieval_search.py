"""A question becomes passages, and every candidate knows why it was kept or dropped."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import OverlapReranker, threshold
from hypothesis import given, settings
from hypothesis import strategies as st

from bifolio.ingest import Chunk, Document, Page
from bifolio.library import Library
from bifolio.models import Models
from bifolio.retrieval import (
    EmptyQuestion,
    Hit,
    Leg,
    Passage,
    Scores,
    Span,
    Trace,
    Writer,
    fill,
    gather,
    is_chinese,
)
from bifolio.retrieval.recall import fuse
from bifolio.retrieval.search import decide
from bifolio.retrieval.store import reader
from bifolio.retrieval.store.documents import load_document
from bifolio.retrieval.store.lexical import body, query
from bifolio.retrieval.words import LANGUAGES, language, words

Put = Callable[[str, str], None]

# words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The Ferry leaves.", ["the", "ferry", "leaves"]),
        ("渡轮出发", ["渡轮", "轮出", "出发"]),
        ("WiFi密码", ["wifi", "密码"]),
        ("票", ["票"]),
        ("票价5元", ["票价", "5", "元"]),
        ("CO2 a_b", ["co2", "a", "b"]),
        ("渡轮，出发", ["渡轮", "出发"]),
        ("ひらがな", ["ひら", "らが", "がな"]),
        ("𠀀𠀁𠀂", ["𠀀𠀁", "𠀁𠀂"]),
        ("！？ …", []),
    ],
)
def test_words_are_latin_words_and_chinese_pairs(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_a_query_asks_for_each_word_once() -> None:
    assert query(words("ferry 渡轮 ferry")) == '"ferry" OR "渡轮"'


def test_a_single_chinese_character_asks_for_pairs_that_begin_with_it() -> None:
    assert query(words("票")) == '"票"*'


def test_a_text_without_words_asks_for_nothing() -> None:
    assert query(words("？！ ...")) == ""
    assert body("？！") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("渡轮票价", "zh"),
        ("ferry", "en"),
        ("WiFi密码在前台", "zh"),
        ("ab中", "zh"),
        ("abc中", "en"),
        ("The word 渡轮 means ferry.", "en"),
        ("2024 年", "zh"),
        ("2024", "en"),
        ("", "en"),
        ("𠀀", "zh"),
    ],
)
def test_a_text_is_chinese_when_a_third_of_its_letters_are(text: str, expected: str) -> None:
    assert language(text) == expected


@given(st.text())
def test_every_text_has_a_language(text: str) -> None:
    assert language(text) in LANGUAGES


@pytest.mark.parametrize(
    ("text", "expected"), [("渡轮", True), ("WiFi密码", True), ("ferry", False), ("", False)]
)
def test_a_question_with_chinese_characters_is_chinese(text: str, expected: bool) -> None:
    assert is_chinese(text) is expected


# fusion and decisions


def test_fused_ranks_are_sums_of_reciprocals() -> None:
    """Each rank r is worth 1 / (10 + r), as often as its leg weighs."""
    fused = fuse([([1, 2, 3], 1.0), ([3, 4], 2.0)])

    assert fused == pytest.approx({3: 1 / 13 + 2 / 11, 4: 2 / 12, 1: 1 / 11, 2: 1 / 12})
    assert list(fused) == [3, 4, 1, 2]


def test_nothing_is_fused_from_nothing() -> None:
    assert fuse([([], 1.0), ([], 1.0)]) == {}


DOCUMENT = Document("a.txt", "a", "", "one two six\n\nten", (Page(1, 0, 16),))
ONE, TWO, SIX, TEN = (Chunk(DOCUMENT, *span) for span in ((0, 3), (4, 7), (8, 11), (13, 16)))


CHUNKS = dict(enumerate((ONE, TWO, SIX, TEN, Chunk(replace(DOCUMENT, path="b.txt"), 4, 7))))


def hit(chunk: Chunk, score: float) -> Hit:
    place = list(CHUNKS.values()).index(chunk)
    return Hit(Span.of(chunk, place), Scores(rerank=score, relevance=score))


def test_hits_are_kept_down_to_the_threshold_and_the_number() -> None:
    hits = [hit(ONE, 0.9), hit(TWO, 0.8), hit(SIX, 0.5), hit(TEN, 0.4)]

    decided = decide(hits, keep=2, threshold=threshold(0.5))

    assert [(hit.kept, str(hit.reason)) for hit in decided] == [
        (True, "rank 1"),
        (True, "rank 2"),
        (False, "not among the best 2"),
        (False, "below the threshold 0.5"),
    ]


def test_a_score_at_the_threshold_passes() -> None:
    assert decide([hit(ONE, 0.5)], keep=1, threshold=threshold(0.5))[0].kept


def test_without_a_threshold_only_the_number_decides() -> None:
    assert [
        h.kept for h in decide([hit(ONE, 0.1), hit(TWO, 0)], keep=1, threshold=threshold(None))
    ] == [
        True,
        False,
    ]


def test_a_score_that_is_no_number_does_not_pass() -> None:
    assert not decide([hit(ONE, float("nan"))], keep=1, threshold=threshold(0.5))[0].kept


def test_a_hit_that_holds_the_codes_of_a_question_is_kept_whatever_its_score() -> None:
    text = "HX-200.1 costs 14\n\nHX-200.2 costs 88\n\nKV-15 and HX-200.1 fit"
    parts = Document("b.txt", "b", "", text, (Page(1, 0, len(text)),))
    one, two, both = (Chunk(parts, *span) for span in ((0, 17), (19, 36), (38, len(text))))
    hits = [
        Hit(Span.of(chunk, place), Scores(rerank=0.1, relevance=0.1))
        for place, chunk in enumerate((two, one, both))
    ]

    def kept(question: str, hits: list[Hit] = hits) -> list[bool]:
        decided = decide(hits, keep=5, threshold=threshold(0.5), question=question)
        return [hit.kept for hit in decided]

    assert kept("What does HX-200.1 cost?") == [False, True, True]
    assert kept("Does KV-15 fit HX-200.1?") == [False, False, True]
    assert kept("What does HX-200.9 cost?") == kept("What costs 14?") == [False] * 3
    many = [replace(hits[1], span=replace(hits[1].span, id=place)) for place in range(4)]
    assert kept("What does HX-200.1 cost?", many) == [False] * 4


# passages


def test_neighbouring_chunks_become_one_passage() -> None:
    (passage,) = gather([hit(TWO, 0.5), hit(ONE, 0.9)], CHUNKS)

    assert (passage.text, passage.score, passage.chunks) == ("one two", 0.9, (ONE, TWO))


def test_chunks_with_a_gap_between_them_stay_apart() -> None:
    passages = gather([hit(ONE, 0.5), hit(SIX, 0.9)], CHUNKS)

    assert [passage.text for passage in passages] == ["six", "one"]


def test_a_blank_line_is_no_gap() -> None:
    (passage,) = gather([hit(SIX, 0.5), hit(TEN, 0.5)], CHUNKS)

    assert passage.text == "six\n\nten"


def test_chunks_of_two_documents_never_merge() -> None:
    passages = gather([hit(ONE, 0.9), hit(CHUNKS[4], 0.8)], CHUNKS)

    assert [(passage.document.path, passage.text) for passage in passages] == [
        ("a.txt", "one"),
        ("b.txt", "two"),
    ]


def test_nothing_is_gathered_from_nothing() -> None:
    assert gather([], CHUNKS) == ()


def test_a_passage_that_does_not_fit_is_skipped_and_smaller_ones_are_taken() -> None:
    first, second, third = (Passage((chunk,), 0.5) for chunk in (SIX, TWO, ONE))
    lengths = {first.text: 6, second.text: 9, third.text: 4}

    assert fill([first, second, third], lengths.__getitem__, budget=10) == (first, third)


def test_the_best_passage_is_cut_around_its_best_chunk_and_never_skipped() -> None:
    whole = Passage((ONE, TWO, SIX), 0.9, best=1)
    other = Passage((TEN,), 0.5)

    (cut,) = fill([whole, other], len, budget=8)

    assert (cut.text, cut.score) == ("two six", 0.9)
    assert fill([whole, other], len, budget=3)[0].text == "two"
    assert fill([whole, other], len, budget=2)[0].text == "tw"


def test_a_passage_that_fills_the_budget_is_taken() -> None:
    passage = Passage((ONE,), 0.5)

    assert fill([passage], len, budget=3) == (passage,)


# search, end to end


@pytest.fixture
def put(library: Library, embedder: Any) -> Put:
    """Give a function that stores a text as a document of one chunk."""

    def store(path: str, text: str) -> None:
        document = Document(path, path, path, text, (Page(1, 0, len(text)),))
        with library.store.writing() as writer:
            chunk = Chunk(document, 0, len(text))
            writer.put(document, [chunk], embedder.embed_passages([text]))

    return store


def texts(library: Library, question: str, **options: Any) -> list[str]:
    return [passage.text for passage in library.search(question, **options)]


def test_the_passage_with_the_words_of_the_question_is_found(library: Library, put: Put) -> None:
    put("a", "The ferry price is five crowns.")
    put("b", "The crew drills for fire.")

    assert texts(library, "ferry price") == ["The ferry price is five crowns."]


def test_a_question_finds_its_translation(library: Library, put: Put) -> None:
    """渡轮 and ferry share a dimension, and no letter: the lexicon knows them, too."""
    put("a", "The crew drills for fire.")
    put("b", "The ferry leaves at nine.")

    best = library.retrieve("渡轮", rerank=False).trace.hits[0]

    assert best.span.text == "The ferry leaves at nine."
    assert best.scores.dense == pytest.approx(1)
    assert best.scores.lexical is not None


def test_a_rare_name_is_found_by_its_word(library: Library, put: Put) -> None:
    """The vectors know no "Q7X": all texts are equally far."""
    for number in range(5):
        put(f"{number}", f"Text number {number}.")
    put("x", "Valve Q7X.")

    assert texts(library, "Q7X") == ["Valve Q7X."]


def test_the_title_and_headings_count_for_the_search_and_are_not_quoted(
    library: Library, documents: Path
) -> None:
    library.add(documents)

    found = library.retrieve("fares refunds")

    assert found.passages
    assert all("Fares > " not in passage.text for passage in found.passages)


def test_the_trace_holds_every_candidate_with_a_reason(library: Library, put: Put) -> None:
    put("a", "ferry")
    put("b", "ferry price")
    put("c", "crew")

    trace = library.retrieve("ferry", keep=1).trace

    assert [(hit.span.text, hit.kept, str(hit.reason)) for hit in trace.hits] == [
        ("ferry", True, "rank 1"),
        ("ferry price", False, "not among the best 1"),
        ("crew", False, "below the threshold 0.5"),
    ]
    assert [step.name for step in trace.steps] == ["embed", "recall", "rerank"]
    assert str(trace.steps[1].detail) == "3 by vectors, 2 by words, these weighing 2"
    assert (trace.threshold.value, str(trace.threshold.source)) == (0.5, "conftest.py")
    assert str(trace.threshold.space) == "sigmoid of the logit of overlap, from 0 to 1"


def test_only_the_documents_of_kept_chunks_are_loaded(
    library: Library, put: Put, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a", "ferry")
    put("b", "ferry price")
    put("c", "crew")
    loaded: list[int] = []

    def counted(connection: sqlite3.Connection, id_: int) -> Document:
        loaded.append(id_)
        return load_document(connection, id_)

    monkeypatch.setattr(reader, "load_document", counted)

    assert len(library.retrieve("ferry", keep=1).trace.hits) == 3
    assert len(loaded) == 1


@pytest.mark.parametrize(
    ("value", "reranker", "rule"),
    [
        (0.4, "bce", "threshold 0.4 (its author): the best 8 that reach it are kept"),
        (None, "bge", "bge has no threshold yet (its author): the best 8 are kept, whatever they"),
        (None, "", "no threshold without a reranker: the best 8 by rank are kept"),
    ],
)
def test_a_trace_says_in_words_which_threshold_is_in_force(
    value: float | None, reranker: str, rule: str
) -> None:
    trace = Trace(
        question="",
        steps=(),
        hits=(),
        threshold=threshold(value),
        keep=8,
        reranker=reranker,
    )
    assert str(trace.rule).startswith(rule)


@pytest.mark.parametrize(
    ("legs", "found"),
    [
        (("dense",), ["ferry price"]),
        (("lexical",), ["timetable"]),
        (("dense", "lexical"), ["timetable", "ferry price"]),
    ],
)
def test_only_the_legs_asked_for_recall(
    library: Library, put: Put, legs: tuple[Leg, ...], found: list[str]
) -> None:
    put("a", "ferry price")
    put("b", "timetable")

    recall = len(found)
    hits = library.retrieve("票价 timetable", legs=legs, recall=recall, rerank=False).trace.hits

    assert [hit.span.text for hit in hits] == found


def test_no_more_chunks_are_recalled_than_asked_for(library: Library, put: Put) -> None:
    for number in range(6):
        put(f"{number}", f"ferry {number}")

    assert len(library.retrieve("ferry", recall=4).trace.hits) == 4


def test_from_its_models_sure_score_on_a_passage_answers_and_a_chosen_threshold_is_trusted(
    library: Library, put: Put, reranker: OverlapReranker
) -> None:
    reranker.recipe = replace(reranker.recipe, sure=0.6)
    put("a", "ferry price")

    assert library.retrieve("ferry price").is_sure
    assert library.retrieve("ferry crew").passages
    assert not library.retrieve("ferry crew").is_sure
    assert library.retrieve("ferry crew", threshold=0.1).is_sure
    assert not library.retrieve("ferry crew", threshold=0.9).is_sure


def test_who_asks_by_a_code_means_its_passage_whatever_it_scores(
    library: Library, put: Put, reranker: OverlapReranker
) -> None:
    reranker.recipe = replace(reranker.recipe, sure=0.9)
    put("a", "the valve AB-1234 leaks")

    assert library.retrieve("What about AB-1234, please?").is_sure
    assert not library.retrieve("What about the valve, please?").is_sure


def test_who_asks_by_the_name_of_a_row_means_its_table(
    library: Library, put: Put, reranker: OverlapReranker
) -> None:
    reranker.recipe = replace(reranker.recipe, sure=0.9)
    put("a", "| Wood | Weight kg |\n| Elm 46 | 76 |\n| Elm 47 | 77 |")

    assert library.retrieve("Tell me how heavy Elm 46 is, please?").is_sure
    assert not library.retrieve("Tell me how heavy Elm 48 is, please?").is_sure


def test_a_threshold_that_is_asked_for_wins(library: Library, put: Put) -> None:
    put("a", "ferry price")

    found = library.retrieve("ferry crew", threshold=0.6)

    assert found.passages == ()
    assert str(found.trace.threshold.source) == "asked for"


def test_a_calibrated_threshold_replaces_the_rerankers_own(library: Library, put: Put) -> None:
    put("a", "ferry price")
    library.set_threshold(0.3, questions=40, rule="recall")

    trace = library.retrieve("ferry crew lost").trace

    assert trace.threshold.value == 0.3
    assert re.fullmatch(
        r"calibrated on 40 questions on \d{4}-\d\d-\d\d", str(trace.threshold.source)
    )
    assert trace.hits[0].kept
    assert library.retrieve("ferry", threshold=0.9).trace.threshold.value == 0.9
    assert library.retrieve("ferry", rerank=False).trace.threshold.value is None

    library.forget_threshold()

    assert library.calibration is None
    assert str(library.retrieve("ferry").trace.threshold.source) == "conftest.py"


def test_a_calibration_for_another_state_of_the_models_is_told_and_not_applied(
    library: Library, put: Put, reranker: Any
) -> None:
    put("a", "ferry price")
    library.set_threshold(0.3, questions=0, rule="chance")
    reranker.fingerprint = "overlap/2"

    trace = library.retrieve("ferry").trace

    assert trace.threshold.value == 0.5
    assert str(trace.threshold.source).startswith(
        "conftest.py; not 0.3, which was estimated from the"
    )
    assert str(trace.threshold.source).endswith("run `bifolio calibrate` again")


def test_a_calibration_outlives_the_process_and_changes_no_generation(
    library: Library, put: Put, embedder: Any, reranker: Any
) -> None:
    put("a", "ferry price")
    files = set(library.folder.glob("index-*"))
    stored = library.set_threshold(0.25, questions=7, rule="recall")

    again = Library(library.folder, models=Models(embedder, reranker))

    assert again.calibration == stored
    assert set(library.folder.glob("index-*")) == files


def test_below_the_threshold_the_nearest_passage_is_shown(library: Library, put: Put) -> None:
    put("a", "The crew drills.")
    put("b", "The ferry leaves.")

    found = library.retrieve("ferry lost wallet")

    assert found.passages == ()
    assert found.nearest is not None
    assert found.nearest.text == "The ferry leaves."


def test_without_a_reranker_the_fused_ranks_decide(library: Library, put: Put) -> None:
    put("a", "ferry")

    found = library.retrieve("ferry", rerank=False)

    assert found.passages[0].score == pytest.approx(1 / 11 + 2 / 11)
    assert found.trace.threshold.value is None


def test_the_words_count_by_how_many_of_the_question_their_best_text_has(
    library: Library, put: Put
) -> None:
    put("a", "the ferry of line 5")

    trace = library.retrieve("okapi 5 lemur quagga zebra").trace

    assert str(trace.steps[1].detail) == "1 by vectors, 1 by words, these weighing 0.4"


def test_an_empty_library_finds_nothing(library: Library) -> None:
    found = library.retrieve("ferry")

    assert (found.passages, found.near, found.trace.hits) == ((), (), ())


@pytest.mark.parametrize("question", ["", " ", "\n\t", "\u3000"])
def test_a_blank_question_is_refused(library: Library, question: str) -> None:
    with pytest.raises(EmptyQuestion, match="type one"):
        library.search(question)


@pytest.mark.parametrize(
    "question",
    [
        '" OR *',
        "ferry NEAR(crew",
        "body:ferry",
        "-ferry ^price",
        "'; DROP TABLE documents; --",
        "ferry\x00price",
        "AND",
        "(((",
        "😀" * 10_000,
        "ferry " * 10_000,
        " ".join(f"word{number}" for number in range(5_000)),
        "渡轮" * 10_000,
        "\udcff ferry",
        "?",
        "ع" * 20,
    ],
    ids=lambda question: ascii(question[:12]),
)
def test_no_question_breaks_the_search(library: Library, put: Put, question: str) -> None:
    put("a", "The ferry leaves at nine.")

    assert len(library.retrieve(question).trace.hits) == 1


@settings(max_examples=60)
@given(question=st.text(min_size=1, max_size=40))
def test_every_query_is_one_that_fts5_can_parse(question: str) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE VIRTUAL TABLE words USING fts5 (body)")
        if asked := query(words(question)):
            connection.execute("SELECT rowid FROM words WHERE words MATCH ?", (asked,)).fetchall()


@pytest.mark.parametrize("bad", [np.nan, np.inf, 0.0], ids=["nan", "infinite", "zero"])
def test_a_vector_that_is_none_finds_by_words_alone(
    library: Library, put: Put, embedder: Any, monkeypatch: pytest.MonkeyPatch, bad: float
) -> None:
    put("a", "crew")
    put("b", "ferry")
    vector = np.full((1, embedder.dims), bad, np.float32)
    monkeypatch.setattr(embedder, "embed_queries", lambda _: vector)

    found = library.retrieve("ferry")

    assert [passage.text for passage in found.passages] == ["ferry"]
    dense = [hit.scores.dense for hit in found.trace.hits if hit.scores.dense is not None]
    assert all(score == 0 for score in dense)


def test_scores_that_are_no_numbers_keep_nothing(
    library: Library, put: Put, reranker: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put("a", "ferry")
    monkeypatch.setattr(reranker, "scores", lambda _, p: np.full(len(p), np.nan, np.float32))

    assert library.search("ferry") == []


@pytest.mark.parametrize("path", ["a' OR 1=1 --", 'a"; DROP TABLE chunks; --', "%", "渡轮\n.txt"])
def test_sql_in_a_path_is_only_a_path(library: Library, put: Put, path: str) -> None:
    put("b", "crew")
    put(path, "ferry")

    assert library.document(path).text == "ferry"
    assert library.remove(path) == (path,)
    assert [entry.path for entry in library.documents()] == ["b"]


def test_a_removed_document_is_gone_from_the_next_search(library: Library, put: Put) -> None:
    put("a", "ferry one")
    put("b", "ferry two")
    assert len(texts(library, "ferry")) == 2

    library.remove("a")

    assert texts(library, "ferry") == ["ferry two"]


def test_a_document_is_found_as_soon_as_it_is_stored(
    library: Library, put: Put, embedder: Any
) -> None:
    put("a", "ferry one")
    assert len(texts(library, "ferry")) == 1
    document = Document("b", "b", "", "ferry two", (Page(1, 0, 9),))

    with library.store.writing() as writer:
        put_one(writer, document, embedder)
        assert len(texts(library, "ferry")) == 2


def put_one(writer: Writer, document: Document, embedder: Any) -> None:
    chunk = Chunk(document, 0, len(document.text))
    writer.put(document, [chunk], embedder.embed_passages([document.text]))
