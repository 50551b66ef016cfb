"""A library as a LlamaIndex retriever, for query engines that are written already."""

import asyncio
from pathlib import PurePath
from typing import Any, Protocol

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.schema import (
    NodeRelationship,
    NodeWithScore,
    QueryBundle,
    RelatedNodeInfo,
    TextNode,
)

from bifolio.retrieval import DEFAULT_OPTIONS, Passage, SearchOptions

# Of the metadata a language model is shown what it can cite.
_CITED = ("file_name", "title", "page_label")


class Searched(Protocol):
    """What the retriever asks: a :class:`bifolio.Library`."""

    def search(self, question: str, *, options: SearchOptions) -> list[Passage]:
        """Give the passages that answer the question, best first."""


class BifolioRetriever(BaseRetriever):
    """Gives the passages of a library, best first, each with its score from 0 to 1.

    A node's metadata hold ``file_path`` (as the library knows it), ``file_name``, ``title``,
    ``page_label`` (the printed number, or the counted one), ``page`` and ``page_end`` (counted
    from 1), ``start`` and ``end`` (characters in the document's text). Its id is the same for the
    same words of the same file.
    """

    def __init__(
        self, library: Searched, *, options: SearchOptions = DEFAULT_OPTIONS, **given: Any
    ) -> None:
        super().__init__(**given)
        self._library = library
        self._options = options

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self._library.search(query_bundle.query_str, options=self._options)
        return [NodeWithScore(node=_node(passage), score=passage.score) for passage in found]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


def _node(passage: Passage) -> TextNode:
    document, (first, last) = passage.document, passage.pages
    printed = document.labels_of(passage.start, passage.end)[0]
    told = {
        "file_path": document.path,
        "file_name": PurePath(document.path).name,
        "title": document.title,
        "page_label": printed or str(first),
        "page": first,
        "page_end": last,
        "start": passage.start,
        "end": passage.end,
    }
    hidden = [name for name in told if name not in _CITED]
    return TextNode(
        id_=f"{document.sha256[:16]}:{passage.start}-{passage.end}",
        text=passage.text,
        metadata=told,
        excluded_llm_metadata_keys=hidden,
        excluded_embed_metadata_keys=list(told),
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=document.path)},
    )
