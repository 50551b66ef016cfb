"""Of a model on the hub only what is needed is fetched, and a failure says what to do."""

import errno
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from huggingface_hub import constants, errors
from huggingface_hub.utils import filter_repo_objects
from tiny_models import sentence_transformers_layout, tiny_model, to_pickle, to_shards

from bifolio.retrieval import (
    EmbedderOptions,
    ModelEmbedder,
    ModelUnavailable,
    UnknownModel,
    at_hand,
    dims_at_hand,
    embedder_recipe,
)
from bifolio.retrieval.models.hub import locate

SOURCE = "someone/their-model"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "model")


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give the hub's cache, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(folder))
    return folder


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
    assert dims_at_hand(str(folder)) == 16


def test_a_fetch_is_announced(
    served: Callable[..., tuple[Hub, Path]], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        served()

    assert f"fetching {SOURCE} from {constants.ENDPOINT}" in caplog.messages


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
    own = {"model_type": "their-own", "auto_map": {"AutoModel": "modeling.Model"}}
    (model / "config.json").write_text(json.dumps(own))

    with pytest.raises(ModelUnavailable, match="code of its own"):
        served()
    assert not list(cache.rglob("*.safetensors"))


def test_weights_are_not_fetched_before_it_is_known_how_the_model_is_used(
    model: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub = Hub(model, cache / "snapshot")
    monkeypatch.setattr("huggingface_hub.snapshot_download", hub.snapshot_download)

    with pytest.raises(UnknownModel, match=r"nothing says how .* pools"):
        ModelEmbedder(embedder_recipe(SOURCE))
    assert "model.safetensors" not in hub.taken
    assert ModelEmbedder(embedder_recipe(SOURCE), EmbedderOptions(pooling="cls")).dims == 32
    assert "model.safetensors" in hub.taken


def answer(status: int) -> Any:
    return SimpleNamespace(status_code=status, headers={}, request=None)


def offline() -> Exception:
    problem = errors.LocalEntryNotFoundError("not cached")
    problem.__cause__ = errors.OfflineModeIsEnabled("HF_HUB_OFFLINE=1")
    return problem


GATED = (
    "is gated: accept its terms at .*/someone/their-model and set a valid HF_TOKEN, .*ModelScope"
)


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
    to_shards(model)
    shutil.copytree(model, snapshot)
    assert at_hand(SOURCE) == snapshot

    sorted(snapshot.glob("*.safetensors"))[-1].unlink()
    assert at_hand(SOURCE) is None
