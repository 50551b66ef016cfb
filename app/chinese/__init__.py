"""What is told, in Chinese: each message by its code, for whatever front end says it."""

from collections.abc import Mapping

from bifolio.chinese.messages import MESSAGES
from bifolio.chinese.serving import CLIENTS, FIELDS
from bifolio.ingest import Message

__all__ = ["CLIENTS", "FIELDS", "MESSAGES", "translated"]


def translated(told: Message, templates: Mapping[str, str] = MESSAGES) -> str:
    """Say a message by the template of its code; one that has none is said in English."""
    facts = {
        name: translated(fact, templates) if isinstance(fact, Message) else fact
        for name, fact in told.facts.items()
    }
    try:
        return templates.get(told.code, told.english).format(**facts)
    except (KeyError, ValueError):
        # An error of that kind that was made of a sentence alone, or kept by another version.
        return str(told)
