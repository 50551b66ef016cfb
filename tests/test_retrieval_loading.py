"""Whatever goes wrong with a model's files ends in one sentence that says what to do."""

import json
import os
import pickle
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from huggingface_hub import constants
from tiny_models import (
    sentence_transformers_layout,
    tiny_model,
    to_eight_bits,
    to_pickle,
    to_shards,
)

from bifolio import Library, LibraryMismatch
from bifolio.models import Models
from bifolio.retrieval import (
    EmbedderRecipe,
    ModelEmbedder,
    ModelUnavailable,
    embedder_recipe,
)
from bifolio.retrieval.models import eight_bits
from bifolio.retrieval.models.dense_layer import Dense
from bifolio.retrieval.models.torch_engine import TorchEngine


def recipe(source: Path) -> EmbedderRecipe:
    return EmbedderRecipe(name="mine", source=str(source), pooling="mean", languages=(), licence="")


def embed(folder: Path) -> None:
    """Read all that an embedder needs."""
    made = ModelEmbedder(recipe(folder))
    made._model.__dict__["engine"] = TorchEngine(folder, "embedder")
    made.embed_passages(["fire"])


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "model")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the hub's cache, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


def cut(file: Path, size: int) -> None:
    os.truncate(file, size)


# files


def change(folder: Path, **facts: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def lose_a_shard(folder: Path) -> None:
    to_shards(folder)
    sorted(folder.glob("model-*.safetensors"))[1].unlink()


def point_to_weights(folder: Path) -> None:
    (folder / "model.safetensors").write_text("version https://git-lfs.github.com/spec/v1\noid 1")


def cut_pickle(folder: Path) -> None:
    cut(to_pickle(folder) / "pytorch_model.bin", 50_000)


def cut_old_pickle(folder: Path) -> None:
    import torch

    file = to_pickle(folder) / "pytorch_model.bin"
    torch.save(torch.load(file), file, _use_new_zipfile_serialization=False)
    cut(file, 50_000)


def empty_pickle(folder: Path) -> None:
    cut(to_pickle(folder) / "pytorch_model.bin", 0)


def be_another_size(folder: Path) -> None:
    change(folder, vocab_size=17)


def be_deeper(folder: Path) -> None:
    change(folder, num_hidden_layers=3)


AGAIN = "; copy the model's files again"


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: cut(folder / "model.safetensors", 100_000), f"is damaged .*{AGAIN}"),
        (lambda folder: cut(folder / "model.safetensors", 0), f"is damaged .*{AGAIN}"),
        (lambda folder: (folder / "model.safetensors").unlink(), f"holds no weights .*{AGAIN}"),
        (lose_a_shard, f"00002.*one of .* files of weights, is missing{AGAIN}"),
        (point_to_weights, "only points to weights .*; run `git lfs pull`"),
        (cut_pickle, rf"pytorch_model\.bin is damaged{AGAIN}"),
        (cut_old_pickle, rf"pytorch_model\.bin is damaged{AGAIN}"),
        (empty_pickle, rf"pytorch_model\.bin is damaged{AGAIN}"),
        (be_another_size, f"config.json and weights of different models{AGAIN}"),
        (be_deeper, "is no embedder: it has no weights for .*; choose another"),
        (lambda folder: change(folder, model_type="newer"), "could not be loaded: .*newer.*again"),
        (lambda folder: (folder / "config.json").write_text("{"), f"config.json is damaged{AGAIN}"),
        (lambda folder: (folder / "config.json").write_text("[]"), f"is damaged{AGAIN}"),
        (lambda folder: (folder / "config.json").unlink(), r"holds no config\.json; give a"),
        (lambda folder: (folder / "tokenizer.json").unlink(), "no usable tokenizer .*; fetch"),
    ],
)
def test_damaged_and_missing_files_are_told(
    model: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(model)

    with pytest.raises(ModelUnavailable, match=said) as told:
        embed(model)
    assert "\n" not in str(told.value)


def test_files_from_the_hub_are_fetched_again_once_they_are_deleted(
    model: Path, cache: Path
) -> None:
    snapshot = cache / "models--someone--their-model" / "snapshots" / "1"
    shutil.copytree(model, snapshot)
    cut(snapshot / "model.safetensors", 100)

    with pytest.raises(ModelUnavailable, match=r"; delete .*their-model, and run again to fetch"):
        TorchEngine(snapshot, "embedder")


def test_weights_in_several_files_are_loaded(model: Path) -> None:
    (whole,) = ModelEmbedder(recipe(model)).embed_passages(["fire"])
    to_shards(model)

    (parts,) = ModelEmbedder(recipe(model)).embed_passages(["fire"])

    assert parts == pytest.approx(whole, abs=1e-5)


@pytest.mark.parametrize("zipped", [True, False])
def test_a_pickle_of_weights_is_loaded_in_the_new_and_the_old_form(
    model: Path, zipped: bool
) -> None:
    import torch
    from safetensors.torch import load_file

    weights = load_file(model / "model.safetensors")
    (model / "model.safetensors").unlink()
    torch.save(weights, model / "pytorch_model.bin", _use_new_zipfile_serialization=zipped)

    assert TorchEngine(model, "embedder").name.startswith("torch")


class Harmful:
    """Leaves a mark when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> Any:
        return os.mkdir, (str(self.mark),)


@pytest.mark.parametrize("form", ["zipped", "old", "bare"])
@pytest.mark.parametrize("part", [".", "2_Dense"])
def test_a_pickle_that_holds_code_is_never_run(
    model: Path, tmp_path: Path, form: str, part: str
) -> None:
    import torch

    sentence_transformers_layout(model, dense=[16])
    file = to_pickle(model / part) / "pytorch_model.bin"
    harmful = {"linear.weight": Harmful(tmp_path / "mark")}
    if form == "bare":
        file.write_bytes(pickle.dumps(harmful, protocol=2))
    else:
        torch.save(harmful, file, _use_new_zipfile_serialization=form == "zipped")

    with pytest.raises(ModelUnavailable, match=r"pytorch_model\.bin is .*; (take|copy)") as told:
        embed(model)
    assert "weights_only" not in str(told.value)
    assert not (tmp_path / "mark").exists()


def test_the_progress_of_a_fetch_is_shown_after_a_model_was_loaded(model: Path) -> None:
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled

    TorchEngine(model, "embedder")

    assert not are_progress_bars_disabled()


# eight bits a row


def packed_weights(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    from safetensors import safe_open
    from safetensors.torch import load_file

    file = folder / "model.safetensors"
    with safe_open(file, framework="numpy") as opened:
        return load_file(file), opened.metadata()


def rewrite(folder: Path, *, form: str = "rows8/1", **changes: Any) -> None:
    """Write packed weights anew, some of them others or, given None, left out."""
    from safetensors.torch import save_file

    tensors, _ = packed_weights(folder)
    tensors |= {name.replace("__", "."): tensor for name, tensor in changes.items()}
    kept = {name: tensor for name, tensor in tensors.items() if tensor is not None}
    save_file(kept, folder / "model.safetensors", {"format": "pt", "bifolio": form})


def unpacked(folder: Path) -> dict[str, Any]:
    """Multiply each row by its scale, and leave the vectors as they are."""
    tensors, _ = packed_weights(folder)
    return {
        name: tensor.float() * tensors[f"{name}.scale"].float() if tensor.dim() == 2 else tensor
        for name, tensor in tensors.items()
        if not name.endswith(".scale")
    }


@pytest.mark.parametrize("kind", ["embedder", "reranker"])
@pytest.mark.parametrize("bits", [16, 32])
def test_weights_in_eight_bits_give_the_numbers_of_the_folder_that_they_stand_for(
    tmp_path: Path, kind: Any, bits: int
) -> None:
    from safetensors.torch import save_file

    folder = to_eight_bits(tiny_model(tmp_path / "packed", kind=kind))
    ordinary = shutil.copytree(folder, tmp_path / "ordinary")
    tensors = unpacked(folder)
    kept = {name: tensor.half() if bits == 16 else tensor for name, tensor in tensors.items()}
    save_file(kept, ordinary / "model.safetensors", {"format": "pt"})
    batch = np.arange(24).reshape(2, 12), np.ones((2, 12), int), np.zeros((2, 12), int)

    ours, theirs = (TorchEngine(each, kind).run(*batch) for each in (folder, ordinary))

    assert np.array_equal(ours, theirs)
    sizes = [(each / "model.safetensors").stat().st_size for each in (folder, ordinary)]
    assert sizes[0] < sizes[1]


def test_eight_bits_are_near_what_was_packed() -> None:
    import torch

    matrix = torch.from_numpy(np.random.default_rng(0).normal(0, 0.1, (50, 64))).float()
    matrix[3] = 0
    matrix[4] *= 1e-6

    made = eight_bits.pack({"one": matrix})
    again = made["one"].float() * made["one.scale"].float()

    step = matrix.abs().amax(1, keepdim=True) / 127
    assert ((again - matrix).abs() <= step * 0.5 * 1.125 + 2**-25).all()
    assert (again[3] == 0).all()


def no_scale(folder: Path) -> None:
    rewrite(folder, embeddings__word_embeddings__weight__scale=None)


def half_a_scale(folder: Path) -> None:
    tensors, _ = packed_weights(folder)
    name = "embeddings.word_embeddings.weight.scale"
    rewrite(folder, **{name: tensors[name][:5].clone()})


def no_number(folder: Path) -> None:
    tensors, _ = packed_weights(folder)
    name = "embeddings.word_embeddings.weight.scale"
    tensors[name][2] = float("nan")
    rewrite(folder, **{name: tensors[name]})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (no_scale, f"is damaged: embeddings.word.* has no scale that fits{AGAIN}"),
        (half_a_scale, f"has no scale that fits{AGAIN}"),
        (no_number, f"has no scale that fits{AGAIN}"),
        (lambda folder: cut(folder / "model.safetensors", 20_000), f"is damaged .*{AGAIN}"),
        (lambda folder: rewrite(folder, form="rows8/2"), "form 'rows8/2', .*; update bifolio"),
        (be_another_size, f"config.json and weights of different models{AGAIN}"),
        (be_deeper, "is no embedder: it has no weights for .*; choose another"),
    ],
)
def test_damaged_weights_in_eight_bits_are_told(
    model: Path, damage: Callable[[Path], None], said: str
) -> None:
    damage(to_eight_bits(model))

    with pytest.raises(ModelUnavailable, match=said) as told:
        embed(model)
    assert "\n" not in str(told.value)


def test_a_packed_reranker_is_no_embedder(tmp_path: Path) -> None:
    folder = to_eight_bits(tiny_model(tmp_path / "model", kind="reranker"))

    with pytest.raises(ModelUnavailable, match="no embedder but a reranker; give it by --reranker"):
        TorchEngine(folder, "embedder")


def test_a_dense_layer_is_read_in_eight_bits_too(model: Path) -> None:
    sentence_transformers_layout(model, dense=[16])
    to_eight_bits(model / "2_Dense")

    layer = Dense(model / "2_Dense")

    assert layer(np.eye(32, dtype=np.float32)[:3]).shape == (3, 16)


# kinds


def test_a_reranker_is_no_embedder(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", "xlm-roberta", "reranker")

    with pytest.raises(ModelUnavailable, match="no embedder but a reranker; give it by --reranker"):
        TorchEngine(folder, "embedder")


def test_an_embedder_is_no_reranker(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", "xlm-roberta")

    with pytest.raises(ModelUnavailable, match=r"is no reranker: .*classifier.*; choose another"):
        TorchEngine(folder, "reranker")


def test_a_classifier_of_several_labels_is_no_reranker(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", kind="reranker", num_labels=3)

    with pytest.raises(ModelUnavailable, match="gives 3 numbers a pair, not one; choose another"):
        TorchEngine(folder, "reranker")


def test_code_that_comes_with_a_model_is_never_run(model: Path, tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    (model / "modeling.py").write_text(f"import os; os.mkdir({str(mark)!r})")
    own = dict.fromkeys(("AutoConfig", "AutoModel", "AutoTokenizer"), "modeling.Model")
    change(model, model_type="their-own", auto_map=own)

    with pytest.raises(ModelUnavailable, match=r"trust_remote_code.*; choose another model"):
        TorchEngine(model, "embedder")
    assert not mark.exists()


def test_a_known_architecture_changed_by_code_of_its_own_is_refused(model: Path) -> None:
    """JinaBERT calls itself bert, but has no table of positions."""
    change(model, auto_map={"AutoModel": "modeling.Model"}, num_hidden_layers=3)

    with pytest.raises(ModelUnavailable, match=r"trust_remote_code.*; choose another model"):
        TorchEngine(model, "embedder")


def test_a_known_architecture_is_run_without_the_code_that_comes_with_it(model: Path) -> None:
    change(model, auto_map={"AutoModel": "modeling.Model"})

    assert TorchEngine(model, "embedder").name.startswith("torch")


def test_no_line_of_the_package_trusts_remote_code() -> None:
    folders = [Path(__file__).parents[1] / part for part in ("ingest", "retrieval", "app", "ui")]
    sources = [file for folder in folders for file in folder.rglob("*.py")]

    assert len(sources) > 40
    assert not [file for file in sources if "trust_remote_code=True" in file.read_text("utf-8")]


def test_a_library_of_other_dimensions_is_refused(
    tmp_path: Path, model: Path, reranker: Any
) -> None:
    other = sentence_transformers_layout(tiny_model(tmp_path / "other"), dense=[16])
    Library(tmp_path / "library", models=Models(ModelEmbedder(recipe(model)), reranker))

    with pytest.raises(
        LibraryMismatch,
        match=r"mine \(32 dimensions\), asked for mine \(16\); choose those models again, or",
    ):
        Library(tmp_path / "library", models=Models(ModelEmbedder(recipe(other)), reranker))


def test_a_library_of_an_earlier_starter_pair_is_to_be_made_anew(
    tmp_path: Path, reranker: Any
) -> None:
    starter = embedder_recipe("starter-embedder")
    earlier, later = (
        ModelEmbedder(replace(starter, source=str(tiny_model(tmp_path / str(seed), seed=seed))))
        for seed in (0, 1)
    )
    Library(tmp_path / "library", models=Models(earlier, reranker))

    with pytest.raises(
        LibraryMismatch,
        match=r"other weights or settings of the embedder starter-embedder; .* or ingest into a"
        r" new --library",
    ):
        Library(tmp_path / "library", models=Models(later, reranker))
