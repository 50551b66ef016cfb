"""A citation at the end of a paragraph may cover the sentences before it, and one the next ones."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bifolio.answers.answer import Claim
from bifolio.answers.claims import Statement, check_claim
from bifolio.retrieval import Judge, Passage
from bifolio.retrieval.telling import telling
from bifolio.settings import SUPPORT


def covered(
    claims: Sequence[Claim],
    text: str,
    passages: Mapping[int, Passage],
    *,
    judge: Judge,
    question: str = "",
    threshold: float = SUPPORT,
) -> tuple[Claim, ...]:
    """Give the claims of a text, those that cite nothing with what is cited beside them.

    Such a sentence is compared with what the next one of its paragraph cites, then with what the
    one before does; where neither supports it, it stays as it is.
    """

    def _covered(place: int) -> Claim:
        claim = claims[place]
        if claim.reason != "uncited" or not telling(claim.text):
            return claim
        for markers in _beside(claims, place, text):
            cited = [passages[number] for number in markers if number in passages]
            said = Statement(claim.text, claim.start, claim.end, markers)
            found = check_claim(said, cited, judge=judge, question=question, threshold=threshold)
            if found.supported:
                return replace(found, markers=markers)
        return claim

    return tuple(map(_covered, range(len(claims))))


def _beside(claims: Sequence[Claim], place: int, text: str) -> Iterator[tuple[int, ...]]:
    """Yield what the nearest true claims of the paragraph cite, the next one first."""
    claim = claims[place]
    for others in (claims[place + 1 :], claims[:place][::-1]):
        other = next((one for one in others if one.markers and one.supported), None)
        first, last = (claim, other) if other and other.start > claim.start else (other, claim)
        if first and last and other and "\n" not in text[first.end : last.start]:
            yield other.markers
