"""LangChain's names under our roof: the numbers of its own classes, and no pickle that runs."""

import json
import pickle
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conftest import OverlapReranker, WordEmbedder
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from bifolio import BadOption, Library
from bifolio.langchain import (
    FAISS,
    BCERerank,
    BifolioEmbeddings,
    BifolioReranker,
    BifolioVectorStore,
    DistanceStrategy,
    HuggingFaceBgeEmbeddings,
    NotReadable,
    library_tool,
)
from bifolio.retrieval.models.recipe import STARTER

TEXTS = [
    "The ferry price is five crowns.",
    "In a fire the crew rings the bell.",
    "The engine is looked at each month.",
    "A refund of the ferry price takes ten days.",
    "渡轮票价五元。",
]
METADATAS = [
    {"number": number, "kind": "even" if number % 2 == 0 else "odd"} for number in range(5)
]


class Words(Embeddings):
    """The word embedder of the other tests, as LangChain takes it; not of length 1."""

    def __init__(self) -> None:
        self.model = WordEmbedder()

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = self.model.embed_passages(texts)
        places = np.arange(1, len(texts) + 1, dtype=np.float32)[:, None]
        # The last number parts texts that are equally far.
        found: list[list[float]] = np.hstack([vectors * (1 + places / 8), places / 64]).tolist()
        return found

    def embed_query(self, text: str) -> list[float]:
        found: list[float] = [*self.model.embed_queries([text])[0].tolist(), 1.0]
        return found


