"""The classes of other libraries under our roof give the numbers of those libraries."""

import json
import shutil
from pathlib import Path
from typing import Any

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
_MODELS = "sentence_transformers.models"


def embedded(case: Embedded, folder: Path) -> Any:
    """Embed as the case's library is asked to."""
    texts = list(case.texts)
    if case.peer == "bcembedding":
        ours = EmbeddingModel(folder, pooler=case.pooling, device="cpu")
        return ours.encode(texts, query_instruction=case.prefix)
    if case.peer == "flagembedding":
        flag = FlagModel(
            folder,
            pooling_method=case.pooling,
            query_instruction_for_retrieval=case.prefix or None,
            devices="cpu",
        )
        return flag.encode_queries(texts)
    made = SentenceTransformer(folder, device="cpu")
    return made.encode(texts, prompt=case.prefix, normalize_embeddings=True)


def declared(folder: Path, pooling: str, place: Path) -> Path:
    """Give a copy of an encoder that says its pooling as sentence-transformers writes it."""
    shutil.copytree(folder, place, dirs_exist_ok=True)
    (place / "1_Pooling").mkdir(exist_ok=True)
    kinds = ("Transformer", ""), ("Pooling", "1_Pooling")
    modules = [
        {"idx": number, "name": str(number), "path": path, "type": f"{_MODELS}.{kind}"}
        for number, (kind, path) in enumerate(kinds)
    ]
    (place / "modules.json").write_text(json.dumps(modules))
    modes = {"cls": "pooling_mode_cls_token", "mean": "pooling_mode_mean_tokens"}
    said = {mode: name == pooling for name, mode in modes.items()}
    (place / "1_Pooling" / "config.json").write_text(json.dumps(said))
    return place


@pytest.mark.parametrize("case", EMBEDDED, ids=str)
def test_vectors_are_those_of_the_library(
    case: Embedded, encoders: dict[str, Path], tmp_path: Path
) -> None:
    folder = encoders[case.model]
    if case.peer == "sentence-transformers":
        folder = declared(folder, case.pooling, tmp_path / "declared")
    ours = embedded(case, folder)
    assert ours.dtype == np.float32
    assert np.abs(ours - np.array(case.vectors)).max() < CLOSE


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


@pytest.mark.parametrize("case", CASES, ids=str)
def test_scores_are_the_originals_and_what_they_cut_is_cut(case: Scored) -> None:
    assert ask(case) == pytest.approx(case.scores, abs=CLOSE * max(1, max(map(abs, case.scores))))


@pytest.mark.parametrize(
    "case",
    [case for case in SCORED if (case.peer, case.call) == ("bcembedding", "rerank")],
    ids=str,
)
def test_rerank_sorts_as_bcembedding_does_and_counts_in_the_callers_list(case: Scored) -> None:
    passages = ["", *case.passages]
    found = RerankerModel(place(case.model, "reranker"), device="cpu").rerank(
        case.question, passages
    )
    assert set(found) == {"rerank_passages", "rerank_scores", "rerank_ids"}
    assert [passages[number] for number in found["rerank_ids"]] == found["rerank_passages"]
    assert 0 not in found["rerank_ids"]
    by_passage = dict(zip(found["rerank_passages"], found["rerank_scores"], strict=True))
    ours = [by_passage[text] for text in case.passages]
    assert ours == pytest.approx(list(case.scores), abs=CLOSE)
    assert found["rerank_scores"] == sorted(found["rerank_scores"], reverse=True)


def test_where_bcembedding_fails_ours_gives_all_three_keys() -> None:
    ours = RerankerModel(MODELS / "xlm-r", device="cpu")
    for question, passages in (("", ["a passage"]), ("a question", []), ("a question", [""])):
        found = ours.rerank(question, passages)
        assert found == {"rerank_passages": [], "rerank_scores": [], "rerank_ids": []}


def test_one_text_or_pair_gives_what_the_libraries_give() -> None:
    flag = FlagModel(STARTER / "embedder", pooling_method="mean", devices="cpu")
    assert flag.encode("one text").shape == (384,)
    assert flag.encode(["one text"]).shape == (1, 384)
    pair = ("a question", "a passage")
    assert isinstance(RerankerModel(MODELS / "bert", device="cpu").compute_score(pair), float)
    assert len(FlagReranker(MODELS / "bert", devices="cpu").compute_score(pair)) == 1
    assert np.ndim(CrossEncoder(MODELS / "bert", device="cpu").predict(pair)) == 0


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
