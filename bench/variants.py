"""Other ways to search than the one that ships, on the same questions.

    python bench/variants.py --dev ../shared/data/dev --questions 60

What is embedded, looked up and reranked: the text alone, or titles and headings before it. What is
reranked: the best 100, 50 or 30 of the fused ranks, each text alone or with what stands around it,
whole or in windows. How ranks are fused: the words by what they find, or always as much as the
vectors. And whether a small reranker in front of a large one would lose less than the fused ranks
do: how often the right text is among the best 30 of each. Sets are the questions about sample_docs
and the development sets; prints hit@1, hit@10 and MRR@10 a set, and the means.
"""

import argparse
import importlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from unittest.mock import patch

from devsets import DEV, SETS, labelled
from measures import mean
from samples import ROOT, documents

from bifolio import Library, Settings
from bifolio.evaluation import Question, library_of, read_questions
from bifolio.evaluation.measures import hit, reciprocal_rank
from bifolio.ingest import Chunk, message, split
from bifolio.retrieval import CrossEncoder, Hit, ModelEmbedder, Span, pair
from bifolio.retrieval.models.reranker import Reranker
from bifolio.retrieval.search import rerank

RECALL = 100
DEPTHS = (RECALL, 50, 30)
CASCADE = 30
DAMPING = (10, 60)
AROUND = 300  # characters on each side
WINDOWS = (256, 192)  # tokens of question and text

Order = Callable[[str, list[Hit]], list[Hit]]
Figures = dict[str, float]


@dataclass(frozen=True)
class Set:
    """Chunks and the questions about them."""

    name: str
    chunks: list[Chunk]
    questions: list[Question]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--questions", type=int, default=60, help="questions a set")
    parser.add_argument("--models", default="starter")
    parser.add_argument("--sets", nargs="*", help="only the sets whose name holds one of these")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    report: dict[str, dict[str, Figures]] = {}
    for one in sets(options):
        report[one.name] = measured(one, options.models)
        if not options.json:
            show(one.name, report[one.name])
    print(json.dumps(report)) if options.json else show("mean", means(report))


def sets(options: argparse.Namespace) -> Iterator[Set]:
    """Yield the questions about sample_docs, then the development sets."""

    def _wanted(name: str) -> bool:
        return not options.sets or any(part in name for part in options.sets)

    if _wanted("sample_docs"):
        read = documents()
        count = ModelEmbedder(pair(options.models).embedder).count
        chunks = [chunk for document in read for chunk in split(document, length=count)]
        asked = read_questions(
            ROOT / "tests/questions.jsonl",
            documents=[document.path for document in read],
            pages=True,
        )
        yield Set("sample_docs", chunks, [one for one in asked if one.answerable])
    for name, contexts, questions in SETS:
        if _wanted(name):
            pool, asked = labelled(options.dev, contexts, questions, count=options.questions)
            yield Set(name, pool, asked)


def measured(one: Set, models: str) -> dict[str, Figures]:
    """Give the figures of each variant on one set, of those that can differ there."""
    reranker = CrossEncoder(pair(models).reranker)
    cut = any(chunk.text != chunk.document.text for chunk in one.chunks)
    settings = Settings(models=models)
    with library_of(one.chunks, settings=settings) as library:
        hits = recalled(library, one.questions)
        found = {"hybrid": figures(one.questions, hits)} | plain(library, one.questions)
    found |= depths(one.questions, hits, reranker)
    if cut:
        found |= readings(one.questions, hits, reranker, one.chunks)
    if any(chunk.document.title for chunk in one.chunks):
        bare = [untitled(chunk) for chunk in one.chunks]
        with library_of(bare, settings=settings) as library:
            hits = recalled(library, one.questions)
        found["hybrid, no titles"] = figures(one.questions, hits)
        found["reranked, no titles"] = figures(
            one.questions, reordered(partial(rerank, reranker=reranker), one.questions, hits)
        )
    return found


def untitled(chunk: Chunk) -> Chunk:
    """Leave out what stands before the text."""
    return replace(chunk, document=replace(chunk.document, title="", headings=()))


def recalled(library: Library, questions: Sequence[Question]) -> list[list[Hit]]:
    """Give what both legs find for each question, fused."""
    return [
        list(library.retrieve(asked.text, recall=RECALL, rerank=False).trace.hits)
        for asked in questions
    ]


