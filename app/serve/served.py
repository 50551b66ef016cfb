"""A library that is served, and the queue of what is added to it."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bifolio.ingest import message
from bifolio.jobs import Uploads
from bifolio.library import Library
from bifolio.naming import Names
from bifolio.serve.problems import Refused


@dataclass(frozen=True, slots=True)
class Served:
    """One library under its name, what its documents are called, and the files on their way in."""

    name: str
    library: Library
    names: Names
    uploads: Uploads
    _sizes: dict[int, int] = field(default_factory=dict)

    def take(self, name: str, data: bytes, *, replaces: bool) -> int:
        """Put a file into the queue; give the id of its job."""
        # Who did not ask for it may not know that there is one of that name.
        job = self.uploads.upload(name, data, replaces=replaces or None)
        self._sizes[job] = len(data)
        return job

    @property
    def held(self) -> int:
        """How many bytes wait to be read."""
        waiting = {task.id for task in self.uploads.tasks() if task.is_open}
        for job in set(self._sizes) - waiting:
            self._sizes.pop(job, None)
        return sum(self._sizes.values())


def unknown_model(name: str | None, known: Iterable[str]) -> Refused:
    """Refuse a model, and name those that there are."""
    names = ", ".join(dict.fromkeys(known))
    if not name:
        told = message("no-model", "name a model: {known}", known=names)
        return Refused(400, told, param="model")
    sentence = "there is no model {name}; there are {known}"
    told = message("model_not_found", sentence, name=name[:100], known=names)
    return Refused(404, told, param="model")
