"""How a search is done: one value for Python, the command line, the chat and the evaluation."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal, TypedDict, get_args

from bifolio.ingest import BifolioError, message

Leg = Literal["dense", "lexical"]
LEGS: tuple[Leg, ...] = get_args(Leg)
RECALL_LIMITS = (1, 1000)
KEEP_LIMITS = (1, 100)


class BadOption(BifolioError):  # noqa: N818 - the name says what is wrong
    """An option has a value that it cannot have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOptions:
    """How wide a search looks, and what it keeps.

    ``recall`` chunks are reranked at most, ``keep`` of them are kept. ``threshold`` is the least
    score, from 0 to 1; None is the library's or the reranker's own. ``legs`` says what recalls:
    vectors ("dense"), words ("lexical") or both. Without ``rerank`` their ranks decide.

    Raises:
        BadOption: a value is out of its limits.
    """

    recall: int = 50
    keep: int = 8
    threshold: float | None = None
    legs: Collection[Leg] = LEGS
    rerank: bool = True

    def __post_init__(self) -> None:
        """Refuse what no search can do."""
        _check_whole("recall", self.recall, RECALL_LIMITS)
        _check_whole("keep", self.keep, KEEP_LIMITS)
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise bad_score("threshold", self.threshold)
        if not self.legs or not set(self.legs) <= set(LEGS):
            raise BadOption(
                message(
                    "bad-legs",
                    "legs are {legs}; choose one or both of {known}",
                    legs=", ".join(map(str, self.legs)) or "none",
                    known=", ".join(LEGS),
                )
            )


class SearchChanges(TypedDict, total=False):
    """The fields of :class:`SearchOptions`, as keyword arguments of what searches."""

    recall: int
    keep: int
    threshold: float | None
    legs: Collection[Leg]
    rerank: bool


def bad_score(name: str, value: object) -> BadOption:
    """Make the error of a score that is none."""
    return BadOption(
        message(
            "bad-score", "{name} {value} is no score; give one from 0 to 1", name=name, value=value
        )
    )


def _check_whole(name: str, value: object, limits: tuple[int, int]) -> None:
    least, most = limits
    # bool is an int to Python, and "recall=True" is a mistake.
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise BadOption(
            message(
                "bad-number",
                "{name} {value} is no whole number from {least} to {most}",
                name=name,
                value=value,
                least=least,
                most=most,
            )
        )


DEFAULT_OPTIONS = SearchOptions()
