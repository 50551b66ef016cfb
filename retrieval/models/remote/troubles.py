"""What can go wrong with a server, each in one sentence about it that says what to do."""

from dataclasses import dataclass

from bifolio.ingest import Message, message
from bifolio.retrieval.models.folder import ModelUnavailable
from bifolio.retrieval.models.remote.words import PASSING, address, asked_pause, printable, said

# Seconds: the longest pause that a server may ask for.
MOST_PAUSE = 30.0
_REFUSES_KEY = {401, 403}
# How servers say that a text, or a request, is longer than they take.
_TOO_MUCH = (
    "too long",
    "too large",
    "too many",
    "maximum context",
    "context length",
    "context size",
    "max length",
    "maximum length",
    "must have less than",
    "batch size",
    "max_tokens",
    "exceed",
    "less than 512 tokens",
    "input length",
    "physical batch",
)


class ServerTrouble(ModelUnavailable):
    """The server of a model gave no answer, or one that cannot be right."""


class Trouble(Exception):  # noqa: N818 - before it is known which model it befell
    """Trouble with one request: ``why`` goes on after "the model MODEL at ADDRESS ".

    ``passing`` tells that it may be over soon, after the ``wait`` seconds that the server asks
    for; ``too_much`` that less at once may be taken, ``too_many`` that so many texts never are.
    """

    def __init__(
        self,
        why: Message,
        *,
        passing: bool = False,
        wait: float | None = None,
        too_much: bool = False,
        too_many: bool = False,
    ) -> None:
        super().__init__(str(why))
        self.why = why
        self.passing = passing and (wait or 0.0) <= MOST_PAUSE
        self.wait = wait
        self.too_much = too_much
        self.too_many = too_many


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's whole reply: its status, what it asks for, and what it says."""

    status: int
    content: object
    text: str
    retry_after: str | None = None
    location: str | None = None


def refused(reply: Reply, *, key: str | None, variable: str) -> Trouble | None:
    """Say why a reply is none; None where it is one. ``variable`` is where the key is given."""
    status, wait = reply.status, asked_pause(reply.retry_after)
    if 200 <= status < 300:
        return None
    words = said(reply.content) or said(reply.text)
    told = words or f"HTTP {status}"
    if 300 <= status < 400:
        return _elsewhere(reply)
    if status in _REFUSES_KEY:
        return Trouble(_key(key, variable))
    if status == 404:
        return Trouble(
            message(
                "served-not-found",
                "does not know the model or has no such route ({said}); check the model's name,"
                " and whether the address lacks an end such as /v1",
                said=told,
            )
        )
    if status == 413 or (status in (400, 422) and _says_too_much(words)):
        sentence = "takes no request or text so long ({said}); set fewer by #batch= or #tokens="
        why = message("served-too-much", sentence, said=told)
        return Trouble(why, too_much=True, too_many="batch size" in words.lower())
    if status == 429:
        sentence = "is busy or the account's limit is reached ({said}); try again later"
        spent = "insufficient_quota" in reply.text
        why = message("served-busy", sentence, said=told)
        return Trouble(why, passing=not spent, wait=wait)
    if status < 500 and status not in PASSING:
        sentence = "refused the request: {said}"
        return Trouble(message("served-refused", sentence, said=told))
    # TEI and llama.cpp answer 500 to a text that is too long.
    sentence = "failed (HTTP {status}: {said}); see the server's log"
    why = message("served-failed", sentence, status=status, said=told)
    too_much = _says_too_much(words)
    return Trouble(why, passing=status in PASSING and not too_much, wait=wait, too_much=too_much)


def not_understood(what: Message | str) -> Trouble:
    """Say that a reply lacks something; ``what`` says what it should have had."""
    sentence = "gave a reply that is not understood: {what}; check its kind and the address"
    return Trouble(message("served-not-understood", sentence, what=what))


def _says_too_much(words: str) -> bool:
    return any(phrase in words.lower() for phrase in _TOO_MUCH)


def _elsewhere(reply: Reply) -> Trouble:
    sentence = (
        "sends on to {place}, where neither documents nor the key are sent unasked; give the right"
        " address yourself"
    )
    place = address(printable(reply.location or "another address"))
    return Trouble(message("served-elsewhere", sentence, place=place))


def _key(key: str | None, variable: str) -> Message:
    if key:
        sentence = "refused the key; check {variable}"
        return message("served-key-refused", sentence, variable=variable)
    sentence = "wants a key; set {variable}"
    return message("served-key-wanted", sentence, variable=variable)
