"""Whatever goes wrong with a model's files ends in one sentence that says what to do."""

import errno
import json
import logging
import os
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import constants, errors
from huggingface_hub.utils import filter_repo_objects
from tiny_models import sentence_transformers_layout, tiny_model, to_pickle

from bifolio import Library, LibraryMismatch
from bifolio.retrieval import (
    EmbedderRecipe,
    ModelEmbedder,
    ModelUnavailable,
    at_hand,
    embedder_recipe,
)
from bifolio.retrieval.engine import TorchEngine
from bifolio.retrieval.hub import locate

SOURCE = "someone/their-model"


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


# fetching


class Hub:
    """Stands for the hub: serves the files of a folder, and remembers which were taken."""

    def __init__(self, files: Path, snapshot: Path) -> None:
        self.names = [
            file.relative_to(files).as_posix() for file in files.rglob("*") if file.is_file()
        ]
        self.files = files
        self.snapshot = snapshot
        self.taken: list[str] = []

    def snapshot_download(
        self, source: str, *, allow_patterns: list[str], ignore_patterns: list[str]
    ) -> str:
        wanted = filter_repo_objects(
            self.names, allow_patterns=allow_patterns, ignore_patterns=ignore_patterns
        )
        for name in wanted:
            place = self.snapshot / name
            if not place.exists():
                self.taken.append(name)
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self.files / name, place)
        return str(self.snapshot)


@pytest.fixture
def served(
    model: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[Hub, Path]]:
    """Give a function that lets the hub serve the model, then fetches it."""

    def fetch() -> tuple[Hub, Path]:
        hub = Hub(model, cache / "models--someone--their-model" / "snapshots" / "1")
        monkeypatch.setattr("huggingface_hub.snapshot_download", hub.snapshot_download)
        return hub, locate(SOURCE)

    return fetch


def add_what_nobody_needs(model: Path) -> None:
    for name in (
        "onnx/model.onnx",
        "onnx/config.json",
        "openvino/openvino_model.bin",
        "tf_model.h5",
        "flax_model.msgpack",
        "colbert_linear.pt",
        "training_args.bin",
        "2_Dense_1024/model.safetensors",
    ):
        (model / name).parent.mkdir(exist_ok=True)
        (model / name).write_bytes(b"large")


SMALL = {
    "config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "modules.json",
    "sentence_bert_config.json",
    "1_Pooling/config.json",
    "2_Dense/config.json",
}


@pytest.mark.parametrize("kinds", [("safetensors",), ("bin",), ("safetensors", "bin")])
def test_one_kind_of_weights_and_what_describes_the_model_are_fetched(
    model: Path, served: Callable[..., tuple[Hub, Path]], kinds: tuple[str, ...]
) -> None:
    sentence_transformers_layout(model, dense=[16])
    add_what_nobody_needs(model)
    if kinds != ("safetensors",):
        kept = (model / "model.safetensors").read_bytes()
        to_pickle(model)
        if "safetensors" in kinds:
            (model / "model.safetensors").write_bytes(kept)

    hub, folder = served()

    weights = "model.safetensors" if "safetensors" in kinds else "pytorch_model.bin"
    assert sorted(hub.taken) == sorted({*SMALL, weights, "2_Dense/model.safetensors"})
    assert ModelEmbedder(recipe(folder)).dims == 16


