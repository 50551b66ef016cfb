"""What OpenVINO gains over torch on this CPU, and what it loses: ``python bench/engines.py``.

Seconds are medians; fidelity compares the scores of both engines for the same candidates, which
are the contexts nearest to each question of the development sets by the starter embedder.
"""

import argparse
import gzip
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from bifolio.retrieval import CrossEncoder, ModelEmbedder, embedder_recipe, reranker_recipe
from bifolio.retrieval.engine import Engine, Floats, TorchEngine, batches
from bifolio.retrieval.openvino_engine import OpenVinoEngine
from bifolio.retrieval.tokens import Encoded
from bifolio.retrieval.weights import locate

_TOP = 10
_START = """
import sys, time
start = time.perf_counter()
from pathlib import Path
from bifolio.retrieval.{module} import {name}
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


@dataclass(frozen=True)
class Fidelity:
    """How OpenVINO's ranking differs from torch's, means over the questions."""

    questions: int
    candidates: int
    top10_overlap: float
    kendall_tau: float
    largest_score_difference: float
    torch_hit_at_1: float
    openvino_hit_at_1: float
    torch_mrr_at_10: float
    openvino_mrr_at_10: float


@dataclass(frozen=True)
class Case:
    """A question, its candidates, and which of them answers it."""

    question: str
    passages: list[str]
    gold: int


def main() -> None:
    """Measure and print."""
    options = _options()
    recipe = reranker_recipe(options.reranker)
    folder = locate(recipe.source)
    slow = TorchEngine(folder, "reranker")
    fast = OpenVinoEngine(folder, "reranker", precision=options.precision)
    speeds = [_speed(slow, fast, pairs, options) for pairs in options.pairs]
    starts = _starts(folder, options.precision)
    encoder = CrossEncoder(recipe)
    cases = _cases(options)
    fidelity = _fidelity(encoder, slow, fast, cases) if cases else None
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
    parts: list[Speed | Starts | Fidelity] = [*speeds, starts]
    if fidelity:
        parts.append(fidelity)
    for part in parts:
        print(f"\n{type(part).__name__}")
        for name, value in asdict(part).items():
            print(f"  {name.replace('_', ' '):28}{round(value, 4):>10}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add = parser.add_argument
    add("--questions", type=int, default=70, help="sample of all sets; 0: no fidelity")
    add("--candidates", type=int, default=40, help="for each question")
    add("--pool", type=int, default=120, help="contexts of a set among which they are searched")
    add("--pairs", type=int, nargs="+", default=[100, 50])
    add("--tokens", type=int, default=400, help="length of each pair")
    add("--repeat", type=int, default=3)
    add("--reranker", default="starter-reranker", help="name of a recipe")
    add("--embedder", default="starter-embedder", help="name of a recipe")
    add("--precision", choices=["bf16", "f32", "int8"], help="default: what this CPU gets")
    add("--dev", type=Path, default=Path("../shared/data/dev"), help="folder of dev sets")
    add("--seed", type=int, default=0)
    add("--json", action="store_true", help="print one object")
    return parser.parse_args()


def _speed(slow: Engine, fast: Engine, pairs: int, options: argparse.Namespace) -> Speed:
    ids = np.random.default_rng(options.seed).integers(1000, 20000, (pairs, options.tokens))
    inputs = [Encoded(row.tolist(), [0] * options.tokens) for row in ids]
    given = list(batches(inputs, pad=0))
    took: dict[str, list[float]] = {slow.name: [], fast.name: []}
    for turn in range(options.repeat + 1):
        for engine in (slow, fast):
            start = time.perf_counter()
            for batch in given:
                engine.run(batch.ids, batch.mask, batch.types)
            if turn:  # the first warms up
                took[engine.name].append(time.perf_counter() - start)
    one, other = (statistics.median(took[engine.name]) for engine in (slow, fast))
    return Speed(pairs, options.tokens, one, other, pairs / other, one / other)


def _starts(folder: Path, precision: str | None) -> Starts:
    def start(module: str, name: str, given: str = "") -> float:
        script = _START.format(module=module, name=name, precision=given)
        command = [sys.executable, "-W", "ignore", "-c", script, str(folder)]
        said = subprocess.run(command, env=environment, check=True, capture_output=True, text=True)
        return float(said.stdout)

    with tempfile.TemporaryDirectory() as cache:
        environment = {**os.environ, "XDG_CACHE_HOME": cache}
        given = f", precision={precision!r}"
        convert = start("openvino_engine", "OpenVinoEngine", given)
        loads = [start("openvino_engine", "OpenVinoEngine", given) for _ in range(3)]
        return Starts(start("engine", "TorchEngine"), convert, statistics.median(loads))


def _lines(file: Path) -> list[dict[str, str]]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _cases(options: argparse.Namespace) -> list[Case]:
    files = sorted(options.dev.glob("*.questions.jsonl.gz"))
    if not options.questions:
        return []
    if not files:
        sys.exit(f"no *.questions.jsonl.gz in {options.dev}; give another --dev or --questions 0")
    chance = random.Random(options.seed)
    embedder = ModelEmbedder(embedder_recipe(options.embedder))
    cases = []
    for place, file in enumerate(files):
        share = (options.questions + place) // len(files)
        texts = {
            line["context_id"]: line["text"]
            for line in _lines(file.with_name(file.name.replace("questions", "contexts")))
        }
        asked = _lines(file)
        asked = chance.sample(asked, min(share, len(asked)))
        gold = list(dict.fromkeys(line["context_id"] for line in asked))
        others = [name for name in texts if name not in set(gold)]
        pool = gold + chance.sample(others, min(len(others), max(0, options.pool - len(gold))))
        vectors = embedder.embed_passages([texts[name] for name in pool])
        for line in asked:
            near = vectors @ embedder.embed_queries([line["question"]])[0]
            best = list(np.argsort(-near, kind="stable")[: options.candidates])
            right = pool.index(line["context_id"])
            if right not in best:
                best[-1] = right
            passages = [texts[pool[index]] for index in best]
            cases.append(Case(line["question"], passages, best.index(right)))
    return cases


def _fidelity(encoder: CrossEncoder, slow: Engine, fast: Engine, cases: list[Case]) -> Fidelity:
    scores: list[list[Floats]] = []
    for engine in (slow, fast):
        encoder._engine = engine
        scores.append([encoder.scores(case.question, case.passages) for case in cases])
    pairs = list(zip(*scores, strict=True))
    gold = [case.gold for case in cases]
    ranks = [
        np.array([1 + int((one > one[right]).sum()) for one, right in zip(part, gold, strict=True)])
        for part in scores
    ]
    hits = [float((rank == 1).mean()) for rank in ranks]
    mrr = [float(np.where(rank <= _TOP, 1 / rank, 0).mean()) for rank in ranks]
    return Fidelity(
        questions=len(cases),
        candidates=max(len(case.passages) for case in cases),
        top10_overlap=statistics.mean(_overlap(*pair) for pair in pairs),
        kendall_tau=statistics.mean(_tau(*pair) for pair in pairs),
        largest_score_difference=max(float(np.abs(one - two).max()) for one, two in pairs),
        torch_hit_at_1=hits[0],
        openvino_hit_at_1=hits[1],
        torch_mrr_at_10=mrr[0],
        openvino_mrr_at_10=mrr[1],
    )


def _overlap(one: Floats, other: Floats) -> float:
    best = [set(np.argsort(-scores, kind="stable")[:_TOP].tolist()) for scores in (one, other)]
    return len(best[0] & best[1]) / len(best[0])


def _tau(one: Floats, other: Floats) -> float:
    upper = np.triu_indices(len(one), 1)
    signs = [np.sign(scores[upper[0]] - scores[upper[1]]) for scores in (one, other)]
    return float((signs[0] * signs[1]).mean())


if __name__ == "__main__":
    main()
