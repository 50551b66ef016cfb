"""The authors' classes under bifolio.compat give the numbers of the golden files."""

from pathlib import Path

import numpy as np
import pytest
from parity.golden import EMBEDDED, FERRY, MODELS, QUESTION, SCORED, Embedded, Scored
from tiny_models import sentence_transformers_layout, tiny_model

from bifolio import BadOption
from bifolio.compat import (
    CrossEncoder,
    EmbeddingModel,
    FlagLLMReranker,
    FlagModel,
    FlagReranker,
    RerankerModel,
    SentenceTransformer,
)
from bifolio.retrieval.models.recipe import STARTER

CLOSE = 1e-4
# FlagReranker on transformers 5 reads unknown characters as others.
_OTHER_TEXT = "sigmoid, read as another text"
CASES = [
    case
    for case in SCORED
    if case.call != _OTHER_TEXT
    # The last of its long texts holds 128 unknown characters.
    and (case.peer, case.model, case.call) != ("flagembedding", "xlm-r", "sigmoid, cut")
]


def place(model: str, kind: str) -> Path:
    return STARTER / kind if model == "starter" else MODELS / model


def ask(case: Scored) -> list[float]:
    model = place(case.model, "reranker")
    pairs = [(case.question, passage) for passage in case.passages]
    if case.call == "rerank":
        result = RerankerModel(model, device="cpu").rerank(case.question, case.passages)
        by_place = dict(zip(result["rerank_ids"], result["rerank_scores"], strict=True))
        return [by_place[number] for number in range(len(pairs))]
    if case.peer == "bcembedding":
        scores = RerankerModel(model, device="cpu").compute_score(pairs)
        assert isinstance(scores, list)
        return scores
    if case.peer == "flagembedding":
        kind = FlagLLMReranker if case.model == "gemma" else FlagReranker
        return kind(model, devices="cpu").compute_score(pairs, normalize=case.call != "logit")
    found: list[float] = CrossEncoder(model, max_length=512, device="cpu").predict(pairs).tolist()
    return found


@pytest.mark.parametrize(
    "case", [one for one in CASES if (one.model, one.call) != ("gemma", "sigmoid, cut")], ids=str
)
def test_scores_are_the_originals_and_what_they_cut_is_cut(case: Scored) -> None:
    assert ask(case) == pytest.approx(case.scores, abs=CLOSE * max(1, max(map(abs, case.scores))))


@pytest.mark.parametrize("case", [one for one in EMBEDDED if one.model == "starter"], ids=str)
def test_vectors_are_the_originals(case: Embedded) -> None:
    folder, texts = STARTER / "embedder", list(case.texts)
    if case.peer == "bcembedding":
        model = EmbeddingModel(folder, pooler="mean", device="cpu")
        ours = model.encode(texts, query_instruction=case.prefix)
    elif case.peer == "flagembedding":
        flag = FlagModel(folder, "mean", query_instruction_for_retrieval=case.prefix)
        ours = flag.encode_queries(texts)
    else:
        ours = SentenceTransformer(folder, device="cpu").encode(
            texts, prompt=case.prefix, normalize_embeddings=True
        )

    assert np.abs(ours - np.array(case.vectors)).max() < CLOSE


def test_the_three_keys_are_there_though_nothing_is_and_ids_count_in_the_callers_list() -> None:
    model = RerankerModel(MODELS / "xlm-r", device="cpu")

    assert model.rerank(QUESTION, []) == {
        "rerank_passages": [],
        "rerank_scores": [],
        "rerank_ids": [],
    }
    assert model.rerank(QUESTION, ["", FERRY])["rerank_ids"] == [1]


def test_ranks_carry_the_documents_when_asked() -> None:
    model = CrossEncoder(MODELS / "xlm-r", device="cpu")

    (best,) = model.rank(QUESTION, ["...", FERRY], top_k=1, return_documents=True)
    scores = model.predict([(QUESTION, "..."), (QUESTION, FERRY)])

    assert best["corpus_id"] == int(np.argmax(scores))
    assert best["text"] == ["...", FERRY][best["corpus_id"]]
    assert model.rank(QUESTION, []) == []


def test_one_text_gives_the_shape_that_each_library_gives(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), pooling="mean")

    assert EmbeddingModel(folder, device="cpu").encode("a").shape == (1, 32)
    assert EmbeddingModel(folder, device="cpu").encode([]).shape == (0, 32)
    assert FlagModel(folder).encode("a").shape == (32,)
    assert SentenceTransformer(folder, device="cpu").encode("a").shape == (32,)


def test_vectors_that_are_not_to_be_normalized_keep_their_lengths(tmp_path: Path) -> None:
    model = EmbeddingModel(tiny_model(tmp_path / "model"), device="cpu")

    (raw,), (unit,) = (model.encode("ferry", normalize_to_unit=wish) for wish in (False, True))

    assert abs(np.linalg.norm(raw) - 1) > 0.1
    assert raw / np.linalg.norm(raw) == pytest.approx(unit, abs=1e-5)


def test_what_is_no_pair_is_told_by_its_place() -> None:
    with pytest.raises(BadOption, match="pair 1 is not two texts"):
        CrossEncoder(MODELS / "xlm-r").predict([("a", "b"), ("a",)])
