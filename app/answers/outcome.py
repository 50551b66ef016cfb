"""What became of a question, as a code: answered, not sure, or nothing found.

The rules know no score: each reranker has a scale of its own, and below the threshold a score says
least. They ask whether those that found a passage agree on it.
"""

from typing import Literal

from bifolio.answers.telling import share_told, telling
from bifolio.retrieval import Hit, Retrieval, is_chinese

Outcome = Literal["answered", "unsure", "nothing"]

# So many of the best hits are looked at, and shown.
MOST_SHOWN = 3
# So much of what a question asks about must stand in a passage.
_SHARED = 0.5
# Among fewer hits two ranks agree by chance.
_FEWEST = 4


def without_claim(question: str, retrieval: Retrieval) -> Outcome:
    """Tell whether what was found may answer a question that nothing answers for certain.

    "unsure" where passages reached the threshold; below it where one of the best hits came by
    words and by vectors and has half of the words that tell what is asked, or where it is in the
    other language, so that words cannot tell, and reranker and vectors both put it first.
    """
    if retrieval.passages:
        return "unsure"
    hits = retrieval.trace.hits
    asked = telling(question)
    for hit in hits[:MOST_SHOWN]:
        if _by_both(hit) and share_told(asked, hit.span.searched) >= _SHARED:
            return "unsure"
    if len(hits) >= _FEWEST and _other_language(question, hits[0]) and _nearest(hits) is hits[0]:
        return "unsure"
    return "nothing"


def _by_both(hit: Hit) -> bool:
    return hit.scores.dense is not None and hit.scores.lexical is not None


def _other_language(question: str, hit: Hit) -> bool:
    return is_chinese(question) != is_chinese(hit.span.text)


def _nearest(hits: tuple[Hit, ...]) -> Hit:
    return max(hits, key=lambda hit: -1.0 if hit.scores.dense is None else hit.scores.dense)
