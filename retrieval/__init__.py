"""A question becomes passages: models, store, index, two-stage search. Knows no prompts."""

from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.codes import missing_codes
from bifolio.retrieval.milvus.address import Address
from bifolio.retrieval.models.embedder import Embedder, ModelEmbedder
from bifolio.retrieval.models.embedder_recipes import EMBEDDERS, embedder_recipe
from bifolio.retrieval.models.engine import ANYWHERE, Engine, Run
from bifolio.retrieval.models.folder import ModelUnavailable
from bifolio.retrieval.models.hub import at_hand, in_cache
from bifolio.retrieval.models.model import has_gpu
from bifolio.retrieval.models.opening import (
    is_converted,
    open_embedder,
    open_reranker,
    runs_at,
)
from bifolio.retrieval.models.pairs import PAIRS, Pair, pair
from bifolio.retrieval.models.published import Cut, PublishedEmbedder, PublishedReranker
from bifolio.retrieval.models.recipe import (
    POOLINGS,
    EmbedderOptions,
    EmbedderRecipe,
    RerankerRecipe,
    UnknownModel,
)
from bifolio.retrieval.models.remote.servers import server_of
from bifolio.retrieval.models.reranker import CrossEncoder, Reranker
from bifolio.retrieval.models.reranker_recipes import RERANKERS, reranker_recipe
from bifolio.retrieval.models.saving import NotSaved, save
from bifolio.retrieval.models.sentence_transformers import dims_at_hand
from bifolio.retrieval.opening import (
    Place,
    folder_at,
    has_library,
    in_a_folder,
    open_store,
    place_of,
    stored_fingerprint,
)
from bifolio.retrieval.options import (
    DEFAULT_OPTIONS,
    KEEP_LIMITS,
    LEGS,
    RECALL_LIMITS,
    BadOption,
    Leg,
    SearchChanges,
    SearchOptions,
    bad_score,
)
from bifolio.retrieval.passage import Hit, Passage, Scores, fill, gather
from bifolio.retrieval.relevance import Judge
from bifolio.retrieval.search import EmptyQuestion, fits, readable, search
from bifolio.retrieval.store.attempts import Failure
from bifolio.retrieval.store.checking import Damage
from bifolio.retrieval.store.documents import Entry, Stale
from bifolio.retrieval.store.errors import (
    LibraryBusy,
    LibraryMismatch,
    LibraryReadOnly,
    StoreError,
)
from bifolio.retrieval.store.files import read_file
from bifolio.retrieval.store.fingerprint import Fingerprint
from bifolio.retrieval.store.moving import copy_database, rename_library
from bifolio.retrieval.store.protocol import LibraryReader, LibraryStore, LibraryWriter
from bifolio.retrieval.store.reader import Reader
from bifolio.retrieval.store.searchable import Searchable, Span
from bifolio.retrieval.store.store import Store
from bifolio.retrieval.store.writer import Writer
from bifolio.retrieval.threshold import Threshold, choose_threshold
from bifolio.retrieval.trace import MOST_NEAR, Retrieval, Step, Stopwatch, Trace
from bifolio.retrieval.words import LANGUAGES, Language, is_chinese, language

__all__ = [
    "ANYWHERE",
    "DEFAULT_OPTIONS",
    "EMBEDDERS",
    "KEEP_LIMITS",
    "LANGUAGES",
    "LEGS",
    "MOST_NEAR",
    "PAIRS",
    "POOLINGS",
    "RECALL_LIMITS",
    "RERANKERS",
    "Address",
    "BadOption",
    "Calibration",
    "CrossEncoder",
    "Cut",
    "Damage",
    "Embedder",
    "EmbedderOptions",
    "EmbedderRecipe",
    "EmptyQuestion",
    "Engine",
    "Entry",
    "Failure",
    "Fingerprint",
    "Hit",
    "Judge",
    "Language",
    "Leg",
    "LibraryBusy",
    "LibraryMismatch",
    "LibraryReadOnly",
    "LibraryReader",
    "LibraryStore",
    "LibraryWriter",
    "ModelEmbedder",
    "ModelUnavailable",
    "NotSaved",
    "Pair",
    "Passage",
    "Place",
    "PublishedEmbedder",
    "PublishedReranker",
    "Reader",
    "Reranker",
    "RerankerRecipe",
    "Retrieval",
    "Run",
    "Scores",
    "SearchChanges",
    "SearchOptions",
    "Searchable",
    "Span",
    "Stale",
    "Step",
    "Stopwatch",
    "Store",
    "StoreError",
    "Threshold",
    "Trace",
    "UnknownModel",
    "Writer",
    "at_hand",
    "bad_score",
    "choose_threshold",
    "copy_database",
    "dims_at_hand",
    "embedder_recipe",
    "fill",
    "fits",
    "folder_at",
    "gather",
    "has_gpu",
    "has_library",
    "in_a_folder",
    "in_cache",
    "is_chinese",
    "is_converted",
    "language",
    "missing_codes",
    "open_embedder",
    "open_reranker",
    "open_store",
    "pair",
    "place_of",
    "read_file",
    "readable",
    "rename_library",
    "reranker_recipe",
    "runs_at",
    "save",
    "search",
    "server_of",
    "stored_fingerprint",
]
