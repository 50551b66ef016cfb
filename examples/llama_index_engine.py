"""A LlamaIndex query engine over a library: python llama_index_engine.py LIBRARY QUESTION."""

import sys

from llama_index.core.base.response.schema import Response
from llama_index.core.llms import LLM
from llama_index.core.query_engine import RetrieverQueryEngine

from bifolio import Library
from bifolio.llama_index import BifolioRetriever


def engine(library: Library, model: LLM) -> RetrieverQueryEngine:
    """Give an engine that answers from the passages that the library finds and reranks."""
    return RetrieverQueryEngine.from_args(BifolioRetriever(library), llm=model)


def shown(response: Response) -> str:
    """Write the answer, and under it where it is from."""
    sources = [
        f"- {node.metadata['file_name']}, page {node.metadata['page_label']} ({node.score:.2f})"
        for node in response.source_nodes
    ]
    return "\n".join([str(response), "", *sources])


if __name__ == "__main__":
    from llama_index.llms.openai import OpenAI  # pip install llama-index-llms-openai

    with Library.open(sys.argv[1], create=False) as opened:
        print(shown(engine(opened, OpenAI("gpt-5-mini")).query(sys.argv[2])))
