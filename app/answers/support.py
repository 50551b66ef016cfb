"""How well a passage supports a sentence, and where: the judge's score, across languages its own.

A reranker that leans on the recall seldom knows a sentence from its translation; the vectors do.
The line that makes a score of their product was fitted by bench/support.py on one half of the
development sets; bench/citations.py measures on the other.
"""

import math
from dataclasses import dataclass

from bifolio.answers.across import Otherwise, otherwise
from bifolio.answers.sentences import Sentence, places, sentences
from bifolio.answers.wording import without_frame
from bifolio.retrieval import Judge, Passage, language

# (steepness, product at which the score is one half), by the language of the sentence.
LINES = {"en": (12.0, 0.597), "zh": (12.9, 0.579)}
# What comes so near to the nearest place may be what was meant.
_AS_NEAR = 0.03


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The place that comes nearest to a sentence of the other language, and how near: 0 to 1.

    ``against`` is what its nearest sentence says otherwise.
    """

    place: Sentence
    score: float
    against: Otherwise | None


def is_across(said: str, passage: Passage) -> bool:
    """Tell whether a sentence and a passage are of two languages."""
    return language(said) != language(passage.text)


def counterpart(said: str, passage: Passage, *, judge: Judge, context: str = "") -> Counterpart:
    """Find what says the same in a passage of the other language; ``context`` may be said again."""
    plain = without_frame(said)
    found = list(places([passage])) or sentences(passage)
    texts = [one.judged for one in found]
    products = judge.products(plain, texts).tolist()
    best = max(range(len(found)), key=products.__getitem__)
    if judge.reranker.recipe.leans:
        score = line(plain, products[best])
    else:
        score = float(max(judge.scores(plain, [passage.text, texts[best]])))
    least = products[best] - _AS_NEAR
    near = [text for text, product in zip(texts, products, strict=True) if product >= least]
    known = f"{passage.text}\n{context}"
    # Where one of them says the same, the claim was about that one.
    against = [otherwise(plain, text, known) for text in near]
    return Counterpart(found[best], score, against[0] if all(against) else None)


def line(said: str, product: float) -> float:
    """Make a score between 0 and 1 of the product of two vectors of two languages."""
    steep, middle = LINES[language(said)]
    return 1 / (1 + math.exp(-steep * (product - middle)))
