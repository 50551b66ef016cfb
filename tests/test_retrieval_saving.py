"""What is saved for other tools gives them the numbers that it gives here."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from tiny_models import TEXTS, sentence_transformers_layout, tiny_model, to_eight_bits, to_pickle

from bifolio.cli import commands
from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from bifolio.retrieval.models import saving
from bifolio.retrieval.models.torch_engine import TorchEngine

E5 = replace(
    embedder_recipe("multilingual-e5-small"), name="mine", query_prefix="Q ", passage_prefix="P "
)
READER = replace(reranker_recipe("bge-reranker-base"), name="mine-reranker")


@pytest.fixture
def known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """Let the names ``mine`` and ``mine-reranker`` stand for folders in eight bits."""
    folders = {
        "embedder": to_eight_bits(tiny_model(tmp_path / "a", kind="embedder")),
        "reranker": to_eight_bits(tiny_model(tmp_path / "b", kind="reranker")),
    }
    embedder = replace(E5, source=str(folders["embedder"]))
    reranker = replace(READER, source=str(folders["reranker"]))
    monkeypatch.setattr(saving, "EMBEDDERS", (embedder,))
    monkeypatch.setattr(saving, "RERANKERS", (reranker,))
    monkeypatch.setattr(saving, "embedder_recipe", lambda name: embedder)
    monkeypatch.setattr(saving, "reranker_recipe", lambda name: reranker)
    return folders


def tokens(folder: Path, *texts: Any) -> Any:
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer(*texts, return_tensors="pt", padding=True)


@torch.inference_mode()
def test_transformers_by_itself_gives_a_saved_embedders_vectors(
    known: dict[str, Path], tmp_path: Path
) -> None:
    (saved,) = saving.save("mine", tmp_path / "out")
    model = transformers.AutoModel.from_pretrained(saved, dtype=torch.float32)
    inputs = tokens(saved, [f"P {text}" for text in TEXTS])
    shares = inputs["attention_mask"][..., None]
    means = (model(**inputs).last_hidden_state * shares).sum(1) / shares.sum(1)

    ours = ModelEmbedder(replace(E5, source=str(known["embedder"])))
    ours._model.__dict__["engine"] = TorchEngine(known["embedder"], "embedder")

    theirs = torch.nn.functional.normalize(means, dim=1).numpy()
    assert saved == tmp_path / "out" / "embedder"
    assert np.abs(ours.embed_passages(TEXTS) - theirs).max() < 1e-3
    assert json.loads((saved / "config.json").read_text())["dtype"] == "float16"


@torch.inference_mode()
def test_transformers_by_itself_gives_a_saved_rerankers_logits(
    known: dict[str, Path], tmp_path: Path
) -> None:
    (saved,) = saving.save("mine-reranker", tmp_path / "out")
    auto = transformers.AutoModelForSequenceClassification
    model = auto.from_pretrained(saved, dtype=torch.float32)
    logits = model(**tokens(saved, ["how long"] * len(TEXTS), list(TEXTS))).logits[:, 0]

    ours = CrossEncoder(replace(READER, source=str(known["reranker"])))
    ours._model.__dict__["engine"] = TorchEngine(known["reranker"], "reranker")

    assert ours.scores("how long", TEXTS) == pytest.approx(logits.sigmoid().numpy(), abs=1e-3)


def test_the_saved_folder_is_the_packed_one_to_the_bit(
    known: dict[str, Path], tmp_path: Path
) -> None:
    (saved,) = saving.save("mine", tmp_path / "out")
    batch = np.arange(24).reshape(2, 12), np.ones((2, 12), int), np.zeros((2, 12), int)

    ours, theirs = (
        TorchEngine(each, "embedder").run(*batch) for each in (known["embedder"], saved)
    )

    assert np.array_equal(ours, theirs)


def test_a_saved_embedder_says_how_it_pools_and_what_it_reads_before_texts(
    known: dict[str, Path], tmp_path: Path
) -> None:
    (saved,) = saving.save("mine", tmp_path / "out")

    found = ModelEmbedder(embedder_recipe(str(saved))).recipe

    assert (found.pooling, found.query_prefix, found.passage_prefix) == ("mean", "Q ", "P ")
    assert found.max_tokens == 512


def test_an_embedder_keeps_the_parts_that_its_folder_has(
    known: dict[str, Path], tmp_path: Path
) -> None:
    sentence_transformers_layout(known["embedder"], pooling="cls", dense=[16])
    (saved,) = saving.save("mine", tmp_path / "out")
    text = ["the ferry"]
    before, after = (
        ModelEmbedder(replace(E5, source=str(each))) for each in (known["embedder"], saved)
    )

    assert after.recipe.pooling == "cls"
    assert after.dims == 16
    assert after.embed_passages(text) == pytest.approx(before.embed_passages(text), abs=1e-3)


def test_a_pickle_is_saved_as_safetensors(known: dict[str, Path], tmp_path: Path) -> None:
    to_pickle(tiny_model(known["embedder"]))

    (saved,) = saving.save("mine", tmp_path / "out")

    assert {file.suffix for file in saved.iterdir() if file.is_file()} == {".json", ".safetensors"}
    assert TorchEngine(saved, "embedder").name
    modes = {file.stat().st_mode for file in saved.iterdir() if file.is_file()}
    assert len(modes) == 1  # who may read the configuration may read the weights


def test_a_pair_is_saved_by_the_command_as_two_folders(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "out"

    assert commands.main(["models", "--json", "--save", "starter", str(out)]) == 0

    saved = json.loads(capsys.readouterr().out)["saved"]
    assert saved == [str(out / "embedder"), str(out / "reranker")]
    assert sorted(path.name for path in out.iterdir()) == ["embedder", "reranker"]
    assert commands.main(["models", "--save", "starter", str(out)]) == 1
    assert "is not empty; give a new folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "folder", "said"),
    [
        ("nothing", "out", "no pair and no model is called 'nothing'; `bifolio models` lists"),
        ("gemma", "out", "no pair and no model is called 'gemma'"),
        ("jina-embeddings-v2-base-zh", "out", "is not run: it needs code"),
        ("starter", "file", "file cannot be written .*; give another folder"),
    ],
)
def test_what_cannot_be_saved_is_told(
    name: str, folder: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").write_text("something")

    assert commands.main(["models", "--save", name, str(tmp_path / folder)]) == 1

    assert re.search(said, capsys.readouterr().err)
    assert not (tmp_path / "out").exists()
