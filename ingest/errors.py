"""The root of every error that Bifolio raises on purpose, and the error of this floor."""


class BifolioError(Exception):
    """Something a user can mend; the message says what happened to which file or value."""


class UnreadableDocument(BifolioError):  # noqa: N818 - the name says what is wrong
    """A file cannot become a document: ``path`` names it, ``reason`` says why and what to do."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.path = path
        self.reason = reason
