"""What is known of each model: frozen data, no code."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from bifolio.ingest import BifolioError

Pooling = Literal["cls", "mean"]

STARTER = Path(__file__).parent / "starter"

# The English instruction ends in a space; the Chinese one in a full-width colon, U+FF1A.
BGE_EN = "Represent this sentence for searching relevant passages: "
BGE_ZH = "为这个句子生成表示以用于检索相关文章\uff1a"


class UnknownModel(BifolioError):  # noqa: N818 - the name says what is wrong
    """No recipe has this name, and no folder either."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderRecipe:
    """How to use one embedder: text in, one unit vector out.

    ``source`` is a local folder or a hub id; ``max_tokens`` counts special tokens too.
    """

    name: str
    source: str
    pooling: Pooling
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: int = 512
    languages: tuple[str, ...]
    licence: str
    gated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankerRecipe:
    """How to use one cross-encoder: question and passage in, one score between 0 and 1 out.

    The score is a sigmoid (``score_space``), and ``threshold`` stands in the same space; None
    where nobody published one. ``overlap`` is how many tokens two windows of a long passage
    share. A reranker that is too weak to stand alone leans on the recall before it: relevance.py
    takes the logit times ``logit_weight``, the vectors' inner product times ``dense_weight``, the
    share of the question's words times ``lexical_weight``, and the ``bias``.
    """

    name: str
    source: str
    threshold: float | None
    threshold_source: str
    max_tokens: int = 512
    overlap: int = 80
    logit_weight: float = 1.0
    dense_weight: float = 0.0
    lexical_weight: float = 0.0
    bias: float = 0.0
    languages: tuple[str, ...]
    licence: str
    gated: bool = False

    @property
    def leans(self) -> bool:
        """Whether other evidence than the model's own counts."""
        return bool(self.dense_weight or self.lexical_weight)

    @property
    def score_space(self) -> str:
        """In what space the scores and the threshold stand."""
        evidence = ", leaning on vectors and words" if self.leans else ""
        return f"sigmoid of {self.name}{evidence}"


@dataclass(frozen=True, slots=True)
class Pair:
    """An embedder and a reranker that are used together, under one name."""

    name: str
    embedder: EmbedderRecipe
    reranker: RerankerRecipe


_NO_THRESHOLD = "none published"

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

_PAIRS = {
    "starter": ("starter-embedder", "starter-reranker"),
    "bce": ("bce-embedding-base_v1", "bce-reranker-base_v1"),
    "bge-zh": ("bge-base-zh-v1.5", "bge-reranker-base"),
    "bge-en": ("bge-base-en-v1.5", "bge-reranker-base"),
    "bge-m3": ("bge-m3", "bge-reranker-v2-m3"),
}

PAIRS = tuple(
    Pair(
        name,
        next(recipe for recipe in EMBEDDERS if recipe.name == embedder),
        next(recipe for recipe in RERANKERS if recipe.name == reranker),
    )
    for name, (embedder, reranker) in _PAIRS.items()
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
    raise UnknownModel(f"no pair of models is called {name!r}; choose one of {names}")


def embedder_recipe(name: str) -> EmbedderRecipe:
    """Give the recipe with that name or hub id, or of a folder that bears such a name.

    Raises:
        UnknownModel: none has it; pooling and prefixes are never guessed.
    """
    for known in EMBEDDERS:
        if name in (known.name, known.source):
            return known
        if _is_folder_of(name, known.name):
            return replace(known, source=name)
    names = ", ".join(known.name for known in EMBEDDERS)
    raise UnknownModel(
        f"no recipe for the embedder {name!r}; give one of {names}, or a folder of that name"
    )


def reranker_recipe(name: str) -> RerankerRecipe:
    """Give the recipe with that name or hub id, or of a folder; a folder of another name has none.

    Raises:
        UnknownModel: none has it.
    """
    for known in RERANKERS:
        if name in (known.name, known.source):
            return known
        if _is_folder_of(name, known.name):
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


def _is_folder_of(path: str, model: str) -> bool:
    folder = Path(path)
    return folder.is_dir() and folder.resolve().name == model
