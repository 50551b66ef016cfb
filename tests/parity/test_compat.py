"""The classes of other libraries under our roof give the numbers of those libraries."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parity.golden import EMBEDDED, MODELS, SCORED, Embedded, Scored
from safetensors.numpy import load_file, save_file

from bifolio.compat import (
    CrossEncoder,
    EmbeddingModel,
    FlagModel,
    FlagReranker,
    RerankerModel,
    SentenceTransformer,
)
from bifolio.retrieval.models.recipe import STARTER

CLOSE = 1e-4
_MODELS = "sentence_transformers.models"


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The golden files' encoders: the tiny classifiers without their heads, and the starter."""
    made = {"starter": STARTER / "embedder"}
    for name in ("xlm-r", "bert"):
        folder = tmp_path_factory.mktemp("encoders") / name
        shutil.copytree(MODELS / name, folder)
        weights = load_file(folder / "model.safetensors")
        kept = {key: value for key, value in weights.items() if not key.startswith("classifier.")}
        save_file(kept, folder / "model.safetensors", {"format": "pt"})
        made[name] = folder
    return made


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
    case: Embedded, folders: dict[str, Path], tmp_path: Path
) -> None:
    folder = folders[case.model]
    if case.peer == "sentence-transformers":
        folder = declared(folder, case.pooling, tmp_path / "declared")
    ours = embedded(case, folder)
    assert ours.dtype == np.float32
    assert np.abs(ours - np.array(case.vectors)).max() < CLOSE


def source(model: str) -> Path:
    return STARTER / "reranker" if model == "starter" else MODELS / model


SCORES: dict[tuple[str, str], Callable[[Path, str, Sequence[str]], Any]] = {
    ("bcembedding", "compute_score"): lambda folder, asked, texts: RerankerModel(
        folder, device="cpu"
    ).compute_score([(asked, text) for text in texts]),
    ("bcembedding", "compute_score, cut"): lambda folder, asked, texts: RerankerModel(
        folder, device="cpu"
    ).compute_score([(asked, text) for text in texts]),
    ("flagembedding", "sigmoid, cut"): lambda folder, asked, texts: FlagReranker(
        folder, devices="cpu", normalize=True
    ).compute_score([(asked, text) for text in texts]),
    ("sentence-transformers", "predict, cut"): lambda folder, asked, texts: CrossEncoder(
        folder, device="cpu"
    ).predict([(asked, text) for text in texts]),
    ("flagembedding", "logit"): lambda folder, asked, texts: FlagReranker(
        folder, devices="cpu"
    ).compute_score([(asked, text) for text in texts]),
    ("flagembedding", "sigmoid"): lambda folder, asked, texts: FlagReranker(
        folder, devices="cpu", normalize=True
    ).compute_score([(asked, text) for text in texts]),
    ("sentence-transformers", "predict"): lambda folder, asked, texts: CrossEncoder(
        folder, device="cpu"
    ).predict([(asked, text) for text in texts]),
}


@pytest.mark.parametrize(
    "case",
    [
        case
        for case in SCORED
        if (case.peer, case.call) in SCORES
        and case.model != "gemma"
        # FlagReranker decodes what it cut, and reads with XLM-R another text (test_scores.py).
        and (case.peer, case.model, case.call) != ("flagembedding", "xlm-r", "sigmoid, cut")
    ],
    ids=str,
)
def test_scores_are_those_of_the_library(case: Scored) -> None:
    ours = SCORES[case.peer, case.call](source(case.model), case.question, case.passages)
    assert np.asarray(ours) == pytest.approx(np.array(case.scores), abs=CLOSE)


@pytest.mark.parametrize(
    "case",
    [case for case in SCORED if (case.peer, case.call) == ("bcembedding", "rerank")],
    ids=str,
)
def test_rerank_sorts_as_bcembedding_does_and_counts_in_the_callers_list(case: Scored) -> None:
    passages = ["", *case.passages]
    found = RerankerModel(source(case.model), device="cpu").rerank(case.question, passages)
    assert set(found) == {"rerank_passages", "rerank_scores", "rerank_ids"}
    assert [passages[place] for place in found["rerank_ids"]] == found["rerank_passages"]
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


def test_ranks_count_in_the_callers_list() -> None:
    ours = CrossEncoder(MODELS / "xlm-r", device="cpu")
    texts = ["The ferry leaves at nine.", "Nothing.", "The engine room."]
    ranked = ours.rank("When does the ferry leave?", texts, top_k=2, return_documents=True)
    scores = ours.predict([("When does the ferry leave?", text) for text in texts])
    assert [row["corpus_id"] for row in ranked] == np.argsort(-scores)[:2].tolist()
    assert all(texts[row["corpus_id"]] == row["text"] for row in ranked)


def test_one_text_or_pair_gives_what_the_libraries_give() -> None:
    flag = FlagModel(STARTER / "embedder", pooling_method="mean", devices="cpu")
    assert flag.encode("one text").shape == (384,)
    assert flag.encode(["one text"]).shape == (1, 384)
    pair = ("a question", "a passage")
    assert isinstance(RerankerModel(MODELS / "bert", device="cpu").compute_score(pair), float)
    assert len(FlagReranker(MODELS / "bert", devices="cpu").compute_score(pair)) == 1
    assert np.ndim(CrossEncoder(MODELS / "bert", device="cpu").predict(pair)) == 0
