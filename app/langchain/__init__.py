"""Bifolio in LangChain: embeddings, a vector store, a reranker, a retriever, a tool for agents.

Code that was written for LangChain's own classes changes its import lines alone:

    from bifolio.langchain import BCERerank, DistanceStrategy, FAISS, HuggingFaceEmbeddings
"""

from bifolio.langchain.embeddings import (
    BifolioEmbeddings,
    HuggingFaceBgeEmbeddings,
    HuggingFaceEmbeddings,
)
from bifolio.langchain.importing import read_langchain_folder
from bifolio.langchain.reranker import BCERerank, BifolioReranker
from bifolio.langchain.retriever import BifolioRetriever
from bifolio.langchain.saving import NotReadable
from bifolio.langchain.strategy import DistanceStrategy
from bifolio.langchain.tool import library_tool
from bifolio.langchain.vector_store import FAISS, BifolioVectorStore

__all__ = [
    "FAISS",
    "BCERerank",
    "BifolioEmbeddings",
    "BifolioReranker",
    "BifolioRetriever",
    "BifolioVectorStore",
    "DistanceStrategy",
    "HuggingFaceBgeEmbeddings",
    "HuggingFaceEmbeddings",
    "NotReadable",
    "library_tool",
    "read_langchain_folder",
]
