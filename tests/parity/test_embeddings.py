"""Our embedders' vectors are those of the libraries that published the models."""

from pathlib import Path
from typing import get_args

import numpy as np
import pytest
from parity.golden import EMBEDDED, Embedded

from bifolio.retrieval import EmbedderOptions, EmbedderRecipe, ModelEmbedder
from bifolio.retrieval.models.engine import Engine
from bifolio.retrieval.models.openvino_engine import OpenVinoEngine
from bifolio.retrieval.models.recipe import Pooling
from bifolio.retrieval.models.torch_engine import TorchEngine

CLOSE = 1e-4


def embedder(case: Embedded, folder: Path, engine: Engine | None = None) -> ModelEmbedder:
    pooling = next(known for known in get_args(Pooling) if known == case.pooling)
    made = ModelEmbedder(
        EmbedderRecipe(
            name=case.model,
            source=str(folder),
            pooling=pooling,
            languages=(),
            licence="",
        ),
        EmbedderOptions(query_prefix=case.prefix),  # whatever the folder says
    )
    made._model.__dict__["engine"] = engine or TorchEngine(folder, "embedder")
    return made


@pytest.mark.parametrize("case", EMBEDDED, ids=str)
def test_vectors_are_the_librarys_to_the_fourth_digit(
    case: Embedded, encoders: dict[str, Path]
) -> None:
    ours = embedder(case, encoders[case.model]).embed_queries(case.texts)

    assert np.abs(ours - np.array(case.vectors)).max() < CLOSE


@pytest.mark.parametrize("case", EMBEDDED, ids=str)
def test_openvino_in_32_bits_gives_the_librarys_vectors_too(
    case: Embedded, encoders: dict[str, Path]
) -> None:
    engine = OpenVinoEngine(encoders[case.model], "embedder", precision="f32")

    ours = embedder(case, encoders[case.model], engine).embed_queries(case.texts)

    assert np.abs(ours - np.array(case.vectors)).max() < CLOSE


def test_langchains_way_to_call_gives_the_vectors_that_a_user_gets(
    starter_embedder: ModelEmbedder,
) -> None:
    """HuggingFaceEmbeddings(encode_kwargs={"normalize_embeddings": True, "prompt": "passage: "})
    puts a space for each line break and calls ``encode``; ours come from the engine that this
    machine chooses.
    """
    wanted = ("sentence-transformers", "starter", starter_embedder.recipe.passage_prefix)
    case = next(case for case in EMBEDDED if (case.peer, case.model, case.prefix) == wanted)

    ours = starter_embedder.embed_passages([text.replace("\n", " ") for text in case.texts])

    assert (ours * np.array(case.vectors)).sum(axis=1) == pytest.approx(1, abs=1e-3)