@pytest.fixture(scope="module")
def theirs() -> Any:
    """LangChain's own class, whose package warns that it is archived."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_community import vectorstores
        from langchain_community.vectorstores.utils import DistanceStrategy as Strategy
    return vectorstores.FAISS, Strategy


def stores(theirs: Any, strategy: str) -> tuple[BifolioVectorStore, Any]:
    original, strategies = theirs
    ours = FAISS.from_texts(TEXTS, Words(), METADATAS, distance_strategy=strategy)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = original.from_texts(
            TEXTS, Words(), METADATAS, distance_strategy=strategies[strategy]
        )
    return ours, other


def shown(found: Sequence[tuple[Document, float]]) -> list[tuple[str, float]]:
    return [(document.page_content, round(float(score), 4)) for document, score in found]


@pytest.mark.parametrize("strategy", ["EUCLIDEAN_DISTANCE", "MAX_INNER_PRODUCT"])
@pytest.mark.parametrize("question", ["ferry price", "fire and crew", "nothing of it"])
def test_documents_and_scores_are_those_of_langchain(
    theirs: Any, strategy: str, question: str
) -> None:
    ours, other = stores(theirs, strategy)
    for options in ({}, {"k": 2}, {"filter": {"kind": "odd"}}, {"score_threshold": 0.5}):
        found = shown(ours.similarity_search_with_score(question, **options))
        expected = shown(other.similarity_search_with_score(question, **options))
        assert found == expected


def test_the_tutorials_retriever_keeps_what_reaches_its_threshold(theirs: Any) -> None:
    """search_kwargs={"score_threshold": 0.5, "k": 3} with MAX_INNER_PRODUCT."""
    options = {"search_type": "similarity", "search_kwargs": {"score_threshold": 0.5, "k": 3}}
    ours, other = stores(theirs, "MAX_INNER_PRODUCT")
    found = ours.as_retriever(**options).invoke("ferry price")
    assert [one.page_content for one in found] == [
        one.page_content for one in other.as_retriever(**options).invoke("ferry price")
    ]
    assert len(found) == 3


def test_relevance_is_right_for_inner_products_where_langchain_turns_it_round() -> None:
    store = FAISS.from_texts(
        TEXTS[:1], Words(), distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT
    )
    ((_, best),) = store.similarity_search_with_relevance_scores("ferry price", k=1)
    ((_, worst),) = store.similarity_search_with_relevance_scores("fire", k=1)
    assert best == 1
    assert worst < 0.1


def test_diverse_results_are_those_of_langchain(theirs: Any) -> None:
    ours, other = stores(theirs, "MAX_INNER_PRODUCT")
    for mult in (0.0, 0.5, 1.0):
        found, expected = (
            [
                one.page_content
                for one in store.max_marginal_relevance_search("ferry price", 3, lambda_mult=mult)
            ]
            for store in (ours, other)
        )
        assert found == expected


def test_a_filter_sees_every_document_however_few_are_fetched() -> None:
    store = FAISS.from_texts(TEXTS, Words(), METADATAS)
    found = store.similarity_search("ferry price", k=4, filter={"number": {"$gte": 2}}, fetch_k=1)
    assert {one.metadata["number"] for one in found} == {2, 3, 4}
    with pytest.raises(BadOption, match=r"no operator \$near"):
        store.similarity_search("ferry", filter={"number": {"$near": 2}})


def test_documents_are_added_looked_up_and_taken_out() -> None:
    store = FAISS.from_texts(TEXTS[:2], Words(), ids=["a", "b"])
    with pytest.raises(BadOption, match="the id b is taken"):
        store.add_texts(["another"], ids=["b"])
    with pytest.raises(BadOption, match="the store has no id z"):
        store.delete(["a", "z"])
    assert [one.id for one in store.get_by_ids(["b", "z", "a"])] == ["b", "a"]
    store.delete(["a"])
    store.add_documents([Document(page_content=TEXTS[2], id="c")])
    assert [one.id for one in store.similarity_search("engine", k=5)] == ["c", "b"]
    assert store.delete()
    assert store.similarity_search("engine") == []


def test_found_documents_are_copies() -> None:
    store = FAISS.from_texts(TEXTS[:1], Words(), [{"kind": "fare"}])
    store.similarity_search("ferry")[0].metadata["kind"] = "changed"
    assert store.similarity_search("ferry")[0].metadata == {"kind": "fare"}


# on disk


def test_a_saved_store_is_loaded_as_it_was_and_holds_no_pickle(tmp_path: Path) -> None:
    strategy = DistanceStrategy.MAX_INNER_PRODUCT
    store = FAISS.from_texts(TEXTS, Words(), METADATAS, distance_strategy=strategy)
    store.save_local(str(tmp_path))
    again = FAISS.load_local(str(tmp_path), Words(), allow_dangerous_deserialization=True)
    assert shown(again.similarity_search_with_score("ferry")) == shown(
        store.similarity_search_with_score("ferry")
    )
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".jsonl", ".npy"]
    with pytest.raises(BadOption, match="made with distance_strategy MAX_INNER_PRODUCT"):
        FAISS.load_local(str(tmp_path), Words(), distance_strategy="EUCLIDEAN_DISTANCE")


@pytest.mark.parametrize("damage", ["npy", "jsonl", "missing", "pickled"])
def test_a_damaged_store_is_refused_with_a_sentence(tmp_path: Path, damage: str) -> None:
    FAISS.from_texts(TEXTS, Words()).save_local(str(tmp_path))
    if damage == "missing":
        (tmp_path / "index.npy").unlink()
    elif damage == "pickled":
        np.save(tmp_path / "index.npy", np.array([{"a": 1}], object), allow_pickle=True)
    else:
        (tmp_path / f"index.{damage}").write_bytes(b"damaged")
    with pytest.raises(NotReadable, match="is not read as a vector store"):
        FAISS.load_local(str(tmp_path), Words())


@pytest.mark.parametrize("strategy", ["EUCLIDEAN_DISTANCE", "MAX_INNER_PRODUCT"])
def test_a_folder_of_langchain_is_read_without_running_its_pickle(
    theirs: Any, strategy: str, tmp_path: Path
) -> None:
    _, other = stores(theirs, strategy)
    other.save_local(str(tmp_path))
    ours = FAISS.load_local(str(tmp_path), Words())
    assert str(ours.distance_strategy) == strategy
    assert shown(ours.similarity_search_with_score("ferry price")) == shown(
        other.similarity_search_with_score("ferry price")
    )
    ((best, _),) = other.similarity_search_with_score("fire", k=1)
    assert ours.similarity_search("fire", k=1)[0].metadata == best.metadata


class Marker:
    """Writes a file when it is unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return (Path.write_text, (self.place, "run"))


def test_a_hostile_pickle_runs_nothing(theirs: Any, tmp_path: Path) -> None:
    _, other = stores(theirs, "MAX_INNER_PRODUCT")
    other.save_local(str(tmp_path))
    place = tmp_path / "marker"
    for content in (Marker(place), (Marker(place), {0: "a"}), {"a": Marker(place)}):
        (tmp_path / "index.pkl").write_bytes(pickle.dumps(content))
        with pytest.raises(NotReadable, match=r"index\.pkl is not read"):
            FAISS.load_local(str(tmp_path), Words(), allow_dangerous_deserialization=True)
    for data in (b"", b"\x80\x04", b"cos\nsystem\n(S'true'\ntR.", pickle.dumps((1, 2))):
        (tmp_path / "index.pkl").write_bytes(data)
        with pytest.raises(NotReadable):
            FAISS.load_local(str(tmp_path), Words())
    assert not place.exists()


