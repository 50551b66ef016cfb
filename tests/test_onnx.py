"""Models that were published as ONNX give torch's numbers; what cannot be run says why."""

import importlib.util
import shutil
from pathlib import Path

import numpy as np
import pytest

if importlib.util.find_spec("openvino") is None:
    pytest.skip("OpenVINO is not installed", allow_module_level=True)

import onnx
from tiny_models import sentence_transformers_layout
from tiny_onnx import rename, tiny_onnx, to_external, to_int8

from bifolio.cli import commands
from bifolio.retrieval import (
    CrossEncoder,
    EmbedderOptions,
    ModelEmbedder,
    ModelUnavailable,
    Run,
    at_hand,
    embedder_recipe,
    reranker_recipe,
)
from bifolio.retrieval.models import hub, onnx_engine
from bifolio.retrieval.models.onnx_files import all_parts, file_on_hub, without_file

TEXTS = ["The ferry leaves at nine.", "渡轮九点离开港口。", "fire " * 700]
EXACT = Run(exact=True)
MEAN = EmbedderOptions(pooling="mean")


@pytest.fixture(scope="module")
def bert(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tiny_onnx(tmp_path_factory.mktemp("bert"))


@pytest.fixture(scope="module")
def reranking(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tiny_onnx(tmp_path_factory.mktemp("reranker"), "xlm-roberta", "reranker")


@pytest.fixture
def published(bert: tuple[Path, Path], tmp_path: Path) -> Path:
    """Give a copy of the published folder of an embedder, to be changed."""
    return Path(shutil.copytree(bert[1], tmp_path / "model"))


def embed(source: Path, options: EmbedderOptions = MEAN) -> np.ndarray:
    return ModelEmbedder(embedder_recipe(str(source)), options, run=EXACT).embed_passages(TEXTS)


def refusal(source: Path) -> str:
    with pytest.raises(ModelUnavailable) as raised:
        embed(source)
    return str(raised.value)


@pytest.mark.parametrize("pooling", ["cls", "mean"])
def test_an_embedder_gives_the_vectors_of_torch(bert: tuple[Path, Path], pooling: str) -> None:
    options = EmbedderOptions(pooling=pooling)
    np.testing.assert_allclose(embed(bert[1], options), embed(bert[0], options), atol=1e-4)


def test_a_model_without_segments_gives_the_vectors_of_torch(tmp_path: Path) -> None:
    torch_folder, published = tiny_onnx(tmp_path, "xlm-roberta")

    np.testing.assert_allclose(embed(published), embed(torch_folder), atol=1e-4)


def test_a_reranker_gives_the_scores_of_torch(reranking: tuple[Path, Path]) -> None:
    scores = [
        CrossEncoder(reranker_recipe(str(folder)), run=EXACT).scores("When does it leave?", TEXTS)
        for folder in reranking
    ]
    np.testing.assert_allclose(scores[1], scores[0], atol=1e-4)


def test_an_onnx_file_and_a_tokenizer_are_enough(bert: tuple[Path, Path], tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    bare.mkdir()
    shutil.copy(bert[1] / "tokenizer.json", bare)
    shutil.copy(bert[1] / "onnx" / "model.onnx", bare / "embed.onnx")

    np.testing.assert_allclose(embed(bare), embed(bert[0]), atol=1e-4)


def test_vectors_that_are_pooled_in_the_file_are_taken_as_they_are(tmp_path: Path) -> None:
    torch_folder, published = tiny_onnx(tmp_path, output="sentence_embedding")
    sentence_transformers_layout(published, pooling="mean")

    found = embed(published, EmbedderOptions())

    np.testing.assert_allclose(found, embed(torch_folder), atol=1e-4)


def test_a_quantized_file_is_chosen_by_its_path_and_makes_another_library(published: Path) -> None:
    whole = ModelEmbedder(embedder_recipe(str(published)), MEAN)
    file = to_int8(published / "onnx" / "model.onnx", published / "onnx" / "model_int8.onnx")

    small = ModelEmbedder(embedder_recipe(str(file)), MEAN, run=EXACT)

    assert small.name == whole.name == "model"
    assert small.fingerprint != whole.fingerprint
    vectors = small.embed_passages(TEXTS)
    products = (vectors * embed(published)).sum(axis=1)
    assert 0.98 < products.min() < 1 - 1e-6


def test_of_several_files_one_must_be_named(published: Path) -> None:
    usual = published / "onnx" / "model.onnx"
    shutil.copy(usual, published / "onnx" / "model_O4.onnx")
    usual.rename(published / "onnx" / "model_quantized.onnx")

    told = refusal(published)
    assert "several ONNX files (onnx/model_O4.onnx, onnx/model_quantized.onnx); give one" in told
    assert embed(published / "onnx" / "model_O4.onnx").shape == (3, 32)


def test_other_weights_go_before_onnx_unless_it_is_named(bert: tuple[Path, Path]) -> None:
    torch_folder, published = bert
    both = ModelEmbedder(embedder_recipe(str(torch_folder)), MEAN)
    named = ModelEmbedder(embedder_recipe(str(published / "onnx" / "model.onnx")), MEAN)

    assert "onnx" not in both._model.engine.name
    assert named._model.engine.name.endswith(", model.onnx")


def test_tensors_beside_the_file_are_read_and_belong_to_its_hash(published: Path) -> None:
    expected = embed(published)
    file = to_external(published / "onnx" / "model.onnx")

    assert [part.name for part in all_parts(file)] == ["model.onnx", "model.onnx_data"]
    np.testing.assert_allclose(embed(published), expected, atol=1e-6)
    before = ModelEmbedder(embedder_recipe(str(published)), MEAN).fingerprint
    data = bytearray((file.parent / "model.onnx_data").read_bytes())
    data[40] ^= 1
    (file.parent / "model.onnx_data").write_bytes(data)
    assert ModelEmbedder(embedder_recipe(str(published)), MEAN).fingerprint != before


@pytest.mark.parametrize("place", ["../secret", "/etc/hostname", "a/../../b", "C:\\weights"])
def test_tensors_elsewhere_are_not_read(published: Path, place: str) -> None:
    (published / "secret").write_bytes(bytes(100_000))
    to_external(published / "onnx" / "model.onnx", location=place)

    assert f"keeps weights outside its own folder ({place})" in refusal(published)


def test_a_missing_part_is_named(published: Path) -> None:
    file = to_external(published / "onnx" / "model.onnx")
    (file.parent / "model.onnx_data").unlink()

    assert f"there is no {file.parent / 'model.onnx_data'}" in refusal(published)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "git lfs pull"),
        (b"", "is damaged"),
        (b"\xff" * 200, "is damaged"),
        (b"hello, this is no model at all", "model.onnx"),
    ],
)
def test_a_file_that_is_none_ends_in_a_sentence(published: Path, content: bytes, told: str) -> None:
    (published / "onnx" / "model.onnx").write_bytes(content)

    assert told in refusal(published)


