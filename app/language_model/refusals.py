"""What the openai package raises becomes a sentence about the server, and whether to try again."""

from bifolio.ingest import Message, message
from bifolio.language_model.server_reply import trouble
from bifolio.language_model.troubles import IncompleteReply, LanguageModelError, ReplyTrouble
from bifolio.retrieval.models.remote import words

# Seconds: the longest pause that a server may ask for.
MOST_PAUSE = 20.0
_FIRST_PAUSE = 0.5


class Refused(ReplyTrouble):
    """The request failed before or within the reply; ``wait`` seconds are what the server asks."""

    def __init__(
        self,
        why: Message | str,
        kind: type[LanguageModelError] = LanguageModelError,
        *,
        passing: bool = False,
        wait: float | None = None,
    ) -> None:
        super().__init__(why, kind)
        self._passing = passing
        self._wait = wait

    def pause(self, attempt: int) -> float | None:
        """Give the seconds to wait before the next try; None if there should be none."""
        if not self._passing or (self._wait or 0.0) > MOST_PAUSE:
            return None
        return _FIRST_PAUSE * 2.0**attempt if self._wait is None else self._wait


def address(base_url: str | None) -> Message | str:
    """Name the server, without what may stand before the host: a name and a password."""
    if not base_url:
        return message("default-server", "the default server")
    return words.address(base_url)


def reported(problem: Exception) -> ReplyTrouble:
    """Say what went wrong while the reply came in."""
    if "timeout" in type(problem).__name__.lower():
        why = message("reply-silent", "fell silent within its reply")
        return ReplyTrouble(why, IncompleteReply)
    why = message("connection-broken", "broke off the connection; see the server's log")
    return Refused(why, IncompleteReply, passing=True)


def refused(problem: Exception) -> ReplyTrouble:
    """Say why a request brought no reply."""
    import openai

    match problem:
        case openai.APITimeoutError():
            sentence = "did not answer in time; try again, or check the server"
            return ReplyTrouble(message("no-answer", sentence))
        case openai.APIConnectionError() if "Protocol" in type(problem.__cause__).__name__:
            sentence = "gave no reply that can be read; check OPENAI_BASE_URL and the server's log"
            return Refused(message("no-http", sentence), passing=True)
        case openai.APIConnectionError():
            sentence = "cannot be reached; check OPENAI_BASE_URL and that the server runs"
            return Refused(message("not-reached", sentence), passing=True)
        case openai.APIStatusError():
            return _status(problem.status_code, problem.body, dict(problem.response.headers))
        case openai.OpenAIError():
            sentence = "cannot be used; set OPENAI_API_KEY, or OPENAI_BASE_URL for a local server"
            return ReplyTrouble(message("no-key", sentence))
    sentence = "cannot be used ({problem}); check OPENAI_BASE_URL and the key"
    return ReplyTrouble(message("server-unusable", sentence, problem=type(problem).__name__))


def _status(status: int, body: object, headers: dict[str, str]) -> ReplyTrouble:
    said = trouble(body)
    if said.kind is not LanguageModelError:
        return said
    wait = words.asked_pause(headers.get("retry-after"))
    if 300 <= status < 400:
        sentence = "sends requests on to {there}; set OPENAI_BASE_URL to where it should be asked"
        there = words.printable(str(address(headers.get("location") or "another address")))
        return Refused(message("sent-on", sentence, there=there))
    if status in (401, 403):
        return Refused(message("key-refused", "refused the key; check OPENAI_API_KEY"))
    if status == 404:
        # Who knows its name gives it.
        sentence = "does not know the model {model!r}, or not this address; check BIFOLIO_LLM and"
        sentence += " OPENAI_BASE_URL"
        return Refused(message("model-not-served", sentence, model=""))
    if status == 413:
        sentence = "refused the request as too long; set fewer context tokens"
        return Refused(message("request-too-long", sentence))
    if status == 429:
        sentence = "is busy or the account's limit is reached; try again later"
        why = message("server-busy", sentence)
        if wait:
            sentence = "{why} (it asks for {seconds:.0f} seconds)"
            why = message("server-busy-for", sentence, why=why, seconds=wait)
        return Refused(why, passing="insufficient_quota" not in str(body), wait=wait)
    if status < 500 and status not in words.PASSING:
        sentence = "refused the request (HTTP {status}): {said}"
        why = message("request-refused", sentence, status=status, **said.why.facts)
        return Refused(why)
    why = message("server-failed", "failed (HTTP {status}); see the server's log", status=status)
    return Refused(why, passing=status in words.PASSING, wait=wait)
