"""Two-stage search: recall by vectors and by words, fuse, rerank, keep, merge."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from bifolio.ingest import BifolioError
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.models.embedder import Embedder
from bifolio.retrieval.models.reranker import Reranker
from bifolio.retrieval.passage import Hit, Scores, gather
from bifolio.retrieval.relevance import relevance
from bifolio.retrieval.store.searchable import Searchable
from bifolio.retrieval.store.store import Fingerprint, Store
from bifolio.retrieval.trace import Retrieval, Stopwatch, Trace
from bifolio.retrieval.words import shared, words

Leg = Literal["dense", "lexical"]
LEGS: tuple[Leg, ...] = get_args(Leg)
RECALL = 100
KEEP = 8
# Ranks are damped by this constant (Cormack, Clarke and Buettcher, SIGIR 2009, who took 60: with it
# a first rank in one leg counts for less than middling ones in both; bench/dev.py).
_RRF_K = 10


class EmptyQuestion(BifolioError):  # noqa: N818 - the name says what is wrong
    """There is nothing to search for."""


def search(
    question: str,
    *,
    store: Store,
    embedder: Embedder,
    reranker: Reranker | None,
    recall: int = RECALL,
    keep: int = KEEP,
    threshold: float | None = None,
    legs: Collection[Leg] = LEGS,
) -> Retrieval:
    """Find the passages that answer the question.

    ``legs`` says what recalls: vectors, words, or both. Without a ``reranker`` the fused ranks
    decide and no threshold holds. ``threshold`` is a score between 0 and 1; None takes the one
    that the library was calibrated to, or else the reranker's own.

    Raises:
        EmptyQuestion: the question is blank.
    """
    if not question.strip():
        raise EmptyQuestion("the question is empty; type one")
    question = readable(question)
    watch = Stopwatch()
    # A vector that is none matches nothing; the words may still.
    vector = np.nan_to_num(embedder.embed_queries([question])[0], posinf=0.0, neginf=0.0)
    watch.lap("embed", 1)
    with store.reading() as view:
        hits, detail = _recall(question, vector, view, recall, legs)
        calibration = view.calibration()
    watch.lap("recall", len(hits), detail)
    trace = _begun(question, threshold, reranker, keep)
    if calibration and reranker and threshold is None:
        trace = _calibrated(trace, calibration, fits(reranker, store.fingerprint))
    if reranker is not None:
        hits = rerank(question, hits, reranker)
        watch.lap("rerank", len(hits))
    hits = decide(hits, keep=keep, threshold=trace.threshold)
    return _found(replace(trace, steps=tuple(watch.steps), hits=tuple(hits)))


def _found(trace: Trace) -> Retrieval:
    """Give the passages that the trace's hits make."""
    kept = [hit for hit in trace.hits if hit.kept]
    nearest = gather(trace.hits[:1])[0] if trace.hits and not kept else None
    return Retrieval(passages=gather(kept), nearest=nearest, trace=trace)


def _begun(question: str, asked: float | None, reranker: Reranker | None, keep: int) -> Trace:
    """Give a trace without steps and hits that tells which threshold is in force."""
    if reranker is None:
        return Trace(
            question=question,
            threshold=None,
            threshold_source="no threshold without a reranker",
            score_space="fused reciprocal ranks",
            keep=keep,
        )
    recipe = reranker.recipe
    return Trace(
        question=question,
        threshold=recipe.threshold if asked is None else asked,
        threshold_source=recipe.threshold_source if asked is None else "asked for",
        score_space=recipe.score_space,
        keep=keep,
        reranker=reranker.name,
    )


def fits(reranker: Reranker, library: Fingerprint) -> str:
    """Say to the byte what the scores in a library depend on."""
    return f"{reranker.fingerprint} {library.embedder_hash} {library.splitter}"


def _calibrated(trace: Trace, calibration: Calibration, in_use: str) -> Trace:
    """Put the library's own threshold into force if it was found with what is in use."""
    if calibration.fits == in_use:
        return replace(trace, threshold=calibration.threshold, threshold_source=calibration.source)
    why = (
        f"{trace.threshold_source}; not {calibration.threshold:g}, which was {calibration.source}"
        f" with another state of {calibration.reranker}: run `bifolio calibrate` again"
    )
    return replace(trace, threshold_source=why)


def _recall(
    question: str, vector: Floats, view: Searchable, recall: int, legs: Collection[Leg]
) -> tuple[list[Hit], str]:
    """Ask the legs in one view of the library, fuse them, and fetch the chunks."""
    dense = dict(view.dense(vector, recall) if "dense" in legs else [])
    lexical = dict(view.lexical(words(question), recall) if "lexical" in legs else [])
    weight = 1.0
    if dense and lexical:
        best = next(iter(lexical))
        weight = words_weight(question, view.spans([best])[best].searched)
    fused = fuse([(list(dense), 1.0), (list(lexical), weight)])
    chosen = list(fused)[:recall]
    chunks = view.chunks(chosen)
    products = view.products(vector, chosen)
    hits = [
        Hit(chunks[id_], Scores(product, lexical.get(id_), fused[id_]))
        for id_, product in zip(chosen, products, strict=True)
    ]
    return hits, f"{len(dense)} by vectors, {len(lexical)} by words, these weighing {weight:.2g}"


def readable(question: str) -> str:
    """Replace lone surrogates, which a command line may give and no tokenizer takes."""
    return question.encode(errors="replace").decode()


def words_weight(question: str, best: str) -> float:
    """Say how much a ranking by words counts beside one by vectors, from 0 to 2, by its best text.

    As much, when that text has half of the question's words: what shares a number with a question
    in the other language is no evidence, and must not drag the vectors down.
    """
    return 2 * shared(question, best)


def fuse(legs: Sequence[tuple[Sequence[int], float]]) -> dict[int, float]:
    """Add up each id's reciprocal ranks over the legs, times the leg's weight; best first."""
    sums: dict[int, float] = {}
    for leg, weight in legs:
        for rank, id_ in enumerate(leg, start=1):
            sums[id_] = sums.get(id_, 0.0) + weight / (_RRF_K + rank)
    return dict(sorted(sums.items(), key=lambda entry: -entry[1]))


def rerank(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """Score every hit with the cross-encoder; the best comes first, ties in the order given."""
    texts = [hit.chunk.searched for hit in hits]
    scores = np.nan_to_num(reranker.scores(question, texts))
    products = np.array([hit.scores.dense or 0.0 for hit in hits], np.float32)
    recipe = reranker.recipe
    final = relevance(question, texts, rerank=scores, products=products, recipe=recipe)
    scored = [
        replace(hit, scores=replace(hit.scores, rerank=float(score), relevance=float(best)))
        for hit, score, best in zip(hits, scores, final, strict=True)
    ]
    return sorted(scored, key=lambda hit: -hit.score)


def decide(hits: Sequence[Hit], *, keep: int, threshold: float | None) -> list[Hit]:
    """Say of every hit, best first, whether it is kept and why."""
    decided = []
    for rank, hit in enumerate(hits, start=1):
        if threshold is not None and not hit.score >= threshold:
            decided.append(replace(hit, reason=f"below the threshold {threshold:g}"))
        elif rank > keep:
            decided.append(replace(hit, reason=f"not among the best {keep}"))
        else:
            decided.append(replace(hit, kept=True, reason=f"rank {rank}"))
    return decided
