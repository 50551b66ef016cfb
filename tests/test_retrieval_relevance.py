"""A weak reranker leans on the recall before it; a strong one stands alone."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from bifolio.library import Library
from bifolio.retrieval import Judge
from bifolio.retrieval.lexicon import shared
from bifolio.retrieval.relevance import relevance

TEXTS = ["the ferry leaves", "the crew sings"]
RERANK = np.array([0.5, 0.5], np.float32)
PRODUCTS = np.array([1.0, 0.0], np.float32)


def test_without_weights_the_scores_come_back_unchanged(reranker: Any) -> None:
    scores = relevance("ferry", TEXTS, rerank=RERANK, products=PRODUCTS, recipe=reranker.recipe)
    assert scores is RERANK


@pytest.mark.parametrize(
    ("weights", "logits"),
    [
        ({"dense_weight": 2.0}, [2.0, 0.0]),
        ({"lexical_weight": 3.0}, [3.0, 0.0]),
        ({"dense_weight": 2.0, "lexical_weight": 3.0, "bias": -1.0}, [4.0, -1.0]),
    ],
)
def test_each_weight_counts_its_evidence_in_logits(
    reranker: Any, weights: dict[str, float], logits: list[float]
) -> None:
    recipe = replace(reranker.recipe, **weights)
    scores = relevance("ferry", TEXTS, rerank=RERANK, products=PRODUCTS, recipe=recipe)
    assert scores == pytest.approx([1 / (1 + np.exp(-logit)) for logit in logits])


def test_scores_of_nothing_and_certainty_stay_numbers(reranker: Any) -> None:
    recipe = replace(reranker.recipe, dense_weight=1.0)
    certain = np.array([0.0, 1.0], np.float32)
    scores = relevance("ferry", TEXTS, rerank=certain, products=PRODUCTS, recipe=recipe)
    assert np.isfinite(scores).all()
    assert scores[0] < 0.01
    assert scores[1] > 0.99


def test_shared_words_count_once_and_in_chinese_as_pairs() -> None:
    assert shared("ferry ferry price", "The ferry") == 0.5
    assert shared("票价", "成人票价五元") == 1.0
    assert shared("?", "anything") == 0.0


def test_the_search_and_the_judge_score_a_text_alike(
    library: Library, documents: Any, embedder: Any, reranker: Any
) -> None:
    reranker.recipe = replace(reranker.recipe, dense_weight=2.0, lexical_weight=1.0)
    library.add(documents)
    hit = library.retrieve("ferry price").trace.hits[0]
    text = f"{hit.span.context}\n{hit.span.text}"
    judged = Judge(embedder, reranker).scores("ferry price", [text])[0]
    assert hit.score == pytest.approx(judged)
    assert hit.score != hit.scores.rerank


def test_a_judge_of_one_answer_embeds_each_text_once(embedder: Any, reranker: Any) -> None:
    reranker.recipe = replace(reranker.recipe, dense_weight=2.0)
    texts = ["the ferry leaves", "the price is fair", "the ferry leaves"]
    judge = Judge(embedder, reranker)
    kept = judge.remembering()
    for question in ("ferry price", "when does the ferry leave?"):
        assert kept.products(question, texts).tolist() == judge.products(question, texts).tolist()
        assert kept.scores(question, texts).tolist() == judge.scores(question, texts).tolist()
    embedder.embedded.clear()
    kept.scores("ferry price", ["the crew sings", *texts])
    assert embedder.embedded == ["the crew sings"]
