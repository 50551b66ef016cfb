"""Any OpenAI-compatible language model, streamed."""

from collections.abc import Iterator, Sequence
from typing import Any, Protocol
from urllib.parse import urlsplit, urlunsplit

from bifolio.ingest import BifolioError
from bifolio.prompts import Message

# Seconds: to connect, and between two pieces of a reply.
_CONNECT = 10.0
_IDLE = 60.0
_RETRIES = 1


class LanguageModelError(BifolioError):
    """The language model gave no answer; the message says why and what to check."""


class LanguageModel(Protocol):
    """Replies to messages, piece by piece."""

    name: str

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the reply's text as it comes.

        Raises:
            LanguageModelError: before the first piece or between two.
        """


class OpenAIModel:
    """A model behind the chat completions interface of OpenAI, wherever it runs."""

    def __init__(self, name: str, *, base_url: str | None, api_key: str | None) -> None:
        self.name = name
        self._base_url = base_url
        self._api_key = api_key

    def stream(self, messages: Sequence[Message]) -> Iterator[str]:
        """Yield the reply's text as it comes."""
        import openai

        try:
            # A local server wants no key, but the client wants one.
            client = openai.OpenAI(
                base_url=self._base_url,
                api_key=self._api_key or ("none" if self._base_url else None),
                timeout=openai.Timeout(_IDLE, connect=_CONNECT),
                max_retries=_RETRIES,
            )
            reply: Any = client.chat.completions.create(
                model=self.name,
                messages=list(messages),  # type: ignore[arg-type]
                stream=True,
            )
            for event in reply:
                if event.choices and (text := event.choices[0].delta.content):
                    yield text
        except openai.OpenAIError as problem:
            raise LanguageModelError(self._sentence(problem)) from problem
        except ValueError as problem:
            raise LanguageModelError(
                f"the language model at {self._where} sent what is no reply; check OPENAI_BASE_URL"
            ) from problem

    @property
    def _where(self) -> str:
        if not self._base_url:
            return "the default server"
        # Without what may stand before the host: a name and a password.
        address = urlsplit(self._base_url)
        return urlunsplit(address._replace(netloc=address.netloc.rpartition("@")[2]))

    def _sentence(self, problem: Exception) -> str:
        import openai

        match problem:
            case openai.APITimeoutError():
                why = "did not answer in time; try again, or check the server"
            case openai.APIConnectionError():
                why = "cannot be reached; check OPENAI_BASE_URL and that the server runs"
            case openai.AuthenticationError() | openai.PermissionDeniedError():
                why = "refused the key; check OPENAI_API_KEY"
            case openai.NotFoundError():
                why = (
                    f"does not know the model {self.name!r}; check BIFOLIO_LLM and OPENAI_BASE_URL"
                )
            case openai.RateLimitError():
                why = "is busy or the account's limit is reached; try again later"
            case openai.BadRequestError():
                why = f"refused the request: {' '.join(problem.message.split())[:200]}"
            case openai.APIStatusError():
                why = f"failed (HTTP {problem.status_code}); see the server's log"
            case openai.APIError():
                why = "sent a broken reply; check the server"
            case _:
                why = "cannot be used; set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server"
        return f"the language model at {self._where} {why}"
