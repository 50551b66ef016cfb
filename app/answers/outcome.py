"""What became of a question, as a code: answered, not sure, or nothing found.

The rules know no scale of scores: each reranker has its own, and below the threshold a score says
least. They ask whether a passage is nearer to the question than chance brings one, and whether
vectors and words agree on it.
"""

from typing import Literal

from bifolio.retrieval import MOST_NEAR, Hit, Passage, Retrieval
from bifolio.retrieval.telling import share_told, telling

Outcome = Literal["answered", "unsure", "nothing"]

# So much of what a question asks about must stand in a passage.
_SHARED = 0.5
# One of so many must be vouched for: with more of them chance has its way.
_FIRST = 3


def may_answer(question: str, retrieval: Retrieval) -> tuple[Passage, ...]:
    """Give the passages that may answer a question that nothing answers for certain, best first.

    What reached the threshold, if it is among the best few. Below it hits must be vouched for, one
    of the first three among them: a hit's vector is nearer to the question than any in the library
    is to questions about anything; or it came by words and by vectors, and has half of the words
    that tell what is asked.
    """
    if not retrieval.near:
        return retrieval.passages[:MOST_NEAR]
    asked = telling(question)
    hits = retrieval.trace.hits[:MOST_NEAR]
    vouched = [hit for hit in hits if hit.kept or _vouched(hit, asked, retrieval.chance)]
    if not any(hit in vouched for hit in hits[:_FIRST]):
        return ()
    return tuple(one for one in retrieval.near if any(_holds(one, hit) for hit in vouched))


def _vouched(hit: Hit, asked: list[str], chance: float) -> bool:
    if hit.scores.dense is None:
        return False
    by_words = hit.scores.lexical is not None
    agreed = by_words and share_told(asked, hit.span.searched) >= _SHARED
    return agreed or hit.scores.dense > chance


def _holds(passage: Passage, hit: Hit) -> bool:
    span = hit.span
    same = (passage.library, passage.document.path) == (span.library, span.path)
    return same and passage.start <= span.start < passage.end
