"""What every route needs: the libraries, the limits, and what is counted."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from bifolio.batching import Batching
from bifolio.ingest import message
from bifolio.jobs import Uploads
from bifolio.library import Library
from bifolio.models import Models
from bifolio.serve.figures import Figures
from bifolio.serve.guard import Rules
from bifolio.serve.limits import Gate
from bifolio.serve.problems import Refused
from bifolio.serve.served import Served
from bifolio.sharing import SharedModels
from bifolio.shelf import SettingsOf, Shelf


@dataclass(slots=True)
class Service:
    """One server: ``read_only`` takes no files and removes none; ``started`` is in epoch seconds.

    Raises:
        BifolioError: a library cannot be opened; the message says what to do.
    """

    shelf: Shelf
    rules: Rules
    batching: Batching
    read_only: bool = False
    started: int = field(default_factory=lambda: int(time.time()))
    figures: Figures = field(default_factory=Figures)
    answers: Gate = field(init=False)
    searches: Gate = field(init=False)
    pictures: Gate = field(init=False)
    _served: dict[str, Served] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Open the libraries, and set up the gates."""
        for name in self.shelf.names:
            library = self.shelf.library(name)
            called, uploads = self.shelf.called(name), Uploads(library)
            self._served[name] = Served(name, library, called, uploads)
        limits = self.rules.limits
        self.answers = Gate(limits.answers, limits.waiting)
        self.searches = Gate(limits.searches, limits.waiting)
        self.pictures = Gate(limits.pictures, limits.waiting)

    @classmethod
    def open(
        cls,
        libraries: Mapping[str, Path | Library],
        rules: Rules,
        *,
        settings: SettingsOf | None = None,
        create: bool = False,
        read_only: bool = False,
    ) -> "Service":
        """Open libraries by their names, their models shared by all requests.

        Raises:
            BifolioError: a library or a model cannot be used; the message says what to do.
        """
        batching = Batching()
        models = SharedModels(run=batching.run)
        shelf = Shelf(libraries, settings=settings, models=models, create=create)
        return cls(shelf, rules, batching, read_only=read_only)

    def __iter__(self) -> Iterator[Served]:
        """Give all libraries."""
        return iter(self._served.values())

    def library(self, name: str | None) -> Served:
        """Give a library as it is now, by its name, which the only one need not have.

        Raises:
            NotOnShelf: there is none of that name; the message names those that there are.
            BifolioError: another has taken its place, and cannot be opened.
        """
        found = self._served[self.shelf.name(name)]
        self.shelf.library(found.name)
        return found

    @property
    def models(self) -> Models:
        """The models of the first library, which answer for themselves too."""
        return next(iter(self)).library.models

    def warm(self) -> None:
        """Load the models now, or the first who ask wait for them.

        Raises:
            ModelUnavailable: a model's files are damaged, or not at hand.
        """
        for models in {
            id(one.library.models.embedder): one.library.models for one in self
        }.values():
            models.judge.scores("warm", ["warm"])
            models.embedder.embed_passages(["warm"])

    def check_writable(self) -> None:
        """Refuse to change a library.

        Raises:
            Refused: the server only reads.
        """
        if self.read_only:
            sentence = "this server only reads; start it without --read-only to change libraries"
            raise Refused(403, message("read-only", sentence))


def service_of(request: Request) -> Service:
    """Give the service that a request is for."""
    service: Service = request.app.state.service
    return service


TheService = Annotated[Service, Depends(service_of)]


def _library_of(library: str, service: TheService) -> Served:
    return service.library(library)


TheLibrary = Annotated[Served, Depends(_library_of)]
