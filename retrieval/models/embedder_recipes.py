"""The embedders that are known, and how each is used."""

from dataclasses import replace
from pathlib import Path

from bifolio.ingest import message
from bifolio.retrieval.models.onnx_files import without_file
from bifolio.retrieval.models.recipe import (
    OWN_CODE,
    STARTER,
    EmbedderRecipe,
    UnknownModel,
    is_folder_of,
    last_name,
    refuse,
    refuse_missing,
)

# The English instruction ends in a space; the Chinese one in a full-width colon, U+FF1A.
BGE_EN = "Represent this sentence for searching relevant passages: "
BGE_ZH = "为这个句子生成表示以用于检索相关文章\uff1a"

_MANY = ("en", "zh", "more")


def _sizes(recipe: EmbedderRecipe, *sizes: str) -> tuple[EmbedderRecipe, ...]:
    """Give the recipes of a family, whose names differ where ``{}`` stands."""
    return tuple(
        replace(recipe, name=recipe.name.format(size), source=recipe.source.format(size))
        for size in sizes or ("small", "base", "large")
    )


EMBEDDERS = (
    EmbedderRecipe(
        name="starter-embedder",
        source=str(STARTER / "embedder"),
        pooling="mean",
        query_prefix="query: ",
        passage_prefix="passage: ",
        languages=("en", "zh"),
        licence="MIT",
        entailment=str(STARTER / "entailment.safetensors"),
        inner=8,
    ),
    EmbedderRecipe(
        name="bce-embedding-base_v1",
        source="maidalun1020/bce-embedding-base_v1",
        pooling="cls",
        languages=("en", "zh"),
        licence="Apache-2.0",
    ),
    *_sizes(
        EmbedderRecipe(
            name="bge-{}-zh-v1.5",
            source="BAAI/bge-{}-zh-v1.5",
            pooling="cls",
            query_prefix=BGE_ZH,
            languages=("zh",),
            licence="MIT",
        )
    ),
    *_sizes(
        EmbedderRecipe(
            name="bge-{}-en-v1.5",
            source="BAAI/bge-{}-en-v1.5",
            pooling="cls",
            query_prefix=BGE_EN,
            languages=("en",),
            licence="MIT",
        )
    ),
    EmbedderRecipe(
        name="bge-m3",
        source="BAAI/bge-m3",
        pooling="cls",
        max_tokens=8192,
        languages=_MANY,
        licence="MIT",
    ),
    *_sizes(
        EmbedderRecipe(
            name="bge-{}-zh",
            source="BAAI/bge-{}-zh",
            pooling="cls",
            query_prefix=BGE_ZH,
            languages=("zh",),
            licence="MIT",
        )
    ),
    *_sizes(
        EmbedderRecipe(
            name="bge-{}-en",
            source="BAAI/bge-{}-en",
            pooling="cls",
            query_prefix=BGE_EN,
            languages=("en",),
            licence="MIT",
        )
    ),
    EmbedderRecipe(
        name="bge-large-zh-noinstruct",
        source="BAAI/bge-large-zh-noinstruct",
        pooling="cls",
        languages=("zh",),
        licence="MIT",
    ),
    EmbedderRecipe(
        name="llm-embedder",
        source="BAAI/llm-embedder",
        pooling="cls",
        query_prefix="Represent this query for retrieving relevant documents: ",
        passage_prefix="Represent this document for retrieval: ",
        languages=("en",),
        licence="MIT",
    ),
    *_sizes(
        EmbedderRecipe(
            name="e5-{}-v2",
            source="intfloat/e5-{}-v2",
            pooling="mean",
            query_prefix="query: ",
            passage_prefix="passage: ",
            languages=("en",),
            licence="MIT",
        )
    ),
    *_sizes(
        EmbedderRecipe(
            name="multilingual-e5-{}",
            source="intfloat/multilingual-e5-{}",
            pooling="mean",
            query_prefix="query: ",
            passage_prefix="passage: ",
            languages=_MANY,
            licence="MIT",
        )
    ),
    *_sizes(
        EmbedderRecipe(
            name="gte-{}",
            source="thenlper/gte-{}",
            pooling="mean",
            languages=("en",),
            licence="MIT",
        )
    ),
    *_sizes(
        EmbedderRecipe(
            name="gte-{}-zh",
            source="thenlper/gte-{}-zh",
            pooling="cls",
            languages=("zh",),
            licence="MIT",
        )
    ),
    *_sizes(
        EmbedderRecipe(
            name="m3e-{}",
            source="moka-ai/m3e-{}",
            pooling="mean",
            languages=("zh", "en"),
            licence="research only",
        ),
        "base",
        "large",
    ),
    EmbedderRecipe(
        name="text2vec-base-chinese",
        source="shibing624/text2vec-base-chinese",
        pooling="mean",
        max_tokens=128,
        languages=("zh",),
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="text2vec-base-multilingual",
        source="shibing624/text2vec-base-multilingual",
        pooling="mean",
        max_tokens=256,
        languages=_MANY,
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="text2vec-large-chinese",
        source="GanymedeNil/text2vec-large-chinese",
        pooling="mean",
        languages=("zh",),
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="all-mpnet-base-v2",
        source="sentence-transformers/all-mpnet-base-v2",
        pooling="mean",
        max_tokens=384,
        languages=("en",),
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="sentence-t5-xxl",
        source="sentence-transformers/sentence-t5-xxl",
        pooling="mean",
        languages=("en",),
        licence="Apache-2.0",
    ),
    EmbedderRecipe(
        name="instructor-xl",
        source="hkunlp/instructor-xl",
        pooling="mean",
        prefix_pooled=False,
        query_prefix="Represent the question for retrieving supporting documents: ",
        passage_prefix="Represent the document for retrieval: ",
        languages=("en",),
        licence="Apache-2.0",
    ),
    *_sizes(
        EmbedderRecipe(
            name="jina-embeddings-v2-{}",
            source="jinaai/jina-embeddings-v2-{}",
            pooling="mean",
            max_tokens=8192,
            languages=("en",),
            licence="Apache-2.0",
            refused=OWN_CODE,
        ),
        "small-en",
        "base-en",
    ),
    EmbedderRecipe(
        name="jina-embeddings-v2-base-zh",
        source="jinaai/jina-embeddings-v2-base-zh",
        pooling="mean",
        max_tokens=8192,
        languages=("zh", "en"),
        licence="Apache-2.0",
        refused=OWN_CODE,
    ),
    EmbedderRecipe(
        name="luotuo-bert-medium",
        source="silk-road/luotuo-bert-medium",
        languages=("zh",),
        licence="none",
        refused=message(
            "no-licence",
            "it has no licence and no model card, and needs code from its own repository",
        ),
    ),
    EmbedderRecipe(
        name="sgpt-bloom-7b1-msmarco",
        source="bigscience/sgpt-bloom-7b1-msmarco",
        max_tokens=2048,
        languages=_MANY,
        licence="BLOOM RAIL",
        refused=message(
            "large-decoder",
            "it is a decoder of 7 billion parameters with a pooling and brackets of its own",
        ),
    ),
    EmbedderRecipe(
        name="text-embedding-ada-002",
        source="openai/text-embedding-ada-002",
        max_tokens=8191,
        languages=_MANY,
        licence="API only",
        refused=message(
            "api-only",
            "it is served by an API only, which is sent every document; if that is meant, say"
            " openai:text-embedding-ada-002",
        ),
    ),
)


