"""Our embedder against BCEmbedding, FlagEmbedding and sentence-transformers, on the CPU.

    make bench-env; python bench/embed.py

The 120 chunks of the default take all programs some ten minutes on two cores, 1,000 about an hour.

Speed: texts of sample_docs of 20 to 512 tokens (lognormal: the median is 220, a third is above
285 and one in twelve above 512, which is cut there), in random order, random weights of XLM-R
base; each library in its own environment and process, with its defaults and as many threads,
warmed up by four chunks. Fidelity: the starter embedder by the engine that this machine gets
against torch in float32, as rankings of the contexts of labelled questions. --json prints one
object: chunks per second, and that fidelity.
"""

import random
from argparse import Namespace
from collections.abc import Sequence
from pathlib import Path

import race
from devsets import Pool, pools
from measures import Fidelity, fidelity
from random_model import MAX_TOKENS, random_model

from bifolio.retrieval import ModelEmbedder, pair
from bifolio.retrieval.arrays import Floats
from bifolio.retrieval.models.engine import Engine
from bifolio.retrieval.models.model import load_engine
from bifolio.retrieval.models.tokens import Tokens
from bifolio.retrieval.models.torch_engine import TorchEngine

_SHORTEST = 20
_MEDIAN = 220
_SPREAD = 0.6


def main() -> None:
    """Measure and print."""
    chosen = race.options(__doc__, "chunks", 120)
    tokens = Tokens(random_model("embedder"))
    most = MAX_TOKENS - tokens.single_extra
    chunks = race.texts(lengths(chosen.count, most, chosen.seed), tokens, seed=chosen.seed)
    runs = race.race("embedder", chunks, chosen)
    total = sum(tokens.count(chunk) + tokens.single_extra for chunk in chunks)
    heading = f"{chosen.count} chunks, {total} tokens, {chosen.threads} threads"
    race.publish(runs, _starter(chosen), unit="chunks", heading=heading, as_json=chosen.json)


def lengths(count: int, most: int, seed: int) -> list[int]:
    """Draw how many tokens each chunk has."""
    chance = random.Random(seed)
    drawn = (_MEDIAN * chance.lognormvariate(0, _SPREAD) for _ in range(count))
    return [min(max(round(length), _SHORTEST), most) for length in drawn]


def _starter(chosen: Namespace) -> Fidelity | None:
    recipe = pair("starter").embedder
    asked = pools(chosen.dev, questions=chosen.questions, size=chosen.pool, seed=chosen.seed)
    if not asked:
        return None
    embedder, folder = ModelEmbedder(recipe), Path(recipe.source)
    exact = _products(embedder, TorchEngine(folder, "embedder"), asked)
    ours = _products(embedder, load_engine(folder, "embedder"), asked)
    return fidelity(exact, ours, [place for pool in asked for place in pool.gold])


def _products(embedder: ModelEmbedder, engine: Engine, pools: Sequence[Pool]) -> list[Floats]:
    """Give each question's inner products with its contexts."""
    vars(embedder._model)["engine"] = engine
    found: list[Floats] = []
    for pool in pools:
        vectors = embedder.embed_passages(pool.contexts)
        found += list(embedder.embed_queries(pool.questions) @ vectors.T)
    return found


if __name__ == "__main__":
    main()
