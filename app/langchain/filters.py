"""Filters on metadata, as LangChain's FAISS takes them."""

from collections.abc import Callable, Mapping
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from bifolio.ingest import message
from bifolio.retrieval import BadOption

Metadata = Mapping[str, Any]
Wanted = Callable[[Metadata], bool]
Filter = Callable[[dict[str, Any]], bool] | Mapping[str, Any] | None

_COMPARISONS: Mapping[str, Callable[[Any, Any], bool]] = {
    "$eq": eq,
    "$neq": ne,
    "$gt": gt,
    "$lt": lt,
    "$gte": ge,
    "$lte": le,
    "$in": lambda value, listed: value in listed,
    "$nin": lambda value, listed: value not in listed,
}
_JOINS = ("$and", "$or", "$not")


def wanted(given: Filter) -> Wanted:
    """Give what tells whether metadata pass: a function, or fields with values or operators.

    A value that cannot be compared, such as one that is missing, does not pass.

    Raises:
        BadOption: the filter is neither, or has an operator that is not known.
    """
    if given is None:
        return lambda metadata: True
    if callable(given):
        chosen = given
        return lambda metadata: bool(chosen(dict(metadata)))
    if not isinstance(given, Mapping):
        kind = type(given).__name__
        raise BadOption(
            message("bad-filter", "a filter is a dict or a function, not a {kind}", kind=kind)
        )
    parts = [_part(field, condition) for field, condition in given.items()]
    return lambda metadata: all(part(metadata) for part in parts)


def _part(field: str, condition: Any) -> Wanted:
    if field in ("$and", "$or"):
        parts = [wanted(one) for one in condition]
        join = all if field == "$and" else any
        return lambda metadata: join(part(metadata) for part in parts)
    if field == "$not":
        inner = wanted(condition)
        return lambda metadata: not inner(metadata)
    if field.startswith("$"):
        raise _unknown(field)
    if isinstance(condition, list):
        return lambda metadata: metadata.get(field) in condition
    if not isinstance(condition, Mapping):
        return lambda metadata: bool(metadata.get(field) == condition)
    for name in condition:
        if name not in _COMPARISONS:
            raise _unknown(name)
    return lambda metadata: all(
        _holds(name, metadata.get(field), value) for name, value in condition.items()
    )


def _holds(name: str, value: Any, other: Any) -> bool:
    try:
        return bool(_COMPARISONS[name](value, other))
    except TypeError:
        return False


def _unknown(name: str) -> BadOption:
    known = ", ".join((*_COMPARISONS, *_JOINS))
    sentence = "a filter has no operator {name}; it has {known}"
    return BadOption(message("unknown-operator", sentence, name=name, known=known))