def known_embedder(name: str) -> EmbedderRecipe | None:
    """Give the recipe of a model that somebody serves under this name, run here or not."""
    return next((known for known in EMBEDDERS if last_name(known.name) == last_name(name)), None)


def embedder_recipe(name: str) -> EmbedderRecipe:
    """Give the recipe with that name or hub id, or of a folder that bears such a name.

    A folder or hub id may go on to an ONNX file in it. Those that are not known get a recipe
    without pooling and prefixes: what their files say, or the user, completes it (ModelEmbedder).

    Raises:
        UnknownModel: the name is none of these, or of a model that is not run.
    """
    model = without_file(name)
    is_folder = Path(model).is_dir()
    for known in EMBEDDERS:
        if is_folder_of(model, known.name) or (model == known.source and model != name):
            known = replace(known, source=name)
        elif is_folder or name not in (known.name, known.source):
            continue
        refuse(known)
        return known
    refuse_missing(model)
    if is_folder or model.count("/") == 1:
        own_name = Path(model).resolve().name if is_folder else model
        return EmbedderRecipe(name=own_name, source=name, languages=(), licence="unknown")
    raise UnknownModel(
        message(
            "unknown-embedder",
            "no recipe for the embedder {name!r}; give a folder, a hub id (owner/name), or a name"
            " that `bifolio models` lists, such as bge-m3",
            name=name,
        )
    )
