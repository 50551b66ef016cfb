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
    HuggingFaceEmbeddings,
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
    with pytest.raises(BadOption, match="is no file name"):
        FAISS.load_local(str(tmp_path), Words(), "../index")
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
    same = BifolioEmbeddings(query_instruction="passage: ").embed_query("The ferry leaves at nine.")
    assert one != pytest.approx(rows[0], abs=1e-4)  # "query: " stands before it
    assert same == pytest.approx(rows[0], abs=1e-4)
    with pytest.raises(BadOption, match="encode_kwargs has no beams"):
        BifolioEmbeddings(encode_kwargs={"beams": 2})


def test_an_instruction_stands_before_questions_alone_and_none_is_none() -> None:
    folder = str(STARTER / "embedder")
    plain = HuggingFaceBgeEmbeddings(model_name=folder, query_instruction="")
    told = HuggingFaceBgeEmbeddings(model_name=folder, query_instruction="Represent: ")
    assert plain.embed_documents(["a ferry"]) == told.embed_documents(["a ferry"])
    assert plain.embed_query("a ferry") != told.embed_query("a ferry")
    prefixed = plain.embed_query("passage: a ferry")
    assert prefixed == pytest.approx(plain.embed_documents(["a ferry"])[0], abs=1e-6)


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


# vectors of length 1


class Plain(Embeddings):
    """The word embedder of the other tests as it is: vectors of length 1."""

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors: list[list[float]] = WordEmbedder().embed_passages(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        return self.embed_documents([text])[0]


@pytest.fixture
def words() -> Plain:
    return Plain()


def store(words: Plain, strategy: str = "MAX_INNER_PRODUCT") -> FAISS:
    texts = ["ferry price", "ferry", "crew fire", "refund"]
    return FAISS.from_texts(texts, words, distance_strategy=strategy)


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

    assert asked == pytest.approx(plain.embed_query("Q: ferry"), abs=1e-6)
    assert model.embed_documents(["ferry"])[0] == pytest.approx(
        plain.embed_query("passage: ferry"), abs=1e-6
    )
    model.query_instruction = "fire: "
    assert asked != model.embed_query("ferry")


def test_an_option_that_is_not_known_is_named() -> None:
    with pytest.raises(BadOption, match="model_kwargs has no dtype; it takes device"):
        BifolioEmbeddings(model_kwargs={"dtype": "float16"})


def test_a_threshold_keeps_what_is_near_in_each_measure(words: Plain) -> None:
    by_product = store(words).similarity_search_with_score("ferry", k=4, score_threshold=0.5)
    by_distance = store(words, "EUCLIDEAN_DISTANCE").similarity_search_with_score(
        "ferry", k=4, score_threshold=1
    )

    assert [one.page_content for one, _ in by_product] == ["ferry", "ferry price"]
    assert [one.page_content for one, _ in by_distance] == ["ferry", "ferry price"]
    assert [score for _, score in by_distance] == pytest.approx([0, 2 - 2**0.5], abs=1e-6)


@pytest.mark.parametrize("strategy", list(DistanceStrategy))
def test_the_relevance_of_the_same_text_is_1_and_of_another_0(words: Plain, strategy: str) -> None:
    found = store(words, strategy).similarity_search_with_relevance_scores("refund", k=4)

    assert [score for _, score in found] == pytest.approx([1, 0, 0, 0], abs=1e-6)


def test_marginal_relevance_passes_over_what_is_said_already(words: Plain) -> None:
    made = FAISS.from_texts(["ferry", "ferry ferry", "ferry price"], words)

    found = made.max_marginal_relevance_search("ferry", k=2, lambda_mult=0.3)

    assert [one.page_content for one in found] == ["ferry", "ferry price"]


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
    theirs: Any, bytes_: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "theirs"
    stores(theirs, "MAX_INNER_PRODUCT")[1].save_local(str(folder))
    (folder / "index.pkl").write_bytes(bytes_)

    with pytest.raises(NotReadable, match="it holds more or less than documents"):
        FAISS.load_local(str(folder), Words(), allow_dangerous_deserialization=True)
    assert capsys.readouterr().out == ""


def test_langchains_own_store_takes_our_embeddings() -> None:
    from langchain_core.vectorstores import InMemoryVectorStore

    theirs = InMemoryVectorStore.from_texts(
        ["The ferry leaves at seven.", "Bread is made of flour."], BifolioEmbeddings()
    )

    assert "ferry" in theirs.similarity_search("When does the ferry leave?", k=1)[0].page_content
    assert np.linalg.norm(BifolioEmbeddings().embed_query("ferry")) == pytest.approx(1, abs=1e-3)
