"""What every route needs: the libraries, the limits, and what is counted."""

from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Request

from bifolio.ingest import message
from bifolio.serve.figures import Figures
from bifolio.serve.guard import Rules
from bifolio.serve.limits import Gate
from bifolio.serve.problems import Refused
from bifolio.serve.served import Served, Shelf


@dataclass(slots=True)
class Service:
    """One server: ``read_only`` takes no files and removes none."""

    shelf: Shelf
    rules: Rules
    read_only: bool = False
    figures: Figures = field(default_factory=Figures)
    answers: Gate = field(init=False)
    searches: Gate = field(init=False)
    pictures: Gate = field(init=False)

    def __post_init__(self) -> None:
        """Set up the gates."""
        limits = self.rules.limits
        self.answers = Gate(limits.answers, limits.waiting)
        self.searches = Gate(limits.searches, limits.waiting)
        self.pictures = Gate(limits.pictures, limits.waiting)

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
    if library not in service.shelf.libraries:
        sentence = "there is no library {name}; there are {known}"
        known = ", ".join(service.shelf.libraries)
        raise Refused(404, message("unknown-library", sentence, name=library[:100], known=known))
    return service.shelf.libraries[library]


TheLibrary = Annotated[Served, Depends(_library_of)]
