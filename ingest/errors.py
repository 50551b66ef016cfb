"""The root of every error that Bifolio raises on purpose, and the error of this floor."""

import re

from bifolio.ingest.message import Message, message, verbatim


class BifolioError(Exception):
    """Something a user can mend; the message says what happened to which file or value.

    ``message`` holds it as a code and its facts; ``str`` is its English sentence. An error that is
    made from a sentence alone has its class for a code: "library-busy".
    """

    def __init__(self, told: Message | str) -> None:
        if isinstance(told, str):
            told = verbatim(_code(type(self).__name__), told)
        super().__init__(str(told))
        self.message = told


class Stopped(BifolioError):  # noqa: N818 - no error, but it ends what is being done
    """It was asked for that reading ends; what was stored stays."""

    def __init__(self) -> None:
        super().__init__(message("stopped", "stopped; what was stored stays, run again to go on"))


class UnreadableDocument(BifolioError):  # noqa: N818 - the name says what is wrong
    """A file cannot become a document: ``path`` names it, ``reason`` says why and what to do."""

    def __init__(self, path: str, reason: Message | str) -> None:
        if isinstance(reason, str):
            reason = verbatim("unreadable", reason)
        told = message("unreadable-document", "{path}: {reason}", path=path, reason=reason)
        super().__init__(told)
        self.path = path
        self.reason = reason


def _code(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name).lower()