def plain(library: Library, questions: Sequence[Question]) -> dict[str, Figures]:
    """Fuse with the words always counting as much as the vectors."""
    # The package gives the function of this name.
    module = importlib.import_module("bifolio.retrieval.recall")
    found = {}
    for damping in DAMPING:
        with patch.multiple(module, words_weight=lambda *_: 1.0, _RRF_K=damping):
            hits = recalled(library, questions)
        found[f"hybrid, plain ranks, k {damping}"] = figures(questions, hits)
    return found


def depths(
    questions: Sequence[Question],
    hits: Sequence[list[Hit]],
    reranker: Reranker,
    *,
    depths: Sequence[int] = DEPTHS,
) -> dict[str, Figures]:
    """Rerank the best of the fused ranks only, and see whom a second reranker would read."""
    orders = reordered(partial(rerank, reranker=reranker), questions, hits)
    found = {}
    for depth in depths:
        fused = [{found.span for found in own[:depth]} for own in hits]
        kept = [
            [found for found in order if found.span in best]
            for order, best in zip(orders, fused, strict=True)
        ]
        found[f"reranked {depth}"] = figures(questions, kept)
    found[f"best {CASCADE} of the fused"] = among(questions, hits)
    found[f"best {CASCADE} of the reranked"] = among(questions, orders)
    return found


def readings(
    questions: Sequence[Question],
    hits: Sequence[list[Hit]],
    reranker: CrossEncoder,
    chunks: Sequence[Chunk],
) -> dict[str, Figures]:
    """Let the reranker read more around each text, or each text in pieces."""
    ways: dict[str, Order] = {
        f"reranked, {AROUND} characters around": partial(wider, reranker, chunks)
    }
    for tokens in WINDOWS:
        recipe = replace(reranker.recipe, max_tokens=tokens, overlap=tokens // 6)
        ways[f"reranked, windows of {tokens}"] = partial(rerank, reranker=CrossEncoder(recipe))
    return {name: figures(questions, reordered(way, questions, hits)) for name, way in ways.items()}


def reordered(
    way: Order, questions: Sequence[Question], hits: Sequence[list[Hit]]
) -> list[list[Hit]]:
    """Put the hits of each question in the order of this way."""
    return [way(asked.text, own) for asked, own in zip(questions, hits, strict=True)]


def wider(reranker: Reranker, chunks: Sequence[Chunk], question: str, hits: list[Hit]) -> list[Hit]:
    """Let the reranker read what stands around each text; give the texts as they were."""
    whole = {(chunk.document.path, chunk.start): chunk for chunk in chunks}
    given = []
    for place, found in enumerate(hits):
        span = Span.of(around(whole[found.span.path, found.span.start]), found.span.id)
        given.append(replace(found, span=span, reason=message("place", "{place}", place=place)))
    return [hits[int(str(found.reason))] for found in rerank(question, given, reranker)]


def around(chunk: Chunk) -> Chunk:
    """Take in what stands before and behind."""
    end = min(len(chunk.document.text), chunk.end + AROUND)
    return replace(chunk, start=max(0, chunk.start - AROUND), end=end)


def figures(questions: Sequence[Question], hits: Sequence[list[Hit]]) -> Figures:
    """Give hit@1, hit@10 and MRR@10."""
    right = marked(questions, hits)
    return {
        "hit@1": mean(hit(flags, 1) for flags in right),
        "hit@10": mean(hit(flags, 10) for flags in right),
        "mrr@10": mean(reciprocal_rank(flags) for flags in right),
    }


def among(questions: Sequence[Question], hits: Sequence[list[Hit]]) -> Figures:
    """Give how often a right text is among those that a second reranker would read."""
    return {f"hit@{CASCADE}": mean(hit(flags, CASCADE) for flags in marked(questions, hits))}


def marked(questions: Sequence[Question], hits: Sequence[list[Hit]]) -> list[list[bool]]:
    """Say of each hit whether it is right."""
    return [
        [asked.is_right(found.span) for found in own]
        for asked, own in zip(questions, hits, strict=True)
    ]


def means(report: dict[str, dict[str, Figures]]) -> dict[str, Figures]:
    """Average each variant over the sets that every variant beside it was measured on."""
    everywhere = set.intersection(*(set(found) for found in report.values()))
    first = next(iter(report.values()))
    return {
        variant: {name: mean(found[variant][name] for found in report.values()) for name in told}
        for variant, told in first.items()
        if variant in everywhere
    }


def show(name: str, found: dict[str, Figures]) -> None:
    """Print one set."""
    print(f"\n{name}")
    for variant, told in found.items():
        print(f"  {variant:32} " + "  ".join(f"{key} {told[key]:.3f}" for key in told), flush=True)


if __name__ == "__main__":
    main()
