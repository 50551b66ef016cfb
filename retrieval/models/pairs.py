"""Embedders and rerankers that are used together, each pair under one name."""

from dataclasses import dataclass

from bifolio.ingest import message
from bifolio.retrieval.models.embedder_recipes import embedder_recipe
from bifolio.retrieval.models.recipe import EmbedderRecipe, RerankerRecipe, UnknownModel
from bifolio.retrieval.models.reranker_recipes import reranker_recipe


@dataclass(frozen=True, slots=True)
class Pair:
    """An embedder and a reranker that are used together, under one name."""

    name: str
    embedder: EmbedderRecipe
    reranker: RerankerRecipe


PAIRS = (
    Pair("starter", embedder_recipe("starter-embedder"), reranker_recipe("starter-reranker")),
    Pair("bce", embedder_recipe("bce-embedding-base_v1"), reranker_recipe("bce-reranker-base_v1")),
    Pair("bge-zh", embedder_recipe("bge-base-zh-v1.5"), reranker_recipe("bge-reranker-base")),
    Pair("bge-en", embedder_recipe("bge-base-en-v1.5"), reranker_recipe("bge-reranker-base")),
    Pair("bge-m3", embedder_recipe("bge-m3"), reranker_recipe("bge-reranker-v2-m3")),
)


def pair(name: str) -> Pair:
    """Give the pair of that name.

    Raises:
        UnknownModel: there is none; the message lists those there are.
    """
    for known in PAIRS:
        if known.name == name:
            return known
    names = ", ".join(known.name for known in PAIRS)
    sentence = "no pair of models is called {name!r}; choose one of {names}"
    raise UnknownModel(message("unknown-pair", sentence, name=name, names=names))
