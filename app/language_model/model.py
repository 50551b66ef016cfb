"""What a language model is to the rest: messages in, text out, piece by piece."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

# {"role": "system", "user" or "assistant", "content": the text}.
ChatMessage = Mapping[str, str]


class LanguageModel(Protocol):
    """Replies to messages, piece by piece.

    One that has a ``window``, how many tokens it reads and writes at once, is not given more.
    """

    name: str

    def stream(self, messages: Sequence[ChatMessage]) -> Iterator[str]:
        """Yield the reply's text as it comes.

        Raises:
            LanguageModelError: before the first piece or between two.
        """
