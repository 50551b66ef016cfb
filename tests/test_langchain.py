"""Code written for LangChain's classes runs with its import lines changed."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings

from bifolio import BadOption, Library
from bifolio.langchain import (
    FAISS,
    BCERerank,
    BifolioEmbeddings,
    DistanceStrategy,
    HuggingFaceBgeEmbeddings,
    HuggingFaceEmbeddings,
    NotReadable,
    library_tool,
)

TEXTS = ["ferry price", "ferry", "crew fire", "refund"]


class Words(Embeddings):
    """The words of conftest's double, for LangChain."""

    def __init__(self, embedder: Any) -> None:
        self._embedder = embedder

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = self._embedder.embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.fixture
def words(embedder: Any) -> Words:
    return Words(embedder)


def store(words: Words, strategy: str = "MAX_INNER_PRODUCT") -> FAISS:
    metadatas = [{"n": place} for place in range(len(TEXTS))]
    return FAISS.from_texts(TEXTS, words, metadatas, ids=list("abcd"), distance_strategy=strategy)


def test_the_cards_snippet_runs_with_its_import_lines_changed() -> None:
    from langchain_classic.retrievers import ContextualCompressionRetriever

    embed_model = HuggingFaceEmbeddings(
        model_name="starter-embedder",
        model_kwargs={"device": "cpu"},
        encode_kwargs={
            "batch_size": 32,
            "normalize_embeddings": True,
            "show_progress_bar": False,
        },
    )
    reranker = BCERerank(model="starter-reranker", top_n=5, device="cpu")
    texts = [
        Document(page_content="The ferry to Skarne leaves at seven."),
        Document(page_content="Bread is baked from flour and water."),
    ]
    retriever = FAISS.from_documents(
        texts, embed_model, distance_strategy=DistanceStrategy.MAX_INNER_PRODUCT
    ).as_retriever(search_type="similarity", search_kwargs={"score_threshold": 0.3, "k": 3})
    compression_retriever = ContextualCompressionRetriever(
        base_compressor=reranker, base_retriever=retriever
    )

    response = compression_retriever.invoke("When does the ferry to Skarne leave?")

    assert response[0].page_content == texts[0].page_content
    assert response[0].metadata["relevance_score"] > 0.08
    assert texts[0].metadata == {}


def test_an_instruction_is_put_before_questions_alone_and_can_be_set_later() -> None:
    model = HuggingFaceBgeEmbeddings(model_name="starter-embedder", query_instruction="Q: ")
    plain = BifolioEmbeddings(query_instruction="")
    asked = model.embed_query("ferry")

    assert asked == pytest.approx(plain.embed_documents(["Q: ferry"])[0], abs=1e-6)
    assert model.embed_documents(["ferry"])[0] == pytest.approx(
        plain.embed_query("ferry"), abs=1e-6
    )
    model.query_instruction = "fire: "
    assert asked != model.embed_query("ferry")


def test_an_option_that_is_not_known_is_named() -> None:
    with pytest.raises(BadOption, match="model_kwargs has no dtype; it takes device"):
        BifolioEmbeddings(model_kwargs={"dtype": "float16"})


def test_a_threshold_keeps_what_is_near_in_each_measure(words: Words) -> None:
    by_product = store(words).similarity_search_with_score("ferry", k=4, score_threshold=0.5)
    by_distance = store(words, "EUCLIDEAN_DISTANCE").similarity_search_with_score(
        "ferry", k=4, score_threshold=1
    )

    assert [one.page_content for one, _ in by_product] == ["ferry", "ferry price"]
    assert [one.page_content for one, _ in by_distance] == ["ferry", "ferry price"]
    assert [score for _, score in by_distance] == pytest.approx([0, 2 - 2**0.5], abs=1e-6)


@pytest.mark.parametrize("strategy", list(DistanceStrategy))
def test_the_relevance_of_the_same_text_is_1_and_of_another_0(words: Words, strategy: str) -> None:
    found = store(words, strategy).similarity_search_with_relevance_scores("refund", k=4)

    assert [score for _, score in found] == pytest.approx([1, 0, 0, 0], abs=1e-6)


def test_a_filter_sees_all_documents(words: Words) -> None:
    made = store(words)

    assert [one.id for one in made.similarity_search("ferry", filter={"n": {"$gte": 3}})] == ["d"]
    assert len(made.similarity_search("ferry", fetch_k=1, filter=lambda told: told["n"] > 1)) == 2
    with pytest.raises(BadOption, match="no operator \\$near"):
        made.similarity_search("ferry", filter={"n": {"$near": 1}})


def test_marginal_relevance_passes_over_what_is_said_already(words: Words) -> None:
    made = FAISS.from_texts(["ferry", "ferry ferry", "ferry price"], words)

    found = made.max_marginal_relevance_search("ferry", k=2, lambda_mult=0.3)

    assert [one.page_content for one in found] == ["ferry", "ferry price"]


