"""What a claim adds to a passage that says the rest of it: words in a row that stand nowhere there.

A claim in words of its own has such words all over; one that repeats a passage and invents a detail
has them in one place.
"""

import re
from collections.abc import Sequence

from bifolio.answers.clauses import REASON
from bifolio.answers.wording import without_frame
from bifolio.retrieval import Language, language
from bifolio.retrieval.telling import stems, telling

# So many telling words in a row (Chinese: pairs of characters) are a detail: the least of which at
# most 1 % of true statements have as many, by bench/support.py.
RUN: dict[Language, int] = {"en": 4, "zh": 5}
# Who names a reason may name it in other words.
_NAMES_ONE = re.compile(
    r"\b(?:because|due|owing|since|as|for|so|thus|hence|therefore|reasons?|caus\w+|why|led|results?)\b"
    r"|[因故由为致]|所以|于是",
    re.IGNORECASE,
)
# Of so many other telling words this share has to be there.
_LEAST_REST = 3
_REST = 0.8


def added(claim: str, known: str) -> str:
    """Give the words of a claim that nothing known has, where all else of it is known."""
    there, reason = stems(known), REASON.search(claim)
    if reason and not _NAMES_ONE.search(known):
        why = telling(reason["en"] or reason["zh"])
        if len(why) > 1 and not there.intersection(why):
            return reason[0]
    words, first, last = _longest(claim, known)
    if last - first < RUN[language(claim)]:
        return ""
    return _written(claim, words[first], words[last - 1])


def detail(claim: str, known: str) -> int:
    """Count the telling words of the longest run that nothing known has; 0 if more is unknown."""
    _, first, last = _longest(claim, known)
    return last - first


def _longest(claim: str, known: str) -> tuple[Sequence[str], int, int]:
    """Give the telling words of a claim, and where the run is; nowhere if much else is unknown."""
    there, words = stems(known), telling(without_frame(claim))
    best = run = (0, 0)
    for place, word in enumerate(words):
        run = (place + 1, place + 1) if word in there else (run[0], place + 1)
        best = max(best, run, key=lambda one: one[1] - one[0])
    rest = [*words[: best[0]], *words[best[1] :]]
    if len(rest) < _LEAST_REST or sum(word in there for word in rest) < _REST * len(rest):
        return words, 0, 0
    return words, *best


def _written(claim: str, first: str, last: str) -> str:
    """Give the claim's words from one to the other, as they are written there."""
    plain = claim.casefold()
    start = max(plain.find(first), 0)
    end = plain.find(last, start)
    if end < 0:
        return claim
    end += len(last)
    while end < len(claim) and claim[end].isascii() and claim[end].isalnum():
        end += 1
    return claim[start:end]
