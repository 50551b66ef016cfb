"""Conversations that are kept: what was asked, what was answered, and what that rests on."""

from bifolio.chats.history import Chats, Conversation, UnknownConversation
from bifolio.chats.rated import Rated, evaluation_lines
from bifolio.chats.reply import (
    Doubt,
    Exchange,
    Looked,
    Reply,
    Searched,
    Source,
    State,
    reply_of,
    source_of,
)
from bifolio.ingest.sentences import flowed

__all__ = [
    "Chats",
    "Conversation",
    "Doubt",
    "Exchange",
    "Looked",
    "Rated",
    "Reply",
    "Searched",
    "Source",
    "State",
    "UnknownConversation",
    "evaluation_lines",
    "flowed",
    "reply_of",
    "source_of",
]
