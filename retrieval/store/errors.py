"""What can be wrong with a library's folder."""

from pathlib import Path

from bifolio.ingest import BifolioError, message


class StoreError(BifolioError):
    """A library's folder cannot be used as it is."""


class LibraryBusy(StoreError):  # noqa: N818 - the name says what is wrong
    """Someone else is writing to the library."""


class LibraryMismatch(StoreError):  # noqa: N818 - the name says what is wrong
    """The library was made with other models, or by another version."""


class LibraryReadOnly(StoreError):  # noqa: N818 - the name says what is wrong
    """Nothing can be written to the library's folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            message(
                "library-read-only",
                "{folder} is read-only for you: it can be searched, but nothing can be added or"
                " removed; change its permissions or give another --library",
                folder=folder,
            )
        )
