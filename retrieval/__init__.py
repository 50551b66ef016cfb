"""A question becomes passages: models, store, index, two-stage search. Knows no prompts."""

from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.declared import dims_at_hand
from bifolio.retrieval.embedder import Embedder, ModelEmbedder
from bifolio.retrieval.embedders import EMBEDDERS, embedder_recipe
from bifolio.retrieval.hub import at_hand
from bifolio.retrieval.lexical import is_chinese
from bifolio.retrieval.pairs import PAIRS, Pair, pair
from bifolio.retrieval.passage import Hit, Passage, Scores, fill, gather
from bifolio.retrieval.recipe import (
    POOLINGS,
    EmbedderOptions,
    EmbedderRecipe,
    RerankerRecipe,
    UnknownModel,
)
from bifolio.retrieval.relevance import Judge
from bifolio.retrieval.reranker import CrossEncoder, Reranker
from bifolio.retrieval.rerankers import RERANKERS, reranker_recipe
from bifolio.retrieval.search import (
    KEEP,
    LEGS,
    RECALL,
    EmptyQuestion,
    Leg,
    fits,
    readable,
    search,
)
from bifolio.retrieval.store import (
    Fingerprint,
    LibraryBusy,
    LibraryMismatch,
    Store,
    StoreError,
)
from bifolio.retrieval.trace import Retrieval, Step, Stopwatch, Trace
from bifolio.retrieval.view import Entry
from bifolio.retrieval.weights import ModelUnavailable
from bifolio.retrieval.writer import Writer

__all__ = [
    "EMBEDDERS",
    "KEEP",
    "LEGS",
    "PAIRS",
    "POOLINGS",
    "RECALL",
    "RERANKERS",
    "Calibration",
    "CrossEncoder",
    "Embedder",
    "EmbedderOptions",
    "EmbedderRecipe",
    "EmptyQuestion",
    "Entry",
    "Fingerprint",
    "Hit",
    "Judge",
    "Leg",
    "LibraryBusy",
    "LibraryMismatch",
    "ModelEmbedder",
    "ModelUnavailable",
    "Pair",
    "Passage",
    "Reranker",
    "RerankerRecipe",
    "Retrieval",
    "Scores",
    "Step",
    "Stopwatch",
    "Store",
    "StoreError",
    "Trace",
    "UnknownModel",
    "Writer",
    "at_hand",
    "dims_at_hand",
    "embedder_recipe",
    "fill",
    "fits",
    "gather",
    "is_chinese",
    "pair",
    "readable",
    "reranker_recipe",
    "search",
]
