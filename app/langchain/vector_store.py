"""A vector store with the methods and the numbers of LangChain's FAISS, and no pickle."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_core.vectorstores import VectorStore
from langchain_core.vectorstores.utils import maximal_marginal_relevance

from bifolio.ingest import message
from bifolio.langchain.filters import Filter, wanted
from bifolio.langchain.importing import read_langchain_folder
from bifolio.langchain.saving import Row, Saved, is_saved, read, write
from bifolio.langchain.strategy import DistanceStrategy, read_strategy
from bifolio.retrieval import BadOption
from bifolio.retrieval.arrays import Floats

Scored = list[tuple[Document, float]]
_EUCLIDEAN = DistanceStrategy.EUCLIDEAN_DISTANCE


class BifolioVectorStore(VectorStore):
    """Texts with their vectors in memory, compared exactly.

    ``distance_strategy`` is one of LangChain's, by default its default, and is kept by
    ``save_local``. A filter sees every document, however small ``fetch_k`` is. Relevance scores
    are the cosine where vectors have length 1. Not made for many threads that write.

    Raises:
        BadOption: the strategy is not known.
    """

    def __init__(
        self,
        embedding_function: Embeddings,
        *,
        distance_strategy: str = _EUCLIDEAN,
        relevance_score_fn: Callable[[float], float] | None = None,
        normalize_L2: bool = False,  # noqa: N803 - LangChain's name
    ) -> None:
        self.embedding_function = embedding_function
        self.distance_strategy = read_strategy(distance_strategy)
        self.override_relevance_score_fn = relevance_score_fn
        self._normalize = normalize_L2
        self._documents: dict[str, Document] = {}
        self._vectors: Floats | None = None

    @property
    def embeddings(self) -> Embeddings:
        """What embeds."""
        return self.embedding_function

    def __len__(self) -> int:
        """Count the documents."""
        return len(self._documents)

    @classmethod
    def from_texts(
        cls,
        texts: list[str],
        embedding: Embeddings,
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **options: Any,
    ) -> Self:
        """Embed texts and make a store of them; of none, an empty one.

        ``options`` are those of the constructor.
        """
        made = cls(embedding, **options)
        made.add_texts(texts, metadatas, ids=ids)
        return made

    @classmethod
    def from_embeddings(
        cls,
        text_embeddings: Iterable[tuple[str, list[float]]],
        embedding: Embeddings,
        metadatas: Iterable[dict[str, Any]] | None = None,
        ids: list[str] | None = None,
        **options: Any,
    ) -> Self:
        """Make a store of texts with their vectors."""
        made = cls(embedding, **options)
        made.add_embeddings(text_embeddings, metadatas, ids=ids)
        return made

    def add_texts(
        self,
        texts: Iterable[str],
        metadatas: list[dict[str, Any]] | None = None,
        *,
        ids: list[str] | None = None,
        **_options: Any,
    ) -> list[str]:
        """Embed texts, add them, and give their ids.

        Raises:
            BadOption: an id is taken, or the lists differ in length.
        """
        listed = list(texts)
        vectors = self.embedding_function.embed_documents(listed) if listed else []
        return self._add(listed, vectors, metadatas, ids)

    def add_embeddings(
        self,
        text_embeddings: Iterable[tuple[str, list[float]]],
        metadatas: Iterable[dict[str, Any]] | None = None,
        ids: list[str] | None = None,
        **_options: Any,
    ) -> list[str]:
        """Add texts with their vectors, and give their ids: see ``add_texts``."""
        pairs = list(text_embeddings)
        return self._add([text for text, _ in pairs], [row for _, row in pairs], metadatas, ids)

    def similarity_search_with_score_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        filter: Filter = None,
        fetch_k: int = 20,
        *,
        score_threshold: float | None = None,
        **_options: Any,
    ) -> Scored:
        """Give the ``k`` nearest documents and their scores in the store's measure."""
        del fetch_k
        ids = list(self._documents)
        scores = self._compare(embedding)
        order = np.argsort(scores if self.distance_strategy.ascending else -scores, kind="stable")
        passes = wanted(filter)
        found: Scored = []
        for place in order.tolist():
            score = float(scores[place])
            near = score_threshold is None or self.distance_strategy.passes(score, score_threshold)
            if len(found) >= k or not near:
                break
            document = self._documents[ids[place]]
            if passes(document.metadata):
                found.append((_copy(document), score))
        return found

    def similarity_search_with_score(self, query: str, k: int = 4, **options: Any) -> Scored:
        """Give the ``k`` documents nearest to a text, and their scores."""
        vector = self.embedding_function.embed_query(query)
        return self.similarity_search_with_score_by_vector(vector, k, **options)

    def similarity_search_by_vector(
        self, embedding: list[float], k: int = 4, **options: Any
    ) -> list[Document]:
        """Give the ``k`` documents nearest to a vector."""
        found = self.similarity_search_with_score_by_vector(embedding, k, **options)
        return [document for document, _ in found]

    def similarity_search(self, query: str, k: int = 4, **options: Any) -> list[Document]:
        """Give the ``k`` documents nearest to a text."""
        return [document for document, _ in self.similarity_search_with_score(query, k, **options)]

    def max_marginal_relevance_search_by_vector(
        self,
        embedding: list[float],
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        **options: Any,
    ) -> list[Document]:
        """Choose ``k`` of the ``fetch_k`` nearest that are near and differ from each other."""
        found = self.similarity_search_with_score_by_vector(embedding, fetch_k, **options)
        places = {id_: place for place, id_ in enumerate(self._documents)}
        rows = [self._rows()[places[str(document.id)]] for document, _ in found]
        if not rows:
            return []
        asked = np.array(embedding, np.float32)
        chosen = maximal_marginal_relevance(asked, list(rows), lambda_mult=lambda_mult, k=k)
        return [found[place][0] for place in chosen]

    def max_marginal_relevance_search(
        self,
        query: str,
        k: int = 4,
        fetch_k: int = 20,
        lambda_mult: float = 0.5,
        **options: Any,
    ) -> list[Document]:
        """Choose as ``max_marginal_relevance_search_by_vector`` does, for a text."""
        vector = self.embedding_function.embed_query(query)
        return self.max_marginal_relevance_search_by_vector(
            vector, k, fetch_k, lambda_mult, **options
        )

    def delete(self, ids: list[str] | None = None, **_options: Any) -> bool:
        """Take documents out; of None, all.

        Raises:
            BadOption: an id is not there; nothing is taken out.
        """
        gone = set(self._documents if ids is None else ids)
        missing = sorted(gone - set(self._documents))
        if missing:
            raise BadOption(message("no-such-id", "the store has no id {id}", id=missing[0]))
        stay = [place for place, id_ in enumerate(self._documents) if id_ not in gone]
        if self._vectors is not None:
            self._vectors = self._vectors[stay]
        self._documents = {id_: one for id_, one in self._documents.items() if id_ not in gone}
        return True

    def get_by_ids(self, ids: Sequence[str], /) -> list[Document]:
        """Give the documents that there are of these ids."""
        return [_copy(self._documents[id_]) for id_ in ids if id_ in self._documents]

    def save_local(self, folder_path: str, index_name: str = "index") -> None:
        """Write the store into a folder: vectors, and documents as JSON.

        Raises:
            BadOption: metadata hold what JSON cannot.
        """
        rows = [Row(id_, one.page_content, one.metadata) for id_, one in self._documents.items()]
        made_by = getattr(self.embedding_function, "fingerprint", "")
        saved = Saved(rows, self._rows(), self.distance_strategy, made_by)
        write(saved, Path(folder_path), index_name)

    @classmethod
    def load_local(
        cls,
        folder_path: str,
        embeddings: Embeddings,
        index_name: str = "index",
        *,
        allow_dangerous_deserialization: bool = False,
        distance_strategy: str | None = None,
        **options: Any,
    ) -> Self:
        """Read a store that ``save_local`` wrote, or one of LangChain's FAISS.

        Of the latter's pickle nothing but documents is read, so that nothing need be allowed.

        Raises:
            NotReadable: the folder holds no store, or a damaged one.
            BadOption: another strategy or other embeddings are asked for than it was made with.
        """
        del allow_dangerous_deserialization
        folder = Path(folder_path)
        ours = is_saved(folder, index_name) or not (folder / f"{index_name}.faiss").exists()
        saved = read(folder, index_name) if ours else read_langchain_folder(folder, index_name)
        if distance_strategy is not None and read_strategy(distance_strategy) != saved.strategy:
            raise _other("distance_strategy", str(distance_strategy), str(saved.strategy))
        asked = getattr(embeddings, "fingerprint", "")
        if saved.fingerprint and asked and asked != saved.fingerprint:
            raise _other("embeddings", asked, saved.fingerprint)
        made = cls(embeddings, distance_strategy=saved.strategy, **options)
        made._vectors = saved.vectors
        made._documents = {
            row.id: Document(id=row.id, page_content=row.text, metadata=dict(row.metadata))
            for row in saved.rows
        }
        return made

    def _select_relevance_score_fn(self) -> Callable[[float], float]:
        return self.override_relevance_score_fn or self.distance_strategy.relevance()

    def _add(
        self,
        texts: list[str],
        vectors: Sequence[Sequence[float]],
        metadatas: Iterable[dict[str, Any]] | None,
        ids: Sequence[str | None] | None,
    ) -> list[str]:
        given = list(metadatas) if metadatas is not None else [{} for _ in texts]
        chosen = [id_ or str(uuid.uuid4()) for id_ in ids or [None] * len(texts)]
        if {len(given), len(chosen), len(vectors)} != {len(texts)}:
            sentence = "{texts} texts need as many metadatas, ids and vectors"
            raise BadOption(message("unequal-lists", sentence, texts=len(texts)))
        times = Counter(chosen)
        for id_ in chosen:
            if id_ in self._documents or times[id_] > 1:
                sentence = "the id {id} is taken; delete it first"
                raise BadOption(message("id-taken", sentence, id=id_))
        if not texts:
            return []
        rows = self._measured(np.array(vectors, np.float32))
        self._vectors = rows if self._vectors is None else np.concatenate([self._vectors, rows])
        for id_, text, metadata in zip(chosen, texts, given, strict=True):
            self._documents[id_] = Document(id=id_, page_content=text, metadata=dict(metadata))
        return chosen

    def _compare(self, embedding: Sequence[float]) -> Floats:
        if not self._documents:
            return np.zeros(0, np.float32)
        query = self._measured(np.array([embedding], np.float32))[0]
        return self.distance_strategy.compare(self._rows(), query)

    def _measured(self, rows: Floats) -> Floats:
        """Check that vectors are as long as those of the store."""
        dims = rows.shape[1] if self._vectors is None else self._vectors.shape[1]
        if rows.shape[1] != dims:
            sentence = "the store's vectors have {dims} dimensions, and these {given}; use the"
            sentence += " embeddings that it was made with"
            raise BadOption(message("other-dims", sentence, dims=dims, given=rows.shape[1]))
        if not self._normalize:
            return rows
        unit: Floats = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)
        return unit

    def _rows(self) -> Floats:
        return np.zeros((0, 0), np.float32) if self._vectors is None else self._vectors


class FAISS(BifolioVectorStore):
    """Under LangChain's name."""


def _copy(document: Document) -> Document:
    return document.model_copy(update={"metadata": dict(document.metadata)})


def _other(what: str, asked: str, stored: str) -> BadOption:
    sentence = "the store was made with {what} {stored}, not {asked}; open it with those"
    return BadOption(message("other-store", sentence, what=what, stored=stored, asked=asked))
