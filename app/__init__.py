"""Bifolio answers questions from your own documents, with citations to the very words.

    from bifolio import Library

    library = Library.open("handbook.bifolio")
    library.add("docs/")
    print(library.ask("What is the notice period?").text)

Errors that a user can mend:

    BifolioError
    ├── BadEvaluationFile (bifolio.evaluation)
    ├── BadOption
    ├── BadSetting
    ├── DifferentModels
    ├── EmptyQuestion
    ├── LanguageModelError
    ├── ModelUnavailable
    ├── StoreError
    │   ├── LibraryBusy
    │   ├── LibraryMismatch
    │   └── LibraryReadOnly
    ├── UnknownDocument
    ├── UnknownModel
    └── UnreadableDocument
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bifolio.answers.answer import Answer, Citation, Claim, Turn
    from bifolio.choosing import UnknownDocument
    from bifolio.ingest import (
        Area,
        BifolioError,
        Chunk,
        Document,
        Message,
        PagePicture,
        UnreadableDocument,
    )
    from bifolio.ingest_report import IngestReport, Progress
    from bifolio.language_model import LanguageModelError
    from bifolio.libraries import DifferentModels, Libraries
    from bifolio.library import Library
    from bifolio.models import Models
    from bifolio.retrieval import (
        BadOption,
        Calibration,
        EmptyQuestion,
        Entry,
        Hit,
        LibraryBusy,
        LibraryMismatch,
        LibraryReadOnly,
        ModelUnavailable,
        Passage,
        Retrieval,
        SearchOptions,
        StoreError,
        Threshold,
        Trace,
        UnknownModel,
    )
    from bifolio.settings import BadSetting, Settings

__version__ = "0.1.0"

__all__ = [
    "Answer",
    "Area",
    "BadOption",
    "BadSetting",
    "BifolioError",
    "Calibration",
    "Chunk",
    "Citation",
    "Claim",
    "DifferentModels",
    "Document",
    "EmptyQuestion",
    "Entry",
    "Hit",
    "IngestReport",
    "LanguageModelError",
    "Libraries",
    "Library",
    "LibraryBusy",
    "LibraryMismatch",
    "LibraryReadOnly",
    "Message",
    "ModelUnavailable",
    "Models",
    "PagePicture",
    "Passage",
    "Progress",
    "Retrieval",
    "SearchOptions",
    "Settings",
    "StoreError",
    "Threshold",
    "Trace",
    "Turn",
    "UnknownDocument",
    "UnknownModel",
    "UnreadableDocument",
    "__version__",
]

_HOMES = (
    "answers.answer",
    "choosing",
    "ingest",
    "ingest_report",
    "language_model",
    "libraries",
    "library",
    "models",
    "retrieval",
    "settings",
)


def __getattr__(name: str) -> Any:
    # Names are looked up when first used, so that `import bifolio` costs next to nothing.
    if name in __all__:
        for home in _HOMES:
            module = import_module(f"bifolio.{home}")
            if name in module.__dict__:
                return module.__dict__[name]
    raise AttributeError(f"module 'bifolio' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
