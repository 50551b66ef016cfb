"""The embedders that are known, and how each is used."""

from dataclasses import replace

from bifolio.retrieval.recipe import STARTER, EmbedderRecipe, UnknownModel, is_folder_of

# The English instruction ends in a space; the Chinese one in a full-width colon, U+FF1A.
BGE_EN = "Represent this sentence for searching relevant passages: "
BGE_ZH = "为这个句子生成表示以用于检索相关文章\uff1a"

EMBEDDERS = (
    EmbedderRecipe(
        name="starter-embedder",
        source=str(STARTER / "embedder"),
        pooling="mean",
        languages=("en", "zh"),
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="bce-embedding-base_v1",
        source="maidalun1020/bce-embedding-base_v1",
        pooling="cls",
        languages=("en", "zh"),
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="bge-base-zh-v1.5",
        source="BAAI/bge-base-zh-v1.5",
        pooling="cls",
        query_prefix=BGE_ZH,
        languages=("zh",),
        licence="MIT",
    ),
    EmbedderRecipe(
        name="bge-base-en-v1.5",
        source="BAAI/bge-base-en-v1.5",
        pooling="cls",
        query_prefix=BGE_EN,
        languages=("en",),
        licence="MIT",
    ),
    EmbedderRecipe(
        name="bge-m3",
        source="BAAI/bge-m3",
        pooling="cls",
        max_tokens=8192,
        languages=("en", "zh", "more"),
        licence="MIT",
    ),
)


def embedder_recipe(name: str) -> EmbedderRecipe:
    """Give the recipe with that name or hub id, or of a folder that bears such a name.

    Raises:
        UnknownModel: none has it; pooling and prefixes are never guessed.
    """
    for known in EMBEDDERS:
        if name in (known.name, known.source):
            return known
        if is_folder_of(name, known.name):
            return replace(known, source=name)
    names = ", ".join(known.name for known in EMBEDDERS)
    raise UnknownModel(
        f"no recipe for the embedder {name!r}; give one of {names}, or a folder of that name"
    )
