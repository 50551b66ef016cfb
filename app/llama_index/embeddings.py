"""Embeddings with the arguments of LlamaIndex's class for local models."""

import asyncio
import logging
from typing import Any

from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import Field, PrivateAttr

from bifolio.retrieval import (
    Embedder,
    EmbedderOptions,
    PublishedEmbedder,
    Run,
    embedder_recipe,
)

_log = logging.getLogger(__name__)


class BifolioEmbedding(BaseEmbedding):
    """Takes the arguments of HuggingFaceEmbedding.

    ``model_name`` is a folder, a hub id, or a name that ``bifolio models`` lists. The model's
    official prefixes stand before questions and texts; ``query_instruction`` and
    ``text_instruction`` replace them, and "" leaves them out. Long texts are read by windows, or
    cut at ``max_length`` tokens if it is given. Vectors have length 1, unless ``normalize`` is
    False. An ``embedder`` that is open already, such as ``library.models.embedder``, goes before a
    name and decides all of this itself.

    The first call raises ModelUnavailable or UnknownModel if the model cannot be used.
    """

    model_name: str = "starter-embedder"
    max_length: int | None = Field(default=None, gt=0)
    query_instruction: str | None = None
    text_instruction: str | None = None
    normalize: bool = True
    # Batches are made anew by length, so many at once are better.
    embed_batch_size: int = Field(default=256, gt=0, le=2048)
    cache_folder: str | None = None
    trust_remote_code: bool = False
    device: str | None = None
    parallel_process: bool = False
    target_devices: list[str] | None = None
    show_progress_bar: bool = False
    embedder: Any = Field(default=None, exclude=True)

    _opened: PublishedEmbedder | None = PrivateAttr(default=None)

    def __init__(self, model_name: str = "", /, **given: Any) -> None:
        # Theirs takes the name as its first argument.
        if model_name:
            given["model_name"] = model_name
        super().__init__(**given)

    @classmethod
    def class_name(cls) -> str:
        """Give the name under which it is written down."""
        return cls.__name__

    def model_post_init(self, context: Any, /) -> None:
        """Say what has no effect."""
        super().model_post_init(context)
        if self.cache_folder:
            _log.warning("cache_folder is not used: HF_HOME says where models are kept")

    def _get_query_embedding(self, query: str) -> list[float]:
        given: Embedder | None = self.embedder
        if given is not None:
            first: list[float] = given.embed_queries([query])[0].tolist()
            return first
        told = self.query_instruction
        return self._embed([query], self._model.recipe.query_prefix if told is None else told)[0]

    def _get_text_embedding(self, text: str) -> list[float]:
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        given: Embedder | None = self.embedder
        if given is not None:
            rows: list[list[float]] = given.embed_passages(texts).tolist()
            return rows
        told = self.text_instruction
        return self._embed(texts, self._model.recipe.passage_prefix if told is None else told)

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return await asyncio.to_thread(self._get_query_embedding, query)

    async def _aget_text_embedding(self, text: str) -> list[float]:
        return await asyncio.to_thread(self._get_text_embedding, text)

    async def _aget_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return await asyncio.to_thread(self._get_text_embeddings, texts)

    @property
    def _model(self) -> PublishedEmbedder:
        if self._opened is None:
            recipe, run = embedder_recipe(self.model_name), Run(device=self.device)
            self._opened = PublishedEmbedder(recipe, EmbedderOptions(), run=run)
        return self._opened

    def _embed(self, texts: list[str], prefix: str) -> list[list[float]]:
        if self.normalize and self.max_length is None:
            vectors = self._model.embed(texts, prefix=prefix)
        else:
            vectors = self._model.encode(
                texts, prefix=prefix, max_tokens=self.max_length, unit=self.normalize
            )
        rows: list[list[float]] = vectors.tolist()
        return rows


class HuggingFaceEmbedding(BifolioEmbedding):
    """Under LlamaIndex's name, with its model by default."""

    model_name: str = "BAAI/bge-small-en"
