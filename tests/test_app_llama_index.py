"""LlamaIndex's names under our roof: its query engines run, and nothing is fetched."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from llama_index.core import Document, MockEmbedding, Settings, VectorStoreIndex
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SimpleNodeParser
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.retrievers import VectorIndexRetriever
from llama_index.core.schema import MetadataMode, NodeWithScore, TextNode

from bifolio import BadOption, Library
from bifolio.llama_index import (
    BCERerank,
    BifolioEmbedding,
    BifolioRerank,
    BifolioRetriever,
    HuggingFaceEmbedding,
)

TEXTS = ["The ferry price is five crowns.", "In a fire the crew rings the bell.", " "]


@pytest.fixture(autouse=True)
def _a_model_that_says_what_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Settings, "_llm", MockLLM())
    monkeypatch.setattr(Settings, "_embed_model", MockEmbedding(embed_dim=2))


def nodes() -> list[NodeWithScore]:
    return [
        NodeWithScore(node=TextNode(text=text, id_=str(number)), score=0.5)
        for number, text in enumerate(reversed(TEXTS))
    ]


# LlamaIndex itself looks for LangChain's archived package, which warns.
@pytest.mark.filterwarnings("ignore:`langchain-community` is being sunset:DeprecationWarning")
def test_the_cards_snippet_runs_with_its_import_lines_changed() -> None:
    embed_args = {"model_name": "starter-embedder", "max_length": 512, "embed_batch_size": 32}
    embed_model = HuggingFaceEmbedding(**embed_args, device="cpu")
    reranker_model = BCERerank(model="starter-reranker", top_n=5, device="cpu")

    query = "apples"
    passages = ["I like apples", "I like oranges", "Apples and oranges are fruits"]
    query_embedding = embed_model.get_query_embedding(query)
    passages_embeddings = embed_model.get_text_embedding_batch(passages)

    assert np.argmax(np.array(passages_embeddings) @ query_embedding) != 1
    llm = MockLLM()
    Settings.llm, Settings.embed_model = llm, embed_model
    documents = [
        Document(text="The ferry to Skarne leaves at seven.", metadata={"file_name": "a.txt"}),
        Document(text="Bread is baked from flour and water.", metadata={"file_name": "b.txt"}),
    ]
    node_parser = SimpleNodeParser.from_defaults(chunk_size=400, chunk_overlap=80)
    index = VectorStoreIndex(node_parser.get_nodes_from_documents(documents))

    query = "When does the ferry to Skarne leave?"
    vector_retriever = VectorIndexRetriever(index=index, similarity_top_k=10)
    retrieval_by_embedding = vector_retriever.retrieve(query)
    retrieval_by_reranker = reranker_model.postprocess_nodes(
        retrieval_by_embedding, query_str=query
    )

    assert [one.metadata["file_name"] for one in retrieval_by_reranker] == ["a.txt", "b.txt"]
    query_engine = index.as_query_engine(node_postprocessors=[reranker_model])
    response = query_engine.query(query)
    # The double gives back its prompt.
    assert "The ferry to Skarne leaves at seven." in str(response)


def test_prompts_stand_before_questions_and_texts_and_none_is_none() -> None:
    plain = BifolioEmbedding("starter-embedder", query_instruction="", text_instruction="")
    told = BifolioEmbedding(query_instruction="Q: ", text_instruction="P: ")
    texts = ["Q: ferry", "P: ferry", "ferry"]
    asked, passage, bare = plain.get_text_embedding_batch(texts)
    assert told.get_query_embedding("ferry") == pytest.approx(asked, abs=1e-5)
    assert told.get_text_embedding("ferry") == pytest.approx(passage, abs=1e-5)
    assert plain.get_query_embedding("ferry") == pytest.approx(bare, abs=1e-5)
    plain.max_length, plain.normalize = 8, False
    one, other = plain.get_text_embedding_batch(["ferry " * 50, "ferry " * 60 + "fire"])
    assert one == pytest.approx(other, abs=1e-5)
    assert np.linalg.norm(one) != pytest.approx(1, abs=1e-3)


def test_an_embedder_that_is_open_already_is_used_at_once_and_later() -> None:
    model = WordEmbedder()
    embedding = BifolioEmbedding(embedder=model)
    wanted = model.embed_queries(["ferry"])[0].tolist()
    assert embedding.get_query_embedding("ferry") == wanted
    assert asyncio.run(embedding.aget_query_embedding("ferry")) == wanted
    assert asyncio.run(embedding.aget_text_embedding("ferry")) == wanted
    assert asyncio.run(embedding.aget_text_embedding_batch(["ferry", "fire"]))[0] == wanted
    assert embedding.to_dict()["class_name"] == "BifolioEmbedding"


def test_scores_are_written_on_copies_and_blank_nodes_come_last() -> None:
    given, reranker = nodes(), BifolioRerank(scorer=OverlapReranker(), top_n=3)
    found = reranker.postprocess_nodes(given, query_str="ferry price")
    assert [one.text for one in found] == TEXTS
    assert [one.score for one in found] == [1.0, 0.0, 0.0]
    assert {one.score for one in given} == {0.5}
    strict = BifolioRerank(scorer=OverlapReranker(), score_threshold=0.5)
    assert [one.text for one in strict.postprocess_nodes(given, query_str="ferry price")] == [
        TEXTS[0]
    ]
    assert reranker.postprocess_nodes([], query_str="ferry") == []
    assert len(asyncio.run(reranker.apostprocess_nodes(given, query_str="ferry"))) == 3
    with pytest.raises(BadOption, match="a question is needed"):
        reranker.postprocess_nodes(given)


def test_a_library_gives_nodes_with_file_pages_and_span(library: Library, documents: Path) -> None:
    library.add(documents)
    retriever = BifolioRetriever(library)
    best, *_ = retriever.retrieve("ferry price")
    told = best.metadata
    assert (told["file_name"], told["title"], told["page"], told["page_label"]) == (
        "fares.md",
        "Fares",
        1,
        "1",
    )
    assert library.document(told["file_path"]).text[told["start"] : told["end"]] == best.text
    assert best.score == 1.0
    assert best.node.node_id == retriever.retrieve("ferry price")[0].node.node_id
    shown = best.node.get_content(MetadataMode.LLM)
    assert "file_name: fares.md" in shown
    assert "start" not in shown
    assert best.node.get_content(MetadataMode.EMBED) == best.text
    (again, *_) = asyncio.run(retriever.aretrieve("ferry price"))
    assert again.node.node_id == best.node.node_id


def test_a_query_engine_answers_from_a_library(library: Library, documents: Path) -> None:
    library.add(documents)
    engine = RetrieverQueryEngine.from_args(
        BifolioRetriever(library),
        node_postprocessors=[BifolioRerank(scorer=library.models.judge, top_n=2)],
    )
    response = engine.query("What is the ferry price?")
    assert "five crowns" in str(response)
    assert response.source_nodes[0].metadata["file_name"] == "fares.md"
