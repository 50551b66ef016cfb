"""How good a model folder is on the development sets: after each stage, and by itself.

    python -m training.figures --embedder .training/tuned --reranker .training/reranker

Contexts are single chunks; hybrid fuses 100 and 100 as the search does; the reranker reads the
best ``--recall`` of it. In the mixed sets every other context stands in English alone, the rest in
Chinese alone: there likeness of language buries what answers in the other one. `bifolio eval`
measures the whole application; this takes seconds, with a reranker minutes.
"""

import argparse
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from statistics import fmean as mean
from typing import Any

import bm25s
import numpy as np
from numpy.typing import NDArray

from bifolio.evaluation.measures import DEPTH, hit, reciprocal_rank
from bifolio.retrieval.recall import fuse, words_weight
from bifolio.retrieval.words import words
from training.data import rows
from training.encoder import PASSAGE, QUERY, Floats, embed, load

SETS = (  # name, contexts, questions
    ("en qamr", "qamr_dev_en", "qamr_dev_en"),
    ("en fairytale", "fairytale_dev_en", "fairytale_dev_en"),
    ("zh cmrc", "cmrc_dev_zh", "cmrc_dev_zh"),
    ("en hfcourse", "hfcourse_docs_en", "hfcourse_docs_en"),
    ("zh hfcourse", "hfcourse_docs_zh", "hfcourse_docs_zh"),
    ("zh-en hfcourse", "hfcourse_docs_en", "hfcourse_docs_zh"),
    ("en-zh hfcourse", "hfcourse_docs_zh", "hfcourse_docs_en"),
    ("zh-en d365hr", "d365hr_docs_en", "d365hr_docs_zh"),
    ("en-zh d365hr", "d365hr_docs_zh", "d365hr_docs_en"),
)
# In both languages: (name, English file, Chinese file) of the mixed sets.
MIXED = (
    ("hfcourse", "hfcourse_docs_en", "hfcourse_docs_zh"),
    ("d365hr", "d365hr_docs_en", "d365hr_docs_zh"),
)
_DEPTH = 100
Ranking = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class DevSet:
    """Questions, their contexts, and which of the contexts answers each."""

    name: str
    questions: list[str]
    right: list[int]
    contexts: list[str]
    lexical: list[Ranking]  # of each question, best first


