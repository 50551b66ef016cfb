"""What speaks for a sentence as the answer: the judge, the question's words, the kind of thing.

The weights were fitted on one half of fairytale_dev_en and cmrc_dev_zh, with the starter's judge
(those of echoes and pronouns chosen by hand there); bench/quotes.py measures on the other half.
"""

import math
import re
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
# What says the question over again seldom answers it; what stands beside does: "Why was he sad? He
# was very sad. For no child had Heaven sent ...".
_ECHO = 2.0
_BIAS = -2.5
# Its subject is named further back.
_PRONOUN = re.compile(
    r"\W*(?:(?:but|and|so|then|when|while|as|if|therefore|thus)\W+)*"
    r"(?:he|she|it|they|his|her|their|its|this|these)\b"
    r"|\W*(?:但是?|而且?|于是|因此|所以|随后|后来|然后|当时)?[，,]?(?:他|她|它|其|此|该|这)",
    re.IGNORECASE,
)
# Such words of a sentence two before count half as much as those of the one before.
_FAR = 0.5
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
    further = [_further(candidates, place) for place in range(len(candidates))]
    words = telling(question)
    rare = _rarity(words, said)
    total = sum(rare.values()) or 1.0
    kind = asked_for(simplified(asked or question))
    found = []
    for one, score, mine, beside, far in zip(
        candidates, judged, said, around, further, strict=True
    ):
        odds = min(max(score, _EDGE), 1 - _EDGE)
        points = _BIAS + _JUDGE * math.log(odds / (1 - odds))
        points += _SHARE * sum(rare[word] for word in rare if word in mine) / total
        points += _AROUND * sum(rare[word] for word in rare if word in beside - mine) / total
        named = far - beside - mine
        points += _AROUND * _FAR * sum(rare[word] for word in rare if word in named) / total
        holding = holds(kind, simplified(one.text)) if kind else 0.0
        echo = len(mine.intersection(words)) / max(1, len(telling(one.text)))
        points += _KIND * holding - _ECHO * echo * (1 - holding)
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


def _further(candidates: Sequence[Sentence], place: int) -> set[str]:
    """Give the words of the sentence two before, for one that begins with a pronoun."""
    one = candidates[place]
    if place < 2 or candidates[place - 2].passage is not one.passage or one.head:
        return set()
    return stems(candidates[place - 2].text) if _PRONOUN.match(one.text) else set()


def _rarity(asked: Sequence[str], said: Sequence[set[str]]) -> dict[str, float]:
    often = Counter(word for some in said for word in asked if word in some)
    return {word: math.log(1 + len(said) / often[word]) for word in asked if often[word]}
