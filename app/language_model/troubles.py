"""What can be wrong with a language model's reply: one small tree of errors."""

from bifolio.ingest import BifolioError, Message, verbatim


class LanguageModelError(BifolioError):
    """The language model gave no answer; the message says why and what to check."""


class IncompleteReply(LanguageModelError):  # noqa: N818 - the name says what is wrong
    """The reply broke off: what came before it stands, and more was to come."""


class EmptyReply(LanguageModelError):  # noqa: N818
    """The reply held no visible text."""


class ContextExceeded(LanguageModelError):  # noqa: N818
    """The messages are longer than the model reads; fewer passages may fit."""


class ReplyTrouble(Exception):  # noqa: N818
    """Trouble as the reader of a reply finds it, before it is known whose reply it was.

    ``why`` goes on after "the language model at ADDRESS "; ``kind`` is the error to raise.
    """

    def __init__(
        self, why: Message | str, kind: type[LanguageModelError] = LanguageModelError
    ) -> None:
        if isinstance(why, str):
            why = verbatim("reply-trouble", why)
        super().__init__(str(why))
        self.why = why
        self.kind = kind
