"""The rerankers that are known, and how each is used."""

from dataclasses import replace
from pathlib import Path

from bifolio.retrieval.recipe import STARTER, RerankerRecipe, UnknownModel, is_folder_of

_NO_THRESHOLD = "none published"

RERANKERS = (
    RerankerRecipe(
        name="starter-reranker",
        source=str(STARTER / "reranker"),
        threshold=0.11,
        threshold_source="bench/evidence.py on the development sets",
        logit_weight=0.278,
        dense_weight=3.378,
        lexical_weight=1.929,
        bias=-3.966,
        languages=("en", "zh"),
        licence="Apache-2.0",
    ),
    RerankerRecipe(
        name="bce-reranker-base_v1",
        source="maidalun1020/bce-reranker-base_v1",
        threshold=0.4,
        threshold_source="its author, BCEmbedding issue 15",
        languages=("en", "zh", "ja", "ko"),
        licence="Apache-2.0",
        gated=True,
    ),
    RerankerRecipe(
        name="bge-reranker-base",
        source="BAAI/bge-reranker-base",
        threshold=None,
        threshold_source=_NO_THRESHOLD,
        languages=("en", "zh"),
        licence="MIT",
    ),
    RerankerRecipe(
        name="bge-reranker-v2-m3",
        source="BAAI/bge-reranker-v2-m3",
        threshold=None,
        threshold_source=_NO_THRESHOLD,
        languages=("en", "zh", "more"),
        licence="Apache-2.0",
    ),
)


def reranker_recipe(name: str) -> RerankerRecipe:
    """Give the recipe with that name or hub id, or of a folder; a folder of another name has none.

    Raises:
        UnknownModel: none has it.
    """
    for known in RERANKERS:
        if name in (known.name, known.source):
            return known
        if is_folder_of(name, known.name):
            return replace(known, source=name)
    if Path(name).is_dir():
        return RerankerRecipe(
            name=Path(name).resolve().name,
            source=name,
            threshold=None,
            threshold_source=_NO_THRESHOLD,
            languages=(),
            licence="unknown",
        )
    names = ", ".join(known.name for known in RERANKERS)
    raise UnknownModel(f"no recipe for the reranker {name!r}; give one of {names}, or a folder")
