"""What is known of each embedder, down to the code points, and which are not run."""

from pathlib import Path

import pytest

from bifolio.retrieval import EMBEDDERS, UnknownModel, embedder_recipe, reranker_recipe
from bifolio.retrieval.models.embedder_recipes import BGE_EN, BGE_ZH
from bifolio.retrieval.models.sentence_transformers import declared

# By hub id: pooling, query prefix, passage prefix, longest input in tokens.
E5 = ("mean", "query: ", "passage: ", 512)
RECIPES = {
    "maidalun1020/bce-embedding-base_v1": ("cls", "", "", 512),
    **{f"BAAI/bge-{size}-en": ("cls", BGE_EN, "", 512) for size in ("small", "base", "large")},
    **{f"BAAI/bge-{size}-zh": ("cls", BGE_ZH, "", 512) for size in ("small", "base", "large")},
    **{f"BAAI/bge-{size}-en-v1.5": ("cls", BGE_EN, "", 512) for size in ("small", "base", "large")},
    **{f"BAAI/bge-{size}-zh-v1.5": ("cls", BGE_ZH, "", 512) for size in ("small", "base", "large")},
    "BAAI/bge-large-zh-noinstruct": ("cls", "", "", 512),
    "BAAI/bge-m3": ("cls", "", "", 8192),
    "BAAI/llm-embedder": (
        "cls",
        "Represent this query for retrieving relevant documents: ",
        "Represent this document for retrieval: ",
        512,
    ),
    **{f"intfloat/e5-{size}-v2": E5 for size in ("small", "base", "large")},
    **{f"intfloat/multilingual-e5-{size}": E5 for size in ("small", "base", "large")},
    **{f"thenlper/gte-{size}": ("mean", "", "", 512) for size in ("small", "base", "large")},
    **{f"thenlper/gte-{size}-zh": ("cls", "", "", 512) for size in ("small", "base", "large")},
    "moka-ai/m3e-base": ("mean", "", "", 512),
    "moka-ai/m3e-large": ("mean", "", "", 512),
    "shibing624/text2vec-base-chinese": ("mean", "", "", 128),
    "shibing624/text2vec-base-multilingual": ("mean", "", "", 256),
    "GanymedeNil/text2vec-large-chinese": ("mean", "", "", 512),
    "sentence-transformers/all-mpnet-base-v2": ("mean", "", "", 384),
    "sentence-transformers/sentence-t5-xxl": ("mean", "", "", 512),
    "hkunlp/instructor-xl": (
        "mean",
        "Represent the question for retrieving supporting documents: ",
        "Represent the document for retrieval: ",
        512,
    ),
}
REFUSED = {
    "jinaai/jina-embeddings-v2-small-en": "code from its own repository",
    "jinaai/jina-embeddings-v2-base-en": "code from its own repository",
    "jinaai/jina-embeddings-v2-base-zh": "code from its own repository",
    "silk-road/luotuo-bert-medium": "no licence",
    "bigscience/sgpt-bloom-7b1-msmarco": "decoder",
    "openai/text-embedding-ada-002": "API only",
}


def test_the_chinese_instruction_ends_in_a_full_width_colon() -> None:
    assert [hex(ord(character)) for character in BGE_ZH[-3:]] == ["0x6587", "0x7ae0", "0xff1a"]
    assert len(BGE_ZH) == 19
    assert ":" not in BGE_ZH


def test_the_english_instruction_ends_in_a_colon_and_a_space() -> None:
    assert BGE_EN.startswith("Represent this sentence ")
    assert [ord(character) for character in BGE_EN[-2:]] == [0x3A, 0x20]


@pytest.mark.parametrize("hub_id", RECIPES)
def test_a_recipe_says_pooling_prefixes_and_length(hub_id: str) -> None:
    found = embedder_recipe(hub_id)

    assert (found.pooling, found.query_prefix, found.passage_prefix, found.max_tokens) == RECIPES[
        hub_id
    ]
    assert embedder_recipe(hub_id.split("/")[1]) is found


@pytest.mark.parametrize("hub_id", REFUSED)
def test_a_model_that_is_not_run_says_why(hub_id: str, tmp_path: Path) -> None:
    folder = tmp_path / hub_id.split("/")[1]
    folder.mkdir()

    for name in (hub_id, folder.name, str(folder)):
        with pytest.raises(UnknownModel, match=f"{REFUSED[hub_id]}.*`bifolio models` lists"):
            embedder_recipe(name)


def test_a_folder_that_is_gone_is_told_and_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    for recipe_of in (embedder_recipe, reranker_recipe):
        for folder in (str(tmp_path / "bge-m3"), "/gone"):
            with pytest.raises(UnknownModel, match=f"^there is no folder {folder} with a model"):
                recipe_of(folder)


def test_every_recipe_is_checked_here() -> None:
    assert {known.source for known in EMBEDDERS[1:]} == {*RECIPES, *REFUSED}


def test_the_starter_embedder_is_read_as_its_folder_says() -> None:
    starter = embedder_recipe("starter-embedder")
    says = declared(Path(starter.source))

    assert says.prompts in (None, (starter.query_prefix, starter.passage_prefix))
    assert (says.pooling, says.max_tokens) == (starter.pooling, starter.max_tokens)


def test_a_folder_is_used_as_the_recipe_whose_name_it_bears(tmp_path: Path) -> None:
    folder = tmp_path / "bge-base-zh-v1.5"
    folder.mkdir()

    found = embedder_recipe(str(folder))

    assert (found.source, found.query_prefix) == (str(folder), BGE_ZH)


def test_a_folder_goes_before_the_hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("bge-m3").mkdir()

    assert embedder_recipe("bge-m3").source == "bge-m3"
    assert embedder_recipe("BAAI/bge-m3").source == "BAAI/bge-m3"


def test_any_other_hub_id_or_folder_gets_a_recipe_that_guesses_nothing(tmp_path: Path) -> None:
    for name in ("someone/their-embedder", str(tmp_path)):
        found = embedder_recipe(name)
        assert (found.source, found.pooling) == (name, None)
        assert (found.query_prefix, found.passage_prefix) == ("", "")
