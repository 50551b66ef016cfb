"""A library as a tool that agents of LangChain call."""

from typing import Any

from langchain_core.documents import Document
from langchain_core.tools import StructuredTool
from pydantic import BaseModel, Field

from bifolio.ingest import BifolioError
from bifolio.langchain.retriever import BifolioRetriever, Searched
from bifolio.retrieval import DEFAULT_OPTIONS, SearchOptions

_NOTHING = "The library has no passage that answers this."


class Question(BaseModel):
    """What the agent gives."""

    question: str = Field(description="the question, in English or Chinese, as a full sentence")


def library_tool(
    library: Searched,
    *,
    name: str = "search_library",
    description: str = "Searches the user's documents and gives passages with their sources.",
    options: SearchOptions = DEFAULT_OPTIONS,
) -> StructuredTool:
    """Give a tool that answers a question with passages, numbered and with file and page.

    The artifact of its message are the documents. A question that the library cannot take gives
    the sentence that says why, so that the agent can ask another.
    """
    retriever = BifolioRetriever(library=library, options=options)

    def search(question: str) -> tuple[str, list[Document]]:
        """Give what the agent reads, and the documents."""
        try:
            found = retriever.invoke(question)
        except BifolioError as problem:
            return str(problem), []
        return "\n\n".join(map(_shown, range(1, len(found) + 1), found)) or _NOTHING, found

    return StructuredTool.from_function(
        search,
        name=name,
        description=description,
        args_schema=Question,
        response_format="content_and_artifact",
    )


def _shown(number: int, document: Document) -> str:
    told: dict[str, Any] = document.metadata
    return f"[{number}] {told['source']}, page {told['page']}\n{document.page_content}"
