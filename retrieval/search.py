"""Two-stage search: recall by vectors and by words, fuse, rerank, keep, merge."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import replace

import numpy as np

from bifolio.ingest import BifolioError, message
from bifolio.ingest.simplified import simplified
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.calibration import Calibration
from bifolio.retrieval.chance import by_chance
from bifolio.retrieval.codes import holds_named
from bifolio.retrieval.joined import Joined
from bifolio.retrieval.models.embedder import Embedder
from bifolio.retrieval.models.opening import loading
from bifolio.retrieval.models.reranker import Reranker
from bifolio.retrieval.options import DEFAULT_OPTIONS, SearchOptions
from bifolio.retrieval.passage import Hit, Passage, gather
from bifolio.retrieval.recall import recall
from bifolio.retrieval.relevance import relevance
from bifolio.retrieval.store.fingerprint import Fingerprint
from bifolio.retrieval.store.protocol import LibraryReader, LibraryStore
from bifolio.retrieval.threshold import Threshold, choose_threshold, strictest
from bifolio.retrieval.trace import MOST_NEAR, Retrieval, Stopwatch, Trace

# So many hits may hold the codes of a question; a code that stands everywhere tells nothing.
_FEW = 3


class EmptyQuestion(BifolioError):  # noqa: N818 - the name says what is wrong
    """There is nothing to search for."""


def search(
    question: str,
    *,
    stores: Sequence[LibraryStore],
    embedder: Embedder,
    reranker: Reranker,
    options: SearchOptions = DEFAULT_OPTIONS,
) -> Retrieval:
    """Find the passages that answer the question, in one library or in several as if they were one.

    All are made with the embedder. The strictest of their thresholds holds for what they give.

    Raises:
        EmptyQuestion: the question is blank.
    """
    question = _asked(question)
    watch = Stopwatch()
    judging = reranker if options.rerank else None
    with ExitStack() as held:
        with loading(judging):
            vector = _vector(question, embedder, watch)
            readers = {store.address: held.enter_context(store.reading()) for store in stores}
            joined = Joined(readers)
            hits, detail = recall(question, vector, joined, options)
            watch.lap("recall", len(hits), detail)
        threshold = _strictest(judging, options, stores, readers.values())
        if judging:
            hits = rerank(question, hits, judging)
            watch.lap("rerank", len(hits))
        trace = Trace(
            question=question,
            steps=tuple(watch.steps),
            hits=tuple(decide(hits, keep=options.keep, threshold=threshold, question=question)),
            threshold=threshold,
            keep=options.keep,
            reranker=judging.name if judging else "",
            libraries=tuple(readers),
        )
        # The same state of the libraries: what was recalled is still there, whoever writes.
        return _found(trace, joined, embedder)


def _asked(question: str) -> str:
    if not question.strip():
        raise EmptyQuestion(message("empty-question", "the question is empty; type one"))
    return readable(question)


def _strictest(
    judging: Reranker | None,
    options: SearchOptions,
    stores: Iterable[LibraryStore],
    readers: Iterable[LibraryReader],
) -> Threshold:
    return strictest(
        _threshold(judging, options, reader.calibration(), store.fingerprint)
        for store, reader in zip(stores, readers, strict=True)
    )


def _threshold(
    judging: Reranker | None,
    options: SearchOptions,
    calibration: Calibration | None,
    library: Fingerprint,
) -> Threshold:
    return choose_threshold(
        judging.recipe if judging else None,
        asked=options.threshold,
        calibration=calibration,
        # The reranker's fingerprint loads it: not for nothing.
        in_use=fits(judging, library) if judging and calibration else "",
    )


def _vector(question: str, embedder: Embedder, watch: Stopwatch) -> Floats:
    """Embed a question; a vector that is none matches nothing, and the words may still."""
    asked = simplified(question)
    vector: Floats = np.nan_to_num(embedder.embed_queries([asked])[0], posinf=0.0, neginf=0.0)
    watch.lap("embed", 1)
    return vector


def _found(trace: Trace, store: Joined, embedder: Embedder) -> Retrieval:
    """Give the passages that the kept hits make, and the best few unless these surely answer.

    They alone are loaded.
    """
    kept = [hit for hit in trace.hits if hit.kept]
    found = Retrieval(_passages(kept, store), near=(), trace=trace)
    if found.is_sure:
        return found
    near = _passages(trace.hits[:MOST_NEAR], store)
    chance = by_chance(trace.question, embedder, store) if near else -1.0
    return replace(found, near=near, chance=chance)


def _passages(hits: Sequence[Hit], store: Joined) -> tuple[Passage, ...]:
    return gather(hits, store.chunks([hit.span.id for hit in hits])) if hits else ()


def fits(reranker: Reranker, library: Fingerprint) -> str:
    """Say to the byte what the scores in a library depend on."""
    return f"{reranker.fingerprint} {library.embedder_hash} {library.splitter}"


def readable(question: str) -> str:
    """Replace lone surrogates, which a command line may give and no tokenizer takes."""
    return question.encode(errors="replace").decode()


def rerank(question: str, hits: Sequence[Hit], reranker: Reranker) -> list[Hit]:
    """Score every hit with the cross-encoder; the best comes first, ties in the order given."""
    texts = [hit.span.searched for hit in hits]
    question = simplified(question)
    scores = np.nan_to_num(reranker.scores(question, texts))
    products = np.array([hit.scores.dense or 0.0 for hit in hits], np.float32)
    recipe = reranker.recipe
    final = relevance(question, texts, rerank=scores, products=products, recipe=recipe)
    scored = [
        replace(hit, scores=replace(hit.scores, rerank=float(score), relevance=float(best)))
        for hit, score, best in zip(hits, scores, final, strict=True)
    ]
    return sorted(scored, key=lambda hit: -hit.score)


def decide(
    hits: Sequence[Hit], *, keep: int, threshold: Threshold, question: str = ""
) -> list[Hit]:
    """Say of every hit, best first, whether it is kept and why.

    What two libraries both hold is kept once, from the one whose hit comes first. The few hits
    that hold every code of the question, or the row that it names, are kept whatever their score:
    no model knows a part number, and who asks by one means its passage.
    """
    decided: list[Hit] = []
    rank, homes = 0, dict[str, str]()
    named = _named(question, hits)
    for hit in hits:
        home = homes.setdefault(hit.span.searched, hit.span.library)
        passes = threshold.passes(hit.score)
        if not (passes or hit.span.id in named):
            reason = message(
                "below-threshold", "below the threshold {threshold:g}", threshold=threshold.value
            )
        elif home != hit.span.library:
            reason = message("held-twice", "the same words as in another library")
        elif rank == keep:
            reason = message("beyond-keep", "not among the best {keep}", keep=keep)
        else:
            rank += 1
            reason = message("kept", "rank {rank}", rank=rank)
            if not passes:
                reason = message(
                    "kept-by-code", "rank {rank}, for the code or the row it holds", rank=rank
                )
        kept = reason.code in ("kept", "kept-by-code")
        decided.append(replace(hit, kept=kept, reason=reason))
    return decided


def _named(question: str, hits: Sequence[Hit]) -> frozenset[int]:
    """Give the hits that hold what the question names, where they are few enough to tell."""
    found = [hit.span.id for hit in hits if holds_named(question, hit.span.searched)]
    return frozenset(found) if len(found) <= _FEW else frozenset()
