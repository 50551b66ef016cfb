"""What speaks for a sentence as the answer: the judge, the question's words, the kind of thing.

The weights were fitted on one half of fairytale_dev_en and cmrc_dev_zh, with the starter's judge;
bench/quotes.py measures on the other half.
"""

import math
from collections import Counter
from collections.abc import Sequence

from bifolio.answers.asking import asked_for, holds
from bifolio.answers.sentences import Sentence
from bifolio.ingest.simplified import simplified
from bifolio.retrieval.lexicon import translated
from bifolio.retrieval.telling import stems, telling

_JUDGE = 0.3
_SHARE = 2.6
# A sentence goes on with what the one before it, or its heading, names.
_AROUND = 1.9
_KIND = 1.0
_BIAS = -2.5
# However sure the judge is, it does not outvote all the rest.
_EDGE = 1e-3


def evidence(
    question: str, candidates: Sequence[Sentence], judged: Sequence[float], *, asked: str = ""
) -> list[float]:
    """Give a number between 0 and 1 for each candidate; all of a passage stand in text order.

    The words are weighed by how few of the candidates have them. ``asked`` is the part of the
    question that says what kind of thing is wanted, by default all of it.
    """
    said = [stems(one.judged) | translated(question, one.judged) for one in candidates]
    around = [_around(candidates, place) for place in range(len(candidates))]
    rare = _rarity(telling(question), said)
    total = sum(rare.values()) or 1.0
    kind = asked_for(simplified(asked or question))
    found = []
    for one, score, mine, beside in zip(candidates, judged, said, around, strict=True):
        odds = min(max(score, _EDGE), 1 - _EDGE)
        points = _BIAS + _JUDGE * math.log(odds / (1 - odds))
        points += _SHARE * sum(rare[word] for word in rare if word in mine) / total
        points += _AROUND * sum(rare[word] for word in rare if word in beside - mine) / total
        points += _KIND * holds(kind, simplified(one.text)) if kind else 0.0
        found.append(1 / (1 + math.exp(-points)))
    return found


def _around(candidates: Sequence[Sentence], place: int) -> set[str]:
    one = candidates[place]
    document = one.passage.document
    said = list(document.heading_path(one.start))
    if caption := document.table_caption(one.start):
        said.append(document.text[slice(*caption)])
    if place and candidates[place - 1].passage is one.passage and not one.head:
        said.append(candidates[place - 1].text)
    return stems("\n".join(said))


def _rarity(asked: Sequence[str], said: Sequence[set[str]]) -> dict[str, float]:
    often = Counter(word for some in said for word in asked if word in some)
    return {word: math.log(1 + len(said) / often[word]) for word in asked if often[word]}
