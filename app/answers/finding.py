"""Which words of the passages support a sentence that cites none: the program's own finding.

The words of the sentence choose among the places, the guards refuse, the judge decides. Measured by
bench/citations.py --find with the starter, and strict: a citation that is missing can be asked for,
one that is wrong is believed.
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from bifolio.answers.details import added
from bifolio.answers.guards import findings
from bifolio.answers.idle import keeps_company, says_no_answer
from bifolio.answers.quantities import quantities
from bifolio.answers.sentences import Sentence, places
from bifolio.answers.support import counterpart, is_across
from bifolio.answers.wording import CALENDAR, without_frame
from bifolio.retrieval import Judge, Passage
from bifolio.retrieval.telling import stems, telling

# The mean of the share of a sentence's words in a place, the rare ones counting more, and of the
# judge's score for the two, from which the place supports it.
FOUND = 0.85
# In another language words cannot tell; the score by which a claim is checked there (support.py).
FOUND_ACROSS = 0.2
# So much of the words must be there for the judge to be asked at all, about so many places.
_LEAST_SHARE = 0.5
_MOST_JUDGED = 3
# A sentence of fewer telling words is read with its question, half of which must be there as well.
_FEW_WORDS = 3
_OF_QUESTION = 0.5
# A capital letter within a sentence begins a name, which no other name can stand for.
_NAME = re.compile(r"(?<=[a-z,;:] )(?:the )?([A-Z][A-Za-z]+)|(?<=[\u4e00-\u9fff])([A-Z][A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Support:
    """The place that supports a sentence, and how well: from 0 to 1."""

    place: Sentence
    score: float


class Finder:
    """Looks for the support of sentences among the passages that their author was given."""

    def __init__(self, passages: Sequence[Passage], *, judge: Judge, question: str = "") -> None:
        self._passages, self._places = passages, list(places(passages))
        self._stems = [stems(one.judged) for one in self._places]
        self._judge, self._question = judge, question

    def support(self, sentence: str) -> Support | None:
        """Find what supports a sentence; None where nothing surely does, or nothing could."""
        said = without_frame(sentence)
        if not self._places or says_no_answer(said) or keeps_company(said):
            return None
        asked = telling(said)
        if not asked:
            return None
        short = len(asked) < _FEW_WORDS
        if short and not telling(self._question):
            return None
        shares = self._shares(asked)
        if max(shares) < _LEAST_SHARE:
            return None if short else self._across(said)
        best = [place for place in self._best(shares) if not short or self._holds(asked, place)]
        # What the nearest place contradicts no other makes true.
        if not best or self._contradicted(said, best[0]):
            return None
        best = [place for place in best if not self._contradicted(said, place)]
        read = f"{self._question} {said}" if short else said
        scores = self._judge.scores(read, [self._places[place].judged for place in best])
        marks = [(shares[at] + float(score)) / 2 for at, score in zip(best, scores, strict=True)]
        mark = max(marks)
        place = self._places[best[marks.index(mark)]]
        return Support(place, mark) if mark >= FOUND else None

    def _shares(self, asked: Sequence[str]) -> list[float]:
        """Give for each place the share of the words that it has; a rare word counts more."""
        often = Counter(word for some in self._stems for word in asked if word in some)
        count = len(self._stems)
        weights = {word: math.log(1 + count / max(1, often[word])) for word in asked}
        total = sum(weights.values())
        return [
            sum(weight for word, weight in weights.items() if word in some) / total
            for some in self._stems
        ]

    def _best(self, shares: Sequence[float]) -> list[int]:
        """Give the best places, of two that hold as much the shorter first."""

        def _rank(place: int) -> tuple[float, int]:
            return -round(shares[place], 3), len(self._places[place].text)

        order = sorted(range(len(shares)), key=_rank)[:_MOST_JUDGED]
        return [place for place in order if shares[place] >= _LEAST_SHARE]

    def _holds(self, asked: Sequence[str], place: int) -> bool:
        """Tell whether a place has all words of a short answer, and enough of its question."""
        there = self._stems[place]
        wanted = set(telling(self._question)) - set(asked)
        return set(asked) <= there and len(wanted & there) >= _OF_QUESTION * len(wanted)

    def _contradicted(self, sentence: str, place: int) -> bool:
        passage = self._places[place].passage
        beside = "\n".join(chunk.context for chunk in passage.chunks)
        context = "\n".join([self._question, passage.document.title, beside])
        known = f"{passage.text}\n{context}".casefold()
        if findings(sentence, passage.text, context=context) or _counts_other(sentence, known):
            return True
        if added(sentence, known):
            return True
        names = {(found[1] or found[2]).casefold() for found in _NAME.finditer(sentence)}
        return any(name not in known for name in names - CALENDAR)

    def _across(self, said: str) -> Support | None:
        """Look in the passages of the other language; what comes nearest must not say otherwise."""
        others = [one for one in self._passages if is_across(said, one)]
        near = [counterpart(said, one, judge=self._judge, context=self._question) for one in others]
        best = max(near, key=lambda found: found.score, default=None)
        if best is None or best.score < FOUND_ACROSS or best.against:
            return None
        known = f"{best.place.passage.text}\n{self._question}"
        if findings(said, known) or _counts_other(said, known):
            return None
        return Support(best.place, best.score)


def _counts_other(sentence: str, known: str) -> bool:
    """Tell whether a number is nowhere: the guards let small ones pass, which may be counted."""
    there = quantities(known)
    return any(
        number.value > 1 and not any(number.equals(one) for one in there)
        for number in quantities(sentence)
    )
