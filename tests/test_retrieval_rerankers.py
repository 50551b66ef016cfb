"""Which rerankers are known, what becomes of unknown ones, and how a language model judges."""

import json
import math
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from parity.golden import FERRY, LONG, MODELS, QUESTION
from tiny_models import tiny_model
from tokenizers import Tokenizer

from bifolio.retrieval import (
    RERANKERS,
    CrossEncoder,
    ModelUnavailable,
    RerankerRecipe,
    UnknownModel,
    reranker_recipe,
)

# recipes


def test_every_reranker_of_the_field_has_its_published_threshold_or_none() -> None:
    thresholds = {recipe.name: recipe.threshold for recipe in RERANKERS}

    assert thresholds == {
        "starter-reranker": RERANKERS[0].threshold,
        "bce-reranker-base_v1": 0.4,
        "bge-reranker-base": None,
        "bge-reranker-large": None,
        "bge-reranker-v2-m3": None,
        "bge-reranker-v2-gemma": None,
        "bge-reranker-v2-minicpm-layerwise": None,
        "bge-reranker-v2.5-gemma2-lightweight": None,
    }
    for recipe in RERANKERS:
        assert ("none published" in str(recipe.threshold_source)) is (recipe.threshold is None)
        assert str(recipe.score_space).startswith(f"sigmoid of the logit of {recipe.name}")


@pytest.mark.parametrize(
    "hub_id",
    ["BAAI/bge-reranker-v2-minicpm-layerwise", "BAAI/bge-reranker-v2.5-gemma2-lightweight"],
)
def test_a_reranker_that_brings_its_own_code_is_refused_with_the_reason(hub_id: str) -> None:
    with pytest.raises(UnknownModel, match=r"is not run: .*trust_remote_code.*`bifolio models`"):
        reranker_recipe(hub_id)


def test_an_unknown_hub_id_is_taken_for_a_classifier_without_a_threshold() -> None:
    recipe = reranker_recipe("someone/some-reranker")

    assert (recipe.source, recipe.threshold, recipe.prompt) == ("someone/some-reranker", None, None)
    assert (recipe.max_tokens, recipe.leans) == (512, False)


# folders


def test_an_unknown_folder_scores_by_the_sigmoid_whatever_activation_it_names(
    tmp_path: Path,
) -> None:
    folder = tiny_model(tmp_path / "mine", "bert", "reranker")
    config = json.loads((folder / "config.json").read_text())
    config["sentence_transformers"] = {"activation_fn": "torch.nn.modules.linear.Identity"}
    (folder / "config.json").write_text(json.dumps(config))
    reranker = CrossEncoder(reranker_recipe(str(folder)))
    model: Any = transformers.BertForSequenceClassification.from_pretrained(folder)
    whole = Tokenizer.from_file(str(folder / "tokenizer.json")).encode(QUESTION, FERRY)

    with torch.inference_mode():
        logit = model(
            input_ids=torch.tensor([whole.ids]), token_type_ids=torch.tensor([whole.type_ids])
        ).logits.item()

    assert reranker.name == "mine"
    assert reranker.scores(QUESTION, [FERRY])[0] == pytest.approx(
        1 / (1 + math.exp(-logit)), abs=5e-3
    )


@pytest.mark.parametrize(("family", "table"), [("xlm-roberta", 132), ("bert", 130)])
def test_no_more_is_read_at_once_than_the_model_has_positions_for(
    family: Any, table: int, tmp_path: Path
) -> None:
    folder = tiny_model(tmp_path / "short", family, "reranker", max_position_embeddings=table)
    recipe = reranker_recipe(str(folder))
    told = CrossEncoder(replace(recipe, max_tokens=130)).scores(QUESTION, [LONG, FERRY])

    assert CrossEncoder(recipe).scores(QUESTION, [LONG, FERRY]).tolist() == told.tolist()


