"""Our rerankers' scores are those of the libraries that published the models."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from parity.golden import (
    FERRY,
    QUESTION,
    QUIRKS,
    SCORED,
    Scored,
    recipe,
    reranker,
    scored,
)

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import CrossEncoder, Hit, Scores, Span
from bifolio.retrieval.models.openvino_engine import OpenVinoEngine
from bifolio.retrieval.search import rerank

CLOSE = 1e-4


@pytest.fixture(scope="module")
def xlm_r() -> CrossEncoder:
    return reranker(recipe("xlm-r"))


@pytest.mark.parametrize("case", [case for case in SCORED if case.comparable], ids=str)
def test_scores_are_the_librarys_to_the_fourth_digit(case: Scored) -> None:
    ours = reranker(recipe(case.model)).scores(case.question, case.passages)

    assert ours == pytest.approx(case.probabilities, abs=CLOSE)


@pytest.mark.parametrize("model", ["starter", "xlm-r", "bert"])
def test_openvino_in_32_bits_gives_the_librarys_scores_too(model: str) -> None:
    chosen = recipe(model)
    engine = OpenVinoEngine(Path(chosen.source), "reranker", precision="f32")
    case = scored("sentence-transformers", model, "predict")

    ours = reranker(chosen, engine).scores(case.question, case.passages)

    assert ours == pytest.approx(case.probabilities, abs=CLOSE)


# Where the libraries differ from each other, and what ours does.


def test_long_passages_score_as_by_bcembeddings_rerank_and_not_as_by_its_compute_score(
    xlm_r: CrossEncoder,
) -> None:
    cut = scored("bcembedding", "xlm-r", "compute_score, cut")
    ours = xlm_r.scores(cut.question, cut.passages)
    windows = next(case for case in SCORED if case.passages == cut.passages)

    assert windows.call == "rerank"
    assert ours == pytest.approx(windows.probabilities, abs=CLOSE)
    assert np.abs(ours - cut.probabilities).max() > 0.4


@pytest.mark.parametrize(
    ("peer", "model", "call"),
    [
        ("flagembedding", "bert", "sigmoid, cut"),
        ("flagembedding", "starter", "sigmoid, cut"),
        ("sentence-transformers", "xlm-r", "predict, cut"),
        ("sentence-transformers", "bert", "predict, cut"),
        ("bcembedding", "xlm-r", "compute_score, cut"),
    ],
)
def test_what_others_cut_off_is_read_too_and_can_only_raise_a_score(
    peer: str, model: str, call: str
) -> None:
    """They read the first window alone, so theirs is one of the scores that ours chooses from."""
    case = scored(peer, model, call)

    ours = reranker(recipe(model)).scores(case.question, case.passages)

    assert (ours >= case.probabilities - CLOSE).all()


def test_unknown_characters_score_as_the_tokenizer_reads_them_not_as_flagreranker_does(
    xlm_r: CrossEncoder,
) -> None:
    """FlagReranker on transformers 5 makes text of the ids, and other ids of that text."""
    theirs = scored("flagembedding", "xlm-r", "sigmoid, read as another text")
    other = scored("sentence-transformers", "xlm-r", "predict")
    known = dict(zip(other.passages, other.scores, strict=True))
    ours = xlm_r.scores(theirs.question, theirs.passages)

    assert ours == pytest.approx([known[passage] for passage in theirs.passages], abs=CLOSE)
    assert np.abs(ours - theirs.probabilities).max() > 0.2


# Where BCEmbedding fails or gives another order.


def test_a_blank_passage_scores_0_where_bcembedding_fails(xlm_r: CrossEncoder) -> None:
    assert QUIRKS["a blank passage"] == "IndexError"

    ferry, *blank = xlm_r.scores(QUESTION, [FERRY, " \n", "", "\u3000"])

    assert ferry > 0.9
    assert blank == [0, 0, 0]


def test_no_passages_give_no_scores_where_bcembedding_fails(xlm_r: CrossEncoder) -> None:
    assert QUIRKS["no passages"] == "KeyError"
    assert QUIRKS["the scores of no pairs"] == "IndexError"

    assert xlm_r.scores(QUESTION, []).shape == (0,)


def test_places_are_the_callers_though_passages_are_empty(xlm_r: CrossEncoder) -> None:
    """BCEmbedding counts in a list of its own, without the empty passages."""
    assert QUIRKS["ids where the first passage is empty"] == [0]

    assert np.argmax(xlm_r.scores(QUESTION, ["", FERRY])) == 1


def test_equal_passages_keep_their_order_which_bcembedding_turns_round(
    xlm_r: CrossEncoder,
) -> None:
    assert QUIRKS["ids of three equal passages"] == [2, 1, 0]
    document = Document("a", "a", "", FERRY * 3, (Page(1, 0, 3 * len(FERRY)),), ())
    spans = [(place * len(FERRY), (place + 1) * len(FERRY)) for place in range(3)]
    hits = [Hit(Span.of(Chunk(document, start, end), start), Scores()) for start, end in spans]

    ranked = rerank(QUESTION, hits, xlm_r)

    assert [hit.span.start for hit in ranked] == [start for start, _ in spans]
    assert len({hit.score for hit in ranked}) == 1


def test_a_question_too_long_for_bcembedding_is_cut_so_that_the_passage_is_read(
    xlm_r: CrossEncoder,
) -> None:
    assert QUIRKS["a question of 407 tokens"] == 3
    assert QUIRKS["a question of 408 tokens"] == "AssertionError"

    longest, longer = (xlm_r.scores("." * dots, [FERRY]) for dots in (406, 1000))

    assert longer == longest
    assert longer > 0


def test_an_overlap_of_ones_own_is_taken_where_bcembedding_fails() -> None:
    assert QUIRKS["an overlap of one's own"] == "TypeError"
    case = scored("bcembedding", "xlm-r", "compute_score, cut")
    narrow, wide = (
        reranker(replace(recipe("xlm-r"), overlap=overlap)).scores(case.question, case.passages)
        for overlap in (40, 80)
    )

    assert narrow[:2] == pytest.approx(wide[:2])
    assert abs(narrow[2] - wide[2]) > 0.1


def test_bert_gets_one_separator_between_the_texts_where_bcembeddings_rerank_puts_two() -> None:
    case = scored("bcembedding", "bert", "compute_score")
    two = np.array(QUIRKS["rerank with BERT"])

    ours = reranker(recipe("bert")).scores(case.question, case.passages)

    assert ours == pytest.approx(case.probabilities, abs=CLOSE)
    assert np.abs(ours[: len(two)] - two).max() > 0.2


def test_one_passage_gives_an_array_where_bcembedding_gives_a_bare_number(
    xlm_r: CrossEncoder,
) -> None:
    assert isinstance(QUIRKS["the scores of one pair"], float)

    ours = xlm_r.scores(QUESTION, [FERRY])

    assert ours.shape == (1,)
    assert ours[0] == pytest.approx(QUIRKS["the scores of one pair"], abs=CLOSE)


def test_passages_in_a_tuple_are_taken_where_bcembedding_fails(xlm_r: CrossEncoder) -> None:
    assert QUIRKS["the scores of a tuple of pairs"] == "AssertionError"

    assert xlm_r.scores(QUESTION, (FERRY,))[0] > 0.9


def test_what_stands_behind_128_000_characters_is_read_where_bcembedding_cuts(
    xlm_r: CrossEncoder,
) -> None:
    cut = QUIRKS["a passage whose answer stands behind 128,000 characters"]
    marks = "?" * 128_000

    only_marks, whole = xlm_r.scores(QUESTION, [marks, marks + FERRY])

    assert only_marks == pytest.approx(cut[0], abs=CLOSE)
    assert whole > only_marks + 0.3
