"""A question becomes passages: models, store, index, two-stage search. Knows no prompts."""

from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.codes import missing_codes
from bifolio.retrieval.models.embedder import Embedder, ModelEmbedder
from bifolio.retrieval.models.embedder_recipes import EMBEDDERS, embedder_recipe
from bifolio.retrieval.models.folder import ModelUnavailable
from bifolio.retrieval.models.hub import at_hand
from bifolio.retrieval.models.pairs import PAIRS, Pair, pair
from bifolio.retrieval.models.recipe import (
    POOLINGS,
    EmbedderOptions,
    EmbedderRecipe,
    RerankerRecipe,
    UnknownModel,
)
from bifolio.retrieval.models.reranker import CrossEncoder, Reranker
from bifolio.retrieval.models.reranker_recipes import RERANKERS, reranker_recipe
from bifolio.retrieval.models.sentence_transformers import dims_at_hand
from bifolio.retrieval.passage import Hit, Passage, Scores, fill, gather
from bifolio.retrieval.relevance import Judge
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
from bifolio.retrieval.store.reader import Entry
from bifolio.retrieval.store.store import (
    Fingerprint,
    LibraryBusy,
    LibraryMismatch,
    Store,
    StoreError,
)
from bifolio.retrieval.store.writer import Writer
from bifolio.retrieval.trace import Retrieval, Step, Stopwatch, Trace
from bifolio.retrieval.words import is_chinese

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
    "missing_codes",
    "pair",
    "readable",
    "reranker_recipe",
    "search",
]
