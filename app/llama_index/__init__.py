"""Bifolio in LlamaIndex: embeddings, a reranker, and a retriever of a library's passages.

Code that was written for LlamaIndex's and BCEmbedding's own classes changes its import lines alone:

    from bifolio.llama_index import BCERerank, HuggingFaceEmbedding
"""

from bifolio.llama_index.embeddings import BifolioEmbedding, HuggingFaceEmbedding
from bifolio.llama_index.reranker import BCERerank, BifolioRerank
from bifolio.llama_index.retriever import BifolioRetriever

__all__ = [
    "BCERerank",
    "BifolioEmbedding",
    "BifolioRerank",
    "BifolioRetriever",
    "HuggingFaceEmbedding",
]
