"""What became of a question, as a code: answered, not sure, or nothing found.

The rules know no score: each reranker has a scale of its own, and below the threshold a score says
least. They ask whether those that found a passage agree on it.
"""

from collections.abc import Sequence
from typing import Literal

from bifolio.answers.telling import share_told, telling
from bifolio.retrieval import MOST_NEAR, Hit, Leg, Passage, Retrieval, is_chinese

Outcome = Literal["answered", "unsure", "nothing"]

# So much of what a question asks about must stand in a passage.
_SHARED = 0.5
# Among fewer hits two ranks agree by chance.
_MANY = 10


def may_answer(question: str, retrieval: Retrieval) -> tuple[Passage, ...]:
    """Give the passages that may answer a question that nothing answers for certain, best first.

    Those that reached the threshold, if any. Below it one of the best hits must be vouched for: it
    came by words and by vectors and has half of the words that tell what is asked; or both put it
    first, and it has one of those words; or the vectors put it first of many and it is in the other
    language, so that words cannot tell.
    """
    if retrieval.passages:
        return retrieval.passages[:MOST_NEAR]
    hits = retrieval.trace.hits
    asked = telling(question)
    by_words, by_vectors = _first(hits, "lexical"), _first(hits, "dense")
    vouched: list[Hit] = []
    for hit in hits[:MOST_NEAR]:
        share = share_told(asked, hit.span.searched)
        agreed = _by_both(hit) and (share >= _SHARED or (share and hit is by_words is by_vectors))
        across = hit is by_vectors and len(hits) >= _MANY and _other_language(question, hit)
        if agreed or across:
            vouched.append(hit)
    return tuple(one for one in retrieval.near if any(_holds(one, hit) for hit in vouched))


def _holds(passage: Passage, hit: Hit) -> bool:
    span = hit.span
    same = (passage.library, passage.document.path) == (span.library, span.path)
    return same and passage.start <= span.start < passage.end


def _by_both(hit: Hit) -> bool:
    return hit.scores.dense is not None and hit.scores.lexical is not None


def _other_language(question: str, hit: Hit) -> bool:
    return is_chinese(question) != is_chinese(hit.span.text)


def _first(hits: Sequence[Hit], leg: Leg) -> Hit | None:
    """Give the hit that a leg of the recall put first."""
    found = [hit for hit in hits if _score(hit, leg) is not None]
    return max(found, key=lambda hit: _score(hit, leg) or 0.0, default=None)


def _score(hit: Hit, leg: Leg) -> float | None:
    return hit.scores.dense if leg == "dense" else hit.scores.lexical
