"""What a language model is given within its budget: passages, and the conversation before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bifolio.answers.answer import Turn
from bifolio.ingest import Message, message
from bifolio.retrieval import Passage, fill

# The passages are what an answer rests on: the conversation may take this share at most.
_HISTORY_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Context:
    """The passages and turns that fit, and a message that counts what did not."""

    passages: tuple[Passage, ...]
    history: tuple[Turn, ...]
    detail: Message


def fit(
    passages: Sequence[Passage],
    history: Sequence[Turn],
    question: str,
    *,
    count: Callable[[str], int],
    budget: int,
) -> Context:
    """Choose what a budget of tokens holds, as ``count`` counts them.

    The latest turns come first, then the passages, best first; the best one is cut rather than
    left out.
    """
    turns: list[Turn] = []
    spent = 0
    for turn in reversed(history):
        length = count(turn.question) + count(turn.answer)
        if spent + length > budget * _HISTORY_SHARE:
            break
        turns.insert(0, turn)
        spent += length
    chosen = fill(passages, count, max(1, budget - spent - count(question)))
    detail = message(
        "context",
        "{passages} of {found} passages and {turns} of {past} earlier turns, {tokens} of {budget}"
        " tokens",
        passages=len(chosen),
        found=len(passages),
        turns=len(turns),
        past=len(history),
        tokens=spent + count(question) + sum(count(passage.text) for passage in chosen),
        budget=budget,
    )
    return Context(chosen, tuple(turns), detail)
