"""Our reranker against BCEmbedding, FlagEmbedding and sentence-transformers, on the CPU.

    make bench-env; python bench/rerank.py

Speed: one question with passages of sample_docs, pairs of 40 to 512 tokens (uniform, in random
order), random weights of XLM-R base; each library in its own environment and process, with its
defaults and as many threads, warmed up by four pairs. Fidelity: the starter reranker by the
engine that this machine gets against torch in float32, over labelled questions. --json prints one
object: pairs per second, and that fidelity.
"""

import random
from argparse import Namespace
from pathlib import Path

import race
from devsets import cases, pools
from measures import Fidelity, reranker_fidelity
from random_model import MAX_TOKENS, random_model

from bifolio.retrieval import CrossEncoder, ModelEmbedder, pair
from bifolio.retrieval.models.model import load_engine
from bifolio.retrieval.models.tokens import Tokens
from bifolio.retrieval.models.torch_engine import TorchEngine

_SHORTEST = 40
_CANDIDATES = 40


def main() -> None:
    """Measure and print."""
    chosen = race.options(__doc__, "pairs", 100)
    tokens = Tokens(random_model("reranker"))
    around = tokens.count(race.QUESTION) + tokens.pair_extra
    chance = random.Random(chosen.seed)
    lengths = [chance.randint(_SHORTEST, MAX_TOKENS) - around for _ in range(chosen.count)]
    passages = race.texts(lengths, tokens, seed=chosen.seed)
    runs = race.race("reranker", passages, chosen)
    total = sum(tokens.count(passage) + around for passage in passages)
    heading = f"{chosen.count} pairs, {total} tokens, {chosen.threads} threads"
    race.publish(runs, _starter(chosen), unit="pairs", heading=heading, as_json=chosen.json)


def _starter(chosen: Namespace) -> Fidelity | None:
    starter = pair("starter")
    asked = pools(chosen.dev, questions=chosen.questions, size=chosen.pool, seed=chosen.seed)
    given = cases(asked, ModelEmbedder(starter.embedder), candidates=_CANDIDATES)
    folder = Path(starter.reranker.source)
    engines = TorchEngine(folder, "reranker"), load_engine(folder, "reranker")
    return reranker_fidelity(CrossEncoder(starter.reranker), *engines, given)


if __name__ == "__main__":
    main()
