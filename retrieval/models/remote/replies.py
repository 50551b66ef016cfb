"""What a server's JSON says: vectors or scores, each at the place of the text that it is of."""

import base64
import binascii
from collections.abc import Sequence
from typing import Any

import numpy as np

from bifolio.ingest import message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.remote.troubles import Trouble, not_understood
from bifolio.retrieval.models.remote.words import printable, said

# What rounding may add to a score of 1.
_ROUNDING = 1e-3


def vectors(content: object, count: int) -> Floats:
    """Read ``data`` of an OpenAI-shaped reply: float32 of shape (count, dims), by ``index``.

    Raises:
        Trouble: a vector is missing, doubled, of another length, or no row of numbers.
    """
    rows = _rows(content, "data", count)
    return stacked([row.get("embedding") for row in rows])


def scores(content: object, count: int) -> Floats:
    """Read the scores of a Cohere-shaped reply, or of TEI's bare list: float32 of shape (count,).

    Raises:
        Trouble: a score is missing, doubled or no number.
    """
    if isinstance(content, list):
        content = {"results": content}
    elif isinstance(content, dict) and "results" not in content and "data" in content:
        content = {"results": content["data"]}
    rows = _rows(content, "results", count)
    found = np.zeros(count, np.float32)
    for place, row in enumerate(rows):
        score = row.get("relevance_score", row.get("score"))
        if isinstance(score, bool) or not isinstance(score, int | float) or not np.isfinite(score):
            raise not_understood(message("served-no-score", "a score in it is no number"))
        found[place] = score
    return found


def from_zero_to_one(given: Floats) -> Floats:
    """Give scores that should stand between 0 and 1.

    Raises:
        Trouble: one does not, so they are something else.
    """
    outside = given[(given < -_ROUNDING) | (given > 1 + _ROUNDING)]
    if outside.size:
        raise Trouble(
            message(
                "served-other-scores",
                "gave a score of {score:g}, which is none from 0 to 1; if it gives logits, add"
                " #scores=logits to its name",
                score=float(outside[0]),
            )
        )
    clipped: Floats = np.clip(given, 0, 1)
    return clipped


def stacked(given: Sequence[object]) -> Floats:
    """Make one array of vectors, each a list of numbers or float32 bytes in base64.

    Raises:
        Trouble: one is no vector, or of another length than the first.
    """
    rows = [_vector(one) for one in given]
    lengths = {row.size for row in rows}
    if len(lengths) != 1:
        what = message("served-uneven", "its vectors differ in length")
        raise not_understood(what)
    whole = np.stack(rows)
    if not whole.size or not np.isfinite(whole).all():
        raise _no_vector()
    return whole


def _rows(content: object, name: str, count: int) -> list[dict[str, Any]]:
    """Give the rows of a reply, one for each text, sorted by their index."""
    rows = content.get(name) if isinstance(content, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        reported = said(content) if isinstance(content, dict) else ""
        if reported:
            sentence = "reports an error: {said}"
            raise Trouble(message("served-reports", sentence, said=printable(reported)))
        sentence = "it holds no list {name}"
        raise not_understood(message("served-no-list", sentence, name=name))
    if len(rows) != count:
        sentence = "{given} results for {count} texts"
        raise not_understood(message("served-count", sentence, given=len(rows), count=count))
    # Where no row says its place, the order is that of the texts.
    if not any("index" in row for row in rows):
        return rows
    placed: dict[int, dict[str, Any]] = {}
    for row in rows:
        index = row.get("index")
        if isinstance(index, bool) or not isinstance(index, int) or not 0 <= index < count:
            sentence = "the index {index} is that of no text"
            raise not_understood(message("served-index", sentence, index=printable(str(index))))
        if index in placed:
            sentence = "the index {index} stands there twice"
            raise not_understood(message("served-index-twice", sentence, index=index))
        placed[index] = row
    return [placed[index] for index in range(count)]


def _vector(given: object) -> Floats:
    try:
        if isinstance(given, str):
            raw = base64.b64decode(given, validate=True)
            return np.frombuffer(raw, "<f4").astype(np.float32)
        if isinstance(given, list) and not any(isinstance(number, bool) for number in given):
            vector = np.array(given, np.float32)
            if vector.ndim == 1:
                return vector
    except (binascii.Error, ValueError, TypeError, OverflowError) as problem:
        raise _no_vector() from problem
    raise _no_vector()


def _no_vector() -> Trouble:
    return not_understood(message("served-no-vector", "a vector in it is no row of numbers"))
