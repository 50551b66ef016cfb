"""A library as a LangChain retriever, for chains that are written already."""

from typing import Protocol, runtime_checkable

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from bifolio.retrieval import DEFAULT_OPTIONS, Passage, SearchOptions


@runtime_checkable
class Searched(Protocol):
    """What the retriever asks: a :class:`bifolio.Library`."""

    def search(self, question: str, *, options: SearchOptions) -> list[Passage]:
        """Give the passages that answer the question, best first."""


class BifolioRetriever(BaseRetriever):
    """Gives the passages of a library, best first.

    A document's metadata hold ``source`` (the path), ``title``, ``page`` and ``page_end``
    (counted from 1), ``start`` and ``end`` (characters in the document's text), and
    ``relevance_score``.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    library: Searched
    options: SearchOptions = DEFAULT_OPTIONS

    def _get_relevant_documents(
        self, query: str, *, run_manager: CallbackManagerForRetrieverRun
    ) -> list[Document]:
        passages = self.library.search(query, options=self.options)
        return [
            Document(
                page_content=passage.text,
                metadata={
                    "source": passage.document.path,
                    "title": passage.document.title,
                    "page": passage.pages[0],
                    "page_end": passage.pages[1],
                    "start": passage.start,
                    "end": passage.end,
                    "relevance_score": passage.score,
                },
            )
            for passage in passages
        ]
