"""Quality of the stages on labelled sets, and what each threshold would do.

    python bench/dev.py --dev ../shared/data/dev --questions 100

Every context becomes a document of one chunk in a library of its own, and the real search runs
over it. A question without its right contexts counts as unanswerable: its best score among the
others tells what a threshold must keep out. Prints a table; --json one object.
"""

import argparse
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devsets import DEV, SETS, rows, sample
from measures import mean

from bifolio.ingest import Chunk, Document, Page
from bifolio.retrieval import (
    CrossEncoder,
    Fingerprint,
    ModelEmbedder,
    Retrieval,
    Store,
    pair,
    search,
)

STAGES = ("dense", "lexical", "fused", "rerank", "relevance")
THRESHOLDS = [0.02, 0.04, 0.06, 0.08, *(step / 20 for step in range(2, 15))]


@dataclass(frozen=True)
class Outcome:
    """One question: the rank of a right context at each stage (0 is best), and best scores."""

    ranks: dict[str, int]
    best: float
    best_wrong: float


def main() -> None:
    """Run the sets and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dev", type=Path, default=DEV)
    parser.add_argument("--questions", type=int, default=100, help="questions a set")
    parser.add_argument("--recall", type=int, default=100)
    parser.add_argument("--models", default="starter")
    parser.add_argument("--sets", nargs="*", help="only the sets whose name holds one of these")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    chosen = pair(options.models)
    embedder, reranker = ModelEmbedder(chosen.embedder), CrossEncoder(chosen.reranker)
    report = {}
    for name, contexts, questions in SETS:
        if options.sets and not any(part in name for part in options.sets):
            continue
        found = candidates(
            options.dev / f"{contexts}.contexts.jsonl.gz",
            sample(options.dev / f"{questions}.questions.jsonl.gz", options.questions),
            embedder,
            reranker,
            recall=options.recall,
        )
        outcomes = [outcome(retrieval, right) for retrieval, right in found]
        report[name] = summary(outcomes)
        if not options.json:
            show(name, report[name])
    if options.json:
        print(json.dumps(report))


def candidates(
    contexts: Path,
    asked: Sequence[dict[str, Any]],
    embedder: ModelEmbedder,
    reranker: CrossEncoder,
    *,
    recall: int,
) -> list[tuple[Retrieval, set[str]]]:
    """Search the contexts for the questions; each comes with the paths of its right contexts."""
    fingerprint = Fingerprint(embedder.name, embedder.fingerprint, embedder.dims, "none")
    with tempfile.TemporaryDirectory() as library:
        store = Store(Path(library), fingerprint)
        fill(store, rows(contexts), embedder)
        return [
            (
                search(
                    row["question"],
                    store=store,
                    embedder=embedder,
                    reranker=reranker,
                    recall=recall,
                    threshold=0.0,
                ),
                set(row.get("context_ids") or [row["context_id"]]),
            )
            for row in asked
        ]


def fill(store: Store, contexts: Sequence[dict[str, Any]], embedder: ModelEmbedder) -> None:
    """Store each context as a document of one chunk."""
    chunks = []
    for row in contexts:
        text, id_ = row["text"], row["context_id"]
        document = Document(id_, row.get("title") or "", id_, text, (Page(1, 0, len(text)),))
        chunks.append(Chunk(document, 0, len(text)))
    vectors = embedder.embed_passages([chunk.searched for chunk in chunks])
    with store.writing() as writer:
        for chunk, vector in zip(chunks, vectors, strict=True):
            writer.put(chunk.document, [chunk], vector[None, :])


def outcome(found: Retrieval, right: set[str]) -> Outcome:
    """Read the ranks of the right contexts off the trace."""
    ranks = {}
    for stage in STAGES:
        seen = [hit for hit in found.trace.hits if getattr(hit.scores, stage) is not None]
        seen.sort(key=lambda hit: -getattr(hit.scores, stage))
        places = [i for i, hit in enumerate(seen) if hit.chunk.document.path in right]
        ranks[stage] = min(places, default=9999)
    hits = found.trace.hits
    wrong = [hit.score for hit in hits if hit.chunk.document.path not in right]
    best = max((hit.score for hit in hits), default=0.0)
    return Outcome(ranks, best, max(wrong, default=0.0))


def summary(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Give hit@1, hit@10 and MRR@10 of each stage, and what each threshold lets through."""
    stages = {
        stage: {
            "hit@1": mean(outcome.ranks[stage] < 1 for outcome in outcomes),
            "hit@10": mean(outcome.ranks[stage] < 10 for outcome in outcomes),
            "mrr@10": mean(
                1 / (outcome.ranks[stage] + 1) if outcome.ranks[stage] < 10 else 0.0
                for outcome in outcomes
            ),
        }
        for stage in STAGES
    }
    answered = {
        f"{threshold:.2f}": {
            "answered": mean(outcome.best >= threshold for outcome in outcomes),
            "answered without its context": mean(o.best_wrong >= threshold for o in outcomes),
        }
        for threshold in THRESHOLDS
    }
    return {"questions": len(outcomes), "stages": stages, "thresholds": answered}


def show(name: str, done: dict[str, object]) -> None:
    """Print one set."""
    stages: dict[str, dict[str, float]] = done["stages"]  # type: ignore[assignment]
    cells = [
        f"{stage} {figures['hit@1']:.3f}/{figures['hit@10']:.3f}/{figures['mrr@10']:.3f}"
        for stage, figures in stages.items()
    ]
    print(f"{name} ({done['questions']})  hit@1/hit@10/mrr@10  " + "  ".join(cells))
    thresholds: dict[str, dict[str, float]] = done["thresholds"]  # type: ignore[assignment]
    for bound, shares in thresholds.items():
        right, wrong = shares.values()
        print(f"    at {bound}: answered {right:.3f}, without its context {wrong:.3f}")


if __name__ == "__main__":
    main()
