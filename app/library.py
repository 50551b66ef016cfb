"""The library: documents go in, cited answers come out."""

import os
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Self, Unpack

from bifolio import adding
from bifolio.answers.answer import Outdated
from bifolio.askable import Askable
from bifolio.choosing import UnknownDocument, choose, meant
from bifolio.ingest import EVERYTHING, Chunk, Document, PagePicture, Selection, draw_page
from bifolio.ingest_report import IngestReport, OnProgress
from bifolio.language_model import LanguageModel
from bifolio.matching import GrepOptions, Match, grep
from bifolio.models import Models
from bifolio.outdated import outdated
from bifolio.retrieval import (
    DEFAULT_OPTIONS,
    Calibration,
    Entry,
    Passage,
    Place,
    Retrieval,
    SearchChanges,
    SearchOptions,
    Threshold,
    bad_score,
    choose_threshold,
    fits,
    open_store,
    search,
)
from bifolio.settings import CONTEXT_TOKENS, SUPPORT, Settings
from bifolio.storing import WORKERS, Course, PutFiles, put_chunks, put_files


class Library(Askable):
    """Documents, their chunks and vectors in one place, and the models that search them.

    Made by :meth:`open`; the constructor takes the parts themselves. Several libraries may share
    their models. A library can be used in a ``with`` block, which closes it.

    Raises:
        LibraryMismatch: the folder's library was made with another embedder.
    """

    def __init__(
        self,
        folder: Place,
        *,
        models: Models,
        context_tokens: int = CONTEXT_TOKENS,
        support: float = SUPPORT,
        create: bool = True,
    ) -> None:
        self.store = open_store(folder, adding.fingerprint_of(models.embedder), create=create)
        self.context_tokens, self.support = context_tokens, support
        self.models = models

    @classmethod
    def open(
        cls,
        folder: str | os.PathLike[str],
        *,
        models: str | Models | None = None,
        settings: Settings | None = None,
        create: bool = True,
    ) -> "Library":
        """Open the library in a folder, or on Milvus; make a missing one unless told not to.

        ``folder`` may be milvus://HOST:PORT/NAME. ``models`` names a pair, or holds open models;
        what is not said comes from ``settings``, by default the environment's and the library's.

        Raises:
            BifolioError: the models or the folder cannot be used; the message says what to do.
        """
        settings = settings or Settings.from_env(given={"library": Path(folder)})
        if isinstance(models, str):
            settings = replace(settings, models=models)
        if not isinstance(models, Models):
            models = Models.open(settings)
        place = settings.place_of(folder)
        tokens, support = settings.context_tokens, settings.support
        return cls(place, models=models, context_tokens=tokens, support=support, create=create)

    def close(self) -> None:
        """Let go of the index in memory; the library can be opened again."""
        self.store.close()

    def __enter__(self) -> Self:
        """Give the library itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @property
    def folder(self) -> Path:
        """Where the library is."""
        return self.store.folder

    @property
    def language_model(self) -> LanguageModel | None:
        """The language model that writes the answers; without one they are quotes."""
        return self.models.language_model

    @language_model.setter
    def language_model(self, model: LanguageModel | None) -> None:
        """Let another one write the answers, or none."""
        self.models = replace(self.models, language_model=model)

    def add(
        self,
        paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
        *,
        prune: bool = False,
        dry_run: bool = False,
        selection: Selection = EVERYTHING,
        workers: int = WORKERS,
        busy: Collection[str] = (),
        engine: PutFiles = put_files,
        on_progress: OnProgress | None = None,
        stop: threading.Event | None = None,
    ) -> IngestReport:
        """Bring files and folders into step with the library.

        New and changed files are read and embedded, by ``engine``, renamed ones only renamed; what
        has gone from a folder stays unless ``prune`` says otherwise. ``on_progress`` is called with
        a :class:`Progress` now and then; ``busy`` files count as unchanged; ``stop`` ends it early.

        Raises:
            LibraryBusy: another process is writing to the library.
            Stopped: ``stop`` was set; what was stored until then stays.
        """
        if isinstance(paths, str | os.PathLike):
            paths = [paths]
        return adding.add(
            paths,
            store=self.store,
            embedder=self.models.embedder,
            prune=prune,
            dry_run=dry_run,
            selection=selection,
            busy=busy,
            engine=engine,
            course=Course(workers, on_progress, stop or threading.Event()),
        )

    def add_bytes(
        self,
        name: str,
        data: bytes,
        *,
        replaces: bool | None = None,
        on_progress: OnProgress | None = None,
    ) -> IngestReport:
        """Add an uploaded file. Its name is only shown: no path on disk is made from it.

        Another upload of that name is kept beside it, or gives way to it with ``replaces``. None
        is nobody's decision: both are kept, and the report warns of it.
        """
        return adding.add_bytes(
            name,
            data,
            store=self.store,
            embedder=self.models.embedder,
            replaces=replaces,
            course=Course(on_progress=on_progress),
        )

    def read_again(self, path: str, *, on_progress: OnProgress | None = None) -> IngestReport:
        """Read a document again from its file as it is now, though the file may be unchanged.

        Raises:
            UnknownDocument: the library has none with that path.
            StoreError: its bytes are gone.
        """
        try:
            return adding.read_again(
                path,
                store=self.store,
                embedder=self.models.embedder,
                course=Course(on_progress=on_progress),
            )
        except KeyError:
            raise UnknownDocument(self.folder, path) from None

    def add_chunks(self, chunks: Sequence[Chunk], *, on_progress: OnProgress | None = None) -> None:
        """Store documents that are read and cut already: all chunks of each of them.

        Raises:
            LibraryBusy: another process is writing to the library.
        """
        with self.store.writing() as writer:
            put_chunks(chunks, writer, self.models.embedder, on_progress)

    def documents(self) -> list[Entry]:
        """List the documents, by path."""
        with self.store.reading() as view:
            return view.entries()

    def document(self, path: str) -> Document:
        """Give one document with its text.

        Raises:
            UnknownDocument: the library has none with that path.
        """
        with self.store.reading() as view, suppress(KeyError):
            return view.document(path)
        raise UnknownDocument(self.folder, path)

    def file(self, path: str) -> bytes:
        """Give the bytes that a document was read from, checked against their hash.

        Raises:
            UnknownDocument: the library has none with that path.
            StoreError: the bytes are gone, or others by now.
        """
        try:
            return self.store.file(path)
        except KeyError:
            raise UnknownDocument(self.folder, path) from None

    def page_picture(self, path: str, page: int, *, start: int = 0, end: int = 0) -> PagePicture:
        """Draw a page of a PDF, counted from 1, and tell where ``text[start:end]`` stands on it.

        The offsets are those of the document's text, as a citation has them.

        Raises:
            UnknownDocument: the library has none with that path.
            StoreError: the file is gone, or another by now.
            UnreadableDocument: the page cannot be drawn.
        """
        document = self.document(path)
        return draw_page(self.file(path), document, page, start=start, end=end)

    def sources(self, path: str, library: str = "") -> list[Document]:
        """Give the document that an answer means by a path, or those whose paths end so."""
        with suppress(UnknownDocument):
            return [self.document(path)]
        known = [entry.path for entry in self.documents()]
        return [self.document(one) for one in meant(path, known)]

    def grep(self, pattern: str, **options: Unpack[GrepOptions]) -> Iterator[Match]:
        """Yield every place that holds the very words; the options are those of ``grep``."""
        return grep(self.store, pattern, **options)

    def remove(self, paths: str | Iterable[str]) -> tuple[str, ...]:
        """Take documents out, and tell their paths.

        Raises:
            UnknownDocument: the library has no such document; nothing is removed.
        """
        known = [entry.path for entry in self.documents()]
        wanted = [paths] if isinstance(paths, str) else list(paths)
        chosen = dict.fromkeys(choose(path, known, self.folder) for path in wanted)
        with self.store.writing() as writer:
            for path in chosen:
                writer.remove(path)
        return tuple(chosen)

    def retrieve(
        self,
        question: str,
        *,
        options: SearchOptions = DEFAULT_OPTIONS,
        **changes: Unpack[SearchChanges],
    ) -> Retrieval:
        """Search, and tell every decision on the way.

        ``changes`` are fields of :class:`SearchOptions`, in place of those of ``options``.

        Raises:
            BadOption, EmptyQuestion: a value is out of its limits, or the question is blank.
        """
        return search(
            question,
            stores=(self.store,),
            embedder=self.models.embedder,
            reranker=self.models.reranker,
            options=replace(options, **changes),
        )

    def outdated(self, passages: Iterable[Passage]) -> Iterator[Outdated]:
        """Yield the documents of the passages whose file has changed since, or is gone."""
        editions = [(one.document.path, one.document.sha256) for one in passages]
        for (path, _), reason in outdated(editions, self.store).items():
            yield Outdated(str(self.folder), path, reason)

    def sample(self, count: int, *, seed: int = 0) -> list[Chunk]:
        """Draw at most so many chunks, the same ones for a seed."""
        with self.store.reading() as view:
            return view.sample(count, seed=seed)

    @property
    def calibration(self) -> Calibration | None:
        """The threshold that this library's own questions gave, if they did."""
        with self.store.reading() as view:
            return view.calibration()

    @property
    def threshold(self) -> Threshold:
        """The threshold that a search has in force here, unless it asks for another."""
        calibration, recipe = self.calibration, self.models.reranker.recipe
        in_use = self._in_use if calibration else ""
        return choose_threshold(recipe, calibration=calibration, in_use=in_use)

    @property
    def _in_use(self) -> str:
        return fits(self.models.reranker, self.store.fingerprint)

    def set_threshold(self, threshold: float, *, questions: int, rule: str) -> Calibration:
        """Store a threshold for the models in use, in place of the reranker's own.

        ``questions`` is how many it was chosen on, ``rule`` how (bifolio.evaluation).

        Raises:
            BadOption: the threshold is no number from 0 to 1.
            LibraryBusy: another process is writing to the library.
        """
        if not 0 <= threshold <= 1:
            raise bad_score("threshold", threshold)
        calibration = Calibration(
            threshold=threshold,
            fits=self._in_use,
            reranker=self.models.reranker.name,
            questions=questions,
            rule=rule,
        )
        with self.store.writing() as writer:
            writer.calibrate(calibration)
        return calibration

    def forget_threshold(self) -> None:
        """Go back to the reranker's own threshold."""
        with self.store.writing() as writer:
            writer.calibrate(None)