def test_a_model_with_fewer_positions_than_a_question_has_tokens_still_reads_passages(
    tmp_path: Path,
) -> None:
    folder = tiny_model(tmp_path / "short", "bert", "reranker", max_position_embeddings=40)
    reranker = CrossEncoder(reranker_recipe(str(folder)))

    one, other = reranker.scores(LONG, [FERRY, "退款在十天内支付。"])

    assert one != other


def test_a_classifier_of_several_labels_is_refused(tmp_path: Path) -> None:
    folder = tiny_model(tmp_path / "labels", "bert", "reranker", num_labels=3)

    with pytest.raises(ModelUnavailable, match="is no reranker: it gives 3 numbers a pair"):
        CrossEncoder(reranker_recipe(str(folder))).scores(QUESTION, [FERRY])


# a language model as a reranker


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a Gemma of random weights, with the tokenizer of the golden files' one."""
    folder = tmp_path_factory.mktemp("language-models") / "bge-reranker-v2-gemma"
    shutil.copytree(
        MODELS / "gemma", folder, ignore=shutil.ignore_patterns("*.safetensors", "config.json")
    )
    config = transformers.GemmaConfig(
        vocab_size=Tokenizer.from_file(str(folder / "tokenizer.json")).get_vocab_size(),
        hidden_size=24,
        num_hidden_layers=3,
        num_attention_heads=3,
        num_key_value_heads=1,
        head_dim=8,
        intermediate_size=40,
        initializer_range=0.5,
    )
    torch.manual_seed(1)
    transformers.GemmaForCausalLM(config).save_pretrained(folder)
    return folder


def plain_score(folder: Path, recipe: RerankerRecipe, question: str, passage: str) -> float:
    """Compute what Gemma makes of one passage: no batch, no padding, all logits of all tokens."""
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    model = transformers.GemmaForCausalLM.from_pretrained(folder)

    def ids(text: str) -> list[int]:
        found: list[int] = tokenizer.encode(text, add_special_tokens=False).ids
        return found

    assert recipe.prompt
    before = [tokenizer.token_to_id("<bos>"), *ids(f"A: {question}"), *ids("\n")]
    after = [*ids("\n"), *ids(recipe.prompt.instruction)]
    left = ids(f"B: {passage}")
    room = recipe.max_tokens - len(before) - len(ids("B:")) - len(after)
    read, left = [left[:room]], left[room - recipe.overlap :] if len(left) > room else []
    while left:
        read.append(ids("B:") + left[:room])
        left = left[room - recipe.overlap :] if len(left) > room else []
    logits = [
        model(torch.tensor([before + window + after])).logits[0, -1, ids("Yes")[0]].item()
        for window in read
    ]
    return 1 / (1 + math.exp(-max(logits)))


def test_a_language_model_scores_by_the_logit_of_yes_over_all_windows(
    gemma: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a GPU it would compute in 16 bits.
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    recipe = replace(reranker_recipe(str(gemma)), max_tokens=400, overlap=50)
    passages = [FERRY, "渡轮上午九点从码头出发。", LONG, "a", FERRY, " "]

    scores = CrossEncoder(recipe).scores(QUESTION, passages)

    plain = [plain_score(gemma, recipe, QUESTION, passage) for passage in passages[:4]]
    assert scores == pytest.approx([*plain, plain[0], 0], abs=1e-5)
    assert max(plain) - min(plain) > 0.05


def test_a_folder_of_a_known_language_model_gets_its_prompt(gemma: Path) -> None:
    recipe = reranker_recipe(str(gemma))

    assert recipe.prompt == reranker_recipe("BAAI/bge-reranker-v2-gemma").prompt
    assert recipe.source == str(gemma)


def test_a_classifier_is_no_language_model() -> None:
    recipe = replace(reranker_recipe("bge-reranker-v2-gemma"), source=str(MODELS / "xlm-r"))

    with pytest.raises(ModelUnavailable, match="is no decoder"):
        CrossEncoder(recipe).scores(QUESTION, [FERRY])
