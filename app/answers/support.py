"""How well a passage supports a sentence, and where: the judge's score, across languages its own.

A reranker that leans on the recall seldom knows a sentence from its translation; the vectors and
the words that translate each other do. The weights that make a score of them were fitted by
bench/support.py on one half of the development sets; bench/citations.py measures on the other.
Where the embedder can tell what a text states, by its tokens, the likeliest places are asked of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bifolio.answers.across import Otherwise, otherwise
from bifolio.answers.sentences import Sentence, places, sentences
from bifolio.answers.wording import without_frame
from bifolio.retrieval import Judge, Passage, language
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.lexicon import shared

# Of likeness, and the bias, by the language of the sentence.
WEIGHTS = {"en": (49.29, 5.13, -46.39), "zh": (57.69, 5.14, -53.09)}
# Of the embedder's logit that a place states the sentence, beside those of likeness.
STATING = {"en": (4.91, -0.12, 1.03, -4.41), "zh": (16.65, -0.73, 1.05, -14.22)}
# So many of the likeliest places are asked for what they state.
_ASKED = 4
# A sentence alone pleases a judge that leans more than among others: so much, in the logit.
_ALONE = 2.6
# What comes so near to the nearest place, in the logit, may be what was meant.
_AS_NEAR = 0.4
# A sentence so much nearer than the one beside it is what the two were found for.
_APART = 1.0
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The place that comes nearest to a sentence of the other language, and how near: 0 to 1.

    ``against`` is what its nearest sentence says otherwise.
    """

    place: Sentence
    score: float
    against: Otherwise | None


@dataclass(frozen=True, slots=True)
class Stated:
    """Places of a passage, the likeliest first, with their features: shape (places, 3).

    The two of ``likeness``, and the logit that the place states the sentence.
    """

    places: list[int]
    features: Floats


def is_across(said: str, passage: Passage) -> bool:
    """Tell whether a sentence and a passage are of two languages."""
    return language(said) != language(passage.text)


def counterpart(said: str, passage: Passage, *, judge: Judge, context: str = "") -> Counterpart:
    """Find what says the same in a passage of the other language; ``context`` may be said again."""
    plain = without_frame(said)
    found = list(places([passage])) or sentences(passage)
    texts = [one.judged for one in found]
    compared = likeness(plain, texts, judge)
    logits = _weighed(compared, WEIGHTS[language(plain)]).tolist()
    best = max(range(len(found)), key=logits.__getitem__)
    place, score = found[best], _sigmoid(logits[best])
    if not judge.reranker.recipe.leans:
        score = float(max(judge.scores(plain, [passage.text, texts[best]])))
    elif stated := stated_by(plain, texts, compared, judge):
        weighed = _weighed(stated.features, STATING[language(plain)])
        place, score = found[stated.places[weighed.argmax()]], _sigmoid(weighed.max())
    least = logits[best] - _AS_NEAR
    likely = [one for one, logit in zip(found, logits, strict=True) if logit >= least]
    # Of two sentences together one that is as near by itself was meant, or nearer than the other.
    near = [
        _meant(one, found, logits).judged
        for one in likely
        if not any(_is_part(other, one) for other in likely)
    ]
    known = f"{passage.text}\n{context}"
    # Where one of them says the same, the claim was about that one.
    against = [otherwise(plain, text, known) for text in near]
    return Counterpart(place, score, against[0] if all(against) else None)


def likeliest(said: str, passage: Passage, *, judge: Judge) -> float:
    """Score a sentence beside the places of a passage of its language that are nearest: 0 to 1."""
    texts = [one.judged for one in places([passage])]
    if not texts:
        return 0.0
    nearest = np.argsort(-judge.products(said, texts), kind="stable")[:_ASKED].tolist()
    best = float(max(judge.scores(said, [texts[place] for place in nearest])))
    best = min(max(best, _LEAST), 1 - _LEAST)
    alone = _ALONE if judge.reranker.recipe.leans else 0.0
    return _sigmoid(float(np.log(best / (1 - best))) - alone)


def _meant(one: Sentence, found: Sequence[Sentence], logits: Sequence[float]) -> Sentence:
    halves = [at for at, other in enumerate(found) if _is_part(other, one)]
    halves.sort(key=lambda at: -logits[at])
    apart = len(halves) > 1 and logits[halves[0]] - logits[halves[1]] >= _APART
    return found[halves[0]] if apart else one


def _is_part(one: Sentence, other: Sentence) -> bool:
    return (one.start, one.end) != (other.start, other.end) and (
        other.start <= one.start and one.end <= other.end
    )


def stated_by(said: str, texts: Sequence[str], compared: Floats, judge: Judge) -> Stated | None:
    """Ask the embedder which of the likeliest texts state what is said; None if it cannot tell.

    ``compared`` is the ``likeness`` of all texts.
    """
    logits = _weighed(compared, WEIGHTS[language(said)])
    places = np.argsort(-logits, kind="stable")[:_ASKED].tolist()
    told = judge.entailed(said, [texts[place] for place in places])
    return None if told is None else Stated(places, np.c_[compared[places], told])


def _weighed(features: Floats, weights: Sequence[float]) -> Floats:
    weighed: Floats = features @ np.array(weights[:-1]) + weights[-1]
    return weighed


def _sigmoid(logit: float) -> float:
    return float(1 / (1 + np.exp(-logit)))


def likeness(said: str, texts: Sequence[str], judge: Judge) -> Floats:
    """Compare a sentence with texts of the other language: shape (texts, 2).

    The product of the vectors, and the share of the sentence's words in the text. Not of the text's
    words in the sentence, though it tells too: who sums up says less than the text.
    """
    shares = [shared(said, text) for text in texts]
    found: Floats = np.c_[judge.products(said, texts), shares]
    return found