def test_a_fetch_is_announced(
    served: Callable[..., tuple[Hub, Path]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        served()

    assert f"fetching {SOURCE} from {constants.ENDPOINT}" in caplog.messages


def test_the_progress_of_a_fetch_is_shown_after_a_model_was_loaded(model: Path) -> None:
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled

    TorchEngine(model, "embedder")

    assert not are_progress_bars_disabled()


def test_what_is_no_model_of_transformers_is_told(
    model: Path, served: Callable[..., tuple[Hub, Path]]
) -> None:
    (model / "config.json").unlink()

    with pytest.raises(ModelUnavailable, match=rf"{SOURCE} has no config\.json .*; choose a model"):
        served()


def test_a_model_without_weights_that_are_read_is_told(
    model: Path, served: Callable[..., tuple[Hub, Path]]
) -> None:
    (model / "model.safetensors").rename(model / "model.gguf")

    with pytest.raises(ModelUnavailable, match=r"no weights .*\.safetensors, .*; choose another"):
        served()


def test_weights_are_not_fetched_for_code_that_is_not_run(
    model: Path, served: Callable[..., tuple[Hub, Path]], cache: Path
) -> None:
    change(model, model_type="their-own", auto_map={"AutoModel": "modeling.Model"})

    with pytest.raises(ModelUnavailable, match="code of its own"):
        served()
    assert not list(cache.rglob("*.safetensors"))


def answer(status: int) -> Any:
    return SimpleNamespace(status_code=status, headers={}, request=None)


def offline() -> Exception:
    problem = errors.LocalEntryNotFoundError("not cached")
    problem.__cause__ = errors.OfflineModeIsEnabled("HF_HUB_OFFLINE=1")
    return problem


GATED = "is gated: accept its terms at .*/someone/their-model and set HF_TOKEN, .*ModelScope"


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (errors.GatedRepoError("", response=answer(401)), GATED),
        (errors.GatedRepoError("", response=answer(403)), GATED),
        (errors.HfHubHTTPError("", response=answer(401)), GATED),
        (errors.HfHubHTTPError("", response=answer(403)), f"{GATED}.*--models bge-zh"),
        (errors.RepositoryNotFoundError("", response=answer(401)), "has no model .*check the name"),
        (errors.HFValidationError("no id"), "has no model .*check the name"),
        (errors.HfHubHTTPError("", response=answer(503)), "could not be fetched .*the network"),
        (errors.LocalEntryNotFoundError("no connection"), "could not be fetched .*the network"),
        (TimeoutError("slow"), "could not be fetched .*network, give a folder"),
        (offline(), "HF_HUB_OFFLINE forbids to fetch it; unset that, or give a folder"),
        (
            OSError(errno.ENOSPC, "full"),
            "does not fit on the disk .*make room there or set HF_HOME",
        ),
        (PermissionError(errno.EACCES, "no"), "cannot be written to .*; set HF_HOME"),
        (OSError(errno.EROFS, "no"), "cannot be written to .*; set HF_HOME"),
    ],
)
def test_a_failed_fetch_says_what_to_do(
    problem: Exception, said: str, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    def fail(*_: Any, **__: Any) -> str:
        raise problem

    monkeypatch.setattr("huggingface_hub.snapshot_download", fail)

    with pytest.raises(ModelUnavailable, match=said) as told:
        ModelEmbedder(embedder_recipe(SOURCE))
    assert "\n" not in str(told.value)


def test_a_model_in_the_cache_is_at_hand_once_it_is_whole(model: Path, cache: Path) -> None:
    home = cache / "models--someone--their-model"
    snapshot = home / "snapshots" / ("0" * 40)
    (home / "refs").mkdir(parents=True)
    (home / "refs" / "main").write_text("0" * 40)
    split(model)
    shutil.copytree(model, snapshot)
    assert at_hand(SOURCE) == snapshot

    sorted(snapshot.glob("*.safetensors"))[-1].unlink()
    assert at_hand(SOURCE) is None


# files


def change(folder: Path, **facts: Any) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | facts))


def split(folder: Path) -> None:
    """Share the weights between several files."""
    import torch
    import transformers

    loaded = transformers.AutoModel.from_pretrained(folder, dtype=torch.float32)
    (folder / "model.safetensors").unlink()
    loaded.save_pretrained(folder, max_shard_size="40KB")


def lose_a_shard(folder: Path) -> None:
    split(folder)
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
    split(model)

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
    Library(tmp_path / "library", embedder=ModelEmbedder(recipe(model)), reranker=reranker)

    with pytest.raises(
        LibraryMismatch,
        match=r"mine \(32 dimensions\), asked for mine \(16\); choose those models again or",
    ):
        Library(tmp_path / "library", embedder=ModelEmbedder(recipe(other)), reranker=reranker)
