"""Several libraries, asked as if they were one."""

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import astuple, replace
from pathlib import Path
from typing import Self, Unpack

from bifolio.answers.answer import Outdated
from bifolio.askable import Askable
from bifolio.ingest import BifolioError, Document, message
from bifolio.library import Library
from bifolio.models import Models
from bifolio.retrieval import (
    DEFAULT_OPTIONS,
    Fingerprint,
    Passage,
    Retrieval,
    SearchChanges,
    SearchOptions,
    search,
    stored_fingerprint,
)
from bifolio.settings import Settings


class DifferentModels(BifolioError):  # noqa: N818 - the name says what is wrong
    """Libraries that other models made cannot be searched together."""

    def __init__(self, one: Path, its: str, other: Path, others: str) -> None:
        sentence = (
            "{one} and {other} have different models ({its} and {others}), whose scores cannot be"
            " compared; ask each by itself, or make one anew by `bifolio rebuild`"
        )
        told = message("different-models", sentence, one=one, its=its, other=other, others=others)
        super().__init__(told)


class Libraries(Askable):
    """Libraries that are searched together: one question, one threshold, one answer.

    Made of libraries that are open, or by :meth:`open`. Each passage, a citation's too, tells its
    ``library``: the folder. Answers are written by the language model that the first one has when
    this is made, which costs nothing: one may be made for each question.

    Raises:
        DifferentModels: they were made by different embedders, or have different rerankers.
        BifolioError: there is none.
    """

    def __init__(self, libraries: Iterable[Library]) -> None:
        # A folder that is named twice is searched once.
        self._libraries = tuple({library.folder: library for library in libraries}.values())
        if not self._libraries:
            raise BifolioError(message("no-libraries", "name a library to ask"))
        first = self._libraries[0]
        for other in self._libraries[1:]:
            _compare(first, other.folder, other.store.fingerprint, other.models.reranker.name)
        self.models, self.context_tokens = first.models, first.context_tokens
        self.support = first.support

    @classmethod
    def open(
        cls,
        folders: Sequence[str | os.PathLike[str]],
        *,
        models: str | Models | None = None,
        settings: Settings | None = None,
    ) -> "Libraries":
        """Open the libraries in some folders, with the first one's models for all.

        ``models`` and ``settings`` are those of :meth:`Library.open`.

        Raises:
            BifolioError: a folder has no library, or one by other models; the message tells.
        """
        opened: list[Library] = []
        for folder in folders:
            if not opened:
                own = replace(settings, library=Path(folder)) if settings else None
                opened.append(Library.open(folder, models=models, settings=own, create=False))
                continue
            first = opened[0]
            reranker = first.models.reranker.name
            _compare(first, Path(folder), stored_fingerprint(Path(folder)), reranker)
            opened.append(Library(folder, models=first.models, create=False))
        return cls(opened)

    def close(self) -> None:
        """Let go of all indexes in memory."""
        for library in self._libraries:
            library.close()

    def __enter__(self) -> Self:
        """Give the libraries themselves."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close them."""
        self.close()

    def __iter__(self) -> Iterator[Library]:
        """Yield each library, the first one first."""
        return iter(self._libraries)

    def outdated(self, passages: Iterable[Passage]) -> Iterator[Outdated]:
        """Yield the documents of the passages whose file has changed since, or is gone."""
        shown = list(passages)
        for library in self._libraries:
            own = [one for one in shown if one.library == str(library.folder)]
            yield from library.outdated(own)

    def sources(self, path: str, library: str = "") -> list[Document]:
        """Give the documents of that path: of the library that is named, else of all that have."""
        meant = [one for one in self._libraries if library in (str(one.folder), one.folder.name)]
        return [found for one in meant or self._libraries for found in one.sources(path)]

    def retrieve(
        self,
        question: str,
        *,
        options: SearchOptions = DEFAULT_OPTIONS,
        **changes: Unpack[SearchChanges],
    ) -> Retrieval:
        """Search all, and tell every decision; the options are those of :meth:`Library.retrieve`.

        The threshold is the strictest that is in force in one of them, unless one is asked for.
        """
        return search(
            question,
            stores=[library.store for library in self._libraries],
            embedder=self.models.embedder,
            reranker=self.models.reranker,
            options=replace(options, **changes),
        )


def _compare(first: Library, folder: Path, made: Fingerprint, reranker: str) -> None:
    """Refuse a library whose vectors or scores are others than those of the first."""
    own = (*astuple(first.store.fingerprint), first.models.reranker.name)
    for its, others in zip(own, (*astuple(made), reranker), strict=True):
        if its != others:
            raise DifferentModels(first.folder, str(its), folder.absolute(), str(others))


def named(folders: Sequence[str]) -> dict[str, str]:
    """Give a name to each folder of a library: its own, or the whole path if two have that."""
    names = [Path(folder).name for folder in folders]
    return {
        folder: name if names.count(name) == 1 else folder
        for folder, name in zip(folders, names, strict=True)
    }
