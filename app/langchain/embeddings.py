"""Embeddings with the arguments of LangChain's classes for local models."""

import logging
from typing import Any, ClassVar

from langchain_core.embeddings import Embeddings
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, model_validator

from bifolio.ingest import message
from bifolio.retrieval import (
    BadOption,
    Embedder,
    EmbedderOptions,
    PublishedEmbedder,
    Run,
    embedder_recipe,
)
from bifolio.retrieval.arrays import Floats

_log = logging.getLogger(__name__)

# What may stand in the two dictionaries; what has no effect here is taken and left alone.
_MODEL_KWARGS = ("device", "trust_remote_code", "local_files_only", "revision")
_ENCODE_KWARGS = (
    "batch_size",
    "convert_to_numpy",
    "device",
    "normalize_embeddings",
    "prompt",
    "show_progress_bar",
)


class BifolioEmbeddings(BaseModel, Embeddings):
    """Takes the arguments of HuggingFaceEmbeddings and of HuggingFaceBgeEmbeddings.

    ``model_name`` (or ``model``) is a folder, a hub id, or a name that ``bifolio models`` lists.
    The model's official prefixes stand before questions and passages; ``query_instruction`` and
    ``embed_instruction`` replace them, and "" leaves them out. Vectors have length 1, unless
    ``encode_kwargs`` says ``"normalize_embeddings": False``. Batches are chosen by length. An
    ``embedder`` that is open already, such as ``library.models.embedder``, goes before a name.

    The first call raises ModelUnavailable or UnknownModel if the model cannot be used.

    Raises:
        BadOption: a name in ``model_kwargs`` or ``encode_kwargs`` is not known.
    """

    model_config = ConfigDict(
        extra="forbid", populate_by_name=True, arbitrary_types_allowed=True, protected_namespaces=()
    )

    model_name: str = Field(default="starter-embedder", alias="model")
    cache_folder: str | None = None
    model_kwargs: dict[str, Any] = Field(default_factory=dict)
    encode_kwargs: dict[str, Any] = Field(default_factory=dict)
    query_encode_kwargs: dict[str, Any] = Field(default_factory=dict)
    multi_process: bool = False
    show_progress: bool = False
    query_instruction: str | None = None
    embed_instruction: str | None = None
    embedder: Any = Field(default=None, exclude=True)

    _opened: PublishedEmbedder | None = PrivateAttr(default=None)
    _newline_as_space: ClassVar[bool] = True

    @model_validator(mode="after")
    def _check(self) -> "BifolioEmbeddings":
        _refuse_unknown("model_kwargs", self.model_kwargs, _MODEL_KWARGS)
        _refuse_unknown("encode_kwargs", self.encode_kwargs, _ENCODE_KWARGS)
        _refuse_unknown("query_encode_kwargs", self.query_encode_kwargs, _ENCODE_KWARGS)
        if self.cache_folder:
            _log.warning("cache_folder is not used: HF_HOME says where models are kept")
        return self

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """Embed passages."""
        given: Embedder | None = self.embedder
        if given is not None:
            return _listed(given.embed_passages(texts))
        prefix = _first(self.embed_instruction, self.encode_kwargs.get("prompt"))
        if prefix is None:
            prefix = self._model.recipe.passage_prefix
        return _listed(self._embed(texts, prefix, self.encode_kwargs))

    def embed_query(self, text: str) -> list[float]:
        """Embed a question."""
        given: Embedder | None = self.embedder
        if given is not None:
            return _listed(given.embed_queries([text]))[0]
        options = self.query_encode_kwargs or self.encode_kwargs
        prefix = _first(self.query_instruction, options.get("prompt"))
        if prefix is None:
            prefix = self._model.recipe.query_prefix
        return _listed(self._embed([text], prefix, options))[0]

    @property
    def fingerprint(self) -> str:
        """What changes when the same text would get another vector."""
        given: Embedder | None = self.embedder
        if given is not None:
            return given.fingerprint
        said = (self.query_instruction, self.embed_instruction)
        told = (self.encode_kwargs.get("prompt"), self.query_encode_kwargs.get("prompt"))
        unit = self.encode_kwargs.get("normalize_embeddings", True)
        return "/".join((self._model.fingerprint, repr(said), repr(told), str(unit)))

    @property
    def _model(self) -> PublishedEmbedder:
        if self._opened is None:
            run = Run(device=self.model_kwargs.get("device"))
            recipe = embedder_recipe(self.model_name)
            self._opened = PublishedEmbedder(recipe, EmbedderOptions(), run=run)
        return self._opened

    def _embed(self, texts: list[str], prefix: str, options: dict[str, Any]) -> Floats:
        if self._newline_as_space:
            texts = [text.replace("\n", " ") for text in texts]
        if options.get("normalize_embeddings", True):
            return self._model.embed(texts, prefix=prefix)
        return self._model.encode(texts, prefix=prefix, unit=False)


class HuggingFaceEmbeddings(BifolioEmbeddings):
    """Under LangChain's name, with its model by default."""

    model_name: str = Field(default="sentence-transformers/all-mpnet-base-v2", alias="model")


class HuggingFaceBgeEmbeddings(BifolioEmbeddings):
    """Under LangChain's name, with its model by default."""

    model_name: str = Field(default="BAAI/bge-large-en", alias="model")


def _first(*values: str | None) -> str | None:
    return next((value for value in values if value is not None), None)


def _listed(vectors: Floats) -> list[list[float]]:
    listed: list[list[float]] = vectors.tolist()
    return listed


def _refuse_unknown(where: str, given: dict[str, Any], known: tuple[str, ...]) -> None:
    unknown = sorted(set(given) - set(known))
    if unknown:
        sentence = "{where} has no {name}; it takes {known}"
        raise BadOption(
            message(
                "unknown-option", sentence, where=where, name=unknown[0], known=", ".join(known)
            )
        )
