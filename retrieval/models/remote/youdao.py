"""Youdao's own embedding service: a form that carries a signature in place of the key.

Source: ai.youdao.com, "Embedding" (AIGC, API), and the demo that it points to. A request carries at
most 16 texts of at most 400 words or characters each.
"""

import hashlib
import re
import secrets
import time
from collections.abc import Mapping, Sequence
from functools import partial

from bifolio.ingest import message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.remote.exchange import Exchange
from bifolio.retrieval.models.remote.replies import stacked
from bifolio.retrieval.models.remote.troubles import Trouble, not_understood
from bifolio.retrieval.models.remote.words import printable

MOST_WORDS = 400
# Of a longer text only its ends and its length are signed.
_SIGNED_WHOLE, _END = 20, 10
_SIGNATURE = "v3"
_BUSY = {"411", "412"}
_KEY = {"101", "108", "111", "202", "206", "207"}
_SPENT = {"401"}


def embed(exchange: Exchange, path: str, texts: Sequence[str]) -> Floats:
    """Ask for the vectors of texts: float32 of shape (texts, dims).

    Raises:
        Trouble: the service gives none; its code says why.
    """
    name, _, secret = (exchange.key or "").partition(":")
    if not (name and secret):
        sentence = "wants an application's id and its secret; set {variable} to ID:SECRET"
        raise Trouble(message("youdao-key", sentence, variable=exchange.variable))
    read = partial(_vectors, count=len(texts), variable=exchange.variable)
    return exchange.post_form(path, lambda: signed(texts, name, secret), read)


def length(text: str) -> int:
    """Count words, and all other characters one by one, as the service limits them."""
    return len(re.findall(r"[A-Za-z0-9]+|[^\sA-Za-z0-9]", text))


def signed(texts: Sequence[str], name: str, secret: str) -> Mapping[str, object]:
    """Give the fields of a request, with the signature over all the texts joined."""
    salt, now = secrets.token_hex(16), str(int(time.time()))
    whole = name + signed_part("".join(texts)) + salt + now + secret
    return {
        "q": list(texts),
        "appKey": name,
        "salt": salt,
        "curtime": now,
        "signType": _SIGNATURE,
        "sign": hashlib.sha256(whole.encode()).hexdigest(),
    }


def signed_part(text: str) -> str:
    """Give what of a text is signed: all of it, or its ends around its length."""
    if len(text) <= _SIGNED_WHOLE:
        return text
    return f"{text[:_END]}{len(text)}{text[-_END:]}"


def _vectors(content: object, count: int, variable: str) -> Floats:
    answer = content if isinstance(content, dict) else {}
    code = str(answer.get("errorCode", "0"))
    if code in _KEY:
        sentence = "refused the key or its signature (error {code}); check {variable} and the clock"
        raise Trouble(message("youdao-refused", sentence, code=code, variable=variable))
    if code in _SPENT:
        sentence = "says that the account has no money left (error {code})"
        raise Trouble(message("youdao-spent", sentence, code=code))
    if code in _BUSY:
        sentence = "is asked too often (error {code}); try again later"
        raise Trouble(message("youdao-busy", sentence, code=code), passing=True)
    if code != "0":
        told = printable(str(answer.get("msg") or answer.get("errorMessage") or ""))
        sentence = "reports the error {code} {said}; its documentation says what that means"
        raise Trouble(message("youdao-error", sentence, code=printable(code), said=told))
    result = answer.get("result")
    rows = result.get("embeddingList") if isinstance(result, dict) else None
    if not isinstance(rows, list) or len(rows) != count:
        sentence = "it holds no list of {count} vectors"
        raise not_understood(message("served-no-vectors", sentence, count=count))
    return stacked([row.get("embedding") if isinstance(row, dict) else row for row in rows])
