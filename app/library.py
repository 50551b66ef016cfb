"""The library: documents go in, cited answers come out."""

import os
import random
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from bifolio import adding
from bifolio.adding import IngestReport
from bifolio.answer import Answer, Turn
from bifolio.answering import Answerer, AskMode, Event
from bifolio.ingest import BifolioError, Chunk, Document
from bifolio.ingest.splitter import SPLITTER_VERSION
from bifolio.language_model import LanguageModel, OpenAIModel
from bifolio.retrieval import (
    KEEP,
    LEGS,
    RECALL,
    Calibration,
    CrossEncoder,
    Embedder,
    EmbedderOptions,
    Entry,
    Fingerprint,
    Judge,
    Leg,
    ModelEmbedder,
    Passage,
    Reranker,
    Retrieval,
    Store,
    embedder_recipe,
    fits,
    pair,
    reranker_recipe,
    search,
)
from bifolio.settings import Settings

if TYPE_CHECKING:
    from langchain_core.retrievers import BaseRetriever


class UnknownDocument(BifolioError):  # noqa: N818 - the name says what is wrong
    """The library has no document with that path or name."""

    def __init__(self, folder: Path, path: str) -> None:
        super().__init__(f"{folder} has no document {path}; `bifolio list` shows the paths")


class Library:
    """Documents, their chunks and vectors in one folder, and the models that search them.

    Made by :meth:`open`; the constructor takes the parts themselves.

    Raises:
        LibraryMismatch: the folder's library was made with another embedder.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        embedder: Embedder,
        reranker: Reranker,
        language_model: LanguageModel | None = None,
        context_tokens: int = 3000,
        create: bool = True,
    ) -> None:
        splitter = f"{SPLITTER_VERSION}/{adding.CHUNK_TOKENS}"
        self._store = Store(
            Path(folder),
            Fingerprint(embedder.name, embedder.fingerprint, embedder.dims, splitter),
            create=create,
        )
        self._embedder = embedder
        self._reranker = reranker
        self._context_tokens = context_tokens
        self.language_model = language_model

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        models: str | None = None,
        settings: Settings | None = None,
        create: bool = True,
    ) -> "Library":
        """Open the library in a folder, and make it when it is missing unless told not to.

        ``models`` names a pair of models; what is not said here comes from ``settings`` (any hub
        id or folder as embedder, its pooling and prefixes), by default those of the environment.

        Raises:
            BifolioError: the models or the folder cannot be used; the message says what to do.
        """
        settings = settings or Settings.from_env()
        chosen = pair(models or settings.models)
        embedder = embedder_recipe(settings.embedder) if settings.embedder else chosen.embedder
        reranker = reranker_recipe(settings.reranker) if settings.reranker else chosen.reranker
        options = EmbedderOptions(
            pooling=settings.pooling,
            query_prefix=settings.query_prefix,
            passage_prefix=settings.passage_prefix,
        )
        language_model = None
        if settings.llm:
            language_model = OpenAIModel(
                settings.llm, base_url=settings.base_url, api_key=settings.api_key
            )
        return cls(
            folder,
            embedder=ModelEmbedder(embedder, options),
            reranker=CrossEncoder(reranker),
            language_model=language_model,
            context_tokens=settings.context_tokens,
            create=create,
        )

    @property
    def folder(self) -> Path:
        """Where the library is."""
        return self._store.folder

    @property
    def embedder_name(self) -> str:
        """The name of the embedder in use."""
        return self._embedder.name

    @property
    def reranker_name(self) -> str:
        """The name of the reranker in use."""
        return self._reranker.name

    def add(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        prune: bool = False,
        dry_run: bool = False,
        workers: int = adding.WORKERS,
        on_progress: adding.OnProgress | None = None,
    ) -> IngestReport:
        """Bring files and folders into step with the library.

        New and changed files are read and embedded, renamed ones only renamed; what has gone
        from a folder stays unless ``prune`` says otherwise. ``on_progress`` is called with a
        :class:`Progress` now and then.

        Raises:
            LibraryBusy: another process is writing to the library.
        """
        if isinstance(paths, str | os.PathLike):
            paths = [paths]
        return adding.add(
            paths,
            store=self._store,
            embedder=self._embedder,
            prune=prune,
            dry_run=dry_run,
            workers=workers,
            on_progress=on_progress,
        )

    def add_bytes(
        self, name: str, data: bytes, *, on_progress: adding.OnProgress | None = None
    ) -> IngestReport:
        """Add an uploaded file. Its name is only shown: no path on disk is made from it."""
        return adding.add_bytes(
            name, data, store=self._store, embedder=self._embedder, on_progress=on_progress
        )

    def add_chunks(
        self, chunks: Sequence[Chunk], *, on_progress: adding.OnProgress | None = None
    ) -> None:
        """Store documents that are read and cut already: all chunks of each of them.

        Raises:
            LibraryBusy: another process is writing to the library.
        """
        with self._store.writing() as writer:
            adding.put_chunks(chunks, writer, self._embedder, on_progress)

    def documents(self) -> list[Entry]:
        """List the documents, by path."""
        with self._store.reading() as view:
            return view.entries()

    def document(self, path: str) -> Document:
        """Give one document with its text.

        Raises:
            UnknownDocument: the library has none with that path.
        """
        with self._store.reading() as view:
            try:
                return view.document(path)
            except KeyError:
                raise UnknownDocument(self.folder, path) from None

    def remove(self, paths: str | Iterable[str]) -> tuple[str, ...]:
        """Take documents out, and tell their paths.

        Raises:
            UnknownDocument: the library has no such document; nothing is removed.
        """
        known = self.documents()
        wanted = [paths] if isinstance(paths, str) else list(paths)
        paths_known = [entry.path for entry in known]
        chosen = dict.fromkeys(_choose(path, paths_known, self.folder) for path in wanted)
        with self._store.writing() as writer:
            for path in chosen:
                writer.remove(path)
        return tuple(chosen)

    def retrieve(
        self,
        question: str,
        *,
        keep: int = KEEP,
        recall: int = RECALL,
        threshold: float | None = None,
        rerank: bool = True,
        legs: Collection[Leg] = LEGS,
    ) -> Retrieval:
        """Search, and tell every decision on the way.

        ``legs`` says what recalls, "dense" (vectors), "lexical" (words) or both; without
        ``rerank`` their ranks decide.
        """
        return search(
            question,
            store=self._store,
            embedder=self._embedder,
            reranker=self._reranker if rerank else None,
            recall=recall,
            keep=keep,
            threshold=threshold,
            legs=legs,
        )

    @property
    def judge(self) -> Judge:
        """Scores a question against any texts as the search scores chunks."""
        return Judge(self._embedder, self._reranker)

    def sample(self, count: int, *, seed: int = 0) -> list[Chunk]:
        """Draw at most so many chunks, the same ones for a seed."""
        with self._store.reading() as view:
            ids = view.ids()
            drawn = random.Random(seed).sample(ids, min(count, len(ids)))  # noqa: S311 - no secret
            chunks = view.chunks(drawn)
        return [chunks[id_] for id_ in drawn]

    @property
    def calibration(self) -> Calibration | None:
        """The threshold that this library's own questions gave, if they did."""
        with self._store.reading() as view:
            return view.calibration()

    def set_threshold(self, threshold: float, *, questions: int, rule: str) -> Calibration:
        """Store a threshold for the models in use, in place of the reranker's own.

        ``questions`` is how many it was chosen on, ``rule`` how (bifolio.evaluation).

        Raises:
            BifolioError: the threshold is no number from 0 to 1.
            LibraryBusy: another process is writing to the library.
        """
        if not 0 <= threshold <= 1:
            raise BifolioError(f"the threshold {threshold:g} is no score; give one from 0 to 1")
        calibration = Calibration(
            threshold=threshold,
            fits=fits(self._reranker, self._store.fingerprint),
            reranker=self._reranker.name,
            questions=questions,
            rule=rule,
            day=date.today().isoformat(),
        )
        with self._store.writing() as writer:
            writer.calibrate(calibration)
        return calibration

    def forget_threshold(self) -> None:
        """Go back to the reranker's own threshold."""
        with self._store.writing() as writer:
            writer.calibrate(None)

    def search(
        self,
        question: str,
        *,
        keep: int = KEEP,
        recall: int = RECALL,
        threshold: float | None = None,
    ) -> list[Passage]:
        """Give the passages that answer the question, best first; none if none passes."""
        found = self.retrieve(question, keep=keep, recall=recall, threshold=threshold)
        return list(found.passages)

    def stream(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        mode: AskMode = "auto",
        keep: int = KEEP,
        recall: int = RECALL,
        threshold: float | None = None,
    ) -> Iterator[Event]:
        """Yield the passages as a tuple, then pieces of text, then the finished answer.

        ``history`` are the turns before, oldest first. ``mode`` "auto" asks the language model if
        one is set, and quotes the documents otherwise.

        Raises:
            BifolioError: the question is empty, or the language model failed in mode "llm".
        """
        answerer = Answerer(
            retrieve=partial(self.retrieve, keep=keep, recall=recall, threshold=threshold),
            judge=self.judge,
            language_model=self.language_model,
            context_tokens=self._context_tokens,
        )
        return answerer.stream(question, history=history, mode=mode)

    def ask(
        self,
        question: str,
        *,
        history: Sequence[Turn] = (),
        mode: AskMode = "auto",
        keep: int = KEEP,
        recall: int = RECALL,
        threshold: float | None = None,
    ) -> Answer:
        """Answer the question from the documents; the options are those of :meth:`stream`."""
        *_, answer = self.stream(
            question, history=history, mode=mode, keep=keep, recall=recall, threshold=threshold
        )
        assert isinstance(answer, Answer)  # noqa: S101 - a stream ends with its answer
        return answer

    def as_retriever(self, *, keep: int = KEEP, threshold: float | None = None) -> "BaseRetriever":
        """Give a LangChain retriever of this library's passages."""
        from bifolio.langchain_retriever import BifolioRetriever

        return BifolioRetriever(library=self, keep=keep, threshold=threshold)


def _choose(path: str, known: Sequence[str], folder: Path) -> str:
    """Find the document that a user means: by its path, or by its name if only one bears it."""
    absolute = os.path.normpath(Path(path).absolute())
    for candidate in (path, absolute):
        if candidate in known:
            return candidate
    named = [entry for entry in known if PurePath(entry).name == path]
    if len(named) > 1:
        raise BifolioError(f"{folder} has {len(named)} documents {path}; give the whole path")
    if not named:
        raise UnknownDocument(folder, path)
    return named[0]
