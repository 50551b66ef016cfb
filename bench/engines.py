"""What OpenVINO gains over torch on this CPU, and what it loses: ``python bench/engines.py``.

Seconds are medians; fidelity compares the scores of both engines for the same candidates, which
are the contexts nearest to each labelled question by the starter embedder.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from devsets import add_options, cases, pools
from measures import reranker_fidelity, script_seconds, show

from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from bifolio.retrieval.models.engine import Engine, run_all
from bifolio.retrieval.models.hub import locate
from bifolio.retrieval.models.openvino_engine import OpenVinoEngine
from bifolio.retrieval.models.tokens import Encoded
from bifolio.retrieval.models.torch_engine import TorchEngine

_START = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from bifolio.retrieval.models.{module} import {name}
{name}(Path(sys.argv[1]), "reranker"{precision})
print(time.perf_counter() - start)
"""


@dataclass(frozen=True)
class Speed:
    """Median seconds for so many pairs of so many tokens; ``ratio`` is torch over OpenVINO."""

    pairs: int
    tokens: int
    torch_seconds: float
    openvino_seconds: float
    openvino_pairs_per_second: float
    ratio: float


@dataclass(frozen=True)
class Starts:
    """Seconds from a fresh interpreter's first import to an engine that is ready."""

    torch_load: float
    openvino_convert: float
    openvino_load: float


def main() -> None:
    """Measure and print."""
    options = _options()
    recipe = reranker_recipe(options.reranker)
    folder = locate(recipe.source)
    slow = TorchEngine(folder, "reranker")
    fast = OpenVinoEngine(folder, "reranker", precision=options.precision)
    speeds = [_speed(slow, fast, pairs, options) for pairs in options.pairs]
    starts = _starts(folder, options.precision)
    asked = pools(options.dev, questions=options.questions, size=options.pool, seed=options.seed)
    embedder = ModelEmbedder(embedder_recipe(options.embedder))
    given = cases(asked, embedder, candidates=options.candidates)
    fidelity = reranker_fidelity(CrossEncoder(recipe), slow, fast, given)
    found = {
        "reranker": recipe.name,
        "engines": [slow.name, fast.name],
        "cpus": os.cpu_count(),
        "speed": [asdict(speed) for speed in speeds],
        "starts": asdict(starts),
        "fidelity": asdict(fidelity) if fidelity else None,
    }
    if options.json:
        print(json.dumps(found))
        return
    print(f"{recipe.name} on {os.cpu_count()} CPUs: {slow.name}, {fast.name}")
    for part in (*speeds, starts, fidelity):
        if part:
            show(part)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add_options(parser)
    add("--candidates", type=int, default=40, help="for each question")
    add("--pairs", type=int, nargs="+", default=[100, 50])
    add("--tokens", type=int, default=400, help="length of each pair")
    add("--repeat", type=int, default=3)
    add("--reranker", default="starter-reranker", help="name of a recipe")
    add("--embedder", default="starter-embedder", help="name of a recipe")
    add("--precision", choices=["bf16", "f32"], help="default: what this CPU gets")
    add("--seed", type=int, default=0)
    add("--json", action="store_true", help="print one object")
    return parser.parse_args()


def _speed(slow: Engine, fast: Engine, pairs: int, options: argparse.Namespace) -> Speed:
    ids = np.random.default_rng(options.seed).integers(1000, 20000, (pairs, options.tokens))
    inputs = [Encoded(row.tolist(), [0] * options.tokens) for row in ids]
    took: dict[str, list[float]] = {slow.name: [], fast.name: []}
    for turn in range(options.repeat + 1):
        for engine in (slow, fast):
            start = time.perf_counter()
            for _ in run_all(engine, inputs, pad=0):
                pass
            if turn:  # the first warms up
                took[engine.name].append(time.perf_counter() - start)
    one, other = (statistics.median(took[engine.name]) for engine in (slow, fast))
    return Speed(pairs, options.tokens, one, other, pairs / other, one / other)


def _starts(folder: Path, precision: str | None) -> Starts:
    torch = _START.format(module="torch_engine", name="TorchEngine", precision="")
    given = f", precision={precision!r}"
    ours = _START.format(module="openvino_engine", name="OpenVinoEngine", precision=given)
    with tempfile.TemporaryDirectory() as cache:
        surroundings = {"XDG_CACHE_HOME": cache}
        return Starts(
            torch_load=script_seconds(torch, str(folder)),
            openvino_convert=script_seconds(ours, str(folder), environment=surroundings),
            openvino_load=script_seconds(ours, str(folder), repeats=3, environment=surroundings),
        )


if __name__ == "__main__":
    main()
