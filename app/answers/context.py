"""What a language model is given within its budget: passages, and the conversation before."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bifolio.answers.answer import Turn
from bifolio.answers.growing import grow
from bifolio.ingest import Message, message
from bifolio.retrieval import Passage, fill

# The passages are what an answer rests on: the conversation may take this share at most.
_HISTORY_SHARE = 1 / 3


@dataclass(frozen=True, slots=True)
class Context:
    """The passages and turns that fit, and a message that counts what did not.

    ``short`` tells a reader that much of what was found did not fit; None where little did not.
    """

    passages: tuple[Passage, ...]
    history: tuple[Turn, ...]
    detail: Message
    short: Message | None = None


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
    left out. What is left lets them grow within their sections, best first too.
    """
    turns: list[Turn] = []
    spent = 0
    for turn in reversed(history):
        length = count(turn.question) + count(turn.answer)
        if spent + length > budget * _HISTORY_SHARE:
            break
        turns.insert(0, turn)
        spent += length
    spent += count(question)
    chosen = fill(passages, count, max(1, budget - spent))
    left = budget - spent - sum(count(passage.text) for passage in chosen)
    given = grow(chosen, count=count, budget=left)
    detail = message(
        "context",
        "{passages} of {found} passages, {grown} of them grown within their sections, and {turns}"
        " of {past} earlier turns, {tokens} of {budget} tokens",
        passages=len(given),
        found=len(passages),
        grown=sum(one != other for one, other in zip(chosen, given, strict=True)),
        turns=len(turns),
        past=len(history),
        tokens=spent + sum(count(passage.text) for passage in given),
        budget=budget,
    )
    return Context(given, tuple(turns), detail, _short(passages, chosen, budget))


def _short(found: Sequence[Passage], chosen: Sequence[Passage], budget: int) -> Message | None:
    """Tell that the best passage was cut, or that fewer than half of them fit."""
    cut = bool(chosen) and len(chosen[0].text) < len(found[0].text)
    if not cut and 2 * len(chosen) >= len(found):
        return None
    facts = {"passages": len(chosen), "found": len(found), "budget": budget}
    if cut:
        sentence = (
            "the language model read {passages} of {found} passages, the best one cut: no more fits"
            " in {budget} tokens; set more context tokens, or take a model that reads more at once"
        )
        return message("context-cut", sentence, **facts)
    sentence = (
        "the language model read {passages} of {found} passages: no more fits in {budget} tokens;"
        " set more context tokens, or take a model that reads more at once"
    )
    return message("context-short", sentence, **facts)
