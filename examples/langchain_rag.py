"""A LangChain chain that answers from a library: python langchain_rag.py LIBRARY QUESTION."""

import sys

from langchain_core.documents import Document
from langchain_core.language_models import BaseChatModel
from langchain_core.output_parsers import StrOutputParser
from langchain_core.prompts import ChatPromptTemplate
from langchain_core.runnables import Runnable, RunnablePassthrough

from bifolio import Library

PROMPT = ChatPromptTemplate.from_messages(
    [
        ("system", "Answer from these passages alone, and name file and page.\n\n{passages}"),
        ("human", "{question}"),
    ]
)


def chain(library: Library, model: BaseChatModel) -> Runnable[str, str]:
    """Give a chain from a question to its answer."""
    passages = library.as_retriever(keep=6) | shown
    given = {"passages": passages, "question": RunnablePassthrough()}
    return given | PROMPT | model | StrOutputParser()


def shown(documents: list[Document]) -> str:
    """Write the passages, each under its file and page."""
    return "\n\n".join(
        f"[{one.metadata['title']}, page {one.metadata['page']}]\n{one.page_content}"
        for one in documents
    )


if __name__ == "__main__":
    from langchain.chat_models import init_chat_model

    with Library.open(sys.argv[1], create=False) as opened:
        print(chain(opened, init_chat_model("openai:gpt-5-mini")).invoke(sys.argv[2]))