def test_a_file_that_is_cut_off_ends_in_a_sentence(published: Path) -> None:
    file = published / "onnx" / "model.onnx"
    file.write_bytes(file.read_bytes()[:-1000])

    assert f"{file} is damaged" in refusal(published)


def test_an_operation_that_nobody_knows_ends_in_a_sentence(published: Path) -> None:
    file = published / "onnx" / "model.onnx"
    model = onnx.load(file)
    model.graph.node[-1].op_type, model.graph.node[-1].domain = "Magic", "com.example"
    onnx.save(model, file)

    assert f"{file} cannot be run by OpenVINO" in refusal(published)


def test_an_input_that_is_not_given_ends_in_a_sentence(published: Path) -> None:
    file = rename(published / "onnx" / "model.onnx", "token_type_ids", "bbox")

    assert f"{file} wants bbox" in refusal(published)


def test_an_embedder_is_no_reranker_and_a_reranker_no_embedder(
    bert: tuple[Path, Path], reranking: tuple[Path, Path]
) -> None:
    assert "is no embedder: it gives logits" in refusal(reranking[1])
    with pytest.raises(ModelUnavailable, match="is no reranker: it gives last_hidden_state"):
        CrossEncoder(reranker_recipe(str(bert[1]))).scores("ferry", TEXTS)


def test_files_of_different_models_end_in_a_sentence(published: Path) -> None:
    config = (published / "config.json").read_text()
    (published / "config.json").write_text(config.replace('"hidden_size": 32', '"hidden_size": 48'))

    assert "config.json says 48 dimensions, the weights give 32" in refusal(published)


def test_a_file_is_converted_once(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = embed(published)

    def read(*_: object) -> None:
        raise AssertionError("it was read again")

    monkeypatch.setattr(onnx_engine, "_read", read)
    np.testing.assert_array_equal(embed(published), expected)


def test_a_known_model_keeps_its_recipe_whichever_file_is_named(published: Path) -> None:
    folder = published.rename(published.parent / "bge-small-zh-v1.5")

    recipe = embedder_recipe(str(folder / "onnx" / "model.onnx"))

    assert (recipe.name, recipe.pooling) == ("bge-small-zh-v1.5", "cls")
    assert at_hand(recipe.source) == folder
    hub_recipe = embedder_recipe("BAAI/bge-m3/onnx/model.onnx")
    assert (hub_recipe.name, hub_recipe.pooling) == ("bge-m3", "cls")
    assert reranker_recipe("BAAI/bge-reranker-base/onnx/model.onnx").name == "bge-reranker-base"


def test_a_file_on_the_hub_is_fetched_alone(
    published: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def snapshot(source: str, *, allow_patterns: list[str], **_: object) -> str:
        assert source == "someone/model"
        asked.extend(pattern for pattern in allow_patterns if "onnx" in pattern)
        return str(published)

    monkeypatch.setattr("huggingface_hub.snapshot_download", snapshot)
    monkeypatch.setattr("huggingface_hub.try_to_load_from_cache", lambda *_: None)
    source = "someone/model/onnx/model.onnx"

    assert (without_file(source), file_on_hub(source)) == ("someone/model", "onnx/model.onnx")
    assert hub.locate(source) == published
    assert asked == ["onnx/model.onnx*"]
    assert hub.locate("someone/model") == published


def test_the_command_line_takes_a_folder_of_onnx(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "ferry.txt").write_text("The ferry leaves at seven.")
    arguments = ["--library", str(tmp_path / "library"), "--embedder", str(published)]

    assert commands.main(["ingest", str(tmp_path / "ferry.txt"), *arguments]) == 1
    assert "--pooling cls or --pooling mean" in capsys.readouterr().err
    arguments += ["--pooling", "mean"]
    assert commands.main(["ingest", str(tmp_path / "ferry.txt"), *arguments]) == 0
