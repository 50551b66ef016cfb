"""The first stage: vectors and words rank the chunks, each language by itself, and are fused.

A question's words match anything in its own language, and so do its vectors: in a library of both,
what answers in the other language would be buried under what merely sounds alike. So ranks are
those within a language, and fused ranks of both compete.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bifolio.ingest import Message, message
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.lexicon import asked_in, shared
from bifolio.retrieval.options import SearchOptions
from bifolio.retrieval.passage import Hit, Scores
from bifolio.retrieval.store.searchable import Recallable
from bifolio.retrieval.words import LANGUAGES, Language

# Ranks are damped by this constant (Cormack, Clarke and Buettcher, SIGIR 2009, who took 60: with it
# a first rank in one leg counts for less than middling ones in both; bench/dev.py).
_RRF_K = 10


@dataclass(frozen=True, slots=True)
class _Fused:
    """What one language gave, by chunk id: fused ranks, products, BM25; and the words' weight."""

    ranks: Mapping[int, float]
    dense: Mapping[int, float]
    lexical: Mapping[int, float]
    weight: float


def recall(
    question: str, vector: Floats, store: Recallable, options: SearchOptions
) -> tuple[list[Hit], Message]:
    """Give the chunks that are worth reranking, best first, and say what found them."""
    counted = store.languages()
    spoken = [name for name in LANGUAGES if counted[name]]
    parts = [
        _fused(question, vector, store, options, language, alone=len(spoken) == 1)
        for language in spoken
    ]
    ranks = {id_: rank for part in parts for id_, rank in part.ranks.items()}
    dense = {id_: product for part in parts for id_, product in part.dense.items()}
    lexical = {id_: score for part in parts for id_, score in part.lexical.items()}
    # The firsts of two languages are of one rank: the nearer one goes before.
    order = sorted(ranks, key=lambda id_: (-ranks[id_], -dense.get(id_, -1.0)))
    chosen = order[: options.recall]
    spans = store.spans(chosen)
    hits = [
        Hit(spans[id_], Scores(product, lexical.get(id_), ranks[id_]))
        for id_, product in zip(chosen, store.products(vector, chosen), strict=True)
    ]
    detail = message(
        "recalled",
        "{dense} by vectors, {words} by words, these weighing {weight:.2g}",
        dense=len(dense),
        words=len(lexical),
        weight=max((part.weight for part in parts), default=0.0),
    )
    return hits, detail


def _fused(
    question: str,
    vector: Floats,
    store: Recallable,
    options: SearchOptions,
    language: Language,
    *,
    alone: bool,
) -> _Fused:
    """Ask the legs about the chunks of one language, and fuse them."""
    count, legs = options.recall, options.legs
    # Where only one language is, nothing has to be told apart.
    only = None if alone else language
    dense = dict(store.dense(vector, count, language=only) if "dense" in legs else [])
    asked = asked_in(question, language)
    lexical = dict(store.lexical(asked, count, language=only) if "lexical" in legs else [])
    weight = 1.0
    if dense and lexical:
        best = next(iter(lexical))
        weight = words_weight(question, store.spans([best])[best].searched)
    ranks = fuse([(list(dense), 1.0), (list(lexical), weight)])
    return _Fused(ranks, dense, lexical, weight)


def words_weight(question: str, best: str) -> float:
    """Say how much a ranking by words counts beside one by vectors, from 0 to 2, by its best text.

    As much, when that text has half of the question's words, or of what they are in its language:
    what shares no more than a number is no evidence, and must not drag the vectors down.
    """
    return 2 * shared(question, best)


def fuse(legs: Sequence[tuple[Sequence[int], float]]) -> dict[int, float]:
    """Add up each id's reciprocal ranks over the legs, times the leg's weight; best first."""
    sums: dict[int, float] = {}
    for leg, weight in legs:
        for rank, id_ in enumerate(leg, start=1):
            sums[id_] = sums.get(id_, 0.0) + weight / (_RRF_K + rank)
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))
