"""Language models behind one seam, and what can go wrong with the server of one."""

from bifolio.language_model.client import OpenAIModel
from bifolio.language_model.local import LocalModel, is_local, local_model
from bifolio.language_model.model import ChatMessage, LanguageModel
from bifolio.language_model.troubles import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    LanguageModelError,
)

__all__ = [
    "ChatMessage",
    "ContextExceeded",
    "EmptyReply",
    "IncompleteReply",
    "LanguageModel",
    "LanguageModelError",
    "LocalModel",
    "OpenAIModel",
    "is_local",
    "local_model",
]