def test_a_saved_store_is_the_same_without_a_pickle(words: Words, tmp_path: Path) -> None:
    made = store(words)
    made.delete(["b"])
    made.save_local(str(tmp_path / "kept"))

    again = FAISS.load_local(str(tmp_path / "kept"), words)

    assert again.distance_strategy == "MAX_INNER_PRODUCT"
    assert again.similarity_search_with_score("ferry") == made.similarity_search_with_score("ferry")
    assert {file.suffix for file in (tmp_path / "kept").iterdir()} == {".npy", ".jsonl"}
    assert [one.page_content for one in again.get_by_ids(["b", "c"])] == ["crew fire"]


def test_a_damaged_or_a_missing_store_is_told_in_one_sentence(words: Words, tmp_path: Path) -> None:
    store(words).save_local(str(tmp_path))
    (tmp_path / "index.npy").write_bytes(b"x")

    with pytest.raises(NotReadable, match="it is not the file that was saved"):
        FAISS.load_local(str(tmp_path), words)
    with pytest.raises(NotReadable, match="missing or damaged"):
        FAISS.load_local(str(tmp_path / "nowhere"), words)
    with pytest.raises(BadOption, match="is no file name"):
        FAISS.load_local(str(tmp_path), words, "../index")


def langchain_folder(words: Words, folder: Path) -> Path:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from langchain_community.vectorstores import FAISS as THEIRS
        from langchain_community.vectorstores.utils import DistanceStrategy as TheirStrategy

        made = THEIRS.from_texts(
            TEXTS,
            words,
            [{"n": place} for place in range(len(TEXTS))],
            distance_strategy=TheirStrategy.MAX_INNER_PRODUCT,
        )
        made.save_local(str(folder))
    return folder


def test_langchains_folder_is_read_with_the_measure_that_it_was_made_by(
    words: Words, tmp_path: Path
) -> None:
    folder = langchain_folder(words, tmp_path / "theirs")

    ours = FAISS.load_local(str(folder), words, allow_dangerous_deserialization=True)
    found = ours.similarity_search_with_score("ferry", k=2)

    assert ours.distance_strategy == "MAX_INNER_PRODUCT"
    assert [(one.page_content, one.metadata) for one, _ in found] == [
        ("ferry", {"n": 1}),
        ("ferry price", {"n": 0}),
    ]


class Hostile:
    def __init__(self, function: Any, *arguments: Any) -> None:
        self._call = (function, arguments)

    def __reduce__(self) -> Any:
        return self._call


@pytest.mark.parametrize(
    "bytes_",
    [
        pickle.dumps(Hostile(print, "run")),
        pickle.dumps((Hostile(eval, "1"), {})),
        pickle.dumps(({}, Path("x"))),
        b"cos\nsystem\n(S'true'\ntR.",
        b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00Nr\xff\xff\xff\x7f.",
        b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"c__builtin__\neval\n.",
        b"",
    ],
)
def test_a_pickle_with_more_than_documents_is_refused_and_nothing_of_it_runs(
    bytes_: bytes, words: Words, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = langchain_folder(words, tmp_path / "theirs")
    (folder / "index.pkl").write_bytes(bytes_)

    with pytest.raises(NotReadable, match="it holds more or less than documents"):
        FAISS.load_local(str(folder), words, allow_dangerous_deserialization=True)
    assert capsys.readouterr().out == ""


def test_a_cut_index_is_refused(words: Words, tmp_path: Path) -> None:
    folder = langchain_folder(words, tmp_path / "theirs")
    whole = (folder / "index.faiss").read_bytes()
    (folder / "index.faiss").write_bytes(whole[:-4])

    with pytest.raises(NotReadable, match="do not agree"):
        FAISS.load_local(str(folder), words)


def test_blank_documents_come_last_and_score_0(reranker: Any) -> None:
    documents = [Document(page_content=text) for text in (" ", "ferry price", "ferry")]
    compressor = BCERerank(scorer=reranker, top_n=3)

    found = compressor.compress_documents(documents, "ferry price")

    assert [one.metadata["relevance_score"] for one in found] == [1, 0.5, 0]
    assert found[-1].page_content == " "
    assert compressor.compress_documents([], "ferry") == []
    strict = BCERerank(scorer=reranker, score_threshold=0.6)
    assert len(strict.compress_documents(documents, "ferry price")) == 1


def test_an_agent_gets_passages_with_their_sources(library: Library, documents: Path) -> None:
    library.add(documents)
    tool = library_tool(library)

    told = tool.invoke(
        {"name": tool.name, "args": {"question": "ferry price"}, "id": "1", "type": "tool_call"}
    )

    assert "fares.md, page 1" in told.content
    assert told.artifact[0].metadata["source"].endswith("fares.md")
    assert "empty" in tool.invoke({"question": " "})


def test_langchains_own_store_takes_our_embeddings() -> None:
    from langchain_core.vectorstores import InMemoryVectorStore

    theirs = InMemoryVectorStore.from_texts(
        ["The ferry leaves at seven.", "Bread is made of flour."], BifolioEmbeddings()
    )

    assert "ferry" in theirs.similarity_search("When does the ferry leave?", k=1)[0].page_content
    assert np.linalg.norm(BifolioEmbeddings().embed_query("ferry")) == pytest.approx(1, abs=1e-3)
