"""The libraries that are served, by name, and the models that they share."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from bifolio.choosing import meant
from bifolio.ingest import message
from bifolio.jobs import Uploads
from bifolio.library import Library
from bifolio.models import Models
from bifolio.naming import Names
from bifolio.retrieval import Entry
from bifolio.serve.batching import Batching
from bifolio.serve.problems import Refused
from bifolio.settings import Settings
from bifolio.sharing import SharedModels


@dataclass(frozen=True, slots=True)
class Served:
    """One library under its name, with the queue of what is added to it."""

    name: str
    library: Library
    uploads: Uploads
    names: Names = field(init=False)
    _sizes: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Call its documents by their paths within it."""
        object.__setattr__(self, "names", Names(self.library, self.name))

    def take(self, name: str, data: bytes, *, replaces: bool) -> int:
        """Put a file into the queue; give the id of its job."""
        job = self.uploads.upload(name, data, replaces=replaces)
        self._sizes[job] = len(data)
        return job

    @property
    def held(self) -> int:
        """How many bytes wait to be read."""
        waiting = {task.id for task in self.uploads.tasks() if task.is_open}
        for job in set(self._sizes) - waiting:
            self._sizes.pop(job, None)
        return sum(self._sizes.values())

    def entry(self, said: str) -> Entry:
        """Find a document by its id, its path or its file's name, among those that there are.

        Raises:
            Refused: there is none, or more than one of that name.
        """
        entries = {one.path: one for one in self.library.documents()}
        fits = [path for path in entries if said in (document_id(path), path)]
        fits = fits or [path for path in entries if self.names.name(path) == said]
        fits = fits or meant(said, list(entries))
        if len(fits) == 1:
            return entries[fits[0]]
        if fits:
            sentence = "{library} has {count} documents {name}; give the id of one"
            told = message("two-of-a-name", sentence, library=self.name, count=len(fits), name=said)
            raise Refused(409, told)
        sentence = "{library} has no document {name}; GET /libraries/{library}/documents lists them"
        raise Refused(404, message("unknown-document", sentence, library=self.name, name=said))


def document_id(path: str) -> str:
    """Give what a document is called in addresses: of its path, no part of it."""
    return hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All libraries; ``started`` is when, in seconds of the epoch."""

    libraries: Mapping[str, Served]
    batching: Batching
    started: int = field(default_factory=lambda: int(time.time()))

    @property
    def models(self) -> Models:
        """The models of the first library, which answer for themselves too."""
        return next(iter(self.libraries.values())).library.models

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

    def __iter__(self) -> Iterator[Served]:
        """Give all libraries."""
        return iter(self.libraries.values())

    def library(self, name: str | None) -> Served:
        """Find a library; where there is one alone it need not be named.

        Raises:
            Refused: there is none of that name; the message names those that there are.
        """
        if name is None and len(self.libraries) == 1:
            return next(iter(self.libraries.values()))
        if name in self.libraries:
            return self.libraries[str(name)]
        raise unknown_model(name, self.libraries)


def unknown_model(name: str | None, known: Iterable[str]) -> Refused:
    """Refuse a model, and name those that there are."""
    names = ", ".join(known)
    if name is None:
        told = message("no-model", "name a model: {known}", known=names)
        return Refused(400, told, param="model")
    sentence = "there is no model {name}; there are {known}"
    told = message("model_not_found", sentence, name=name[:100], known=names)
    return Refused(404, told, param="model")


def open_shelf(chosen: Sequence[Settings], *, create: bool = False) -> Shelf:
    """Open the libraries that some settings name; models that several use are opened once.

    Raises:
        BifolioError: a library or a model cannot be used; the message says what to do.
    """
    batching = Batching()
    models = SharedModels(run=batching.run)
    served: dict[str, Served] = {}
    for name, settings in _named(chosen).items():
        library = Library.open(
            settings.library, models=models.of(settings), settings=settings, create=create
        )
        served[name] = Served(name, library, Uploads(library))
    return Shelf(served, batching)


def _named(chosen: Sequence[Settings]) -> dict[str, Settings]:
    """Name each library by the last part of its folder, and number those of one name."""
    named: dict[str, Settings] = {}
    for folder, settings in {one.library.absolute(): one for one in chosen}.items():
        name, number = folder.name or "library", 2
        while name in named:
            name, number = f"{folder.name}-{number}", number + 1
        named[name] = settings
    return named
