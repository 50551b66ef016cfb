"""Language models behind one seam, and what can go wrong with the server of one."""

from bifolio.language_model.client import FIRST_SECONDS, IDLE_SECONDS, OpenAIModel
from bifolio.language_model.local import LocalModel, is_local, local_model
from bifolio.language_model.model import ChatMessage, LanguageModel
from bifolio.language_model.troubles import (
    ContextExceeded,
    EmptyReply,
    IncompleteReply,
    LanguageModelError,
)
from bifolio.language_model.trying import BadAddress, Tried, check_address, try_model

__all__ = [
    "FIRST_SECONDS",
    "IDLE_SECONDS",
    "BadAddress",
    "ChatMessage",
    "ContextExceeded",
    "EmptyReply",
    "IncompleteReply",
    "LanguageModel",
    "LanguageModelError",
    "LocalModel",
    "OpenAIModel",
    "Tried",
    "check_address",
    "is_local",
    "local_model",
    "try_model",
]
