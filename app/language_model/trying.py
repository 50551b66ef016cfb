"""Trying whether a language model answers at all."""

import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from bifolio.ingest import BifolioError, message
from bifolio.language_model.model import LanguageModel

# Characters that tell that a model answers.
_ENOUGH = 80


class BadAddress(BifolioError):  # noqa: N818 - the name says what is wrong
    """What is given as the address of a server is none."""


@dataclass(frozen=True, slots=True)
class Tried:
    """What a language model said when it was asked for a word, and after how many seconds."""

    said: str
    seconds: float


def check_address(base_url: str | None) -> None:
    """Do nothing, unless what is given as the address of a server is none.

    Raises:
        BadAddress: it is no address of a web server.
    """
    if base_url and (urlsplit(base_url).scheme not in ("http", "https") or "//" not in base_url):
        sentence = "{address} is no address of a server; give one such as http://127.0.0.1:11434/v1"
        raise BadAddress(message("bad-address", sentence, address=base_url))


def try_model(model: LanguageModel) -> Tried:
    """Ask a language model for one word.

    Raises:
        LanguageModelError: it does not answer; the message says why.
    """
    began = time.monotonic()
    said = ""
    for part in model.stream([{"role": "user", "content": "Reply with one word: ready"}]):
        said += part
        # It answers; some go on and on.
        if len(said) >= _ENOUGH:
            break
    return Tried(" ".join(said.split())[:_ENOUGH], time.monotonic() - began)
