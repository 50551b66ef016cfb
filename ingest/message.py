"""What is told to a reader: a code and its facts, which any front end can put into its language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence for a reader: ``str`` says it in English.

    ``code`` names the kind of sentence and never changes; ``english`` is a format string over the
    ``facts``, of which some may be messages themselves. A front end in another language looks its
    own format string up by the code.
    """

    code: str
    english: str
    facts: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        """Say it in English."""
        return self.said(self.english)

    def said(self, template: str) -> str:
        """Say it by another template over the same facts, as a translation is one."""
        return template.format(**self.facts)


def message(code: str, english: str, /, **facts: object) -> Message:
    """Make a message from the facts that its sentence names."""
    return Message(code, english, facts)


def verbatim(code: str, sentence: str) -> Message:
    """Make a message of a sentence that is already whole, whatever braces it holds."""
    return Message(code, "{sentence}", {"sentence": sentence})


def from_json(kept: Any) -> Message:
    """Give back the message of which ``dataclasses.asdict`` was kept as JSON.

    A bare sentence, as older libraries keep them, is one too.

    Raises:
        KeyError, TypeError: it is neither.
    """
    if isinstance(kept, str):
        return verbatim("note", kept)
    facts = {
        name: from_json(fact) if isinstance(fact, dict) else fact
        for name, fact in kept["facts"].items()
    }
    return Message(kept["code"], kept["english"], facts)
