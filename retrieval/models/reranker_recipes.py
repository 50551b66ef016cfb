"""The rerankers that are known, and how each is used."""

from dataclasses import replace
from pathlib import Path

from bifolio.ingest import message
from bifolio.retrieval.models.onnx_files import without_file
from bifolio.retrieval.models.recipe import (
    OWN_CODE,
    STARTER,
    Prompt,
    RerankerRecipe,
    UnknownModel,
    is_folder_of,
    last_name,
    refuse,
    refuse_missing,
)

NO_THRESHOLD = message(
    "none-published", "none published; 0.5, where the logit is 0, would be a guess"
)
_MANY = ("en", "zh", "more")
# What the language models among them were trained with (FlagEmbedding, FlagLLMReranker).
_YES_OR_NO = Prompt(
    instruction=(
        "Given a query A and a passage B, determine whether the passage contains an answer to the"
        " query by providing a prediction of either 'Yes' or 'No'."
    )
)

RERANKERS = (
    RerankerRecipe(
        name="starter-reranker",
        source=str(STARTER / "reranker"),
        threshold=0.1,
        threshold_source=message("fitted", "fitted on questions whose answers are known"),
        sure=0.2,
        logit_weight=0.756,
        dense_weight=16.407,
        lexical_weight=1.727,
        bias=-16.285,
        languages=("en", "zh"),
        licence="Apache-2.0",
    ),
    RerankerRecipe(
        name="bce-reranker-base_v1",
        source="maidalun1020/bce-reranker-base_v1",
        threshold=0.4,
        threshold_source=message("author", "its author, BCEmbedding issue 15"),
        languages=("en", "zh", "ja", "ko"),
        licence="Apache-2.0",
        gated=True,
    ),
    RerankerRecipe(
        name="bge-reranker-base",
        source="BAAI/bge-reranker-base",
        threshold=None,
        threshold_source=NO_THRESHOLD,
        languages=("en", "zh"),
        licence="MIT",
    ),
    RerankerRecipe(
        name="bge-reranker-large",
        source="BAAI/bge-reranker-large",
        threshold=None,
        threshold_source=NO_THRESHOLD,
        languages=("en", "zh"),
        licence="MIT",
    ),
    RerankerRecipe(
        name="bge-reranker-v2-m3",
        source="BAAI/bge-reranker-v2-m3",
        threshold=None,
        threshold_source=NO_THRESHOLD,
        languages=_MANY,
        licence="Apache-2.0",
    ),
    RerankerRecipe(
        name="bge-reranker-v2-gemma",
        source="BAAI/bge-reranker-v2-gemma",
        threshold=None,
        threshold_source=NO_THRESHOLD,
        # FlagEmbedding counts 512 without the instruction; nothing that it reads whole is cut here.
        max_tokens=1024,
        prompt=_YES_OR_NO,
        languages=_MANY,
        licence="Apache-2.0",
    ),
    RerankerRecipe(
        name="bge-reranker-v2-minicpm-layerwise",
        source="BAAI/bge-reranker-v2-minicpm-layerwise",
        threshold=None,
        threshold_source=NO_THRESHOLD,
        prompt=_YES_OR_NO,
        languages=_MANY,
        licence="Apache-2.0",
        refused=OWN_CODE,
    ),
    RerankerRecipe(
        name="bge-reranker-v2.5-gemma2-lightweight",
        source="BAAI/bge-reranker-v2.5-gemma2-lightweight",
        threshold=None,
        threshold_source=NO_THRESHOLD,
        prompt=_YES_OR_NO,
        languages=_MANY,
        licence="Gemma",
        refused=OWN_CODE,
    ),
)


def known_reranker(name: str) -> RerankerRecipe | None:
    """Give the recipe of a model that somebody serves under this name, run here or not."""
    return next((known for known in RERANKERS if last_name(known.name) == last_name(name)), None)


def reranker_recipe(name: str) -> RerankerRecipe:
    """Give the recipe with that name or hub id, or of a folder that bears such a name.

    A folder or hub id may go on to an ONNX file in it. Those that are not known are taken for
    classifiers of pairs that give one logit.

    Raises:
        UnknownModel: the name is none of these, or of a model that is not run.
    """
    model = without_file(name)
    is_folder = Path(model).is_dir()
    for known in RERANKERS:
        if is_folder_of(model, known.name) or (model == known.source and model != name):
            known = replace(known, source=name)
        elif is_folder or name not in (known.name, known.source):
            continue
        refuse(known)
        return known
    refuse_missing(model)
    if is_folder or model.count("/") == 1:
        return RerankerRecipe(
            name=Path(model).resolve().name if is_folder else model,
            source=name,
            threshold=None,
            threshold_source=NO_THRESHOLD,
            languages=(),
            licence="unknown",
        )
    names = ", ".join(known.name for known in RERANKERS if not known.refused)
    raise UnknownModel(
        message(
            "unknown-reranker",
            "no recipe for the reranker {name!r}; give a folder, a hub id (owner/name), or one of"
            " {names}",
            name=name,
            names=names,
        )
    )
