"""An embedder is used as its recipe, its own files and the user say, in that order of weight."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_models import Family, sentence_transformers_layout, tiny_model, to_pickle

from bifolio.retrieval import (
    EmbedderOptions,
    EmbedderRecipe,
    ModelEmbedder,
    ModelUnavailable,
    UnknownModel,
    embedder_recipe,
)
from bifolio.retrieval.arrays import Floats, Ids
from bifolio.retrieval.models.folder import positions
from bifolio.retrieval.models.torch_engine import TorchEngine


def recipe(folder: Path, **facts: Any) -> EmbedderRecipe:
    return EmbedderRecipe(
        **({"name": "mine", "source": str(folder), "languages": (), "licence": ""} | facts)
    )


def embedder(folder: Path, options: EmbedderOptions | None = None, **facts: Any) -> ModelEmbedder:
    """Give an embedder that torch runs: its numbers are compared to the last digit."""
    made = ModelEmbedder(recipe(folder, **facts), options)
    made._model.__dict__["engine"] = TorchEngine(folder, "embedder")
    return made


def hidden_states(folder: Path, text: str) -> Floats:
    """Give what transformers itself computes for one text, special tokens included."""
    import torch
    import transformers

    config = transformers.AutoConfig.from_pretrained(folder)
    auto: Any = transformers.AutoModel
    if config.model_type == "t5":
        auto = transformers.T5EncoderModel
    with torch.inference_mode():
        inputs = transformers.AutoTokenizer.from_pretrained(folder)(text, return_tensors="pt")
        states: Floats = auto.from_pretrained(folder).eval()(**inputs)[0][0].numpy()
    return states


def unit(vector: Floats) -> Floats:
    scaled: Floats = vector / np.linalg.norm(vector)
    return scaled


# pooling


@pytest.mark.parametrize("family", ["bert", "xlm-roberta", "mpnet"])
def test_the_vector_is_the_first_state_or_the_mean_of_all(tmp_path: Path, family: Family) -> None:
    folder = tiny_model(tmp_path / "model", family)
    text = "The ferry leaves at nine. 渡轮九点离开。"
    states = hidden_states(folder, text)
    texts = [text, "fire", "a longer text that is padded with nothing " * 3]

    first = embedder(folder, pooling="cls").embed_passages(texts)[0]
    mean = embedder(folder, pooling="mean").embed_passages(texts)[0]

    assert first == pytest.approx(unit(states[0]), abs=1e-5)
    assert mean == pytest.approx(unit(states.mean(axis=0)), abs=1e-5)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("cls", "cls"),
        ("mean", "mean"),
        ({"pooling_mode": "cls"}, "cls"),
        ({"pooling_mode": "mean", "include_prompt": True}, "mean"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": False}, "cls"),
        ({}, "mean"),
    ],
)
def test_a_folder_says_its_pooling_in_the_old_or_the_new_way(
    tmp_path: Path, written: Any, meant: str
) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), pooling=written)

    for guess in (None, "cls", "mean"):
        assert ModelEmbedder(recipe(folder, pooling=guess)).recipe.pooling == meant


def test_the_users_pooling_goes_before_the_folders(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), pooling="mean")

    assert ModelEmbedder(recipe(folder), EmbedderOptions(pooling="cls")).recipe.pooling == "cls"


def test_a_model_of_which_nothing_is_known_is_refused_unless_told_its_pooling(
    tmp_path: Path,
) -> None:
    folder = tiny_model(tmp_path / "model")

    with pytest.raises(UnknownModel, match=r"nothing says how .*give --pooling cls or --pooling"):
        ModelEmbedder(embedder_recipe(str(folder)))
    told = ModelEmbedder(embedder_recipe(str(folder)), EmbedderOptions(pooling="mean"))
    assert told.recipe.pooling == "mean"


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ({"pooling_mode": "lasttoken"}, "lasttoken"),
        ({"pooling_mode_max_tokens": True}, "max"),
        ({"pooling_mode_cls_token": True, "pooling_mode_mean_tokens": True}, r"cls\+mean"),
    ],
)
def test_a_pooling_that_is_not_run_is_refused(tmp_path: Path, written: Any, named: str) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), pooling=written)

    with pytest.raises(UnknownModel, match=f"pools by {named}, .*only cls and mean; choose"):
        ModelEmbedder(recipe(folder))


def test_a_pooling_that_nobody_knows_is_told(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")

    with pytest.raises(UnknownModel, match="pools by middle, of which Bifolio knows only cls"):
        ModelEmbedder(recipe(folder), EmbedderOptions(pooling="middle"))


def test_a_part_that_is_not_run_is_refused(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"))
    modules = json.loads((folder / "modules.json").read_text())
    modules[-1]["type"] = "sentence_transformers.models.WordWeights"
    (folder / "modules.json").write_text(json.dumps(modules))

    with pytest.raises(ModelUnavailable, match=r"has a part WordWeights, which .*; choose another"):
        ModelEmbedder(recipe(folder))


@pytest.mark.parametrize("damage", ["{", '{"idx": 0}', "[{}]"])
def test_a_damaged_list_of_parts_is_told(tmp_path: Path, damage: str) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"))
    (folder / "modules.json").write_text(damage)

    with pytest.raises(ModelUnavailable, match=r"modules\.json .*copy the model's files again"):
        ModelEmbedder(recipe(folder))


def test_a_missing_part_is_told(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"))
    (folder / "1_Pooling" / "config.json").unlink()

    with pytest.raises(ModelUnavailable, match=r"config\.json is missing; copy the model's"):
        ModelEmbedder(recipe(folder))


# prefixes


def prefixes(folder: Path, options: EmbedderOptions | None = None, **facts: Any) -> tuple[str, str]:
    made = ModelEmbedder(recipe(folder, **facts), options)
    return made.recipe.query_prefix, made.recipe.passage_prefix


@pytest.mark.parametrize(
    ("prompts", "default", "expected"),
    [
        ({"query": "Q: ", "document": "D: "}, None, ("Q: ", "D: ")),
        ({"query": "Q: ", "passage": "P: "}, None, ("Q: ", "P: ")),
        ({"query": "Q: "}, None, ("Q: ", "")),
        ({"other": "O: "}, "other", ("O: ", "O: ")),
        ({"query": "Q: ", "other": "O: "}, "other", ("Q: ", "O: ")),
        # What sentence-transformers writes when nobody said anything.
        ({"query": "", "document": ""}, None, ("query: ", "passage: ")),
        (None, None, ("query: ", "passage: ")),
    ],
)
def test_the_folders_prompts_go_before_the_recipes(
    tmp_path: Path, prompts: Any, default: str | None, expected: tuple[str, str]
) -> None:
    folder = sentence_transformers_layout(
        tiny_model(tmp_path / "model"), prompts=prompts, default_prompt=default
    )

    assert prefixes(folder, query_prefix="query: ", passage_prefix="passage: ") == expected


def test_the_users_prefixes_go_before_all_and_an_empty_one_disables(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), prompts={"query": "Q: "})

    assert prefixes(folder, EmbedderOptions(query_prefix="mine: ")) == ("mine: ", "")
    assert prefixes(folder, EmbedderOptions(query_prefix="")) == ("", "")
    assert prefixes(folder, EmbedderOptions(passage_prefix="P: ")) == ("Q: ", "P: ")


def test_each_prefix_is_read_before_its_own_kind_of_text(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    plain = embedder(folder, pooling="mean")
    prefixed = embedder(folder, pooling="mean", query_prefix="query: ", passage_prefix="passage: ")

    (asked,) = prefixed.embed_queries(["fire"])
    (searched,) = prefixed.embed_passages(["fire"])

    expected = plain.embed_passages(["query: fire", "passage: fire"])
    assert np.array([asked, searched]) == pytest.approx(expected, abs=1e-5)


@dataclass
class Recorder:
    """An engine that remembers the tokens it was given, without padding."""

    name: str = "recorder"
    batch_tokens: int = 1024
    streams: int = 1
    pools: bool = False
    rows: list[list[int]] = field(default_factory=list)

    def run(self, ids: Ids, mask: Ids, types: Ids, weights: Floats | None = None) -> Floats:
        self.rows += [row[: seen.sum()].tolist() for row, seen in zip(ids, mask, strict=True)]
        return np.ones((len(ids), 32), np.float32)


def test_every_window_of_a_long_text_is_read_behind_the_prefix(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", "xlm-roberta")
    made = ModelEmbedder(recipe(folder, pooling="mean", passage_prefix="passage: ", max_tokens=50))
    made._model.__dict__["engine"] = recorder = Recorder()
    start = made._model.tokens.ids(["passage: the"])[0][:2]

    made.embed_passages(["the ferry leaves at nine " * 30])

    assert len(recorder.rows) > 3
    assert all(row[1:3] == start and len(row) <= 50 for row in recorder.rows)


def test_a_prefix_longer_than_the_model_reads_is_no_error(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model")
    made = embedder(folder, pooling="cls", query_prefix="query " * 200, max_tokens=32)

    assert np.linalg.norm(made.embed_queries(["fire"]), axis=1) == pytest.approx([1], abs=1e-5)


# lengths and dimensions


@pytest.mark.parametrize(("family", "usable"), [("xlm-roberta", 512), ("bert", 512), ("t5", None)])
def test_positions_are_those_that_can_be_used(
    tmp_path: Path, family: Family, usable: int | None
) -> None:
    assert positions(tiny_model(tmp_path / "model", family)) == usable


@pytest.mark.parametrize("family", ["xlm-roberta", "mpnet", "bert"])
def test_nothing_is_read_past_the_table_of_positions(tmp_path: Path, family: Family) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model", family), max_tokens=8192)
    made = embedder(folder)

    assert made.recipe.max_tokens == 512
    assert made.embed_passages(["fire " * 1200]).shape == (1, 32)


def test_the_folders_length_goes_before_the_recipes(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), max_tokens=128)

    assert ModelEmbedder(recipe(folder, max_tokens=512)).recipe.max_tokens == 128


def test_the_recipes_length_holds_where_the_folder_says_none(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), max_tokens=None)

    assert ModelEmbedder(recipe(folder, max_tokens=200)).recipe.max_tokens == 200


def test_a_model_that_reads_next_to_nothing_is_refused(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(tiny_model(tmp_path / "model"), max_tokens=4)

    with pytest.raises(ModelUnavailable, match="reads only 4 tokens at once; choose another"):
        ModelEmbedder(recipe(folder))


@pytest.mark.parametrize("activation", ["linear.Identity", "activation.Tanh"])
@pytest.mark.parametrize("pickled", [False, True])
def test_dense_layers_come_after_the_pooling(
    tmp_path: Path, activation: str, pickled: bool
) -> None:
    from safetensors.numpy import load_file

    folder = sentence_transformers_layout(
        tiny_model(tmp_path / "model"), dense=[24, 16], activation=f"torch.nn.modules.{activation}"
    )
    expected = hidden_states(folder, "fire").mean(axis=0)
    for name in ("2_Dense", "3_Dense"):
        weights = load_file(folder / name / "model.safetensors")
        expected = weights["linear.weight"] @ expected + weights["linear.bias"]
        if activation.endswith("Tanh"):
            expected = np.tanh(expected)
        if pickled:
            to_pickle(folder / name)

    made = embedder(folder)

    assert made.dims == 16
    assert made.embed_passages(["fire"])[0] == pytest.approx(unit(expected), abs=1e-5)


def test_an_activation_that_is_not_run_is_refused(tmp_path: Path) -> None:
    folder = sentence_transformers_layout(
        tiny_model(tmp_path / "model"), dense=[16], activation="torch.nn.modules.activation.GELU"
    )

    with pytest.raises(ModelUnavailable, match=r"has the activation GELU, .*; choose another"):
        embedder(folder).embed_passages(["fire"])


# encoders of T5


def test_the_encoder_of_t5_is_an_embedder(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "model", "t5")
    text = "The ferry leaves at nine."

    made = embedder(folder, pooling="mean")

    expected = unit(hidden_states(folder, text).mean(axis=0))
    assert made.dims == 32
    assert made.embed_passages([text, "fire"])[0] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("family", ["t5", "bert"])
@pytest.mark.parametrize("said_by", ["recipe", "folder"])
def test_an_instruction_may_be_left_out_of_the_mean(
    tmp_path: Path, family: Family, said_by: str
) -> None:
    folder = tiny_model(tmp_path / "model", family)
    facts: dict[str, Any] = {"pooling": "mean", "query_prefix": "query: how long"}
    if said_by == "recipe":
        facts["prefix_pooled"] = False
    else:
        pooling = {"pooling_mode": "mean", "include_prompt": False}
        sentence_transformers_layout(folder, pooling=pooling)

    made = embedder(folder, **facts)

    before = len(made._model.tokens.ids(["query: how long"])[0]) + (family == "bert")
    states = hidden_states(folder, "query: how long is the notice")
    expected = unit(states[before:].mean(axis=0))
    vectors = made.embed_queries([" is the notice", " a much longer question about the ferry"])
    assert vectors[0] == pytest.approx(expected, abs=1e-5)


# fingerprints


def test_the_fingerprint_tells_apart_all_that_changes_vectors(tmp_path: Path) -> None:
    plain = tiny_model(tmp_path / "plain")
    dense = sentence_transformers_layout(tiny_model(tmp_path / "dense"), dense=[32])
    other_dense = sentence_transformers_layout(tiny_model(tmp_path / "other"), dense=[32])
    shape = other_dense / "2_Dense" / "config.json"
    shape.write_text(shape.read_text().replace("linear.Identity", "activation.Tanh"))
    uses = [
        ModelEmbedder(recipe(plain, pooling="mean")),
        ModelEmbedder(recipe(plain, pooling="cls")),
        ModelEmbedder(recipe(plain, pooling="mean", query_prefix="a")),
        ModelEmbedder(recipe(plain, pooling="mean", passage_prefix="a")),
        ModelEmbedder(recipe(plain, pooling="mean", max_tokens=100)),
        ModelEmbedder(recipe(plain, pooling="mean", prefix_pooled=False)),
        ModelEmbedder(recipe(dense)),
        ModelEmbedder(recipe(other_dense)),
    ]

    assert len({use.fingerprint for use in uses}) == len(uses)


def test_a_folder_and_its_copy_have_one_fingerprint(tmp_path: Path) -> None:
    one, other = (tiny_model(tmp_path / place / "bge-m3") for place in ("one", "other"))

    assert (
        ModelEmbedder(embedder_recipe(str(one))).fingerprint
        == ModelEmbedder(embedder_recipe(str(other))).fingerprint
    )