def test_an_index_whose_header_lies_is_refused(theirs: Any, tmp_path: Path) -> None:
    _, other = stores(theirs, "MAX_INNER_PRODUCT")
    other.save_local(str(tmp_path))
    index = tmp_path / "index.faiss"
    data = index.read_bytes()
    for damaged in (data[:-1], data[:8], b"IxPQ" + data[4:], data[:4] + b"\xff" * 12 + data[16:]):
        index.write_bytes(damaged)
        with pytest.raises(NotReadable, match=r"index\.faiss is not read"):
            FAISS.load_local(str(tmp_path), Words())


# embeddings and rerankers


def test_embeddings_take_the_arguments_of_the_model_cards() -> None:
    embeddings = BifolioEmbeddings(
        model_name=str(STARTER / "embedder"),
        model_kwargs={"device": "cpu"},
        encode_kwargs={"batch_size": 64, "normalize_embeddings": True, "show_progress_bar": False},
    )
    rows = embeddings.embed_documents(["The ferry leaves at nine.", "轮渡九点开。"])
    assert np.linalg.norm(rows, axis=1) == pytest.approx([1, 1], abs=1e-5)
    one = embeddings.embed_query("The ferry leaves\nat nine.")
    assert one == pytest.approx(rows[0], abs=1e-4)
    with pytest.raises(BadOption, match="encode_kwargs has no beams"):
        BifolioEmbeddings(encode_kwargs={"beams": 2})


def test_an_instruction_stands_before_questions_alone_and_none_is_none() -> None:
    folder = str(STARTER / "embedder")
    plain = HuggingFaceBgeEmbeddings(model_name=folder, query_instruction="")
    told = HuggingFaceBgeEmbeddings(model_name=folder, query_instruction="Represent: ")
    assert plain.embed_documents(["a ferry"]) == told.embed_documents(["a ferry"])
    assert plain.embed_query("a ferry") != told.embed_query("a ferry")
    assert plain.embed_query("a ferry") == pytest.approx(plain.embed_documents(["a ferry"])[0])


def test_an_embedder_that_is_open_already_is_used() -> None:
    embeddings = BifolioEmbeddings(embedder=(model := WordEmbedder()))
    assert embeddings.embed_query("ferry") == model.embed_queries(["ferry"])[0].tolist()
    assert embeddings.fingerprint == "words/1"


def test_a_compressor_writes_scores_on_copies_and_puts_blanks_last() -> None:
    given = [Document(page_content=text, metadata={"n": 1}) for text in (" ", TEXTS[1], TEXTS[0])]
    compressor = BifolioReranker(scorer=OverlapReranker(), top_n=3)
    found = compressor.compress_documents(given, "ferry price")
    assert [one.page_content for one in found] == [TEXTS[0], TEXTS[1], " "]
    assert [one.metadata["relevance_score"] for one in found] == [1.0, 0.0, 0.0]
    assert all(one.metadata == {"n": 1} for one in given)
    strict = BifolioReranker(scorer=OverlapReranker(), score_threshold=0.5)
    assert [one.page_content for one in strict.compress_documents(given, "ferry price")] == [
        TEXTS[0]
    ]
    assert compressor.compress_documents([], "ferry") == []


def test_the_tutorials_compression_retriever_runs_with_other_import_lines() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_classic.retrievers import ContextualCompressionRetriever
    reranker = BCERerank(model=str(STARTER / "reranker"), top_n=2, device="cpu", use_fp16=True)
    store = FAISS.from_texts(TEXTS, Words(), distance_strategy="MAX_INNER_PRODUCT")
    chain = ContextualCompressionRetriever(
        base_compressor=reranker, base_retriever=store.as_retriever(search_kwargs={"k": 5})
    )
    found = chain.invoke("What does the ferry cost?")
    assert len(found) == 2
    scores = [one.metadata["relevance_score"] for one in found]
    assert scores == sorted(scores, reverse=True)


# a library in a chain


def test_a_library_is_a_tool_for_agents(library: Library, documents: Path) -> None:
    library.add(documents)
    tool = library_tool(library)
    message = tool.invoke(
        {"args": {"question": "ferry price"}, "name": tool.name, "type": "tool_call", "id": "1"}
    )
    assert "fares.md, page 1\n" in message.content
    assert message.artifact[0].metadata["title"] == "Fares"
    assert "type one" in tool.invoke({"question": " "})
    assert json.dumps(tool.tool_call_schema.model_json_schema())