def main() -> None:
    """Print the table of one or both models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--embedder", type=Path, required=True)
    parser.add_argument("--reranker", type=Path)
    parser.add_argument("--dev", type=Path, default=Path("../shared/data/dev"))
    parser.add_argument("--recall", type=int, default=40)
    parser.add_argument("--questions", type=int, default=200, help="sampled of each set")
    options = parser.parse_args()
    for name, figures in measure(
        options.embedder,
        options.dev,
        reranker=options.reranker,
        recall=options.recall,
        questions=options.questions,
    ).items():
        print(name, json.dumps(figures))


def log_figures(folder: Path, dev: Path, **options: Any) -> None:
    """Measure a folder's embedder, print the figures and keep them beside it."""
    if not dev.is_dir():
        print(f"no figures: {dev} is missing")
        return
    found = measure(options.pop("embedder", folder), dev, **options)
    (folder / "figures.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    for name, figures in found.items():
        print(name, json.dumps(figures))


def measure(
    embedder: Path,
    dev: Path,
    *,
    reranker: Path | None = None,
    recall: int = 40,
    questions: int = 200,
) -> dict[str, dict[str, float]]:
    """Give hit@1, hit@10 and MRR@10 of each stage on each set."""
    found = {}
    for chosen, dense, fused in _rankings(embedder, dev_sets(dev, questions)):
        stages = {"dense": dense, "lexical": chosen.lexical, "hybrid": fused}
        if reranker is not None:
            stages["rerank"] = _reranked(reranker, chosen, fused, recall)
        found[chosen.name] = {
            f"{stage} {metric}": round(value, 3)
            for stage, rankings in stages.items()
            for metric, value in metrics(rankings, chosen.right).items()
        }
    return found


def recalled(embedder: Path, sets: Sequence[DevSet]) -> Iterator[list[Ranking]]:
    """Yield the hybrid rankings of each set's questions."""
    for _, _, fused in _rankings(embedder, sets):
        yield fused


def _rankings(
    embedder: Path, sets: Sequence[DevSet]
) -> Iterator[tuple[DevSet, list[Ranking], list[Ranking]]]:
    """Yield each set with the rankings of its questions by vectors, and fused with the words'."""
    model, vectors = load(embedder), dict[int, Floats]()
    for chosen in sets:
        pool = id(chosen.contexts)  # several sets have the same
        if pool not in vectors:
            vectors[pool] = embed(model, embedder, chosen.contexts, prefix=PASSAGE)
        asked = embed(model, embedder, chosen.questions, prefix=QUERY)
        dense = list(np.argsort(-(asked @ vectors[pool].T), axis=1, kind="stable")[:, :_DEPTH])
        fused = [
            hybrid(*each, chosen.contexts)
            for each in zip(chosen.questions, dense, chosen.lexical, strict=True)
        ]
        yield chosen, dense, fused


def metrics(rankings: Sequence[Ranking], right: Sequence[int]) -> dict[str, float]:
    """Give hit@1, hit@10 and MRR@10, as ``bifolio eval`` counts them."""
    marked = [
        (ranking[:DEPTH] == gold).tolist() for ranking, gold in zip(rankings, right, strict=True)
    ]
    return {
        "hit@1": mean(hit(one, 1) for one in marked),
        "hit@10": mean(hit(one, DEPTH) for one in marked),
        "mrr@10": mean(reciprocal_rank(one) for one in marked),
    }


def hybrid(question: str, dense: Ranking, lexical: Ranking, texts: Sequence[str]) -> Ranking:
    """Fuse both rankings as the search does; ``question`` is what the words were looked up by."""
    weight = words_weight(question, texts[int(lexical[0])]) if len(lexical) else 0.0
    return np.array(list(fuse([(dense.tolist(), 1.0), (lexical.tolist(), weight)])), np.int64)


def word_index(texts: Sequence[str]) -> bm25s.BM25:
    """Index the words of texts, Chinese as pairs of characters like the application's index."""
    index = bm25s.BM25()
    index.index([words(text) or [""] for text in texts], show_progress=False)
    return index


def by_words(index: bm25s.BM25, questions: Sequence[str], depth: int) -> list[Ranking]:
    """Rank the texts for each question; texts that share no word with it are left out."""
    asked = [list(dict.fromkeys(words(question))) or [""] for question in questions]
    places, scores = index.retrieve(asked, k=depth, show_progress=False)
    return [np.array(row[scored > 0], np.int64) for row, scored in zip(places, scores, strict=True)]


@dataclass(frozen=True, slots=True)
class _Pool:
    """Contexts, their places by id, and the index of their words."""

    texts: list[str]
    places: dict[str, int]
    index: bm25s.BM25

    def asked(self, name: str, chosen: Sequence[dict[str, Any]]) -> DevSet:
        """Make a set of these questions."""
        wanted = [row["question"] for row in chosen]
        lexical = by_words(self.index, wanted, min(_DEPTH, len(self.texts)))
        right = [self.places[row["context_id"]] for row in chosen]
        return DevSet(name, wanted, right, self.texts, lexical)


@lru_cache(maxsize=2)
def dev_sets(dev: Path, questions: int) -> list[DevSet]:
    """Read the sets that are in the folder, with so many sampled questions each."""
    pools: dict[str, _Pool] = {}
    found = []
    for name, contexts, asked in SETS:
        if (dev / f"{contexts}.contexts.jsonl.gz").is_file():
            if contexts not in pools:
                pools[contexts] = _pool(_contexts(dev, contexts))
            found.append(pools[contexts].asked(name, _sample(_questions(dev, asked), questions)))
    for name, english, chinese in MIXED:
        if (dev / f"{english}.contexts.jsonl.gz").is_file():
            found += _mixed(dev, name, (english, chinese), questions)
    return found


def _mixed(dev: Path, name: str, files: tuple[str, str], questions: int) -> Iterator[DevSet]:
    """Yield the sets of each language of the question and of the answer over a mixed pool."""
    both = [_contexts(dev, file) for file in files]
    pool = _pool([rows[place % 2] for place, rows in enumerate(zip(*both, strict=True))])
    for asked, file in zip(("en", "zh"), files, strict=True):
        every = _questions(dev, file)
        for parity, answered in enumerate(("en", "zh")):
            own = [row for row in every if pool.places[row["context_id"]] % 2 == parity]
            yield pool.asked(f"mixed {asked}, {answered} {name}", _sample(own, questions))


def _pool(contexts: Sequence[dict[str, Any]]) -> _Pool:
    texts = [row["text"] for row in contexts]
    places = {row["context_id"]: place for place, row in enumerate(contexts)}
    return _Pool(texts, places, word_index(texts))


def _contexts(dev: Path, name: str) -> list[dict[str, Any]]:
    return list(rows(dev / f"{name}.contexts.jsonl.gz"))


def _questions(dev: Path, name: str) -> list[dict[str, Any]]:
    return list(rows(dev / f"{name}.questions.jsonl.gz"))


def _sample(every: list[dict[str, Any]], count: int) -> list[dict[str, Any]]:
    return random.Random(0).sample(every, min(count, len(every)))


def _reranked(
    reranker: Path, chosen: DevSet, hybrid: Sequence[Ranking], recall: int
) -> list[Ranking]:
    from training.rerank import score

    best = [ranking[:recall] for ranking in hybrid]
    pairs = [
        (question, chosen.contexts[place])
        for question, ranking in zip(chosen.questions, best, strict=True)
        for place in ranking
    ]
    scores = score(reranker, pairs)
    ends = np.cumsum([len(ranking) for ranking in best])[:-1]
    return [
        ranking[np.argsort(-scored, kind="stable")]
        for ranking, scored in zip(best, np.split(scores, ends), strict=True)
    ]


if __name__ == "__main__":
    main()
